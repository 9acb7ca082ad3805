using Penstock.Connectivity.Capture;
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

/// <summary>One venue's parts, and the agent that steps its feed: socket first, then the ingest's timers.</summary>
internal sealed class VenueWires(
    VenueId id, string name, FeedSession feed, FeedIngest ingest, BroadcastRing<MarketEvent> ring, OrderSession? orders, IMonotonicClock clock) : IAgent
{
    private volatile bool _booksWanted;
    private long _lastWorkNs = clock.NowNs;
    private long _syncedNs;
    private long _hoursNs;

    public VenueId Id { get; } = id;

    public string Name { get; } = name;

    public FeedSession Feed { get; } = feed;

    public FeedIngest Ingest { get; } = ingest;

    public BroadcastRing<MarketEvent> Ring { get; } = ring;

    public OrderSession? Orders { get; } = orders;

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

    public string Role => $"feed-{Name}";

    /// <summary>Instruments subscribed; as many books are wanted.</summary>
    public required int InstrumentCount { get; init; }

    /// <summary>When all of the venue's books were synchronised for the first time, monotonic; zero before.</summary>
    public long SyncedNs => Volatile.Read(ref _syncedNs);

    /// <summary>Milliseconds since the last socket read brought something.</summary>
    public long AgeMs => (clock.NowNs - Volatile.Read(ref _lastWorkNs)) / 1_000_000;

    /// <summary>Any thread: a reader was lapped and needs every book of the venue again.</summary>
    public void AskForBooks() => _booksWanted = true;

    public int DoWork()
    {
        var work = Feed.DoWork();
        var now = clock.NowNs;
        if (work > 0) Volatile.Write(ref _lastWorkNs, now);
        if (_syncedNs == 0 && work > 0 && Ingest.BooksSynced >= InstrumentCount) Volatile.Write(ref _syncedNs, now);
        Ingest.Step(now);
        if (_booksWanted)
        {
            _booksWanted = false;
            Ingest.ResyncAll(now);
        }

        // Looked at once a millisecond: the wall clock costs a call, and a session needs no finer border.
        if (Hours is not null && now - _hoursNs >= 1_000_000)
        {
            _hoursNs = now;
            Hours.Step(WallClock.UnixNs, now);
        }

        Ring.Heartbeat(now);
        return work;
    }

    public void OnStop() => Feed.OnStop();
}
