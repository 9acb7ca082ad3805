using Penstock.Connectivity.Sessions;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.RateLimits;
using Penstock.Connectivity.Transport;
using Penstock.Infrastructure.Time;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Tests.Connectivity.Transport;

namespace Penstock.Tests.Connectivity.Sessions;

public sealed class OrderSessionTests : IDisposable
{
    private readonly ManualClock _clock = new();
    private readonly LoopbackServer _server = new();
    private readonly OrderLog _log = new();
    private readonly KillWord _kill = new();
    private readonly List<string> _unreadable = [];
    private readonly HttpStub _http;
    private readonly RestPool _pool;
    private Func<string, byte[]?> _answer = _ => HttpStub.Response(200, "");

    public OrderSessionTests()
    {
        _http = new HttpStub(line => _answer(line));
        _pool = new RestPool(new RestPoolOptions { Endpoint = _http.Uri, Limits = [new RateLimit(1000, TimeSpan.FromMinutes(1))] });
    }

    public void Dispose()
    {
        _server.Dispose();
        _http.Dispose();
        _pool.Dispose();
    }

    [Fact]
    [Trait("requirement", "R113")]
    public void Token_login_subscription_and_only_then_ready_and_all_of_it_again_after_a_disconnect()
    {
        _answer = _ => HttpStub.Response(200, "token");
        var session = Session(new FakeOrders(needsToken: true));
        LogIn(session);
        Assert.StartsWith("GET /private ", _server.Last.RequestHead, StringComparison.Ordinal);
        Assert.Equal(["login", "subscribe"], _server.Last.Texts);
        Assert.Equal(["session 7 True None"], _log.Lines);

        _server.Last.Reset();
        Until(session, () => !session.IsReady);
        Assert.Equal("session 7 False ClosedByVenue", _log.Lines[^1]);
        Assert.Equal(SendResult.NotConnected, session.TryPlace(Order(1), out _));
        _clock.AdvanceMs(1001);
        LogIn(session);
        Assert.Equal(2, _http.Requests.Count);
        Assert.Equal(2, session.Statistics.Logins);
    }

    [Fact]
    public void A_token_that_does_not_come_is_asked_for_again_after_a_pause()
    {
        _answer = _ => HttpStub.Response(200, "nonsense");
        var session = Session(new FakeOrders(needsToken: true));
        Until(session, () => session.Statistics.LoginsRefused == 1);
        Until(session, () => session.Statistics.LoginsRefused == 3, advanceMs: 5);
        Assert.Empty(_server.Connections);
        _answer = _ => HttpStub.Response(200, "token");
        Until(session, () => _server.Connections.Count == 1, advanceMs: 5);
    }

    [Fact]
    public void A_refused_or_unanswered_login_ends_the_connection_with_that_reason()
    {
        var session = Session();
        Until(session, () => _server.Connections.Count == 1 && _server.Last.Texts.Count == 1);
        _server.Last.SendText("refused");
        Until(session, () => _log.Lines.Contains("session 7 False LoginRefused"));
        _clock.AdvanceMs(1001);
        Until(session, () => _server.Connections.Count == 2 && _server.Last.Texts.Count == 1);
        _clock.AdvanceMs(10_001);
        Until(session, () => _log.Lines.Count == 2);
        Assert.Equal("session 7 False LoginRefused", _log.Lines[1]);
        Assert.Equal(2, session.Statistics.LoginsRefused);
    }

    [Fact]
    [Trait("requirement", "R112")]
    public void Orders_respect_the_venues_limit_and_cancels_always_get_through()
    {
        var session = Session();
        LogIn(session);
        Assert.Equal(SendResult.Sent, session.TryPlace(Order(1), out _));
        Assert.Equal(SendResult.NotEncodable, session.TryPlace(Order(2) with { Type = OrderType.Market }, out var reason));
        Assert.Equal(RejectReason.InvalidParameter, reason);
        Assert.Equal(SendResult.Sent, session.TryPlace(Order(3), out _));
        Assert.Equal(SendResult.Throttled, session.TryPlace(Order(4), out _));
        for (var i = 0; i < 10; i++) Assert.Equal(SendResult.Sent, session.TryCancel(new CancelRequest { ClientOrderId = ClientOrderId.Of(1, 1) }, out _));
        _clock.AdvanceMs(1000);
        Assert.Equal(SendResult.Sent, session.TryPlace(Order(5), out _));
        Until(session, () => _server.Last.Texts.Count == 15);
        Assert.Equal([$"place {Order(1).ClientOrderId}", $"place {Order(3).ClientOrderId}", $"cancel {Order(1).ClientOrderId}"], _server.Last.Texts[2..5]);
        Assert.Equal((3, 10, 1, 1), (session.Statistics.PlacesSent, session.Statistics.CancelsSent, session.Statistics.Throttled, session.Statistics.NotEncodable));
    }

    [Fact]
    public void A_venue_that_does_not_read_is_a_backlog_not_a_queue()
    {
        var session = Session(limit: 1_000_000);
        LogIn(session);
        var result = SendResult.Sent;
        for (long i = 1; i < 1_000_000 && result == SendResult.Sent; i++) result = session.TryPlace(Order(i), out _);
        Assert.Equal(SendResult.Backlogged, result);
        Assert.True(session.IsReady);
    }

    [Fact]
    public void Reports_carry_venue_and_receive_stamp_and_unreadable_frames_are_counted_by_cause()
    {
        var session = Session();
        LogIn(session);
        _clock.AdvanceMs(4);
        _server.Last.SendText("?!");
        _server.Last.SendText("ack");
        Until(session, () => _log.Reports == 1);
        Assert.Equal((7, _clock.NowNs), (_log.Last.Venue.Value, _log.Last.Received.Ns));
        Assert.Equal(1, session.Statistics.Quarantined[(int)QuarantineCause.Malformed]);
        Assert.Equal([$"Malformed {_clock.NowNs} ?!"], _unreadable);
    }

    [Fact]
    [Trait("requirement", "R20")]
    public void An_answer_that_cannot_be_read_is_kept_with_its_cause_and_a_login_token_never()
    {
        var answers = new Queue<byte[]>([HttpStub.Response(200, "a token not understood"), HttpStub.Response(200, "token"), HttpStub.Response(200, "garbage"), HttpStub.Response(200, "found")]);
        _answer = _ => answers.Dequeue();
        var session = Session(new FakeOrders(needsToken: true));
        Until(session, () => session.Statistics.LoginsRefused == 1);
        Until(session, () => _http.Requests.Count == 2, advanceMs: 5);
        LogIn(session);
        session.RequestQuery(new ClientOrderId(5), default, new InstrumentId(1));
        Until(session, () => session.Statistics.QueriesFailed == 1);
        Assert.Equal(["Malformed garbage"], _unreadable.Select(u => $"{u.Split(' ')[0]} {u.Split(' ')[2]}"));
    }

    [Fact]
    public void A_query_is_repeated_until_it_is_answered_and_never_asked_twice_at_once()
    {
        var answers = new Queue<byte[]>([HttpStub.Response(500, ""), HttpStub.Response(200, "garbage"), HttpStub.Response(200, "found")]);
        _answer = _ => answers.Dequeue();
        var session = Session();
        LogIn(session);
        var id = ClientOrderId.Of(1, 9);
        session.RequestQuery(id, default, new InstrumentId(1));
        session.RequestQuery(id, default, new InstrumentId(1));
        Until(session, () => session.Statistics.QueriesFailed == 1);
        _clock.AdvanceMs(999);
        for (var i = 0; i < 20; i++) session.DoWork();
        Assert.Single(_http.Requests);
        Until(session, () => session.QueriesOpen == 0, advanceMs: 5);
        Assert.Equal((ExecutionKind.OrderStatus, id), (_log.Last.Kind, _log.Last.ClientOrderId));
        Assert.Equal(3, _http.Requests.Count);
        // Each was signed with its own time.
        Assert.Equal(3, _http.Requests.Select(r => r.Split(' ')[1]).Distinct().Count());
    }

    [Fact]
    public void An_unknown_order_is_an_answer()
    {
        _answer = _ => HttpStub.Response(404, "");
        var session = Session();
        session.RequestQuery(ClientOrderId.Of(1, 9), default, new InstrumentId(1));
        Until(session, () => _log.Reports == 1);
        Assert.Equal(ExecutionKind.OrderNotFound, _log.Last.Kind);
    }

    [Fact]
    public void Reconciliation_asks_orders_then_fills_of_each_instrument_then_balances_and_repeats_what_failed()
    {
        var failures = 2;
        _answer = line => line.Contains("/fills?s=B", StringComparison.Ordinal) && failures-- > 0 ? HttpStub.Response(503, "") : HttpStub.Response(200, "");
        var session = Session();
        session.RequestReconciliation(new ExchangeTime(123));
        Until(session, () => _log.Lines.Contains("reconciled True"), advanceMs: 5);
        string[] paths = ["/open?s=A", "/fills?s=A&since=123", "/open?s=B", "/fills?s=B&since=123", "/fills?s=B&since=123", "/fills?s=B&since=123", "/balances"];
        Assert.Equal(paths, _http.Requests.Select(r => r.Split(' ')[1]));
        Assert.Equal(
            ["report OrderStatus 1", "report Fill 1", "report OrderStatus 2", "reconciled False", "reconciled False", "report Fill 2", "balance 7 5", "reconciled True"],
            _log.Lines.Where(l => !l.StartsWith("session", StringComparison.Ordinal)));
        Assert.False(session.IsReconciling);
    }

    [Fact, Trait("requirement", "R112")]
    public void A_venue_that_answers_for_the_whole_account_is_asked_once_and_read_for_each_instrument()
    {
        _answer = _ => HttpStub.Response(200, "");
        var session = Session(new FakeOrders { AnswersForAllInstruments = true });
        session.RequestReconciliation(new ExchangeTime(123));
        Until(session, () => _log.Lines.Contains("reconciled True"), advanceMs: 5);
        Assert.Equal(["/open?s=A", "/fills?s=A&since=123", "/balances"], _http.Requests.Select(r => r.Split(' ')[1]));
        Assert.Equal(
            ["report OrderStatus 1", "report OrderStatus 2", "report Fill 1", "report Fill 2", "balance 7 5", "reconciled True"],
            _log.Lines.Where(l => !l.StartsWith("session", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_reconciliation_asked_for_while_one_runs_follows_it_and_only_the_last_one_counts()
    {
        var session = Session();
        session.RequestReconciliation(new ExchangeTime(50));
        session.DoWork();
        session.RequestReconciliation(new ExchangeTime(90));
        Until(session, () => _log.Lines.Contains("reconciled True"));
        Assert.Equal(1, session.Statistics.Reconciliations);
        string[] round = ["/open?s=A", "/fills?s=A&since=50", "/open?s=B", "/fills?s=B&since=50", "/balances"];
        Assert.Equal([.. round, .. round], _http.Requests.Select(r => r.Split(' ')[1]));
    }

    /// <summary>A missing fill is asked for every second; with a venue slower than that every answer was thrown away for the next question.</summary>
    [Fact, Trait("requirement", "R67")]
    public void Asked_for_again_before_every_answer_it_still_brings_the_missing_fill()
    {
        var session = Session();
        Until(session, () =>
        {
            session.RequestReconciliation(new ExchangeTime(50));
            return _log.Lines.Contains("report Fill 1");
        });
        Until(session, () => _log.Lines.Contains("reconciled True"));
    }

    [Fact]
    public void A_gap_of_the_private_stream_starts_a_reconciliation_by_itself()
    {
        var session = Session();
        LogIn(session);
        _server.Last.SendText("gap");
        Until(session, () => _log.Lines.Contains("reconciled True"));
        Assert.Equal(1, session.Statistics.StreamGaps);
    }

    [Fact]
    [Trait("requirement", "R88")]
    public void The_kill_word_stops_orders_and_changes_at_the_last_hop_and_never_a_cancel()
    {
        var session = Session(limit: 100);
        LogIn(session);
        var texts = _server.Last.Texts.Count;
        _kill.SetStrategy(4, true);
        Assert.Equal(SendResult.Killed, session.TryPlace(Order(1) with { Strategy = 4 }, out _));
        Assert.Equal(SendResult.Sent, session.TryPlace(Order(2) with { Strategy = 5 }, out _));
        Assert.Equal(SendResult.Killed, session.TryAmend(new AmendRequest { ClientOrderId = ClientOrderId.Of(1, 2), Strategy = 4 }, out _));
        _kill.SetVenue(new VenueId(7), true);
        Assert.Equal(SendResult.Killed, session.TryPlace(Order(3) with { Strategy = 5 }, out _));
        Assert.Equal(SendResult.Killed, session.TryAmend(new AmendRequest { ClientOrderId = ClientOrderId.Of(1, 2) }, out _));
        Assert.Equal(SendResult.Sent, session.TryCancel(new CancelRequest { ClientOrderId = ClientOrderId.Of(1, 2) }, out _));
        _kill.SetVenue(new VenueId(7), false);
        _kill.Set(true);
        Assert.Equal(SendResult.Killed, session.TryPlace(Order(4), out _));
        _kill.Set(false);
        _kill.SetStrategy(4, false);
        Assert.False(_kill.Any);
        Assert.Equal(SendResult.Sent, session.TryPlace(Order(5) with { Strategy = 4 }, out _));
        Until(session, () => _server.Last.Texts.Count == texts + 3);
    }

    [Fact]
    public void Ten_thousand_orders_and_their_acks_allocate_nothing()
    {
        var session = Session(limit: 1_000_000);
        LogIn(session);
        _server.Last.KeepTexts = false;
        _log.Keep = false;
        var ack = WebSocketConnectionTests.Frame("ack");
        Trade(1000);
        Assert.Equal(0, WebSocketConnectionTests.AllocatedBytes(() => Trade(10_000)));

        void Trade(int orders)
        {
            for (var i = 1; i <= orders; i++)
            {
                session.TryPlace(Order(i), out _);
                session.TryCancel(new CancelRequest { ClientOrderId = ClientOrderId.Of(1, i) }, out _);
                _server.Last.SendRaw(ack);
                var target = _log.Reports + 1;
                while (_log.Reports < target) session.DoWork();
                if (i % 64 == 0) _server.Step();
            }
        }
    }

    private static OrderRequest Order(long sequence) => new() { ClientOrderId = ClientOrderId.Of(1, sequence), Instrument = new InstrumentId(1) };

    private OrderSession Session(FakeOrders? protocol = null, int limit = 2) => new(
        new OrderSessionOptions
        {
            Name = "x", Venue = new VenueId(7), Stream = new Uri($"ws://127.0.0.1:{_server.Port}"),
            Instruments = [FakeInstruments.Of(1, "A"), FakeInstruments.Of(2, "B")],
            Kill = _kill, Link = new SocketLinkOptions { Seed = 9 }, OrderLimits = [new RateLimit(limit, TimeSpan.FromSeconds(1))],
        },
        protocol ?? new FakeOrders(), new RestClient(_pool, _clock), _clock, _clock, _log,
        (cause, receivedNs, bytes) => _unreadable.Add($"{cause} {receivedNs} {System.Text.Encoding.UTF8.GetString(bytes)}"));

    private void LogIn(OrderSession session)
    {
        var connections = _server.Connections.Count;
        Until(session, () => _server.Connections.Count > connections && _server.Last.Texts.Count == 1);
        _server.Last.SendText("welcome");
        Until(session, () => _server.Last.Texts.Count == 2);
        Assert.False(session.IsReady);
        _server.Last.SendText("ready");
        Until(session, () => session.IsReady);
    }

    private void Until(OrderSession session, Func<bool> condition, int advanceMs = 0) => LoopbackServer.Until(condition, () =>
    {
        if (advanceMs > 0) _clock.AdvanceMs(advanceMs);
        session.DoWork();
    }, _server.Step);
}
