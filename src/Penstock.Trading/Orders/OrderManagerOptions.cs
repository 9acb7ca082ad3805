namespace Penstock.Trading.Orders;

/// <summary>Bounds and patience of the order manager. Times in ms of engine time.</summary>
public sealed record OrderManagerOptions
{
    public static readonly OrderManagerOptions Default = new();

    /// <summary>Order records (R38); when all are live, orders are refused.</summary>
    public int PoolSize { get; init; } = 10_000;

    public int FillWindow { get; init; } = Orders.FillWindow.DefaultCapacity;

    /// <summary>Silence after a place or cancel that makes the order UNKNOWN.</summary>
    public int AckTimeoutMs { get; init; } = 5_000;

    public int QueryIntervalMs { get; init; } = 1_000;

    /// <summary>"Not found" younger than this, counted from the hand-over, may only mean "not yet there".</summary>
    public int NotFoundGraceMs { get; init; } = 10_000;
}
