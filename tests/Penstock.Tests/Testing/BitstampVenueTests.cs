using System.Security.Cryptography;
using System.Text;
using Penstock.Testing.Faults;
using Penstock.Testing.Flow;
using Penstock.Testing.Protocols;

namespace Penstock.Tests.Testing;

[Trait("requirement", "E30")]
public sealed class BitstampVenueTests
{
    private int _calls;

    [Fact]
    public void Diffs_over_the_rest_book_rebuild_the_venues_own_book_and_the_top_hundred_are_its_top()
    {
        var sim = new SteppedVenue("bitstamp");
        var (session, frames) = sim.Open("/");
        foreach (var channel in (string[])["diff_order_book_btcusdt", "order_book_btcusdt", "live_trades_btcusdt"])
            sim.Send(session, $$$"""{"event":"bts:subscribe","data":{"channel":"{{{channel}}}"}}""");
        Assert.Equal(3, frames.Take().Count(f => f.Contains("bts:subscription_succeeded")));
        sim.Run(430);
        var snapshot = SteppedVenue.Parse(sim.Get("/api/v2/order_book/btcusdt/", "group=1").Body);
        sim.Run(1_930);
        sim.Get("/api/v2/order_book/btcusdt/"); // brings the diffs up to now

        var (bids, asks) = (new SortedDictionary<decimal, decimal>(), new SortedDictionary<decimal, decimal>());
        SteppedVenue.Apply(bids, snapshot.GetProperty("bids"));
        SteppedVenue.Apply(asks, snapshot.GetProperty("asks"));
        long snapshotAt = Stamp(snapshot), last = 0;
        int diffs = 0, covered = 0, trades = 0, fulls = 0;
        foreach (var text in frames.Take())
        {
            var message = SteppedVenue.Parse(text);
            var data = message.GetProperty("data");
            if (text.Contains("live_trades_")) trades++;
            if (text.Contains("\"order_book_"))
            {
                Assert.Equal(last, Stamp(data));
                Assert.DoesNotContain("\"0.00000000\"", text);
                fulls++;
            }

            if (!text.Contains("diff_order_book_")) continue;
            Assert.True(Stamp(data) > last);
            last = Stamp(data);
            diffs++;
            if (last <= snapshotAt) covered++;
            if (last <= snapshotAt) continue;
            SteppedVenue.Apply(bids, data.GetProperty("bids"));
            SteppedVenue.Apply(asks, data.GetProperty("asks"));
        }

        Assert.InRange(diffs, 18, 30);
        Assert.InRange(covered, 1, 8);
        Assert.Equal(diffs, fulls);
        Assert.True(trades > 0);
        Assert.Equal(SteppedVenue.Levels(sim.Venue.Market.Instruments[0].Engine.Bids), bids);
        Assert.Equal(SteppedVenue.Levels(sim.Venue.Market.Instruments[0].Engine.Asks), asks);
    }

    [Fact]
    public void The_heartbeat_is_answered_and_what_is_not_understood_is_said()
    {
        var sim = new SteppedVenue("bitstamp", flow: FlowOptions.Still);
        var (session, frames) = sim.Open("/");
        sim.Send(session, """{"event":"bts:heartbeat"}""");
        Assert.Equal("""{"event":"bts:heartbeat","channel":"","data":{"status":"success"}}""", frames.Take().Single());
        foreach (var bad in (string[])["not json", """{"event":"bts:subscribe","data":{"channel":"diff_order_book_xyz"}}""", """{"event":"other","data":{}}""", """{"event":"bts:subscribe"}"""])
        {
            sim.Send(session, bad);
            Assert.Contains("bts:error", frames.Take().Single());
        }

        Assert.Null(sim.Venue.Open("/elsewhere", "", new FrameCollector(), sim.NowNs));
    }

    [Fact]
    public void Private_channels_want_a_token_that_a_signed_call_fetches()
    {
        var sim = new SteppedVenue("bitstamp", flow: FlowOptions.Still);
        var (session, frames) = sim.Open("/");
        var channel = "private-my_orders_btcusdt-1234567";
        sim.Send(session, $$$"""{"event":"bts:subscribe","data":{"channel":"{{{channel}}}","auth":"guess"}}""");
        Assert.Contains("unauthorized", frames.Take().Single());
        var token = SteppedVenue.Parse(Post(sim, "websockets_token/", "").Body).GetProperty("token").GetString();
        sim.Run(61_000, 1_000);
        sim.Send(session, $$$"""{"event":"bts:subscribe","data":{"channel":"{{{channel}}}","auth":"{{{token}}}"}}""");
        Assert.Contains("unauthorized", frames.Take().Single());
        Join(sim, session, channel);
        Assert.Contains("bts:subscription_succeeded", frames.Take().Single());
    }

    [Fact]
    public void Orders_are_forms_and_their_life_is_told_on_two_channels()
    {
        var sim = new SteppedVenue("bitstamp", flow: FlowOptions.Still);
        var (session, frames) = sim.Open("/");
        Join(sim, session, "private-my_orders_btcusdt-1234567");
        Join(sim, session, "private-my_trades_btcusdt-1234567");
        frames.Take();

        var placed = SteppedVenue.Parse(Post(sim, "buy/btcusdt/", "amount=0.5&price=61000&client_order_id=a1").Body);
        Assert.Equal(("a1", "0", "BTC/USDT"), (placed.GetProperty("client_order_id").GetString(), placed.GetProperty("type").GetString(), placed.GetProperty("market").GetString()));
        var told = frames.Take();
        Assert.Contains("\"event\":\"order_created\"", told[0]);
        Assert.Single(told, f => f.Contains("\"event\":\"order_deleted\"") && f.Contains("\"amount_traded\":\"0.5\""));
        Assert.Contains(told, f => f.Contains("private-my_trades_") && f.Contains("\"side\":\"buy\"") && f.Contains("\"fee\":\""));
        var status = SteppedVenue.Parse(Post(sim, "order_status/", "client_order_id=a1").Body);
        Assert.Equal("Finished", status.GetProperty("status").GetString());
        Assert.Equal(0.5m, status.GetProperty("transactions").EnumerateArray().Sum(t => decimal.Parse(t.GetProperty("btc").GetString()!)));

        Post(sim, "sell/btcusdt/", "amount=0.5&price=50000&client_order_id=a2&moc_order=True");
        told = frames.Take();
        Assert.Contains("order_deleted", Assert.Single(told));
        Assert.Contains("\"amount_traded\":\"0\"", told[0]);
        Post(sim, "buy/btcusdt/", "amount=0.1&price=50000&client_order_id=a3");
        Assert.Contains("\"amount_at_create\":\"0.10000000\"", Post(sim, "open_orders/btcusdt/", "").Body);
        Assert.Equal("[]", Post(sim, "open_orders/ethusdt/", "").Body);
        frames.Take();
        Assert.Contains("\"amount\":\"0.10000000\"", Post(sim, "cancel_order/", "client_order_id=a3").Body);
        Assert.Contains("order_deleted", frames.Take().Single());
        Assert.Contains("404.002", Post(sim, "cancel_order/", "client_order_id=a3").Body);
        Assert.Contains("400.009", Post(sim, "buy/btcusdt/", "amount=9999&price=50000&client_order_id=a4").Body);
        Assert.Contains("400.021", Post(sim, "buy/btcusdt/", "amount=1&price=50000.123&client_order_id=a5").Body);
        Assert.Contains("\"reason\":{\"__all__\":[", Post(sim, "buy/btcusdt/", "amount=x&price=1").Body);
        Assert.Equal("Canceled", SteppedVenue.Parse(Post(sim, "order_status/", "client_order_id=a2").Body).GetProperty("status").GetString());
    }

    [Fact]
    public void A_replaced_order_has_a_new_id_and_all_can_be_cancelled()
    {
        var sim = new SteppedVenue("bitstamp", flow: FlowOptions.Still);
        var first = SteppedVenue.Parse(Post(sim, "buy/btcusdt/", "amount=0.1&price=50000&client_order_id=b1").Body).GetProperty("id").GetString();
        var second = SteppedVenue.Parse(Post(sim, "replace_order/", "orig_client_order_id=b1&amount=0.2&price=50001&client_order_id=b2").Body).GetProperty("id").GetString();
        Assert.NotEqual(first, second);
        Assert.Contains("\"client_order_id\":\"b2\"", Post(sim, "open_orders/all/", "").Body);
        Assert.Contains(second!, Post(sim, "cancel_all_orders/btcusdt/", "").Body);
        Assert.Equal("[]", Post(sim, "open_orders/all/", "").Body);
    }

    [Fact]
    public void Every_part_of_the_signature_is_checked()
    {
        var sim = new SteppedVenue("bitstamp", flow: FlowOptions.Still);
        Assert.Contains("API0001", sim.Venue.Handle(new VenueHttpRequest { Method = "POST", Path = "/api/v2/account_balances/" }, sim.NowNs).Body);
        var good = Request(sim, "account_balances/", "");
        Assert.Contains("\"currency\":\"btc\"", sim.Venue.Handle(good, sim.NowNs).Body);
        Assert.Contains("API0004", sim.Venue.Handle(good, sim.NowNs).Body); // the same nonce again
        Assert.Contains("API0005", sim.Venue.Handle(Request(sim, "account_balances/", "", secret: "wrong"), sim.NowNs).Body);
        Assert.Contains("API0017", sim.Venue.Handle(Request(sim, "account_balances/", "", ageMs: 160_000), sim.NowNs).Body);
        // A content type without a body is what the venue stumbles over.
        var typed = Request(sim, "account_balances/", "");
        var headers = new Dictionary<string, string>(typed.Headers, StringComparer.OrdinalIgnoreCase) { ["Content-Type"] = "application/x-www-form-urlencoded" };
        Assert.Contains("API0005", sim.Venue.Handle(typed with { Headers = headers }, sim.NowNs).Body);
        var cut = Request(sim, "account_balances/", "");
        Assert.Equal(404, sim.Venue.Handle(cut with { Path = cut.Path.TrimEnd('/') }, sim.NowNs).Status);
    }

    [Fact]
    public void Limits_and_faults_are_answered_in_the_venues_words()
    {
        var sim = new SteppedVenue("bitstamp", flow: FlowOptions.Still);
        sim.Venue.Faults.Arm(FaultKind.HttpTooManyRequests);
        var answer = sim.Get("/api/v2/markets/");
        Assert.Equal(429, answer.Status);
        Assert.Contains("400.002", answer.Body);
        Assert.Contains("\"market_symbol\":\"btcusdt\"", sim.Get("/api/v2/markets/").Body);
        SteppedVenue.Parse(sim.Get("/api/v2/ticker/btcusdt/").Body);
        sim.Venue.Faults.Arm(FaultKind.LoseAck);
        Assert.Equal(504, Post(sim, "buy/btcusdt/", "amount=0.1&price=50000&client_order_id=c1").Status);
        Assert.Contains("\"status\":\"Open\"", Post(sim, "order_status/", "client_order_id=c1").Body);
    }

    [Fact]
    public void Transactions_name_amounts_by_currency_and_only_this_markets()
    {
        var sim = new SteppedVenue("bitstamp", flow: FlowOptions.Still);
        Post(sim, "sell/market/ethusdt/", "amount=0.5&client_order_id=d1");
        Assert.Equal("[]", Post(sim, "user_transactions/btcusdt/", "limit=10").Body);
        var rows = SteppedVenue.Parse(Post(sim, "user_transactions/ethusdt/", $"limit=10&sort=asc&since_timestamp={sim.NowMs / 1_000}").Body);
        Assert.Equal(-0.5m, rows.EnumerateArray().Sum(r => decimal.Parse(r.GetProperty("eth").GetString()!)));
        Assert.All(rows.EnumerateArray(), r => Assert.True(r.GetProperty("eth_usdt").GetDecimal() > 0 && decimal.Parse(r.GetProperty("usdt").GetString()!) > 0));
        Assert.Equal("[]", Post(sim, "user_transactions/ethusdt/", $"limit=10&since_timestamp={sim.NowMs / 1_000 + 1}").Body);
    }

    private static long Stamp(System.Text.Json.JsonElement data) => long.Parse(data.GetProperty("microtimestamp").GetString()!);

    private void Join(SteppedVenue sim, ProtocolSession session, string channel)
    {
        var token = SteppedVenue.Parse(Post(sim, "websockets_token/", "").Body).GetProperty("token").GetString();
        sim.Send(session, $$$"""{"event":"bts:subscribe","data":{"channel":"{{{channel}}}","auth":"{{{token}}}"}}""");
    }

    private VenueHttpResponse Post(SteppedVenue sim, string path, string body) => sim.Venue.Handle(Request(sim, path, body), sim.NowNs);

    private VenueHttpRequest Request(SteppedVenue sim, string path, string body, string? secret = null, long ageMs = 0)
    {
        path = "/api/v2/" + path;
        var type = body.Length > 0 ? "application/x-www-form-urlencoded" : "";
        var nonce = $"00000000-0000-4000-8000-{++_calls:x12}";
        var timestamp = $"{sim.NowMs - ageMs}";
        var text = $"BITSTAMP {sim.Venue.Options.ApiKey}POSTwww.bitstamp.net{path}{type}{nonce}{timestamp}v2{body}";
        var sign = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret ?? sim.Venue.Options.Secret), Encoding.UTF8.GetBytes(text)));
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            ["X-Auth"] = "BITSTAMP " + sim.Venue.Options.ApiKey, ["X-Auth-Signature"] = sign, ["X-Auth-Nonce"] = nonce, ["X-Auth-Timestamp"] = timestamp, ["X-Auth-Version"] = "v2",
        };
        if (type.Length > 0) headers["Content-Type"] = type;
        return new VenueHttpRequest { Method = "POST", Path = path, Body = body, Headers = headers };
    }
}
