using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Penstock.Testing.Faults;
using Penstock.Testing.Flow;
using Penstock.Testing.Protocols;

namespace Penstock.Tests.Testing;

[Trait("requirement", "E30")]
public sealed class BinanceVenueTests
{
    private const string Subscribe = """{"method":"SUBSCRIBE","params":["btcusdt@depth@100ms","btcusdt@bookTicker","btcusdt@trade"],"id":7}""";

    [Fact]
    public void A_client_following_the_published_rule_rebuilds_the_venues_own_book()
    {
        var sim = new SteppedVenue("binance");
        var (session, frames) = sim.Open("/stream");
        sim.Send(session, Subscribe);
        Assert.Equal("""{"result":null,"id":7}""", frames.Take().Single());
        sim.Run(350);
        var snapshot = SteppedVenue.Parse(sim.Get("/api/v3/depth", "symbol=BTCUSDT&limit=5000").Body);
        sim.Run(2_000);

        var last = snapshot.GetProperty("lastUpdateId").GetInt64();
        var (bids, asks) = (new SortedDictionary<decimal, decimal>(), new SortedDictionary<decimal, decimal>());
        SteppedVenue.Apply(bids, snapshot.GetProperty("bids"));
        SteppedVenue.Apply(asks, snapshot.GetProperty("asks"));
        var (applied, tickers, lastTrade) = (0, 0, 0L);
        foreach (var text in frames.Take())
        {
            var wrapper = SteppedVenue.Parse(text);
            var data = wrapper.GetProperty("data");
            switch (wrapper.GetProperty("stream").GetString())
            {
                case "btcusdt@bookTicker":
                    if (data.GetProperty("u").GetInt64() == last && applied > 0)
                    {
                        Assert.Equal(decimal.Parse(data.GetProperty("b").GetString()!), bids.Keys.Last());
                        tickers++;
                    }

                    break;
                case "btcusdt@trade":
                    var id = data.GetProperty("t").GetInt64();
                    Assert.True(lastTrade == 0 || id == lastTrade + 1);
                    lastTrade = id;
                    break;
                default:
                    if (data.GetProperty("u").GetInt64() <= last) break;
                    Assert.True(data.GetProperty("U").GetInt64() <= last + 1, "A hole in the deltas.");
                    if (applied++ > 0) Assert.Equal(last + 1, data.GetProperty("U").GetInt64());
                    SteppedVenue.Apply(bids, data.GetProperty("b"));
                    SteppedVenue.Apply(asks, data.GetProperty("a"));
                    last = data.GetProperty("u").GetInt64();
                    break;
            }
        }

        Assert.InRange(applied, 10, 25);
        Assert.True(lastTrade > 0);
        // Up to one interval is still to come: what was published is compared at a moment both sides know.
        var now = SteppedVenue.Parse(sim.Get("/api/v3/depth", "symbol=BTCUSDT&limit=5000").Body);
        while (now.GetProperty("lastUpdateId").GetInt64() != last)
        {
            sim.Run(10);
            foreach (var text in frames.Take().Where(f => f.Contains("depthUpdate")))
            {
                var data = SteppedVenue.Parse(text).GetProperty("data");
                SteppedVenue.Apply(bids, data.GetProperty("b"));
                SteppedVenue.Apply(asks, data.GetProperty("a"));
                last = data.GetProperty("u").GetInt64();
            }

            now = SteppedVenue.Parse(sim.Get("/api/v3/depth", "symbol=BTCUSDT&limit=5000").Body);
        }

        Assert.Equal(SteppedVenue.Levels(sim.Venue.Market.Instruments[0].Engine.Bids), bids);
        Assert.Equal(SteppedVenue.Levels(sim.Venue.Market.Instruments[0].Engine.Asks), asks);
    }

    [Fact]
    public void An_order_lives_from_place_to_fill_to_cancel_and_the_stream_tells_it_all()
    {
        var sim = new SteppedVenue("binance", flow: FlowOptions.Still);
        var (session, frames) = sim.Open("/ws-api/v3");
        sim.Send(session, Signed(sim, "userDataStream.subscribe.signature", []));
        Assert.Equal(0, Result(frames).GetProperty("subscriptionId").GetInt32());

        var best = sim.Venue.Market.Instruments[0].Engine.Asks.Best!.Price.ToString();
        sim.Send(session, Signed(sim, "order.place", Limit("first", "BUY", best, "0.00100")));
        var events = frames.Take().Select(SteppedVenue.Parse).ToList();
        Assert.Equal("FILLED", events[0].GetProperty("result").GetProperty("status").GetString());
        Assert.Equal(["NEW", "TRADE"], Reports(events).Select(e => e.GetProperty("x").GetString()!));
        Assert.Contains(events, e => e.TryGetProperty("event", out var x) && x.GetProperty("e").GetString() == "outboundAccountPosition");

        sim.Send(session, Signed(sim, "order.place", Limit("second", "BUY", "50000.00", "0.00100")));
        frames.Take();
        sim.Send(session, Signed(sim, "order.cancel", new() { ["symbol"] = "BTCUSDT", ["origClientOrderId"] = "second" }));
        events = [.. frames.Take().Select(SteppedVenue.Parse)];
        Assert.Equal("CANCELED", events[0].GetProperty("result").GetProperty("status").GetString());
        var report = Reports(events).Single();
        Assert.Equal("CANCELED", report.GetProperty("x").GetString());
        Assert.Equal("second", report.GetProperty("C").GetString());
        Assert.Empty(sim.Venue.Market.OpenOrders());
        Assert.Single(sim.Venue.Market.Trades);
    }

    [Theory]
    [InlineData("LIMIT", "BUY", "50000.001", "0.001", -1013)]
    [InlineData("LIMIT", "BUY", "50000", "0.0000001", -1013)]
    [InlineData("LIMIT", "BUY", "50000", "1000", -2010)]
    [InlineData("LIMIT_MAKER", "BUY", "70000", "0.001", -2010)]
    [InlineData("STOP", "BUY", "70000", "0.001", -1102)]
    public void What_the_venue_does_not_take_it_refuses_by_its_own_code(string type, string side, string price, string quantity, int code)
    {
        var sim = new SteppedVenue("binance", flow: FlowOptions.Still);
        var (session, frames) = sim.Open("/ws-api/v3");
        var order = Limit("x", side, price, quantity);
        order["type"] = type;
        sim.Send(session, Signed(sim, "order.place", order));
        Assert.Equal(code, SteppedVenue.Parse(frames.Take().Single()).GetProperty("error").GetProperty("code").GetInt32());
        Assert.Empty(sim.Venue.Market.OpenOrders());
    }

    [Fact]
    public void A_wrong_signature_key_or_time_is_refused_and_counted()
    {
        var sim = new SteppedVenue("binance", flow: FlowOptions.Still);
        var (session, frames) = sim.Open("/ws-api/v3");
        sim.Send(session, Signed(sim, "order.place", Limit("x", "BUY", "50000", "0.001")).Replace("50000", "50001"));
        Assert.Contains("-1022", frames.Take().Single());
        sim.Send(session, Signed(sim, "order.place", Limit("x", "BUY", "50000", "0.001")).Replace("simulated-key", "other"));
        Assert.Contains("-2015", frames.Take().Single());
        var late = Signed(sim, "order.place", Limit("x", "BUY", "50000", "0.001"));
        sim.Run(6_000, 1_000);
        frames.Take();
        sim.Send(session, late);
        Assert.Contains("-1021", frames.Take().Single());
        Assert.Equal(3, sim.Venue.Statistics.AuthenticationFailures);
    }

    [Fact]
    public void Rest_answers_with_the_account_the_order_and_the_fills()
    {
        var sim = new SteppedVenue("binance", flow: FlowOptions.Still);
        var (session, frames) = sim.Open("/ws-api/v3");
        sim.Send(session, Signed(sim, "order.place", Limit("mine", "BUY", "61000", "0.001")));
        frames.Take();
        var order = SteppedVenue.Parse(SignedGet(sim, "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=mine").Body);
        Assert.Equal("FILLED", order.GetProperty("status").GetString());
        Assert.Contains("-2013", SignedGet(sim, "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=other").Body);
        Assert.Equal(1, SteppedVenue.Parse(SignedGet(sim, "/api/v3/myTrades", "symbol=BTCUSDT").Body).GetArrayLength());
        Assert.Contains("10.00100000", SignedGet(sim, "/api/v3/account", "omitZeroBalances=true").Body);
        Assert.Equal("[]", SignedGet(sim, "/api/v3/openOrders", "symbol=BTCUSDT").Body);
        Assert.Contains("-1121", sim.Get("/api/v3/depth", "symbol=NOPE").Body);
        Assert.Equal(3, SteppedVenue.Parse(sim.Get("/api/v3/exchangeInfo").Body).GetProperty("symbols").GetArrayLength());
    }

    [Fact]
    public void Weight_beyond_the_limit_is_answered_429_with_the_time_to_wait()
    {
        var sim = new SteppedVenue("binance", flow: FlowOptions.Still);
        VenueHttpResponse answer;
        var calls = 0;
        do answer = sim.Get("/api/v3/depth", "symbol=BTCUSDT&limit=5000");
        while (answer.Status == 200 && ++calls < 100);
        Assert.Equal(24, calls);
        Assert.Equal(429, answer.Status);
        Assert.Contains(answer.Headers, h => h.Key == "Retry-After" && int.Parse(h.Value) > 0);
        sim.Run(60_000, 1_000);
        Assert.Equal(200, sim.Get("/api/v3/ping").Status);
    }

    private static Dictionary<string, string> Limit(string id, string side, string price, string quantity) => new()
    {
        ["symbol"] = "BTCUSDT", ["side"] = side, ["type"] = "LIMIT", ["timeInForce"] = "GTC", ["price"] = price,
        ["quantity"] = quantity, ["newClientOrderId"] = id,
    };

    private static JsonElement Result(FrameCollector frames) => SteppedVenue.Parse(frames.Take().Single()).GetProperty("result");

    private static IEnumerable<JsonElement> Reports(IEnumerable<JsonElement> frames) =>
        frames.Where(f => f.TryGetProperty("event", out var e) && e.GetProperty("e").GetString() == "executionReport")
            .Select(f => f.GetProperty("event"));

    internal static string Signed(SteppedVenue sim, string method, Dictionary<string, string> parameters)
    {
        parameters["apiKey"] = sim.Venue.Options.ApiKey;
        parameters["timestamp"] = sim.NowMs.ToString();
        var payload = string.Join('&', parameters.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => p.Key + "=" + p.Value));
        parameters["signature"] = Hmac(sim, payload);
        return JsonSerializer.Serialize(new { id = "r1", method, @params = parameters });
    }

    private static VenueHttpResponse SignedGet(SteppedVenue sim, string path, string query)
    {
        query += "&timestamp=" + sim.NowMs;
        return sim.Get(path, query + "&signature=" + Hmac(sim, query), new() { ["X-MBX-APIKEY"] = sim.Venue.Options.ApiKey });
    }

    internal static string Hmac(SteppedVenue sim, string payload) => Convert.ToHexStringLower(
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(sim.Venue.Options.Secret), Encoding.UTF8.GetBytes(payload)));
}
