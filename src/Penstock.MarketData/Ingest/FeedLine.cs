using Penstock.Connectivity.Feeds;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;

namespace Penstock.MarketData.Ingest;

/// <summary>One of several connections of a venue, as the parts of its ingest see the others (R9). The feed's thread only.</summary>
internal sealed class FeedLine(LineMerge merge, int index, FeedIngest ingest)
{
    /// <summary>How long a hole is left to the other lines before this one asks the venue for a book.</summary>
    public const long PatienceNs = 500_000_000;

    private readonly bool _byId = merge.Rule.Merge == FeedMerge.ById;

    public int Index { get; } = index;

    public FeedIngest Ingest { get; } = ingest;

    public FeedLineStatistics Statistics { get; } = new();

    /// <summary>By id there is one book of an instrument, else every line has its own, to take over with.</summary>
    public ChecksumBook? LevelsOf(InstrumentId id) => _byId ? merge.Of(id).Levels : new ChecksumBook(merge.Rule.Checksum, merge.Rule.PruneDepth);

    /// <summary>Another line's book of the instrument is right, and counts the ids as what is published does.</summary>
    public bool IsCarried(InstrumentFeed feed) => merge.RightLineBut(Index, feed.Id) >= 0;

    public bool Leads(InstrumentFeed feed) => merge.LeaderOf(feed.Id) == Index;

    /// <summary>By id: whether an update is new to everybody. Lead and shadow decide when the message was applied: see <see cref="Settle"/>.</summary>
    public bool TryAdvance(InstrumentFeed feed, in FeedMessage message, long nowNs)
    {
        if (!_byId) return true;
        var merged = merge.Of(feed.Id);
        var id = message.LastUpdateId;
        if (id == FeedMessage.NoId) return Leads(feed);
        if (feed.LastId != FeedMessage.NoId && id < feed.LastId) feed.Generation++;
        else if (!feed.IsRight) feed.Generation = merged.Generation;
        var isNewer = feed.Generation > merged.Generation || (feed.Generation == merged.Generation && id > merged.LastId);
        if (merged.IsRight && !isNewer)
        {
            merged.LateSinceAdvance++;
            if (feed.Generation == merged.Generation) NoteLate(merged.FirstArrival(id), nowNs);
            return false;
        }

        if (merged.Generation != feed.Generation) merged.GenerationSinceNs = nowNs;
        merged.IsRight = true;
        merged.Generation = feed.Generation;
        merged.LastId = id;
        merged.LastAdvanceNs = nowNs;
        merged.LateSinceAdvance = 0;
        merged.Remember(id, new LineArrival(Index, nowNs));
        Statistics.Won++;
        return true;
    }

    /// <summary>By id: what is missing before a delta was published already, brought by another line.</summary>
    public bool HasReached(InstrumentFeed feed, long id)
    {
        if (!_byId) return false;
        var merged = merge.Of(feed.Id);
        return merged.IsRight && merged.LastId >= id;
    }

    /// <summary>By id: what is missing here may still come from another line.</summary>
    public bool MayBeFilled(InstrumentFeed feed) => _byId && IsCarried(feed);

    /// <summary>From here on the line goes on as one that missed nothing.</summary>
    public void OnBridged(InstrumentFeed feed)
    {
        feed.Generation = merge.Of(feed.Id).Generation;
        Statistics.GapsFilled++;
    }

    /// <summary>Whether the loss of this line's book is the loss of the published one. Marks it lost if so.</summary>
    public bool TakesBookAlong(InstrumentFeed feed)
    {
        if (merge.IsQuiet) return false;
        var merged = merge.Of(feed.Id);
        if (merge.RightLineBut(Index, feed.Id) >= 0 || (!feed.IsRight && merged.IsRight))
        {
            if (feed.IsRight) Statistics.BooksCarried++;
            return false;
        }

        merged.IsRight = false;
        return true;
    }

    /// <summary>A refused message has already changed the one book that lines merged by id share: nobody's is right any more.</summary>
    public void OnRefused(InstrumentFeed feed)
    {
        if (_byId) merge.Of(feed.Id).IsRight = false;
    }

    /// <summary>A full book may replace a running one only where it takes nothing back.</summary>
    public bool MayRefresh(InstrumentFeed feed) => !_byId || feed.LastId >= merge.Of(feed.Id).LastId;

    /// <summary>After every operation on a book: who leads now, and whether what was appended since <paramref name="position"/> is published.</summary>
    public InputOutcome Settle(InstrumentFeed feed, bool wasRight, int position, InputOutcome outcome, long nowNs) =>
        merge.Settle(this, feed, wasRight, position, outcome, nowNs);

    public bool IsRepeated(InstrumentFeed feed, in MarketEvent trade, long nowNs)
    {
        var id = trade.UpdateId;
        if (id == 0) return !Leads(feed);
        // What the venue repeats after a subscription says nothing about what the other lines bring; only this line will not bring it again.
        if ((trade.Flags & MarketEventFlags.Snapshot) != 0) return !feed.RecentTrades.TryAdd(id);
        if (feed.RecentTrades.Contains(id)) return true;
        var merged = merge.Of(feed.Id);
        if (merged.Trades.TryAdd(id, trade.ExchangeTime.UnixNs, new LineArrival(Index, nowNs), out var first))
        {
            Statistics.Won++;
            return false;
        }

        NoteLate(first, nowNs);
        return true;
    }

    /// <summary>Best bids and asks count by their id where it is one; else the leader's are used.</summary>
    public bool TryBestBidAsk(InstrumentFeed feed, long id, long nowNs)
    {
        if (!_byId || id == 0 || merge.Rule.IdsMayReset) return Leads(feed);
        var merged = merge.Of(feed.Id);
        if (merged.BestBidAskLine != Index && id <= merged.LastBestBidAskId) return false;
        if (id > merged.LastBestBidAskId) (merged.LastBestBidAskId, merged.BestBidAskLine) = (id, Index);
        return true;
    }

    public void OnConnected() => merge.OnConnected();

    public void OnDisconnected() => merge.OnDisconnected(Index);

    public void OnHealth(InstrumentId instrument, bool stale, long nowNs) => merge.OnHealth(Index, instrument, stale, nowNs);

    private void NoteLate(LineArrival first, long nowNs)
    {
        if (first.Line < 0 || first.Line == Index) return;
        var late = nowNs - first.Ns;
        Statistics.Late++;
        Statistics.LateNsTotal += late;
        Statistics.LateNsMax = Math.Max(Statistics.LateNsMax, late);
    }
}
