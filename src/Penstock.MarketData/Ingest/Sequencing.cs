using Penstock.Connectivity.Feeds;

namespace Penstock.MarketData.Ingest;

/// <summary>How a delta relates to what was applied before it.</summary>
internal enum DeltaPosition : byte
{
    Next,
    /// <summary>The snapshot contains it.</summary>
    Covered,
    Repeat,
    /// <summary>Follows, and carries nothing.</summary>
    Heartbeat,
    Gap,
}

/// <summary>The venues' continuity rules as pure functions of ids (R6, R7; venues/README §2).</summary>
internal static class Sequencing
{
    /// <summary>The first delta after a REST snapshot with id <paramref name="snapshotId"/>.</summary>
    public static DeltaPosition AfterSnapshot(Bridge bridge, long snapshotId, in FeedMessage delta) => bridge switch
    {
        Bridge.FirstAtMostNext when delta.LastUpdateId <= snapshotId => DeltaPosition.Covered,
        Bridge.FirstAtMostNext => delta.FirstUpdateId <= snapshotId + 1 ? DeltaPosition.Next : DeltaPosition.Gap,
        Bridge.ContainsSnapshotId when delta.LastUpdateId < snapshotId => DeltaPosition.Covered,
        Bridge.ContainsSnapshotId => delta.FirstUpdateId <= snapshotId ? DeltaPosition.Next : DeltaPosition.Gap,
        Bridge.PreviousEqualsSnapshotId when delta.LastUpdateId <= snapshotId => DeltaPosition.Covered,
        Bridge.PreviousEqualsSnapshotId => delta.PreviousUpdateId == snapshotId ? DeltaPosition.Next : DeltaPosition.Gap,
        _ => delta.LastUpdateId <= snapshotId ? DeltaPosition.Covered : DeltaPosition.Next,
    };

    /// <summary>Any later delta. An id the venue does not send proves nothing and is skipped.</summary>
    public static DeltaPosition AfterDelta(BookSyncRule rule, long lastId, in FeedMessage delta)
    {
        if (lastId == FeedMessage.NoId || delta.LastUpdateId == FeedMessage.NoId) return DeltaPosition.Next;
        return rule.Continuity switch
        {
            Continuity.FirstIsPreviousPlusOne => ByFirstId(lastId, in delta),
            Continuity.OverlapAllowed when delta.LastUpdateId <= lastId => DeltaPosition.Repeat,
            Continuity.OverlapAllowed => delta.FirstUpdateId <= lastId + 1 ? DeltaPosition.Next : DeltaPosition.Gap,
            Continuity.NeverBackwards => delta.LastUpdateId <= lastId ? DeltaPosition.Repeat : DeltaPosition.Next,
            Continuity.PreviousIdEqualsLast when delta.PreviousUpdateId != FeedMessage.NoId => ByPreviousId(rule, lastId, in delta),
            _ => DeltaPosition.Next,
        };
    }

    /// <summary>The id a delta goes on from: it holds every change after it, up to its last id.</summary>
    public static long Base(BookSyncRule rule, in FeedMessage delta) => rule.Continuity switch
    {
        Continuity.PreviousIdEqualsLast when delta.PreviousUpdateId != FeedMessage.NoId => delta.PreviousUpdateId,
        _ => (delta.FirstUpdateId == FeedMessage.NoId ? delta.LastUpdateId : delta.FirstUpdateId) - 1,
    };

    /// <summary>What should have come after <paramref name="lastId"/>, for reports.</summary>
    public static long Expected(BookSyncRule rule, long lastId) => rule.Continuity switch
    {
        Continuity.FirstIsPreviousPlusOne or Continuity.OverlapAllowed => lastId + 1,
        _ => lastId,
    };

    private static DeltaPosition ByFirstId(long lastId, in FeedMessage delta)
    {
        if (delta.LastUpdateId <= lastId) return DeltaPosition.Repeat;
        var first = delta.FirstUpdateId == FeedMessage.NoId ? delta.LastUpdateId : delta.FirstUpdateId;
        return first == lastId + 1 ? DeltaPosition.Next : DeltaPosition.Gap;
    }

    private static DeltaPosition ByPreviousId(BookSyncRule rule, long lastId, in FeedMessage delta)
    {
        if (delta.LastUpdateId == lastId)
        {
            return rule.EqualIdsAreHeartbeat && delta.PreviousUpdateId == lastId ? DeltaPosition.Heartbeat : DeltaPosition.Repeat;
        }

        if (delta.PreviousUpdateId == lastId)
            return delta.LastUpdateId > lastId || rule.IdsMayReset ? DeltaPosition.Next : DeltaPosition.Repeat;

        // Older than what is applied: seen before, unless the message itself says the venue restarted its numbers.
        var isReset = rule.IdsMayReset && delta.LastUpdateId < delta.PreviousUpdateId;
        return delta.LastUpdateId < lastId && !isReset ? DeltaPosition.Repeat : DeltaPosition.Gap;
    }
}
