using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Penstock.Testing.Faults;
using Penstock.Testing.Flow;
using Penstock.Testing.Protocols;

namespace Penstock.Tests.Testing;

[Trait("requirement", "E30")]
public sealed class KrakenVenueTests
{
    private long _nonce;

    [Theory]
    [InlineData(10)]
    [InlineData(100)]
    public void Every_checksum_matches_the_book_a_client_keeps_cut_to_depth(int depth)
    {
        var sim = new SteppedVenue("kraken");
        var (session, frames) = sim.Open("/v2");
        Assert.Contains("\"channel\":\"status\"", frames.Take().Single());
        sim.Send(session, $$"""{"method":"subscribe","params":{"channel":"book","symbol":["BTC/USDT","ETH/USDT","XXX/YYY"],"depth":{{depth}},"snapshot":true},"req_id":1}""");
        Assert.Equal(2, frames.Frames.Count(f => f.Contains("\"success\":true")));
        Assert.Equal(1, frames.Frames.Count(f => f.Contains("\"success\":false")));
        sim.Run(2_000);

        var books = new Dictionary<string, (SortedDictionary<decimal, decimal> Bids, SortedDictionary<decimal, decimal> Asks)>();
        var updates = 0;
        foreach (var text in frames.Take().Where(f => f.Contains("\"channel\":\"book\",\"type\"")))
        {
            var data = SteppedVenue.Parse(text).GetProperty("data")[0];
            var symbol = data.GetProperty("symbol").GetString()!;
            if (text.Contains("snapshot")) books[symbol] = ([], []);
            var (bids, asks) = books[symbol];
            SteppedVenue.Apply(bids, data.GetProperty("bids"));
            SteppedVenue.Apply(asks, data.GetProperty("asks"));
            while (bids.Count > depth) bids.Remove(bids.Keys.First());
            while (asks.Count > depth) asks.Remove(asks.Keys.Last());
            Assert.Equal(Checksum(bids, asks, symbol == "BTC/USDT" ? 1 : 2), data.GetProperty("checksum").GetUInt32());
            updates++;
        }

        Assert.True(updates > 40);
        var engine = sim.Venue.Market.Instruments[0].Engine;
        Assert.Equal(SteppedVenue.Levels(engine.Bids, depth), books["BTC/USDT"].Bids);
        Assert.Equal(SteppedVenue.Levels(engine.Asks, depth), books["BTC/USDT"].Asks);
    }

    [Fact]
    public void An_idle_connection_gets_a_heartbeat_every_second_and_a_ping_its_pong()
    {
        var sim = new SteppedVenue("kraken", flow: FlowOptions.Still);
        var (session, frames) = sim.Open("/v2");
        sim.Send(session, """{"method":"subscribe","params":{"channel":"ticker","symbol":["BTC/USDT"],"event_trigger":"bbo"}}""");
        Assert.Contains("\"type\":\"snapshot\"", frames.Take()[^1]);
        sim.Run(5_000, 100);
        Assert.Equal(Enumerable.Repeat("""{"channel":"heartbeat"}""", 5), frames.Take());
        sim.Send(session, """{"method":"ping","req_id":42}""");
        Assert.StartsWith("""{"method":"pong","req_id":42,"time_in":""", frames.Take().Single());
        sim.Send(session, """{"method":"subscribe","params":{"channel":"instrument"}}""");
        var pairs = SteppedVenue.Parse(frames.Take()[^1]).GetProperty("data").GetProperty("pairs");
        Assert.Equal(3, pairs.GetArrayLength());
    }

    [Fact]
    public void Orders_need_a_token_and_executions_are_numbered_and_sparse()
    {
        var sim = new SteppedVenue("kraken", flow: FlowOptions.Still);
        var token = SteppedVenue.Parse(Post(sim, "/0/private/GetWebSocketsToken", "").Body).GetProperty("result").GetProperty("token").GetString()!;
        var (session, frames) = sim.Open("/auth/v2");
        frames.Take();
        sim.Send(session, AddOrder("no", "wrong", 50_000m, false));
        Assert.Contains("ESession", frames.Take().Single());
        sim.Send(session, $$"""{"params":{"channel":"executions","snap_orders":true,"token":"{{token}}"},"method":"subscribe"}""");
        Assert.Contains("\"type\":\"snapshot\",\"data\":[],\"sequence\":1", frames.Take()[^1]);

        sim.Send(session, AddOrder("one", token, 61_000m, false));
        var told = frames.Take().Select(SteppedVenue.Parse).ToList();
        Assert.True(told[0].GetProperty("success").GetBoolean());
        var kinds = told.Skip(1).Select(m => m.GetProperty("data")[0].GetProperty("exec_type").GetString()!).ToList();
        Assert.Equal(["pending_new", "new"], kinds.Take(2));
        Assert.Equal("filled", kinds[^1]);
        Assert.All(kinds.Skip(2).SkipLast(1), k => Assert.Equal("trade", k));
        Assert.Equal(Enumerable.Range(2, kinds.Count), told.Skip(1).Select(m => m.GetProperty("sequence").GetInt32()));
        Assert.False(told[2].GetProperty("data")[0].TryGetProperty("symbol", out _));

        sim.Send(session, AddOrder("two", token, 61_000m, true));
        Assert.Contains("EOrder:Post only order", frames.Take().Single());
        sim.Send(session, AddOrder("three", token, 50_000m, true));
        frames.Take();
        sim.Send(session, $$"""{"method":"cancel_order","params":{"cl_ord_id":["three","none"],"token":"{{token}}"},"req_id":3}""");
        var answers = frames.Take();
        Assert.Equal(1, answers.Count(a => a.Contains("\"success\":true")));
        Assert.Equal(1, answers.Count(a => a.Contains("EOrder:Unknown order")));
        Assert.Contains(answers, a => a.Contains("\"exec_type\":\"canceled\""));
    }

    [Fact]
    public void A_change_is_answered_and_told_by_a_sparse_row_with_the_new_price_and_total()
    {
        var sim = new SteppedVenue("kraken", flow: FlowOptions.Still);
        var (session, frames, token) = Trade(sim);
        sim.Send(session, AddOrder("one", token, 50_000m, true));
        var id = SteppedVenue.Parse(frames.Take()[0]).GetProperty("result").GetProperty("order_id").GetString();

        sim.Send(session, AmendOrder(token, "\"cl_ord_id\":\"one\",\"order_qty\":0.25,\"limit_price\":49999.5,\"post_only\":true"));
        var told = frames.Take().Select(SteppedVenue.Parse).ToList();
        Assert.Equal(("amend_order", "one", true), (told[0].GetProperty("method").GetString(), told[0].GetProperty("result").GetProperty("cl_ord_id").GetString(), told[0].GetProperty("success").GetBoolean()));
        var row = told[1].GetProperty("data")[0];
        Assert.Equal(("amended", "new", 49_999.5m, 0.25m, id), (row.GetProperty("exec_type").GetString(), row.GetProperty("order_status").GetString(),
            row.GetProperty("limit_price").GetDecimal(), row.GetProperty("order_qty").GetDecimal(), row.GetProperty("order_id").GetString()));
        Assert.False(row.TryGetProperty("symbol", out _));
        Assert.Contains("\"price\":\"49999.5\"", Post(sim, "/0/private/OpenOrders", "").Body);

        sim.Venue.Faults.Arm(FaultKind.LoseAck);
        sim.Send(session, AmendOrder(token, $"\"order_id\":\"{id}\",\"order_qty\":0.5"));
        Assert.Contains("\"order_qty\":0.5,\"limit_price\":49999.5", frames.Take().Single());

        sim.Send(session, AmendOrder("wrong", "\"cl_ord_id\":\"one\",\"order_qty\":0.7"));
        sim.Send(session, AmendOrder(token, "\"cl_ord_id\":\"none\",\"order_qty\":0.7"));
        sim.Send(session, AmendOrder(token, "\"order_qty\":0.7"));
        sim.Send(session, AmendOrder(token, "\"cl_ord_id\":\"one\",\"limit_price\":49999.55"));
        sim.Send(session, AmendOrder(token, "\"cl_ord_id\":\"one\",\"order_qty\":1000"));
        var errors = frames.Take().Select(f => SteppedVenue.Parse(f).GetProperty("error").GetString());
        Assert.Equal(["ESession:Invalid session", "EOrder:Unknown order", "EGeneral:Invalid arguments", "EOrder:Tick size check failed", "EOrder:Insufficient funds"], errors);
        Assert.Equal((49_999.5m, 0.5m), (sim.Venue.Market.OpenOrders()[0].Price.ToDecimal(), sim.Venue.Market.OpenOrders()[0].Quantity.ToDecimal()));
    }

    [Fact]
    public void A_change_may_take_unless_it_says_post_only_itself_and_to_less_than_is_filled_it_cancels_the_rest()
    {
        var sim = new SteppedVenue("kraken", flow: FlowOptions.Still);
        var (session, frames, token) = Trade(sim);
        sim.Send(session, AddOrder("one", token, 50_000m, true));
        frames.Take();
        var ask = sim.Venue.Market.Instruments[0].Engine.Asks.Best!;
        var price = ask.Price.ToDecimal();
        sim.Send(session, AmendOrder(token, $"\"cl_ord_id\":\"one\",\"limit_price\":{price},\"post_only\":true"));
        Assert.Contains("EOrder:Post only order", frames.Take().Single());
        var traded = ask.Quantity.ToDecimal();
        sim.Send(session, AmendOrder(token, $"\"cl_ord_id\":\"one\",\"limit_price\":{price},\"order_qty\":{traded + 1m}"));
        Assert.Equal(["amended", "trade"], KindsOf(frames).Distinct());
        sim.Send(session, AmendOrder(token, $"\"cl_ord_id\":\"one\",\"order_qty\":{traded / 2m}"));
        Assert.Equal(["canceled"], KindsOf(frames));
        Assert.Empty(sim.Venue.Market.OpenOrders());
    }

    /// <summary>The venue's table of what a request costs by the age of its order, against the counter of the highest tier: 180, falling by 3.75 a second.</summary>
    [Fact, Trait("requirement", "R112")]
    public void Requests_are_refused_when_their_pairs_counter_would_pass_its_threshold_and_cancels_never()
    {
        var sim = new SteppedVenue("kraken", flow: FlowOptions.Still);
        var (session, frames, token) = Trade(sim);
        sim.Send(session, AddOrder("one", token, 50_000m, true));
        frames.Take();
        // 1 for the order and 4 for each change of a young one.
        for (var i = 0; i < 44; i++) Assert.Null(Change(i));
        Assert.Equal("EOrder:Rate limit exceeded", Change(44));
        for (var i = 0; i < 3; i++) sim.Send(session, AddOrder("more" + i, token, 50_000m, true));
        sim.Send(session, AddOrder("last", token, 50_000m, true));
        Assert.Equal(1, frames.Take().Count(f => f.Contains("EOrder:Rate limit exceeded")));
        sim.Send(session, AddOrder("other", token, 3m, true).Replace("BTC/USDT", "SOL/USDT").Replace("0.5", "5"));
        Assert.Contains("\"success\":true", frames.Take()[0]);
        sim.Send(session, $$"""{"method":"cancel_order","params":{"cl_ord_id":["more0"],"token":"{{token}}"},"req_id":3}""");
        Assert.Contains("\"success\":true", frames.Take()[0]);

        // 188 less 75: room for 67, and a change costs 1 where its order has rested for fifteen seconds and more.
        sim.Run(20_000, 1_000);
        frames.Take();
        Assert.Null(Change(0));
        for (var i = 1; i <= 16; i++) Assert.Null(Change(i));
        Assert.Equal("EOrder:Rate limit exceeded", Change(17));

        string? Change(int i)
        {
            sim.Send(session, AmendOrder(token, $"\"cl_ord_id\":\"one\",\"limit_price\":{40_000 + i}"));
            return SteppedVenue.Parse(frames.Take()[0]).TryGetProperty("error", out var error) ? error.GetString() : null;
        }
    }

    [Fact]
    public void Signed_rest_wants_a_rising_nonce_and_knows_the_orders()
    {
        var sim = new SteppedVenue("kraken", flow: FlowOptions.Still);
        Assert.Contains("XXBT", Post(sim, "/0/private/BalanceEx", "").Body);
        _nonce--;
        Assert.Contains("EAPI:Invalid nonce", Post(sim, "/0/private/BalanceEx", "").Body);
        Assert.Contains("EAPI:Invalid key", sim.Get("/0/private/BalanceEx").Body);
        Assert.Contains("\"open\":{}", Post(sim, "/0/private/OpenOrders", "").Body);
        Assert.Contains("EOrder:Unknown order", Post(sim, "/0/private/QueryOrders", "&cl_ord_id=none").Body);
        Assert.Contains("\"count\":0", Post(sim, "/0/private/TradesHistory", "").Body);
        Assert.Contains("XBT/USDT", sim.Get("/0/public/AssetPairs").Body);
    }

    private (ProtocolSession Session, FrameCollector Frames, string Token) Trade(SteppedVenue sim)
    {
        var token = SteppedVenue.Parse(Post(sim, "/0/private/GetWebSocketsToken", "").Body).GetProperty("result").GetProperty("token").GetString()!;
        var (session, frames) = sim.Open("/auth/v2");
        sim.Send(session, $$"""{"params":{"channel":"executions","snap_orders":true,"token":"{{token}}"},"method":"subscribe"}""");
        frames.Take();
        return (session, frames, token);
    }

    private static IEnumerable<string> KindsOf(FrameCollector frames) =>
        frames.Take().Where(f => f.Contains("\"executions\"")).Select(f => SteppedVenue.Parse(f).GetProperty("data")[0].GetProperty("exec_type").GetString()!);

    private static string AmendOrder(string token, string parameters) =>
        "{\"method\":\"amend_order\",\"params\":{" + parameters + ",\"token\":\"" + token + "\"},\"req_id\":9}";

    private static string AddOrder(string id, string token, decimal price, bool postOnly) => JsonSerializer.Serialize(new
    {
        method = "add_order", req_id = 5,
        @params = new
        {
            order_type = "limit", side = "buy", order_qty = 0.5m, symbol = "BTC/USDT", limit_price = price, time_in_force = "gtc",
            cl_ord_id = id, post_only = postOnly, token,
        },
    });

    private VenueHttpResponse Post(SteppedVenue sim, string path, string more)
    {
        var body = $"nonce={++_nonce}{more}";
        byte[] message = [.. Encoding.UTF8.GetBytes(path), .. SHA256.HashData(Encoding.UTF8.GetBytes(_nonce + body))];
        var sign = Convert.ToBase64String(HMACSHA512.HashData(Convert.FromBase64String(sim.Venue.Options.Secret), message));
        return sim.Venue.Handle(new VenueHttpRequest
        {
            Method = "POST", Path = path, Body = body,
            Headers = new Dictionary<string, string> { ["API-Key"] = sim.Venue.Options.ApiKey, ["API-Sign"] = sign },
        }, sim.NowNs);
    }

    /// <summary>The published algorithm over a string, with a bit-by-bit CRC: shares nothing with the venue's.</summary>
    private static uint Checksum(SortedDictionary<decimal, decimal> bids, SortedDictionary<decimal, decimal> asks, int priceDecimals)
    {
        var text = new StringBuilder();
        foreach (var (price, quantity) in asks.Take(10).Concat(bids.Reverse().Take(10)))
        {
            text.Append(price.ToString("F" + priceDecimals).Replace(".", "").TrimStart('0'));
            text.Append(quantity.ToString("F8").Replace(".", "").TrimStart('0'));
        }

        var crc = ~0u;
        foreach (var c in Encoding.ASCII.GetBytes(text.ToString()))
        {
            crc ^= c;
            for (var bit = 0; bit < 8; bit++) crc = (crc & 1) == 1 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
        }

        return ~crc;
    }
}
