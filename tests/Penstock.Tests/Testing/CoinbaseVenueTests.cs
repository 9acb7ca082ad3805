using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Penstock.Testing.Faults;
using Penstock.Testing.Flow;
using Penstock.Testing.Protocols;

namespace Penstock.Tests.Testing;

[Trait("requirement", "E30")]
public sealed class CoinbaseVenueTests
{
    private long _nonce;

    [Fact]
    public void Snapshot_and_counted_updates_rebuild_the_venues_own_book()
    {
        var sim = new SteppedVenue("coinbase");
        var (session, frames) = sim.Open("/market");
        sim.Run(130);
        foreach (var channel in (string[])["heartbeats", "level2", "market_trades", "ticker", "status"]) sim.Send(session, Subscribe(channel, "BTC-USDT"));
        sim.Run(1_970);
        var (other, otherFrames) = sim.Open("/market");
        // A new reader makes the venue publish up to now, so both sides can be compared.
        sim.Send(other, Subscribe("level2", "BTC-USDT"));
        Assert.Equal(["subscriptions", "l2_data"], otherFrames.Frames.Select(ChannelOf));

        var (bids, asks) = (new SortedDictionary<decimal, decimal>(), new SortedDictionary<decimal, decimal>());
        var (count, trades) = (0L, 0L);
        var seen = new SortedSet<string>();
        foreach (var message in frames.Take().Select(SteppedVenue.Parse))
        {
            Assert.Equal(count++, message.GetProperty("sequence_num").GetInt64());
            var channel = message.GetProperty("channel").GetString()!;
            seen.Add(channel);
            var happening = message.GetProperty("events")[0];
            if (channel == "market_trades" && happening.GetProperty("type").GetString() == "update")
            {
                long[] ids = [.. happening.GetProperty("trades").EnumerateArray().Select(t => long.Parse(t.GetProperty("trade_id").GetString()!))];
                Assert.Equal(ids.OrderDescending(), ids);
                trades += ids.Length;
            }

            if (channel != "l2_data") continue;
            if (happening.GetProperty("type").GetString() == "snapshot") Assert.Empty(bids);
            foreach (var update in happening.GetProperty("updates").EnumerateArray())
            {
                var side = update.GetProperty("side").GetString() switch { "bid" => bids, "offer" => asks, var s => throw new InvalidOperationException(s) };
                var (price, quantity) = (decimal.Parse(update.GetProperty("price_level").GetString()!), decimal.Parse(update.GetProperty("new_quantity").GetString()!));
                if (quantity == 0) side.Remove(price);
                else side[price] = quantity;
            }
        }

        Assert.Equal(["heartbeats", "l2_data", "market_trades", "status", "subscriptions", "ticker"], seen);
        Assert.True(trades > 0);
        Assert.Equal(SteppedVenue.Levels(sim.Venue.Market.Instruments[0].Engine.Bids), bids);
        Assert.Equal(SteppedVenue.Levels(sim.Venue.Market.Instruments[0].Engine.Asks), asks);
    }

    [Fact]
    public void A_swallowed_update_leaves_a_hole_in_the_connections_count()
    {
        var sim = new SteppedVenue("coinbase");
        var (session, frames) = sim.Open("/market");
        sim.Send(session, Subscribe("level2", "BTC-USDT"));
        sim.Venue.Faults.Arm(FaultKind.SequenceGap);
        sim.Run(500);
        long[] counts = [.. frames.Take().Select(f => SteppedVenue.Parse(f).GetProperty("sequence_num").GetInt64())];
        Assert.Equal(counts[^1] + 1, counts.Length + 1);
    }

    [Fact]
    public void Who_subscribes_to_nothing_is_cut_after_five_seconds_and_who_hears_nothing_after_ninety()
    {
        var sim = new SteppedVenue("coinbase", flow: FlowOptions.Still);
        var (idle, idleFrames) = sim.Open("/market");
        var (quiet, quietFrames) = sim.Open("/market");
        var (kept, keptFrames) = sim.Open("/market");
        sim.Send(quiet, Subscribe("level2", "BTC-USDT"));
        sim.Send(kept, """{"type":"subscribe","channel":"heartbeats"}""");
        sim.Run(6_000, 1_000);
        Assert.True(idleFrames.IsCut && !quietFrames.IsCut && !keptFrames.IsCut);
        sim.Run(90_000, 1_000);
        Assert.True(idle.IsCut && quiet.IsCut && !kept.IsCut);
        Assert.InRange(keptFrames.Frames.Count, 95, 98);
    }

    [Fact]
    public void Requests_that_are_wrong_too_many_or_without_a_token_are_refused_and_not_counted()
    {
        var sim = new SteppedVenue("coinbase", flow: FlowOptions.Still);
        var (session, frames) = sim.Open("/market");
        foreach (var wrong in (string[])["not json", """{"type":"x"}""", Subscribe("level3", "BTC-USDT"), Subscribe("level2", "NO-SUCH"), """{"type":"subscribe","channel":"level2"}"""])
            sim.Send(session, wrong);
        Assert.All(frames.Take(), f => Assert.StartsWith("""{"type":"error","message":""", f));
        for (var i = 0; i < 5; i++) sim.Send(session, Subscribe("status", "BTC-USDT"));
        Assert.Contains("rate limit", frames.Take()[^1]);
        var (user, userFrames) = sim.Open("/user");
        sim.Send(user, """{"type":"subscribe","channel":"user"}""");
        sim.Send(user, $$"""{"type":"subscribe","channel":"user","jwt":"{{Token(sim, "", key: ECDsa.Create(ECCurve.NamedCurves.nistP256))}}"}""");
        sim.Send(user, $$"""{"type":"subscribe","channel":"user","jwt":"{{Token(sim, "GET api.coinbase.com/x")}}"}""");
        Assert.All(userFrames.Take(), f => Assert.Contains("authentication failure", f));
        Assert.Equal(3, sim.Venue.Statistics.AuthenticationFailures);
        var token = Token(sim, "");
        sim.Send(user, $$"""{"type":"subscribe","channel":"user","jwt":"{{token}}"}""");
        Assert.Equal(["subscriptions", "user"], userFrames.Take().Select(ChannelOf));
        sim.Send(user, $$"""{"type":"subscribe","channel":"user","jwt":"{{token}}"}""");
        Assert.Contains("authentication failure", userFrames.Take().Single());
    }

    [Fact]
    public void Orders_are_REST_calls_told_on_the_user_channel_without_their_fills()
    {
        var sim = new SteppedVenue("coinbase", flow: FlowOptions.Still);
        var (user, frames) = sim.Open("/user");
        sim.Send(user, $$"""{"type":"subscribe","channel":"user","jwt":"{{Token(sim, "")}}"}""");
        frames.Take();

        var placed = Post(sim, "orders", Order("a1", "limit_limit_gtc", "BUY", "61000", "0.5"));
        Assert.True(placed.GetProperty("success").GetBoolean());
        var rows = frames.Take().Select(f => SteppedVenue.Parse(f).GetProperty("events")[0].GetProperty("orders")[0]).ToList();
        Assert.Equal("OPEN", rows[0].GetProperty("status").GetString());
        Assert.Equal("FILLED", rows[^1].GetProperty("status").GetString());
        Assert.Equal("0.5", rows[^1].GetProperty("cumulative_quantity").GetString());
        Assert.Equal(placed.GetProperty("success_response").GetProperty("order_id").GetString(), rows[^1].GetProperty("order_id").GetString());
        // The same id again is the same order, not a second one.
        Assert.Equal(placed.GetProperty("order_id").GetString(), Post(sim, "orders", Order("a1", "limit_limit_gtc", "BUY", "61000", "0.5")).GetProperty("order_id").GetString());
        Assert.Empty(frames.Take());

        var fills = Get(sim, "orders/historical/fills", "product_ids=BTC-USDT").GetProperty("fills");
        Assert.Equal(0.5m, fills.EnumerateArray().Sum(f => decimal.Parse(f.GetProperty("size").GetString()!)));
        Assert.Equal("TAKER", fills[0].GetProperty("liquidity_indicator").GetString());

        Assert.Contains("INVALID_LIMIT_PRICE_POST_ONLY", Post(sim, "orders", Order("a2", "limit_limit_gtc", "BUY", "61000", "0.5", postOnly: true)).GetRawText());
        Assert.Contains("INSUFFICIENT_FUND", Post(sim, "orders", Order("a3", "limit_limit_gtc", "BUY", "50000", "9999")).GetRawText());
        Assert.Contains("INVALID_PRICE_PRECISION", Post(sim, "orders", Order("a4", "limit_limit_gtc", "BUY", "50000.001", "1")).GetRawText());
        Assert.Contains("UNSUPPORTED_ORDER_CONFIGURATION", Post(sim, "orders", Order("a5", "limit_limit_gtd", "BUY", "50000", "1")).GetRawText());

        var resting = Post(sim, "orders", Order("a6", "limit_limit_gtc", "BUY", "50000", "0.1")).GetProperty("order_id").GetString();
        Assert.Equal(resting, Get(sim, "orders/historical/batch", "product_ids=BTC-USDT&order_status=OPEN&limit=250").GetProperty("orders")[0].GetProperty("order_id").GetString());
        frames.Take();
        Assert.True(Post(sim, "orders/batch_cancel", $$"""{"order_ids":["{{resting}}"]}""").GetProperty("results")[0].GetProperty("success").GetBoolean());
        Assert.Contains("\"status\":\"CANCELLED\"", frames.Take().Single());
        Assert.Contains("ORDER_IS_FULLY_FILLED", Post(sim, "orders/batch_cancel", $$"""{"order_ids":["{{resting}}"]}""").GetRawText());
        Assert.Contains("UNKNOWN_CANCEL_ORDER", Post(sim, "orders/batch_cancel", """{"order_ids":["none"]}""").GetRawText());
        Assert.Equal("CANCELLED", Get(sim, "orders/historical/" + resting, "").GetProperty("order").GetProperty("status").GetString());
        Assert.Equal(2, Get(sim, "orders/historical/batch", "product_ids=BTC-USDT").GetProperty("orders").GetArrayLength());
        Assert.Contains("NOT_FOUND", Get(sim, "orders/historical/none", "").GetRawText());
        Assert.Contains("\"currency\":\"BTC\"", Get(sim, "accounts", "limit=250").GetRawText());
    }

    [Fact]
    public void A_lost_answer_is_a_504_and_the_order_is_there()
    {
        var sim = new SteppedVenue("coinbase", flow: FlowOptions.Still);
        sim.Venue.Faults.Arm(FaultKind.LoseAck);
        Assert.Equal(504, Call(sim, "POST", "orders", "", Order("b1", "limit_limit_gtc", "BUY", "50000", "0.1")).Status);
        Assert.Equal("b1", Get(sim, "orders/historical/batch", "limit=1").GetProperty("orders")[0].GetProperty("client_order_id").GetString());
    }

    [Fact]
    public void Public_calls_need_no_token_and_signed_calls_are_counted_by_the_second()
    {
        var sim = new SteppedVenue("coinbase", flow: FlowOptions.Still);
        Assert.Equal(401, sim.Get("/api/v3/brokerage/accounts").Status);
        Assert.Contains("\"price_increment\":\"0.01\"", sim.Get("/api/v3/brokerage/market/products", "product_type=SPOT").Body);
        SteppedVenue.Parse(sim.Get("/api/v3/brokerage/market/product_book", "product_id=BTC-USDT&limit=5").Body);
        SteppedVenue.Parse(sim.Get("/api/v3/brokerage/time").Body);
        var statuses = Enumerable.Range(0, 101).Select(_ => Call(sim, "GET", "accounts", "", "").Status).ToList();
        Assert.Equal((100, 429), (statuses.Count(s => s == 200), statuses[^1]));
    }

    private static string ChannelOf(string frame) => SteppedVenue.Parse(frame).GetProperty("channel").GetString()!;

    private static string Subscribe(string channel, string product) => $$"""{"type":"subscribe","product_ids":["{{product}}"],"channel":"{{channel}}"}""";

    private static string Order(string id, string configuration, string side, string price, string size, bool postOnly = false) =>
        JsonSerializer.Serialize(new
        {
            client_order_id = id, product_id = "BTC-USDT", side,
            order_configuration = new Dictionary<string, object> { [configuration] = new { base_size = size, limit_price = price, post_only = postOnly } },
        });

    private JsonElement Post(SteppedVenue sim, string path, string body) => SteppedVenue.Parse(Call(sim, "POST", path, "", body).Body);

    private JsonElement Get(SteppedVenue sim, string path, string query) => SteppedVenue.Parse(Call(sim, "GET", path, query, "").Body);

    private VenueHttpResponse Call(SteppedVenue sim, string method, string path, string query, string body)
    {
        path = "/api/v3/brokerage/" + path;
        return sim.Venue.Handle(new VenueHttpRequest
        {
            Method = method, Path = path, Query = query, Body = body,
            Headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["Authorization"] = "Bearer " + Token(sim, $"{method} api.coinbase.com{path}") },
        }, sim.NowNs);
    }

    /// <summary>A token written from the venue's page, sharing nothing with the adapter.</summary>
    private string Token(SteppedVenue sim, string uri, ECDsa? key = null)
    {
        if (key is null)
        {
            key = ECDsa.Create();
            key.ImportFromPem(sim.Venue.Options.Secret);
        }

        var name = sim.Venue.Options.ApiKey;
        var claims = new Dictionary<string, object> { ["sub"] = name, ["iss"] = "cdp", ["nbf"] = sim.NowMs / 1000, ["exp"] = sim.NowMs / 1000 + 120 };
        if (uri.Length > 0) claims["uri"] = uri;
        var text = Encode(JsonSerializer.SerializeToUtf8Bytes(new { alg = "ES256", typ = "JWT", kid = name, nonce = $"{++_nonce:x}" }))
            + "." + Encode(JsonSerializer.SerializeToUtf8Bytes(claims));
        return text + "." + Encode(key.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256));
    }

    private static string Encode(byte[] bytes) => Base64Url.EncodeToString(bytes);
}
