namespace Penstock.Testing.Flow;

/// <summary>How busy the seeded market of one instrument is.</summary>
public sealed record FlowOptions
{
    /// <summary>Order placements and replacements of the background makers a second.</summary>
    public int MakerActionsPerSecond { get; init; } = 70;

    /// <summary>Marketable orders of the background takers a second.</summary>
    public int TakerOrdersPerSecond { get; init; } = 8;

    /// <summary>Background price levels on each side.</summary>
    public int Levels { get; init; } = 100;

    /// <summary>Half of the background spread, in parts per million of the price.</summary>
    public int HalfSpreadPpm { get; init; } = 100;

    /// <summary>Distance between background levels, in parts per million of the price.</summary>
    public int LevelSpacingPpm { get; init; } = 30;

    /// <summary>Deviation of the fair price per step of one millisecond, in parts per billion of the price.</summary>
    public int VolatilityPpb { get; init; } = 2_000;

    /// <summary>How much of its distance to the start price the fair price loses per second, in parts per million.</summary>
    public int ReversionPpm { get; init; } = 20_000;

    /// <summary>A quiet market: nothing happens after the first ladder.</summary>
    public static FlowOptions Still { get; } = new() { MakerActionsPerSecond = 0, TakerOrdersPerSecond = 0, VolatilityPpb = 0 };
}
