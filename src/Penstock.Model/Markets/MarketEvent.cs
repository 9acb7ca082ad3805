using System.Runtime.InteropServices;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;

namespace Penstock.Model.Markets;

public enum MarketEventKind : byte
{
    None,
    /// <summary>One trade; <see cref="MarketEvent.Side"/> is the aggressor's.</summary>
    Trade,
    /// <summary>One level of a delta: the absolute quantity now resting at the price, zero removes it.</summary>
    BookDelta,
    /// <summary>One level of a full book. The first of a message (flag <see cref="MarketEventFlags.FirstOfMessage"/>) clears the book.</summary>
    BookSnapshot,
    /// <summary>One side of the best bid and ask as the venue itself reports it.</summary>
    BestBidAsk,
    /// <summary>The book of the instrument must not be used until a snapshot arrives; <see cref="MarketEvent.Quantity"/> is unused.</summary>
    BookInvalid,
    /// <summary>
    /// The venue's trading status of the instrument; the <see cref="InstrumentStatus"/> is in <see cref="MarketEvent.UpdateId"/>, and in
    /// <see cref="MarketEvent.Quantity"/>, raw, the nanoseconds until its calendar closes it; zero where that is not known.
    /// </summary>
    Status,
    /// <summary>The feed of the venue went silent or came back; flag Stale says which. Instrument 0 means all of the venue.</summary>
    FeedHealth,
}

public enum Side : byte
{
    None,
    Buy,
    Sell,
}

[Flags]
public enum MarketEventFlags : ushort
{
    None = 0,
    FirstOfMessage = 1,
    /// <summary>The last event of one venue message: a book is consistent only after it.</summary>
    LastOfMessage = 2,
    Snapshot = 4,
    /// <summary>The data is known or suspected to be old; it travels with the data to the strategy (R7).</summary>
    Stale = 8,
    /// <summary>Something before this event is missing.</summary>
    Gap = 16,
}

/// <summary>
/// The canonical event (R15): one cache line, blittable, the only thing that crosses the market-data ring. A message of
/// many levels is many events, the last of them flagged.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = SizeBytes)]
public struct MarketEvent
{
    public const int SizeBytes = 64;

    /// <summary>Position in the venue's stream, from 1 without holes; written by the publisher.</summary>
    [FieldOffset(0)] public long Sequence;

    /// <summary>When the bytes were read from the socket, before anything looked at them.</summary>
    [FieldOffset(8)] public MonotonicTime Received;

    [FieldOffset(16)] public ExchangeTime ExchangeTime;

    [FieldOffset(24)] public Price Price;

    [FieldOffset(32)] public Quantity Quantity;

    /// <summary>The venue's update id of the book message, or trade id (a hash of it where it is not a 64-bit number).</summary>
    [FieldOffset(40)] public long UpdateId;

    [FieldOffset(48)] public InstrumentId Instrument;

    [FieldOffset(52)] public MarketEventFlags Flags;

    [FieldOffset(54)] public MarketEventKind Kind;

    [FieldOffset(55)] public Side Side;

    [FieldOffset(56)] public VenueId Venue;

    /// <summary>Digits after the point as the venue sent them; checksums are over that text.</summary>
    [FieldOffset(57)] public byte PriceDecimals;

    [FieldOffset(58)] public byte QuantityDecimals;

    /// <summary>Counts connections of the feed, so that data of two connections is never mixed.</summary>
    [FieldOffset(60)] public int ConnectionEpoch;

    public readonly bool IsLast => (Flags & MarketEventFlags.LastOfMessage) != 0;

    public readonly bool IsFirst => (Flags & MarketEventFlags.FirstOfMessage) != 0;
}
