using System.CommandLine;
using System.Text.Json.Nodes;
using Penstock.Control.Audit;
using Penstock.Infrastructure.Journal;
using Penstock.Infrastructure.Problems;
using Penstock.Trading.Recovery;

namespace Penstock.Control.Verbs;

/// <summary>
/// penstock verify: every byte of a journal against its checksums and chain, then its audit trail link by link against its anchor; or an
/// exported audit trail by the hashes it carries.
/// </summary>
internal static class VerifyVerb
{
    public static Command Create()
    {
        var journal = new Argument<string>("journal") { Description = "A run's journal folder, or a file with its exported audit trail." };
        var anchor = new Option<string>("--anchor")
        {
            Description = "A copy of the journal's audit.anchor, kept where the journal's writer cannot write; a log with such a line will do.",
        };
        var json = VerbOptions.Json();
        var command = new Command(
            "verify", "Checks a journal record by record and its audit trail link by link; what is wrong is named by segment and record.")
        {
            journal, anchor, json,
        };
        command.SetAction(parsed => Run(Path.GetFullPath(parsed.GetValue(journal)!), parsed.GetValue(anchor), parsed.GetValue(json)));
        return command;
    }

    private static int Run(string folder, string? anchor, bool json)
    {
        if (File.Exists(folder) && anchor is not null)
            throw new Problem(ExitCode.Usage, "an anchor says how far a journal comes, and this is no journal's folder", folder,
                "an exported audit trail holds no journal records", "penstock verify JOURNAL --anchor FILE");
        if (File.Exists(folder)) return Export(folder, json);
        if (!Directory.Exists(folder))
            throw new Problem(ExitCode.NotFound, "there is no such journal", folder, "the folder does not exist",
                "penstock demo prints the folder of its run when it ends");
        if (!Directory.EnumerateFiles(folder, "*.pjl").Any())
            throw new Problem(ExitCode.NotFound, "there is no journal in this folder", folder, "it holds no segment (*.pjl)",
                "name the folder journal below a run's folder");
        var verdict = JournalVerifier.Verify(folder);
        var copy = anchor is null ? null : Anchor(anchor);
        var audit = verdict.Ok ? AuditVerifier.Verify(folder, copy: copy) : null;
        var ok = audit is { Ok: true };
        if (json) Console.WriteLine(Json(verdict, audit).ToJsonString());
        else if (ok) Console.WriteLine(
            $"ok: {verdict.Records:N0} records, {verdict.Bytes:N0} bytes, {verdict.Segments} segments; "
            + $"{audit!.Records:N0} audit records, head {audit.Head}\n{Reach(audit)}");

        if (ok) return (int)ExitCode.Ok;
        if (json) return (int)ExitCode.Error;
        if (audit is not null)
            throw new Problem(ExitCode.Error, "the audit trail is not what was written",
                $"segment {audit.Segment}, byte {audit.Offset}, record {audit.Sequence}",
                $"{audit.Fault}; {audit.Records:N0} audit records before it are good",
                "compare with a copy of the journal, or of its audit.anchor, from before");
        throw new Problem(ExitCode.Error, "the journal is damaged",
            $"segment {verdict.Segment}, byte {verdict.Offset}, record {verdict.LastSequence + 1}",
            $"{verdict.Describe()}; {verdict.Records:N0} records before it are good",
            "restore the segment from a copy; the records before the damage can still be replayed");
    }

    /// <summary>Up to where a cut end would have been found.</summary>
    private static string Reach(AuditVerdict audit) => audit switch
    {
        { Anchor: not { } } => $"warning: there is no {AuditAnchor.FileName} (a node's journal has one): whether its end was cut off cannot be told",
        { Anchor: { } anchor, RecordsBeyond: 0 } => $"anchor: at record {anchor.Sequence:N0}, audit record {anchor.Number:N0}, the journal's end",
        { Anchor: { } anchor } => $"anchor: at record {anchor.Sequence:N0}, audit record {anchor.Number:N0}; whether there were more than the "
            + $"{audit.RecordsBeyond:N0} records beyond it cannot be told",
    };

    /// <summary>The last line of the file that holds an anchor: one alone, or the log of a node.</summary>
    private static AuditAnchor Anchor(string file)
    {
        const string Mark = "penstock-anchor/";
        AuditAnchor? last = null;
        foreach (var line in ReadText(file).Split('\n'))
        {
            if (line.IndexOf(Mark, StringComparison.Ordinal) is >= 0 and var at) last = AuditAnchor.Parse(line[at..].Split('"')[0]) ?? last;
        }

        return last ?? throw new Problem(ExitCode.NotFound, "there is no anchor in this file", file,
            "no line of it is an anchor as it was written", "name a copy of a journal's audit.anchor, or a node.jsonl with its Anchored lines");
    }

    private static int Export(string file, bool json)
    {
        var (records, head, fault) = AuditExport.Check(ReadText(file));
        if (fault == AuditExport.NoExport && !json)
            throw new Problem(ExitCode.NotFound, "this is neither a journal's folder nor an exported audit trail", file, fault,
                "penstock verify JOURNAL");
        if (json) Console.WriteLine(
            new JsonObject { ["ok"] = fault is null, ["auditRecords"] = records, ["auditHead"] = head, ["auditFault"] = fault }.ToJsonString());
        else if (fault is null) Console.WriteLine($"ok: {records:N0} audit records, head {head}");
        if (fault is null) return (int)ExitCode.Ok;
        if (json) return (int)ExitCode.Error;
        throw new Problem(ExitCode.Error, "the exported audit trail is not what was written", file,
            $"{fault}; {records:N0} audit records before it are good",
            "export it anew, or compare its head with that of `penstock verify JOURNAL`");
    }

    private static string ReadText(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new Problem(ExitCode.Error, "the file cannot be read", file, e.Message, "penstock verify FILE, where you may read it");
        }
    }

    private static JsonObject Json(JournalVerdict verdict, AuditVerdict? audit)
    {
        var isBad = audit is not { Ok: true };
        return new JsonObject
        {
            ["ok"] = !isBad, ["records"] = verdict.Records, ["bytes"] = verdict.Bytes, ["segments"] = verdict.Segments,
                ["condition"] = verdict.Condition.ToString(),
            ["badSegment"] = !isBad ? null : audit?.Segment ?? verdict.Segment, ["badOffset"] = !isBad ? null : audit?.Offset ?? verdict.Offset,
            ["badRecord"] = !isBad ? null : audit?.Sequence ?? verdict.LastSequence + 1,
            ["fault"] = !isBad ? null : verdict.Ok ? "AuditTrail" : verdict.Fault.ToString(),
            ["auditRecords"] = audit?.Records, ["auditHead"] = audit?.Head, ["auditFault"] = audit?.Fault,
            ["anchorFound"] = audit is null ? null : audit.Anchor is not null, ["anchorRecord"] = audit?.Anchor?.Sequence,
            ["anchorAuditRecord"] = audit?.Anchor?.Number, ["recordsBeyondAnchor"] = audit?.RecordsBeyond,
        };
    }
}
