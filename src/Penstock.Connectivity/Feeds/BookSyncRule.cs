namespace Penstock.Connectivity.Feeds;

/// <summary>Where the first full book comes from.</summary>
public enum SnapshotSource : byte
{
    /// <summary>The venue pushes it after the subscription (family A).</summary>
    Socket,
    /// <summary>Deltas are buffered until a REST snapshot arrives (family B).</summary>
    Rest,
    /// <summary>As Rest, but asked for and answered on the same socket.</summary>
    SocketRequest,
}

/// <summary>How one delta is known to follow the other.</summary>
public enum Continuity : byte
{
    /// <summary>Nothing in the message shows it; a checksum has to.</summary>
    None,
    /// <summary>First id = previous last id + 1.</summary>
    FirstIsPreviousPlusOne,
    /// <summary>The message names the id it follows.</summary>
    PreviousIdEqualsLast,
    /// <summary>First id ≤ last applied id + 1: messages may overlap, what they repeat is skipped.</summary>
    OverlapAllowed,
    /// <summary>The frames of the whole connection are counted (<see cref="FeedBatch.ConnectionSequence"/>); the message itself shows nothing.</summary>
    ConnectionCounter,
    /// <summary>Only that the id (a time) grows: a missing message cannot be seen.</summary>
    NeverBackwards,
}

/// <summary>What the first delta after a REST snapshot with id L has to satisfy.</summary>
public enum Bridge : byte
{
    None,
    /// <summary>Drop last ≤ L; then first ≤ L+1 ≤ last.</summary>
    FirstAtMostNext,
    /// <summary>Drop last &lt; L; then first ≤ L ≤ last.</summary>
    ContainsSnapshotId,
    /// <summary>Drop last ≤ L; then previous = L.</summary>
    PreviousEqualsSnapshotId,
}

/// <summary>What brings an instrument's book back after it was found wrong. Other instruments are left alone where the protocol allows it.</summary>
public enum ResyncAction : byte
{
    Resubscribe,
    Refetch,
    /// <summary>The counter belongs to the connection: only a new one brings certainty back.</summary>
    Reconnect,
}

/// <summary>What the ids of an instrument's trades are good for.</summary>
public enum TradeIdOrder : byte
{
    /// <summary>Each is the last one plus one: a jump is a missing trade.</summary>
    Consecutive,
    /// <summary>They grow.</summary>
    Increasing,
    /// <summary>Unique only (Bybit's UUIDs, hashed).</summary>
    Unordered,
}

/// <summary>How several connections of one venue become one stream (R9).</summary>
public enum FeedMerge : byte
{
    /// <summary>Every connection names the same update by the same id: whichever brings it first is used, the others' copies are dropped.</summary>
    ById,
    /// <summary>
    /// Nothing in the messages says that two of them are the same update, or a missed one would not show: one connection leads an
    /// instrument, the others keep their own book of it and take over with all of it.
    /// </summary>
    LeadAndShadow,
}

/// <summary>A venue's book rule as data (venues/README §2): the two engines in MarketData are driven by it.</summary>
public sealed record BookSyncRule
{
    public required SnapshotSource Source { get; init; }

    public required Continuity Continuity { get; init; }

    public Bridge Bridge { get; init; } = Bridge.None;

    public required ResyncAction Resync { get; init; }

    /// <summary>Each side is cut to this many levels after every message; 0 keeps all.</summary>
    public int PruneDepth { get; init; }

    /// <summary>Compares the book with the message's checksum; null where the venue sends none.</summary>
    public IBookChecksum? Checksum { get; init; }

    /// <summary>A delta whose previous and last id equal the last applied one is a keep-alive, not a repeat.</summary>
    public bool EqualIdsAreHeartbeat { get; init; }

    /// <summary>A last id smaller than the previous id the message itself names is a sequence reset by the venue.</summary>
    public bool IdsMayReset { get; init; }

    /// <summary>A book whose losses nobody can see is fetched anew this often (Bitstamp); null where the sequence shows them.</summary>
    public TimeSpan? RefreshEvery { get; init; }

    /// <summary>
    /// The venue writes binary doubles as quantities, with up to 17 digits (HTX): what is finer than the instrument's scale is cut, and counted.
    /// </summary>
    public bool QuantitiesAreDoubles { get; init; }

    public TradeIdOrder TradeIds { get; init; } = TradeIdOrder.Consecutive;

    /// <summary>What the continuity rule allows several connections to be: ids that count an instrument's changes are the same on all of them.</summary>
    public FeedMerge Merge => Continuity is Continuity.FirstIsPreviousPlusOne or Continuity.PreviousIdEqualsLast or Continuity.OverlapAllowed
        ? FeedMerge.ById
        : FeedMerge.LeadAndShadow;

    /// <summary>Deltas held back for a REST snapshot; more of them restart the synchronisation.</summary>
    public int BufferedDeltasMax { get; init; } = 10_000;
}

/// <summary>One price level with the digits it was sent with.</summary>
public struct ChecksumLevel
{
    public long PriceRaw;
    public long QuantityRaw;
    public byte PriceDecimals;
    public byte QuantityDecimals;
}

/// <summary>A venue's checksum over the best levels. Pure; allocates nothing.</summary>
public interface IBookChecksum
{
    /// <summary>How many levels of each side <see cref="Compute"/> wants.</summary>
    int Depth { get; }

    /// <param name="bids">Best first, at most <see cref="Depth"/>.</param>
    /// <param name="asks">Best first, at most <see cref="Depth"/>.</param>
    /// <returns>In the form the message carries it (unsigned or sign-extended), as <see cref="FeedMessage.Checksum"/> holds it.</returns>
    long Compute(ReadOnlySpan<ChecksumLevel> bids, ReadOnlySpan<ChecksumLevel> asks);
}
