using System.Globalization;
using Penstock.Infrastructure.Counters;

namespace Penstock.Node.TearSheets;

/// <summary>The tear sheet of one session (U17): what it earned, how its orders fared, what was wrong with the data meanwhile.</summary>
internal static class TearSheet
{
    /// <summary>Of a figure the journal has nothing about.</summary>
    public const string NotRecorded = "not recorded";

    public const string RatioDefinition =
        "Change of net profit over whole intervals, a constant capital cancels out, no interest taken off; Sharpe: mean / standard deviation (n − 1); "
        + "Sortino: mean / root of the mean squared loss; both × root of the intervals of 365 days of 24 hours.";

    private const int TableRows = 16;

    public static SheetPage Page(SessionFigures f)
    {
        var page = new SheetPage($"Tear sheet: {(f.Blueprint.Strategies.Count > 0 ? string.Join(", ", f.Blueprint.Strategies.Select(s => s.Name).Distinct()) : "no strategy")}");
        Money(page, f);
        Orders(page, f);
        Execution(page, f);
        Data(page, f);
        return page;
    }

    public static string Subtitle(SessionFigures f)
    {
        var orders = f.Blueprint.Simulation is { } simulation ? $"simulated: {simulation}" : "orders went to venues";
        return string.Create(CultureInfo.InvariantCulture,
            $"{f.Source} · {When(f.StartNs, f.UnixAtZeroNs)} · {(f.EndNs - f.StartNs) / 1e9:F1} s · {orders} · state hash {f.StateHash}");
    }

    private static void Money(SheetPage page, SessionFigures f)
    {
        page.Figures("summary", "Summary",
        [
            ("net profit", Money(f.Net, f)), ("realised", Money(f.Realised, f)), ("unrealised", Money(f.Unrealised, f)), ("fees", Money(f.Fees, f)),
            ("funding", Money(f.Funding, f)),
            ("largest drawdown", $"{Svg.Number(f.DrawdownMax)} {f.Quote}"), ("turnover", Money(f.Turnover, f)), ("orders", Count(f.Orders)), ("fills", Count(f.Fills)),
            ("maker share of fills", Share(f.MakerFills, f.Fills)), ("orders filled", Share(f.FilledOrders, f.Orders)), ("market events", Count(f.MarketEvents)), ("gaps / stale", $"{f.Gaps} / {f.Stale}"),
        ]);
        Over(page, f, "equity", "Equity", $"Realised and unrealised profit minus fees, with funding, {f.Quote}, at the mid price.", f.Equity,
            wide: true);
        Over(page, f, "drawdown", "Drawdown", $"Equity below its highest so far, {f.Quote}.", f.Drawdown, isFilled: true);
        Over(page, f, "fees", "Fees", $"Paid so far, {f.Quote}; rebates come off.", f.FeesPaid);
        var venues = f.Instruments.GroupBy(i => (i.Venue, i.Quote)).Select(g => (g.Key.Venue, g.Key.Quote, Net: g.Sum(i => i.Net), Fees: g.Sum(i => i.Fees), Turnover: g.Sum(i => i.Turnover), Fills: g.Sum(i => i.Fills))).ToList();
        page.Chart("pnl-by-venue", "PnL by venue", "Net of fees, funding included, in the asset named; different assets are never added.",
            Svg.Bars("PnL by venue", $"Net profit of {venues.Count} venue and asset pairs", [.. venues.Select(v => ($"{v.Venue}, {v.Quote}", (double)v.Net, Number(v.Net)))]),
            ["venue", "asset", "net", "fees", "turnover", "fills"], venues.Select(v => new[] { v.Venue, v.Quote, Number(v.Net), Number(v.Fees), Number(v.Turnover), Count(v.Fills) }));
        page.Table("instruments", "Instruments", "Position at the end, profit in the asset the instrument is paid in.",
            ["instrument", "position", "realised", "unrealised", "fees", "funding", "net", "orders", "fills", "orders per fill"],
            f.Instruments.OrderByDescending(i => i.Fills).Take(40).Select(i => new[]
            {
                i.Name, Number(i.Position), Number(i.Realised), Number(i.Unrealised), Number(i.Fees), Number(i.Funding),
                $"{Number(i.Net)} {i.Quote}", Count(i.Orders), Count(i.Fills), i.Fills == 0 ? "-" : Svg.Number((double)i.Orders / i.Fills),
            }), wide: true);
        page.Chart("price-and-fills", $"Price and fills: {f.MainInstrument}", $"Mid price; triangles up are buys, down are sells ({f.FillMarks.Count} drawn of this instrument).",
            Svg.Line("Price and fills", $"Mid price of {f.MainInstrument} with fills", f.Price, f.StartNs, marks: f.FillMarks, wide: true),
            ["time, s", "side", "price", "role"], f.FillMarks.Take(TableRows * 2).Select(m => new[] { Seconds(m.Ns, f), m.IsBuy ? "buy" : "sell", Svg.Number(m.Price), m.IsMaker ? "maker" : "taker" }), wide: true);
        Over(page, f, "inventory", $"Inventory: {f.MainInstrument}", "Position over all strategies, base asset.", f.Inventory);
        Over(page, f, "exposure", "Exposure", "Positions and live orders at the mid price, all instruments, as risk counts it.", f.Exposure);
        page.Table("risk-adjusted", "Sharpe and Sortino", RatioDefinition, ["figure", "value"],
        [
            ["Sharpe ratio", Ratio(f.Ratios.Sharpe, f)], ["Sortino ratio", Ratio(f.Ratios.Sortino, f)], ["interval", f.Ratios.Interval],
            ["returns", f.Ratios.IsEnough ? Count(f.Ratios.Returns) : $"{f.Ratios.Returns} of at least {ReturnRatios.ReturnsMin}"],
            ["annualised by", $"√{Svg.Number(f.Ratios.PerYear)}"],
        ]);
        page.Table("positions", "Positions", "At the end, by strategy; profit in the asset named.",
            ["strategy", "instrument", "quantity", "average price", "net", "funding", "fills"],
            f.PositionList.Take(40).Select(p => new[]
            {
                Count(p.Strategy), $"{p.Symbol}.{f.Blueprint.Venues[p.Venue - 1].ToUpperInvariant()}", Number(p.Quantity), Number(p.AveragePrice),
                $"{Number(p.Net)} {p.Currency}",
                Number(p.Funding), Count(p.Fills),
            }));
        Over(page, f, "turnover", "Turnover", $"Price × quantity of the fills so far, {f.Quote}.", f.TurnedOver);
    }

    private static void Orders(SheetPage page, SessionFigures f)
    {
        Over(page, f, "order-rate", "Message rate", "Orders, changes and cancels per second of engine time.", f.OrderRate);
        Over(page, f, "live-orders", "Live orders", "Orders whose end is not known, all instruments.", f.OpenOrders);
        Counts(page, "outcomes", "How orders ended", "By final state.", f.Outcomes);
        Counts(page, "venue-rejects", "Rejects by reason", "What venues refused, or never left.", f.VenueRejects);
        Counts(page, "risk-refusals", "Refusals by risk", "By the rule that refused; the order never existed.", f.RiskRefusals);
        page.Table("ratios", "Order-to-fill ratios", "A venue may limit them; a quote that is never filled costs messages only.", ["ratio", "value"],
        [
            ["orders per fill", Svg.Number(f.OrderToFill)], ["orders, changes and cancels per fill", Svg.Number(f.MessagesToFill)],
            ["changes per order", f.Orders == 0 ? "-" : Svg.Number((double)f.Amends / f.Orders)],
            ["orders filled completely", Share(f.FilledOrders, f.Orders)],
            ["maker share of fills", Share(f.MakerFills, f.Fills)], ["fills per minute", f.EndNs > f.StartNs ? Svg.Number(f.Fills * 60e9 / (f.EndNs - f.StartNs)) : "0"],
            ["fees of turnover", f.Turnover == 0 ? "-" : $"{Svg.Number((double)(f.Fees / f.Turnover) * 1e4)} bps"],
        ]);
    }

    private static void Execution(SheetPage page, SessionFigures f)
    {
        Spread(page, "slippage-decision", "Slippage against the decision",
            "Fill price against the mid when the order, or the change that gave it its price, was decided; positive is against us.",
            f.SlippageAtDecision);
        Spread(page, "slippage-arrival", "Slippage against the arrival",
            "Fill price against the mid when the venue's first answer to the order, or to its last change, came; positive is against us.",
            f.SlippageAtArrival);
        Spread(page, "markout-1s", "Mark-out after 1 s", "Mid one second after a fill against its price; positive is in our favour.", f.MarkoutOneSecond);
        Spread(page, "markout-10s", "Mark-out after 10 s", "Mid ten seconds after a fill against its price; positive is in our favour.", f.MarkoutTenSeconds);
        Latency(page, "decision-latency", "Decision latency",
            "Receive stamp of the event that led to the order → the order handed to its venue's socket, as the node journaled it (ours); "
            + "a back test has no socket.", f.DecisionNs);
        Latency(page, "execution-latency", "Execution latency", "Decision → the venue's first answer (theirs, and the way there and back).", f.AckNs);
        Latency(page, "cancel-latency", "Cancel latency", "Cancel sent → the order ended cancelled.", f.CancelNs);
        Latency(page, "time-to-fill", "Time to the first fill", "Decision → first fill, of orders that had one.", f.FirstFillNs);
        Latency(page, "order-life", "Life of an order", "Decision → end.", f.LifeNs);
    }

    private static void Data(SheetPage page, SessionFigures f)
    {
        Over(page, f, "spread", $"Spread: {f.MainInstrument}", "Best ask − best bid, basis points of the mid, while the book was tradable.", f.Spread);
        page.Table("gaps", "Gaps and staleness during the run", string.Create(CultureInfo.InvariantCulture, $"{f.Gaps} gaps, {f.Stale} times stale, {f.TroubleNs / 1e9:F1} s of untrusted books, summed over instruments; before the first snapshot a book counts as a gap."),
            ["what", "where", "at, s", "for, s"], f.Troubles.OrderByDescending(t => t.LengthNs).Take(25).Select(t => new[] { t.Kind, t.Where, Seconds(t.Ns, f), Svg.Number(t.LengthNs / 1e9) }));
        page.Table("commands", "Commands", "What people and the node told the engine.", ["what", "at, s", "who", "why"], f.Commands.Take(40).Select(c => new[] { c.What, Seconds(c.Ns, f), c.Who, c.Why }));
        page.Table("configuration", "Configuration", "As the journal holds it.", ["strategy and instrument", "settings"],
            f.Blueprint.Strategies.Take(40).Select(s => new[] { $"{s.Name} {s.Instrument}", s.Settings.Count == 0 ? "defaults" : string.Join(", ", s.Settings.Select(p => $"{p.Key}={p.Value}")) })
                .Append(["execution", f.Blueprint.Simulation ?? "venues"]).Append(["venues", string.Join(", ", f.Blueprint.Venues)]));
        page.Table("proof", "Reproducibility", "The journal was run again through the engine to make this page.", ["figure", "value"],
        [
            ["every decision and state hash equal", f.IsEqual ? "yes" : "NO"], ["first difference", f.Difference ?? "none"], ["state hash", f.StateHash], ["records", Count(f.Records)], ["sessions", Count(f.Sessions)],
        ]);
    }

    private static void Over(SheetPage page, SessionFigures f, string id, string heading, string sentence, Series series, bool isFilled = false, bool wide = false)
    {
        var points = series.Points;
        var description = points.Count == 0 ? "no data" : $"{series.Name} from {Svg.Number(points[0].Value)} to {Svg.Number(points[^1].Value)}, lowest {Svg.Number(points.Min(p => p.Value))}, highest {Svg.Number(points.Max(p => p.Value))}";
        page.Chart(id, heading, sentence, Svg.Line(heading, description, series, f.StartNs, isFilled, wide: wide), ["time, s", series.Name],
            Sparse(points).Select(p => new[] { Seconds(p.Ns, f), Svg.Number(p.Value) }), wide);
    }

    private static IEnumerable<(long Ns, double Value)> Sparse(IReadOnlyList<(long Ns, double Value)> points)
    {
        for (var i = 0; i < Math.Min(TableRows, points.Count); i++)
            yield return points[points.Count <= TableRows ? i : (int)((long)i * (points.Count - 1) / (TableRows - 1))];
    }

    private static void Spread(SheetPage page, string id, string heading, string sentence, Bins bins)
    {
        var filled = bins.Count == 0 ? [] : bins.Filled().ToList();
        page.Chart(id, heading, $"{sentence} Mean {Svg.Number(bins.Mean)} bps of {bins.Count} fills.", Svg.Columns(heading, $"Distribution of {bins.Count} fills, mean {Svg.Number(bins.Mean)} bps", filled, "bps"),
            ["bps", "fills"], filled.Select(b => new[] { Svg.Number(b.Middle), Count(b.Count) }));
    }

    private static void Latency(SheetPage page, string id, string heading, string sentence, Histogram histogram)
    {
        (string Name, double Quantile)[] quantiles = [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999), ("p99.99", 0.9999), ("highest", 1)];
        var rows = histogram.Count == 0 ? [] : quantiles.Select(q => (q.Name, Ns: q.Quantile >= 1 ? histogram.Max : histogram.ValueAt(q.Quantile))).ToList();
        page.Chart(id, heading, $"{sentence} {(histogram.Count == 0 ? NotRecorded : $"{histogram.Count} measured")}.",
            Svg.Bars(heading, $"Percentiles of {histogram.Count} latencies", [.. rows.Select(r => (r.Name, (double)r.Ns, Svg.Time(r.Ns)))]),
            ["percentile", "latency"], rows.Select(r => new[] { r.Name, Svg.Time(r.Ns) }));
    }

    private static void Counts(SheetPage page, string id, string heading, string sentence, Dictionary<string, long> counts)
    {
        var rows = counts.OrderByDescending(c => c.Value).ThenBy(c => c.Key, StringComparer.Ordinal).Take(20).ToList();
        page.Chart(id, heading, sentence, Svg.Bars(heading, $"{rows.Count} kinds", [.. rows.Select(r => (r.Key, (double)r.Value, Count(r.Value)))]), ["what", "how often"], rows.Select(r => new[] { r.Key, Count(r.Value) }));
    }

    private static string Ratio(double? ratio, SessionFigures f) => ratio is { } r ? Svg.Number(r) : f.Ratios.IsEnough ? "-" : FiguresText.NotEnough;

    private static string Money(decimal amount, SessionFigures f) => $"{Number(amount)} {f.Quote}";

    private static string Number(decimal amount) => Math.Round(amount, 8).ToString("0.########", CultureInfo.InvariantCulture);

    private static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private static string Share(long part, long whole) => whole == 0 ? "-" : $"{Svg.Number(100.0 * part / whole)} %";

    private static string Seconds(long ns, SessionFigures f) => ((ns - f.StartNs) / 1e9).ToString("0.###", CultureInfo.InvariantCulture);

    /// <summary>Recordings carry wall time; a live journal's clock counts from the machine's start, and old ones do not say when that was.</summary>
    private static string When(long ns, long? unixAtZeroNs) => unixAtZeroNs is not null || ns > 1_000_000_000_000_000_000
        ? DateTimeOffset.UnixEpoch.AddTicks((ns + (unixAtZeroNs ?? 0)) / 100).ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture)
        : "monotonic clock";
}
