using System.Text.Json;
using Penstock.Testing.Flow;
using Penstock.Testing.Protocols;
using Penstock.Testing.Protocols.BinanceUsdm;

namespace Penstock.Tests.Testing;

[Trait("requirement", "E30")]
public sealed class BinanceUsdmVenueTests
{
    private const string Subscribe = """{"method":"SUBSCRIBE","params":["btcusdt@depth@100ms","btcusdt@bookTicker","btcusdt@trade"],"id":7}""";

    [Fact]
    public void A_client_following_the_published_rule_rebuilds_the_venues_own_book_and_spots_rule_fails_at_once()
    {
        var sim = new SteppedVenue("binance-usdm");
        var (session, frames) = sim.Open("/public/stream");
        sim.Send(session, Subscribe);
        Assert.Equal("""{"result":null,"id":7}""", frames.Take().Single());
        sim.Run(350);
        var snapshot = SteppedVenue.Parse(sim.Get("/fapi/v1/depth", "symbol=BTCUSDT&limit=1000").Body);
        sim.Run(2_000);

        var (snapshotId, last, applied, spotHoles) = (snapshot.GetProperty("lastUpdateId").GetInt64(), 0L, 0, 0);
        var (bids, asks) = (new SortedDictionary<decimal, decimal>(), new SortedDictionary<decimal, decimal>());
        SteppedVenue.Apply(bids, snapshot.GetProperty("bids"));
        SteppedVenue.Apply(asks, snapshot.GetProperty("asks"));
        foreach (var text in frames.Take().Where(f => f.Contains("depthUpdate")))
        {
            var data = SteppedVenue.Parse(text).GetProperty("data");
            var (first, final, previous) = (data.GetProperty("U").GetInt64(), data.GetProperty("u").GetInt64(), data.GetProperty("pu").GetInt64());
            if (final < snapshotId) continue;
            if (applied++ == 0) Assert.True(first <= snapshotId && final >= snapshotId);
            else Assert.Equal(last, previous);
            if (applied > 1 && first != last + 1) spotHoles++;
            SteppedVenue.Apply(bids, data.GetProperty("b"));
            SteppedVenue.Apply(asks, data.GetProperty("a"));
            last = final;
        }

        Assert.InRange(applied, 10, 25);
        Assert.Equal(applied - 1, spotHoles);
        // A new snapshot is what the deltas have led to.
        var now = SteppedVenue.Parse(sim.Get("/fapi/v1/depth", "symbol=BTCUSDT&limit=1000").Body);
        if (now.GetProperty("lastUpdateId").GetInt64() > last + 7) return;
        Assert.Equal(SteppedVenue.Levels(sim.Venue.Market.Instruments[0].Engine.Bids), bids);
        Assert.Equal(SteppedVenue.Levels(sim.Venue.Market.Instruments[0].Engine.Asks), asks);
    }

    [Theory]
    [InlineData("/stream")]
    [InlineData("/ws")]
    [InlineData("/market/stream")]
    public void The_old_root_and_the_wrong_entrance_take_a_subscription_and_stay_silent(string path)
    {
        var sim = new SteppedVenue("binance-usdm");
        var (session, frames) = sim.Open(path);
        sim.Send(session, Subscribe);
        Assert.Equal("""{"result":null,"id":7}""", frames.Take().Single());
        sim.Send(session, """{"method":"LIST_SUBSCRIPTIONS","id":8}""");
        Assert.Contains("btcusdt@depth@100ms", frames.Take().Single());
        sim.Run(2_000);
        Assert.Empty(frames.Frames);
    }

    [Fact]
    public void The_list_has_perpetual_contracts_whose_prices_are_written_finer_than_their_tick()
    {
        var sim = new SteppedVenue("binance-usdm", flow: FlowOptions.Still);
        var list = SteppedVenue.Parse(sim.Get("/fapi/v1/exchangeInfo").Body).GetProperty("symbols");
        Assert.Equal(3, list.GetArrayLength());
        var btc = list[0];
        Assert.Equal(("BTCUSDT", "PERPETUAL", "USDT", 2), (btc.GetProperty("symbol").GetString(), btc.GetProperty("contractType").GetString(), btc.GetProperty("marginAsset").GetString(), btc.GetProperty("pricePrecision").GetInt32()));
        Assert.Equal("0.1", btc.GetProperty("filters")[0].GetProperty("tickSize").GetString());
        Assert.Equal(["BTC-USDT-PERP", "ETH-USDT-PERP", "SOL-USDT-PERP"], sim.Venue.Symbols);
    }

    [Fact]
    public void Wallet_and_position_are_what_follows_from_the_fills()
    {
        var sim = new SteppedVenue("binance-usdm");
        sim.Run(200);
        var (stream, api) = (Private(sim), sim.Open("/ws-fapi/v1"));
        foreach (var (side, quantity) in (ReadOnlySpan<(string, string)>)[("BUY", "0.030"), ("SELL", "0.010"), ("SELL", "0.050"), ("BUY", "0.012"), ("BUY", "0.018")])
        {
            sim.Send(api.Session, Order(sim, "MARKET", side, quantity));
            sim.Run(50);
        }

        decimal position = 0, realised = 0, fees = 0;
        var (lite, told) = (0, default(JsonElement));
        foreach (var text in stream.Frames.Take())
        {
            var message = SteppedVenue.Parse(text);
            var type = message.GetProperty("e").GetString();
            if (type == "TRADE_LITE") lite++;
            if (type == "ACCOUNT_UPDATE") told = message.GetProperty("a");
            if (type != "ORDER_TRADE_UPDATE" || Text(message.GetProperty("o"), "x") != "TRADE") continue;
            var o = message.GetProperty("o");
            lite--;
            position += Number(o, "l") * (Text(o, "S") == "BUY" ? 1 : -1);
            realised += Number(o, "rp");
            fees += Number(o, "n");
            Assert.Equal("USDT", Text(o, "N"));
        }

        Assert.Equal((0, 0m), (lite, position));
        Assert.True(fees > 0 && realised != 0);
        Assert.InRange(Number(told.GetProperty("B")[0], "wb"), 1_000_000m + realised - fees - 0.000001m, 1_000_000m + realised - fees + 0.000001m);
        Assert.Equal(0m, Number(told.GetProperty("P")[0], "pa"));
        var account = SteppedVenue.Parse(Get(sim, "/fapi/v3/account", "").Body);
        Assert.Equal(Number(told.GetProperty("B")[0], "wb"), Number(account.GetProperty("assets")[0], "walletBalance"));
        Assert.Equal(0, account.GetProperty("positions").GetArrayLength());
        Assert.Equal(["USDT"], account.GetProperty("assets").EnumerateArray().Select(a => Text(a, "asset")));

        // Short, and what the position cost is what was sold.
        sim.Send(api.Session, Order(sim, "MARKET", "SELL", "0.040"));
        var open = SteppedVenue.Parse(Get(sim, "/fapi/v3/account", "").Body).GetProperty("positions")[0];
        Assert.Equal(-0.040m, Number(open, "positionAmt"));
        var sold = SteppedVenue.Parse(Get(sim, "/fapi/v1/userTrades", "symbol=BTCUSDT").Body).EnumerateArray().Reverse().Take(1).Sum(t => Number(t, "quoteQty"));
        Assert.True(sold > 0 && Number(open, "notional") - Number(open, "unrealizedProfit") <= -sold);
        Assert.All(SteppedVenue.Parse(Get(sim, "/fapi/v1/userTrades", "symbol=BTCUSDT").Body).EnumerateArray(), t => Assert.True(Number(t, "commission") < 0));
    }

    [Fact]
    public void Orders_are_checked_and_post_only_expires_where_it_would_take()
    {
        var sim = new SteppedVenue("binance-usdm");
        sim.Run(200);
        var (stream, api) = (Private(sim), sim.Open("/ws-fapi/v1"));
        int Code(string frame)
        {
            api.Frames.Take();
            sim.Send(api.Session, frame);
            var answer = SteppedVenue.Parse(api.Frames.Take().Single());
            return answer.TryGetProperty("error", out var error) ? error.GetProperty("code").GetInt32() : 0;
        }

        Assert.Equal(-2022, Code(Order(sim, "MARKET", "SELL", "0.010", ("reduceOnly", "true"))));
        Assert.Equal(-2019, Code(Order(sim, "LIMIT", "BUY", "900", ("price", "60000.0"), ("timeInForce", "GTC"))));
        Assert.Equal(-4014, Code(Order(sim, "LIMIT", "BUY", "0.010", ("price", "50000.05"), ("timeInForce", "GTC"))));
        Assert.Equal(-4023, Code(Order(sim, "LIMIT", "BUY", "0.0105", ("price", "50000.0"), ("timeInForce", "GTC"))));
        Assert.Equal(-4164, Code(Order(sim, "LIMIT", "BUY", "0.001", ("price", "4000.0"), ("timeInForce", "GTC"))));
        Assert.Equal(-4061, Code(Order(sim, "MARKET", "BUY", "0.010", ("positionSide", "LONG"))));
        Assert.Equal(-1102, Code(Order(sim, "LIMIT_MAKER", "BUY", "0.010", ("price", "50000.0"))));
        Assert.Equal(-1022, Code(Order(sim, "MARKET", "BUY", "0.010").Replace("\"BUY\"", "\"SELL\"", StringComparison.Ordinal)));
        Assert.Equal(-2015, Code("""{"id":"k","method":"userDataStream.start","params":{"apiKey":"another"}}"""));
        Assert.Equal(0, Code(Order(sim, "LIMIT", "BUY", "0.010", ("price", "40000.0"), ("timeInForce", "GTX"))));
        (string, string)[] named = [("price", "40000.0"), ("timeInForce", "GTX"), ("newClientOrderId", "o1")];
        Assert.Equal(0, Code(Order(sim, "LIMIT", "BUY", "0.010", named)));
        Assert.Equal(-4116, Code(Order(sim, "LIMIT", "BUY", "0.010", named)));
        stream.Frames.Take();
        Assert.Equal(0, Code(Order(sim, "LIMIT", "BUY", "0.010", ("price", "70000.0"), ("timeInForce", "GTX"))));
        sim.Run(20);
        var expired = SteppedVenue.Parse(stream.Frames.Take().Single(f => f.Contains("ORDER_TRADE_UPDATE"))).GetProperty("o");
        Assert.Equal(("EXPIRED", "EXPIRED", "GTX"), (Text(expired, "x"), Text(expired, "X"), Text(expired, "f")));
        Assert.True(sim.Venue.Statistics.AuthenticationFailures >= 2);
    }

    [Fact]
    public void A_listen_key_lives_an_hour_from_the_last_sign_and_its_end_is_told()
    {
        var sim = new SteppedVenue("binance-usdm", flow: FlowOptions.Still);
        var (stream, api) = (Private(sim), sim.Open("/ws-fapi/v1"));
        string Ask(string method)
        {
            sim.Send(api.Session, JsonSerializer.Serialize(new { id = "k", method, @params = new { apiKey = sim.Venue.Options.ApiKey } }));
            return api.Frames.Take()[^1];
        }

        var key = ((BinanceUsdmVenue)sim.Venue).ListenKey;
        Assert.Contains(key, Ask("userDataStream.start"));
        sim.Run(3_000_000, 100_000);
        Assert.Contains(key, Ask("userDataStream.ping"));
        sim.Run(3_000_000, 100_000);
        Assert.Equal(key, ((BinanceUsdmVenue)sim.Venue).ListenKey);
        sim.Run(700_000, 100_000);
        Assert.Contains($"\"listenKey\":\"{key}\"", stream.Frames.Take().Single(f => f.Contains("listenKeyExpired")));
        Assert.Contains("-1125", Ask("userDataStream.ping"));
        Assert.DoesNotContain(key, Ask("userDataStream.start"));
    }

    private static (ProtocolSession Session, FrameCollector Frames) Private(SteppedVenue sim)
    {
        var answer = sim.Venue.Handle(new VenueHttpRequest { Method = "POST", Path = "/fapi/v1/listenKey", Headers = Key(sim) }, sim.NowNs);
        return sim.Open("/private/ws", "listenKey=" + SteppedVenue.Parse(answer.Body).GetProperty("listenKey").GetString());
    }

    private static Dictionary<string, string> Key(SteppedVenue sim) => new(StringComparer.OrdinalIgnoreCase) { ["X-MBX-APIKEY"] = sim.Venue.Options.ApiKey };

    private static VenueHttpResponse Get(SteppedVenue sim, string path, string query)
    {
        query += (query.Length > 0 ? "&" : "") + "timestamp=" + sim.NowMs;
        return sim.Get(path, query + "&signature=" + BinanceVenueTests.Hmac(sim, query), Key(sim));
    }

    private static string Order(SteppedVenue sim, string type, string side, string quantity, params ReadOnlySpan<(string Name, string Value)> more)
    {
        var parameters = new Dictionary<string, string> { ["symbol"] = "BTCUSDT", ["type"] = type, ["side"] = side, ["quantity"] = quantity };
        foreach (var (name, value) in more) parameters[name] = value;
        return BinanceVenueTests.Signed(sim, "order.place", parameters);
    }

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString()!;

    private static decimal Number(JsonElement of, string name) => decimal.Parse(Text(of, name), System.Globalization.CultureInfo.InvariantCulture);
}
