using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Connectivity.Sessions;

/// <summary>
/// Order entry beside the private stream: on a socket of its own, or by REST. A REST call is made once; what the venue did not answer
/// itself is an unknown outcome, which the caller queries. The REST half may allocate: such a session runs off the hot threads.
/// </summary>
public sealed partial class OrderSession
{
    private const int FillsWantedMax = 256;

    private readonly Dictionary<long, EntryCall> _entryCalls = [];
    private readonly Dictionary<long, Instrument> _fillCalls = [];
    private readonly Dictionary<int, long> _fillsWanted = [];
    private ExchangeTime _lastFill;

    private sealed record EntryCall(RequestKind Kind, OrderRequest Order, CancelRequest Cancel, AmendRequest Amend, Instrument? Instrument)
    {
        public ClientOrderId Id => Kind switch
        {
            RequestKind.Place => Order.ClientOrderId,
            RequestKind.Cancel => Cancel.ClientOrderId,
            _ => Amend.ClientOrderId,
        };

        public InstrumentId InstrumentId => Kind switch
        {
            RequestKind.Place => Order.Instrument,
            RequestKind.Cancel => Cancel.Instrument,
            RequestKind.Amend => Amend.Instrument,
            _ => Instrument!.Id,
        };
    }

    internal long UnixNs => _wall.UnixNs;

    internal bool IsLoginOverdue(long openedNs, long nowNs) => nowNs - openedNs >= (long)_options.LoginTimeout.TotalNanoseconds;

    internal void OnEntryFrame(OrderEntrySocket socket, ReadOnlySpan<byte> frame, long receivedNs)
    {
        _batch.Reset();
        var cause = socket.Protocol.Decode(frame, _batch);
        if (cause != QuarantineCause.None)
        {
            Quarantine(cause, receivedNs, frame);
            return;
        }

        Deliver(receivedNs);
        switch (_batch.Signal)
        {
            case OrderSignal.SessionReady:
                socket.IsReady = true;
                Obey(OrderSignal.SessionReady, receivedNs);
                break;
            case OrderSignal.LoginRefused:
                Statistics.LoginsRefused++;
                socket.Link.Reconnect();
                break;
            case OrderSignal.ReconnectRequested:
                socket.Link.Reconnect();
                break;
            case OrderSignal.PrivateStreamGap:
                // Learned here, about the other socket: what its key opened is of no use any more.
                _requestedReason = DisconnectReason.ClosedByVenue;
                _link.Reconnect();
                break;
        }
    }

    /// <summary>What was sent on the lost socket has an unknown outcome, though the private stream goes on.</summary>
    internal void OnEntryClosed(DisconnectReason reason, long nowNs)
    {
        if (!IsReady) return;
        IsReady = false;
        _listener!.OnSession(_options.Venue, ready: false, reason, nowNs);
    }

    private SendResult PlaceByRest(in OrderRequest order, long nowNs, out RejectReason reason)
    {
        reason = _restEntry!.FormPlace(in order, _wall.UnixNs, out var request);
        if (reason != RejectReason.None || request is null) return SendResult.NotEncodable;
        // An order does not wait for a permit: later it would be another decision.
        if (!_rest.CanSendNow(request.Weight, nowNs)) return SendResult.Throttled;
        var copy = order;
        return Call(
            new EntryCall(RequestKind.Place, copy, default, default, null),
            () => Form(_restEntry.FormPlace(in copy, _wall.UnixNs, out var again), again), () => !IsKilled(copy.Strategy));
    }

    private SendResult CancelByRest(in CancelRequest cancel, out RejectReason reason)
    {
        reason = _restEntry!.FormCancel(in cancel, _wall.UnixNs, out var request);
        if (reason != RejectReason.None || request is null) return SendResult.NotEncodable;
        var copy = cancel;
        return Call(new EntryCall(RequestKind.Cancel, default, copy, default, null), () => Form(_restEntry.FormCancel(in copy, _wall.UnixNs, out var again), again));
    }

    private SendResult AmendByRest(in AmendRequest amend, long nowNs, out RejectReason reason)
    {
        reason = _restEntry!.FormAmend(in amend, _wall.UnixNs, out var request);
        if (reason != RejectReason.None || request is null) return SendResult.NotEncodable;
        if (!_rest.CanSendNow(request.Weight, nowNs)) return SendResult.Throttled;
        var copy = amend;
        return Call(
            new EntryCall(RequestKind.Amend, default, default, copy, null),
            () => Form(_restEntry.FormAmend(in copy, _wall.UnixNs, out var again), again), () => !IsKilled(copy.Strategy));
    }

    private SendResult CancelAllByRest(Instrument instrument, out RejectReason reason)
    {
        reason = RejectReason.NotSupported;
        if (_protocol is not IRestCancelAll entry) return SendResult.NotEncodable;
        reason = entry.FormCancelAll(instrument, _wall.UnixNs, out var request);
        if (reason != RejectReason.None || request is null) return SendResult.NotEncodable;
        return Call(
            new EntryCall(RequestKind.CancelAll, default, default, default, instrument),
            () => Form(entry.FormCancelAll(instrument, _wall.UnixNs, out var again), again));
    }

    /// <summary>What could be formed a moment ago can be formed now: the request depends on nothing but the time.</summary>
    private static RestRequest Form(RejectReason reason, RestRequest? request) =>
        request ?? throw new InvalidOperationException($"A request that was formed once could not be formed again: {reason}.");

    /// <param name="call">Remembered until it is answered.</param>
    /// <param name="form">Called when the venue's limits allow the call.</param>
    /// <param name="mayLeave">Asked again right before the bytes leave; cancels never ask.</param>
    private SendResult Call(EntryCall call, Func<RestRequest> form, Func<bool>? mayLeave = null)
    {
        var token = _nextToken++;
        if (!_rest.TryBegin(form, token, mayLeave)) return SendResult.Backlogged;
        _entryCalls.Add(token, call);
        return SendResult.Sent;
    }

    private void CompleteEntry(EntryCall call, RestCompletion completion)
    {
        _batch.Reset();
        if (completion.Error == RestError.Withheld)
        {
            Withheld(call);
        }
        else if (completion.Status == 429)
        {
            if (call.Kind != RequestKind.CancelAll) Identified(call, RejectReason.RateLimited, completion.Status);
        }
        else if (!IsAnswer(completion))
        {
            OutcomeUnknown(call, completion.Status);
        }
        else if (DecodeEntry(call, completion) is var cause and not QuarantineCause.None)
        {
            Quarantine(cause, completion.ReceivedNs, completion.Body);
            _batch.Reset();
            OutcomeUnknown(call, completion.Status);
        }

        Deliver(completion.ReceivedNs);
    }

    private QuarantineCause DecodeEntry(EntryCall call, RestCompletion completion) => call.Kind switch
    {
        RequestKind.Place => _restEntry!.DecodePlace(call.Order, completion.Status, completion.Body, _batch),
        RequestKind.Cancel => _restEntry!.DecodeCancel(call.Cancel, completion.Status, completion.Body, _batch),
        RequestKind.Amend => _restEntry!.DecodeAmend(call.Amend, completion.Status, completion.Body, _batch),
        _ => ((IRestCancelAll)_protocol).DecodeCancelAll(call.Instrument!, completion.Status, completion.Body, _batch),
    };

    /// <summary>The kill word came between its hand-over and its first byte: it ends like one that was never handed over.</summary>
    private void Withheld(EntryCall call)
    {
        Statistics.Withheld++;
        if (call.Kind != RequestKind.Place)
        {
            Identified(call, RejectReason.Killed, 0);
            return;
        }

        ref var report = ref _batch.AddReport(ExecutionKind.NotSent);
        (report.ClientOrderId, report.Instrument, report.Side, report.Reason) = (call.Id, call.InstrumentId, call.Order.Side, RejectReason.Killed);
    }

    private void OutcomeUnknown(EntryCall call, int status)
    {
        Statistics.OutcomesUnknown++;
        if (call.Kind != RequestKind.CancelAll) Identified(call, RejectReason.UnknownOutcome, status);
    }

    private void Identified(EntryCall call, RejectReason reason, int status) =>
        _batch.AddRefusal(call.Kind, _options.Venue, call.Id, reason, status).Instrument = call.InstrumentId;

    /// <summary>Asked for at once and once more after it was answered: a trade may be listed later than the stream tells of it.</summary>
    private void WantFills(InstrumentId instrument)
    {
        if (_fillsWanted.Count < FillsWantedMax && _instruments.ContainsKey(instrument.Value)) _fillsWanted[instrument.Value] = long.MinValue;
    }

    private void AskFills(long nowNs)
    {
        foreach (var (id, next) in _fillsWanted)
        {
            if (next > nowNs || _fillCalls.ContainsValue(_instruments[id])) continue;
            var token = _nextToken++;
            var instrument = _instruments[id];
            var since = FillsSince();
            if (!_rest.TryBegin(() => _account.Fills(instrument, since, _wall.UnixNs), token)) return;
            _fillCalls.Add(token, instrument);
            _fillsWanted.Remove(id);
            return;
        }
    }

    /// <summary>A minute before the last known fill: venues list trades late; what comes twice is applied once.</summary>
    private ExchangeTime FillsSince() =>
        _lastFill.UnixNs > _fillsSince.UnixNs ? new ExchangeTime(_lastFill.UnixNs - 60_000_000_000) : _fillsSince;

    private void CompleteFills(Instrument instrument, RestCompletion completion, long nowNs)
    {
        _batch.Reset();
        var cause = IsAnswer(completion)
            ? _account.DecodeFills(instrument, completion.Status, completion.Body, _batch)
            : QuarantineCause.VenueError;
        if (cause != QuarantineCause.None)
        {
            if (IsAnswer(completion)) Quarantine(cause, completion.ReceivedNs, completion.Body);
            _fillsWanted[instrument.Id.Value] = nowNs + 1_000_000_000;
            return;
        }

        Statistics.FillsFetched += _batch.Reports.Length;
        foreach (ref readonly var report in _batch.Reports)
        {
            if (report.Kind == ExecutionKind.Fill && report.ExchangeTime.UnixNs > _lastFill.UnixNs) _lastFill = report.ExchangeTime;
        }

        Deliver(completion.ReceivedNs);
    }
}
