using Penstock.Connectivity.Capture;
using Penstock.Connectivity.Network;
using Penstock.Connectivity.Sessions;
using Penstock.Infrastructure.Rings;
using Penstock.Infrastructure.Threads;
using Penstock.Infrastructure.Time;
using Penstock.MarketData.Ingest;
using Penstock.MarketData.Quality;
using Penstock.MarketData.Reference;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;

namespace Penstock.Node.Wiring;

/// <summary>One venue's parts, and the agent that steps its feed: sockets first, then the ingest's timers.</summary>
internal sealed class VenueWires(
    VenueId id, string name, IReadOnlyList<FeedSession> feeds, MergedIngest ingest, BroadcastRing<MarketEvent> ring, OrderSession? orders, IMonotonicClock clock) : IAgent
{
    private volatile bool _booksWanted;
    private int _bookWanted;
    private long _lastWorkNs = clock.NowNs;
    private long _syncedNs;
    private long _hoursNs;

    public VenueId Id { get; } = id;

    public string Name { get; } = name;

    /// <summary>The first connection; the only one of most venues.</summary>
    public FeedSession Feed { get; } = feeds[0];

    /// <summary>All connections, in the order of the ingest's lines.</summary>
    public IReadOnlyList<FeedSession> Feeds { get; } = feeds;

    public MergedIngest Ingest { get; } = ingest;

    public BroadcastRing<MarketEvent> Ring { get; } = ring;

    public OrderSession? Orders { get; } = orders;

    /// <summary>Orders meet a simulation instead of a session.</summary>
    public bool IsOnPaper { get; init; }

    /// <summary>Stands between the trading thread and a session that runs on another; null where the session runs on it.</summary>
    public DetachedOrders? Detached { get; init; }

    /// <summary>Closes and opens the venue by its calendar; null where it always trades.</summary>
    public SessionGate? Hours { get; init; }

    public required IWallClock WallClock { get; init; }

    public required QuarantineFile Quarantine { get; init; }

    /// <summary>Of the order session; null without one.</summary>
    public QuarantineFile? PrivateQuarantine { get; init; }

    /// <summary>What the feed writes raw frames to; null without capture, and so is <see cref="Capture"/>, which empties it.</summary>
    public FrameRing? Tap { get; init; }

    public CaptureWriter? Capture { get; init; }

    /// <summary>The feed's way through the network; null where nobody watches it.</summary>
    public PathObserver? Path { get; init; }
    /// <summary>Any connection stands.</summary>
    public bool IsConnected
    {
        get
        {
            for (var i = 0; i < Feeds.Count; i++)
            {
                if (Feeds[i].IsConnected) return true;
            }

            return false;
        }
    }

    public string Role => $"feed-{Name}";

    /// <summary>Instruments subscribed; as many books are wanted.</summary>
    public required int InstrumentCount { get; init; }

    /// <summary>When all of the venue's books were synchronised for the first time, monotonic; zero before.</summary>
    public long SyncedNs => Volatile.Read(ref _syncedNs);

    /// <summary>Milliseconds since the last socket read brought something.</summary>
    public long AgeMs => (clock.NowNs - Volatile.Read(ref _lastWorkNs)) / 1_000_000;

    /// <summary>Any thread: a reader was lapped and needs every book of the venue again.</summary>
    public void AskForBooks() => _booksWanted = true;

    /// <summary>Any thread: this book is not what the venue has. One at a time; who still needs another asks again.</summary>
    public void AskForBook(InstrumentId instrument) => Interlocked.CompareExchange(ref _bookWanted, instrument.Value, 0);

    public int DoWork()
    {
        var work = 0;
        for (var i = 0; i < Feeds.Count; i++) work += Feeds[i].DoWork();
        var now = clock.NowNs;
        if (work > 0) Volatile.Write(ref _lastWorkNs, now);
        if (_syncedNs == 0 && work > 0 && Ingest.BooksSynced >= InstrumentCount) Volatile.Write(ref _syncedNs, now);
        Ingest.Step(now);
        if (_booksWanted)
        {
            _booksWanted = false;
            Ingest.ResyncAll(now);
        }

        if (Volatile.Read(ref _bookWanted) != 0) Ingest.Resync(new InstrumentId(Interlocked.Exchange(ref _bookWanted, 0)), now);
        // Looked at once a millisecond: the wall clock costs a call, and a session needs no finer border.
        if (Hours is not null && now - _hoursNs >= 1_000_000)
        {
            _hoursNs = now;
            Hours.Step(WallClock.UnixNs, now);
        }

        Ring.Heartbeat(now);
        return work;
    }

    public void OnStop()
    {
        foreach (var feed in Feeds) feed.OnStop();
    }
}
