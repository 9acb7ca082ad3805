using System.Text.Json;
using System.Text.Json.Nodes;

namespace Penstock.Control.Tracing;

/// <summary>What the numbers of a journal are called, as its session record says.</summary>
internal sealed class JournalNames
{
    private readonly List<string> _venues = [];
    private readonly List<string> _instruments = [];
    private readonly List<string> _strategies = [];

    /// <param name="configuration">The session's JSON. One that cannot be read leaves the numbers as names.</param>
    public JournalNames(string configuration)
    {
        try
        {
            if (JsonNode.Parse(configuration) is not JsonObject root) return;
            _venues.AddRange(Items(root, "venues").Select(v => (string?)v ?? "?"));
            foreach (var instrument in Items(root, "instruments"))
                _instruments.Add($"{(string?)instrument?["symbol"]}.{VenueOf((int?)instrument?["venue"] ?? 0).ToUpperInvariant()}");
            _strategies.AddRange(Items(root, "strategies").Select(s => (string?)s?["name"] ?? "?"));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            // Another build's session record: numbers do as well.
        }
    }

    public string VenueOf(int venue) => venue >= 1 && venue <= _venues.Count ? _venues[venue - 1] : $"venue {venue}";

    public string InstrumentOf(int instrument) =>
        instrument >= 1 && instrument <= _instruments.Count ? _instruments[instrument - 1] : $"instrument {instrument}";

    public string StrategyOf(int strategy) =>
        strategy >= 1 && strategy <= _strategies.Count ? $"{_strategies[strategy - 1]} (strategy {strategy})" : $"strategy {strategy}";

    private static IEnumerable<JsonNode?> Items(JsonObject root, string name) => root[name] as JsonArray ?? [];
}
