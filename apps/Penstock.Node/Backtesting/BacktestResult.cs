using System.Text.Json.Nodes;
using Penstock.Node.Wiring;
using Penstock.Strategies;
using Penstock.Strategies.Backtesting;
using Penstock.Trading.Positions;

namespace Penstock.Node.Backtesting;

/// <summary>What came out of a back test.</summary>
internal sealed record BacktestResult
{
    public required TradingEngine Engine { get; init; }

    public required EngineBlueprint Blueprint { get; init; }

    public required SimulationStatistics Simulation { get; init; }

    public required ulong StateHash { get; init; }

    public required string OrdersDigest { get; init; }

    public required long Events { get; init; }

    /// <summary>Reading and decoding included.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Time the recording covers, ns.</summary>
    public required long SpanNs { get; init; }

    public required long Gaps { get; init; }

    public required long Crossed { get; init; }

    /// <summary>Times a feed or an instrument was declared stale.</summary>
    public required long Stale { get; init; }

    /// <summary>Payments of the journal that were applied to the simulated position.</summary>
    public long Fundings { get; init; }

    /// <summary>Payments for which the journal holds no position, so that nobody knows their rate.</summary>
    public long FundingsLeftOut { get; init; }

    public required string Journal { get; init; }

    /// <summary>What could not be read of the sources.</summary>
    public string? Problem { get; init; }

    public JsonObject ToJson()
    {
        var orders = Engine.Orders.Statistics;
        return new JsonObject
        {
            ["stateHash"] = $"{StateHash:x16}", ["ordersDigest"] = OrdersDigest,
            ["orders"] = new JsonObject
            {
                ["placed"] = orders.Placed, ["acked"] = orders.Acked, ["filled"] = orders.Filled, ["cancelled"] = orders.Cancelled, ["rejected"] = orders.Rejected,
                ["cancelsSent"] = orders.CancelsSent, ["cancelRejects"] = orders.CancelRejects, ["unknown"] = orders.UnknownTotal,
                ["refusedByRisk"] = Engine.Risk.Rejects.Sum(),
            },
            ["fills"] = orders.Fills,
            ["fillsBy"] = new JsonObject { ["trade"] = Simulation.FillsByTrade, ["cross"] = Simulation.FillsByCross, ["taking"] = Simulation.FillsByTaking },
            ["positions"] = new JsonArray([.. EngineViews.Positions(Engine).Select(Position)]),
            ["pnl"] = Pnl(), ["fundings"] = Fundings, ["fundingsLeftOut"] = FundingsLeftOut,
            ["events"] = Events, ["eventsPerSecond"] = Math.Round(Events / Math.Max(1e-9, Elapsed.TotalSeconds)), ["seconds"] = Math.Round(Elapsed.TotalSeconds, 3),
            ["spanSeconds"] = SpanNs / 1e9, ["crossed"] = Crossed, ["gaps"] = Gaps, ["staleness"] = Stale,
            ["strategyFaults"] = Engine.Statistics.StrategyFaults, ["simulation"] = Blueprint.Simulation, ["journal"] = Journal, ["problem"] = Problem,
        };
    }

    private string VenueName(byte venue) => Blueprint.Venues[venue - 1];

    private JsonObject Position(PositionView view) => new()
    {
        ["strategy"] = view.Strategy, ["instrument"] = $"{view.Symbol}.{VenueName(view.Venue).ToUpperInvariant()}", ["quantity"] = view.Quantity, ["averagePrice"] = view.AveragePrice,
        ["realised"] = view.Realised, ["unrealised"] = view.Unrealised, ["fees"] = view.FeesQuote, ["funding"] = view.Funding, ["net"] = view.Net,
        ["quote"] = view.Currency,
        ["turnover"] = view.Turnover, ["fills"] = view.Fills,
    };

    /// <summary>Per venue and the asset that is paid in: amounts of different assets are not added.</summary>
    private JsonArray Pnl()
    {
        var rows = new JsonArray();
        var groups = Engine.Instruments.All.GroupBy(i => (i.Venue.Value, Quote: i.PaidIn.ToString()));
        foreach (var group in groups.OrderBy(g => g.Key.Value).ThenBy(g => g.Key.Quote, StringComparer.Ordinal))
        {
            var (profit, fills) = (default(ProfitFigures), 0L);
            foreach (var totals in group.Select(instrument => EngineViews.Totals(Engine, instrument)))
            {
                profit += totals.Profit;
                fills += totals.Fills;
            }

            if (fills == 0) continue;
            rows.Add(new JsonObject
            {
                ["venue"] = VenueName(group.Key.Value), ["quote"] = group.Key.Quote, ["realised"] = profit.Realised.ToDecimal(),
                ["unrealised"] = profit.Unrealised.ToDecimal(),
                ["fees"] = profit.Fees.ToDecimal(), ["funding"] = profit.Funding.ToDecimal(), ["net"] = profit.Net.ToDecimal(), ["fills"] = fills,
            });
        }

        return rows;
    }
}
