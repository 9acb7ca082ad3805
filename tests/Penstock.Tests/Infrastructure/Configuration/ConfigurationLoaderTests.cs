using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text;
using System.Text.Json;
using Penstock.Infrastructure.Configuration;
using Penstock.Infrastructure.Threads;

namespace Penstock.Tests.Infrastructure.Configuration;

[Trait("requirement", "E11")]
public sealed class ConfigurationLoaderTests
{
    public enum Mode
    {
        Paper,
        LiveTrading,
    }

    public sealed record Node
    {
        [Description("Version of this file.")]
        public int Version { get; init; } = 1;

        [Required]
        [Description("The node's name.")]
        public string Name { get; init; } = "";

        public Mode Mode { get; init; } = Mode.Paper;

        public IReadOnlyList<Venue> Venues { get; init; } = [];

        public IReadOnlyDictionary<string, double> Weights { get; init; } = new Dictionary<string, double>();

        public Limits Limits { get; init; } = new();

        public ThreadPlan? Threads { get; init; }
    }

    public sealed record Venue
    {
        public required string Name { get; init; }

        public bool Enabled { get; init; } = true;

        public string[] Instruments { get; init; } = [];
    }

    public sealed record Limits
    {
        [Range(1, 100)]
        [Description("Orders a second.")]
        public int OrdersPerSecondMax { get; init; } = 10;

        public decimal? NotionalMax { get; init; }
    }

    [Fact]
    public void A_file_becomes_typed_records_and_every_value_knows_where_it_came_from()
    {
        var result = Parse("""
            {
              // people write comments
              "name": "n1", "mode": "liveTrading",
              "venues": [ { "name": "okx", "instruments": ["BTC-USDT"] }, { "name": "kraken", "enabled": false } ],
              "weights": { "a": 0.5 },
              "limits": { "notionalMax": 1000.25 },
              "threads": { "mode": "staged", "threads": [ { "name": "t", "agents": ["*"], "cpu": 1 } ] }
            }
            """, "limits.ordersPerSecondMax=20", "venues.0.instruments=ETH-USDT,BTC-USDT", "mode=paper");
        Assert.Empty(result.Errors);
        var node = result.Value!;
        Assert.Equal(Mode.Paper, node.Mode);
        Assert.Equal(["ETH-USDT", "BTC-USDT"], node.Venues[0].Instruments);
        Assert.False(node.Venues[1].Enabled);
        Assert.Equal(0.5, node.Weights["a"]);
        Assert.Equal(1000.25m, node.Limits.NotionalMax);
        Assert.Equal(20, node.Limits.OrdersPerSecondMax);
        Assert.Equal(1, node.Threads!.Threads[0].Cpu);
        var lines = ConfigurationText.Lines(result).ToDictionary(line => line.Key, line => $"{line.Value} {line.Source.Text}");
        Assert.Equal("\"n1\" node.json:3", lines["name"]);
        Assert.Equal("20 --set", lines["limits.ordersPerSecondMax"]);
        Assert.Equal("1 default", lines["version"]);
        Assert.Equal("\"paper\" --set", lines["mode"]);
        Assert.Equal("0.5 node.json:5", lines["weights.a"]);
        Assert.Contains("# --set", ConfigurationText.Show(result), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "name": "n", "limts": {} }""", 1, 16, "There is no key limts", "Did you mean \"limits\"?")]
    [InlineData("""{ "name": "n", "limits": { "ordersPerSecondMaxx": 1 } }""", 1, 28, "limits.ordersPerSecondMaxx", "ordersPerSecondMax")]
    [InlineData("{ \"name\": \"n\",\n  \"name\": \"m\" }", 2, 3, "there twice", "Remove")]
    [InlineData("""{ "name": 5 }""", 1, 11, "name is the number 5", "Write")]
    [InlineData("""{ "name": "n", "limits": { "ordersPerSecondMax": "5" } }""", 1, 50, "is a text", "Write")]
    [InlineData("""{ "name": "n", "limits": { "ordersPerSecondMax": 5.5 } }""", 1, 50, "is the number 5.5", "Write")]
    [InlineData("""{ "name": "n", "limits": { "ordersPerSecondMax": 101 } }""", 1, 50, "is 101", "range")]
    [InlineData("""{ "name": "n", "limits": { "ordersPerSecondMax": 99999999999 } }""", 1, 50, "is the number", "Write")]
    [InlineData("""{ "name": "n", "mode": "live" }""", 1, 24, "cannot be \"live\"", "Choose")]
    [InlineData("""{ "name": "n", "mode": "papr" }""", 1, 24, "cannot be \"papr\"", "Did you mean \"paper\"?")]
    [InlineData("""{ "venues": [] }""", 1, 1, "The key name is missing", "Add")]
    [InlineData("""{ "name": "n", "venues": [ { } ] }""", 1, 28, "venues.0.name is missing", "Add")]
    [InlineData("""{ "name": "n", }""", 1, 14, "comma after the last", "Remove")]
    [InlineData("{\n \"name\": “n” }", 2, 10, "curly quote", "Replace")]
    [InlineData("{ 'name': 1 }", 1, 3, "single quote", "Replace")]
    [InlineData("\uFEFF{ }", 1, 1, "byte order mark", "without BOM")]
    [InlineData("", 0, 0, "empty", "{}")]
    [InlineData("{ \"name\": \"n\"", 1, 14, "not JSON", "Look")]
    [InlineData("[]", 1, 1, "a list", "{ }")]
    [InlineData("""{ "name": "n", "version": 2 }""", 1, 27, "version 2", "newer Penstock")]
    public void A_mistake_is_said_with_its_place_its_reason_and_the_next_step(
        string text, int line, int column, string what, string next)
    {
        var result = Parse(text);
        Assert.False(result.Ok);
        var error = Assert.Single(result.Errors);
        Assert.Contains(what, error.What, StringComparison.Ordinal);
        Assert.Contains(next, error.Next, StringComparison.Ordinal);
        Assert.Equal((line, column), (error.Line, error.Column));
        if (error.Snippet.Length > 0)
        {
            // The caret stands under the column (the snippet is indented by four).
            Assert.Equal(column - 1 + 4, error.Snippet.Split('\n')[1].IndexOf('^'));
        }

        Assert.StartsWith(line > 0 ? $"node.json:{line}:{column}: " : "node.json: ", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Broken_text_is_said_with_its_place()
    {
        byte[] bytes = [.. "{\n \"name\": \"n"u8, 0xFF, .. "\" }"u8];
        var error = Assert.Single(ConfigurationLoader.Parse<Node>(bytes, "node.json").Errors);
        Assert.Contains("not UTF-8", error.What, StringComparison.Ordinal);
        Assert.Equal((2, 12), (error.Line, error.Column));
        Assert.Contains("half a character", Assert.Single(Parse("""{ "name": "\ud800" }""").Errors).What, StringComparison.Ordinal);
    }

    [Fact]
    public void All_mistakes_are_reported_at_once()
        => Assert.Equal(4, Parse("""{ "x": 1, "mode": "q", "limits": { "ordersPerSecondMax": 0 } }""").Errors.Count);

    [Theory]
    [InlineData("""{ "name": "n", "apiKey": "CANARY" }""")]
    [InlineData("""{ "name": "n", "venues": [ { "name": "okx", "api_secret": "CANARY" } ] }""")]
    [InlineData("""{ "name": "n", "passphrase": "CANARY", "mode": 1 }""")]
    [InlineData("""{ "name": "CANARY9xQ2mR7vL4kT8wZ1pB5nH3cJ6fD0sG" }""")]
    [InlineData("""{ "name": "CANARY9xQ2mR7vL4kT8wZ1pB5nH3cJ6fD0sG }""")]
    public void A_secret_is_refused_and_never_repeated(string text)
    {
        var result = Parse(text);
        Assert.False(result.Ok);
        Assert.DoesNotContain("CANARY", string.Join('\n', result.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Names_of_secrets_and_long_plain_words_are_no_secrets()
        => Assert.Empty(Parse("""{ "name": "a-long-but-ordinary-name-for-a-node-in-frankfurt" }""").Errors);

    [Theory]
    [InlineData("limits.ordersPerSecondMax=lots", "limits.ordersPerSecondMax is a text")]
    [InlineData("limits.ordersPerSecondMax=500", "is 500")]
    [InlineData("limits.orderPerSecondMax=5", "There is no key")]
    [InlineData("nonsense", "no key and value")]
    [InlineData("name.x=5", "no such place")]
    [InlineData("apiKey=5", "a secret's name")]
    public void An_override_is_judged_like_the_file(string text, string what)
    {
        var error = Assert.Single(Parse("""{ "name": "n" }""", text).Errors);
        Assert.Contains(what, error.What, StringComparison.Ordinal);
        Assert.Equal("--set", error.Source);
    }

    [Fact]
    public void A_file_that_is_not_there_is_a_result()
    {
        var error = Assert.Single(ConfigurationLoader.Load<Node>("/nowhere/node.json").Errors);
        Assert.Contains("no such file", error.What, StringComparison.Ordinal);
    }

    [Fact]
    public void The_schema_is_json_with_descriptions_ranges_enums_and_defaults()
    {
        using var schema = JsonDocument.Parse(ConfigurationSchema.Of<Node>());
        var properties = schema.RootElement.GetProperty("properties");
        var orders = properties.GetProperty("limits").GetProperty("properties").GetProperty("ordersPerSecondMax");
        Assert.Equal("Orders a second.", orders.GetProperty("description").GetString());
        Assert.Equal(100, orders.GetProperty("maximum").GetInt32());
        Assert.Equal(10, orders.GetProperty("default").GetInt32());
        Assert.Equal("liveTrading", properties.GetProperty("mode").GetProperty("enum")[1].GetString());
        Assert.Equal("name", schema.RootElement.GetProperty("required")[0].GetString());
        Assert.False(properties.GetProperty("venues").GetProperty("items").GetProperty("additionalProperties").GetBoolean());
    }

    [Theory]
    [InlineData("krakne", "kraken")]
    [InlineData("Binanec", "binance")]
    [InlineData("okc", "okx")]
    [InlineData("deribit", null)]
    public void The_nearest_name_is_suggested_and_a_far_one_is_not(string name, string? expected)
        => Assert.Equal(expected, Suggestions.Nearest(name, ["binance", "kraken", "okx"]));

    [Fact]
    public void Distance_agrees_with_its_naive_twin()
    {
        var random = new Random(17);
        for (var i = 0; i < 2000; i++)
        {
            var left = Word(random);
            var right = Word(random);
            Assert.Equal(Naive(left, right), Suggestions.Distance(left, right));
        }

        static string Word(Random random)
            => new([.. Enumerable.Range(0, random.Next(0, 6)).Select(_ => (char)('a' + random.Next(0, 3)))]);

        static int Naive(string a, string b)
        {
            if (a.Length == 0 || b.Length == 0)
            {
                return a.Length + b.Length;
            }

            var best = Math.Min(Naive(a[..^1], b), Naive(a, b[..^1])) + 1;
            best = Math.Min(best, Naive(a[..^1], b[..^1]) + (a[^1] == b[^1] ? 0 : 1));
            return a.Length > 1 && b.Length > 1 && a[^1] == b[^2] && a[^2] == b[^1]
                ? Math.Min(best, Naive(a[..^2], b[..^2]) + 1)
                : best;
        }
    }

    [Fact]
    public void Any_bytes_give_a_result_and_never_an_exception()
    {
        var random = new Random(23);
        var good = Encoding.UTF8.GetBytes("""{ "name": "n", "venues": [ { "name": "okx" } ], "limits": { "notionalMax": 1 } }""");
        var refused = 0;
        for (var i = 0; i < 3000; i++)
        {
            var bytes = good.ToArray();
            for (var j = random.Next(1, 4); j > 0; j--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            var result = ConfigurationLoader.Parse<Node>(bytes.AsSpan(0, random.Next(bytes.Length)), "x");
            Assert.Equal(result.Ok, result.Errors.Count == 0);
            refused += result.Ok ? 0 : 1;
            _ = string.Join('\n', result.Errors);
        }

        Assert.True(refused > 2000);
    }

    private static ConfigurationResult<Node> Parse(string text, params string[] overrides)
        => ConfigurationLoader.Parse<Node>(Encoding.UTF8.GetBytes(text), "node.json", new ConfigurationOptions { Overrides = overrides });
}
