using System.Globalization;
using System.Text.Json.Nodes;
using Penstock.Infrastructure.Problems;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Node.Backtesting;
using Penstock.Strategies.Backtesting;

namespace Penstock.Node.Commands;

/// <summary>penstock replay JOURNAL --compare: what happened beside what a back test would have said (P6).</summary>
internal static class CompareCommand
{
    /// <summary>Orders listed one by one; the sums are over all.</summary>
    private const int ListedMax = 10_000;

    public static int Execute(string folder, SimulationOptions options, bool withLatency, bool withFees, bool json)
    {
        if (Directory.Exists(Path.Combine(folder, "journal"))) folder = Path.Combine(folder, "journal");
        if (!Directory.Exists(folder))
            throw new Problem(ExitCode.NotFound, "there is no such journal", folder, "the folder does not exist", "penstock demo prints the folder of its run when it ends");
        var comparison = LiveComparison.Run(folder, options, withLatency, withFees);
        var report = ToJson(comparison);
        if (json) Console.WriteLine(report.ToJsonString());
        else PrintText(report);
        return (int)ExitCode.Ok;
    }

    private static JsonObject ToJson(LiveComparison c)
    {
        var orders = c.Orders;
        return new JsonObject
        {
            ["orders"] = orders.Count, ["amends"] = orders.Sum(o => o.Amends),
            ["simulation"] = string.Create(CultureInfo.InvariantCulture, $"queue {c.Options.Queue.ToString().ToLowerInvariant()}, order latency {c.Options.OrderLatencyNs / 1e6:0.###} ms, ack latency {c.Options.AckLatencyNs / 1e6:0.###} ms"),
            ["agreement"] = new JsonObject
            {
                ["bothFilled"] = orders.Count(o => o.Live.IsFilled && o.Simulated.IsFilled), ["onlyLive"] = orders.Count(o => o.Live.IsFilled && !o.Simulated.IsFilled),
                ["onlySimulated"] = orders.Count(o => !o.Live.IsFilled && o.Simulated.IsFilled), ["neither"] = orders.Count(o => !o.Live.IsFilled && !o.Simulated.IsFilled),
            },
            ["live"] = Side(c, o => o.Live, c.Live), ["simulated"] = Side(c, o => o.Simulated, c.Simulated), ["difference"] = Difference(c),
            ["perOrder"] = new JsonArray([.. orders.Take(ListedMax).Select(o => Order(c, o))]), ["perOrderLeftOut"] = Math.Max(0, orders.Count - ListedMax),
        };
    }

    private static JsonObject Side(LiveComparison c, Func<OrderComparison, OrderFate> fate, FateTotals totals) => new()
    {
        ["filledOrders"] = c.Orders.Count(o => fate(o).IsFilled), ["fillRate"] = Rate(c, fate), ["fills"] = totals.Fills,
        ["slippageBps"] = Slippage(c, fate), ["firstFillMs"] = Mean(c.Orders.Where(o => fate(o).FirstFillNs >= 0).Select(o => fate(o).FirstFillNs / 1e6)),
        ["pnl"] = new JsonArray([.. totals.Pnl(c.MidTwice).Select(p => new JsonObject
        {
            ["quote"] = p.Key, ["realised"] = p.Value.Realised.ToDecimal(), ["unrealised"] = p.Value.Unrealised.ToDecimal(),
            ["fees"] = p.Value.Fees.ToDecimal(),
            ["funding"] = p.Value.Funding.ToDecimal(), ["net"] = p.Value.Net.ToDecimal(),
        })]),
        ["fundingsLeftOut"] = totals.FundingsLeftOut,
    };

    /// <summary>Simulated minus live.</summary>
    private static JsonObject Difference(LiveComparison c)
    {
        var (live, simulated) = (c.Live.Pnl(c.MidTwice), c.Simulated.Pnl(c.MidTwice));
        return new JsonObject
        {
            ["fillRate"] = Rate(c, o => o.Simulated) - Rate(c, o => o.Live), ["slippageBps"] = Slippage(c, o => o.Simulated) - Slippage(c, o => o.Live),
            ["fills"] = c.Simulated.Fills - c.Live.Fills,
            ["pnl"] = new JsonObject(live.Keys.Union(simulated.Keys).Order(StringComparer.Ordinal).Select(quote =>
                KeyValuePair.Create<string, JsonNode?>(quote, (simulated.GetValueOrDefault(quote).Net - live.GetValueOrDefault(quote).Net).ToDecimal()))),
        };
    }

    /// <summary>Filled quantity as a share of what was ordered, each order counting the same.</summary>
    private static double Rate(LiveComparison c, Func<OrderComparison, OrderFate> fate) =>
        Mean(c.Orders.Select(o => Math.Min(1.0, (double)fate(o).FilledRaw / Math.Max(1, fate(o).Quantity.Raw))));

    private static double Slippage(LiveComparison c, Func<OrderComparison, OrderFate> fate) =>
        Mean(c.Orders.Select(o => fate(o).SlippageBps).OfType<double>());

    private static double Mean(IEnumerable<double> values)
    {
        double sum = 0;
        var count = 0;
        foreach (var value in values)
        {
            sum += value;
            count++;
        }

        return count == 0 ? 0 : sum / count;
    }

    private static JsonObject Order(LiveComparison c, OrderComparison order)
    {
        var instrument = c.Instruments.Contains(order.Instrument) ? c.Instruments[order.Instrument] : null;
        return new JsonObject
        {
            ["id"] = order.Id.ToString(), ["instrument"] = instrument is null ? "?" : $"{instrument.Symbol}.{VenueOf(c, instrument)}", ["side"] = order.Side.ToString().ToLowerInvariant(),
            ["price"] = order.Price.ToDecimal(), ["quantity"] = order.Quantity.ToDecimal(), ["amends"] = order.Amends,
            ["queueAhead"] = order.QueueAheadRaw < 0 ? null : new Quantity(order.QueueAheadRaw).ToDecimal(),
            ["live"] = Fate(order.Live), ["simulated"] = Fate(order.Simulated),
        };
    }

    private static string VenueOf(LiveComparison c, Instrument instrument) => c.Blueprint.Venues[instrument.Venue.Value - 1].ToUpperInvariant();

    private static JsonObject Fate(OrderFate fate) => new()
    {
        ["acked"] = fate.IsAcked, ["amended"] = fate.Amended, ["filled"] = new Quantity(fate.FilledRaw).ToDecimal(),
        ["averagePrice"] = fate.AveragePrice,
        ["firstFillMs"] = fate.FirstFillNs < 0 ? null : fate.FirstFillNs / 1e6, ["slippageBps"] = fate.SlippageBps,
        ["end"] = fate.FilledRaw >= fate.Quantity.Raw ? "Filled" : fate.End == 0 ? "Open" : fate.End.ToString(),
    };

    private static void PrintText(JsonObject report)
    {
        Console.WriteLine(
            $"{report["orders"]} orders and {report["amends"]} changes of the session, each sent again to the simulation ({report["simulation"]})");
        var agreement = report["agreement"]!;
        Console.WriteLine($"  filled in both {agreement["bothFilled"]}, only live {agreement["onlyLive"]}, only simulated {agreement["onlySimulated"]}, in neither {agreement["neither"]}");
        foreach (var side in new[] { "live", "simulated" })
        {
            var row = report[side]!;
            var pnl = string.Join(", ", row["pnl"]!.AsArray().Select(p => string.Create(CultureInfo.InvariantCulture, $"{(decimal)p!["net"]!:0.####} {(string)p["quote"]!}")));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"  {side,-10} fill rate {(double)row["fillRate"]!:P1}, {row["fills"]} fills, slippage {(double)row["slippageBps"]!:0.###} bps, first fill after {(double)row["firstFillMs"]!:0.#} ms, net {pnl}"));
        }

        var difference = report["difference"]!;
        var money = string.Join(", ", difference["pnl"]!.AsObject().Select(p => string.Create(CultureInfo.InvariantCulture, $"{(decimal)p.Value!:0.####} {p.Key}")));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"  the simulation says {(double)difference["fillRate"]! * 100:+0.0;-0.0;0} points of fill rate, {(double)difference["slippageBps"]!:+0.###;-0.###;0} bps of slippage, {money} more than was"));
    }
}
