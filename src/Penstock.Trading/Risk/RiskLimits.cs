using Penstock.Model.Numbers;

namespace Penstock.Trading.Risk;

/// <summary>
/// What one order, and all of them together, may reach at most. A value equal to the limit passes; one unit more does not.
/// One record is the default; an instrument may have its own. Immutable: a command replaces it.
/// </summary>
public sealed record RiskLimits
{
    /// <summary>Narrow on purpose: who trades more has to say so.</summary>
    public static readonly RiskLimits Default = new();

    public Quantity OrderQuantityMax { get; init; } = Quantity.From(10);

    public Notional OrderNotionalMax { get; init; } = Notional.From(100_000);

    /// <summary>Absolute position of the node in the instrument, everything in flight counted as filled (I10).</summary>
    public Quantity PositionMax { get; init; } = Quantity.From(20);

    /// <summary>How far from the mid price an order may be, in 1/100 %.</summary>
    public int CollarBps { get; init; } = 500;

    /// <summary>Live orders per instrument.</summary>
    public int OpenOrdersMax { get; init; } = 50;

    /// <summary>
    /// Σ (|position| + live orders) × price over all instruments; quote assets are added at par. Read from the default
    /// record only.
    /// </summary>
    public Notional GrossExposureMax { get; init; } = Notional.From(1_000_000);

    /// <summary>Orders and cancels in any window of <see cref="MessageWindowMs"/>. Read from the default record only.</summary>
    public int MessagesMax { get; init; } = 100;

    public int MessageWindowMs { get; init; } = 1_000;

    /// <summary>Compare with the venue's free balance where it is known. Off for margin accounts.</summary>
    public bool CheckBalance { get; init; }

    /// <summary>The first thing wrong with these limits, or null.</summary>
    public string? Problem() =>
        OrderQuantityMax.Raw < 0 || PositionMax.Raw < 0 || OrderNotionalMax.Raw < 0 || GrossExposureMax.Raw < 0
            ? "A limit must not be negative."
            : CollarBps is < 0 or > 10_000 ? $"CollarBps must be 0..10000, was {CollarBps}."
            : OpenOrdersMax < 0 ? $"OpenOrdersMax must not be negative, was {OpenOrdersMax}."
            : MessagesMax is < 1 or > MessageWindow.CapacityMax ? $"MessagesMax must be 1..{MessageWindow.CapacityMax}, was {MessagesMax}."
            : MessageWindowMs is < 1 or > 3_600_000 ? $"MessageWindowMs must be 1..3600000, was {MessageWindowMs}."
            : null;
}
