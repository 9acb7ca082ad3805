using Penstock.Connectivity.Network;
using Penstock.Connectivity.Sessions;
using System.Security.Cryptography;
using Penstock.Connectivity.Capture;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.RateLimits;
using Penstock.Connectivity.Transport;
using Penstock.Infrastructure.Time;
using Penstock.Tests.Connectivity.Transport;

namespace Penstock.Tests.Connectivity.Sessions;

public sealed class FeedSessionTests : IDisposable
{
    private readonly ManualClock _clock = new();
    private readonly LoopbackServer _server = new();
    private readonly FeedLog _log = new();

    public void Dispose() => _server.Dispose();

    [Fact]
    [Trait("requirement", "R113")]
    public void Every_new_connection_subscribes_again_and_counts_its_epoch()
    {
        var session = Session();
        Connect(session);
        Until(session, () => _server.Last.Texts.Count == 2);
        Assert.Equal(["sub A", "sub B"], _server.Last.Texts);
        Assert.StartsWith("GET /ws?streams=2 ", _server.Last.RequestHead, StringComparison.Ordinal);
        _server.Last.Send(WebSocketOpcode.Close, [0x03, 0xE9]);
        Until(session, () => _log.Lines.Contains("disconnected ClosedByVenue"));
        var attempts = session.LinkStatistics.Attempts;
        for (var i = 0; i < 50; i++) session.DoWork();
        Assert.Equal(attempts, session.LinkStatistics.Attempts);

        _clock.AdvanceMs(1001);
        Until(session, () => _server.Connections.Count == 2 && _server.Last.Texts.Count == 2);
        Assert.Equal(["sub A", "sub B"], _server.Last.Texts);
        Assert.Equal(["connected 1", "disconnected ClosedByVenue", "connected 2"], _log.Lines);
    }

    [Fact]
    [Trait("requirement", "R2")]
    public void Frames_of_one_read_share_its_stamp_and_end_with_one_read_complete()
    {
        var session = Session();
        Connect(session);
        _log.Lines.Clear();
        _clock.AdvanceMs(3);
        byte[] both = [.. WebSocketConnectionTests.Frame("one"), .. WebSocketConnectionTests.Frame("two")];
        _server.Last.SendRaw(both);
        Until(session, () => _log.Lines.Count == 3);
        Assert.Equal(["frame one", "frame two", "read"], _log.Lines);
        Assert.Equal(_clock.NowNs, _log.LastReceivedNs);
    }

    [Theory]
    [InlineData(true), InlineData(false)]
    [Trait("requirement", "R108")]
    public void A_ping_goes_out_after_each_interval_without_a_frame_from_us(bool byText)
    {
        var session = Session(new FakeFeed { PingsByText = byText });
        Connect(session);
        Until(session, () => _server.Last.Texts.Count == 2);
        for (var i = 0; i < 3; i++)
        {
            _clock.AdvanceMs(29_999);
            for (var j = 0; j < 5; j++) session.DoWork();
            Assert.Equal(i, session.LinkStatistics.PingsSent);
            _server.Last.SendText("keep");
            Until(session, () => _log.Lines.Count(l => l == "frame keep") == i + 1);
            _clock.AdvanceMs(1);
            Until(session, () => (byText ? _server.Last.Texts.Count - 2 : _server.Last.Pings.Count) == i + 1);
        }

        Assert.Equal(3, session.LinkStatistics.PingsSent);
    }

    [Fact]
    [Trait("requirement", "R108")]
    public void A_half_open_connection_is_given_up_after_the_longest_silence_and_replaced()
    {
        var session = Session();
        Connect(session);
        _server.Answers = false;
        for (var i = 0; i < 59; i++)
        {
            _clock.AdvanceMs(1000);
            session.DoWork();
        }

        Assert.True(session.IsConnected);
        _clock.AdvanceMs(1000);
        session.DoWork();
        Assert.False(session.IsConnected);
        Assert.Equal("disconnected Silent", _log.Lines[^1]);
        Assert.Equal(1, session.LinkStatistics.Silences);
        _server.Answers = true;
        _clock.AdvanceMs(1001);
        Until(session, () => _log.Lines.Contains("connected 2"));
    }

    [Fact]
    [Trait("requirement", "R50")]
    public void A_probe_is_answered_and_counted_but_its_answer_does_not_pass_for_a_living_venue()
    {
        var path = new PathObserver(0, probeInterval: TimeSpan.FromSeconds(1));
        var session = new FeedSession(Options(l => l with { PingInterval = TimeSpan.Zero }), new FakeFeed(), null, _clock, _log, path: path);
        Connect(session);
        for (var i = 1; i <= 59; i++)
        {
            _clock.AdvanceMs(1000);
            Until(session, () => path.Statistics.ProbesAnswered == i);
        }

        Assert.True(session.IsConnected);
        Assert.Equal((59, 0L), (_server.Last.Pings.Count, session.LinkStatistics.PingsSent));
        _clock.AdvanceMs(1000);
        session.DoWork();
        Assert.Equal("disconnected Silent", _log.Lines[^1]);
    }

    [Fact]
    [Trait("requirement", "R109")]
    public void Refused_upgrades_are_retried_with_growing_pauses()
    {
        _server.Status = 503;
        var session = Session();
        var started = _clock.NowNs;
        long attempts = 0;
        for (var i = 0; i < 8; i++)
        {
            Until(session, () => session.LinkStatistics.HandshakesRefused == i + 1, advanceMs: 5);
            attempts = session.LinkStatistics.Attempts;
        }

        Assert.Equal(8, attempts);
        // Seven jittered pauses with ceilings 1, 2, 4, 8, 16, 30, 30 s.
        Assert.InRange(_clock.NowNs - started, 5_000_000_000, 91_000_000_000);
        Assert.All(_log.Lines, l => Assert.Equal("disconnected HandshakeRefused", l));
    }

    [Fact]
    public void A_connection_is_replaced_at_its_age_and_at_once()
    {
        var session = Session(link: l => l with { ConnectionAgeMax = TimeSpan.FromSeconds(20) });
        Connect(session);
        _clock.AdvanceMs(20_000);
        Until(session, () => _log.Lines.Contains("connected 2"));
        Assert.Contains("disconnected TooOld", _log.Lines);
    }

    [Fact]
    public void The_ingest_may_ask_for_a_reconnect_and_its_reason_comes_back()
    {
        var session = Session();
        Connect(session);
        session.Reconnect(DisconnectReason.DataSilent);
        session.DoWork();
        Assert.Equal("disconnected DataSilent", _log.Lines[^1]);
        _clock.AdvanceMs(1001);
        Until(session, () => _log.Lines.Contains("connected 2"));
    }

    [Fact]
    [Trait("requirement", "R112")]
    public void Control_frames_wait_for_the_venues_frame_limit_and_keep_their_order()
    {
        var session = Session(link: l => l with { OutboundFrames = new RateLimit(3, TimeSpan.FromSeconds(1)) });
        Connect(session);
        for (var i = 0; i < 4; i++) session.Resubscribe(FakeInstruments.Of(1 + i % 2, "").Id);
        Until(session, () => _server.Last.Texts.Count == 3);
        for (var i = 0; i < 20; i++) session.DoWork();
        _server.Step();
        Assert.Equal(3, _server.Last.Texts.Count);
        _clock.AdvanceMs(1000);
        Until(session, () => _server.Last.Texts.Count == 6);
        Assert.Equal(["sub A", "sub B", "resub A", "resub B", "resub A", "resub B"], _server.Last.Texts);
    }

    [Fact]
    [Trait("requirement", "R112")]
    public void Pongs_count_in_the_venues_frame_limit()
    {
        var session = Session(link: l => l with { OutboundFrames = new RateLimit(3, TimeSpan.FromSeconds(1)) });
        Connect(session);
        _server.Last.Send(WebSocketOpcode.Ping, "p"u8);
        Until(session, () => _server.Last.Pongs.Count == 1 && _server.Last.Texts.Count == 2);
        session.Resubscribe(new(1));
        for (var i = 0; i < 20; i++) session.DoWork();
        _server.Step();
        Assert.Equal(2, _server.Last.Texts.Count);
        _clock.AdvanceMs(1000);
        Until(session, () => _server.Last.Texts.Count == 3);
    }

    [Fact]
    public void Snapshots_come_by_rest_once_per_request_and_failures_are_told()
    {
        using var http = new HttpStub(line => line.Contains("=A", StringComparison.Ordinal) ? HttpStub.Response(200, "book") : HttpStub.Response(500, "no"));
        using var pool = new RestPool(new RestPoolOptions { Endpoint = http.Uri, Limits = [] });
        var ring = new FrameRing(1 << 16);
        var session = Session(rest: new RestClient(pool, _clock), tap: ring);
        Connect(session);
        session.RequestSnapshot(new(1));
        session.RequestSnapshot(new(1));
        session.RequestSnapshot(new(2));
        Until(session, () => _log.Lines.Count(l => l.StartsWith("snapshot", StringComparison.Ordinal)) == 2);
        Assert.Contains("snapshot 1 True book", _log.Lines);
        Assert.Contains("snapshot 2 False ", _log.Lines);
        Assert.Equal((1, 2, 1, 1), (session.Statistics.SnapshotsRepeated, session.Statistics.SnapshotsRequested, session.Statistics.SnapshotsSucceeded, session.Statistics.SnapshotsFailed));
        var kinds = new KindLog();
        ring.Read(kinds, 100);
        Assert.Equal([CaptureKind.Open, CaptureKind.Sent, CaptureKind.Sent, CaptureKind.Rest], kinds.Kinds);
    }

    [Fact]
    public void A_busy_connection_gives_the_thread_back_after_its_share_of_reads()
    {
        var session = Session(link: l => l with { ReceivesMax = 2 });
        Connect(session);
        var frame = WebSocketConnectionTests.Frame(new string('x', 60_000));
        for (var i = 0; i < 4; i++) _server.Last.SendRaw(frame);
        var before = session.LinkStatistics.Reads;
        Until(session, () =>
        {
            var reads = session.LinkStatistics.Reads - before;
            before = session.LinkStatistics.Reads;
            Assert.InRange(reads, 0, 2);
            return _log.Lines.Count(l => l.StartsWith("frame", StringComparison.Ordinal)) == 4;
        });
    }

    [Fact]
    public void Ten_thousand_frames_through_a_session_with_capture_allocate_nothing()
    {
        var counter = new CountingListener();
        var session = new FeedSession(Options(), new FakeFeed(), null, _clock, counter, new FrameRing(1 << 16));
        LoopbackServer.Until(() => session.IsConnected, () => session.DoWork(), _server.Step);
        var frame = WebSocketConnectionTests.Frame(new string('d', 600));
        Receive(1000);
        Assert.Equal(0, WebSocketConnectionTests.AllocatedBytes(() => Receive(10_000)));
        Assert.Equal(counter.Frames, session.LinkStatistics.Frames);

        void Receive(int frames)
        {
            for (var i = 0; i < frames; i++)
            {
                var target = counter.Frames + 1;
                _server.Last.SendRaw(frame);
                while (counter.Frames < target) session.DoWork();
            }
        }
    }

    [Fact]
    public async Task A_session_over_tls_works_like_one_without()
    {
        using var certificate = TlsChannelTests.SelfSigned();
        using var proxy = new TlsProxy(certificate, _server.Port);
        var session = new FeedSession(
            Options(l => l with { TrustedThumbprint = certificate.GetCertHashString(HashAlgorithmName.SHA256) }) with { Stream = new Uri($"wss://localhost:{proxy.Port}") },
            new FakeFeed(), null, _clock, _log);
        Until(session, () => _server.Connections.Count == 1 && _server.Last.Texts.Count == 2);
        _server.Last.SendText("over tls");
        Until(session, () => _log.Lines.Contains("frame over tls"));
        session.OnStop();
        await proxy.Finished;
    }

    private FeedSessionOptions Options(Func<SocketLinkOptions, SocketLinkOptions>? link = null) => new()
    {
        Name = "x", Stream = new Uri($"ws://127.0.0.1:{_server.Port}"),
        Instruments = [FakeInstruments.Of(1, "A"), FakeInstruments.Of(2, "B")],
        Link = (link ?? (l => l))(new SocketLinkOptions { Seed = 5 }),
    };

    private FeedSession Session(
        FakeFeed? protocol = null, Func<SocketLinkOptions, SocketLinkOptions>? link = null, RestClient? rest = null, IFrameTap? tap = null) =>
        new(Options(link), protocol ?? new FakeFeed(), rest, _clock, _log, tap);

    private void Connect(FeedSession session) => Until(session, () => session.IsConnected);

    private void Until(FeedSession session, Func<bool> condition, int advanceMs = 0) => LoopbackServer.Until(condition, () =>
    {
        if (advanceMs > 0) _clock.AdvanceMs(advanceMs);
        session.DoWork();
    }, _server.Step);

    private sealed class KindLog : FrameRing.IReader
    {
        public List<CaptureKind> Kinds { get; } = [];

        public void OnRecord(CaptureKind kind, int connection, long stampNs, ReadOnlySpan<byte> url, ReadOnlySpan<byte> payload) => Kinds.Add(kind);
    }

    private sealed class CountingListener : IFeedListener
    {
        public int Frames { get; private set; }

        public void OnConnected(int connectionEpoch, long nowNs)
        {
        }

        public void OnFrame(ReadOnlySpan<byte> frame, long receivedNs) => Frames++;

        public void OnSnapshot(Model.Instruments.InstrumentId instrument, bool succeeded, ReadOnlySpan<byte> body, long receivedNs)
        {
        }

        public void OnReadComplete(long nowNs)
        {
        }

        public void OnDisconnected(DisconnectReason reason, long nowNs)
        {
        }
    }
}
