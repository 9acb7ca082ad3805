using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.RateLimits;
using Penstock.Connectivity.Transport;
using Penstock.Infrastructure.Threads;
using Penstock.Infrastructure.Time;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Connectivity.Sessions;

/// <summary>
/// One account's order entry and private stream (R106): token, connection, login, then orders out and reports in. An order goes to the
/// socket in the caller's own step or is refused with a reason; it is never queued and never sent twice. What a lost
/// connection leaves open is for the caller to query. One thread; placing, cancelling and receiving allocate nothing.
/// </summary>
public sealed partial class OrderSession : IAgent, IOrderGateway, ISocketLinkOwner, IPollable
{
    private readonly OrderSessionOptions _options;
    private readonly IOrderProtocol _protocol;
    private readonly IAccountQueries _account;
    private readonly RestClient _rest;
    private readonly IMonotonicClock _clock;
    private readonly IWallClock _wall;
    private readonly SocketLink _link;
    private readonly OrderEntrySocket? _entrySocket;
    private readonly IRestOrderEntry? _restEntry;
    private readonly OrderLimiter _orderLimits;
    private readonly FrameWriter _writer = new();
    private readonly FrameWriter _pendingWriter = new();
    private readonly ExecutionBatch _batch = new();
    private readonly SetAside? _setAside;
    private readonly Dictionary<int, Instrument> _instruments = [];
    private IExecutionListener? _listener;
    private DisconnectReason _requestedReason;
    private TokenState _token;
    private long _openedNs;
    private bool _streamReady;

    /// <param name="options">The venue's addresses and limits.</param>
    /// <param name="protocol">Fresh, for this session alone.</param>
    /// <param name="rest">This session's own client.</param>
    /// <param name="clock">Monotonic.</param>
    /// <param name="wall">Signatures contain it.</param>
    /// <param name="listener">May be given later by <see cref="Attach"/>, before the first step.</param>
    /// <param name="setAside">Keeps frames and answers that cannot be read; null only counts them.</param>
    public OrderSession(
        OrderSessionOptions options, IOrderProtocol protocol, RestClient rest, IMonotonicClock clock, IWallClock wall,
        IExecutionListener? listener = null, SetAside? setAside = null)
    {
        _setAside = setAside;
        _options = options;
        _protocol = protocol;
        _account = protocol.Queries;
        _rest = rest;
        _clock = clock;
        _wall = wall;
        _listener = listener;
        _orderLimits = new OrderLimiter(options.OrderLimits, options.Amends);
        // Without a tap: frames here contain signatures, which no capture may hold.
        _link = new SocketLink(options.Link, this, clock);
        _restEntry = protocol as IRestOrderEntry;
        _fundingHistory = _account as IFundingHistory;
        if (options.EntryStream is { } entry && protocol.Entry is { } conversation)
            _entrySocket = new OrderEntrySocket(this, conversation, entry, options.Link with { Seed = options.Link.Seed + 1 }, clock);
        _retryBackoff = new Backoff(new SeededGenerator(options.Link.Seed ^ 0x5EED));
        foreach (var instrument in options.Instruments) _instruments[instrument.Id.Value] = instrument;
    }

    private enum TokenState : byte
    {
        None,
        Asked,
        Here,
        Failed,
    }

    public string Role => $"orders-{_options.Name}";

    public VenueId Venue => _options.Venue;

    public OrderSessionStatistics Statistics { get; } = new();

    public SocketLinkStatistics LinkStatistics => _link.Statistics;

    public RestStatistics RestStatistics => _rest.Statistics;

    public bool IsReady { get; private set; }

    /// <summary>Of the socket for order entry; null where there is none of its own.</summary>
    public SocketLinkStatistics? EntryStatistics => _entrySocket?.Link.Statistics;

    public nint PollHandle => _link.PollHandle;

    public void Attach(IExecutionListener listener) => _listener = listener;

    public int DoWork()
    {
        if (_listener is null) throw new InvalidOperationException("Expected a listener before the first step, found none.");
        var now = _clock.NowNs;
        var work = _link.Step(now);
        if (_entrySocket is not null) work += _entrySocket.Step(now);
        if (_link.IsOpen && !_streamReady && now - _openedNs >= (long)_options.LoginTimeout.TotalNanoseconds) RefuseLogin();
        return work + StepRest(now);
    }

    public void OnStop()
    {
        IsReady = false;
        _link.Dispose();
        _entrySocket?.Link.Dispose();
    }

    public SendResult TryPlace(in OrderRequest order, out RejectReason reason)
    {
        reason = RejectReason.None;
        if (!IsReady) return Count(SendResult.NotConnected);
        var now = _clock.NowNs;
        if (!_orderLimits.AllowsOrder(now)) return Count(SendResult.Throttled);
        if (order.SignalAgeNsMax > 0 && order.Trigger.Ns > 0 && now - order.Trigger.Ns > order.SignalAgeNsMax)
        {
            // It may have waited between two threads: here is the last moment to look.
            reason = RejectReason.StaleSignal;
            return Count(SendResult.NotEncodable);
        }

        SendResult result;
        if (_restEntry is not null)
        {
            if (IsKilled(order.Strategy)) return SendResult.Killed;
            result = PlaceByRest(in order, now, out reason);
        }
        else
        {
            _writer.Clear();
            reason = _protocol.WritePlace(in order, _writer, _wall.UnixNs);
            // After the encoding, which takes longest: what a press finds here does not leave.
            if (IsKilled(order.Strategy)) return SendResult.Killed;
            result = reason == RejectReason.None ? Send(now) : SendResult.NotEncodable;
        }

        if (result != SendResult.Sent) return Count(result);
        _orderLimits.CountOrder(now);
        Statistics.PlacesSent++;
        return SendResult.Sent;
    }

    /// <remarks>Cancels take nothing of the order limits: getting out must always be possible.</remarks>
    public SendResult TryCancel(in CancelRequest cancel, out RejectReason reason)
    {
        reason = RejectReason.None;
        if (!IsReady) return Count(SendResult.NotConnected);
        SendResult result;
        if (_restEntry is not null)
        {
            result = CancelByRest(in cancel, out reason);
        }
        else
        {
            _writer.Clear();
            reason = _protocol.WriteCancel(in cancel, _writer, _wall.UnixNs);
            result = reason == RejectReason.None ? Send(_clock.NowNs) : SendResult.NotEncodable;
        }

        if (result == SendResult.Sent) Statistics.CancelsSent++;
        return Count(result);
    }

    /// <remarks>Takes of the order limits and of those on changes what the venue counts a change for.</remarks>
    public SendResult TryAmend(in AmendRequest amend, out RejectReason reason)
    {
        reason = RejectReason.None;
        if (!IsReady) return Count(SendResult.NotConnected);
        var now = _clock.NowNs;
        if (!_orderLimits.AllowsAmend(now)) return Count(SendResult.Throttled);
        SendResult result;
        if (_restEntry is not null)
        {
            if (IsKilled(amend.Strategy)) return SendResult.Killed;
            result = AmendByRest(in amend, now, out reason);
        }
        else
        {
            _writer.Clear();
            reason = _protocol.WriteAmend(in amend, _writer, _wall.UnixNs);
            if (IsKilled(amend.Strategy)) return SendResult.Killed;
            result = reason == RejectReason.None ? Send(now) : SendResult.NotEncodable;
        }

        if (result != SendResult.Sent) return Count(result);
        _orderLimits.CountAmend(now);
        Statistics.AmendsSent++;
        return SendResult.Sent;
    }

    public SendResult TryCancelAll(InstrumentId instrument, out RejectReason reason)
    {
        reason = RejectReason.InvalidParameter;
        if (!IsReady) return Count(SendResult.NotConnected);
        if (!_instruments.TryGetValue(instrument.Value, out var known)) return Count(SendResult.NotEncodable);
        SendResult result;
        if (_restEntry is not null)
        {
            result = CancelAllByRest(known, out reason);
        }
        else
        {
            _writer.Clear();
            reason = _protocol.WriteCancelAll(known, _writer, _wall.UnixNs);
            result = reason == RejectReason.None ? Send(_clock.NowNs)
                : reason == RejectReason.NotSupported ? CancelAllByRest(known, out reason) : SendResult.NotEncodable;
        }

        if (result == SendResult.Sent) Statistics.CancelsSent++;
        return Count(result);
    }

    LinkPreparation ISocketLinkOwner.Prepare(long nowNs, out Uri target)
    {
        target = FeedSession.Target(_options.Stream, _protocol.ConnectPath);
        switch (_token)
        {
            case TokenState.Here:
                return LinkPreparation.Ready;
            case TokenState.Asked:
                return LinkPreparation.Wait;
            case TokenState.Failed:
                _token = TokenState.None;
                return LinkPreparation.Failed;
        }

        if (_protocol.TokenRequest(_wall.UnixNs) is null) return LinkPreparation.Ready;
        if (!_rest.TryBegin(() => _protocol.TokenRequest(_wall.UnixNs)!, TokenToken)) return LinkPreparation.Failed;
        _token = TokenState.Asked;
        return LinkPreparation.Wait;
    }

    void ISocketLinkOwner.OnOpen(int connection, long nowNs)
    {
        // A token opens one connection; the next asks for its own.
        _token = TokenState.None;
        _requestedReason = DisconnectReason.None;
        _openedNs = nowNs;
        _protocol.Reset();
        _pendingWriter.Clear();
        _protocol.WriteLogin(_pendingWriter, _wall.UnixNs);
        _link.Enqueue(_pendingWriter, nowNs);
    }

    void ISocketLinkOwner.OnFrame(ReadOnlySpan<byte> frame, long receivedNs)
    {
        _batch.Reset();
        var cause = _protocol.Decode(frame, _batch);
        if (cause != QuarantineCause.None)
        {
            Quarantine(cause, receivedNs, frame);
            return;
        }

        Deliver(receivedNs);
        if (_batch.Signal == OrderSignal.SessionReady) _streamReady = true;
        Obey(_batch.Signal, receivedNs);
        _pendingWriter.Clear();
        _protocol.WritePending(_pendingWriter, _wall.UnixNs);
        if (_pendingWriter.FrameCount > 0) _link.Enqueue(_pendingWriter, _clock.NowNs);
    }

    void ISocketLinkOwner.OnReadComplete(long nowNs)
    {
    }

    void ISocketLinkOwner.OnClosed(SocketFailure failure, bool wasOpen, long nowNs)
    {
        IsReady = _streamReady = false;
        _token = TokenState.None;
        var reason = failure == SocketFailure.Requested && _requestedReason != DisconnectReason.None
            ? _requestedReason
            : FeedSession.Reason(failure);
        _requestedReason = DisconnectReason.None;
        _listener!.OnSession(_options.Venue, ready: false, reason, nowNs);
    }

    bool ISocketLinkOwner.TryWritePing(FrameWriter writer) => _protocol.TryWritePing(writer);

    private bool IsKilled(int strategy) => _options.Kill is { } kill && kill.Blocks(_options.Venue, strategy);

    private SendResult Send(long nowNs)
    {
        var link = _entrySocket?.Link ?? _link;
        if (!link.IsOpen) return SendResult.NotConnected;
        var bytes = 0;
        for (var i = 0; i < _writer.FrameCount; i++) bytes += _writer.Frame(i).Length;
        if (link.TrySendNow(_writer, nowNs)) return SendResult.Sent;
        if (!link.IsOpen) return SendResult.NotConnected;
        return link.HasRoom(bytes, _writer.FrameCount) ? SendResult.Throttled : SendResult.Backlogged;
    }

    private SendResult Count(SendResult result)
    {
        switch (result)
        {
            case SendResult.Throttled:
                Statistics.Throttled++;
                break;
            case SendResult.NotConnected:
                Statistics.NotConnected++;
                break;
            case SendResult.Backlogged:
                Statistics.Backlogged++;
                break;
            case SendResult.NotEncodable:
                Statistics.NotEncodable++;
                break;
        }

        return result;
    }

    private void Quarantine(QuarantineCause cause, long receivedNs, ReadOnlySpan<byte> bytes)
    {
        Statistics.Quarantined[(int)cause]++;
        _setAside?.Invoke(cause, receivedNs, bytes);
    }

    private void Deliver(long receivedNs)
    {
        if (_batch.IsFull) Statistics.BatchesCut++;
        foreach (ref readonly var decoded in _batch.Reports)
        {
            var report = decoded;
            report.Venue = _options.Venue;
            report.Received = new MonotonicTime(receivedNs);
            Statistics.Reports++;
            _listener!.OnReport(in report);
        }

        foreach (ref readonly var decoded in _batch.Balances)
        {
            var balance = decoded;
            balance.Venue = _options.Venue;
            balance.Received = new MonotonicTime(receivedNs);
            Statistics.Balances++;
            _listener!.OnBalance(in balance);
        }

        foreach (ref readonly var decoded in _batch.Fundings)
        {
            var funding = decoded;
            funding.Venue = _options.Venue;
            funding.Received = new MonotonicTime(receivedNs);
            _listener!.OnFunding(in funding);
        }

        foreach (var instrument in _batch.FillsWanted) WantFills(instrument);
        if (_batch.FundingsWanted) WantFundings(isTold: true);
    }

    private void Obey(OrderSignal signal, long nowNs)
    {
        switch (signal)
        {
            case OrderSignal.SessionReady when !IsReady && _streamReady && _entrySocket is not { IsReady: false }:
                IsReady = true;
                Statistics.Logins++;
                _listener!.OnSession(_options.Venue, ready: true, DisconnectReason.None, nowNs);
                break;
            case OrderSignal.LoginRefused:
                RefuseLogin();
                break;
            case OrderSignal.ReconnectRequested:
                _requestedReason = DisconnectReason.ClosedByVenue;
                _link.Reconnect();
                break;
            case OrderSignal.PrivateStreamGap:
                Statistics.StreamGaps++;
                RequestReconciliation(_fillsSince);
                break;
        }
    }

    private void RefuseLogin()
    {
        if (_requestedReason == DisconnectReason.LoginRefused) return;
        Statistics.LoginsRefused++;
        _requestedReason = DisconnectReason.LoginRefused;
        _link.Reconnect();
    }
}
