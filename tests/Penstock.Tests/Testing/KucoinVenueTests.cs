using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Penstock.Testing.Faults;
using Penstock.Testing.Flow;
using Penstock.Testing.Protocols;

namespace Penstock.Tests.Testing;

[Trait("requirement", "E30")]
public sealed class KucoinVenueTests
{
    [Fact]
    public void A_connection_needs_a_token_is_greeted_and_hears_nothing_before()
    {
        var sim = new SteppedVenue("kucoin", flow: FlowOptions.Still);
        Assert.Null(sim.Venue.Open("/endpoint", "token=made-up", new FrameCollector(), sim.NowNs));
        Assert.Null(sim.Venue.Open("/endpoint", "", new FrameCollector(), sim.NowNs));
        var (session, frames) = Connect(sim, isPrivate: false);
        sim.Send(session, Subscribe("/market/level2:BTC-USDT"));
        Assert.Empty(frames.Take());
        sim.Run(10);
        Assert.Contains("\"type\":\"welcome\"", frames.Take().Single());
        sim.Send(session, Subscribe("/market/level2:BTC-USDT,ETH-USDT"));
        Assert.Equal("""{"id":"7","type":"ack"}""", frames.Take().Single());
        Assert.Equal(["/market/level2:BTC-USDT", "/market/level2:ETH-USDT"], session.Topics.Order());
        sim.Send(session, """{"id":"8","type":"ping"}""");
        Assert.Equal("""{"id":"8","type":"pong"}""", frames.Take().Single());
        foreach (var topic in (string[])["/market/none:BTC-USDT", "/market/level2:NO-USDT", "/spotMarket/tradeOrdersV2"])
        {
            sim.Send(session, Subscribe(topic));
            Assert.Contains("\"type\":\"error\"", frames.Take().Single());
        }

        sim.Send(session, "not json");
        Assert.Contains("\"type\":\"error\"", frames.Take().Single());
    }

    [Fact]
    public void A_client_that_does_not_ping_is_cut_and_one_that_sends_too_much_is_told()
    {
        var sim = new SteppedVenue("kucoin", flow: FlowOptions.Still);
        var (session, frames) = Connect(sim, isPrivate: false);
        sim.Run(20_000, 1_000);
        sim.Send(session, """{"id":"8","type":"ping"}""");
        sim.Run(27_000, 1_000);
        Assert.False(session.IsCut);
        for (var i = 0; i < 101; i++) sim.Send(session, Subscribe("/market/level2:BTC-USDT"));
        Assert.Contains("\"code\":509", frames.Take().Last());
        sim.Run(2_000, 1_000);
        Assert.True(session.IsCut);
    }

    [Fact]
    public void The_part_book_and_the_increments_after_it_rebuild_the_venues_own_book()
    {
        // Fewer levels than the part book has: it is the whole book here.
        var sim = new SteppedVenue("kucoin", flow: new FlowOptions { Levels = 40, MakerActionsPerSecond = 400 });
        var (session, frames) = Connect(sim, isPrivate: false);
        sim.Run(10);
        sim.Send(session, Subscribe("/market/level2:BTC-USDT"));
        sim.Send(session, Subscribe("/market/match:BTC-USDT"));
        sim.Send(session, Subscribe("/spotMarket/level1:BTC-USDT"));
        sim.Send(session, Subscribe("/spotMarket/level2Depth5:BTC-USDT"));
        sim.Run(500);
        var snapshot = SteppedVenue.Parse(sim.Get("/api/v1/market/orderbook/level2_100", "symbol=BTC-USDT").Body).GetProperty("data");
        sim.Run(2_500);

        var (bids, asks) = (new SortedDictionary<decimal, decimal>(), new SortedDictionary<decimal, decimal>());
        SteppedVenue.Apply(bids, snapshot.GetProperty("bids"));
        SteppedVenue.Apply(asks, snapshot.GetProperty("asks"));
        var last = long.Parse(snapshot.GetProperty("sequence").GetString()!);
        var (applied, overlaps, nothings) = (0, 0, 0);
        foreach (var data in frames.Frames.Where(f => f.Contains("trade.l2update")).Select(f => SteppedVenue.Parse(f).GetProperty("data")))
        {
            var (first, end) = (data.GetProperty("sequenceStart").GetInt64(), data.GetProperty("sequenceEnd").GetInt64());
            if (end <= last) continue;
            Assert.True(first <= last + 1, $"{first} after {last}");
            if (applied > 0 && first <= last) overlaps++;
            last = end;
            applied++;
            if (data.GetRawText().Contains("[\"0\",")) nothings++;
            Apply(bids, data.GetProperty("changes").GetProperty("bids"));
            Apply(asks, data.GetProperty("changes").GetProperty("asks"));
        }

        Assert.True(applied > 50 && overlaps > 5 && nothings > 2, $"{applied} {overlaps} {nothings}");
        Assert.Equal(SteppedVenue.Levels(sim.Venue.Market.Instruments[0].Engine.Bids), bids);
        Assert.Equal(SteppedVenue.Levels(sim.Venue.Market.Instruments[0].Engine.Asks), asks);
        foreach (var subject in (string[])["trade.l3match", "level1", "level2"]) Assert.Contains(frames.Frames, f => f.Contains($"\"subject\":\"{subject}\""));
    }

    [Fact]
    public void Orders_are_taken_signed_and_told_on_the_private_topics_without_a_fee()
    {
        var sim = new SteppedVenue("kucoin", flow: FlowOptions.Still);
        var (session, frames) = Connect(sim, isPrivate: true);
        sim.Run(10);
        sim.Send(session, Subscribe("/spotMarket/tradeOrdersV2", isPrivate: true));
        sim.Send(session, Subscribe("/account/balance", isPrivate: true));
        frames.Take();

        var placed = Call(sim, "POST", "/api/v1/hf/orders", "", Order("a-1", "61000", "0.5"));
        var id = Data(placed).GetProperty("orderId").GetString();
        Assert.Equal(24, id!.Length);
        var told = frames.Take();
        var types = told.Where(f => f.Contains("orderChange")).Select(f => SteppedVenue.Parse(f).GetProperty("data")).ToList();
        Assert.Equal(["received", "match", "filled"], types.Select(d => d.GetProperty("type").GetString()).Distinct());
        Assert.All(types, d => Assert.False(d.TryGetProperty("fee", out _)));
        Assert.Contains(told, f => f.Contains("account.balance"));
        var fill = Data(Call(sim, "GET", "/api/v1/hf/fills", "symbol=BTC-USDT")).GetProperty("items")[0];
        Assert.Equal((id, "USDT", "taker"), (fill.GetProperty("orderId").GetString(), fill.GetProperty("feeCurrency").GetString(), fill.GetProperty("liquidity").GetString()));

        Call(sim, "POST", "/api/v1/hf/orders", "", Order("a-2", "61000", "0.5", ",\"postOnly\":true"));
        Assert.Contains("\"type\":\"canceled\"", frames.Take().First(f => f.Contains("orderChange")));

        Data(Call(sim, "POST", "/api/v1/hf/orders", "", Order("a-3", "50000", "0.1")));
        Assert.Equal(["received", "open"], Types(frames));
        var query = Data(Call(sim, "GET", "/api/v1/hf/orders/client-order/a-3", "symbol=BTC-USDT"));
        Assert.True(query.GetProperty("active").GetBoolean());
        Assert.Equal(1, Data(Call(sim, "GET", "/api/v1/hf/orders/active/page", "symbol=BTC-USDT")).GetProperty("items").GetArrayLength());

        var altered = Data(Call(sim, "POST", "/api/v1/hf/orders/alter", "", """{"symbol":"BTC-USDT","clientOid":"a-3","newPrice":"49000","newSize":"0.2"}"""));
        Assert.NotEqual(query.GetProperty("id").GetString(), altered.GetProperty("newOrderId").GetString());
        Assert.Equal(["canceled", "received", "open"], Types(frames));

        Assert.Equal("a-3", Data(Call(sim, "DELETE", "/api/v1/hf/orders/client-order/a-3", "symbol=BTC-USDT")).GetProperty("clientOid").GetString());
        Assert.Equal(["canceled"], Types(frames));
        Assert.Contains("not_exist", Call(sim, "DELETE", "/api/v1/hf/orders/client-order/a-3", "symbol=BTC-USDT").Body);
        Data(Call(sim, "POST", "/api/v1/hf/orders", "", Order("a-4", "50000", "0.1")));
        Assert.Contains("Duplicate", Call(sim, "POST", "/api/v1/hf/orders", "", Order("a-4", "50000", "0.1")).Body);
        Assert.Contains("success", Call(sim, "DELETE", "/api/v1/hf/orders", "symbol=BTC-USDT").Body);
        Assert.Empty(sim.Venue.Market.OpenOrders());
        Assert.Contains("200004", Call(sim, "POST", "/api/v1/hf/orders", "", Order("a-5", "50000", "9999")).Body);
        Assert.Contains("900001", Call(sim, "POST", "/api/v1/hf/orders", "", Order("a-6", "50000", "1").Replace("BTC-", "NO-", StringComparison.Ordinal)).Body);
        Assert.Contains("400100", Call(sim, "POST", "/api/v1/hf/orders", "", "{").Body);
        Assert.Contains("400100", Call(sim, "GET", "/api/v1/hf/orders/client-order/none", "symbol=BTC-USDT").Body);
        Assert.Equal("trade", Data(Call(sim, "GET", "/api/v1/accounts", "type=trade"))[0].GetProperty("type").GetString());

        sim.Venue.Faults.Arm(FaultKind.LoseAck);
        Assert.Equal(504, Call(sim, "POST", "/api/v1/hf/orders", "", Order("a-7", "50000", "0.1")).Status);
        Assert.True(Data(Call(sim, "GET", "/api/v1/hf/orders/client-order/a-7", "symbol=BTC-USDT")).GetProperty("active").GetBoolean());
    }

    [Theory]
    [InlineData("KC-API-SIGN", "", "400001")]
    [InlineData("KC-API-KEY", "other", "400003")]
    [InlineData("KC-API-TIMESTAMP", "1", "400002")]
    [InlineData("KC-API-PASSPHRASE", "simulated-passphrase", "400004")] // in the clear: version 1 of the keys
    [InlineData("KC-API-KEY-VERSION", "1", "400004")]
    [InlineData("KC-API-SIGN", "bm90IHRoZSBzaWduYXR1cmU=", "400005")]
    public void A_call_with_one_wrong_header_is_refused(string header, string value, string code)
    {
        var sim = new SteppedVenue("kucoin", flow: FlowOptions.Still);
        foreach (var path in (string[])["/api/v1/accounts", "/api/v3/market/orderbook/level2"])
        {
            var answer = Call(sim, "GET", path, "symbol=BTC-USDT", "", headers => headers[header] = value);
            Assert.Equal(401, answer.Status);
            Assert.Contains(code, answer.Body);
        }

        Assert.Equal(2, sim.Venue.Statistics.AuthenticationFailures);
        Assert.Contains("sequence", Call(sim, "GET", "/api/v3/market/orderbook/level2", "symbol=BTC-USDT").Body);
    }

    [Fact]
    public void Points_are_counted_and_their_end_is_told()
    {
        var sim = new SteppedVenue("kucoin", flow: FlowOptions.Still);
        string Header(VenueHttpResponse response, string name) => response.Headers.Single(h => h.Key == name).Value;
        Assert.Equal("5996", Header(sim.Get("/api/v2/symbols"), "gw-ratelimit-remaining"));
        VenueHttpResponse answer;
        do answer = sim.Get("/api/v1/market/orderbook/level2_100", "symbol=BTC-USDT");
        while (answer.Status == 200);
        Assert.Equal(429, answer.Status);
        Assert.Contains("429000", answer.Body);
        Assert.True(int.Parse(Header(answer, "Retry-After")) > 0);
    }

    private static string[] Types(FrameCollector frames) =>
        [.. frames.Take().Where(f => f.Contains("orderChange")).Select(f => SteppedVenue.Parse(f).GetProperty("data").GetProperty("type").GetString()!)];

    private static string Subscribe(string topic, bool isPrivate = false) =>
        $$"""{"id":"7","type":"subscribe","topic":"{{topic}}","privateChannel":{{(isPrivate ? "true" : "false")}},"response":true}""";

    private static string Order(string id, string price, string size, string more = "") =>
        $$"""{"clientOid":"{{id}}","symbol":"BTC-USDT","side":"buy","type":"limit","price":"{{price}}","size":"{{size}}"{{more}}}""";

    private static void Apply(SortedDictionary<decimal, decimal> book, JsonElement changes)
    {
        foreach (var change in changes.EnumerateArray())
        {
            var (price, size) = (decimal.Parse(change[0].GetString()!), decimal.Parse(change[1].GetString()!));
            if (price == 0) continue;
            if (size == 0) book.Remove(price);
            else book[price] = size;
        }
    }

    private static (ProtocolSession Session, FrameCollector Frames) Connect(SteppedVenue sim, bool isPrivate)
    {
        var bullet = isPrivate
            ? Call(sim, "POST", "/api/v1/bullet-private", "")
            : sim.Venue.Handle(new VenueHttpRequest { Method = "POST", Path = "/api/v1/bullet-public" }, sim.NowNs);
        Assert.Equal(18_000, Data(bullet).GetProperty("instanceServers")[0].GetProperty("pingInterval").GetInt32());
        return sim.Open("/endpoint", $"token={Data(bullet).GetProperty("token").GetString()}&connectId=1");
    }

    private static JsonElement Data(VenueHttpResponse response)
    {
        var root = SteppedVenue.Parse(response.Body);
        Assert.Equal("200000", root.GetProperty("code").GetString());
        return root.GetProperty("data");
    }

    private static VenueHttpResponse Call(
        SteppedVenue sim, string method, string path, string query, string body = "", Action<Dictionary<string, string>>? change = null)
    {
        var options = sim.Venue.Options;
        string Sign(string text) => Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(options.Secret), Encoding.UTF8.GetBytes(text)));
        var timestamp = sim.NowMs.ToString();
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            ["KC-API-KEY"] = options.ApiKey, ["KC-API-TIMESTAMP"] = timestamp, ["KC-API-KEY-VERSION"] = "2", ["KC-API-PASSPHRASE"] = Sign(options.Passphrase),
            ["KC-API-SIGN"] = Sign(timestamp + method + path + (query.Length > 0 ? "?" + query : "") + body),
        };
        change?.Invoke(headers);
        return sim.Venue.Handle(new VenueHttpRequest { Method = method, Path = path, Query = query, Body = body, Headers = headers }, sim.NowNs);
    }
}
