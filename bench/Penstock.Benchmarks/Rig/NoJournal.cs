using Penstock.Infrastructure.Journal;

namespace Penstock.Benchmarks.Rig;

/// <summary>Takes every record and keeps none: the journal has rows of its own.</summary>
internal sealed class NoJournal : IJournalAppender
{
    public long Sequence { get; private set; }

    public long Append(ushort type, ReadOnlySpan<byte> payload) => ++Sequence;
}
