using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading.Orders;

namespace Penstock.Trading.Execution;

/// <summary>A wish to trade a quantity by several orders, or on the best of several venues.</summary>
public readonly record struct ParentRequest
{
    /// <summary>Slices at most.</summary>
    public const int SlicesMax = 10_000;

    public ushort Strategy { get; init; }

    /// <summary>Markets of one pair, the preferred first.</summary>
    public ParentInstruments Instruments { get; init; }

    public int InstrumentCount { get; init; }

    public Side Side { get; init; }

    /// <summary>What the children may fill together, ever.</summary>
    public Quantity Quantity { get; init; }

    /// <summary>No child goes beyond it; zero for none. An iceberg needs one.</summary>
    public Price Limit { get; init; }

    public AlgorithmKind Algorithm { get; init; }

    /// <summary>Of a direct order's child.</summary>
    public TimeInForce TimeInForce { get; init; }

    /// <summary>Of the children.</summary>
    public OrderFlags Flags { get; init; }

    /// <summary>How long a TWAP takes, ns.</summary>
    public long DurationNs { get; init; }

    public int Slices { get; init; }

    /// <summary>What an iceberg shows.</summary>
    public Quantity Display { get; init; }

    /// <summary>0..50.</summary>
    public int JitterPercent { get; init; }

    /// <summary>Of the jitter.</summary>
    public ulong Seed { get; init; }
}
