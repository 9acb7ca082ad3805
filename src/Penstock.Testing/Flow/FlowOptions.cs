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

    /// <summary>Deviation per millisecond of the price that all venues of one world share, in parts per billion; 0 for a venue on its own.</summary>
    public int TidePpb { get; init; }

    /// <summary>How often a minute the price of this venue alone is pushed away: a large order that the other venues have not seen yet.</summary>
    public int ShocksPerMinute { get; init; }

    /// <summary>How far such a push goes, in parts per million of the price.</summary>
    public int ShockPpm { get; init; }

    /// <summary>Milliseconds in which the push fades to 1/e.</summary>
    public int ShockMs { get; init; } = 1;

    /// <summary>How far the price strays from what it has in common with the others, deviation in parts per million; it always comes back.</summary>
    public int SwayPpm { get; init; }

    /// <summary>Milliseconds in which it comes back to 1/e.</summary>
    public int SwayMs { get; init; } = 1;

    /// <summary>
    /// One of several venues in one world: what is traded everywhere moves together, and now and then a venue is off by more than two taker fees.
    /// </summary>
    public static FlowOptions Shocked { get; } = new() { TidePpb = 5_000, ShocksPerMinute = 2, ShockPpm = 3_500, ShockMs = 3_000 };

    /// <summary>
    /// Pairs that belong together: a price they share, around which each strays by more than a round trip in both costs and returns within a second.
    /// </summary>
    public static FlowOptions Swaying { get; } = new()
    {
        TidePpb = 15_000, SwayPpm = 2_500, SwayMs = 100, MakerActionsPerSecond = 400, Levels = 60,
    };

    public static FlowOptions Of(SimulatedWorld world) => world switch
    {
        SimulatedWorld.Shocked => Shocked,
        SimulatedWorld.Swaying => Swaying,
        _ => new FlowOptions(),
    };

    /// <summary>A quiet market: nothing happens after the first ladder.</summary>
    public static FlowOptions Still { get; } = new() { MakerActionsPerSecond = 0, TakerOrdersPerSecond = 0, VolatilityPpb = 0 };
}
