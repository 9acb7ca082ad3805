using Penstock.Connectivity.Feeds;

namespace Penstock.MarketData.Ingest;

/// <summary>What was published of one instrument, whichever line it came from.</summary>
internal sealed class MergedInstrument(BookSyncRule rule)
{
    private const int RecentUpdates = 64;

    private readonly long[] _recentIds = new long[RecentUpdates];
    private readonly LineArrival[] _recentArrivals = new LineArrival[RecentUpdates];
    private int _next;

    /// <summary>The line that leads: its book is published (lead and shadow), its messages without id are (by id).</summary>
    public int Leader;

    /// <summary>By id: the published book is right up to <see cref="LastId"/>.</summary>
    public bool IsRight;

    public long LastId = FeedMessage.NoId;

    /// <summary>How often the venue restarted its ids, as published.</summary>
    public int Generation;

    public long GenerationSinceNs;

    public long LastAdvanceNs;

    /// <summary>Messages at or below <see cref="LastId"/> since it moved last.</summary>
    public int LateSinceAdvance;

    public long LastBestBidAskId;
    public int BestBidAskLine;

    /// <summary>As last published in a FeedHealth event.</summary>
    public bool IsStale;

    public TradeWindow Trades { get; } = new(rule.TradeIds);

    /// <summary>Of the published book; null where the venue has neither checksum nor depth limit, or lines keep their own.</summary>
    public ChecksumBook? Levels { get; } =
        rule.Merge == FeedMerge.ById && (rule.Checksum is not null || rule.PruneDepth > 0) ? new ChecksumBook(rule.Checksum, rule.PruneDepth) : null;

    public void Remember(long id, LineArrival arrival)
    {
        _recentIds[_next] = id;
        _recentArrivals[_next] = arrival;
        _next = (_next + 1) % RecentUpdates;
    }

    /// <summary>Who brought an update first; no line when that is longer ago than 64 updates.</summary>
    public LineArrival FirstArrival(long id)
    {
        var index = _recentIds.AsSpan().IndexOf(id);
        return index < 0 || _recentArrivals[index].Ns == 0 ? LineArrival.None : _recentArrivals[index];
    }
}
