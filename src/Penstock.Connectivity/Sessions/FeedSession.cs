using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Network;
using System.Text;
using Penstock.Connectivity.Capture;
using Penstock.Connectivity.Transport;
using Penstock.Infrastructure.Threads;
using Penstock.Infrastructure.Time;
using Penstock.Model.Instruments;

namespace Penstock.Connectivity.Sessions;

/// <summary>
/// One venue's market data (R106, R113): keeps the connection, subscribes on every new one, hands frames to the listener with the
/// stamp of their socket read, fetches snapshots. Knows no venue: the protocol says what to send. One thread; receiving allocates nothing.
/// </summary>
public sealed class FeedSession : IAgent, IFeedControl, ISocketLinkOwner, IPollable
{
    /// <summary>Of the call before a connection; snapshots have the connection's number in their token, which is never negative.</summary>
    private const long ConnectToken = -1;

    /// <summary>Of the call for the venue's time.</summary>
    private const long TimeToken = -2;

    /// <summary>The first call of a connection pays for the connection it is made on; the second bounds the venue's clock better.</summary>
    private static readonly long[] FirstTimesNs = [1_000_000_000, 3_000_000_000];

    private const long TimeIntervalNs = 30_000_000_000;

    private readonly FeedSessionOptions _options;
    private readonly IFeedProtocol _protocol;
    private readonly RestClient? _rest;
    private readonly IMonotonicClock _clock;
    private readonly IFrameTap? _tap;
    private readonly SocketLink _link;
    private readonly FrameWriter _writer = new();
    private readonly HashSet<int> _snapshotsUnderWay = [];

    /// <summary>A book's request is the same every time: formed once, so that a book fetched anew costs nothing here.</summary>
    private readonly Dictionary<int, RestRequest?> _snapshotRequests = [];
    private readonly Dictionary<int, Instrument> _instruments = [];
    private IFeedListener? _listener;
    private ConnectAnswer _connectAnswer;
    private DisconnectReason _requestedReason;
    private readonly PathObserver? _path;
    private readonly RestRequest? _timeRequest;
    private long _nextTimeNs = long.MaxValue;
    private int _timesAsked;

    /// <param name="options">The venue's addresses and limits.</param>
    /// <param name="protocol">Fresh, for this session alone.</param>
    /// <param name="rest">This session's own client; null where no snapshot comes by REST.</param>
    /// <param name="clock">Monotonic.</param>
    /// <param name="listener">May be given later by <see cref="Attach"/>, before the first step.</param>
    /// <param name="tap">Raw capture; null for none.</param>
    /// <param name="path">Measures the way to the venue and its clock; null asks and pings for neither.</param>
    public FeedSession(
        FeedSessionOptions options, IFeedProtocol protocol, RestClient? rest, IMonotonicClock clock,
        IFeedListener? listener = null, IFrameTap? tap = null, PathObserver? path = null)
    {
        _options = options;
        _protocol = protocol;
        _rest = rest;
        _clock = clock;
        _listener = listener;
        _tap = tap;
        _path = path;
        if (path is not null && rest is not null && options.ServerTime is { } time)
            _timeRequest = new RestRequest { Method = HttpMethod.Get, PathAndQuery = time.PathAndQuery, Weight = time.Weight };
        _link = new SocketLink(options.Link, this, clock, tap, path);
        foreach (var instrument in options.Instruments) _instruments[instrument.Id.Value] = instrument;
    }

    private enum ConnectAnswer : byte
    {
        None,
        Asked,
        Here,
        Failed,
    }

    public string Role => $"feed-{_options.Name}";

    public FeedSessionStatistics Statistics { get; } = new();

    public SocketLinkStatistics LinkStatistics => _link.Statistics;

    public RestStatistics? RestStatistics => _rest?.Statistics;

    public bool IsConnected => _link.IsOpen;

    public nint PollHandle => _link.PollHandle;

    /// <summary>Session and ingest know each other; one of them has to come first.</summary>
    public void Attach(IFeedListener listener) => _listener = listener;

    public int DoWork()
    {
        if (_listener is null) throw new InvalidOperationException("Expected a listener before the first step, found none.");
        var now = _clock.NowNs;
        var work = _link.Step(now);
        if (now >= _nextTimeNs) AskTime(now);
        if (_rest is { PendingCount: > 0 } rest) work += StepRest(rest, now);
        return work;
    }

    public void OnStop() => _link.Dispose();

    public void RequestSnapshot(InstrumentId instrument)
    {
        if (!_link.IsOpen || !_instruments.TryGetValue(instrument.Value, out var known) || AskOnSocket(known)) return;
        if (_rest is null) return;
        if (!_snapshotsUnderWay.Add(instrument.Value))
        {
            Statistics.SnapshotsRepeated++;
            return;
        }

        var token = ((long)_link.Connection << 32) | (uint)instrument.Value;
        if (!_snapshotRequests.TryGetValue(instrument.Value, out var request)) _snapshotRequests[instrument.Value] = request = _protocol.SnapshotRequest(known);
        if (request is not null && _rest.TryBegin(request, token)) Statistics.SnapshotsRequested++;
        else _snapshotsUnderWay.Remove(instrument.Value);
    }

    public void Resubscribe(InstrumentId instrument)
    {
        if (!_link.IsOpen || !_instruments.TryGetValue(instrument.Value, out var known)) return;
        Statistics.Resubscribes++;
        _writer.Clear();
        _protocol.WriteResubscribe(known, _writer);
        _link.Enqueue(_writer, _clock.NowNs);
    }

    public void Reconnect(DisconnectReason reason)
    {
        if (!_link.IsOpen) return;
        Statistics.ReconnectsRequested++;
        _requestedReason = reason;
        _link.Reconnect();
    }

    LinkPreparation ISocketLinkOwner.Prepare(long nowNs, out Uri target)
    {
        target = Target(_options.Stream, _protocol.ConnectPath(_options.Instruments));
        switch (_connectAnswer)
        {
            case ConnectAnswer.Here:
                return LinkPreparation.Ready;
            case ConnectAnswer.Asked:
                return LinkPreparation.Wait;
            case ConnectAnswer.Failed:
                _connectAnswer = ConnectAnswer.None;
                return LinkPreparation.Failed;
        }

        if (_protocol.ConnectRequest() is not { } request) return LinkPreparation.Ready;
        if (_rest is null || !_rest.TryBegin(request, ConnectToken)) return LinkPreparation.Failed;
        _connectAnswer = ConnectAnswer.Asked;
        return LinkPreparation.Wait;
    }

    void ISocketLinkOwner.OnOpen(int connection, long nowNs)
    {
        // What the venue answered opens one connection; the next asks anew.
        _connectAnswer = ConnectAnswer.None;
        _requestedReason = DisconnectReason.None;
        if (_timeRequest is not null && _timesAsked == 0) _nextTimeNs = nowNs + FirstTimesNs[0];
        _protocol.Reset();
        _listener!.OnConnected(connection, nowNs);
        _writer.Clear();
        _protocol.WriteSubscribe(_options.Instruments, _writer);
        _link.Enqueue(_writer, nowNs);
    }

    void ISocketLinkOwner.OnFrame(ReadOnlySpan<byte> frame, long receivedNs) => _listener!.OnFrame(frame, receivedNs);

    void ISocketLinkOwner.OnReadComplete(long nowNs)
    {
        _listener!.OnReadComplete(nowNs);
        _writer.Clear();
        _protocol.WritePending(_writer);
        if (_writer.FrameCount > 0) _link.Enqueue(_writer, nowNs);
    }

    void ISocketLinkOwner.OnClosed(SocketFailure failure, bool wasOpen, long nowNs)
    {
        _connectAnswer = ConnectAnswer.None;
        // What is still under way belongs to the old connection: its answer is dropped when it comes.
        _snapshotsUnderWay.Clear();
        var reason = failure == SocketFailure.Requested && _requestedReason != DisconnectReason.None ? _requestedReason : Reason(failure);
        _requestedReason = DisconnectReason.None;
        _listener!.OnDisconnected(reason, nowNs);
    }

    bool ISocketLinkOwner.TryWritePing(FrameWriter writer) => _protocol.TryWritePing(writer);

    /// <summary>Where to connect: the stream's URL, that with a path behind it, or another URL altogether.</summary>
    internal static Uri Target(Uri stream, string path) =>
        path.Length == 0 ? stream
        : path.StartsWith("ws", StringComparison.Ordinal) ? new Uri(path)
        : new Uri(stream.AbsoluteUri.TrimEnd('/') + path);

    internal static DisconnectReason Reason(SocketFailure failure) => failure switch
    {
        SocketFailure.None => DisconnectReason.None,
        SocketFailure.ClosedByPeer => DisconnectReason.ClosedByVenue,
        SocketFailure.TlsError => DisconnectReason.TlsError,
        SocketFailure.HandshakeRefused => DisconnectReason.HandshakeRefused,
        SocketFailure.ProtocolViolation => DisconnectReason.ProtocolViolation,
        SocketFailure.Silent => DisconnectReason.Silent,
        SocketFailure.TooOld => DisconnectReason.TooOld,
        SocketFailure.Requested => DisconnectReason.Requested,
        _ => DisconnectReason.SocketError,
    };

    private bool AskOnSocket(Instrument instrument)
    {
        _writer.Clear();
        if (!_protocol.WriteSnapshotRequest(instrument, _writer)) return false;
        Statistics.SnapshotsRequested++;
        _link.Enqueue(_writer, _clock.NowNs);
        return true;
    }

    private int StepRest(RestClient rest, long nowNs)
    {
        var work = rest.Step(nowNs);
        while (rest.TryTake(out var completion))
        {
            work++;
            if (completion.Token == ConnectToken) AcceptConnect(completion);
            else if (completion.Token == TimeToken) AcceptTime(completion);
            else DeliverSnapshot(completion);
            completion.Release();
        }

        return work;
    }

    private void AcceptConnect(RestCompletion completion)
    {
        if (_connectAnswer != ConnectAnswer.Asked) return;
        _connectAnswer = completion.IsSuccess && _protocol.AcceptConnect(completion.Body) ? ConnectAnswer.Here : ConnectAnswer.Failed;
    }

    private void AskTime(long nowNs)
    {
        _timesAsked++;
        _nextTimeNs = nowNs + (_timesAsked < FirstTimesNs.Length ? FirstTimesNs[_timesAsked] - FirstTimesNs[_timesAsked - 1] : TimeIntervalNs);
        _rest!.TryBegin(_timeRequest!, TimeToken);
    }

    private void AcceptTime(RestCompletion completion)
    {
        var time = _options.ServerTime!;
        if (completion.IsSuccess && time.TryRead(completion.Body, out var unixNs))
            _path!.OnServerTime(unixNs, time.UnitNs, completion.SentNs, completion.ReceivedNs);
        else _path!.OnServerTimeFailed();
    }

    private void DeliverSnapshot(RestCompletion completion)
    {
        var instrument = new InstrumentId((int)(uint)completion.Token);
        if (!_link.IsOpen || completion.Token >> 32 != _link.Connection)
        {
            Statistics.SnapshotsOutdated++;
            return;
        }

        _snapshotsUnderWay.Remove(instrument.Value);
        if (completion.IsSuccess)
        {
            Statistics.SnapshotsSucceeded++;
            _tap?.OnRest(Encoding.UTF8.GetBytes(completion.Url), completion.ReceivedNs, completion.Body);
            _listener!.OnSnapshot(instrument, succeeded: true, completion.Body, completion.ReceivedNs);
        }
        else
        {
            Statistics.SnapshotsFailed++;
            _listener!.OnSnapshot(instrument, succeeded: false, default, completion.ReceivedNs);
        }

        _listener.OnReadComplete(_clock.NowNs);
    }
}
