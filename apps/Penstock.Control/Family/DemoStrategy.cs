using System.Diagnostics;
using System.Text.Json.Nodes;
using Penstock.Control.Nodes;
using Penstock.Infrastructure.Problems;
using Penstock.Testing.Flow;

namespace Penstock.Control.Family;

/// <summary>What trades in a demo: a strategy of this build by its name, or a single-file one, which is a node of its own.</summary>
/// <param name="Name">As in a configuration.</param>
/// <param name="NodeProgram">The dll that knows it.</param>
/// <param name="Settings">The strategy's own.</param>
/// <param name="Grouping">How it wants its instruments: EachAlone, SamePair or Pair, in its program's words.</param>
internal sealed record DemoStrategy(string Name, string NodeProgram, IReadOnlyDictionary<string, string> Settings, string Grouping)
{
    public const string Default = "market-making";

    /// <summary>Markets in which such a strategy finds something to do within a demo.</summary>
    public SimulatedWorld World => Grouping switch
    {
        "SamePair" => SimulatedWorld.Shocked,
        "Pair" => SimulatedWorld.Swaying,
        _ => SimulatedWorld.Apart,
    };

    /// <summary>
    /// A demo is over before a pair's usual four minutes of samples are: a shorter past, of markets that stray and return faster (see
    /// <see cref="FlowOptions.Swaying"/>), and what a round trip costs at the simulated venues.
    /// </summary>
    private static readonly Dictionary<string, string> HurriedPair = new() { ["window"] = "60", ["sampleMs"] = "300", ["costBps"] = "24" };

    /// <param name="nameOrFile">market-making, or a .cs file whose last word is App.Run.</param>
    /// <param name="settings">key=value each.</param>
    public static async Task<DemoStrategy> FindAsync(string nameOrFile, IEnumerable<string> settings, CancellationToken cancel)
    {
        var pairs = settings.Select(Setting).ToDictionary(StringComparer.Ordinal);
        if (!nameOrFile.EndsWith(".cs", StringComparison.OrdinalIgnoreCase))
        {
            var (name, itsGrouping) = Described(await AskAsync([Programs.Node, "strategies", "describe", nameOrFile], cancel));
            if (name == "statistical-arbitrage")
            {
                foreach (var (key, value) in HurriedPair) pairs.TryAdd(key, value);
            }

            return new DemoStrategy(name, Programs.Node, pairs, itsGrouping);
        }

        var file = Path.GetFullPath(nameOrFile);
        if (!File.Exists(file))
            throw new Problem(ExitCode.NotFound, "there is no such strategy file", file, "the file does not exist", "penstock demo --strategy samples/TwoSidedMaker.cs");
        await BuildAsync(file, ["-v", "quiet"], cancel);
        var program = await BuildAsync(file, ["-getProperty:TargetPath"], cancel);
        var (known, grouping) = Described(await AskAsync([program, "describe"], cancel));
        return new DemoStrategy(known, program, pairs, grouping);
    }

    /// <summary>The node's list of strategies for the markets there are. Most trade one instrument each; some need several at once.</summary>
    public JsonArray On(IReadOnlyList<(string Venue, string Symbol)> markets)
    {
        var groups = Grouping switch
        {
            "SamePair" => markets.GroupBy(m => m.Symbol).Where(g => g.Count() > 1).Select(g => g.ToArray()),
            "Pair" => markets.GroupBy(m => m.Venue).Where(g => g.Count() > 1).Select(g => g.Take(2).ToArray()),
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

    private static (string Name, string Grouping) Described(string line) => line.Split(' ') is [var name, var grouping] ? (name, grouping) : (line, "");

    /// <summary>What the program said, or its problem.</summary>
    private static async Task<string> AskAsync(string[] arguments, CancellationToken cancel)
    {
        var (code, output, errors) = await DotnetAsync(arguments, cancel);
        if (code == 0) return output.Trim();
        string Part(string name) => errors.Split('\n').FirstOrDefault(l => l.TrimStart().StartsWith(name, StringComparison.Ordinal))?.TrimStart()[name.Length..].Trim() ?? "";
        throw new Problem((ExitCode)code, Part("penstock:"), Part("where:"), Part("why:"), Part("next:"));
    }

    private static async Task<(int Code, string Output, string Errors)> DotnetAsync(string[] arguments, CancellationToken cancel)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet", arguments)
        {
            RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
            // A build server left behind would keep the pipes open; the switch for it would make the .cs file an MSBuild project.
            Environment = { ["MSBUILDDISABLENODEREUSE"] = "1", ["UseSharedCompilation"] = "false" },
        };
        using var process = Process.Start(start) ?? throw new InvalidOperationException("dotnet could not be started.");
        var output = process.StandardOutput.ReadToEndAsync(cancel);
        var errors = process.StandardError.ReadToEndAsync(cancel);
        await process.WaitForExitAsync(cancel);
        return (process.ExitCode, await output, await errors);
    }

    private static async Task<string> BuildAsync(string file, string[] arguments, CancellationToken cancel)
    {
        var (code, output, errors) = await DotnetAsync(["build", file, "-c", "Release", .. arguments], cancel);
        if (code == 0) return output.Trim();
        var said = (output + errors).Split('\n').Where(l => l.Contains(": error", StringComparison.Ordinal)).Select(l => l.Trim()).Distinct().Take(5);
        throw new Problem(ExitCode.Error, "the strategy does not build", file, string.Join(Environment.NewLine, said), $"dotnet build {file}");
    }
}
