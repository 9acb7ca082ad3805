using Penstock.Control.Nodes;
using System.CommandLine;

namespace Penstock.Control.Verbs;

/// <summary>penstock report: one HTML page of a run or a back test, which opens offline.</summary>
internal static class ReportVerb
{
    public static Command Create()
    {
        var journal = new Argument<string>("journal") { Description = "The journal folder of a run or a back test." };
        var output = new Option<string?>("--out") { Description = "The file to write; report.html beside the journal by default." };
        var csv = new Option<bool>("--csv") { Description = "The figures as CSV." };
        var list = new Option<string?>("--list") { Description = "With --csv, one list instead: fills or positions." };
        var json = VerbOptions.Json();
        var command = new Command("report", "Renders the tear sheet of a run or a back test.") { journal, output, csv, list, json };
        command.SetAction((parsed, cancel) => NodeProgram.RunAsync(Programs.Node,
            [
                "report", parsed.GetValue(journal)!, .. parsed.GetValue(output) is { } file ? ["--out", file] : Array.Empty<string>(),
                .. parsed.GetValue(list) is { } one ? ["--list", one] : Array.Empty<string>(),
                .. parsed.GetValue(csv) ? ["--csv"] : Array.Empty<string>(), .. parsed.GetValue(json) ? ["--json"] : Array.Empty<string>(),
            ], cancel));
        return command;
    }
}
