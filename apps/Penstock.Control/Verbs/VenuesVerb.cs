using System.CommandLine;
using Penstock.Control.Nodes;

namespace Penstock.Control.Verbs;

/// <summary>penstock venues: what can be connected to, and how each did in the conformance suite.</summary>
internal static class VenuesVerb
{
    public static Command Create()
    {
        var json = VerbOptions.Json();
        var command = new Command("venues", "Lists the venues: markets, capabilities, result of the conformance suite.") { json };
        command.SetAction((parsed, cancel) => NodeProgram.RunAsync(
            Programs.Node, ["venues", .. parsed.GetValue(json) ? ["--json"] : Array.Empty<string>()], cancel));
        return command;
    }
}
