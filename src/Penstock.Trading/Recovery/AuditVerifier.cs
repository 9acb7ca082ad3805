using Penstock.Infrastructure.Journal;

namespace Penstock.Trading.Recovery;

/// <summary>The judgement over an audit trail. For a bad one, where it goes bad first.</summary>
/// <param name="Records">Good links before the first bad one.</param>
/// <param name="Head">Hash of the last good one, hexadecimal.</param>
/// <param name="Fault">Null when every link is there.</param>
/// <param name="Segment">Of the bad link, or of the journal's end.</param>
/// <param name="Offset">In that segment.</param>
/// <param name="Sequence">Journal record of the bad link, or the last one.</param>
public sealed record AuditVerdict(long Records, string Head, string? Fault, long Segment, long Offset, long Sequence)
{
    public bool Ok => Fault is null;

    /// <summary>The one beside the journal, or the copy that was handed in where that reaches further; null where there is none.</summary>
    public AuditAnchor? Anchor { get; init; }

    /// <summary>Journal records behind the anchor: that they are all there, or that there were no more, nothing can show.</summary>
    public long RecordsBeyond => Sequence - (Anchor?.Sequence ?? 0);
}

/// <summary>
/// Follows the audit trail of a journal link by link (R145) and compares its end with the anchor. The journal's own checksums
/// are <see cref="JournalVerifier"/>'s business; here only intact records are looked at.
/// </summary>
public static class AuditVerifier
{
    /// <param name="journal">The journal's folder.</param>
    /// <param name="visit">Every good link, with its journal record.</param>
    /// <param name="copy">An anchor of this journal that was kept elsewhere; both have to fit.</param>
    public static AuditVerdict Verify(string journal, Action<long, AuditEntry>? visit = null, AuditAnchor? copy = null)
    {
        var trail = new AuditTrail();
        var beside = AuditAnchor.Load(journal, out var problem);
        AuditAnchor[] anchors = [.. new[] { beside, copy }.OfType<AuditAnchor>()];
        var isAnchored = false;
        problem = AuditCarry.Load(journal, trail, Visit) ?? problem;
        using var reader = JournalReader.Open(journal);
        if (problem is not null) return Verdict(trail, reader, problem, reader.Offset, anchors);
        while (reader.TryRead(out var record))
        {
            if (record.Type == (ushort)EngineRecordType.Audit)
            {
                if (trail.TryFollow(record.Payload, out var entry) is { } fault) return Verdict(trail, reader, fault, record.Offset, anchors);
                Visit(record.Sequence, entry!);
                if (anchors.Any(a => a.Number == trail.Number && a.Head != Hex(trail)))
                    return Verdict(trail, reader, "it is another one than the anchor names", record.Offset, anchors);
            }

            foreach (var anchor in anchors)
            {
                if (anchor.Sequence == record.Sequence && anchor.Chain != reader.Chain)
                    return Verdict(trail, reader, "the journal is another one than the anchor was made of", record.Offset, anchors);
            }
        }

        var cut = anchors.Select(anchor => trail.Number < anchor.Number ? $"the trail ends at number {trail.Number}, the anchor names {anchor.Number}"
                : reader.Sequence < anchor.Sequence ? $"the journal ends at record {reader.Sequence}, the anchor names {anchor.Sequence}" : null)
            .FirstOrDefault(fault => fault is not null);
        if (beside is null && isAnchored)
            cut ??= $"{AuditAnchor.FileName} is not there, and its sessions say that one is kept: the end may have been cut off";
        return Verdict(trail, reader, cut, reader.Offset, anchors);

        void Visit(long sequence, AuditEntry entry)
        {
            isAnchored |= entry is { Kind: EngineCommandKind.None, Why: AuditEntry.AnchoredSessionBegan };
            visit?.Invoke(sequence, entry);
        }
    }

    private static AuditVerdict Verdict(AuditTrail trail, JournalReader reader, string? fault, long offset, AuditAnchor[] anchors) =>
        new(trail.Number, Hex(trail), fault, reader.Segment, offset, reader.Sequence) { Anchor = anchors.MaxBy(a => a.Sequence) };

    private static string Hex(AuditTrail trail) => Convert.ToHexStringLower(trail.Head);
}
