using Penstock.Infrastructure.Counters;

namespace Penstock.Node.Reporting;

/// <summary>What is written down: journal, shadow engine, files of evidence.</summary>
internal static partial class NodeCounters
{
    // Journal. No label.
    public static readonly CounterDeclaration JournalRecords = Total(600, "journal_records", "Records appended since the journal was opened.");
    public static readonly CounterDeclaration JournalBytes = Total(601, "journal_bytes", "Bytes appended, headers and padding included.");
    public static readonly CounterDeclaration JournalRefused =
        Total(602, "journal_appends_refused", "Appends refused: the journal has failed, or the record was too large.");
    public static readonly CounterDeclaration JournalRolled = Total(603, "journal_segments_rolled", "Times the journal went on in a next segment.");
    public static readonly CounterDeclaration JournalInline =
        Total(604, "journal_segments_prepared_inline", "Of these, prepared by the trading thread itself because no segment was ready.");
    public static readonly CounterDeclaration JournalCommits = Total(605, "journal_commits", "Group commits to the disk.");
    public static readonly CounterDeclaration JournalCommitted = Total(606, "journal_records_committed", "Records made durable by them.");
    public static readonly CounterDeclaration JournalCommitFailures =
        Total(607, "journal_commit_failures", "Commits that failed; after the first one the journal takes no more records.");
    public static readonly CounterDeclaration JournalUncommitted =
        Gauge(608, "journal_uncommitted_records", "Records a power failure would lose right now.");

    // The shadow engine. No label.
    public static readonly CounterDeclaration ShadowRecords = Total(3200, "shadow_records", "Journal records the shadow engine has followed.");
    public static readonly CounterDeclaration ShadowSnapshots = Total(3201, "shadow_snapshots", "Snapshots written, each verified before.");
    public static readonly CounterDeclaration ShadowUnverified =
        Total(3202, "shadow_snapshots_unverified", "Snapshots not written because the state loaded from one differed: a defect of this program.");
    public static readonly CounterDeclaration ShadowFailures = Total(3203, "shadow_snapshot_failures", "Snapshots the disk refused.");
    public static readonly CounterDeclaration ShadowRefused =
        Gauge(3204, "shadow_snapshots_refused", "Snapshots found at the start that were of no use.");
    public static readonly CounterDeclaration ShadowStateBytes = Gauge(3205, "shadow_state_bytes", "Size of the last snapshot's state.");
    public static readonly CounterDeclaration ShadowDifferences =
        Total(3206, "shadow_differences",
            "1 once the shadow came to another decision than the journal says; it stops then, and it is a defect of this program.");
    public static readonly CounterDeclaration ShadowAnchorFailures =
        Total(3207, "shadow_anchor_failures", "Times the anchor of the audit trail could not be written.");
    public static readonly CounterDeclaration ShadowAnchoredRecords =
        Gauge(3780, "shadow_anchored_records", "The last journal record under the anchor: what lies behind it could be cut off unnoticed.");

    // Files of evidence. Label: the role of who writes them.
    public static readonly CounterDeclaration QuarantineFrames = Total(650, "quarantine_frames", "Inputs offered to the quarantine file.");
    public static readonly CounterDeclaration QuarantineDropped =
        Total(651, "quarantine_frames_dropped", "Of these, lost because the queue to the file was full.");
    public static readonly CounterDeclaration QuarantineWritten = Total(652, "quarantine_frames_written", "Of these, written.");
    public static readonly CounterDeclaration QuarantineFailures =
        Total(653, "quarantine_write_failures", "Of these, lost because the file is full or the disk refused.");
    public static readonly CounterDeclaration CaptureEvents = Total(660, "capture_events", "Raw frames written to the capture.");
    public static readonly CounterDeclaration CaptureBytes = Total(661, "capture_bytes", "Their bytes before compression.");
    public static readonly CounterDeclaration CaptureFiles = Total(662, "capture_files", "Capture files begun.");
    public static readonly CounterDeclaration CaptureLost = Total(663, "capture_lost", "Raw frames lost because the disk refused them.");
    public static readonly CounterDeclaration CaptureStampsRaised =
        Total(665, "capture_stamps_raised", "Lines whose time was raised to that of the line before: REST answers are stamped on another thread.");
    public static readonly CounterDeclaration CaptureErrors = Total(664, "capture_errors", "Errors of the disk while capturing.");
}
