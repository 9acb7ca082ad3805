using Penstock.Infrastructure.Counters;
using Penstock.Node.Wiring;
using Penstock.Strategies;
using Penstock.Trading.Positions;

namespace Penstock.Node.TearSheets;

/// <summary>One fill as drawn on the price.</summary>
internal readonly record struct FillMark(long Ns, double Price, bool IsBuy, bool IsMaker);

/// <summary>One fill for the list; <c>UnixNs</c> is 0 where the journal does not tell the time of day.</summary>
internal readonly record struct FillLine(
    long Ns, long UnixNs, string Instrument, string Order, int Strategy, long TradeId, bool IsBuy, decimal Price, decimal Quantity, decimal Value,
    decimal Fee, string FeeAsset,
    bool IsMaker);

/// <summary>Profit of one instrument on one venue; amounts in the asset it is paid in.</summary>
internal sealed record InstrumentFigures
{
    public required string Name { get; init; }

    public required string Venue { get; init; }

    public required string Quote { get; init; }

    public decimal Position { get; init; }

    public decimal Realised { get; init; }

    public decimal Unrealised { get; init; }

    public decimal Fees { get; init; }

    /// <summary>Received; negative is paid.</summary>
    public decimal Funding { get; init; }

    /// <summary>Realised and unrealised, less fees, with funding.</summary>
    public decimal Net { get; init; }

    public decimal Turnover { get; init; }

    public long Orders { get; init; }

    public long Fills { get; init; }
}

/// <summary>A time at which books could not be trusted.</summary>
internal readonly record struct Trouble(long Ns, string Kind, string Where, long LengthNs);

/// <summary>
/// Everything a tear sheet shows of one journal, computed in one pass over it. Amounts are in <see cref="Quote"/>, the asset most was
/// turned over in; what was traded in other assets stands in the table by instrument. Times are engine time, ns.
/// </summary>
internal sealed class SessionFigures
{
    public required string Source { get; init; }

    public required EngineBlueprint Blueprint { get; init; }

    public string StateHash { get; set; } = "";

    public bool IsEqual { get; set; }

    public string? Difference { get; set; }

    public long Records { get; set; }

    public int Sessions { get; set; }

    public long StartNs { get; set; }

    /// <summary>Unix time at which the first session's clock read zero, ns; null where the journal does not say.</summary>
    public long? UnixAtZeroNs { get; set; }

    public long EndNs { get; set; }

    public long MarketEvents { get; set; }

    public string Quote { get; set; } = "";

    public ProfitFigures Profit { get; set; }

    public decimal Realised => Profit.Realised.ToDecimal();

    public decimal Unrealised => Profit.Unrealised.ToDecimal();

    public decimal Fees => Profit.Fees.ToDecimal();

    public decimal Funding => Profit.Funding.ToDecimal();

    public decimal Net => Profit.Net.ToDecimal();

    public decimal Turnover { get; set; }

    public double DrawdownMax { get; set; }

    public List<InstrumentFigures> Instruments { get; } = [];

    public Series Equity { get; } = new("equity");

    public Series Drawdown { get; } = new("drawdown");

    public Series Exposure { get; } = new("gross exposure");

    public Series FeesPaid { get; } = new("fees");

    public Series TurnedOver { get; } = new("turnover");

    public Series OpenOrders { get; } = new("live orders");

    public Series OrderRate { get; } = new("orders, changes and cancels per second");

    public Series Spread { get; } = new("spread, bps");

    /// <summary>Of the instrument with the most fills.</summary>
    public string MainInstrument { get; set; } = "";

    public Series Price { get; } = new("mid");

    public Series Inventory { get; } = new("position");

    public ReturnRatios Ratios { get; } = new();

    /// <summary>The first ones, in order of time.</summary>
    public List<FillLine> FillList { get; } = [];

    /// <summary>Fills beyond what the list holds.</summary>
    public long FillsLeftOut { get; set; }

    /// <summary>At the end, by strategy.</summary>
    public IReadOnlyList<PositionView> PositionList { get; set; } = [];

    public List<FillMark> FillMarks { get; } = [];

    public Bins SlippageAtDecision { get; } = new(0.5);

    public Bins SlippageAtArrival { get; } = new(0.5);

    /// <summary>Mid one second after the fill against the fill, in our favour when positive, bps.</summary>
    public Bins MarkoutOneSecond { get; } = new(0.5);

    public Bins MarkoutTenSeconds { get; } = new(0.5);

    /// <summary>
    /// Receive stamp of the event that led to an order → the order handed to its venue's socket; empty where the journal has no such stamps.
    /// </summary>
    public Histogram DecisionNs { get; } = new();

    public Histogram AckNs { get; } = new();

    public Histogram CancelNs { get; } = new();

    public Histogram FirstFillNs { get; } = new();

    public Histogram LifeNs { get; } = new();

    public Dictionary<string, long> Outcomes { get; } = [];

    public Dictionary<string, long> VenueRejects { get; } = [];

    public Dictionary<string, long> RiskRefusals { get; } = [];

    public long Orders { get; set; }

    /// <summary>Changes of resting orders that were sent.</summary>
    public long Amends { get; set; }

    public long Cancels { get; set; }

    public long Fills { get; set; }

    public long MakerFills { get; set; }

    public long FilledOrders { get; set; }

    public List<Trouble> Troubles { get; } = [];

    public long Gaps { get; set; }

    public long Stale { get; set; }

    public long TroubleNs { get; set; }

    public List<(long Ns, string What, string Who, string Why)> Commands { get; } = [];

    public double OrderToFill => Fills == 0 ? 0 : (double)Orders / Fills;

    public double MessagesToFill => Fills == 0 ? 0 : (double)(Orders + Amends + Cancels) / Fills;
}
