using System.CommandLine;
using Penstock.Control.Nodes;

namespace Penstock.Control.Verbs;

/// <summary>penstock import: what others recorded, as a recording that can be inspected and replayed.</summary>
internal static class ImportVerb
{
    public static Command Create()
    {
        var format = new Option<string>("--format") { Description = "cryptofeed, hftbacktest, tardis-trades, tardis-book, or recording (joins the files of a rotated capture).", Required = true };
        var files = new Argument<string[]>("file") { Description = "Files of one capture, merged by receive time; plain or gzip.", Arity = ArgumentArity.OneOrMore };
        var venue = new Option<string>("--venue") { Description = "The exchange they come from.", Required = true };
        var market = new Option<string?>("--market") { Description = "spot, usdm, linear …: the exchange's own word. Without: the venue's." };
        var output = new Option<string>("--out") { Description = "The recording to write (.jsonl.gz); it must not exist.", Required = true };
        var json = VerbOptions.Json();
        var command = new Command("import", "Turns cryptofeed, hftbacktest and tardis files into a recording/1.") { format, files, venue, market, output, json };
        command.SetAction((parsed, cancel) => NodeProgram.RunAsync(Programs.Node,
            [
                "import", "--format", parsed.GetValue(format)!, "--venue", parsed.GetValue(venue)!,
                .. parsed.GetValue(market) is { } word ? ["--market", word] : Array.Empty<string>(), "--out", Path.GetFullPath(parsed.GetValue(output)!), .. (parsed.GetValue(files) ?? []).SelectMany(f => new[] { "--file", f }),
                .. parsed.GetValue(json) ? ["--json"] : Array.Empty<string>(),
            ], cancel));
        return command;
    }
}
