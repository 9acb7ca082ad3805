using Penstock.Control.Nodes;
using System.CommandLine;

namespace Penstock.Control.Verbs;

/// <summary>penstock config: the node's configuration, checked, shown or described. The node program knows its own schema.</summary>
internal static class ConfigVerb
{
    public static Command Create()
    {
        var command = new Command("config", "Checks, shows and describes configuration files.");
        command.Subcommands.Add(WithFile("check", "Reads a file and reports every error at once."));
        command.Subcommands.Add(WithFile("show", "Prints the effective configuration and where each value came from."));
        var schema = new Command("schema", "Prints the JSON schema of the configuration file.");
        schema.SetAction((_, cancel) => NodeProgram.RunAsync(Programs.Node, ["config", "schema"], cancel));
        command.Subcommands.Add(schema);
        return command;
    }

    private static Command WithFile(string name, string description)
    {
        var file = new Argument<string>("file") { Description = "The configuration file." };
        var set = new Option<string[]>("--set") { Description = "Overrides a key: --set name=value." };
        var command = new Command(name, description) { file, set };
        command.SetAction((parsed, cancel) => NodeProgram.RunAsync(Programs.Node,
            ["config", name, parsed.GetValue(file)!, .. (parsed.GetValue(set) ?? []).SelectMany(s => new[] { "--set", s })], cancel));
        return command;
    }
}
