using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading.Orders;
using Penstock.Trading.Positions;

namespace Penstock.Trading.Execution;

/// <summary>
/// What a report may say so that no sum over it leaves its 64 or 128 bits: a figure beyond is a venue's fault, or ours in reading it, and is
/// found before any sum has taken a part of it.
/// </summary>
internal static class ReportBounds
{
    /// <summary>Of one quantity or fee, raw: twenty billion units.</summary>
    private const long QuantityMax = 1L << 61;

    /// <summary>Of an order: no venue fills it sixty-four times over, and what is small anyway is no fault of figures.</summary>
    private const int OverfillBits = 6;
    private const long SmallMax = 1L << 54;

    /// <summary>Of what quantities add up to: with one more of them it still fits 64 bits.</summary>
    private const long SumMax = 1L << 62;

    /// <summary>log2 of the largest value of one fill, 1e-16: a hundred million billion units of quote.</summary>
    private const int ValueBits = 110;

    private static readonly Int128 TurnoverMax = Int128.One << 120;

    /// <summary>True when applying the report would leave the range of a sum.</summary>
    public static bool IsBeyond(in ExecutionReport report, Order? order, Instrument instrument, OrderManager orders, PositionKeeper positions)
    {
        var named = Math.Max(report.LastQuantity.Raw, report.CumulativeQuantity.Raw);
        if (named > QuantityMax) return true;
        if (order is not null && named > SmallMax && named >> OverfillBits > order.QuantityMax.Raw) return true;
        var open = report.Side == Side.Buy ? orders.OpenBuy(report.Instrument).Raw : orders.OpenSell(report.Instrument).Raw;
        if (open + named > SumMax) return true;
        return report.Kind == ExecutionKind.Fill && IsFillBeyond(report, order, instrument, positions);
    }

    private static bool IsFillBeyond(in ExecutionReport fill, Order? order, Instrument instrument, PositionKeeper positions)
    {
        // What is not positive is refused as no fill at all.
        if (fill.LastQuantity.Raw <= 0 || fill.LastPrice.Raw <= 0) return false;
        if (fill.FeeRaw is > QuantityMax or < -QuantityMax) return true;
        var moved = fill.LastQuantity.Raw + Math.Abs(fill.FeeRaw);
        ref readonly var position = ref positions.Of(order?.Request.Strategy ?? 0, fill.Instrument);
        if (IsSumBeyond(position.Quantity.Raw, moved) || IsSumBeyond(position.FeesBase.Raw, moved)) return true;
        if (IsSumBeyond(positions.Total(fill.Instrument).Raw, moved)) return true;
        if (IsSumBeyond(positions.Contract(fill.Instrument).Quantity.Raw, moved)) return true;
        if (order is not null && IsSumBeyond(order.Filled.Raw, moved)) return true;
        var value = (Int128)fill.LastPrice.Raw * fill.LastQuantity.Raw;
        var size = instrument.ContractSize.Raw;
        // With the contract's size the product is wider before it is brought back to 1e-16.
        var bits = size == FixedPoint.Scale ? ValueBits : Math.Min(ValueBits, 126 - (64 - (int)long.LeadingZeroCount(size)));
        return value >> bits != 0 || position.Turnover.Raw > TurnoverMax;
    }

    private static bool IsSumBeyond(long sum, long moved) => (ulong)Math.Abs(sum) + (ulong)moved > SumMax;
}
