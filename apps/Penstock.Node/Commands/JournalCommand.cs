using System.Globalization;
using System.Text.Json.Nodes;
using Penstock.Infrastructure.Journal;
using Penstock.Infrastructure.Problems;
using Penstock.Infrastructure.Snapshots;
using Penstock.Strategies;

namespace Penstock.Node.Commands;

/// <summary>What a journal is made of, and what of it may go: segments and snapshots.</summary>
internal static class JournalCommand
{
    public static int Execute(Words words)
    {
        var json = words.Flag("--json");
        var action = words.Next("list or compact");
        return action switch
        {
            "list" => List(Folder(words), json, words),
            "compact" => Compact(words, json),
            _ => throw new Problem(ExitCode.Usage, $"there is no 'journal {action}'", "penstock journal", "known: list, compact", "penstock journal list FOLDER"),
        };
    }

    private static int List(string folder, bool json, Words words)
    {
        words.End();
        var segments = JournalSegments.List(folder);
        var files = NodeRecovery.Snapshots(folder).Files();
        if (json)
        {
            Console.WriteLine(new JsonObject
            {
                ["segments"] = new JsonArray([.. segments.Select(s => (JsonNode)Json(s))]),
                ["snapshots"] = new JsonArray([.. files.Select(f => (JsonNode)new JsonObject { ["file"] = f, ["record"] = SnapshotFolder.SequenceOf(f) })]),
            }.ToJsonString());
            return (int)ExitCode.Ok;
        }

        foreach (var s in segments)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"segment  {s.Number:D8}  {s.Bytes,14:N0} bytes  from record {s.FirstSequence,12:N0}  {s.Written:yyyy-MM-dd HH:mm:ss}Z  {s.CreatedBy}"));
        foreach (var f in files)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"snapshot {Path.GetFileName(f)}  {new FileInfo(f).Length:N0} bytes"));
        return (int)ExitCode.Ok;
    }

    private static int Compact(Words words, bool json)
    {
        var isDry = words.Flag("--dry-run");
        var policy = new CompactionPolicy
        {
            SnapshotsKept = (int)Number(words.Value("--keep-snapshots"), "--keep-snapshots", 1) is var kept and > 0 ? kept : 2,
            WrittenBefore = Number(words.Value("--older-days"), "--older-days", 0) is var days and > 0 ? DateTimeOffset.UtcNow.AddDays(-days) : null,
            BytesMax = Number(words.Value("--max-mib"), "--max-mib", 0) is var mib and > 0 ? (long)mib << 20 : null,
            Archive = words.Value("--archive") is { } archive ? Path.GetFullPath(archive) : null,
        };
        var folder = Folder(words);
        words.End();
        var compaction = new JournalCompaction(folder, NodeRecovery.Snapshots(folder), NodeRecovery.Create);
        var plan = compaction.Plan(policy);
        try
        {
            if (!isDry && compaction.Apply(plan, policy) is { } problem)
                throw new Problem(ExitCode.Error, "nothing was removed: the audit records could not be carried over", folder, problem, $"penstock verify {folder}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new Problem(ExitCode.Error, "the disk refused", folder, e.Message, "free space or permissions, then the same again: what was moved is moved");
        }

        if (json)
        {
            Console.WriteLine(new JsonObject
            {
                ["segments"] = new JsonArray([.. plan.Segments.Select(s => (JsonNode)Json(s))]), ["bytes"] = plan.Segments.Sum(s => s.Bytes),
                ["archive"] = policy.Archive, ["dryRun"] = isDry, ["why"] = plan.Why,
            }.ToJsonString());
            return (int)ExitCode.Ok;
        }

        var went = isDry ? "would go" : policy.Archive is null ? "removed" : $"moved to {policy.Archive}";
        var why = plan.Why.Length > 0 ? "; " + plan.Why : "";
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{plan.Segments.Count} segments, {plan.Segments.Sum(s => s.Bytes):N0} bytes {went}{why}"));
        return (int)ExitCode.Ok;
    }

    private static string Folder(Words words)
    {
        var folder = Path.GetFullPath(words.Next("a journal folder"));
        return Directory.Exists(folder) ? folder
            : throw new Problem(ExitCode.NotFound, "there is no such journal", folder, "the folder does not exist", "penstock demo prints the folder of its run when it ends");
    }

    private static double Number(string? text, string option, double least) => text is null ? 0
        : double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number >= least ? number
        : throw new Problem(ExitCode.Usage, $"'{text}' is not a number for {option}", "penstock journal compact", $"expected {least} or more", "penstock journal compact FOLDER --keep-snapshots 2");

    private static JsonObject Json(JournalSegmentInfo segment) => new()
    {
        ["segment"] = segment.Number, ["bytes"] = segment.Bytes, ["firstRecord"] = segment.FirstSequence,
        ["written"] = segment.Written.ToString("O", CultureInfo.InvariantCulture), ["createdBy"] = segment.CreatedBy,
    };
}
