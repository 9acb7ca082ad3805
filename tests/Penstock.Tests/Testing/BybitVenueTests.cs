using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Penstock.Testing.Flow;
using Penstock.Testing.Protocols;
using Penstock.Testing.Protocols.Bybit;

namespace Penstock.Tests.Testing;

[Trait("requirement", "E30")]
public sealed class BybitVenueTests
{
    [Theory]
    [InlineData("bybit", "spot", 50)]
    [InlineData("bybit", "spot", 200)]
    [InlineData("bybit-linear", "linear", 1000)]
    public void Snapshot_and_counted_deltas_rebuild_the_venues_own_book(string name, string category, int depth)
    {
        var sim = new SteppedVenue(name);
        var (session, frames) = sim.Open("/v5/public/" + category);
        sim.Run(130);
        sim.Send(session, $$"""{"req_id":"1","op":"subscribe","args":["orderbook.{{depth}}.BTCUSDT","publicTrade.BTCUSDT"]}""");
        // The trap of the venue: the snapshot is here before the acknowledgement.
        Assert.Contains("\"type\":\"snapshot\"", frames.Frames[0]);
        Assert.Contains("\"success\":true", frames.Frames[1]);
        sim.Run(1_970);
        var (other, _) = sim.Open("/v5/public/" + category);
        // A new reader makes the venue publish up to now, so both sides can be compared.
        sim.Send(other, $$"""{"op":"subscribe","args":["orderbook.{{depth}}.BTCUSDT"]}""");

        var (bids, asks) = (new SortedDictionary<decimal, decimal>(), new SortedDictionary<decimal, decimal>());
        var (last, updates, trades) = (0L, 0, 0);
        foreach (var text in frames.Take().Where(f => f.Contains("\"topic\"")))
        {
            var message = SteppedVenue.Parse(text);
            Assert.Equal(category == "spot", text.IndexOf("\"ts\"", StringComparison.Ordinal) < text.IndexOf("\"type\"", StringComparison.Ordinal));
            var data = message.GetProperty("data");
            if (text.Contains("publicTrade")) trades += data.GetArrayLength();
            if (!text.Contains("orderbook")) continue;
            if (message.GetProperty("type").GetString() == "delta") Assert.Equal(last + 1, data.GetProperty("u").GetInt64());
            last = data.GetProperty("u").GetInt64();
            SteppedVenue.Apply(bids, data.GetProperty("b"));
            SteppedVenue.Apply(asks, data.GetProperty("a"));
            updates++;
        }

        Assert.InRange(updates, 9, 110);
        Assert.True(trades > 0);
        Assert.Equal(SteppedVenue.Levels(sim.Venue.Market.Instruments[0].Engine.Bids, depth), bids);
        Assert.Equal(SteppedVenue.Levels(sim.Venue.Market.Instruments[0].Engine.Asks, depth), asks);
    }

    [Fact]
    public void Level_1_repeats_itself_after_three_quiet_seconds_with_the_same_id()
    {
        var sim = new SteppedVenue("bybit", flow: FlowOptions.Still);
        var (session, frames) = sim.Open("/v5/public/spot");
        sim.Send(session, """{"op":"subscribe","args":["orderbook.1.ETHUSDT"]}""");
        var first = SteppedVenue.Parse(frames.Take()[0]).GetProperty("data").GetProperty("u").GetInt64();
        sim.Run(2_500);
        Assert.Empty(frames.Take());
        sim.Run(1_000);
        var again = SteppedVenue.Parse(frames.Take().Single());
        Assert.Equal(("snapshot", first), (again.GetProperty("type").GetString(), again.GetProperty("data").GetProperty("u").GetInt64()));
    }

    [Fact]
    public void A_restarted_service_sends_the_whole_book_with_id_1_and_counts_on()
    {
        var sim = new SteppedVenue("bybit");
        var (session, frames) = sim.Open("/v5/public/spot");
        sim.Send(session, """{"op":"subscribe","args":["orderbook.50.BTCUSDT"]}""");
        sim.Run(200);
        frames.Take();
        ((BybitMarket)sim.Venue).RestartService(sim.NowNs);
        sim.Run(200);
        var ids = frames.Take().Select(f => SteppedVenue.Parse(f).GetProperty("data").GetProperty("u").GetInt64()).ToList();
        Assert.Equal(Enumerable.Range(1, ids.Count).Select(n => (long)n), ids);
        Assert.True(ids.Count > 3);
    }

    [Fact]
    public void Too_many_topics_unknown_ones_and_repeated_ones_are_refused_whole_and_pings_answered()
    {
        var sim = new SteppedVenue("bybit", flow: FlowOptions.Still);
        var (session, frames) = sim.Open("/v5/public/spot");
        sim.Send(session, $$"""{"op":"subscribe","args":[{{string.Join(',', Enumerable.Repeat("\"publicTrade.BTCUSDT\"", 11))}}]}""");
        Assert.Contains("args size >10", frames.Take().Single());
        sim.Send(session, """{"op":"subscribe","args":["publicTrade.BTCUSDT","orderbook.51.BTCUSDT"]}""");
        Assert.Contains("handler not found,topic:orderbook.51.BTCUSDT", frames.Take().Single());
        sim.Send(session, """{"req_id":"9","op":"subscribe","args":["publicTrade.BTCUSDT"]}""");
        sim.Send(session, """{"op":"subscribe","args":["publicTrade.BTCUSDT"]}""");
        Assert.Contains("already subscribed", frames.Take()[1]);
        sim.Send(session, """{"req_id":"100001","op":"ping"}""");
        Assert.Equal("pong", SteppedVenue.Parse(frames.Take().Single()).GetProperty("ret_msg").GetString());
        sim.Send(session, "not json");
        Assert.Contains("\"success\":false", frames.Take().Single());
        Assert.Null(sim.Venue.Open("/v5/public/linear", "", new FrameCollector(), sim.NowNs));
    }

    [Fact]
    public void Orders_go_by_the_trade_socket_and_are_told_on_the_private_stream()
    {
        var sim = new SteppedVenue("bybit", flow: FlowOptions.Still);
        var (stream, told) = sim.Open("/v5/private");
        sim.Send(stream, """{"op":"subscribe","args":["order.spot"]}""");
        Assert.Contains("not authorized", told.Take().Single());
        Login(sim, stream, "wrong");
        Assert.Contains("\"success\":false", told.Take().Single());
        Login(sim, stream, sim.Venue.Options.Secret);
        sim.Send(stream, """{"op":"subscribe","args":["order.spot","execution.spot","wallet"]}""");
        Assert.All(told.Take(), f => Assert.Contains("\"success\":true", f));

        var (trade, answers) = sim.Open("/v5/trade");
        sim.Send(trade, Order(sim, "r0", "a0", "GTC", "Buy", "50000", "0.1"));
        Assert.Contains("10005", answers.Take().Single());
        Login(sim, trade, sim.Venue.Options.Secret);
        Login(sim, trade, sim.Venue.Options.Secret);
        Assert.Equal([0, 20001], answers.Take().Select(Code));

        sim.Send(trade, Order(sim, "r1", "a1", "GTC", "Buy", "61000", "0.5"));
        Assert.Equal(0, Code(answers.Take().Single()));
        var pushes = told.Take();
        Assert.Contains("\"orderStatus\":\"New\"", pushes[0]);
        Assert.Contains(pushes, f => f.Contains("execution.spot") && f.Contains("\"feeCurrency\":\"BTC\""));
        Assert.Contains("\"orderStatus\":\"Filled\"", pushes[^2]);
        Assert.Contains("\"topic\":\"wallet\"", pushes[^1]);

        sim.Send(trade, Order(sim, "r2", "a2", "PostOnly", "Buy", "61000", "0.5"));
        Assert.Equal(0, Code(answers.Take().Single()));
        Assert.Contains("EC_PostOnlyWillTakeLiquidity", told.Take()[0]);
        sim.Send(trade, Order(sim, "r3", "a3", "GTC", "Buy", "50000", "0.1"));
        sim.Send(trade, Request(sim, "r4", "order.cancel", """{"category":"spot","symbol":"BTCUSDT","orderLinkId":"a3"}"""));
        Assert.All(answers.Take(), f => Assert.Equal(0, Code(f)));
        Assert.Contains(told.Take(), f => f.Contains("\"orderStatus\":\"Cancelled\""));
    }

    [Fact]
    public void What_the_venue_refuses_it_refuses_in_its_own_numbers()
    {
        var sim = new SteppedVenue("bybit", flow: FlowOptions.Still);
        var (trade, answers) = sim.Open("/v5/trade");
        Login(sim, trade, sim.Venue.Options.Secret);
        answers.Take();
        int Sent(string text)
        {
            sim.Send(trade, text);
            return Code(answers.Take().Single());
        }

        Assert.Equal(0, Sent(Order(sim, "r1", "a1", "GTC", "Buy", "50000", "0.1")));
        Assert.Equal(20006, Sent(Order(sim, "r1", "a2", "GTC", "Buy", "50000", "0.1")));
        Assert.Equal(0, Sent(Request(sim, "c1", "order.cancel", """{"category":"spot","symbol":"BTCUSDT","orderLinkId":"a1"}""")));
        Assert.Equal(170213, Sent(Request(sim, "c2", "order.cancel", """{"category":"spot","symbol":"BTCUSDT","orderLinkId":"a1"}""")));
        Assert.Equal(170141, Sent(Order(sim, "r3", "a1", "GTC", "Buy", "50000", "0.1")));
        Assert.Equal(170131, Sent(Order(sim, "r4", "a4", "GTC", "Buy", "50000", "9999")));
        Assert.Equal(170134, Sent(Order(sim, "r5", "a5", "GTC", "Buy", "50000.05", "0.1")));
        Assert.Equal(170137, Sent(Order(sim, "r6", "a6", "GTC", "Buy", "50000", "0.0000001")));
        Assert.Equal(170140, Sent(Order(sim, "r7", "a7", "GTC", "Buy", "50000", "0.000001")));
        Assert.Equal(10001, Sent(Order(sim, "r8", "a.8", "GTC", "Buy", "50000", "0.1")));
        Assert.Equal(10001, Sent(Order(sim, "r9", "a9", "GTC", "Buy", "50000", "0.1").Replace("\"qty\":\"0.1\"", "\"qty\":0.1")));
        Assert.Equal(10404, Sent(Request(sim, "r10", "order.novelty", "{}")));
        Assert.Equal(10002, Sent(Order(sim, "r11", "a11", "GTC", "Buy", "50000", "0.1", agoMs: 6_000)));
    }

    [Fact]
    public void Signed_rest_answers_and_an_unsigned_call_does_not()
    {
        var sim = new SteppedVenue("bybit", flow: FlowOptions.Still);
        Assert.Contains("10003", sim.Get("/v5/account/wallet-balance").Body);
        Assert.Contains("10004", SignedGet(sim, "/v5/account/wallet-balance", "accountType=UNIFIED", secret: "wrong").Body);
        Assert.Contains("10002", SignedGet(sim, "/v5/account/wallet-balance", "accountType=UNIFIED", agoMs: 6_000).Body);
        Assert.Contains("walletBalance", SignedGet(sim, "/v5/account/wallet-balance", "accountType=UNIFIED").Body);
        Assert.Contains("\"list\":[]", SignedGet(sim, "/v5/order/realtime", "category=spot&symbol=BTCUSDT&orderLinkId=none").Body);
        Assert.Contains("\"list\":[]", SignedGet(sim, "/v5/execution/list", "category=spot&symbol=BTCUSDT").Body);
        Assert.Contains("\"basePrecision\":\"0.000001\"", sim.Get("/v5/market/instruments-info", "category=spot").Body);
        Assert.Contains("10001", sim.Get("/v5/market/instruments-info", "category=linear").Body);
        Assert.Contains("\"contractType\":\"LinearPerpetual\"", new SteppedVenue("bybit-linear").Get("/v5/market/instruments-info", "category=linear").Body);
        SteppedVenue.Parse(sim.Get("/v5/market/orderbook", "category=spot&symbol=BTCUSDT&limit=5").Body);

        var (trade, _) = sim.Open("/v5/trade");
        Login(sim, trade, sim.Venue.Options.Secret);
        sim.Send(trade, Order(sim, "r1", "a1", "GTC", "Buy", "50000", "0.1"));
        Assert.Contains("a1", SignedGet(sim, "/v5/order/realtime", "category=spot&symbol=BTCUSDT&openOnly=0&limit=50").Body);
        const string Body = """{"category":"spot","symbol":"BTCUSDT"}""";
        var cancelled = sim.Venue.Handle(new VenueHttpRequest { Method = "POST", Path = "/v5/order/cancel-all", Body = Body, Headers = Signed(sim, Body) }, sim.NowNs);
        Assert.Contains("a1", cancelled.Body);
        Assert.Empty(sim.Venue.Market.OpenOrders());
    }

    [Fact]
    public void Too_many_requests_of_one_second_on_the_trade_socket_are_refused()
    {
        var sim = new SteppedVenue("bybit", flow: FlowOptions.Still);
        var (trade, answers) = sim.Open("/v5/trade");
        Login(sim, trade, sim.Venue.Options.Secret);
        for (var n = 0; n < 3_000; n++) sim.Send(trade, Request(sim, $"c{n}", "order.cancel", "{}"));
        Assert.DoesNotContain(answers.Take(), f => Code(f) == 10429);
        sim.Send(trade, Request(sim, "x1", "order.cancel", "{}"));
        Assert.Equal(10429, Code(answers.Take().Single()));
        sim.Run(1_000);
        sim.Send(trade, Request(sim, "x2", "order.cancel", "{}"));
        Assert.Equal(170213, Code(answers.Take().Single()));
    }

    [Fact]
    public void Too_many_calls_lock_the_address_out()
    {
        var sim = new SteppedVenue("bybit", flow: FlowOptions.Still);
        for (var calls = 0; calls < sim.Venue.Options.RestWeightPerMinute; calls++) Assert.Equal(200, sim.Get("/v5/market/time").Status);
        Assert.Equal(403, sim.Get("/v5/market/time").Status);
    }

    private static int Code(string answer) => SteppedVenue.Parse(answer).GetProperty("retCode").GetInt32();

    private static string Order(SteppedVenue sim, string request, string id, string timeInForce, string side, string price, string qty, long agoMs = 0) =>
        Request(sim, request, "order.create", JsonSerializer.Serialize(new { category = "spot", symbol = "BTCUSDT", side, orderType = "Limit", qty, price, timeInForce, orderLinkId = id }), agoMs);

    private static string Request(SteppedVenue sim, string request, string operation, string argument, long agoMs = 0) =>
        $$"""{"reqId":"{{request}}","header":{"X-BAPI-TIMESTAMP":"{{sim.NowMs - agoMs}}","X-BAPI-RECV-WINDOW":"5000"},"op":"{{operation}}","args":[{{argument}}]}""";

    private static void Login(SteppedVenue sim, ProtocolSession session, string secret)
    {
        var expires = sim.NowMs + 10_000;
        sim.Send(session, $$"""{"op":"auth","args":["{{sim.Venue.Options.ApiKey}}",{{expires}},"{{Sign(secret, "GET/realtime" + expires)}}"]}""");
    }

    private static VenueHttpResponse SignedGet(SteppedVenue sim, string path, string query, string? secret = null, long agoMs = 0) =>
        sim.Get(path, query, Signed(sim, query, secret, agoMs));

    private static Dictionary<string, string> Signed(SteppedVenue sim, string text, string? secret = null, long agoMs = 0)
    {
        var timestamp = (sim.NowMs - agoMs).ToString();
        return new(StringComparer.OrdinalIgnoreCase)
        {
            ["X-BAPI-API-KEY"] = sim.Venue.Options.ApiKey, ["X-BAPI-TIMESTAMP"] = timestamp, ["X-BAPI-RECV-WINDOW"] = "5000",
            ["X-BAPI-SIGN"] = Sign(secret ?? sim.Venue.Options.Secret, timestamp + sim.Venue.Options.ApiKey + "5000" + text),
        };
    }

    private static string Sign(string secret, string text) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(text)));
}
