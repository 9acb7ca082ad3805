using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Penstock.Infrastructure.Problems;

namespace Penstock.Node.TearSheets;

/// <summary>The lists of a tear sheet, fills and positions, for programs: JSON arrays, or CSV with a column each.</summary>
internal static class ListsText
{
    private static readonly string[] Names = ["fills", "positions"];

    public static JsonArray Fills(SessionFigures f) => new([.. f.FillList.Select(l => (JsonNode)Fill(l, f))]);

    public static JsonArray Positions(SessionFigures f) => new([.. f.PositionList.Select(p => (JsonNode)new JsonObject
    {
        ["strategy"] = p.Strategy, ["instrument"] = $"{p.Symbol}.{f.Blueprint.Venues[p.Venue - 1].ToUpperInvariant()}", ["quantity"] = p.Quantity,
        ["averagePrice"] = p.AveragePrice,
        ["realised"] = p.Realised, ["unrealised"] = p.Unrealised, ["fees"] = p.FeesQuote, ["feesBase"] = p.FeesBase, ["funding"] = p.Funding,
        ["net"] = p.Net,
        ["currency"] = p.Currency, ["turnover"] = p.Turnover, ["fills"] = p.Fills,
    })]);

    /// <summary>One list as CSV, its names in the first line.</summary>
    /// <exception cref="Problem">There is no such list.</exception>
    public static string ToCsv(SessionFigures f, string list)
    {
        var rows = list switch
        {
            "fills" => Fills(f),
            "positions" => Positions(f),
            _ => throw new Problem(ExitCode.Usage, $"there is no list '{list}'", "penstock report --list", $"known: {string.Join(", ", Names)}",
                "penstock report JOURNAL --csv --list fills"),
        };
        var text = new StringBuilder();
        if (rows.Count == 0) return "";
        text.AppendJoin(',', rows[0]!.AsObject().Select(c => c.Key)).Append('\n');
        foreach (var row in rows) text.AppendJoin(',', row!.AsObject().Select(c => FiguresText.Quoted(c.Value?.ToString() ?? ""))).Append('\n');
        return text.ToString();
    }

    private static JsonObject Fill(FillLine l, SessionFigures f) => new()
    {
        ["seconds"] = (l.Ns - f.StartNs) / 1e9,
        ["time"] = l.UnixNs == 0 ? null : DateTimeOffset.UnixEpoch.AddTicks(l.UnixNs / 100).ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'",
            CultureInfo.InvariantCulture),
        ["instrument"] = l.Instrument, ["order"] = l.Order, ["strategy"] = l.Strategy, ["trade"] = l.TradeId, ["side"] = l.IsBuy ? "buy" : "sell",
        ["price"] = l.Price,
        ["quantity"] = l.Quantity, ["value"] = l.Value, ["fee"] = l.Fee, ["feeAsset"] = l.FeeAsset, ["role"] = l.IsMaker ? "maker" : "taker",
    };
}
