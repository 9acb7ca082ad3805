using Penstock.MarketData.Bus;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.MarketData.Ingest;

/// <summary>Collects the accepted events of one socket read, stamped, and publishes them as one batch.</summary>
internal sealed class EventOutbox(VenueId venue, IEventPublisher publisher, IngestStatistics statistics, int batchEventsMax)
{
    private MarketEvent[] _events = new MarketEvent[4096];
    private int _count;

    /// <summary>Of the connection the data comes from.</summary>
    public int ConnectionEpoch { get; set; }

    /// <summary>An event of our own making. The reference is valid until the next append.</summary>
    public ref MarketEvent Append(MarketEventKind kind, InstrumentId instrument, long receivedNs)
    {
        ref var added = ref Reserve(1)[0];
        added = default;
        added.Kind = kind;
        added.Instrument = instrument;
        added.Flags = MarketEventFlags.FirstOfMessage | MarketEventFlags.LastOfMessage;
        Stamp(ref added, receivedNs);
        return ref added;
    }

    public void AppendMessage(ReadOnlySpan<MarketEvent> events, long receivedNs)
    {
        var target = Reserve(events.Length);
        events.CopyTo(target);
        foreach (ref var e in target) Stamp(ref e, receivedNs);
    }

    /// <summary>Appends a message whose events have ids of their own, without those a book at <paramref name="lastId"/> already has.</summary>
    public void AppendNewer(ReadOnlySpan<MarketEvent> events, long lastId, long receivedNs)
    {
        var start = _count;
        foreach (ref readonly var e in events)
        {
            if (e.UpdateId <= lastId) continue;
            ref var added = ref Reserve(1)[0];
            added = e;
            added.Flags &= ~(MarketEventFlags.FirstOfMessage | MarketEventFlags.LastOfMessage);
            Stamp(ref added, receivedNs);
        }

        if (_count == start) return;
        _events[start].Flags |= MarketEventFlags.FirstOfMessage;
        _events[_count - 1].Flags |= MarketEventFlags.LastOfMessage;
    }

    /// <summary>One level of a snapshot of our own making; each becomes the last of its message until the next one is appended.</summary>
    /// <param name="instrument">Of the book.</param>
    /// <param name="level">Side, price, quantity and their digits.</param>
    /// <param name="updateId">Of the book; NoId leaves it out.</param>
    /// <param name="exchangeTimeNs">Of the last message in it.</param>
    /// <param name="isFirst">Begins the snapshot.</param>
    /// <param name="receivedNs">Monotonic.</param>
    public void AppendSnapshotLevel(InstrumentId instrument, in MarketEvent level, long updateId, long exchangeTimeNs, bool isFirst, long receivedNs)
    {
        ref var added = ref Append(MarketEventKind.BookSnapshot, instrument, receivedNs);
        added.Side = level.Side;
        (added.Price, added.PriceDecimals) = (level.Price, level.PriceDecimals);
        (added.Quantity, added.QuantityDecimals) = (level.Quantity, level.QuantityDecimals);
        added.ExchangeTime = new ExchangeTime(exchangeTimeNs);
        if (updateId != Connectivity.Feeds.FeedMessage.NoId) added.UpdateId = updateId;
        added.Flags |= MarketEventFlags.Snapshot;
        if (isFirst) return;
        added.Flags &= ~MarketEventFlags.FirstOfMessage;
        _events[_count - 2].Flags &= ~MarketEventFlags.LastOfMessage;
    }

    /// <summary>Adds to the message appended last: its last flag moves on to the new event.</summary>
    public ref MarketEvent AppendToMessage(in MarketEvent template)
    {
        var copy = template;
        ref var added = ref Reserve(1)[0];
        added = copy;
        _events[_count - 2].Flags &= ~MarketEventFlags.LastOfMessage;
        added.Flags = (added.Flags & ~MarketEventFlags.FirstOfMessage) | MarketEventFlags.LastOfMessage;
        return ref added;
    }

    /// <summary>The event appended last.</summary>
    public ref readonly MarketEvent Last => ref _events[_count - 1];

    /// <summary>Where the next event goes: for <see cref="TakeBack"/>.</summary>
    public int Position => _count;

    /// <summary>Drops what was appended since the position: a message that turned out to be wrong.</summary>
    public void TakeBack(int position) => _count = position;

    /// <summary>Publishes in parts when a read brought very much; only between messages, so that none is torn.</summary>
    public void FlushIfLarge()
    {
        if (_count >= batchEventsMax) Flush();
    }

    public void Flush()
    {
        if (_count == 0) return;
        publisher.Publish(_events.AsSpan(0, _count));
        statistics.EventsPublished += _count;
        _count = 0;
    }

    private Span<MarketEvent> Reserve(int count)
    {
        if (_count + count > _events.Length) Array.Resize(ref _events, Math.Max(_events.Length * 2, _count + count));
        var reserved = _events.AsSpan(_count, count);
        _count += count;
        return reserved;
    }

    private void Stamp(ref MarketEvent e, long receivedNs)
    {
        e.Sequence = 0;
        e.Received = new MonotonicTime(receivedNs);
        e.Venue = venue;
        e.ConnectionEpoch = ConnectionEpoch;
    }
}
