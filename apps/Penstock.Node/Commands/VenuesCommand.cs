using System.Text.Json.Nodes;
using Penstock.Connectivity;
using Penstock.Node.Configuration;

namespace Penstock.Node.Commands;

/// <summary>Lists the venues that are built in: markets, capabilities, and how they did in the conformance suite.</summary>
internal static class VenuesCommand
{
    /// <summary>Set by the ./penstock script: where the last test run left its result.</summary>
    private const string ResultsVariable = "PENSTOCK_CONFORMANCE";

    public static int Execute(Words words)
    {
        var json = words.Flag("--json");
        words.End();
        var results = ConformanceResults.TryRead(Environment.GetEnvironmentVariable(ResultsVariable));
        var exchanges = Catalogs.Venues.Names.Select(Create).GroupBy(v => v.Profile.Exchange).OrderBy(g => g.Key, StringComparer.Ordinal).ToList();
        if (json) PrintJson(exchanges, results);
        else PrintText(exchanges, results);
        return 0;
    }

    private static IVenue Create(string name) => Catalogs.Venues.TryCreate(name, out var venue) ? venue! : throw new InvalidOperationException(name);

    private static VenueConformance? ResultOf(IGrouping<string, IVenue> exchange, ConformanceResults? results) =>
        results?.Of([exchange.Key, .. exchange.Select(v => v.Profile.Name)]);

    /// <summary>In the order of the markets' names.</summary>
    private static IEnumerable<VenueProfile> Markets(IGrouping<string, IVenue> exchange) =>
        exchange.Select(v => v.Profile).OrderBy(p => p.Name, StringComparer.Ordinal);

    private static IEnumerable<string> Capabilities(IGrouping<string, IVenue> exchange) =>
        Words(exchange.Aggregate(VenueCapabilities.None, (all, venue) => all | venue.Profile.Capabilities));

    private static string[] Words(VenueCapabilities capabilities) => capabilities.ToString().Split(", ");

    /// <summary>No kind of order is taken there.</summary>
    private static bool IsDataOnly(VenueProfile profile) => (profile.Capabilities & VenueCapabilities.ImmediateOrCancel) == 0;

    private static void PrintJson(IEnumerable<IGrouping<string, IVenue>> exchanges, ConformanceResults? results)
    {
        var venues = new JsonArray();
        foreach (var exchange in exchanges)
        {
            var result = ResultOf(exchange, results);
            venues.Add(new JsonObject
            {
                ["name"] = exchange.Key,
                ["displayName"] = exchange.First().Profile.DisplayName,
                ["markets"] = Texts(Markets(exchange).Select(p => p.Market)),
                ["capabilities"] = Texts(Capabilities(exchange)),
                ["byMarket"] = new JsonObject(Markets(exchange).Select(p => KeyValuePair.Create<string, JsonNode?>(p.Market, new JsonObject
                {
                    ["venue"] = p.Name, ["trading"] = !IsDataOnly(p), ["capabilities"] = Texts(Words(p.Capabilities)),
                }))),
                ["conformance"] = result is null ? null : new JsonObject
                {
                    ["run"] = result.Run, ["passed"] = result.Passed, ["skipped"] = result.Skipped.Count, ["date"] = results!.Date,
                    ["failed"] = Texts(result.Failed), ["skippedBecause"] = Texts(result.Skipped),
                    ["cases"] = new JsonObject(result.Cases.Select(c => KeyValuePair.Create<string, JsonNode?>(c.Key, $"{c.Value.Passed}/{c.Value.Run}"))),
                },
            });
        }

        Console.WriteLine(new JsonObject { ["venues"] = venues }.ToJsonString());
    }

    private static void PrintText(IEnumerable<IGrouping<string, IVenue>> exchanges, ConformanceResults? results)
    {
        Console.WriteLine($"{"venue",-10} {"markets",-14} {"conformance",-14} capabilities");
        foreach (var exchange in exchanges)
        {
            var result = ResultOf(exchange, results);
            var dataOnly = string.Concat(Markets(exchange).Where(IsDataOnly).Select(p => $" ({p.Market}: market data only)"));
            var score = result is null ? "not run" : $"{result.Passed} of {result.Run}{(result.Skipped.Count > 0 ? $" ({result.Skipped.Count} skipped)" : "")}";
            Console.WriteLine($"{exchange.Key,-10} {string.Join(' ', Markets(exchange).Select(p => p.Market)),-14} {score,-14} {string.Join(' ', Capabilities(exchange))}{dataOnly}");
            foreach (var skipped in result?.Skipped ?? []) Console.WriteLine($"           skipped {skipped}");
            foreach (var failed in result?.Failed ?? []) Console.WriteLine($"           FAILED  {failed}");
        }

        Console.WriteLine(results is null ? "The suite has not been run here: ./penstock test" : $"Conformance suite of {results.Date}; its cases: docs/guides/conformance.md");
    }

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode?)text)]);
}
