using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Penstock.Testing.Faults;
using Penstock.Testing.Flow;
using Penstock.Testing.Protocols;

namespace Penstock.Tests.Testing;

[Trait("requirement", "E30")]
public sealed class OkxVenueTests
{
    [Fact]
    public void Snapshot_and_chained_updates_rebuild_the_venues_own_book()
    {
        var sim = new SteppedVenue("okx");
        var (session, frames) = sim.Open("/ws/v5/public");
        sim.Run(130);
        sim.Send(session, """{"id":"1","op":"subscribe","args":[{"channel":"books","instId":"BTC-USDT"},{"channel":"trades","instId":"BTC-USDT"},{"channel":"bbo-tbt","instId":"BTC-USDT"}]}""");
        Assert.Equal(3, frames.Frames.Count(f => f.Contains("\"event\":\"subscribe\"")));
        sim.Run(1_970);
        var (other, otherFrames) = sim.Open("/ws/v5/public");
        // A new reader makes the venue publish up to now, so both sides can be compared.
        sim.Send(other, """{"op":"subscribe","args":[{"channel":"books","instId":"BTC-USDT"}]}""");
        Assert.Equal(2, otherFrames.Frames.Count);

        var (bids, asks) = (new SortedDictionary<decimal, decimal>(), new SortedDictionary<decimal, decimal>());
        var (last, updates, trades) = (-2L, 0, 0);
        foreach (var text in frames.Take().Where(f => f.Contains("\"data\"")))
        {
            var message = SteppedVenue.Parse(text);
            var data = message.GetProperty("data")[0];
            if (text.Contains("\"trades\"")) trades++;
            if (!text.Contains("\"books\"")) continue;
            Assert.Equal(0, data.GetProperty("checksum").GetInt32());
            if (message.GetProperty("action").GetString() == "snapshot") Assert.Equal(-1, data.GetProperty("prevSeqId").GetInt64());
            else Assert.Equal(last, data.GetProperty("prevSeqId").GetInt64());
            last = data.GetProperty("seqId").GetInt64();
            SteppedVenue.Apply(bids, data.GetProperty("bids"));
            SteppedVenue.Apply(asks, data.GetProperty("asks"));
            updates++;
        }

        Assert.InRange(updates, 15, 25);
        Assert.True(trades > 0);
        Assert.Equal(SteppedVenue.Levels(sim.Venue.Market.Instruments[0].Engine.Bids), bids);
        Assert.Equal(SteppedVenue.Levels(sim.Venue.Market.Instruments[0].Engine.Asks), asks);
    }

    [Fact]
    public void A_quiet_book_says_every_minute_that_it_is_alive_and_ping_is_answered()
    {
        var sim = new SteppedVenue("okx", flow: FlowOptions.Still);
        var (session, frames) = sim.Open("/ws/v5/public");
        sim.Send(session, """{"op":"subscribe","args":[{"channel":"books","instId":"ETH-USDT"}]}""");
        frames.Take();
        sim.Run(59_000, 1_000);
        Assert.Empty(frames.Take());
        sim.Run(2_000, 1_000);
        var data = SteppedVenue.Parse(frames.Take().Single()).GetProperty("data")[0];
        Assert.Equal(data.GetProperty("prevSeqId").GetInt64(), data.GetProperty("seqId").GetInt64());
        sim.Send(session, "ping");
        Assert.Equal("pong", frames.Take().Single());
        sim.Send(session, "not json");
        Assert.Contains("60012", frames.Take().Single());
    }

    [Fact]
    public void Orders_are_taken_after_login_only_and_told_on_the_orders_channel()
    {
        var sim = new SteppedVenue("okx", flow: FlowOptions.Still);
        var (session, frames) = sim.Open("/ws/v5/private");
        sim.Send(session, """{"op":"subscribe","args":[{"channel":"orders","instType":"ANY"}]}""");
        Assert.Contains("60011", frames.Take().Single());
        Login(sim, session, "wrong");
        Assert.Contains("\"event\":\"error\"", frames.Take().Single());
        Login(sim, session, sim.Venue.Options.Secret);
        Assert.Contains("\"code\":\"0\"", frames.Take().Single());
        sim.Send(session, """{"op":"subscribe","args":[{"channel":"orders","instType":"ANY"},{"channel":"account"}]}""");
        frames.Take();

        sim.Send(session, Order("a1", "limit", "buy", "61000", "0.5"));
        var told = frames.Take();
        Assert.Equal("0", SteppedVenue.Parse(told[0]).GetProperty("data")[0].GetProperty("sCode").GetString());
        var pushes = told.Where(f => f.Contains("\"channel\":\"orders\"")).Select(f => SteppedVenue.Parse(f).GetProperty("data")[0]).ToList();
        Assert.Equal("live", pushes[0].GetProperty("state").GetString());
        Assert.Equal("filled", pushes[^1].GetProperty("state").GetString());
        Assert.Equal("BTC", pushes[^1].GetProperty("feeCcy").GetString());
        Assert.StartsWith("-", pushes[^1].GetProperty("fillFee").GetString());
        Assert.Contains(told, f => f.Contains("\"channel\":\"account\""));

        sim.Send(session, Order("a2", "post_only", "buy", "61000", "0.5"));
        told = frames.Take();
        Assert.Contains("\"sCode\":\"0\"", told[0]);
        Assert.Contains("\"cancelSource\":\"31\"", told[1]);

        sim.Send(session, Order("a3", "limit", "buy", "50000", "0.1"));
        frames.Take();
        sim.Send(session, """{"id":"9","op":"cancel-order","args":[{"instIdCode":10459,"clOrdId":"a3"}]}""");
        told = frames.Take();
        Assert.Contains("\"op\":\"cancel-order\"", told[0]);
        Assert.Contains("\"state\":\"canceled\"", told[1]);
        sim.Send(session, """{"id":"9","op":"cancel-order","args":[{"instId":"BTC-USDT","clOrdId":"a3"}]}""");
        Assert.Contains("51400", frames.Take().Single());
        sim.Send(session, Order("a-4", "limit", "buy", "50000", "0.1"));
        Assert.Contains("51000", frames.Take().Single());
        sim.Send(session, Order("a5", "limit", "buy", "50000", "9999"));
        Assert.Contains("51008", frames.Take().Single());
    }

    [Fact]
    public void A_change_is_acknowledged_first_and_its_row_tells_what_came_of_it()
    {
        var sim = new SteppedVenue("okx", flow: FlowOptions.Still);
        var (session, frames) = sim.Open("/ws/v5/private");
        sim.Send(session, Change("a1", "49000", "0.2"));
        Assert.Contains("60011", frames.Take().Single());
        Begin(sim, session, frames);
        sim.Send(session, Order("a1", "post_only", "buy", "50000", "0.1"));
        frames.Take();

        sim.Send(session, Change("a1", "49000", "0.2", "r1"));
        var told = frames.Take();
        Assert.StartsWith("""{"id":"8","op":"amend-order","data":[{"clOrdId":"a1",""", told[0]);
        Assert.Contains("\"reqId\":\"r1\"", told[0]);
        Assert.Contains("\"sCode\":\"0\"", told[0]);
        Assert.Equal("live 49000 0.2 r1 0 0", Told(told[1]));
        Assert.Contains("\"px\":\"49000\",\"sz\":\"0.2\"", SignedGet(sim, "/api/v5/trade/order", "instId=BTC-USDT&clOrdId=a1").Body);

        // Only the book knows that it would take: the request is taken, the change is not made.
        sim.Send(session, Change("a1", "61000", "0.2", "r2"));
        told = frames.Take();
        Assert.Contains("\"sCode\":\"0\"", told[0]);
        Assert.Equal("live 49000 0.2 r2 -1 51511", Told(told[1]));
        // By somebody else of the account.
        var order = sim.Venue.Market.FindByClientId("a1")!;
        sim.Venue.Market.Amend(order, order.Price, order.Quantity + order.Quantity, sim.NowNs);
        sim.Venue.FlushPrivate(sim.NowNs);
        Assert.Equal("live 49000 0.4  0 0", Told(frames.Take()[0]));

        // The answer is lost, the row is not.
        sim.Venue.Faults.Arm(FaultKind.LoseAck);
        sim.Send(session, Change("a1", "", "0.3", "r3"));
        Assert.Equal("live 49000 0.3 r3 0 0", Told(frames.Take()[0]));
        sim.Send(session, Change("a1", "61000", "", "r4", cancel: true));
        told = frames.Take();
        Assert.Contains("\"sCode\":\"0\"", told[0]);
        Assert.Equal("canceled 49000 0.3 r4 1 51511", Told(told[1]));
        sim.Send(session, Change("a1", "48000", ""));
        Assert.Contains("51503", frames.Take().Single());
    }

    [Theory]
    [InlineData("", "", "51500")]
    [InlineData("0.001x", "", "51000")]
    [InlineData("", "0", "51000")]
    [InlineData("49000.001", "", "51000")]
    [InlineData("", "0.000000015", "51000")]
    [InlineData("", "9999", "51008")]
    public void A_change_that_cannot_be_made_is_refused_by_the_answer_and_tells_no_row(string price, string size, string code)
    {
        var sim = new SteppedVenue("okx", flow: FlowOptions.Still);
        var (session, frames) = sim.Open("/ws/v5/private");
        Begin(sim, session, frames);
        sim.Send(session, Order("a1", "limit", "buy", "50000", "0.1"));
        frames.Take();
        sim.Send(session, Change("a1", price, size));
        Assert.Contains($"\"sCode\":\"{code}\"", frames.Take().Single());
        Assert.Equal(0.1m, Assert.Single(sim.Venue.Market.OpenOrders()).Quantity.ToDecimal());
    }

    [Fact]
    public void A_total_that_is_filled_already_ends_the_order_as_filled()
    {
        var sim = new SteppedVenue("okx", flow: FlowOptions.Still);
        var (session, frames) = sim.Open("/ws/v5/private");
        Begin(sim, session, frames);
        var best = sim.Venue.Market.Instruments[0].Engine.Asks.Best!;
        var (price, quantity) = (best.Price.ToString(), best.Quantity);
        sim.Send(session, Order("a1", "limit", "buy", price, (quantity + quantity).ToString()));
        frames.Take();
        sim.Send(session, Change("a1", "", quantity.ToString(), "r1"));
        var told = frames.Take();
        Assert.Contains("\"sCode\":\"0\"", told[0]);
        Assert.Equal($"filled {price} {quantity} r1 0 0", Told(told[1]));
        Assert.Contains("\"state\":\"filled\"", SignedGet(sim, "/api/v5/trade/order", "instId=BTC-USDT&clOrdId=a1").Body);
        Assert.Empty(sim.Venue.Market.OpenOrders());
    }

    [Fact]
    public void Changes_of_an_instrument_are_counted_by_themselves_and_sixty_in_two_seconds_are_the_most()
    {
        var sim = new SteppedVenue("okx", flow: FlowOptions.Still);
        var (session, frames) = sim.Open("/ws/v5/private");
        Begin(sim, session, frames);
        for (var n = 0; n < 61; n++) sim.Send(session, Change("none", "1", ""));
        var told = frames.Take();
        Assert.Equal((60, 1), (told.Count(f => f.Contains("51503")), told.Count(f => f.Contains("\"code\":\"50011\""))));
        sim.Send(session, Order("a1", "limit", "buy", "50000", "0.1"));
        Assert.Contains("\"sCode\":\"0\"", frames.Take()[0]);
        sim.Run(2_000);
        frames.Take();
        sim.Send(session, Change("a1", "49000", ""));
        Assert.Contains("\"sCode\":\"0\"", frames.Take()[0]);
    }

    private static string Told(string frame)
    {
        var row = SteppedVenue.Parse(frame).GetProperty("data")[0];
        return string.Join(' ', ((string[])["state", "px", "sz", "reqId", "amendResult", "code"]).Select(name => row.GetProperty(name).GetString()));
    }

    private static void Begin(SteppedVenue sim, ProtocolSession session, FrameCollector frames)
    {
        Login(sim, session, sim.Venue.Options.Secret);
        sim.Send(session, """{"op":"subscribe","args":[{"channel":"orders","instType":"ANY"}]}""");
        frames.Take();
    }

    private static string Change(string id, string price, string size, string name = "", bool cancel = false) =>
        JsonSerializer.Serialize(new
        {
            id = "8", op = "amend-order",
            args = new[] { new { instIdCode = 10459, clOrdId = id, reqId = name, newSz = size, newPx = price, cxlOnFail = cancel } },
        });

    [Fact]
    public void Signed_rest_answers_and_an_unsigned_call_does_not()
    {
        var sim = new SteppedVenue("okx", flow: FlowOptions.Still);
        Assert.Contains("50111", sim.Get("/api/v5/account/balance").Body);
        Assert.Contains("cashBal", SignedGet(sim, "/api/v5/account/balance", "").Body);
        Assert.Contains("51603", SignedGet(sim, "/api/v5/trade/order", "instId=BTC-USDT&clOrdId=none").Body);
        Assert.Contains("\"data\":[]", SignedGet(sim, "/api/v5/trade/orders-pending", "instType=SPOT").Body);
        Assert.Contains("\"instIdCode\":10459", sim.Get("/api/v5/public/instruments", "instType=SPOT").Body);
        SteppedVenue.Parse(sim.Get("/api/v5/market/books", "instId=BTC-USDT&sz=5").Body);
    }

    private static string Order(string id, string type, string side, string price, string size) =>
        JsonSerializer.Serialize(new
        {
            id = "7", op = "order",
            args = new[] { new { side, instIdCode = 10459, tdMode = "cash", ordType = type, px = price, sz = size, clOrdId = id } },
        });

    private static void Login(SteppedVenue sim, ProtocolSession session, string secret)
    {
        var timestamp = (sim.NowMs / 1_000).ToString();
        var (apiKey, passphrase) = (sim.Venue.Options.ApiKey, sim.Venue.Options.Passphrase);
        var sign = Sign(secret, timestamp + "GET/users/self/verify");
        sim.Send(session, JsonSerializer.Serialize(new { op = "login", args = new[] { new { apiKey, passphrase, timestamp, sign } } }));
    }

    private static VenueHttpResponse SignedGet(SteppedVenue sim, string path, string query)
    {
        var timestamp = DateTimeOffset.FromUnixTimeMilliseconds(sim.NowMs).ToString("yyyy-MM-ddTHH:mm:ss.fffZ");
        return sim.Get(path, query, new()
        {
            ["OK-ACCESS-KEY"] = sim.Venue.Options.ApiKey, ["OK-ACCESS-PASSPHRASE"] = sim.Venue.Options.Passphrase,
            ["OK-ACCESS-TIMESTAMP"] = timestamp,
            ["OK-ACCESS-SIGN"] = Sign(sim.Venue.Options.Secret, timestamp + "GET" + path + (query.Length > 0 ? "?" + query : "")),
        });
    }

    private static string Sign(string secret, string text) =>
        Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(text)));
}
