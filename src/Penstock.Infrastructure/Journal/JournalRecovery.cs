namespace Penstock.Infrastructure.Journal;

/// <summary>What opening found and did.</summary>
/// <param name="LastSequence">The last record kept; 0 in an empty journal.</param>
/// <param name="TornBytesCut">Bytes of a torn tail that were set to zero; 0 after a clean close.</param>
/// <param name="SegmentsCut">Later segments set aside as *.cut because their predecessor's tail was lost with the power.</param>
/// <param name="Segment">The last segment kept; 0 in an empty journal.</param>
/// <param name="Offset">Where its records end.</param>
public readonly record struct JournalRecovery(
    long LastSequence, long TornBytesCut, int SegmentsCut, long Segment, long Offset);
