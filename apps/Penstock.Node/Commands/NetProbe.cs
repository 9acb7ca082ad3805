using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Network;
using Penstock.Connectivity.Sessions;
using Penstock.Connectivity.Transport;
using Penstock.Infrastructure.Threads;
using Penstock.Infrastructure.Time;
using Penstock.MarketData.Bus;
using Penstock.MarketData.Ingest;
using Penstock.Model.Markets;

namespace Penstock.Node.Commands;

/// <summary>
/// One venue's network path, watched for a while without a node: the node's own session and ingest, because frames carry the venue's stamps.
/// Nothing is kept or published; no key exists here.
/// </summary>
internal sealed class NetProbe : IAgent, IEventPublisher, IDisposable
{
    private readonly RestPool _rest;
    private readonly IMonotonicClock _clock;

    public NetProbe(CaptureVenue venue, IMonotonicClock clock, IWallClock wallClock)
    {
        (Venue, _clock) = (venue, clock);
        var profile = venue.Venue.Profile;
        Path = new PathObserver(ClockPair.UnixAtZeroNs(wallClock, clock), probeInterval: TimeSpan.FromSeconds(1));
        _rest = new RestPool(new RestPoolOptions
        {
            Endpoint = venue.Endpoints.Rest, Limits = profile.RestLimits, BannedStatus = profile.BannedStatus,
        });
        var protocol = venue.Venue.CreateFeed(new Connectivity.FeedContext(venue.Id, venue.Instruments));
        Session = new FeedSession(
            new FeedSessionOptions
            {
                Name = profile.Name, Stream = venue.Endpoints.PublicStream, Instruments = venue.Instruments.All, ServerTime = profile.ServerTime,
                Link = new SocketLinkOptions
                {
                    PingInterval = profile.FeedKeepAlive.PingInterval, SilenceMax = profile.FeedKeepAlive.SilenceMax,
                    FrameBytesMax = profile.FrameBytesMax,
                    OutboundFrames = profile.OutboundFrames, Seed = 1,
                },
            },
            protocol, new RestClient(_rest, clock), clock, path: Path);
        Ingest = new FeedIngest(
            new IngestSetup
            {
                Venue = venue.Id, Protocol = protocol, Instruments = venue.Instruments, Rule = profile.BookSync, Control = Session,
                Publisher = this, Path = Path,
            }, venue.Instruments.All);
        Session.Attach(Ingest);
    }

    public CaptureVenue Venue { get; }

    public FeedSession Session { get; }

    public FeedIngest Ingest { get; }

    public PathObserver Path { get; }

    public string Role => Session.Role;

    /// <summary>Nothing better will be known: pings were answered and the venue told its time as often as it is asked at first.</summary>
    public bool IsDone => Path.Statistics is { ProbesAnswered: >= 3, ClockSamples: >= 5, ConnectNs: > 0 };

    public int DoWork()
    {
        var work = Session.DoWork();
        Ingest.Step(_clock.NowNs);
        return work;
    }

    public void OnStop()
    {
        Session.OnStop();
        Ingest.ShedPending();
    }

    public void Dispose() => _rest.Dispose();

    void IEventPublisher.Publish(Span<MarketEvent> events)
    {
    }
}
