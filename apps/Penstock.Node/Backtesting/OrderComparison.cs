using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading.Positions;

namespace Penstock.Node.Backtesting;

/// <summary>What became of one order, in the session or in the simulation.</summary>
internal sealed class OrderFate
{
    public bool IsAcked { get; set; }

    public long FilledRaw { get; private set; }

    public Notional Value { get; private set; }

    /// <summary>Decision → first fill, ns; −1 without one.</summary>
    public long FirstFillNs { get; private set; } = -1;

    /// <summary>The last thing said of it.</summary>
    public ExecutionKind End { get; set; }

    public bool IsFilled => FilledRaw > 0;

    /// <summary>Zero without fills.</summary>
    public decimal AveragePrice => FilledRaw == 0 ? 0 : Math.Round(Value.ToDecimal() / new Quantity(FilledRaw).ToDecimal(), FixedPoint.Decimals);

    public void Fill(in ExecutionReport fill, long sinceIntentNs)
    {
        if (FirstFillNs < 0) FirstFillNs = sinceIntentNs;
        FilledRaw += fill.LastQuantity.Raw;
        Value += Notional.Of(fill.LastPrice, fill.LastQuantity);
    }
}

/// <summary>One order of the session beside its twin in the simulation.</summary>
internal sealed class OrderComparison
{
    public required ClientOrderId Id { get; init; }

    public required InstrumentId Instrument { get; init; }

    public required Side Side { get; init; }

    public required Price Price { get; init; }

    public required Quantity Quantity { get; init; }

    /// <summary>Engine time of the decision, on the session's clock.</summary>
    public required long IntentNs { get; init; }

    /// <summary>Best bid + best ask then, raw; zero where there was no good book.</summary>
    public required Int128 MidTwice { get; init; }

    public OrderFate Live { get; } = new();

    public OrderFate Simulated { get; } = new();

    /// <summary>Quantity of others ahead when the simulated order came to rest, raw; −1 when it never rested.</summary>
    public long QueueAheadRaw { get; set; } = -1;

    /// <summary>Against us when positive, bps of the mid at the decision; null without fills.</summary>
    public double? SlippageBps(OrderFate fate)
    {
        if (!fate.IsFilled || MidTwice == 0) return null;
        var mid = (double)MidTwice / 2 / FixedPoint.Scale;
        var worse = Side == Side.Buy ? (double)fate.AveragePrice - mid : mid - (double)fate.AveragePrice;
        return worse / mid * 1e4;
    }
}

/// <summary>The sums of one side of a comparison.</summary>
internal sealed class FateTotals(InstrumentTable instruments)
{
    private readonly PositionKeeper _positions = new(instruments, 0);

    public long Fills { get; private set; }

    public void Fill(in ExecutionReport fill)
    {
        Fills++;
        _positions.Apply(0, fill);
    }

    /// <summary>Realised, unrealised and fees by quote asset, at these mids.</summary>
    public SortedDictionary<string, (decimal Realised, decimal Unrealised, decimal Fees)> Pnl(Func<InstrumentId, Int128> midTwice)
    {
        var pnl = new SortedDictionary<string, (decimal Realised, decimal Unrealised, decimal Fees)>(StringComparer.Ordinal);
        foreach (var instrument in instruments.All)
        {
            ref readonly var position = ref _positions.Of(0, instrument.Id);
            if (position.Fills == 0) continue;
            var quote = instrument.Quote.ToString();
            var (realised, unrealised, fees) = pnl.GetValueOrDefault(quote);
            pnl[quote] = (realised + position.Realised.ToDecimal(), unrealised + position.Unrealised(midTwice(instrument.Id)).ToDecimal(), fees + position.FeesQuote.ToDecimal());
        }

        return pnl;
    }
}
