using System.CommandLine;
using Penstock.Control.Faults;
using Penstock.Control.Nodes;
using Penstock.Infrastructure.Problems;

namespace Penstock.Control.Verbs;

/// <summary>penstock ctl fault: makes something go wrong on purpose, in simulation only.</summary>
internal static class CtlFaultVerb
{
    public static Command Create()
    {
        var kind = new Argument<string>("kind") { Description = $"One of {string.Join(", ", FaultBench.Kinds)}." };
        var venue = new Option<string>("--venue")
        {
            Description = "Whom it is about; not needed where a process is killed or answers wait.", DefaultValueFactory = _ => "",
        };
        var off = new Option<bool>("--off") { Description = "Takes all faults of the venue away." };
        var why = new Option<string>("--why", "--reason") { Description = "Why; journaled with the fault.", Required = true };
        var node = VerbOptions.Node();
        var json = VerbOptions.Json();
        var command = new Command("fault", "Makes a simulated venue, a reader, a queue or a process fail on purpose; never outside of simulation.")
        {
            kind, venue, off, why, node, json,
        };
        command.SetAction(async (parsed, cancel) =>
        {
            var entry = NodeRegistry.Find(parsed.GetValue(node));
            using var bench = new FaultBench(entry.Data, async question => await NodeClient.AskAsync(entry, question, cancel).ConfigureAwait(false));
            var answer = await bench.DoAsync(
                parsed.GetValue(venue)!, parsed.GetValue(kind)!, !parsed.GetValue(off), Environment.UserName, parsed.GetValue(why)!);
            if ((string?)answer!["error"] is { } error)
                throw new Problem(ExitCode.Refused, "the fault was not injected", entry.Data, error, "penstock ctl fault --help");
            Console.WriteLine(parsed.GetValue(json) ? answer.ToJsonString() : $"{entry.Name}: {(string?)answer["result"]}");
            return (int)ExitCode.Ok;
        });
        return command;
    }
}
