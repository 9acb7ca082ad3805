using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Penstock.Infrastructure.Counters;

namespace Penstock.Node.TearSheets;

/// <summary>The figures of a tear sheet for programs: one JSON object, or CSV lines of block, name, time and value.</summary>
internal static class FiguresText
{
    public const string NotEnough = "not enough data";

    public static JsonObject ToJson(SessionFigures f) => new()
    {
        ["source"] = f.Source, ["stateHash"] = f.StateHash, ["equal"] = f.IsEqual, ["simulation"] = f.Blueprint.Simulation, ["sessions"] = f.Sessions,
        ["records"] = f.Records, ["marketEvents"] = f.MarketEvents, ["seconds"] = (f.EndNs - f.StartNs) / 1e9, ["quote"] = f.Quote,
        ["pnl"] = new JsonObject
        {
            ["net"] = f.Net, ["realised"] = f.Realised, ["unrealised"] = f.Unrealised, ["fees"] = f.Fees,
            ["funding"] = f.Funding, ["turnover"] = f.Turnover, ["drawdownMax"] = f.DrawdownMax,
        },
        ["orders"] = f.Orders, ["amends"] = f.Amends, ["cancels"] = f.Cancels, ["fills"] = f.Fills, ["makerFills"] = f.MakerFills,
        ["filledOrders"] = f.FilledOrders,
        ["orderToFill"] = f.OrderToFill, ["messagesToFill"] = f.MessagesToFill,
        ["instruments"] = new JsonArray([.. f.Instruments.Select(i => new JsonObject
        {
            ["instrument"] = i.Name, ["venue"] = i.Venue, ["quote"] = i.Quote, ["position"] = i.Position, ["realised"] = i.Realised, ["unrealised"] = i.Unrealised,
            ["fees"] = i.Fees, ["funding"] = i.Funding, ["net"] = i.Net, ["turnover"] = i.Turnover, ["orders"] = i.Orders, ["fills"] = i.Fills,
        })]),
        ["outcomes"] = Counts(f.Outcomes), ["venueRejects"] = Counts(f.VenueRejects), ["riskRefusals"] = Counts(f.RiskRefusals),
        ["slippageBps"] = new JsonObject { ["decision"] = f.SlippageAtDecision.Mean, ["arrival"] = f.SlippageAtArrival.Mean, ["markout1s"] = f.MarkoutOneSecond.Mean, ["markout10s"] = f.MarkoutTenSeconds.Mean },
        ["latencyNs"] = new JsonObject
        {
            ["decision"] = f.DecisionNs.Count == 0 ? null : Latency(f.DecisionNs), ["ack"] = Latency(f.AckNs),
            ["cancel"] = Latency(f.CancelNs), ["firstFill"] = Latency(f.FirstFillNs), ["life"] = Latency(f.LifeNs),
        },
        ["ratios"] = new JsonObject
        {
            ["sharpe"] = f.Ratios.Sharpe, ["sortino"] = f.Ratios.Sortino, ["interval"] = f.Ratios.Interval, ["returns"] = f.Ratios.Returns,
            ["returnsMin"] = ReturnRatios.ReturnsMin,
            ["intervalsPerYear"] = f.Ratios.PerYear, ["definition"] = TearSheet.RatioDefinition, ["note"] = f.Ratios.IsEnough ? "" : NotEnough,
        },
        ["fillList"] = ListsText.Fills(f), ["fillsLeftOut"] = f.FillsLeftOut, ["positionList"] = ListsText.Positions(f),
        ["gaps"] = f.Gaps, ["stale"] = f.Stale, ["untrustedSeconds"] = f.TroubleNs / 1e9,
    };

    public static string ToCsv(SessionFigures f)
    {
        var text = new StringBuilder("block,name,seconds,value\n");
        foreach (var (name, value) in ToJson(f))
        {
            if (value is JsonValue single) text.Append(CultureInfo.InvariantCulture, $"summary,{name},,{Quoted(single.ToString())}\n");
            else if (value is JsonObject group) Group(text, name, group);
        }

        foreach (var i in f.Instruments)
            text.Append(CultureInfo.InvariantCulture, $"instrument,{Quoted(i.Name)} net {i.Quote},,{i.Net}\ninstrument,{Quoted(i.Name)} position,,{i.Position}\ninstrument,{Quoted(i.Name)} fills,,{i.Fills}\n");
        foreach (var series in new[] { f.Equity, f.Drawdown, f.Exposure, f.Inventory, f.FeesPaid, f.TurnedOver, f.OpenOrders, f.OrderRate, f.Price, f.Spread })
        {
            foreach (var (ns, value) in series.Points) text.Append(CultureInfo.InvariantCulture, $"{Quoted(series.Name)},,{(ns - f.StartNs) / 1e9},{value:R}\n");
        }

        return text.ToString();
    }

    private static void Group(StringBuilder text, string block, JsonObject group)
    {
        foreach (var (name, value) in group)
        {
            if (value is JsonObject inner) Group(text, $"{block} {name}", inner);
            else text.Append(CultureInfo.InvariantCulture, $"{Quoted(block)},{Quoted(name)},,{Quoted(value?.ToString() ?? (block == "latencyNs" ? TearSheet.NotRecorded : ""))}\n");
        }
    }

    public static string Quoted(string text) => text.AsSpan().ContainsAny(',', '"', '\n')
        ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;

    private static JsonObject Counts(Dictionary<string, long> counts) =>
        new(counts.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => KeyValuePair.Create<string, JsonNode?>(c.Key, c.Value)));

    private static JsonObject Latency(Histogram histogram)
    {
        var summary = histogram.Summarize();
        return new JsonObject { ["count"] = summary.Count, ["p50"] = summary.P50, ["p99"] = summary.P99, ["p999"] = summary.P999, ["max"] = summary.Max };
    }
}
