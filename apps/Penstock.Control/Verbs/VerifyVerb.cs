using System.CommandLine;
using System.Text.Json.Nodes;
using Penstock.Infrastructure.Journal;
using Penstock.Infrastructure.Problems;

namespace Penstock.Control.Verbs;

/// <summary>penstock verify: every byte of a journal against its checksums and chain.</summary>
internal static class VerifyVerb
{
    public static Command Create()
    {
        var journal = new Argument<string>("journal") { Description = "A run's journal folder." };
        var json = VerbOptions.Json();
        var command = new Command("verify", "Checks a journal record by record; a flipped byte is named by segment and offset.") { journal, json };
        command.SetAction(parsed => Run(Path.GetFullPath(parsed.GetValue(journal)!), parsed.GetValue(json)));
        return command;
    }

    private static int Run(string folder, bool json)
    {
        if (!Directory.Exists(folder))
            throw new Problem(ExitCode.NotFound, "there is no such journal", folder, "the folder does not exist", "penstock demo prints the folder of its run when it ends");
        var verdict = JournalVerifier.Verify(folder);
        if (json)
        {
            Console.WriteLine(new JsonObject
            {
                ["ok"] = verdict.Ok, ["records"] = verdict.Records, ["bytes"] = verdict.Bytes, ["segments"] = verdict.Segments,
                ["condition"] = verdict.Condition.ToString(),
                ["badSegment"] = verdict.Ok ? null : verdict.Segment, ["badOffset"] = verdict.Ok ? null : verdict.Offset, ["fault"] = verdict.Ok ? null : verdict.Fault.ToString(),
            }.ToJsonString());
        }
        else if (verdict.Ok)
        {
            Console.WriteLine($"ok: {verdict.Records:N0} records, {verdict.Bytes:N0} bytes, {verdict.Segments} segments");
        }

        if (verdict.Ok) return (int)ExitCode.Ok;
        if (json) return (int)ExitCode.Error;
        throw new Problem(ExitCode.Error, "the journal is damaged", $"segment {verdict.Segment}, byte {verdict.Offset}", $"{verdict.Describe()}; {verdict.Records:N0} records before it are good",
            "restore the segment from a copy; the records before the damage can still be replayed");
    }
}
