using System.Diagnostics;
using System.Text.Json.Nodes;
using Penstock.Control.Nodes;
using Penstock.Infrastructure.Problems;

namespace Penstock.Control.Family;

/// <summary>What trades in a demo: a strategy of this build by its name, or a single-file one, which is a node of its own.</summary>
/// <param name="Name">As in a configuration.</param>
/// <param name="NodeProgram">The dll that knows it.</param>
/// <param name="Settings">The strategy's own.</param>
internal sealed record DemoStrategy(string Name, string NodeProgram, IReadOnlyDictionary<string, string> Settings)
{
    public const string Default = "market-making";

    /// <param name="nameOrFile">market-making, or a .cs file whose last word is App.Run.</param>
    /// <param name="settings">key=value each.</param>
    public static async Task<DemoStrategy> FindAsync(string nameOrFile, IEnumerable<string> settings, CancellationToken cancel)
    {
        var pairs = settings.Select(Setting).ToDictionary(StringComparer.Ordinal);
        if (!nameOrFile.EndsWith(".cs", StringComparison.OrdinalIgnoreCase)) return new DemoStrategy(nameOrFile, Programs.Node, pairs);
        var file = Path.GetFullPath(nameOrFile);
        if (!File.Exists(file))
            throw new Problem(ExitCode.NotFound, "there is no such strategy file", file, "the file does not exist", "penstock demo --strategy samples/TwoSidedMaker.cs");
        await DotnetAsync(["build", file, "-c", "Release", "-nodeReuse:false", "-v", "quiet", "-clp:NoSummary"], file, cancel);
        var program = await DotnetAsync(["build", file, "-c", "Release", "-getProperty:TargetPath"], file, cancel);
        return new DemoStrategy(await DotnetAsync([program, "name"], file, cancel), program, pairs);
    }

    /// <summary>The node's list of strategies for the markets there are. Most trade one instrument each; some need several at once.</summary>
    public JsonArray On(IReadOnlyList<(string Venue, string Symbol)> markets)
    {
        var groups = Name switch
        {
            "arbitrage" => markets.GroupBy(m => m.Symbol).Where(g => g.Count() > 1).Select(g => g.ToArray()),
            "statistical-arbitrage" => markets.GroupBy(m => m.Venue).Where(g => g.Count() > 1).Select(g => g.Take(2).ToArray()),
            _ => markets.Select(m => new[] { m }),
        };
        var strategies = new JsonArray();
        foreach (var group in groups)
        {
            strategies.Add(new JsonObject
            {
                ["name"] = Name, ["instruments"] = new JsonArray([.. group.Select(m => JsonValue.Create($"{m.Symbol}.{m.Venue.ToUpperInvariant()}"))]),
                ["settings"] = new JsonObject(Settings.Select(s => KeyValuePair.Create(s.Key, (JsonNode?)JsonValue.Create(s.Value)))),
            });
        }

        return strategies.Count > 0 ? strategies : throw new Problem(
            ExitCode.Usage, $"'{Name}' finds no instruments that belong together", "penstock demo --venues", "it needs the same pair on two venues, or two pairs on one", "penstock demo --strategy " + Name);
    }

    private static KeyValuePair<string, string> Setting(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals > 0
            ? KeyValuePair.Create(text[..equals], text[(equals + 1)..])
            : throw new Problem(ExitCode.Usage, $"'{text}' is not a setting", "penstock demo --set", "expected key=value", "penstock demo --set spreadBps=6");
    }

    private static async Task<string> DotnetAsync(string[] arguments, string file, CancellationToken cancel)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet", arguments)
        {
            RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        };
        using var process = Process.Start(start) ?? throw new InvalidOperationException("dotnet could not be started.");
        var output = process.StandardOutput.ReadToEndAsync(cancel);
        var errors = process.StandardError.ReadToEndAsync(cancel);
        await process.WaitForExitAsync(cancel);
        if (process.ExitCode == 0) return (await output).Trim();
        var said = (await output + await errors).Split('\n').Where(l => l.Contains("error", StringComparison.Ordinal)).Distinct().Take(5);
        throw new Problem(ExitCode.Error, "the strategy does not build", file, string.Join(Environment.NewLine, said).Trim(), $"dotnet build {file}");
    }
}
