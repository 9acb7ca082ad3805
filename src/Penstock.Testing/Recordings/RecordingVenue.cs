using System.Text.Json;
using Penstock.Testing.Faults;
using Penstock.Testing.Protocols;

namespace Penstock.Testing.Recordings;

/// <summary>
/// Plays a recording as if it were the exchange: REST from the recorded answers, and to every connection, from its first
/// message on, the recorded frames at their recorded pace. Faults apply as on a simulated venue.
/// </summary>
/// <param name="recording">What to play.</param>
/// <param name="speed">1 is the recorded pace, 10 is ten times faster, 0 as fast as it can be read.</param>
public sealed class RecordingVenue(RecordedTraffic recording, double speed = 1) : IHostedVenue
{
    /// <summary>At any speed no more leaves in one step, so that a reader has a chance.</summary>
    public const int FramesPerStepMax = 500;

    private readonly List<ProtocolSession> _sessions = [];

    public FaultPlan Faults { get; } = new();

    public string PublicPath => recording.Venue switch
    {
        "binance" => "/stream",
        "kraken" => "/v2",
        "okx" => "/ws/v5/public",
        _ => "/ws",
    };

    public string PrivatePath => "/private";

    /// <summary>True when every open connection has received the whole recording.</summary>
    public bool IsFinished => _sessions.TrueForAll(s => ((Player)s).IsFinished);

    public ProtocolSession? Open(string path, string query, IFrameSink sink, long nowNs)
    {
        var player = new Player(this, sink, recording, speed);
        // Streams named in the address need no subscription message.
        if (query.Contains("streams=")) player.Start(nowNs);
        _sessions.Add(player);
        return player;
    }

    public void Close(ProtocolSession session) => _sessions.Remove(session);

    /// <summary>The recorded answer with this path and, where recorded with one, this symbol; 404 when there is none.</summary>
    public VenueHttpResponse Handle(VenueHttpRequest request, long nowNs)
    {
        if (Faults.TryTake(FaultKind.HttpServerError)) return new VenueHttpResponse(500, "{}");
        var symbol = VenueHttpRequest.Find(VenueHttpRequest.Parse(request.Query), "symbol");
        foreach (var answer in recording.Answers)
        {
            if (answer.Url.AbsolutePath != request.Path) continue;
            var recorded = VenueHttpRequest.Find(VenueHttpRequest.Parse(answer.Url.Query.TrimStart('?')), "symbol");
            if (symbol.Length == 0 || recorded.Length == 0 || recorded == symbol) return new VenueHttpResponse(200, answer.Body);
        }

        return new VenueHttpResponse(404, """{"error":"Not in the recording."}""");
    }

    public void Step(long nowNs)
    {
        foreach (var session in _sessions) session.Step(nowNs);
    }

    private sealed class Player(RecordingVenue venue, IFrameSink sink, RecordedTraffic recording, double speed)
        : ProtocolSession(venue.Faults, sink)
    {
        private long _startNs = -1;
        private int _next;

        public bool IsFinished => _next == recording.Frames.Count;

        public void Start(long nowNs)
        {
            if (_startNs < 0) _startNs = nowNs;
        }

        public override void Step(long nowNs)
        {
            base.Step(nowNs);
            if (_startNs < 0) return;
            var reachedNs = speed > 0 ? (long)((nowNs - _startNs) * speed) : long.MaxValue;
            for (var sent = 0; sent < FramesPerStepMax && _next < recording.Frames.Count; sent++)
            {
                if (recording.Frames[_next].OffsetNs > reachedNs) return;
                Injector.Deliver(recording.Frames[_next++].Text, FrameKinds.BookDelta, nowNs);
            }
        }

        protected override bool TryHandlePlain(ReadOnlySpan<byte> frame, long nowNs)
        {
            if (frame.SequenceEqual("ping"u8)) Send(Text.Clear().Raw("pong"), FrameKinds.Control, nowNs);
            else Start(nowNs);
            return true;
        }

        protected override void Handle(JsonElement message, long nowNs) => Start(nowNs);

        protected override void OnMalformed(long nowNs) => Start(nowNs);
    }
}
