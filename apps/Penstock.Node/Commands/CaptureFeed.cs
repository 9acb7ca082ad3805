using System.Text;
using Penstock.Connectivity;
using Penstock.Connectivity.Capture;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Sessions;
using Penstock.Connectivity.Transport;
using Penstock.Infrastructure.Threads;
using Penstock.Infrastructure.Time;
using Penstock.MarketData.Bus;
using Penstock.MarketData.Ingest;
using Penstock.Model.Markets;

namespace Penstock.Node.Commands;

/// <summary>Where captures go, beside what the venue says.</summary>
internal sealed record CaptureSetup
{
    public required string Folder { get; init; }

    public long FileBytesMax { get; init; } = new CaptureOptions { Folder = "", Venue = "" }.FileBytesMax;

    public int FilesMax { get; init; } = int.MaxValue;

    /// <summary>Between the feed and the disk, per venue; a power of two. A frame may take a quarter of it.</summary>
    public int RingBytes { get; init; } = 16 << 20;

    public ulong Seed { get; init; } = 1;

    public required IMonotonicClock Clock { get; init; }

    public required IWallClock WallClock { get; init; }

    /// <summary>Takes the events of the books that are kept along the way; null drops them.</summary>
    public IEventPublisher? Publisher { get; init; }
}

/// <summary>
/// One venue being captured: the node's own session with a tap, and the node's own ingest behind it, because that is what asks for
/// snapshots and sees gaps. Nothing is published, nothing is journalled, no key exists here.
/// <code>
///   socket ──▶ session ──▶ tap ──▶ ring ──▶ writer (another thread) ──▶ recording/1
///                   └────▶ gaps ──▶ ingest ──▶ snapshots asked for, gaps counted
/// </code>
/// Stepped by the feed thread; <see cref="Writer"/> by the disk thread.
/// </summary>
internal sealed class CaptureFeed : IAgent, IEventPublisher, IDisposable
{
    private readonly RestPool _rest;
    private readonly IMonotonicClock _clock;
    private readonly IEventPublisher? _publisher;

    public CaptureFeed(CaptureVenue venue, CaptureSetup setup)
    {
        (Venue, _clock, _publisher) = (venue, setup.Clock, setup.Publisher);
        var profile = venue.Venue.Profile;
        // Read once, so that stamps keep the order of the monotonic clock.
        var offsetNs = ClockPair.UnixAtZeroNs(setup.WallClock, setup.Clock);
        long ToUnixNs(long nowNs) => nowNs + offsetNs;

        Ring = new FrameRing(setup.RingBytes);
        Writer = new CaptureWriter(
            new CaptureOptions { Folder = setup.Folder, Venue = venue.RecordedAs, Market = profile.Market, FileBytesMax = setup.FileBytesMax, FilesMax = setup.FilesMax },
            Ring, ToUnixNs);
        Writer.WriteRest(Encoding.UTF8.GetBytes(venue.ListUrl), _clock.NowNs, venue.List);
        _rest = new RestPool(new RestPoolOptions { Endpoint = venue.Endpoints.Rest, Limits = profile.RestLimits, BannedStatus = profile.BannedStatus });
        var protocol = venue.Venue.CreateFeed(new FeedContext(venue.Id, venue.Instruments));
        Session = new FeedSession(
            new FeedSessionOptions
            {
                Name = profile.Name, Stream = venue.Endpoints.PublicStream, Instruments = venue.Instruments.All,
                Link = new SocketLinkOptions
                {
                    PingInterval = profile.FeedKeepAlive.PingInterval, SilenceMax = profile.FeedKeepAlive.SilenceMax, FrameBytesMax = profile.FrameBytesMax,
                    ConnectionAgeMax = profile.ConnectionAgeMax, OutboundFrames = profile.OutboundFrames, Seed = setup.Seed,
                },
            },
            protocol, new RestClient(_rest, _clock), _clock, listener: null, Ring);
        Gaps = new CaptureGaps(venue.Instruments, ToUnixNs);
        Ingest = new FeedIngest(
            new IngestSetup
            {
                Venue = venue.Id, Protocol = protocol, Instruments = venue.Instruments, Rule = profile.BookSync, Control = Session, Publisher = this, Observer = Gaps,
            }, venue.Instruments.All);
        Gaps.Attach(Ingest);
        Session.Attach(Gaps);
    }

    public CaptureVenue Venue { get; }

    public FeedSession Session { get; }

    public FeedIngest Ingest { get; }

    public FrameRing Ring { get; }

    public CaptureWriter Writer { get; }

    public CaptureGaps Gaps { get; }

    public string Role => Session.Role;

    public int DoWork()
    {
        var work = Session.DoWork();
        Ingest.Step(_clock.NowNs);
        return work;
    }

    public void OnStop()
    {
        Gaps.End(_clock.NowNs);
        Session.OnStop();
        Ingest.ShedPending();
    }

    public void Dispose() => _rest.Dispose();

    void IEventPublisher.Publish(Span<MarketEvent> events) => _publisher?.Publish(events);
}
