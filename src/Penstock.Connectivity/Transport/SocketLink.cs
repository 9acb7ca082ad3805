using System.Text;
using Penstock.Connectivity.Capture;
using Penstock.Connectivity.Network;
using Penstock.Connectivity.RateLimits;
using Penstock.Infrastructure.Time;

namespace Penstock.Connectivity.Transport;

public enum LinkPreparation : byte
{
    /// <summary>Ask again in the next step.</summary>
    Wait,
    Ready,
    /// <summary>Count it as a failed attempt and back off.</summary>
    Failed,
}

/// <summary>The session above a link: says where to connect and takes what arrives. All calls on the link's thread.</summary>
public interface ISocketLinkOwner
{
    LinkPreparation Prepare(long nowNs, out Uri target);

    void OnOpen(int connection, long nowNs);

    void OnFrame(ReadOnlySpan<byte> frame, long receivedNs);

    /// <summary>All frames of one socket read were delivered.</summary>
    void OnReadComplete(long nowNs);

    /// <param name="failure">Why.</param>
    /// <param name="wasOpen">False for an attempt that never opened.</param>
    /// <param name="nowNs">Monotonic.</param>
    void OnClosed(SocketFailure failure, bool wasOpen, long nowNs);

    /// <summary>An application-level ping; false where the protocol's own ping frame is to be used.</summary>
    bool TryWritePing(FrameWriter writer);
}

/// <summary>How a link behaves; the figures are the venue's.</summary>
public sealed record SocketLinkOptions
{
    /// <summary>A ping after this long without a frame from us; zero where only the venue pings.</summary>
    public TimeSpan PingInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>No byte at all for this long closes the connection.</summary>
    public TimeSpan SilenceMax { get; init; } = TimeSpan.FromSeconds(60);

    public int FrameBytesMax { get; init; } = 4 * 1024 * 1024;

    /// <summary>The connection is replaced at this age.</summary>
    public TimeSpan? ConnectionAgeMax { get; init; }

    /// <summary>Frames the venue allows us to send on one connection.</summary>
    public RateLimit? OutboundFrames { get; init; }

    /// <summary>Socket reads in one step: one busy venue must not keep the others on its thread waiting.</summary>
    public int ReceivesMax { get; init; } = 8;

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    public string? TrustedThumbprint { get; init; }

    /// <summary>Uses the framework's client instead of our own framing.</summary>
    public bool UseFallback { get; init; }

    /// <summary>Of nonces, mask keys and jitter.</summary>
    public ulong Seed { get; init; }
}

/// <summary>What a link did. Written by its thread.</summary>
public sealed class SocketLinkStatistics
{
    /// <summary>Connection attempts begun.</summary>
    public long Attempts;

    /// <summary>Connections that opened.</summary>
    public long Connects;

    /// <summary>Open connections that ended.</summary>
    public long Disconnects;

    /// <summary>Ended because no byte came for too long.</summary>
    public long Silences;

    /// <summary>Upgrades the venue answered with something else than 101.</summary>
    public long HandshakesRefused;

    /// <summary>Ended because the peer broke RFC 6455.</summary>
    public long Violations;

    /// <summary>Messages received.</summary>
    public long Frames;

    /// <summary>Bytes received, framing included.</summary>
    public long Bytes;

    /// <summary>Socket reads that brought bytes.</summary>
    public long Reads;

    /// <summary>Text frames sent.</summary>
    public long FramesSent;

    /// <summary>Pings sent, of either kind.</summary>
    public long PingsSent;

    /// <summary>Frames that had to wait for the venue's frame limit or the socket.</summary>
    public long FramesDelayed;

    /// <summary>Frames dropped because too many waited.</summary>
    public long FramesDropped;
}

/// <summary>
/// Keeps one WebSocket connection to a venue alive (R106-R109): connects, backs off with jitter, pings, notices silence and
/// age, sends no faster than the venue allows. What the frames mean is the owner's affair. One thread.
/// </summary>
public sealed class SocketLink : IFrameHandler, IPollable, IDisposable
{
    private const int QueuedFramesMax = 4096;

    /// <summary>A connection that lived this long was a good one: the next attempt starts the back-off anew.</summary>
    private const long GoodConnectionNs = 30_000_000_000;

    private readonly SocketLinkOptions _options;
    private readonly ISocketLinkOwner _owner;
    private readonly IMonotonicClock _clock;
    private readonly IFrameTap? _tap;
    private readonly PathObserver? _path;
    private readonly SeededGenerator _random;
    private readonly Backoff _backoff;
    private readonly FrameWriter _pingWriter = new();
    private readonly Queue<byte[]> _queue = new();
    private readonly long _pingNs;
    private readonly long _silenceNs;
    private readonly long _ageNs;
    private RateLimiter? _outbound;
    private IWebSocket? _socket;
    private Uri _target = new("ws://unset");
    private long _nextAttemptNs = long.MinValue;
    private long _openedNs;
    private long _lastReceivedNs;
    private long _lastSentNs;
    private bool _wasOpen;
    private int _probeBytes;
    private SocketFailure _requested;

    /// <param name="options">How it behaves.</param>
    /// <param name="owner">The session above.</param>
    /// <param name="clock">Monotonic.</param>
    /// <param name="tap">Raw capture; null for none.</param>
    /// <param name="path">Measures the way to the venue, with pings of its own; null for neither.</param>
    public SocketLink(SocketLinkOptions options, ISocketLinkOwner owner, IMonotonicClock clock, IFrameTap? tap = null, PathObserver? path = null)
    {
        if (options.ReceivesMax < 1) throw new ArgumentException($"Expected at least one receive per step, found {options.ReceivesMax}.");
        _options = options;
        _owner = owner;
        _clock = clock;
        _tap = tap;
        _path = path;
        _random = new SeededGenerator(options.Seed);
        _backoff = new Backoff(_random);
        _pingNs = (long)options.PingInterval.TotalNanoseconds;
        _silenceNs = (long)options.SilenceMax.TotalNanoseconds;
        _ageNs = options.ConnectionAgeMax is { } age ? (long)age.TotalNanoseconds : long.MaxValue;
    }

    public SocketLinkStatistics Statistics { get; } = new();

    public bool IsOpen => _wasOpen && _socket is { State: WebSocketState.Open };

    public nint PollHandle => _socket?.PollHandle ?? -1;

    /// <summary>Counts opened connections from 1.</summary>
    public int Connection { get; private set; }

    /// <summary>HTTP status of the last refused upgrade; 0 if none.</summary>
    public int RefusedStatus { get; private set; }

    /// <summary>When the next attempt begins; meaningful while not connected.</summary>
    public long NextAttemptNs => _nextAttemptNs;

    /// <summary>Frames waiting for the venue's limit.</summary>
    public int QueuedFrames => _queue.Count;

    /// <summary>One duty cycle; returns how much was done.</summary>
    public int Step(long nowNs)
    {
        if (_socket is null) return nowNs >= _nextAttemptNs ? Begin(nowNs) : 0;
        var work = Receive(nowNs);
        if (_socket.State == WebSocketState.Closed) return Down(nowNs) + work;
        if (!_wasOpen) return work;
        if (_requested != SocketFailure.None) Abandon(_requested, nowNs);
        else if (_silenceNs > 0 && nowNs - _lastReceivedNs >= _silenceNs) Abandon(SocketFailure.Silent, nowNs);
        else if (nowNs - _openedNs >= _ageNs) Abandon(SocketFailure.TooOld, nowNs);
        else return work + FlushQueue(nowNs) + KeepAlive(nowNs) + Probe(nowNs);
        return Down(nowNs) + work;
    }

    /// <summary>Drops an open connection in the next step; a new one follows. An attempt under way is left alone.</summary>
    public void Reconnect()
    {
        if (_wasOpen) _requested = SocketFailure.Requested;
    }

    /// <summary>Whether the socket would take frames of so many bytes, leaving the venue's frame limit aside.</summary>
    public bool HasRoom(int bytes, int frames) => IsOpen && _socket!.CanSend(bytes + frames * WebSocketFraming.HeaderBytesMax);

    /// <summary>Whether frames of so many bytes would leave at once.</summary>
    public bool CanSend(int bytes, int frames, long nowNs) =>
        HasRoom(bytes, frames) && (_outbound is null || _outbound.NextPermitNs(frames, nowNs) <= nowNs);

    /// <summary>Sends all finished frames of the writer now, or none. For orders: nothing is queued, nothing allocated.</summary>
    public bool TrySendNow(FrameWriter writer, long nowNs)
    {
        var bytes = 0;
        for (var i = 0; i < writer.FrameCount; i++) bytes += writer.Frame(i).Length;
        if (!CanSend(bytes, writer.FrameCount, nowNs)) return false;
        for (var i = 0; i < writer.FrameCount; i++)
        {
            if (!SendFrame(writer.Frame(i), nowNs)) return false;
        }

        return true;
    }

    /// <summary>Sends the finished frames in order, as soon as the venue's limit allows.</summary>
    public void Enqueue(FrameWriter writer, long nowNs)
    {
        for (var i = 0; i < writer.FrameCount; i++)
        {
            if (_queue.Count == 0 && CanSend(writer.Frame(i).Length, 1, nowNs) && SendFrame(writer.Frame(i), nowNs)) continue;
            if (!IsOpen || _queue.Count >= QueuedFramesMax)
            {
                Statistics.FramesDropped++;
                continue;
            }

            Statistics.FramesDelayed++;
            _queue.Enqueue(writer.Frame(i).ToArray());
        }
    }

    public void OnFrame(ReadOnlySpan<byte> payload, bool isText, long receivedNs)
    {
        Statistics.Frames++;
        _path?.OnMessage(receivedNs);
        _tap?.OnFrame(CaptureKind.Received, Connection, receivedNs, payload);
        _owner.OnFrame(payload, receivedNs);
    }

    public void OnPong(ReadOnlySpan<byte> payload, long receivedNs)
    {
        if (_path is not null && _path.OnPong(payload, receivedNs)) _probeBytes += WebSocketFraming.FrameBytes(payload.Length, masked: false);
    }

    /// <summary>Says good-bye and lets go.</summary>
    public void Dispose()
    {
        if (_socket is null) return;
        if (_wasOpen) _tap?.OnClose(Connection, _clock.NowNs);
        _socket.Close(WebSocketCloseCode.Normal, _clock.NowNs);
        _socket.Dispose();
        _socket = null;
        _wasOpen = false;
        _path?.OnClosed();
    }

    private int Begin(long nowNs)
    {
        switch (_owner.Prepare(nowNs, out var target))
        {
            case LinkPreparation.Wait:
                return 0;
            case LinkPreparation.Failed:
                _nextAttemptNs = nowNs + _backoff.NextDelayNs();
                return 1;
        }

        Statistics.Attempts++;
        _target = target;
        _requested = SocketFailure.None;
        var options = new WebSocketOptions
        {
            Target = target, FrameBytesMax = _options.FrameBytesMax, ConnectTimeout = _options.ConnectTimeout,
            TrustedThumbprint = _options.TrustedThumbprint, PingInterval = _options.PingInterval,
        };
        _socket = _options.UseFallback ? new FallbackWebSocket(options, _clock) : new WebSocketConnection(options, _clock, _random);
        _socket.BeginConnect(nowNs);
        return 1;
    }

    private int Receive(long nowNs)
    {
        var reads = 0;
        while (reads < _options.ReceivesMax)
        {
            var framesBefore = Statistics.Frames;
            var pongsBefore = _socket!.PongsSent;
            _probeBytes = 0;
            var received = _socket.Step(nowNs, this);
            for (var pongs = _socket.PongsSent - pongsBefore; pongs > 0 && _outbound is not null; pongs--) _outbound.TryAcquire(1, nowNs);
            if (_socket.State == WebSocketState.Open && !_wasOpen) Opened(nowNs);
            if (received == 0 && Statistics.Frames == framesBefore) break;
            reads++;
            Statistics.Reads++;
            Statistics.Bytes += received;
            nowNs = _clock.NowNs;
            // The answer to our own probe says that the server lives, not that the venue talks.
            if (received > _probeBytes) _lastReceivedNs = nowNs;
            if (Statistics.Frames != framesBefore) _owner.OnReadComplete(nowNs);
            if (_socket.State != WebSocketState.Open || _requested != SocketFailure.None) break;
            // A read that did not fill the buffer emptied the socket: asking again now would only cost a system call between
            // the event and the decision about it.
            if (received < IByteChannel.ReceiveBytesMin) break;
        }

        return reads;
    }

    private void Opened(long nowNs)
    {
        _wasOpen = true;
        Connection++;
        Statistics.Connects++;
        _openedNs = _lastReceivedNs = _lastSentNs = nowNs;
        _outbound = _options.OutboundFrames is { } limit ? new RateLimiter([limit]) : null;
        _path?.OnOpen(_socket!.ConnectTimes, nowNs);
        _tap?.OnOpen(Connection, Encoding.UTF8.GetBytes(_target.AbsoluteUri), nowNs);
        _owner.OnOpen(Connection, nowNs);
    }

    private int FlushQueue(long nowNs)
    {
        var sent = 0;
        while (_queue.TryPeek(out var frame) && CanSend(frame.Length, 1, nowNs) && SendFrame(frame, nowNs))
        {
            _queue.Dequeue();
            sent++;
        }

        return sent;
    }

    private int KeepAlive(long nowNs)
    {
        if (_pingNs <= 0 || nowNs - _lastSentNs < _pingNs) return 0;
        // Whatever becomes of it, the next try is an interval away.
        _lastSentNs = nowNs;
        Statistics.PingsSent++;
        _pingWriter.Clear();
        if (_owner.TryWritePing(_pingWriter))
        {
            Enqueue(_pingWriter, nowNs);
            _path?.OnVenuePing(_clock.NowNs);
        }
        else if (_socket!.TrySendPing(default)) _outbound?.TryAcquire(1, nowNs);
        return 1;
    }

    /// <summary>A ping to measure with. Keeping alive is another matter: its interval does not notice.</summary>
    private int Probe(long nowNs)
    {
        if (_path is null || !_path.Step(nowNs) || _queue.Count > 0) return 0;
        if (!CanSend(PathObserver.ProbeBytes, 1, nowNs)) return 0;
        Span<byte> payload = stackalloc byte[PathObserver.ProbeBytes];
        _path.BeginProbe(_clock.NowNs, payload);
        if (_socket!.TrySendPing(payload)) _outbound?.TryAcquire(1, nowNs);
        return 1;
    }

    private bool SendFrame(ReadOnlySpan<byte> frame, long nowNs)
    {
        if (!_socket!.TrySendText(frame)) return false;
        _outbound?.TryAcquire(1, nowNs);
        _lastSentNs = nowNs;
        Statistics.FramesSent++;
        _tap?.OnFrame(CaptureKind.Sent, Connection, nowNs, frame);
        return true;
    }

    private void Abandon(SocketFailure reason, long nowNs)
    {
        // A polite close frame goes out if there is room; a half-open peer is not waited for.
        _socket!.Close(WebSocketCloseCode.Normal, nowNs);
        _socket.Abort(reason);
    }

    private int Down(long nowNs)
    {
        var failure = _socket!.Failure;
        var wasOpen = _wasOpen;
        RefusedStatus = _socket.RefusedStatus;
        _socket.Dispose();
        _socket = null;
        _wasOpen = false;
        _requested = SocketFailure.None;
        _queue.Clear();
        if (wasOpen)
        {
            Statistics.Disconnects++;
            _path?.OnClosed();
            _tap?.OnClose(Connection, nowNs);
            if (nowNs - _openedNs >= GoodConnectionNs) _backoff.Reset();
        }

        if (failure == SocketFailure.Silent) Statistics.Silences++;
        if (failure == SocketFailure.HandshakeRefused) Statistics.HandshakesRefused++;
        if (failure == SocketFailure.ProtocolViolation) Statistics.Violations++;
        // A connection only replaced for its age is replaced at once.
        _nextAttemptNs = failure == SocketFailure.TooOld ? nowNs : nowNs + _backoff.NextDelayNs();
        _owner.OnClosed(failure, wasOpen, nowNs);
        return 1;
    }
}
