using Penstock.Connectivity;
using Penstock.Infrastructure.Locations;
using Penstock.Infrastructure.Plugins;
using Penstock.Strategies;

namespace Penstock.Node.Configuration;

/// <summary>What this node knows: the venues and strategies of the assemblies it was linked with, and of its plugins (R74).</summary>
internal static class Catalogs
{
    /// <summary>Names the folder where a configuration does not.</summary>
    private const string FolderVariable = "PENSTOCK_PLUGINS";

    /// <summary>Strategies come and go with swaps, while the shadow makes engines on a thread of its own.</summary>
    private static readonly Lock Gate = new();

    private static readonly List<Plugin> Found = [];
    private static readonly Dictionary<string, StrategyVersion> OfPlugins = new(StringComparer.Ordinal);
    private static volatile string[] _folders = [];

    public static VenueCatalog Venues { get; } = new([System.Reflection.Assembly.Load("Penstock.Venues")]);

    public static StrategyCatalog Strategies { get; } = new([typeof(StrategyCatalog).Assembly]);

    /// <summary>Code by its hash; what an engine is given, and what swaps are made from.</summary>
    public static PluginVersions Versions { get; } = new(() => _folders);

    /// <summary>Where plugins were looked for so far.</summary>
    public static IReadOnlyList<string> PluginFolders => _folders;

    /// <summary>Those looked for so far, usable or not.</summary>
    public static IReadOnlyList<Plugin> Plugins => Found;

    public static string PluginFolderOf(string configured) => Path.GetFullPath(
        configured.Length > 0 ? configured
        : Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } folder ? folder
        : Path.Combine(PenstockHome.Folder, "plugins"));

    /// <summary>
    /// Takes in the plugins of a folder, once. One that cannot be used keeps its message and disturbs nobody; of several versions of one the
    /// newest is used, the others wait for a swap.
    /// </summary>
    public static void LoadPlugins(string configured)
    {
        var folder = PluginFolderOf(configured);
        if (_folders.Contains(folder)) return;
        lock (Gate)
        {
            if (_folders.Contains(folder)) return;
            _folders = [.. _folders, folder];
            var plugins = PluginFolder.Load(folder);
            Found.AddRange(plugins);
            foreach (var versions in plugins.Where(p => p.Assembly is not null).GroupBy(p => p.Assembly!.GetName().Name, StringComparer.Ordinal))
            {
                var ordered = versions.OrderByDescending(p => p.Assembly!.GetName().Version).ToList();
                TakeIn(ordered[0]);
                foreach (var other in ordered.Skip(1).ToList()) Wait(other, ordered[0]);
            }
        }
    }

    public static IEnumerable<string> NamesOf(Plugin plugin) =>
        plugin.Assembly is { } assembly ? Strategies.NamesOf(assembly).Select(n => $"strategy {n}").Concat(Venues.NamesOf(assembly).Select(n => $"venue {n}")) : [];

    /// <summary>A strategy by its name, with the version it is; null when nobody brings one.</summary>
    public static IStrategy? Create(string name, out StrategyVersion version)
    {
        lock (Gate)
        {
            version = OfPlugins.GetValueOrDefault(name, StrategyVersion.BuiltIn);
            return Strategies.TryCreate(name, out var strategy) ? strategy : null;
        }
    }

    /// <summary>Built in when no plugin brings it.</summary>
    public static StrategyVersion VersionOf(string name)
    {
        lock (Gate) return OfPlugins.GetValueOrDefault(name, StrategyVersion.BuiltIn);
    }

    /// <summary>
    /// A version that is being replaced is kept in memory by nobody but what runs it; by its hash it can be loaded again. A plugin that brings
    /// venues too stays.
    /// </summary>
    public static void LetGo(StrategyVersion version)
    {
        lock (Gate)
        {
            if (Found.Find(p => p.Sha256 == version.Sha256) is not { Assembly: { } assembly } plugin || Venues.NamesOf(assembly).Any()) return;
            Strategies.Remove(assembly);
            plugin.LetGo();
        }
    }

    /// <summary>Behind "there is no such strategy": plugins that might have brought it.</summary>
    public static string PluginProblems()
    {
        var refused = Found.Where(p => p.Problem is not null).Select(p => $"plugin {p.Name}: {p.Problem}").ToList();
        return refused.Count == 0 ? "" : $"; {string.Join("; ", refused)}";
    }

    private static void TakeIn(Plugin plugin)
    {
        var assembly = plugin.Assembly!;
        var problem = Strategies.TryAdd(assembly);
        if (problem is null && Venues.TryAdd(assembly) is { } venueProblem)
        {
            Strategies.Remove(assembly);
            problem = venueProblem;
        }

        if (problem is not null) plugin.Refuse(problem);
        else if (!NamesOf(plugin).Any())
            plugin.Refuse("it announces no strategy and no venue: [assembly: Strategy<T>(\"name\")] or [assembly: Venue<T>(\"name\")] does");
        if (plugin.Problem is not null) return;
        Versions.Remember(plugin);
        foreach (var name in Strategies.NamesOf(assembly)) OfPlugins[name] = PluginVersions.Of(plugin);
    }

    private static void Wait(Plugin plugin, Plugin newest)
    {
        if (plugin.Version == newest.Version)
        {
            plugin.Refuse($"it is {newest.Name} again, of the same version {plugin.Version}: raise the version of the newer one");
            return;
        }

        plugin.WaitsBehind = newest.Name;
        plugin.LetGo();
    }
}
