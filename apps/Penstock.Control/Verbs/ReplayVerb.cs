using Penstock.Control.Nodes;
using System.CommandLine;

namespace Penstock.Control.Verbs;

/// <summary>penstock replay: a recorded session again, through the same core, to the same state hash.</summary>
internal static class ReplayVerb
{
    public static Command Create()
    {
        var journal = new Argument<string>("journal") { Description = "A run's journal folder." };
        var speed = new Option<string>("--speed") { Description = "max, or a multiple of real time such as 1x.", DefaultValueFactory = _ => "max" };
        var json = VerbOptions.Json();
        var command = new Command("replay", "Runs a recorded session again and compares every decision.") { journal, speed, json };
        command.SetAction((parsed, cancel) => NodeProgram.RunAsync(Programs.Node,
            ["replay", parsed.GetValue(journal)!, "--speed", parsed.GetValue(speed)!, .. parsed.GetValue(json) ? ["--json"] : Array.Empty<string>()], cancel));
        return command;
    }
}
