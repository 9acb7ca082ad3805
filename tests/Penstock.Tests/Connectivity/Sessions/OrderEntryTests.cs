using Penstock.Connectivity.Orders;
using Penstock.Connectivity.RateLimits;
using Penstock.Connectivity.Sessions;
using Penstock.Connectivity.Transport;
using Penstock.Infrastructure.Time;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Tests.Connectivity.Transport;

namespace Penstock.Tests.Connectivity.Sessions;

/// <summary>Orders beside the private stream: by REST, on a second socket, and from another thread.</summary>
public sealed class OrderEntryTests : IDisposable
{
    private readonly ManualClock _clock = new();
    private readonly LoopbackServer _server = new();
    private readonly LoopbackServer _entryServer = new();
    private readonly OrderLog _log = new();
    private readonly KillWord _kill = new();
    private readonly HttpStub _http;
    private readonly RestPool _pool;
    private Func<string, byte[]?> _answer = _ => HttpStub.Response(200, "placed");

    public OrderEntryTests()
    {
        _http = new HttpStub(line => _answer(line));
        _pool = new RestPool(new RestPoolOptions { Endpoint = _http.Uri, Limits = [new RateLimit(4, TimeSpan.FromMinutes(1))] });
    }

    public void Dispose()
    {
        _server.Dispose();
        _entryServer.Dispose();
        _http.Dispose();
        _pool.Dispose();
    }

    [Fact]
    [Trait("requirement", "R85")]
    public void What_the_venue_answers_by_REST_is_decoded_and_whatever_else_happens_is_unknown_never_a_reject()
    {
        var session = Session(new FakeRestOrders());
        LogIn(session);
        var answers = new Queue<byte[]>([HttpStub.Response(200, "placed"), HttpStub.Response(400, "no money"), HttpStub.Response(502, ""), HttpStub.Response(200, "nonsense")]);
        _answer = _ => answers.Dequeue();
        ExecutionKind[] kinds = [ExecutionKind.Acked, ExecutionKind.Rejected, ExecutionKind.OutcomeUnknown, ExecutionKind.OutcomeUnknown];
        for (var i = 0; i < kinds.Length; i++)
        {
            var reports = _log.Reports;
            Assert.Equal(SendResult.Sent, session.TryPlace(Order(i + 1), out _));
            Until(session, () => _log.Reports > reports);
            Assert.Equal((kinds[i], Order(i + 1).ClientOrderId, new VenueId(7)), (_log.Last.Kind, _log.Last.ClientOrderId, _log.Last.Venue));
        }

        Assert.Equal(2, session.Statistics.OutcomesUnknown);
        Assert.Equal(4, _http.Requests.Count);
    }

    [Fact]
    [Trait("requirement", "R112")]
    public void An_order_that_would_have_to_wait_for_a_permit_is_refused_and_a_cancel_waits()
    {
        var session = Session(new FakeRestOrders());
        LogIn(session);
        for (var i = 1; i <= 4; i++) Assert.Equal(SendResult.Sent, session.TryPlace(Order(i), out _));
        Assert.Equal(SendResult.Throttled, session.TryPlace(Order(5), out _));
        Assert.Equal(SendResult.Sent, session.TryCancel(new CancelRequest { ClientOrderId = ClientOrderId.Of(1, 1) }, out _));
        Until(session, () => _log.Reports == 4);
        Assert.Equal(SendResult.NotEncodable, session.TryPlace(Order(6) with { Type = OrderType.Market }, out var reason));
        Assert.Equal(RejectReason.InvalidParameter, reason);
        _clock.AdvanceMs(60_001);
        Until(session, () => _log.Reports == 5);
        Assert.Equal(ExecutionKind.Cancelled, _log.Last.Kind);
    }

    [Fact]
    [Trait("requirement", "R82")]
    public void A_kill_between_the_hand_over_and_the_first_byte_ends_as_not_sent_and_cancels_pass()
    {
        var session = Session(new FakeRestOrders());
        LogIn(session);
        Assert.Equal(SendResult.Sent, session.TryPlace(Order(1), out _));
        var amend = new AmendRequest { ClientOrderId = Order(2).ClientOrderId, Instrument = new InstrumentId(1) };
        Assert.Equal(SendResult.Sent, session.TryAmend(amend, out _));
        _kill.Set(true);
        Until(session, () => _log.Reports == 2);
        Assert.Equal(["report NotSent 1", "report AmendRejected 1"], _log.Lines.TakeLast(2));
        Assert.Equal((RejectReason.Killed, new VenueId(7), 2L), (_log.Last.Reason, _log.Last.Venue, session.Statistics.Withheld));
        Assert.Equal(SendResult.Killed, session.TryPlace(Order(3), out _));
        Assert.Equal(SendResult.Sent, session.TryCancel(new CancelRequest { ClientOrderId = Order(1).ClientOrderId }, out _));
        Until(session, () => _log.Reports == 3);
        Assert.StartsWith("POST /cancel", Assert.Single(_http.Requests), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("requirement", "R106")]
    public void With_a_second_socket_the_session_is_ready_when_both_are_and_orders_leave_on_the_second()
    {
        var session = Session(new FakeOrders { Entry = new FakeEntry() });
        LogIn(session, readyAfterwards: false);
        Assert.Equal(SendResult.NotConnected, session.TryPlace(Order(1), out _));
        Until(session, () => _entryServer.Connections.Count == 1 && _entryServer.Last.Texts.Count == 1);
        _entryServer.Last.SendText("entry-ready");
        Until(session, () => session.IsReady);
        Assert.Equal(SendResult.Sent, session.TryPlace(Order(1), out _));
        Until(session, () => _entryServer.Last.Texts.Count == 2);
        Assert.Equal(["hello", $"place {Order(1).ClientOrderId}"], _entryServer.Last.Texts);
        Assert.Equal(2, _server.Last.Texts.Count);

        _entryServer.Last.Reset();
        Until(session, () => !session.IsReady);
        Assert.Equal("session 7 False ClosedByVenue", _log.Lines[^1]);
        _clock.AdvanceMs(1_001);
        Until(session, () => _entryServer.Connections.Count == 2 && _entryServer.Last.Texts.Count == 1);
        _entryServer.Last.SendText("entry-ready");
        Until(session, () => session.IsReady);
        Assert.Single(_server.Connections);
    }

    [Fact]
    [Trait("requirement", "R88")]
    [Trait("requirement", "R87")]
    public void A_detached_session_answers_by_its_queue_and_says_in_a_report_what_it_could_not_send()
    {
        var session = Session(new FakeRestOrders(), attach: false);
        using var detached = new DetachedOrders(session, _log);
        Assert.Equal(SendResult.NotConnected, detached.TryPlace(Order(1), out _));
        LogIn(session, step: () => detached.Worker.DoWork(), ready: () => detached.DoWork() >= 0 && detached.IsReady);
        Assert.Equal("session 7 True None", Assert.Single(_log.Lines));

        Assert.Equal(SendResult.Sent, detached.TryPlace(Order(1), out _));
        Assert.Equal(SendResult.Sent, detached.TryPlace(Order(2) with { Type = OrderType.Market }, out _));
        Until(session, () => _log.Reports == 2, () => Step(detached));
        Assert.Contains("report Acked 0", _log.Lines);
        Assert.Contains("report NotSent 1", _log.Lines);

        detached.RequestQuery(Order(1).ClientOrderId, default, new InstrumentId(1));
        _answer = line => HttpStub.Response(200, line.Contains("/query", StringComparison.Ordinal) ? "found" : "");
        Until(session, () => _log.Reports == 3, () => Step(detached));
        Assert.Equal(ExecutionKind.OrderStatus, _log.Last.Kind);

        _server.Last.Reset();
        Until(session, () => !detached.IsReady, () => Step(detached));
        Assert.Equal(SendResult.NotConnected, detached.TryCancel(new CancelRequest { ClientOrderId = ClientOrderId.Of(1, 1) }, out _));
    }

    [Fact]
    [Trait("requirement", "R30")]
    [Trait("requirement", "R87")]
    public void While_nobody_takes_what_happens_a_detached_session_waits_and_loses_nothing()
    {
        var session = Session(new FakeRestOrders(), attach: false);
        using var detached = new DetachedOrders(session, _log);
        LogIn(session, step: () => detached.Worker.DoWork(), ready: () => session.IsReady);
        const int Acks = 40_000;
        var sent = 0;
        // Steps in a row that took nothing although more was sent: bytes on their way are no back-pressure, so one is not enough.
        var still = 0;
        LoopbackServer.Until(() => still == 100, () =>
        {
            for (var i = 0; i < 500 && sent < Acks && still == 0; i++, sent++) _server.Last.SendText("ack");
            var before = session.Statistics.Reports;
            detached.Worker.DoWork();
            still = session.Statistics.Reports == before && sent > before ? still + 1 : 0;
        }, _server.Step);
        var waiting = session.Statistics.Reports;
        Until(session, () => _log.Reports == sent, () => Step(detached));
        Assert.True(waiting < sent, $"{waiting} of {sent} reports were taken although nobody listened.");
    }

    private static int Step(DetachedOrders detached) => detached.Worker.DoWork() + detached.DoWork();

    private static OrderRequest Order(long sequence) => new() { ClientOrderId = ClientOrderId.Of(1, sequence), Instrument = new InstrumentId(1) };

    private OrderSession Session(FakeOrders protocol, bool attach = true) => new(
        new OrderSessionOptions
        {
            Name = "x", Venue = new VenueId(7), Stream = new Uri($"ws://127.0.0.1:{_server.Port}"), EntryStream = new Uri($"ws://127.0.0.1:{_entryServer.Port}"),
            Instruments = [FakeInstruments.Of(1, "A")], Link = new SocketLinkOptions { Seed = 9 }, OrderLimits = [new RateLimit(1_000, TimeSpan.FromSeconds(1))],
            Kill = _kill,
        },
        protocol, new RestClient(_pool, _clock), _clock, _clock, attach ? _log : null);

    private void LogIn(OrderSession session, bool readyAfterwards = true, Func<int>? step = null, Func<bool>? ready = null)
    {
        Until(session, () => _server.Connections.Count > 0 && _server.Last.Texts.Count == 1, step);
        _server.Last.SendText("welcome");
        Until(session, () => _server.Last.Texts.Count == 2, step);
        _server.Last.SendText("ready");
        if (readyAfterwards) Until(session, ready ?? (() => session.IsReady), step);
    }

    private void Until(OrderSession session, Func<bool> condition, Func<int>? step = null) => LoopbackServer.Until(condition, () =>
    {
        if (step is null) session.DoWork();
        else step();
    }, () =>
    {
        _server.Step();
        _entryServer.Step();
    });
}
