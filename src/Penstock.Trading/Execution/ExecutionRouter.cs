using System.Runtime.InteropServices;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Infrastructure.Journal;
using Penstock.Infrastructure.Time;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;

namespace Penstock.Trading.Execution;

/// <summary>
/// Routes orders to the venue of their instrument and brings back what venues say (R84). What comes back, also "not sent",
/// waits in a bounded queue until the engine's step drains it, so that the engine is never entered from inside its own
/// call. One thread: that of the engine and its sessions.
/// </summary>
public sealed class ExecutionRouter : IOrderOutbox, IExecutionListener
{
    /// <summary>Sessions deliver at most one read's worth between two drains; a reconciliation may bring thousands.</summary>
    private const int PendingCapacity = 8_192;

    /// <summary>An answer that waited longer for the engine stands in a backlog: no healthy node comes near it.</summary>
    public const long LateNs = 250_000_000;

    /// <summary>Orders whose first answer is timed at once; an older one that shares the slot is not timed.</summary>
    private const int TimedOrders = 16_384;

    private readonly InstrumentTable _instruments;
    private readonly IMonotonicClock _clock;
    private readonly ILatencyRecorder? _latency;
    private readonly IOrderGateway?[] _gateways = new IOrderGateway?[byte.MaxValue + 1];
    private readonly bool[] _needsReconciliation = new bool[byte.MaxValue + 1];
    private readonly long[] _late = new long[byte.MaxValue + 1];
    private readonly Pending[] _pending = new Pending[PendingCapacity];
    private readonly (ClientOrderId Id, long SentNs)[] _timed = new (ClientOrderId, long)[TimedOrders];
    private int _head;
    private int _count;

    public ExecutionRouter(InstrumentTable instruments, IMonotonicClock clock, ILatencyRecorder? latency)
    {
        _instruments = instruments;
        _clock = clock;
        _latency = latency;
    }

    public ExecutionStatistics Statistics { get; } = new();

    /// <summary>Takes the moment each order left, for the trace of its causes (R58); null where nobody asks for it.</summary>
    public IJournalAppender? SentLog { get; init; }

    /// <summary>Inputs waiting for <see cref="Drain"/>.</summary>
    public int PendingCount => _count;

    /// <summary>Answers of the venue that waited longer than <see cref="LateNs"/> between socket and engine.</summary>
    public long LateOf(VenueId venue) => _late[venue.Value];

    /// <summary>Before the engine starts.</summary>
    public void Attach(VenueId venue, IOrderGateway gateway) => _gateways[venue.Value] = gateway;

    public void Place(in RiskApproved<OrderRequest> order)
    {
        var request = order.Value;
        if (!order.IsGenuine)
        {
            Statistics.Unapproved++;
            NotSent(ExecutionKind.NotSent, request.ClientOrderId, request.Instrument, request.Side, RejectReason.Rejected);
            return;
        }

        if (IsStale(request))
        {
            Statistics.StaleSignals++;
            NotSent(ExecutionKind.NotSent, request.ClientOrderId, request.Instrument, request.Side, RejectReason.StaleSignal);
            return;
        }

        var result = SendResult.NotConnected;
        var reason = RejectReason.Transient;
        try
        {
            if (GatewayOf(request.Instrument) is { } gateway) result = gateway.TryPlace(request, out reason);
        }
        catch (Exception)
        {
            Failed(ExecutionKind.OutcomeUnknown, request.ClientOrderId, request.Instrument, request.Side);
            return;
        }

        if (result != SendResult.Sent)
        {
            NotSent(ExecutionKind.NotSent, request.ClientOrderId, request.Instrument, request.Side, Count(result, reason));
            return;
        }

        Statistics.OrdersSent++;
        var nowNs = _clock.NowNs;
        _timed[SlotOf(request.ClientOrderId)] = (request.ClientOrderId, nowNs);
        if (request.Trigger.Ns > 0) _latency?.RecordDecision(nowNs - request.Trigger.Ns);
        if (SentLog is null) return;
        var sent = new OrderSentRecord { ClientOrderId = request.ClientOrderId.Value, SentNs = nowNs };
        SentLog.Append((ushort)EngineRecordType.OrderSent, MemoryMarshal.AsBytes(new ReadOnlySpan<OrderSentRecord>(in sent)));
    }

    public void Cancel(in CancelRequest cancel)
    {
        var result = SendResult.NotConnected;
        var reason = RejectReason.Transient;
        try
        {
            if (GatewayOf(cancel.Instrument) is { } gateway) result = gateway.TryCancel(cancel, out reason);
        }
        catch (Exception)
        {
            Failed(ExecutionKind.CancelRejected, cancel.ClientOrderId, cancel.Instrument, default);
            return;
        }

        if (result == SendResult.Sent) Statistics.CancelsSent++;
        else NotSent(ExecutionKind.CancelRejected, cancel.ClientOrderId, cancel.Instrument, default, Count(result, reason));
    }

    public void Amend(in RiskApproved<AmendRequest> amend)
    {
        var request = amend.Value;
        if (!amend.IsGenuine)
        {
            Statistics.Unapproved++;
            NotSent(ExecutionKind.AmendRejected, request.ClientOrderId, request.Instrument, request.Side, RejectReason.Rejected);
            return;
        }

        var result = SendResult.NotConnected;
        var reason = RejectReason.Transient;
        try
        {
            if (GatewayOf(request.Instrument) is { } gateway) result = gateway.TryAmend(request, out reason);
        }
        catch (Exception)
        {
            Failed(ExecutionKind.AmendRejected, request.ClientOrderId, request.Instrument, request.Side);
            return;
        }

        if (result == SendResult.Sent) Statistics.AmendsSent++;
        else NotSent(ExecutionKind.AmendRejected, request.ClientOrderId, request.Instrument, request.Side, Count(result, reason));
    }

    public void Query(ClientOrderId id, Text40 venueOrderId, InstrumentId instrument)
    {
        Statistics.Queries++;
        try
        {
            GatewayOf(instrument)?.RequestQuery(id, venueOrderId, instrument);
        }
        catch (Exception)
        {
            Statistics.GatewayFaults++; // the engine's own timer asks again
        }
    }

    public void Reconcile(VenueId venue, ExchangeTime fillsSince)
    {
        Statistics.Reconciliations++;
        try
        {
            _gateways[venue.Value]?.RequestReconciliation(fillsSince);
        }
        catch (Exception)
        {
            Statistics.GatewayFaults++; // the engine's own timer asks again
        }
    }

    public void OnReport(in ExecutionReport report)
    {
        TimeFirstAnswer(report);
        if (TryEnqueue(PendingKind.Report, report.Venue) is { } index) _pending[index].Report = report;
    }

    public void OnBalance(in BalanceReport balance)
    {
        if (TryEnqueue(PendingKind.Balance, balance.Venue) is { } index) _pending[index].Balance = balance;
    }

    public void OnFunding(in FundingReport funding)
    {
        if (TryEnqueue(PendingKind.Funding, funding.Venue) is { } index) _pending[index].Funding = funding;
    }

    public void OnSession(VenueId venue, bool ready, DisconnectReason reason, long nowNs)
    {
        if (TryEnqueue(PendingKind.Session, venue) is not { } index) return;
        _pending[index].Flag = ready;
        _pending[index].Reason = reason;
        _pending[index].NowNs = nowNs;
    }

    public void OnReconciled(VenueId venue, bool succeeded, long nowNs)
    {
        if (TryEnqueue(PendingKind.Reconciled, venue) is not { } index) return;
        _pending[index].Flag = succeeded;
        _pending[index].NowNs = nowNs;
    }

    /// <summary>
    /// Hands what waits to the engine, in order of arrival; what the engine causes meanwhile waits for the next call.
    /// Returns how many.
    /// </summary>
    public int Drain(IExecutionListener engine)
    {
        var count = _count;
        var lateBeforeNs = count > 0 ? _clock.NowNs - LateNs : 0;
        for (var i = 0; i < count; i++)
        {
            ref var pending = ref _pending[_head];
            switch (pending.Kind)
            {
                case PendingKind.Report:
                    if (pending.Report.Received.Ns < lateBeforeNs) _late[pending.Venue.Value]++;
                    engine.OnReport(pending.Report);
                    break;
                case PendingKind.Balance:
                    engine.OnBalance(pending.Balance);
                    break;
                case PendingKind.Funding:
                    engine.OnFunding(pending.Funding);
                    break;
                case PendingKind.Session:
                    engine.OnSession(pending.Venue, pending.Flag, pending.Reason, pending.NowNs);
                    break;
                default:
                    engine.OnReconciled(pending.Venue, pending.Flag, pending.NowNs);
                    break;
            }

            // Only now: what the engine causes must not be written over what it is reading.
            _head = (_head + 1) & (PendingCapacity - 1);
            _count--;
        }

        return count;
    }

    /// <summary>True once after inputs of the venue were lost: the engine has to reconcile it.</summary>
    public bool TakeNeedsReconciliation(VenueId venue)
    {
        var needs = _needsReconciliation[venue.Value];
        _needsReconciliation[venue.Value] = false;
        return needs;
    }

    private IOrderGateway? GatewayOf(InstrumentId instrument) =>
        _instruments.Contains(instrument) ? _gateways[_instruments[instrument].Venue.Value] : null;

    /// <summary>The last moment at which a decision may turn out to be of yesterday: it was made of older news than its strategy allows.</summary>
    private bool IsStale(in OrderRequest request) =>
        request.SignalAgeNsMax > 0 && request.Trigger.Ns > 0 && _clock.NowNs - request.Trigger.Ns > request.SignalAgeNsMax;

    private RejectReason Count(SendResult result, RejectReason reason)
    {
        switch (result)
        {
            case SendResult.Throttled:
                Statistics.Throttled++;
                return RejectReason.RateLimited;
            case SendResult.NotConnected:
                Statistics.NotConnected++;
                return RejectReason.Transient;
            case SendResult.Backlogged:
                Statistics.Backlogged++;
                return RejectReason.Transient;
            case SendResult.Killed:
                Statistics.Killed++;
                return RejectReason.Killed;
            default:
                Statistics.NotEncodable++;
                return reason == RejectReason.None ? RejectReason.InvalidParameter : reason;
        }
    }

    /// <summary>
    /// A venue's code that throws must not end the engine's input halfway: a replay has no venue, and would not. Whether anything left nobody knows.
    /// </summary>
    private void Failed(ExecutionKind kind, ClientOrderId id, InstrumentId instrument, Model.Markets.Side side)
    {
        Statistics.GatewayFaults++;
        NotSent(kind, id, instrument, side, RejectReason.UnknownOutcome);
    }

    private void NotSent(ExecutionKind kind, ClientOrderId id, InstrumentId instrument, Model.Markets.Side side, RejectReason reason)
    {
        var venue = _instruments.Contains(instrument) ? _instruments[instrument].Venue : default;
        if (TryEnqueue(PendingKind.Report, venue) is not { } index) return;
        _pending[index].Report = new ExecutionReport
        {
            Kind = kind, ClientOrderId = id, Instrument = instrument, Venue = venue, Side = side, Reason = reason,
            Received = new MonotonicTime(_clock.NowNs),
        };
    }

    private void TimeFirstAnswer(in ExecutionReport report)
    {
        if (report.ClientOrderId.IsNone || report.Kind is ExecutionKind.NotSent or ExecutionKind.OutcomeUnknown) return;
        ref var timed = ref _timed[SlotOf(report.ClientOrderId)];
        if (timed.Id != report.ClientOrderId) return;
        timed.Id = default;
        _latency?.RecordExecution(report.Received.Ns - timed.SentNs);
    }

    private int? TryEnqueue(PendingKind kind, VenueId venue)
    {
        if (_count == PendingCapacity)
        {
            Statistics.PendingShed++;
            _needsReconciliation[venue.Value] = true;
            return null;
        }

        var index = (_head + _count) & (PendingCapacity - 1);
        _count++;
        Statistics.PendingMax = Math.Max(Statistics.PendingMax, _count);
        _pending[index].Kind = kind;
        _pending[index].Venue = venue;
        return index;
    }

    private static int SlotOf(ClientOrderId id) => (int)(id.Value & (TimedOrders - 1));

    private enum PendingKind : byte
    {
        Report,
        Balance,
        Funding,
        Session,
        Reconciled,
    }

    private struct Pending
    {
        public PendingKind Kind;
        public VenueId Venue;
        public bool Flag;
        public DisconnectReason Reason;
        public long NowNs;
        public ExecutionReport Report;
        public BalanceReport Balance;
        public FundingReport Funding;
    }
}
