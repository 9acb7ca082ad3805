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

    private static readonly HashSet<string> Loaded = new(StringComparer.Ordinal);
    private static readonly List<Plugin> Found = [];

    public static VenueCatalog Venues { get; } = new([System.Reflection.Assembly.Load("Penstock.Venues")]);

    public static StrategyCatalog Strategies { get; } = new([typeof(StrategyCatalog).Assembly]);

    /// <summary>Those looked for so far, usable or not.</summary>
    public static IReadOnlyList<Plugin> Plugins => Found;

    public static string PluginFolderOf(string configured) => Path.GetFullPath(
        configured.Length > 0 ? configured
        : Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } folder ? folder
        : Path.Combine(PenstockHome.Folder, "plugins"));

    /// <summary>Takes in the plugins of a folder, once. One that cannot be used keeps its message and disturbs nobody.</summary>
    public static void LoadPlugins(string configured)
    {
        var folder = PluginFolderOf(configured);
        if (!Loaded.Add(folder)) return;
        foreach (var plugin in PluginFolder.Load(folder))
        {
            Found.Add(plugin);
            if (plugin.Assembly is not { } assembly) continue;
            var problem = Strategies.TryAdd(assembly);
            if (problem is null && Venues.TryAdd(assembly) is { } venueProblem)
            {
                Strategies.Remove(assembly);
                problem = venueProblem;
            }

            if (problem is not null) plugin.Refuse(problem);
            else if (!NamesOf(plugin).Any()) plugin.Refuse("it announces no strategy and no venue: [assembly: Strategy<T>(\"name\")] or [assembly: Venue<T>(\"name\")] does");
        }
    }

    public static IEnumerable<string> NamesOf(Plugin plugin) =>
        plugin.Assembly is { } assembly ? Strategies.NamesOf(assembly).Select(n => $"strategy {n}").Concat(Venues.NamesOf(assembly).Select(n => $"venue {n}")) : [];

    /// <summary>Behind "there is no such strategy": plugins that might have brought it.</summary>
    public static string PluginProblems()
    {
        var refused = Found.Where(p => p.Problem is not null).Select(p => $"plugin {p.Name}: {p.Problem}").ToList();
        return refused.Count == 0 ? "" : $"; {string.Join("; ", refused)}";
    }
}
