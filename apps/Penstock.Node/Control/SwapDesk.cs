using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
using Penstock.Infrastructure.Plugins;
using Penstock.Node.Configuration;
using Penstock.Node.Wiring;
using Penstock.Strategies;
using Penstock.Trading.Recovery;

namespace Penstock.Node.Control;

/// <summary>
/// Makes a new version of a strategy ready beside the one that trades (R74, R96): finds its file, loads it in a context of its own, checks its
/// settings and has its code compiled, all on the caller's thread. What reaches the trading thread is one command.
/// </summary>
internal sealed class SwapDesk(Pipeline pipeline, Func<EngineCommand, CommandResult?> send)
{
    private const int WarmUpMsUsual = 10_000;

    /// <summary>What the engine answered, or why nothing was asked of it.</summary>
    public CommandResult Swap(ushort id, JsonObject command, string who, string why)
    {
        var runner = pipeline.Engine.Strategies[id - 1];
        var name = runner.Context.Setup.Kind;
        if (NumberOf(command["warmUpMs"], WarmUpMsUsual) is not { } warmUpMs || warmUpMs > SwapOrder.WarmUpMsMax)
            return Refused($"the warm-up is at most {SwapOrder.WarmUpMsMax / 3_600_000} hours");
        if (NumberOf(command["events"], 1) is not { } events) return Refused("events is a whole number");
        if (Find((string?)command["to"] ?? "", name, out var plugin) is { } wrong) return Refused(wrong);
        var version = PluginVersions.Of(plugin!);
        if (version.Sha256 == runner.Version.Sha256) return Refused($"strategy {id} runs {version} already");
        if (SettingsOf(runner, command["settings"] as JsonObject ?? [], out var settings) is { } malformed) return Refused(malformed);
        if (Rehearse(plugin!, name, settings) is { } unfit) return Refused($"{version}: {unfit}");
        Catalogs.Versions.Remember(plugin!);
        var old = runner.Version;
        var order = new SwapOrder
        {
            Version = version, Strategy = name, Settings = settings, WarmUpMs = warmUpMs, WarmUpEvents = Math.Max(1, events),
        };
        var result = send(new EngineCommand
        {
            Kind = EngineCommandKind.SwapStrategy, Strategy = id, Text = order.ToJson(), Who = who, Why = why, NowNs = 0,
        });
        GC.KeepAlive(plugin); // until the engine has its instance: the trading thread must find the code loaded
        if (result is { Done: true } && IsFoundByHash(name)) Catalogs.LetGo(old);
        return result ?? Refused("the trading thread did not take the command within 2 s");
    }

    /// <summary>A journal of before versions were recorded knows its strategies by name only: the shadow needs the catalogue's copy then.</summary>
    private bool IsFoundByHash(string name) =>
        pipeline.Engine.Strategies.All(s => s.Context.Setup.Kind != name || s.Context.Setup.Version.Sha256.Length > 0);

    /// <summary>A file of the plugin folders by its name, or the one of that version. Null when there is one; else what is wrong.</summary>
    private static string? Find(string to, string name, out Plugin? found)
    {
        found = null;
        if (to.Length == 0) return "to is needed: a file of the plugin folder, or the version of one";
        var files = Catalogs.PluginFolders.SelectMany(PluginFolder.Files).ToList();
        if (files.Find(f => IsNamed(f, to)) is { } file) return Usable(found = PluginFolder.LoadFile(file), file, name);
        var others = new List<string>();
        foreach (var candidate in files)
        {
            if (PluginFolder.LoadFile(candidate) is not { Assembly: not null } plugin || Usable(plugin, candidate, name) is not null) continue;
            others.Add($"{plugin.Version} ({Path.GetFileName(candidate)})");
            if (plugin.Version != to) continue;
            if (found is not null && found.Sha256 != plugin.Sha256)
                return $"two files are version {to} of '{name}': {found.Path} and {candidate}; name the file";
            found = plugin;
        }

        if (found is not null) return null;
        var folder = string.Join(" or ", Catalogs.PluginFolders);
        return others.Count > 0 ? $"there is no '{to}' in {folder}; versions of '{name}' there: {string.Join(", ", others)}"
            : $"there is no '{to}' in {folder}, nor any plugin that brings '{name}': copy the new version's dll there, beside the old one";
    }

    private static bool IsNamed(string file, string to) =>
        file == Path.GetFullPath(to) || Path.GetFileName(file) == to || Path.GetFileNameWithoutExtension(file) == to;

    private static string? Usable(Plugin? plugin, string file, string name)
    {
        if (plugin is null) return $"{Path.GetFileName(file)} is no plugin: [assembly: PluginContract(PluginContractAttribute.Current)] makes it one";
        if (plugin.Assembly is not { } assembly) return $"{Path.GetFileName(file)}: {plugin.Problem}";
        try
        {
            var brings = assembly.GetCustomAttributes<StrategyAttribute>().Select(s => s.Name).ToList();
            return brings.Contains(name) ? null
                : $"{Path.GetFileName(file)} brings no strategy '{name}', it brings: {string.Join(", ", brings.DefaultIfEmpty("none"))}";
        }
        catch (Exception e) when (PluginCode.IsMisfit(e))
        {
            return $"{Path.GetFileName(file)}: its types do not fit this node: {e.Message}";
        }
    }

    /// <summary>Those of the running version with the changes over them.</summary>
    private static string? SettingsOf(StrategyRunner runner, JsonObject changes, out string settings)
    {
        settings = runner.Configuration;
        if (changes.Count == 0) return null;
        var wanted = EngineFactory.Settings(changes.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value ?? "")));
        return StrategySettings.Merge(runner.Configuration, wanted, out settings);
    }

    /// <summary>Everything that can go wrong without an event, tried here: what is compiled and checked once is quick the second time.</summary>
    private static string? Rehearse(Plugin plugin, string name, string settings)
    {
        if (PluginCode.Compile(plugin.Assembly!) is { } unfit) return $"its code does not fit this node: {unfit}";
        try
        {
            return plugin.Assembly!.GetCustomAttributes<StrategyAttribute>().First(s => s.Name == name).Create().Configure(settings) is { } refused
                ? $"it refuses the settings {settings}: {refused}" : null;
        }
        catch (Exception e)
        {
            return $"it threw when it was made: {(e.InnerException ?? e).Message}";
        }
    }

    private static long? NumberOf(JsonNode? node, long usual) => node is null ? usual
        : long.TryParse(node.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static CommandResult Refused(string why) => new(false, why);
}
