namespace Penstock.MarketData.Quality;

/// <summary>When a feed that stays open counts as silent (P1).</summary>
public sealed record LivenessOptions
{
    /// <summary>Silence of this many expected gaps is suspicious.</summary>
    public int ExpectedGaps { get; init; } = 20;

    /// <summary>Never suspicious before this long, however fast the feed usually is.</summary>
    public TimeSpan SilenceFloor { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Always suspicious after this long, however slow the feed usually is; also used while its rate is not known yet.</summary>
    public TimeSpan SilenceCeiling { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>All of the venue silent for this many times its bound: the connection is replaced.</summary>
    public int ReconnectFactor { get; init; } = 3;
}
