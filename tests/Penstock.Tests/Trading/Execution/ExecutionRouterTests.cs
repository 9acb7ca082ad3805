using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Infrastructure.Time;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading.Execution;
using Penstock.Trading.Risk;
using static Penstock.Tests.Trading.Fixtures;

namespace Penstock.Tests.Trading.Execution;

public sealed class ExecutionRouterTests : IOrderGateway, IExecutionListener, ILatencyRecorder
{
    private readonly ManualClock _clock = new();
    private readonly ExecutionRouter _router;
    private readonly List<ExecutionReport> _reports = [];
    private readonly List<string> _others = [];
    private readonly List<(string Kind, long Ns)> _latencies = [];
    private SendResult _result = SendResult.Sent;
    private RejectReason _reason;
    private bool _placesAgain;

    public ExecutionRouterTests() => _router = new ExecutionRouter(Instruments(), _clock, this);

    public bool IsReady => true;

    [Theory]
    [Trait("requirement", "R86")]
    [InlineData(SendResult.Throttled, RejectReason.None, RejectReason.RateLimited)]
    [InlineData(SendResult.NotConnected, RejectReason.None, RejectReason.Transient)]
    [InlineData(SendResult.Backlogged, RejectReason.None, RejectReason.Transient)]
    [InlineData(SendResult.NotEncodable, RejectReason.QuantityOutOfRange, RejectReason.QuantityOutOfRange)]
    public void What_was_not_sent_comes_back_as_an_input_and_never_inside_the_call(SendResult result, RejectReason reason, RejectReason reported)
    {
        _router.Attach(Venue, this);
        (_result, _reason) = (result, reason);
        _router.Place(Approved(Order(1)));
        _router.Cancel(new CancelRequest { ClientOrderId = new ClientOrderId(2), Instrument = Btc });
        Assert.Empty(_reports);
        Assert.Equal(2, _router.Drain(this));
        Assert.Equal([(ExecutionKind.NotSent, 1L, reported), (ExecutionKind.CancelRejected, 2L, reported)], _reports.Select(r => (r.Kind, r.ClientOrderId.Value, r.Reason)));
        Assert.Empty(_latencies);
    }

    private sealed class Broken : IOrderGateway
    {
        public bool IsReady => true;

        public SendResult TryPlace(in OrderRequest order, out RejectReason reason) => throw new FormatException("no such market");

        public SendResult TryCancel(in CancelRequest cancel, out RejectReason reason) => throw new FormatException("no such order");

        public SendResult TryAmend(in AmendRequest amend, out RejectReason reason) => throw new FormatException("no such order");

        public void RequestQuery(ClientOrderId id, Text40 venueOrderId, InstrumentId instrument) => throw new FormatException("no such order");

        public void RequestReconciliation(ExchangeTime fillsSince) => throw new FormatException("no such account");
    }

    [Fact]
    [Trait("requirement", "R157")]
    public void A_session_that_throws_leaves_an_unknown_outcome_and_never_the_call()
    {
        _router.Attach(Venue, new Broken());
        _router.Place(Approved(Order(1)));
        _router.Cancel(new CancelRequest { ClientOrderId = new ClientOrderId(2), Instrument = Btc });
        _router.Query(new ClientOrderId(3), default, Btc);
        _router.Reconcile(Venue, default);
        Assert.Equal(2, _router.Drain(this));
        Assert.Equal([ExecutionKind.OutcomeUnknown, ExecutionKind.CancelRejected], _reports.Select(r => r.Kind));
        Assert.All(_reports, r => Assert.Equal(RejectReason.UnknownOutcome, r.Reason));
        Assert.Equal((4L, 0L), (_router.Statistics.GatewayFaults, _router.Statistics.OrdersSent));
    }

    [Fact]
    public void What_the_engine_causes_while_it_drains_waits_for_the_next_drain()
    {
        _placesAgain = true; // no gateway is attached: every order comes back
        _router.Place(Approved(Order(1)));
        Assert.Equal(1, _router.Drain(this));
        Assert.Equal((1, 1), (_reports.Count, _router.PendingCount));
        Assert.Equal(1, _router.Drain(this));
    }

    [Theory]
    [InlineData(100, 1)]
    [InlineData(101, 0)]
    [Trait("requirement", "R84")]
    public void A_decision_made_of_news_older_than_its_strategy_allows_is_dropped_at_the_last_hop_counted_and_told(long ageMs, long sent)
    {
        _router.Attach(Venue, this);
        _router.Place(Approved(Order(1) with { Trigger = new MonotonicTime(_clock.NowNs - ageMs * Ms), SignalAgeNsMax = 100 * Ms }));
        Assert.Equal((sent, 1 - sent), (_router.Statistics.OrdersSent, _router.Statistics.StaleSignals));
        _router.Drain(this);
        if (sent == 0) Assert.Equal((ExecutionKind.NotSent, RejectReason.StaleSignal), (_reports[0].Kind, _reports[0].Reason));
    }

    [Fact]
    [Trait("requirement", "R85")]
    public void Our_latency_and_the_venues_are_measured_apart()
    {
        _router.Attach(Venue, this);
        var trigger = new MonotonicTime(_clock.NowNs);
        _clock.AdvanceNs(70);
        _router.Place(Approved(Order(1) with { Trigger = trigger }));
        _clock.AdvanceNs(900);
        var ack = Fixtures.Report(ExecutionKind.Acked, 1);
        ack.Received = new MonotonicTime(_clock.NowNs);
        _router.OnReport(ack);
        ack.Kind = ExecutionKind.Accepted;
        _router.OnReport(ack);
        Assert.Equal([("decision", 70L), ("execution", 900L)], _latencies);
    }

    [Fact]
    public void A_full_queue_sheds_counts_and_asks_for_reconciliation_once()
    {
        var capacity = 0;
        while (_router.Statistics.PendingShed == 0)
        {
            _router.OnReport(Fixtures.Report(ExecutionKind.Acked, 1));
            capacity++;
        }

        Assert.True(_router.TakeNeedsReconciliation(Venue));
        Assert.False(_router.TakeNeedsReconciliation(Venue));
        Assert.Equal(capacity - 1, _router.Drain(this));
        Assert.Equal(capacity - 1, _reports.Count);
    }

    [Fact]
    [Trait("requirement", "R63")]
    public void An_answer_that_waited_too_long_is_counted_for_its_venue_as_backlog()
    {
        var report = Fixtures.Report(ExecutionKind.Acked, 1);
        report.Received = new MonotonicTime(_clock.NowNs);
        _router.OnReport(report);
        _clock.AdvanceMs(250);
        _router.Drain(this);
        Assert.Equal(0, _router.LateOf(Venue));
        _router.OnReport(report);
        _clock.AdvanceMs(1);
        _router.Drain(this);
        Assert.Equal((1L, 0L), (_router.LateOf(Venue), _router.LateOf(new VenueId(9))));
    }

    [Fact]
    public void Sessions_balances_and_reconciliations_arrive_in_order_and_the_unapproved_never_leaves()
    {
        _router.Attach(Venue, this);
        _router.OnSession(Venue, true, DisconnectReason.None, 1);
        _router.OnBalance(new BalanceReport { Venue = Venue, FreeRaw = 5 });
        _router.OnReconciled(Venue, true, 2);
        _router.OnSession(Venue, false, DisconnectReason.Silent, 3);
        _router.Place(default(RiskApproved<OrderRequest>));
        _router.Drain(this);
        Assert.Equal(["session True None 1", "balance 5", "reconciled True 2", "session False Silent 3"], _others);
        Assert.Equal((1L, 0L), (_router.Statistics.Unapproved, _router.Statistics.OrdersSent));
    }

    SendResult IOrderGateway.TryPlace(in OrderRequest order, out RejectReason reason)
    {
        reason = _reason;
        return _result;
    }

    SendResult IOrderGateway.TryCancel(in CancelRequest cancel, out RejectReason reason)
    {
        reason = _reason;
        return _result;
    }

    void IOrderGateway.RequestQuery(ClientOrderId id, Text40 venueOrderId, InstrumentId instrument)
    {
    }

    void IOrderGateway.RequestReconciliation(ExchangeTime fillsSince)
    {
    }

    void IExecutionListener.OnReport(in ExecutionReport report)
    {
        _reports.Add(report);
        if (_placesAgain) _router.Place(Approved(Order(_reports.Count + 1)));
    }

    void IExecutionListener.OnBalance(in BalanceReport balance) => _others.Add($"balance {balance.FreeRaw}");

    void IExecutionListener.OnSession(VenueId venue, bool ready, DisconnectReason reason, long nowNs) => _others.Add($"session {ready} {reason} {nowNs}");

    void IExecutionListener.OnReconciled(VenueId venue, bool succeeded, long nowNs) => _others.Add($"reconciled {succeeded} {nowNs}");

    void ILatencyRecorder.RecordDecision(long ns) => _latencies.Add(("decision", ns));

    void ILatencyRecorder.RecordExecution(long ns) => _latencies.Add(("execution", ns));
}
