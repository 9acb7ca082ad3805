using System.Text.Json;
using System.Text.Json.Nodes;

namespace Penstock.Control.Family;

/// <summary>
/// Writes what the demo's node starts from: an ordinary configuration file that points at the simulated venues, and their
/// keys in a file of their own (secrets never stand in a configuration).
/// </summary>
internal static class DemoConfiguration
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <param name="options">The demo's flags.</param>
    /// <param name="endpoints">
    /// One object per venue: name, rest, publicStream, privateStream, symbols, apiKey, secret, passphrase, makerFeePpm, takerFeePpm.
    /// </param>
    public static void Write(DemoOptions options, JsonArray endpoints)
    {
        var venues = new JsonArray();
        var keys = new JsonObject();
        var markets = new List<(string Venue, string Symbol)>();
        foreach (var endpoint in endpoints.OfType<JsonObject>())
        {
            var name = Text(endpoint, "name");
            var symbols = endpoint["symbols"]!.AsArray();
            venues.Add(new JsonObject
            {
                ["name"] = name, ["rest"] = Text(endpoint, "rest"), ["publicStream"] = Text(endpoint, "publicStream"),
                ["privateStream"] = Text(endpoint, "privateStream"), ["orderEntry"] = Text(endpoint, "orderEntry"), ["symbols"] = symbols.DeepClone(),
                ["makerFeePpm"] = endpoint["makerFeePpm"]?.DeepClone(), ["takerFeePpm"] = endpoint["takerFeePpm"]?.DeepClone(),
            });
            keys[name] = new JsonObject
            {
                ["apiKey"] = Text(endpoint, "apiKey"), ["secret"] = Text(endpoint, "secret"), ["passphrase"] = Text(endpoint, "passphrase"),
            };
            markets.AddRange(symbols.Select(symbol => (name, (string)symbol!)));
        }

        var configuration = new JsonObject
        {
            ["version"] = 1, ["name"] = Path.GetFileName(options.Data), ["environment"] = "sim", ["seed"] = options.Seed,
            ["venues"] = venues, ["strategies"] = options.Strategy.On(markets),
        };
        if (options.RingCapacity is { } events) configuration["ringCapacity"] = events;
        if (options.PinCore is { } core) configuration["threads"] = new JsonObject { ["pinFirstCore"] = core };
        File.WriteAllText(Path.Combine(options.Data, "node.json"), configuration.ToJsonString(Indented));
        var keyFile = Path.Combine(options.Data, "keys.json");
        using var stream = new FileStream(keyFile, new FileStreamOptions
        {
            Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        JsonSerializer.Serialize(stream, keys);
    }

    private static string Text(JsonObject from, string key) => from[key]?.GetValue<string>() ?? "";
}
