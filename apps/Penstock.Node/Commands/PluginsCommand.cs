using System.Text.Json.Nodes;
using Penstock.Infrastructure.Plugins;
using Penstock.Infrastructure.Problems;
using Penstock.Node.Configuration;

namespace Penstock.Node.Commands;

/// <summary>plugins list [--folder DIR]: what was found, what it brings, and why it is not used.</summary>
internal static class PluginsCommand
{
    public static int Execute(Words words)
    {
        if (words.Next("list") != "list") throw new Problem(ExitCode.Usage, "plugins has one form", "penstock plugins", "expected list", "penstock plugins list");
        var json = words.Flag("--json");
        var folder = words.Value("--folder") ?? "";
        words.End();
        Catalogs.LoadPlugins(folder);
        if (json) PrintJson(Catalogs.PluginFolderOf(folder));
        else PrintText(Catalogs.PluginFolderOf(folder));
        return (int)ExitCode.Ok;
    }

    private static void PrintJson(string folder) => Console.WriteLine(new JsonObject
    {
        ["folder"] = folder, ["contract"] = PluginContractAttribute.Current,
        ["plugins"] = new JsonArray([.. Catalogs.Plugins.Select(p => (JsonNode)new JsonObject
        {
            ["name"] = p.Name, ["path"] = p.Path, ["contract"] = p.Contract, ["version"] = p.Version,
            ["sha256"] = p.Sha256, ["waitsBehind"] = p.WaitsBehind, ["usable"] = p.Problem is null, ["problem"] = p.Problem,
            ["brings"] = new JsonArray([.. Catalogs.NamesOf(p).Select(n => (JsonNode)n)]),
        })]),
    }.ToJsonString());

    private static void PrintText(string folder)
    {
        Console.WriteLine($"{Catalogs.Plugins.Count} plugins in {folder}; this node has contract {PluginContractAttribute.Current}");
        foreach (var plugin in Catalogs.Plugins) Console.WriteLine($"{plugin.Name,-24} {plugin.Version,-8} {About(plugin)}");
    }

    private static string About(Plugin plugin) =>
        plugin.Problem is { } problem ? $"NOT USED: {problem}"
        : plugin.WaitsBehind is { } newer ? $"another version of {newer}: penstock ctl strategy swap ID --to {Path.GetFileName(plugin.Path)}"
        : string.Join(", ", Catalogs.NamesOf(plugin));
}
