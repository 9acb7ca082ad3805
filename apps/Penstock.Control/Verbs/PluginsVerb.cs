using System.CommandLine;
using Penstock.Control.Nodes;

namespace Penstock.Control.Verbs;

/// <summary>penstock plugins: strategies and venues of assemblies of your own.</summary>
internal static class PluginsVerb
{
    public static Command Create()
    {
        var folder = new Option<string?>("--folder") { Description = "Where to look; PENSTOCK_PLUGINS, or plugins in the home folder, unless given." };
        var json = VerbOptions.Json();
        var list = new Command("list", "Every plugin found: what it brings, or why it is not used.") { folder, json };
        list.SetAction((parsed, cancel) => NodeProgram.RunAsync(Programs.Node,
            ["plugins", "list", .. parsed.GetValue(folder) is { } path ? ["--folder", path] : Array.Empty<string>(), .. parsed.GetValue(json) ? ["--json"] : Array.Empty<string>()], cancel));
        return new Command("plugins", "Strategies and venues of assemblies of your own.") { list };
    }
}
