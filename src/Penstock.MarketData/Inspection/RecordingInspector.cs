using Penstock.Connectivity.Feeds;
using Penstock.MarketData.Books;
using Penstock.MarketData.Bus;
using Penstock.MarketData.Ingest;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.MarketData.Inspection;

/// <summary>
/// Replays a recording through the very ingest and books the node uses and reports what they saw: the figures come from
/// their counters and events, there is no second implementation. Offline: may allocate.
/// </summary>
public sealed class RecordingInspector : IEventPublisher, IIngestObserver, IFeedControl
{
    private readonly IFeedProtocol _protocol;
    private readonly InstrumentTable _instruments;
    private readonly FeedIngest _ingest;
    private readonly BookKeeper _keeper;
    private readonly BookOracle _oracle = new();
    private readonly SortedSet<int> _built = [];
    private readonly HashSet<int> _connections = [];
    private long _sequence;
    private long _nowNs;
    private int _epoch;
    private long _crossed;
    private long _sent, _rest, _opened, _frames, _backwards;
    private MarketEvent _bid;

    /// <param name="venue">The id the protocol was made with.</param>
    /// <param name="protocol">The venue's decoder.</param>
    /// <param name="rule">The venue's book rule for the recording's market.</param>
    /// <param name="instruments">With <see cref="InstrumentTable.DiscoverUnknown"/>, unless the recording's instruments are known.</param>
    public RecordingInspector(VenueId venue, IFeedProtocol protocol, BookSyncRule rule, InstrumentTable instruments)
    {
        _protocol = protocol;
        _instruments = instruments;
        _keeper = new BookKeeper(instruments);
        _ingest = new FeedIngest(
            new IngestSetup
            {
                Venue = venue, Protocol = protocol, Instruments = instruments, Rule = rule, Control = this,
                Publisher = this, Observer = this,
            },
            []);
    }

    /// <summary>Every input accounted for, for those who want more than the figures.</summary>
    public IngestStatistics Statistics => _ingest.Statistics;

    public InspectionFigures Inspect(RecordingReader reader)
    {
        long last = 0;
        while (reader.TryRead(out var recorded))
        {
            if (recorded.TimeNs < last) _backwards++;
            last = recorded.TimeNs;
            // The recording's clock may step back; the ingest is promised one that does not.
            _nowNs = Math.Max(_nowNs, recorded.TimeNs);
            Take(in recorded);
        }

        return Figures(reader);
    }

    void IEventPublisher.Publish(Span<MarketEvent> events)
    {
        foreach (ref var e in events)
        {
            e.Sequence = ++_sequence;
            _keeper.Apply(in e);
            if (e.Kind != MarketEventKind.BestBidAsk) continue;
            if (e.Side == Side.Buy) _bid = e;
            else if (_bid.Instrument == e.Instrument) _oracle.OnBest(in _bid, in e, _keeper[e.Instrument]);
        }
    }

    void IIngestObserver.OnApplied(in FeedMessage message)
    {
        if (message.Kind is not (FeedMessageKind.BookDelta or FeedMessageKind.BookSnapshot or FeedMessageKind.FullBook)) return;
        // Published at once, so that the book can be looked at exactly as this message left it.
        _ingest.OnReadComplete(_nowNs);
        if (message.Kind != FeedMessageKind.BookDelta) _built.Add(message.Instrument.Value);
        if (message.Kind == FeedMessageKind.BookSnapshot)
        {
            _oracle.OnSnapshot(message.Instrument, message.LastUpdateId);
        }
        else if (_keeper.TryGet(message.Instrument, out var book))
        {
            if ((book.Flags & BookFlags.Crossed) != 0) _crossed++;
            _oracle.OnDelta(message.Instrument, message.LastUpdateId, book);
        }
    }

    void IIngestObserver.OnInvalidated(InstrumentId instrument)
    {
    }

    // A recording cannot be asked for anything: what it has arrives by itself.
    void IFeedControl.RequestSnapshot(InstrumentId instrument)
    {
    }

    void IFeedControl.Resubscribe(InstrumentId instrument)
    {
    }

    void IFeedControl.Reconnect(DisconnectReason reason)
    {
    }

    private void Take(in RecordedEvent recorded)
    {
        switch (recorded.Kind)
        {
            case RecordedKind.Open:
                _opened++;
                Connect(recorded.Connection);
                break;
            case RecordedKind.Close:
                _connections.Remove(recorded.Connection);
                if (_connections.Count == 0) _ingest.OnDisconnected(DisconnectReason.ClosedByVenue, _nowNs);
                break;
            case RecordedKind.Sent:
                _sent++;
                break;
            case RecordedKind.Rest:
                _rest++;
                TakeRest(in recorded);
                break;
            case RecordedKind.Received:
                // A recording that continues another file has no open line.
                if (_epoch == 0) Connect(recorded.Connection);
                _frames++;
                _ingest.OnFrame(recorded.Data, _nowNs);
                _ingest.OnReadComplete(_nowNs);
                break;
        }
    }

    private void Connect(int connection)
    {
        var isFirst = _connections.Count == 0;
        if (!_connections.Add(connection) && !isFirst)
        {
            // The same connection again: it was lost in between, and everything it fed with it.
            _ingest.OnDisconnected(DisconnectReason.ClosedByVenue, _nowNs);
            isFirst = true;
        }

        if (!isFirst) return;
        _protocol.Reset();
        _ingest.OnConnected(++_epoch, _nowNs);
    }

    private void TakeRest(in RecordedEvent recorded)
    {
        if (recorded.Url is not { } url || !Uri.TryCreate(url, UriKind.Absolute, out var uri)) return;
        if (_protocol.TrySnapshotInstrument(uri, out var instrument))
            _ingest.OnSnapshot(instrument, succeeded: true, recorded.Data, _nowNs);
    }

    private InspectionFigures Figures(RecordingReader reader)
    {
        var statistics = _ingest.Statistics;
        var books = Books();
        var unknown = statistics.QuarantinedByCause[(int)QuarantineCause.UnknownChannel];
        return new InspectionFigures
        {
            Events = reader.EventsRead, Sent = _sent, Rest = _rest, Connections = _opened, Frames = _frames,
            BadFrames = statistics.FramesUndecodable - unknown,
            Books = books.Count, Snapshots = statistics.Snapshots, BookUpdates = statistics.Deltas,
            Bridged = statistics.Bridged, Stale = statistics.DeltasCovered, Buffered = statistics.DeltasBuffered,
            Unsynchronised = statistics.DeltasUnsynchronised + statistics.Pending,
            Trades = statistics.Trades, TradeIdGaps = statistics.TradeIdGaps,
            Crossed = _crossed + statistics.BooksCrossed, Gaps = statistics.Gaps, Repeats = statistics.DeltasRepeated,
            ChecksumOk = statistics.ChecksumsMatched, ChecksumOkSnapshots = statistics.SnapshotChecksumsMatched,
            ChecksumBad = statistics.ChecksumsMismatched,
            OracleOk = _oracle.Right, OracleBad = _oracle.Wrong, UnknownChannel = unknown,
            ReceiveTimeBackwards = _backwards, Container = reader.Problem,
            BookDigest = BookDigest.Of(books),
            Final = [.. books.Select(b => new KeyValuePair<string, FinalBook>(b.Key.VenueSymbol, FinalOf(b.Key, b.Value)))],
            Quarantined = [.. statistics.QuarantinedByCause
                .Select((count, cause) => new KeyValuePair<QuarantineCause, long>((QuarantineCause)cause, count))
                .Where(pair => pair.Value > 0)],
        };
    }

    private List<KeyValuePair<Instrument, IOrderBook>> Books() =>
        [.. _built.Select(id => new KeyValuePair<Instrument, IOrderBook>(_instruments[new InstrumentId(id)], _keeper[new InstrumentId(id)]!))
            .OrderBy(pair => pair.Key.VenueSymbol, StringComparer.Ordinal)];

    private static FinalBook FinalOf(Instrument instrument, IOrderBook book) => new(
        Top(book, Side.Buy, instrument), Top(book, Side.Sell, instrument), book.Count(Side.Buy), book.Count(Side.Sell));

    private static string[]? Top(IOrderBook book, Side side, Instrument instrument) => book.TryBest(side, out var level)
        ? [FixedPoint.ToText(level.Price.Raw, instrument.PriceScale), FixedPoint.ToText(level.Quantity.Raw, instrument.QuantityScale)]
        : null;
}
