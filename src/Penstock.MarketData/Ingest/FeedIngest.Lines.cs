using Penstock.Model.Instruments;

namespace Penstock.MarketData.Ingest;

/// <summary>What the merge of several connections asks of one of them.</summary>
public sealed partial class FeedIngest
{
    internal InstrumentFeed? Find(InstrumentId id) => (uint)id.Value < (uint)_feeds.Length ? _feeds[id.Value] : null;

    internal bool TryBridge(InstrumentId id, long nowNs)
    {
        if (Find(id) is not { } feed) return false;
        var (wasRight, position) = (feed.IsRight, _outbox.Position);
        if (!_books.TryBridge(feed, nowNs)) return false;
        _line!.Settle(feed, wasRight, position, InputOutcome.Pending, nowNs);
        return true;
    }

    /// <summary>The book of one instrument starts over on this line. False where it has no connection.</summary>
    internal bool Abandon(InstrumentId id, long nowNs)
    {
        if (!_connected || Find(id) is not { } feed) return false;
        _books.Invalidate(feed, nowNs);
        return true;
    }

    internal void PublishBook(InstrumentId id, long nowNs)
    {
        if (Find(id) is { } feed) _books.Publish(feed, nowNs);
    }

    /// <summary>Whether any of the books is carried on by another line.</summary>
    private bool IsCarried()
    {
        if (_line is null) return false;
        foreach (var feed in _feeds)
        {
            if (feed is not null && _line.IsCarried(feed)) return true;
        }

        return false;
    }
}
