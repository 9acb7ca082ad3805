using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Penstock.Testing.Faults;
using Penstock.Testing.Flow;
using Penstock.Testing.Protocols;

namespace Penstock.Tests.Testing;

[Trait("requirement", "E30")]
public sealed class GateioVenueTests
{
    [Theory]
    [InlineData(400)]
    [InlineData(50)]
    public void A_full_book_and_counted_updates_rebuild_the_venues_own_book(int depth)
    {
        var sim = new SteppedVenue("gateio");
        var (session, frames) = sim.Open("/ws/v4/");
        sim.Run(130);
        sim.Send(session, Subscribe(sim, "spot.obu", $"ob.BTC_USDT.{depth}"));
        sim.Send(session, Subscribe(sim, "spot.trades", "BTC_USDT"));
        sim.Send(session, Subscribe(sim, "spot.book_ticker", "BTC_USDT"));
        Assert.Equal(3, frames.Frames.Count(f => f.Contains("\"status\":\"success\"")));
        sim.Run(1_970);
        var (other, _) = sim.Open("/ws/v4/");
        // A new reader makes the venue publish up to now, so both sides can be compared.
        sim.Send(other, Subscribe(sim, "spot.obu", $"ob.BTC_USDT.{depth}"));

        var (bids, asks) = (new SortedDictionary<decimal, decimal>(), new SortedDictionary<decimal, decimal>());
        var (last, books, trades, best) = (-1L, 0, 0, 0);
        foreach (var text in frames.Take())
        {
            var message = SteppedVenue.Parse(text);
            if (text.Contains("\"spot.trades\",\"event\":\"update\"")) trades++;
            if (text.Contains("\"spot.book_ticker\",\"event\":\"update\"")) best++;
            if (message.TryGetProperty("event", out _)) continue; // streamed books have none
            var result = message.GetProperty("result");
            Assert.Equal(last < 0, result.TryGetProperty("full", out _));
            if (last >= 0) Assert.Equal(last + 1, result.GetProperty("U").GetInt64());
            last = result.GetProperty("u").GetInt64();
            SteppedVenue.Apply(bids, result.GetProperty("b"));
            SteppedVenue.Apply(asks, result.GetProperty("a"));
            books++;
        }

        Assert.InRange(books, 15, 105);
        Assert.True(trades > 0 && best > 0);
        Assert.Equal(SteppedVenue.Levels(sim.Venue.Market.Instruments[0].Engine.Bids, depth), bids);
        Assert.Equal(SteppedVenue.Levels(sim.Venue.Market.Instruments[0].Engine.Asks, depth), asks);
    }

    [Fact]
    public void A_full_book_comes_again_a_second_subscription_is_refused_and_pings_are_answered()
    {
        var sim = new SteppedVenue("gateio");
        var (session, frames) = sim.Open("/ws/v4/");
        sim.Send(session, Subscribe(sim, "spot.obu", "ob.ETH_USDT.400"));
        frames.Take();
        sim.Send(session, Subscribe(sim, "spot.obu", "ob.ETH_USDT.400"));
        Assert.Contains("Alert sub ob.ETH_USDT.400", frames.Take().Single());
        sim.Send(session, Subscribe(sim, "spot.obu", "ob.ETH_USDT.400").Replace("subscribe", "unsubscribe"));
        sim.Send(session, Subscribe(sim, "spot.obu", "ob.ETH_USDT.400"));
        Assert.Contains("\"full\":true", frames.Take()[^1]);
        sim.Run(61_000, 100);
        Assert.Contains(frames.Take(), f => f.Contains("\"full\":true"));
        sim.Send(session, "{\"time\":1,\"channel\":\"spot.ping\"}");
        Assert.Contains("\"channel\":\"spot.pong\"", frames.Take().Single());
        sim.Send(session, Subscribe(sim, "spot.obu", "ob.ETH_USDT.7"));
        Assert.Contains("\"error\":{\"code\":2", frames.Take().Single());
        sim.Send(session, "{\"time\":1,\"channel\":\"spot.trades\",\"event\":\"subscribe\",\"payload\":[\"ETH_USDT\"]}");
        Assert.Contains("request time out of range", frames.Take().Single());
        sim.Send(session, "not json");
        Assert.Contains("\"code\":1", frames.Take().Single());
    }

    [Fact]
    public void Orders_are_taken_after_login_only_acknowledged_answered_and_told_on_the_private_channels()
    {
        var sim = new SteppedVenue("gateio", flow: FlowOptions.Still);
        var (session, frames) = sim.Open("/ws/v4/");
        sim.Send(session, Place(sim, "t-a0", "gtc", "buy", "61000", "0.5"));
        Assert.Contains("\"status\":\"401\"", frames.Take().Single());
        sim.Send(session, Login(sim, "wrong"));
        Assert.Contains("INVALID_SIGNATURE", frames.Take().Single());
        Assert.Equal(1, sim.Venue.Statistics.AuthenticationFailures);
        sim.Send(session, Login(sim, sim.Venue.Options.Secret));
        Assert.Contains("\"status\":\"200\"", frames.Take().Single());
        sim.Send(session, Subscribe(sim, "spot.orders", "!all"));
        Assert.Contains("\"code\":4", frames.Take().Single());
        foreach (var channel in new[] { "spot.orders", "spot.usertrades", "spot.balances" }) sim.Send(session, SubscribeSigned(sim, channel));
        Assert.All(frames.Take(), f => Assert.Contains("\"status\":\"success\"", f));

        sim.Send(session, Place(sim, "t-a1", "gtc", "buy", "61000", "0.5"));
        var told = frames.Take();
        Assert.Contains("\"ack\":true", told[0]);
        var result = SteppedVenue.Parse(told[1]).GetProperty("data").GetProperty("result");
        Assert.Equal(("closed", "filled", "t-a1"), (Text(result, "status"), Text(result, "finish_as"), Text(result, "text")));
        Assert.Equal(["put", .. Enumerable.Repeat("update", Of(told, "spot.orders").Count - 2), "finish"], Of(told, "spot.orders").Select(r => Text(r, "event")));
        Assert.Equal("0", Text(Of(told, "spot.orders")[^1], "left"));
        Assert.All(Of(told, "spot.usertrades"), fill => Assert.Equal(("taker", "BTC", "t-a1"), (Text(fill, "role"), Text(fill, "fee_currency"), Text(fill, "text"))));
        Assert.Equal(0.5m, Of(told, "spot.usertrades").Sum(fill => decimal.Parse(Text(fill, "amount"))));
        Assert.Contains(Of(told, "spot.balances"), balance => Text(balance, "currency") == "USDT");

        sim.Send(session, Place(sim, "t-a2", "poc", "buy", "61000", "0.5"));
        Assert.Contains("POC_FILL_IMMEDIATELY", frames.Take()[^1]);
        sim.Send(session, Place(sim, "t-a3", "fok", "buy", "50000", "0.1"));
        Assert.Equal("fok", Text(Of(frames.Take(), "spot.orders")[^1], "finish_as"));
        sim.Send(session, Place(sim, "t-a4", "gtc", "buy", "50000", "0.1"));
        Assert.Equal("open", Text(SteppedVenue.Parse(frames.Take()[1]).GetProperty("data").GetProperty("result"), "status"));
        sim.Venue.Faults.Arm(FaultKind.LateFill);
        sim.Send(session, Request(sim, "spot.order_cancel", new { order_id = "t-a4", currency_pair = "BTC_USDT" }));
        told = frames.Take();
        Assert.Equal(("cancelled", "0.05"), (Text(Of(told, "spot.orders")[^1], "finish_as"), Text(Of(told, "spot.orders")[^1], "left")));
        Assert.Single(Of(told, "spot.usertrades"));
        sim.Send(session, Request(sim, "spot.order_cancel", new { order_id = "t-a4", currency_pair = "BTC_USDT" }));
        Assert.Contains("ORDER_CANCELLED", frames.Take().Single());
        sim.Send(session, Request(sim, "spot.order_cancel", new { order_id = "t-none", currency_pair = "BTC_USDT" }));
        Assert.Contains("ORDER_NOT_FOUND", frames.Take().Single());
        sim.Send(session, Place(sim, "a5", "gtc", "buy", "50000", "0.1"));
        Assert.Contains("INVALID_PARAM_VALUE", frames.Take()[^1]);
        sim.Send(session, Place(sim, "t-a6", "gtc", "buy", "50000", "9999"));
        Assert.Contains("BALANCE_NOT_ENOUGH", frames.Take()[^1]);
    }

    [Fact]
    public void All_orders_of_a_pair_go_at_once_and_an_eleventh_placement_in_a_second_is_refused()
    {
        var sim = new SteppedVenue("gateio", flow: FlowOptions.Still);
        var (session, frames) = sim.Open("/ws/v4/");
        sim.Send(session, Login(sim, sim.Venue.Options.Secret));
        for (var i = 0; i < 11; i++) sim.Send(session, Place(sim, $"t-b{i}", "gtc", "buy", "50000", "0.01"));
        Assert.Single(frames.Take(), f => f.Contains("\"status\":\"429\""));
        sim.Send(session, Request(sim, "spot.order_cancel_cp", new { currency_pair = "BTC_USDT", side = "sell" }));
        Assert.EndsWith("\"data\":{\"result\":[]}}", frames.Take().Single());
        sim.Send(session, Request(sim, "spot.order_cancel_cp", new { currency_pair = "BTC_USDT" }));
        Assert.Equal(10, SteppedVenue.Parse(frames.Take().Single()).GetProperty("data").GetProperty("result").GetArrayLength());
        Assert.Empty(sim.Venue.Market.OpenOrders());
        sim.Run(1_000);
        sim.Send(session, Place(sim, "t-c", "gtc", "buy", "50000", "0.01"));
        Assert.DoesNotContain(frames.Take(), f => f.Contains("\"status\":\"429\""));
    }

    [Fact]
    public void Signed_rest_answers_and_an_unsigned_call_does_not()
    {
        var sim = new SteppedVenue("gateio", flow: FlowOptions.Still);
        Assert.Contains("INVALID_KEY", sim.Get("/api/v4/spot/accounts").Body);
        Assert.Contains("\"locked\"", Signed(sim, "GET", "/api/v4/spot/accounts").Body);
        Assert.Equal(404, Signed(sim, "GET", "/api/v4/spot/orders/t-none", "currency_pair=BTC_USDT").Status);
        Assert.Equal("[]", Signed(sim, "GET", "/api/v4/spot/orders", "currency_pair=BTC_USDT&status=open").Body);
        var body = JsonSerializer.Serialize(new { text = "t-r1", currency_pair = "BTC_USDT", type = "limit", account = "spot", side = "buy", amount = "0.1", price = "50000", time_in_force = "gtc" });
        Assert.Equal(201, Signed(sim, "POST", "/api/v4/spot/orders", "", body).Status);
        Assert.Contains("\"status\":\"open\"", Signed(sim, "GET", "/api/v4/spot/orders/t-r1", "currency_pair=BTC_USDT").Body);
        Assert.Contains("\"text\":\"t-r1\"", Signed(sim, "GET", "/api/v4/spot/orders", "currency_pair=BTC_USDT&status=open").Body);
        Assert.Contains("\"finish_as\":\"cancelled\"", Signed(sim, "DELETE", "/api/v4/spot/orders/t-r1", "currency_pair=BTC_USDT").Body);
        Assert.Contains("server_time", sim.Get("/api/v4/spot/time").Body);
        Assert.Contains("\"precision\":1", sim.Get("/api/v4/spot/currency_pairs").Body);
        Assert.Contains("\"id\":", sim.Get("/api/v4/spot/order_book", "currency_pair=BTC_USDT&limit=5&with_id=true").Body);
        Assert.DoesNotContain("\"id\":", sim.Get("/api/v4/spot/order_book", "currency_pair=BTC_USDT&limit=5").Body);
    }

    private static string Text(JsonElement row, string name) => row.GetProperty(name).GetString()!;

    private static List<JsonElement> Of(List<string> frames, string channel) =>
        [.. frames.Select(SteppedVenue.Parse).Where(m => m.TryGetProperty("channel", out var c) && c.GetString() == channel).SelectMany(m => m.GetProperty("result").EnumerateArray())];

    private static string Subscribe(SteppedVenue sim, string channel, string payload) =>
        JsonSerializer.Serialize(new { time = sim.NowMs / 1_000, id = 1, channel, @event = "subscribe", payload = new[] { payload } });

    private static string SubscribeSigned(SteppedVenue sim, string channel)
    {
        var time = sim.NowMs / 1_000;
        var auth = new { method = "api_key", KEY = sim.Venue.Options.ApiKey, SIGN = Sign(sim.Venue.Options.Secret, $"channel={channel}&event=subscribe&time={time}") };
        return JsonSerializer.Serialize(new { time, id = 1, channel, @event = "subscribe", payload = new[] { "!all" }, auth });
    }

    private static string Login(SteppedVenue sim, string secret)
    {
        var timestamp = $"{sim.NowMs / 1_000}";
        var payload = new { api_key = sim.Venue.Options.ApiKey, signature = Sign(secret, $"api\nspot.login\n\n{timestamp}"), timestamp, req_id = "1" };
        return JsonSerializer.Serialize(new { time = sim.NowMs / 1_000, channel = "spot.login", @event = "api", payload });
    }

    private static string Request(SteppedVenue sim, string channel, object parameters) =>
        JsonSerializer.Serialize(new { time = sim.NowMs / 1_000, channel, @event = "api", payload = new { req_id = "7", req_param = parameters } });

    private static string Place(SteppedVenue sim, string text, string force, string side, string price, string amount) =>
        Request(sim, "spot.order_place", new { text, currency_pair = "BTC_USDT", type = "limit", account = "spot", side, amount, price, time_in_force = force });

    private static VenueHttpResponse Signed(SteppedVenue sim, string method, string path, string query = "", string body = "")
    {
        var timestamp = $"{sim.NowMs / 1_000}";
        var hash = Convert.ToHexStringLower(SHA512.HashData(Encoding.UTF8.GetBytes(body)));
        return sim.Venue.Handle(new VenueHttpRequest
        {
            Method = method, Path = path, Query = query, Body = body,
            Headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
            {
                ["KEY"] = sim.Venue.Options.ApiKey, ["Timestamp"] = timestamp,
                ["SIGN"] = Sign(sim.Venue.Options.Secret, $"{method}\n{path}\n{query}\n{hash}\n{timestamp}"),
            },
        }, sim.NowNs);
    }

    private static string Sign(string secret, string text) =>
        Convert.ToHexStringLower(HMACSHA512.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(text)));
}
