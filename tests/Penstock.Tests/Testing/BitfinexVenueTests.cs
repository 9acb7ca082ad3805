using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Penstock.Testing.Faults;
using Penstock.Testing.Flow;
using Penstock.Testing.Protocols;

namespace Penstock.Tests.Testing;

[Trait("requirement", "E30")]
public sealed class BitfinexVenueTests
{
    private const string Conf = """{"event":"conf","flags":196608}""";
    private const string Book = """{"event":"subscribe","channel":"book","symbol":"tBTCUST","prec":"P0","freq":"F0","len":"100"}""";

    [Fact]
    public void Every_array_is_counted_and_snapshot_and_single_levels_rebuild_the_venues_own_book()
    {
        var sim = new SteppedVenue("bitfinex");
        var (session, frames) = sim.Open("/ws/2");
        Assert.Contains("\"platform\":{\"status\":1}", frames.Take().Single());
        sim.Send(session, Conf);
        sim.Run(130);
        sim.Send(session, Book);
        sim.Send(session, """{"event":"subscribe","channel":"trades","symbol":"tBTCUST"}""");
        sim.Run(2_000);

        var (bids, asks) = (new SortedDictionary<decimal, decimal>(), new SortedDictionary<decimal, decimal>());
        var channels = new Dictionary<long, string>();
        var (sequence, levels, checksums, trades) = (0L, 0, 0, new List<string>());
        foreach (var text in frames.Take())
        {
            var message = SteppedVenue.Parse(text);
            if (message.ValueKind == JsonValueKind.Object)
            {
                if (text.Contains("\"subscribed\"")) channels[message.GetProperty("chanId").GetInt64()] = message.GetProperty("channel").GetString()!;
                continue;
            }

            Assert.Equal(++sequence, message[message.GetArrayLength() - 1].GetInt64());
            Assert.True(message[0].GetInt64() > int.MaxValue);
            var payload = message[1];
            if (payload.ValueKind == JsonValueKind.String)
            {
                if (payload.GetString() == "cs") checksums++;
                else trades.Add($"{payload} {message[2]}");
            }
            else if (channels[message[0].GetInt64()] == "book" && payload[0].ValueKind == JsonValueKind.Array)
            {
                foreach (var level in payload.EnumerateArray()) Apply(level);
            }
            else if (channels[message[0].GetInt64()] == "book")
            {
                levels++;
                Apply(payload);
                Assert.True(bids.Count == 0 || asks.Count == 0 || bids.Keys.Last() < asks.Keys.First());
            }
        }

        Assert.True(levels > 50 && checksums > 10 && trades.Count > 2, $"{levels} {checksums} {trades.Count}");
        Assert.Equal(trades.Where(t => t.StartsWith("te")).Select(t => t[3..]), trades.Where(t => t.StartsWith("tu")).Select(t => t[3..]));
        Assert.Equal(SteppedVenue.Levels(sim.Venue.Market.Instruments[0].Engine.Bids, 100), bids);
        Assert.Equal(SteppedVenue.Levels(sim.Venue.Market.Instruments[0].Engine.Asks, 100), asks);

        void Apply(JsonElement level)
        {
            var (price, amount) = (level[0].GetDecimal(), level[2].GetDecimal());
            var side = amount > 0 ? bids : asks;
            if (level[1].GetInt32() > 0) side[price] = Math.Abs(amount);
            else Assert.True(side.Remove(price) && Math.Abs(amount) == 1);
        }
    }

    [Fact]
    public void Silent_channels_beat_errors_have_codes_and_a_channel_is_left_by_its_number()
    {
        var sim = new SteppedVenue("bitfinex", flow: FlowOptions.Still);
        var (session, frames) = sim.Open("/ws/2");
        sim.Send(session, Conf);
        sim.Send(session, Book);
        var channel = SteppedVenue.Parse(frames.Take()[2]).GetProperty("chanId").GetInt64();
        sim.Run(14_000, 1_000);
        Assert.Empty(frames.Take());
        sim.Run(2_000, 1_000);
        Assert.Equal($"[{channel},\"hb\",2]", frames.Take().Single());
        sim.Send(session, """{"event":"ping","cid":7}""");
        Assert.Contains("\"pong\"", frames.Take().Single());
        sim.Send(session, Book);
        Assert.Contains("10301", frames.Take().Single());
        sim.Send(session, Book.Replace("tBTCUST", "tFOOBAR"));
        Assert.Contains("10300", frames.Take().Single());
        sim.Send(session, Book.Replace("\"book\"", "\"novelty\""));
        Assert.Contains("10302", frames.Take().Single());
        sim.Send(session, $$"""{"event":"unsubscribe","chanId":{{channel}}}""");
        Assert.Contains("\"unsubscribed\"", frames.Take().Single());
        sim.Send(session, $$"""{"event":"unsubscribe","chanId":{{channel}}}""");
        Assert.Contains("10400", frames.Take().Single());
        sim.Send(session, "not json");
        Assert.Contains("\"error\"", frames.Take().Single());
        sim.Send(session, Book);
        Assert.NotEqual(channel, SteppedVenue.Parse(frames.Take()[0]).GetProperty("chanId").GetInt64());
    }

    [Fact]
    public void Orders_are_taken_after_login_only_answered_and_told_on_channel_0()
    {
        var sim = new SteppedVenue("bitfinex", flow: FlowOptions.Still);
        var (session, frames) = LoggedIn(sim);
        Assert.Equal(["ps", "ws", "os", "fos"], frames.Take().Where(f => f[0] == '[').Select(f => SteppedVenue.Parse(f)[1].GetString()));

        sim.Send(session, Order(1, "EXCHANGE LIMIT", "0.5", "61000"));
        var told = frames.Take().Select(f => SteppedVenue.Parse(f)).ToList();
        Assert.Equal(["n", "on", "te"], told.Take(3).Select(f => f[1].GetString()));
        Assert.Equal(("on-req", "SUCCESS", 1), (told[0][2][1].GetString(), told[0][2][6].GetString(), told[0][2][4][2].GetInt32()));
        var trade = told.Last(f => f[1].GetString() == "tu")[2];
        Assert.True(trade[9].GetDecimal() < 0);
        Assert.Equal("BTC", trade[10].GetString());
        Assert.All(told.Where(f => f[1].GetString() == "te"), f => Assert.Equal(JsonValueKind.Null, f[2][9].ValueKind));
        Assert.StartsWith("EXECUTED @ ", told.Single(f => f[1].GetString() == "oc")[2][13].GetString());
        Assert.Equal(["UST", "BTC"], told.Where(f => f[1].GetString() == "wu").Select(f => f[2][1].GetString()).OrderDescending());

        sim.Send(session, Order(2, "EXCHANGE LIMIT", "0.5", "61000", 4096));
        told = [.. frames.Take().Select(f => SteppedVenue.Parse(f))];
        Assert.Equal(["n", "oc"], told.Select(f => f[1].GetString()));
        Assert.Equal("POSTONLY CANCELED", told[1][2][13].GetString());

        // What trades at once, or not at all, is never told as new.
        sim.Send(session, Order(3, "EXCHANGE IOC", "-0.5", "99999"));
        Assert.Equal(["n", "oc"], frames.Take().Select(f => SteppedVenue.Parse(f)[1].GetString()));

        sim.Send(session, Order(4, "EXCHANGE LIMIT", "0.1", "50000"));
        frames.Take();
        sim.Send(session, """[0,"oc",null,{"cid":4,"cid_date":"2001-01-01"}]""");
        Assert.Contains("Order not found.", frames.Take().Single());
        sim.Send(session, """[0,"oc",null,{"cid":4,"cid_date":"2023-11-14"}]""");
        told = [.. frames.Take().Select(f => SteppedVenue.Parse(f))];
        Assert.Equal(("oc-req", "CANCELED"), (told[0][2][1].GetString(), told[1][2][13].GetString()));

        sim.Send(session, Order(4, "EXCHANGE LIMIT", "0.1", "50000"));
        Assert.Contains("duplicate cid", frames.Take().Single());
        sim.Send(session, Order(5, "EXCHANGE LIMIT", "0.1", "50000.1"));
        Assert.Contains("\"ERROR\"", frames.Take().Single());
        sim.Send(session, Order(6, "LIMIT", "0.1", "50000"));
        Assert.Contains("\"ERROR\"", frames.Take().Single());
        sim.Send(session, Order(7, "EXCHANGE LIMIT", "9999", "50000"));
        Assert.Contains("not enough exchange balance", frames.Take().Single());

        sim.Send(session, Order(8, "EXCHANGE LIMIT", "0.1", "50000"));
        sim.Send(session, Order(9, "EXCHANGE LIMIT", "0.1", "49000", group: 6));
        sim.Send(session, """[0,"oc_multi",null,{"gid":[5]}]""");
        Assert.Equal("9", Assert.Single(sim.Venue.Market.OpenOrders()).ClientId);
    }

    [Fact]
    public void A_login_needs_the_right_key_signature_and_a_growing_nonce()
    {
        var sim = new SteppedVenue("bitfinex", flow: FlowOptions.Still);
        var (session, frames) = sim.Open("/ws/2/private");
        frames.Take();
        sim.Send(session, Order(1, "EXCHANGE LIMIT", "0.5", "61000"));
        Assert.Contains("10100", frames.Take().Single());
        sim.Send(session, Login(sim, 5, secret: "wrong"));
        Assert.Contains("10112", frames.Take().Single());
        sim.Send(session, Login(sim, 5).Replace("\"AUTH5\"", "\"AUTH6\""));
        Assert.Contains("10100", frames.Take().Single());
        sim.Send(session, Login(sim, 5));
        Assert.Contains("\"status\":\"OK\"", frames.Take()[0]);
        sim.Send(session, Login(sim, 5));
        Assert.Contains("10114", frames.Take().Single());
        Assert.Equal(3, sim.Venue.Statistics.AuthenticationFailures);
    }

    [Fact]
    public void A_guarded_connection_takes_its_orders_with_it()
    {
        var sim = new SteppedVenue("bitfinex", flow: FlowOptions.Still);
        var (session, _) = LoggedIn(sim);
        sim.Send(session, Order(1, "EXCHANGE LIMIT", "0.1", "50000"));
        sim.Run(100);
        Assert.Single(sim.Venue.Market.OpenOrders());
        sim.Venue.Close(session);
        sim.Run(20);
        Assert.Empty(sim.Venue.Market.OpenOrders());
    }

    [Fact]
    public void Signed_rest_answers_in_lists_and_too_many_calls_of_one_path_are_refused()
    {
        var sim = new SteppedVenue("bitfinex", flow: FlowOptions.Still);
        var (session, _) = LoggedIn(sim);
        sim.Send(session, Order(1, "EXCHANGE LIMIT", "0.5", "61000"));
        sim.Send(session, Order(2, "EXCHANGE LIMIT", "0.1", "50000"));
        sim.Send(session, Order(3, "EXCHANGE LIMIT", "0.1", "61000", 4096));
        Assert.Equal(500, Post(sim, 7, "/v2/auth/r/wallets", "{}", "wrong").Status);
        Assert.Contains("[\"exchange\",\"UST\",", Post(sim, 20, "/v2/auth/r/wallets").Body);
        Assert.Contains("10114", Post(sim, 20, "/v2/auth/r/wallets").Body);
        Assert.Equal(2, SteppedVenue.Parse(Post(sim, 21, "/v2/auth/r/orders/tBTCUST").Body)[0][2].GetInt32());
        Assert.Equal("[]", Post(sim, 22, "/v2/auth/r/orders/tETHUST").Body);
        var ended = SteppedVenue.Parse(Post(sim, 23, "/v2/auth/r/orders/tBTCUST/hist", """{"limit":10}""").Body);
        Assert.Equal([3, 1], ended.EnumerateArray().Select(o => o[2].GetInt32()));
        Assert.Equal("POSTONLY CANCELED", ended[0][13].GetString());
        var id = ended[1][0].GetInt64();
        Assert.Single(SteppedVenue.Parse(Post(sim, 24, "/v2/auth/r/orders/tBTCUST/hist", $$"""{"id":[{{id}}]}""").Body).EnumerateArray());
        var fills = SteppedVenue.Parse(Post(sim, 25, "/v2/auth/r/trades/tBTCUST/hist", """{"start":1,"sort":1}""").Body);
        Assert.All(fills.EnumerateArray(), f => Assert.Equal((id, 1, "BTC"), (f[3].GetInt64(), f[11].GetInt32(), f[10].GetString()!)));
        Assert.Contains("10020", Post(sim, 26, "/v2/auth/r/trades/tBTCUST/hist", "[").Body);
        Assert.Contains("\"SUCCESS\"", Post(sim, 27, "/v2/auth/w/order/cancel", """{"cid":2,"cid_date":"2023-11-14"}""").Body);

        var lists = SteppedVenue.Parse(sim.Get("/v2/conf/pub:list:pair:exchange,pub:list:currency,pub:map:currency:sym,pub:info:pair").Body);
        Assert.Equal("BTCUST", lists[0][0].GetString());
        Assert.Equal("""[["UST","USDt"]]""", lists[2].GetRawText());
        Assert.Equal("tBTCUST", SteppedVenue.Parse(sim.Get("/v2/tickers", "symbols=tBTCUST").Body)[0][0].GetString());
        var statuses = Enumerable.Range(0, 91).Select(_ => sim.Get("/v2/platform/status").Status).ToList();
        Assert.Equal((200, 429), (statuses[89], statuses[^1]));
        Assert.Contains("11010", sim.Get("/v2/platform/status").Body);
        Assert.Equal(200, sim.Get("/v2/tickers", "symbols=ALL").Status);
        sim.Venue.Faults.Arm(FaultKind.HttpTooManyRequests);
        Assert.Equal(429, sim.Get("/v2/tickers", "symbols=ALL").Status);
    }

    private static (ProtocolSession Session, FrameCollector Frames) LoggedIn(SteppedVenue sim)
    {
        var (session, frames) = sim.Open("/ws/2/private");
        sim.Send(session, Login(sim, 5));
        return (session, frames);
    }

    private static string Order(int cid, string type, string amount, string price, int flags = 0, int group = 5) =>
        JsonSerializer.Serialize(new object?[] { 0, "on", null, new { gid = group, cid, type, symbol = "tBTCUST", amount, price, flags } });

    private static string Login(SteppedVenue sim, int nonce, string? secret = null) => JsonSerializer.Serialize(new
    {
        @event = "auth", apiKey = sim.Venue.Options.ApiKey, authNonce = $"{nonce}", authPayload = $"AUTH{nonce}", dms = 4,
        authSig = Sign(secret ?? sim.Venue.Options.Secret, $"AUTH{nonce}"),
    });

    private static VenueHttpResponse Post(SteppedVenue sim, int nonce, string path, string body = "{}", string? secret = null) =>
        sim.Venue.Handle(new VenueHttpRequest
        {
            Method = "POST", Path = path, Body = body,
            Headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
            {
                ["bfx-apikey"] = sim.Venue.Options.ApiKey, ["bfx-nonce"] = $"{nonce}",
                ["bfx-signature"] = Sign(secret ?? sim.Venue.Options.Secret, "/api" + path + nonce + body),
            },
        }, sim.NowNs);

    private static string Sign(string secret, string text) =>
        Convert.ToHexStringLower(HMACSHA384.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(text)));
}
