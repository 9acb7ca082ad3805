using Penstock.Control.Nodes;
using System.CommandLine;
using Penstock.Infrastructure.Locations;

namespace Penstock.Control.Verbs;

/// <summary>penstock run: a node in the foreground. It lives by itself; control planes come and go.</summary>
internal static class RunVerb
{
    public static Command Create()
    {
        var config = new Option<string>("--config") { Description = "The node's configuration file.", Required = true };
        var keys = new Option<string?>("--keys") { Description = "Plain key file (0600) of simulated venues; real keys lie in the key store that the configuration names." };
        var data = new Option<string?>("--data") { Description = "Folder for journal, rings, counters and logs." };
        var set = new Option<string[]>("--set") { Description = "Overrides a configuration key: --set risk.orderNotionalMax=500.", AllowMultipleArgumentsPerToken = false };
        var live = new Option<bool>("--live")
        {
            Description = "Real orders, real money: needed beside \"environment\": \"live\", refused with any other.",
        };
        var command = new Command("run", "Runs a node with a configuration file.") { config, keys, data, set, live };
        command.SetAction((parsed, cancel) =>
        {
            List<string> arguments = ["run", "--config", parsed.GetValue(config)!];
            if (parsed.GetValue(keys) is { } keyFile) arguments.AddRange(["--keys", keyFile]);
            arguments.AddRange(["--data", Path.GetFullPath(parsed.GetValue(data) ?? Path.Combine(PenstockHome.Folder, "node"))]);
            if (parsed.GetValue(live)) arguments.Add("--live");
            foreach (var item in parsed.GetValue(set) ?? []) arguments.AddRange(["--set", item]);
            return NodeProgram.RunAsync(Programs.Node, arguments, cancel);
        });
        return command;
    }
}
