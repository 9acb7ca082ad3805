using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading.Positions;
using Penstock.Trading.Recovery;

namespace Penstock.Node.Backtesting;

/// <summary>What became of one order, in the session or in the simulation.</summary>
internal sealed class OrderFate(Side side, Quantity quantity, Int128 midTwice)
{
    private readonly DecidedTerms _terms = new(midTwice);
    private double _againstBps;
    private long _measuredRaw;

    public bool IsAcked { get; set; }

    /// <summary>The total it was for at last: a change counts when the venue has made it.</summary>
    public Quantity Quantity { get; private set; } = quantity;

    public long Amended { get; private set; }

    /// <summary>Against us when positive, bps of the mid at the decision on the price that was filled; null without fills.</summary>
    public double? SlippageBps => _measuredRaw == 0 ? null : _againstBps / _measuredRaw;

    public long FilledRaw { get; private set; }

    public Notional Value { get; private set; }

    /// <summary>Decision → first fill, ns; −1 without one.</summary>
    public long FirstFillNs { get; private set; } = -1;

    /// <summary>The last thing said of it.</summary>
    public ExecutionKind End { get; private set; }

    public bool IsFilled => FilledRaw > 0;

    /// <summary>Zero without fills.</summary>
    public decimal AveragePrice => FilledRaw == 0 ? 0 : Math.Round(Value.ToDecimal() / new Quantity(FilledRaw).ToDecimal(), FixedPoint.Decimals);

    /// <summary>A change was sent.</summary>
    public void Amend(in AmendIntentRecord amend, Int128 midTwice) => _terms.Amend(new Price(amend.PriceRaw), midTwice);

    public void Note(in ExecutionReport report)
    {
        _terms.OnReport(report);
        if (report.Kind == ExecutionKind.Amended)
        {
            Amended++;
            if (report.LastQuantity.Raw > 0) Quantity = report.LastQuantity;
        }

        if (report.Kind is ExecutionKind.Cancelled or ExecutionKind.Expired or ExecutionKind.Rejected or ExecutionKind.NotSent) End = report.Kind;
    }

    public void Fill(in ExecutionReport fill, long sinceIntentNs)
    {
        if (FirstFillNs < 0) FirstFillNs = sinceIntentNs;
        FilledRaw += fill.LastQuantity.Raw;
        if (_terms.AgainstBps(side, fill.LastPrice) is { } against)
        {
            _againstBps += against * fill.LastQuantity.Raw;
            _measuredRaw += fill.LastQuantity.Raw;
        }

        Value += Notional.Of(fill.LastPrice, fill.LastQuantity);
    }
}

/// <summary>One order of the session beside its twin in the simulation.</summary>
internal sealed class OrderComparison
{
    public required ClientOrderId Id { get; init; }

    public required InstrumentId Instrument { get; init; }

    public required Side Side { get; init; }

    /// <summary>As it was first sent.</summary>
    public required Price Price { get; init; }

    /// <summary>As it was first sent.</summary>
    public required Quantity Quantity { get; init; }

    /// <summary>Engine time of the decision, on the session's clock.</summary>
    public required long IntentNs { get; init; }

    /// <summary>Changes that were sent.</summary>
    public long Amends { get; set; }

    public required OrderFate Live { get; init; }

    public required OrderFate Simulated { get; init; }

    /// <summary>Quantity of others ahead when the simulated order came to rest, raw; −1 when it never rested.</summary>
    public long QueueAheadRaw { get; set; } = -1;
}

/// <summary>The sums of one side of a comparison.</summary>
internal sealed class FateTotals(InstrumentTable instruments)
{
    private readonly PositionKeeper _positions = new(instruments, 0);

    public long Fills { get; private set; }

    public long FundingsLeftOut { get; private set; }

    public void Fill(in ExecutionReport fill)
    {
        Fills++;
        _positions.Apply(0, fill);
    }

    /// <summary>Null: nobody knows what this side would have been paid.</summary>
    public void Fund(FundingReport? funding)
    {
        if (funding is { } paid) _positions.Apply(paid);
        else FundingsLeftOut++;
    }

    public long PositionRaw(InstrumentId instrument) => _positions.Total(instrument).Raw;

    /// <summary>By the asset that is paid in, at these mids.</summary>
    public SortedDictionary<string, ProfitFigures> Pnl(Func<InstrumentId, Int128> midTwice)
    {
        var pnl = new SortedDictionary<string, ProfitFigures>(StringComparer.Ordinal);
        foreach (var instrument in instruments.All)
        {
            ref readonly var position = ref _positions.Of(0, instrument.Id);
            if (position.Fills == 0 && position.Funding.Raw == 0) continue;
            var quote = instrument.PaidIn.ToString();
            pnl[quote] = pnl.GetValueOrDefault(quote) + _positions.ProfitOf(0, instrument.Id, midTwice(instrument.Id));
        }

        return pnl;
    }
}
