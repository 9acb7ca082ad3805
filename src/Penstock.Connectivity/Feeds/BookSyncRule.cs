namespace Penstock.Connectivity.Feeds;

/// <summary>Where the first full book comes from.</summary>
public enum SnapshotSource : byte
{
    /// <summary>The venue pushes it after the subscription (family A).</summary>
    Socket,
    /// <summary>Deltas are buffered until a REST snapshot arrives (family B).</summary>
    Rest,
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
}

/// <summary>What the first delta after a REST snapshot with id L has to satisfy.</summary>
public enum Bridge : byte
{
    None,
    /// <summary>Drop last ≤ L; then first ≤ L+1 ≤ last.</summary>
    FirstAtMostNext,
    /// <summary>Drop last &lt; L; then first ≤ L ≤ last.</summary>
    ContainsSnapshotId,
}

/// <summary>What brings an instrument's book back after it was found wrong. Other instruments are left alone.</summary>
public enum ResyncAction : byte
{
    Resubscribe,
    Refetch,
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
