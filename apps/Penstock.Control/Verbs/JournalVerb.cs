using System.CommandLine;
using Penstock.Control.Nodes;

namespace Penstock.Control.Verbs;

/// <summary>penstock journal: the segments and snapshots of a journal, and what of it may be archived or removed.</summary>
internal static class JournalVerb
{
    public static Command Create()
    {
        var command = new Command("journal", "Lists a journal's segments and snapshots; takes away what verified snapshots stand for.");
        command.Subcommands.Add(List());
        command.Subcommands.Add(Compact());
        return command;
    }

    private static Command List()
    {
        var journal = Folder();
        var json = VerbOptions.Json();
        var command = new Command("list", "Segments, oldest first, and snapshots, newest first.") { journal, json };
        command.SetAction((parsed, cancel) => NodeProgram.RunAsync(Programs.Node, ["journal", "list", parsed.GetValue(journal)!, .. Flag("--json", parsed.GetValue(json))], cancel));
        return command;
    }

    private static Command Compact()
    {
        var journal = Folder();
        var keep = new Option<int>("--keep-snapshots") { Description = "Segments these many verified snapshots would need stay.", DefaultValueFactory = _ => 2 };
        var age = new Option<string?>("--older-days") { Description = "Only segments last written longer ago." };
        var size = new Option<string?>("--max-mib") { Description = "Only as many, oldest first, as it takes to come down to this size." };
        var archive = new Option<string?>("--archive") { Description = "Move them into this folder instead of removing them." };
        var dry = new Option<bool>("--dry-run") { Description = "Say what would go; change nothing." };
        var json = VerbOptions.Json();
        var command = new Command("compact", "Verifies the snapshots, carries the audit records over, then moves or removes older segments.") { journal, keep, age, size, archive, dry, json };
        command.SetAction((parsed, cancel) => NodeProgram.RunAsync(Programs.Node,
            [
                "journal", "compact", parsed.GetValue(journal)!, "--keep-snapshots", $"{parsed.GetValue(keep)}", .. Pair("--older-days", parsed.GetValue(age)), .. Pair("--max-mib", parsed.GetValue(size)),
                .. Pair("--archive", parsed.GetValue(archive)), .. Flag("--dry-run", parsed.GetValue(dry)), .. Flag("--json", parsed.GetValue(json)),
            ], cancel));
        return command;
    }

    private static Argument<string> Folder() => new("journal") { Description = "A run's journal folder." };

    private static string[] Flag(string name, bool given) => given ? [name] : [];

    private static string[] Pair(string name, string? value) => value is null ? [] : [name, value];
}
