using Penstock.Connectivity.Feeds;
using Penstock.MarketData.Quality;
using Penstock.Model.Instruments;

namespace Penstock.MarketData.Ingest;

/// <summary>Where an instrument's book synchronisation stands.</summary>
internal enum SyncState : byte
{
    /// <summary>No connection.</summary>
    Idle,
    /// <summary>The venue owes a snapshot on the socket; deltas are dropped.</summary>
    Waiting,
    /// <summary>Deltas are held back until a REST snapshot arrives.</summary>
    Buffering,
    /// <summary>A REST snapshot is loaded; the next delta has to connect to it.</summary>
    Unbridged,
    /// <summary>A delta is missing here that another connection may bring: what follows is held back until then.</summary>
    Bridging,
    Live,
}

/// <summary>What the ingest remembers of one instrument. The feed's thread only.</summary>
internal sealed class InstrumentFeed
{
    /// <param name="id">Of the instrument.</param>
    /// <param name="rule">The venue's.</param>
    /// <param name="options">Limits.</param>
    /// <param name="line">Where there are several connections: this one.</param>
    public InstrumentFeed(InstrumentId id, BookSyncRule rule, IngestOptions options, FeedLine? line = null)
    {
        Id = id;
        Sanity = new SanityCheck(options.PriceBandRatio);
        Held = new DeltaBuffer(rule.BufferedDeltasMax, options.BufferedEventsMax);
        if (line is not null) Levels = line.LevelsOf(id);
        else if (rule.Checksum is not null || rule.PruneDepth > 0) Levels = new ChecksumBook(rule.Checksum, rule.PruneDepth);
    }

    public InstrumentId Id { get; }

    public SyncState State;

    /// <summary>Last update id applied, <see cref="FeedMessage.NoId"/> where the venue sends none.</summary>
    public long LastId = FeedMessage.NoId;

    public DeltaBuffer Held { get; }

    /// <summary>The book is right, or as right as a snapshot can be before its first delta.</summary>
    public bool IsRight => State is SyncState.Live or SyncState.Unbridged;

    /// <summary>Null where the venue has neither checksum nor depth limit, and one connection. Lines merged by id share one.</summary>
    public ChecksumBook? Levels { get; }

    /// <summary>How often the venue restarted its ids, as seen by this line.</summary>
    public int Generation;

    /// <summary>Held deltas wait for another line no longer than until then.</summary>
    public long BridgeUntilNs;

    /// <summary>When a book message of it came last, on this line.</summary>
    public long LastBookNs;

    /// <summary>The first delta asks for the book, or the absence of one after a while.</summary>
    public bool AsksWhenQuiet;

    public bool WantsResync;
    public int ResyncAttempts;
    public long LastResyncNs;
    public long NextResyncNs;

    /// <summary>When the last full book was loaded or asked for, of a book that is refreshed.</summary>
    public long LastRefreshNs;

    /// <summary>The book's id when that was asked for: an older answer is of no use.</summary>
    public long RefreshSinceId;

    /// <summary>A snapshot was asked for while the book goes on: what is applied meanwhile is also held, to be applied to it again.</summary>
    public bool IsRefreshing;

    /// <summary>Since when the book is right; the far future while it is not.</summary>
    public long SyncedSinceNs = long.MaxValue;

    public long LastTradeId;

    /// <summary>Where trade ids have no order.</summary>
    public RecentIds RecentTrades { get; } = new();

    public long LastTradeTimeNs;
    public long LastBestBidAskId;
    public long LastExchangeTimeNs;

    public SanityCheck Sanity { get; }

    public ArrivalRate Arrivals;
    public bool SeesBook;
    public bool IsSilent;
    public bool AskedForData;
}
