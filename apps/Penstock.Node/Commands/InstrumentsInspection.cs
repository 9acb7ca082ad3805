using System.Text.Json;
using Penstock.Infrastructure.Problems;
using Penstock.MarketData.Reference;

namespace Penstock.Node.Commands;

/// <summary>inspect instruments DATA [--history SYMBOL]: what the venues list, or listed since the data folder's first start.</summary>
internal static class InstrumentsInspection
{
    public static int Print(string data, string? symbol, bool json)
    {
        var path = ReferenceData.HistoryPath(data);
        if (!File.Exists(path)) throw new Problem(ExitCode.NotFound, "there is no history of instruments", path, "no node has run in this folder", "penstock inspect instruments DATA, the folder a node runs in");
        var history = InstrumentHistory.Open(path);
        var records = symbol is null ? [.. history.Records.GroupBy(r => (r.Venue, r.VenueSymbol)).Select(g => g.Last())] : history.Of(symbol);
        if (records.Count == 0) throw new Problem(ExitCode.NotFound, $"the history has no instrument {symbol}", path, "the spelling is BASE-QUOTE", "penstock inspect instruments DATA lists all");
        if (json) Console.WriteLine(JsonSerializer.Serialize(new { instruments = records, linesSkipped = history.LinesSkipped }, JsonSerializerOptions.Web));
        else foreach (var r in records) Console.WriteLine($"{Date(r),-20} {r.Venue,-12} {r.Symbol,-14} {r.VenueSymbol,-14} tick {r.Tick,-12} lot {r.Lot,-12} {r.Status,-10} {r.Kind} {r.Changes}");
        return (int)ExitCode.Ok;
    }

    private static string Date(InstrumentRecord record) =>
        DateTimeOffset.FromUnixTimeMilliseconds(record.FromUnixNs / 1_000_000).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
