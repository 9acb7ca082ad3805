using System.Diagnostics;
using System.Runtime.CompilerServices;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.Connectivity.Feeds;

public enum FeedMessageKind : byte
{
    None,
    BookSnapshot,
    BookDelta,
    Trade,
    /// <summary>Two events: bid, then ask.</summary>
    BestBidAsk,
    /// <summary>The whole book in every message, ordered by its id; needs no snapshot and no predecessor.</summary>
    FullBook,
    /// <summary>The venue's checksum over the book as it stands; no events.</summary>
    BookChecksum,
    /// <summary>An instrument's trading status.</summary>
    Status,
    Heartbeat,
    /// <summary>The venue confirmed a subscription (or unsubscription).</summary>
    Subscribed,
    SubscribeRejected,
    Pong,
    /// <summary>The venue will close soon: open a replacement.</summary>
    ReconnectRequested,
    /// <summary>Understood and of no further use (kline, 24 h ticker, welcome).</summary>
    Ignored,
}

/// <summary>One venue message inside a frame, and which events of the batch belong to it.</summary>
public struct FeedMessage
{
    public const long NoId = long.MinValue;

    public FeedMessageKind Kind;
    public bool HasChecksum;

    /// <summary>The decoder gave every event its own update id: those a book already has are skipped (KuCoin).</summary>
    public bool HasEventIds;

    public InstrumentId Instrument;
    public ExchangeTime Time;

    /// <summary>First update id the message covers, <see cref="NoId"/> where the venue names none.</summary>
    public long FirstUpdateId;

    public long LastUpdateId;

    /// <summary>The id this message says it follows.</summary>
    public long PreviousUpdateId;

    public long Checksum;

    /// <summary>Which frame of the feed it came in, from 1; filled by the ingest.</summary>
    public long Frame;

    /// <summary>Index of the first event in <see cref="FeedBatch.Events"/>.</summary>
    public int Start;

    public int Count;
}

/// <summary>Hears of numbers that do not fit an instrument's scale; for inspection tools.</summary>
public interface IScaleObserver
{
    /// <summary>A price finer than its instrument's scale: the frame will be refused.</summary>
    void OnPriceTooFine(InstrumentId instrument, ReadOnlySpan<byte> text);

    /// <summary>A quantity that was cut to <paramref name="quantityRaw"/>.</summary>
    void OnQuantityCut(InstrumentId instrument, Side side, long priceRaw, long quantityRaw, ReadOnlySpan<byte> text);
}

/// <summary>
/// What one frame decoded to: messages, and their events already in canonical form. Reused for every frame of a connection;
/// the arrays grow to the largest snapshot seen and then never again, so the steady state allocates nothing.
/// All or nothing: a decoder that fails resets the batch.
/// </summary>
/// <param name="instruments">Where instruments' scales are looked up; null takes the platform's 1e-8 for all.</param>
public sealed class FeedBatch(InstrumentTable? instruments = null)
{
    /// <summary>More events than any venue's full book has; a frame beyond it is quarantined as TooLarge.</summary>
    public const int EventsMax = 1 << 18;

    private const int MessagesMax = 1 << 14;

    private MarketEvent[] _events = new MarketEvent[4096];
    private FeedMessage[] _messages = new FeedMessage[64];
    private int _eventCount;
    private int _messageCount;

    public Span<MarketEvent> Events => _events.AsSpan(0, _eventCount);

    public Span<FeedMessage> Messages => _messages.AsSpan(0, _messageCount);

    public Span<MarketEvent> EventsOf(in FeedMessage message) => _events.AsSpan(message.Start, message.Count);

    /// <summary>
    /// The frame's number in a count over the whole connection, <see cref="FeedMessage.NoId"/> where it has none. Set by the decoder,
    /// also for a frame it then refuses; <see cref="Clear"/> keeps it.
    /// </summary>
    public long ConnectionSequence { get; set; } = FeedMessage.NoId;

    /// <summary>Decimals that prices of the open message's instrument are kept with; 8 for almost all.</summary>
    public int PriceScale { get; private set; } = FixedPoint.Decimals;

    /// <summary>As <see cref="PriceScale"/>, of quantities.</summary>
    public int QuantityScale { get; private set; } = FixedPoint.Decimals;

    /// <summary>Of the open message.</summary>
    public InstrumentId Instrument { get; private set; }

    /// <summary>Quantities finer than the scale are cut to it and counted, instead of refused (<see cref="BookSyncRule.QuantitiesAreDoubles"/>).</summary>
    public bool CutsQuantities { get; init; }

    /// <summary>How many were cut, ever.</summary>
    public long QuantitiesCut { get; set; }

    /// <summary>Null in a node.</summary>
    public IScaleObserver? ScaleObserver { get; init; }

    /// <summary>True while every instrument of the frame has the platform's scales; else what a fast path read does not count.</summary>
    public bool HasUsualScales { get; private set; } = true;

    /// <summary>True when a limit was reached: the decoder must return <see cref="QuarantineCause.TooLarge"/>.</summary>
    public bool IsFull { get; private set; }

    /// <summary>Empties the batch for the next frame.</summary>
    public void Reset()
    {
        ConnectionSequence = FeedMessage.NoId;
        Clear();
    }

    /// <summary>Takes back what the frame added so far: a decoder that fails leaves nothing half done.</summary>
    public void Clear()
    {
        _eventCount = 0;
        _messageCount = 0;
        IsFull = false;
        HasUsualScales = true;
    }

    /// <summary>Opens a message; events added until <see cref="EndMessage"/> belong to it.</summary>
    public ref FeedMessage BeginMessage(FeedMessageKind kind, InstrumentId instrument)
    {
        if (_messageCount == _messages.Length)
        {
            if (_messageCount >= MessagesMax)
            {
                IsFull = true;
                _messageCount--;
            }
            else
            {
                Array.Resize(ref _messages, _messages.Length * 2);
            }
        }

        ref var message = ref _messages[_messageCount++];
        message = default;
        message.Kind = kind;
        message.Instrument = instrument;
        message.FirstUpdateId = message.LastUpdateId = message.PreviousUpdateId = FeedMessage.NoId;
        message.Start = _eventCount;
        Instrument = instrument;
        if (instruments is not null && instruments.Contains(instrument)) TakeScales(instruments[instrument]);
        return ref message;
    }

    /// <summary>A cleared event of the open message; the caller fills kind, side, price, quantity and decimals.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref MarketEvent AddEvent()
    {
        if (_eventCount == _events.Length) Grow();
        ref var added = ref _events[_eventCount++];
        added = default;
        return ref added;
    }

    /// <summary>
    /// Closes the open message: counts its events, gives them its instrument, id and time, and flags first, last and snapshot.
    /// </summary>
    public void EndMessage()
    {
        Debug.Assert(_messageCount > 0, "EndMessage without BeginMessage.");
        ref var message = ref _messages[_messageCount - 1];
        message.Count = _eventCount - message.Start;
        if (message.Count == 0) return;
        var events = _events.AsSpan(message.Start, message.Count);
        var flags = message.Kind is FeedMessageKind.BookSnapshot or FeedMessageKind.FullBook ? MarketEventFlags.Snapshot : MarketEventFlags.None;
        foreach (ref var e in events)
        {
            e.Instrument = message.Instrument;
            e.ExchangeTime = message.Time;
            e.Flags |= flags;
            if (message.LastUpdateId != FeedMessage.NoId && !message.HasEventIds) e.UpdateId = message.LastUpdateId;
        }

        events[0].Flags |= MarketEventFlags.FirstOfMessage;
        events[^1].Flags |= MarketEventFlags.LastOfMessage;
    }

    /// <summary>Ends a frame: what was added stays where nothing was wrong and no limit was reached; else nothing does, and the cause says why.</summary>
    public QuarantineCause Finish(QuarantineCause cause)
    {
        if (cause == QuarantineCause.None && IsFull) cause = QuarantineCause.TooLarge;
        if (cause != QuarantineCause.None) Clear();
        return cause;
    }

    /// <summary>A message without events.</summary>
    public ref FeedMessage AddControl(FeedMessageKind kind, InstrumentId instrument = default)
    {
        ref var message = ref BeginMessage(kind, instrument);
        return ref message;
    }

    /// <summary>A message of one event: the trading status of an instrument.</summary>
    public void AddStatus(InstrumentId instrument, InstrumentStatus status)
    {
        BeginMessage(FeedMessageKind.Status, instrument);
        ref var added = ref AddEvent();
        added.Kind = MarketEventKind.Status;
        added.UpdateId = (long)status;
        EndMessage();
    }

    private void TakeScales(Instrument instrument)
    {
        PriceScale = instrument.PriceScale;
        QuantityScale = instrument.QuantityScale;
        HasUsualScales &= instrument.HasUsualScales;
    }

    private void Grow()
    {
        if (_events.Length >= EventsMax)
        {
            // The decoder looks at IsFull when it is done; until then the last slot takes the overflow.
            IsFull = true;
            _eventCount--;
            return;
        }

        Array.Resize(ref _events, _events.Length * 4);
    }
}
