using Penstock.MarketData.Quality;

namespace Penstock.MarketData.Ingest;

/// <summary>What a broken rule leads to.</summary>
public enum BrokenRule : byte
{
    /// <summary>The book is declared unusable and fetched anew.</summary>
    Resync,
    /// <summary>It is counted and reported, and the reading goes on: for recordings, which cannot be asked for a new book.</summary>
    ReportOnly,
}

/// <summary>Limits and patience of the ingest of one venue.</summary>
public sealed record IngestOptions
{
    /// <summary>A trade or mid further from the last good one than this share of it is set aside.</summary>
    public double PriceBandRatio { get; init; } = 0.5;

    public BrokenRule OnBroken { get; init; } = BrokenRule.Resync;

    public LivenessOptions Liveness { get; init; } = new();

    /// <summary>An answer to a snapshot request or resubscription is waited for this long.</summary>
    public TimeSpan ResyncTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>First pause between two resyncs of the same instrument; doubles up to <see cref="ResyncPauseMax"/>.</summary>
    public TimeSpan ResyncPauseMin { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan ResyncPauseMax { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>A book that stayed right this long starts its pauses from the shortest again.</summary>
    public TimeSpan ResyncForgiveAfter { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Smallest distance between two resyncs of the venue, whatever the instrument: REST weight is shared.</summary>
    public TimeSpan ResyncSpacing { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Events held back for one book; more restart its synchronisation.</summary>
    public int BufferedEventsMax { get; init; } = 1 << 18;

    /// <summary>A socket read with more events than this is published in parts.</summary>
    public int BatchEventsMax { get; init; } = 1 << 16;
}
