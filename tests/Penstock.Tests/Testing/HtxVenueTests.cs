using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Penstock.Testing.Faults;
using Penstock.Testing.Flow;
using Penstock.Testing.Protocols;

namespace Penstock.Tests.Testing;

[Trait("requirement", "E30")]
public sealed class HtxVenueTests
{
    private const string Books = """{"sub":"market.btcusdt.mbp.150","id":"btcusdt"}""";
    private const string Image = """{"req":"market.btcusdt.mbp.150","id":"btcusdt"}""";

    [Fact]
    public void The_image_and_the_chained_deltas_rebuild_the_venues_own_book()
    {
        var sim = new SteppedVenue("htx");
        var (session, sink) = Open(sim, "/feed");
        sim.Send(session, Books);
        sim.Send(session, """{"sub":"market.btcusdt.trade.detail","id":"btcusdt"}""");
        sim.Run(330);
        sim.Send(session, Image);
        sim.Run(1_700);
        sim.Send(session, Image); // makes the venue publish up to now

        var (bids, asks) = (new SortedDictionary<decimal, decimal>(), new SortedDictionary<decimal, decimal>());
        long last = -1;
        int updates = 0, trades = 0, images = 0;
        foreach (var message in sink.Texts.Select(SteppedVenue.Parse))
        {
            if (Channel(message).EndsWith("trade.detail", StringComparison.Ordinal)) trades++;
            if (message.TryGetProperty("rep", out _) && images++ == 0)
            {
                last = message.GetProperty("data").GetProperty("seqNum").GetInt64();
                Apply(message.GetProperty("data"), bids, asks);
            }

            if (last < 0 || !Channel(message).EndsWith("mbp.150", StringComparison.Ordinal)) continue;
            var tick = message.GetProperty("tick");
            Assert.Equal(last, tick.GetProperty("prevSeqNum").GetInt64());
            last = tick.GetProperty("seqNum").GetInt64();
            Apply(tick, bids, asks);
            updates++;
        }

        Assert.InRange(updates, 12, 25);
        Assert.True(trades > 0 && images == 2);
        Assert.Equal(SteppedVenue.Levels(sim.Venue.Market.Instruments[0].Engine.Bids, 150), bids);
        Assert.Equal(SteppedVenue.Levels(sim.Venue.Market.Instruments[0].Engine.Asks, 150), asks);
    }

    [Fact]
    public void Pings_come_every_five_seconds_and_two_without_an_answer_end_the_connection()
    {
        var sim = new SteppedVenue("htx", flow: FlowOptions.Still);
        var (session, sink) = Open(sim, "/feed");
        sim.Run(5_010, 100);
        Assert.StartsWith("{\"ping\":17000000", Assert.Single(sink.Texts), StringComparison.Ordinal);
        sim.Run(5_000, 100);
        sim.Send(session, """{"pong":1}""");
        sim.Run(10_000, 100);
        Assert.Equal((4, false), (sink.Texts.Count, sink.IsCut));
        sim.Run(5_000, 100);
        Assert.True(sink.IsCut);
    }

    [Fact]
    public void An_unchanged_book_is_pushed_under_its_number_and_what_is_unknown_is_refused()
    {
        var sim = new SteppedVenue("htx", flow: FlowOptions.Still);
        var (session, sink) = Open(sim, "/feed");
        sim.Send(session, Books);
        sim.Run(110);
        var tick = SteppedVenue.Parse(sink.Texts[^1]).GetProperty("tick");
        Assert.Equal(tick.GetProperty("prevSeqNum").GetInt64(), tick.GetProperty("seqNum").GetInt64());
        Assert.Equal(0, tick.GetProperty("bids").GetArrayLength());
        foreach (var request in (string[])["""{"sub":"market.dogeusdt.mbp.150","id":"7"}""", """{"req":"market.btcusdt.bbo","id":"7"}""", """{"nonsense":1}""", "[", "7"])
        {
            sim.Send(session, request);
            Assert.Contains("\"status\":\"error\"", sink.Texts[^1], StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Logins_and_calls_with_a_wrong_signature_key_or_time_are_refused()
    {
        var sim = new SteppedVenue("htx");
        Assert.Equal(200, Login(sim, "/ws/v2").Code);
        Assert.Equal(200, Login(sim, "/ws/trade").Code);
        Assert.Equal(2002, Login(sim, "/ws/v2", signedPath: "/ws/trade").Code);
        Assert.Equal(2002, Login(sim, "/ws/v2", key: "another").Code);
        Assert.Equal(2002, Login(sim, "/ws/v2", seconds: -400).Code);
        Assert.Contains("31276149", Signed(sim, "/v1/account/accounts", ""), StringComparison.Ordinal);
        Assert.Contains("api-signature-not-valid", Signed(sim, "/v1/account/accounts", "", secret: "wrong"), StringComparison.Ordinal);
        Assert.Contains("api-signature-not-valid", Signed(sim, "/v1/account/accounts", "", seconds: 400), StringComparison.Ordinal);
        Assert.Equal(5, sim.Venue.Statistics.AuthenticationFailures);
        var (session, sink) = Open(sim, "/ws/trade");
        sim.Send(session, Place("1", "buy-limit", "1", "1"));
        Assert.Contains("login-required", sink.Texts[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void An_order_is_acknowledged_first_then_told_on_both_channels_and_found_by_rest()
    {
        var sim = new SteppedVenue("htx", flow: FlowOptions.Still);
        var (stream, told) = LoggedIn(sim, "/ws/v2");
        foreach (var channel in (string[])["orders#*", "trade.clearing#*#0", "accounts.update#2"]) sim.Send(stream, $$"""{"action":"sub","ch":"{{channel}}"}""");
        Assert.Contains("\"changeType\":null", told.Texts[^1], StringComparison.Ordinal);
        var (entry, answers) = LoggedIn(sim, "/ws/trade");
        told.Texts.Clear();

        sim.Send(entry, Place("rest", "buy-limit", "0.001", "50000"));
        Assert.Matches("""^\{"status":"ok","data":"\d+","cid":"nrest"\}$""", answers.Texts[^1]);
        Assert.Contains("\"eventType\":\"creation\"", told.Texts[0], StringComparison.Ordinal);
        Assert.Contains("\"accounts.update#2\"", told.Texts[^1], StringComparison.Ordinal);
        Assert.Contains("\"state\":\"submitted\"", Signed(sim, "/v1/order/orders/getClientOrder", "clientOrderId=rest"), StringComparison.Ordinal);
        Assert.Contains("\"client-order-id\":\"rest\"", Signed(sim, "/v1/order/openOrders", "account-id=31276149&symbol=btcusdt"), StringComparison.Ordinal);
        Assert.Contains("base-record-invalid", Signed(sim, "/v1/order/orders/getClientOrder", "clientOrderId=none"), StringComparison.Ordinal);

        told.Texts.Clear();
        sim.Send(entry, Place("take", "buy-ioc", "0.001", "90000"));
        Assert.Contains(told.Texts, t => t.Contains("\"eventType\":\"trade\"", StringComparison.Ordinal) && t.Contains("orders#", StringComparison.Ordinal));
        var clearing = SteppedVenue.Parse(told.Texts.First(t => t.Contains("trade.clearing", StringComparison.Ordinal))).GetProperty("data");
        Assert.Equal(("btc", "take"), (clearing.GetProperty("feeCurrency").GetString(), clearing.GetProperty("clientOrderId").GetString()));
        Assert.Contains("\"role\":\"taker\"", Signed(sim, "/v1/order/matchresults", "size=10&symbol=btcusdt"), StringComparison.Ordinal);

        sim.Send(entry, Place("maker", "buy-limit-maker", "0.001", "90000"));
        Assert.Contains(told.Texts, t => t.Contains("limit_maker", StringComparison.Ordinal));
        sim.Send(entry, """{"cid":"c1","ch":"cancel","params":{"client-order-ids":["rest","gone"]}}""");
        Assert.Contains("\"success\":[\"rest\"],\"failed\":[{", answers.Texts[^1], StringComparison.Ordinal);
        Assert.Contains(told.Texts, t => t.Contains("\"orderStatus\":\"canceled\"", StringComparison.Ordinal) && t.Contains("\"clientOrderId\":\"rest\"", StringComparison.Ordinal));
        sim.Send(entry, Place("one", "sell-limit", "0.001", "90000"));
        sim.Send(entry, Place("two", "sell-limit", "0.001", "90000"));
        sim.Send(entry, """{"cid":"all","ch":"cancelall","params":{"account-id":"31276149","symbol":"btcusdt"}}""");
        Assert.Contains("\"success-count\":2", answers.Texts[^1], StringComparison.Ordinal);
        Assert.Equal("{\"status\":\"ok\",\"data\":[]}", Signed(sim, "/v1/order/openOrders", "account-id=31276149&symbol=btcusdt"));
    }

    [Theory]
    [InlineData("buy-limit", "0.001", "50000.001", "order-orderprice-precision-error")]
    [InlineData("buy-limit", "0.0000001", "50000", "order-orderamount-precision-error")]
    [InlineData("buy-limit", "0.000001", "50000", "order-value-min-error")]
    [InlineData("buy-limit", "10000", "50000", "order-accountbalance-error")]
    [InlineData("buy-stop", "1", "50000", "bad-request")]
    [InlineData("buy-limit", "nonsense", "50000", "bad-request")]
    public void What_the_market_does_not_take_is_refused_in_its_words(string type, string amount, string price, string code)
    {
        var sim = new SteppedVenue("htx", flow: FlowOptions.Still);
        var (entry, answers) = LoggedIn(sim, "/ws/trade");
        sim.Send(entry, Place("x", type, amount, price));
        Assert.Contains($"\"err-code\":\"{code}\"", answers.Texts[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void More_than_a_hundred_orders_in_two_seconds_are_refused()
    {
        var sim = new SteppedVenue("htx", flow: FlowOptions.Still);
        var (entry, answers) = LoggedIn(sim, "/ws/trade");
        for (var i = 0; i < 101; i++) sim.Send(entry, Place($"o{i}", "buy-limit", "0.001", "40000"));
        Assert.Equal(1, answers.Texts.Count(t => t.Contains("too-many-request", StringComparison.Ordinal)));
        sim.Run(2_000, 100);
        sim.Send(entry, Place("later", "buy-limit", "0.001", "40000"));
        Assert.Contains("\"status\":\"ok\"", answers.Texts[^1], StringComparison.Ordinal);
    }

    private static string Channel(JsonElement message) => message.TryGetProperty("ch", out var channel) ? channel.GetString()! : "";

    private static string Place(string id, string type, string amount, string price) =>
        $$"""{"cid":"n{{id}}","ch":"create-order","params":{"account-id":"31276149","symbol":"btcusdt","type":"{{type}}","amount":"{{amount}}","price":"{{price}}","source":"spot-api","client-order-id":"{{id}}"} }""";

    private static (ProtocolSession Session, TextSink Sink) Open(SteppedVenue sim, string path)
    {
        var sink = new TextSink();
        return (sim.Venue.Open(path, "", sink, sim.NowNs)!, sink);
    }

    private static (ProtocolSession Session, TextSink Sink) LoggedIn(SteppedVenue sim, string path)
    {
        var (session, sink) = Open(sim, path);
        sim.Send(session, LoginText(sim, path, sim.Venue.Options.ApiKey, 0));
        Assert.Contains("\"code\":200", sink.Texts[^1], StringComparison.Ordinal);
        return (session, sink);
    }

    private static (ProtocolSession Session, int Code) Login(SteppedVenue sim, string path, string? signedPath = null, string? key = null, int seconds = 0)
    {
        var (session, sink) = Open(sim, path);
        sim.Send(session, LoginText(sim, signedPath ?? path, key ?? sim.Venue.Options.ApiKey, seconds));
        return (session, SteppedVenue.Parse(sink.Texts[^1]).GetProperty("code").GetInt32());
    }

    private static string LoginText(SteppedVenue sim, string path, string key, int seconds)
    {
        var time = Time(sim, seconds);
        var sign = Sign(sim.Venue.Options.Secret, $"GET\napi.huobi.pro\n{path}\naccessKey={key}&signatureMethod=HmacSHA256&signatureVersion=2.1&timestamp={Uri.EscapeDataString(time)}");
        return $$"""{"action":"req","ch":"auth","params":{"authType":"api","accessKey":"{{key}}","signatureMethod":"HmacSHA256","signatureVersion":"2.1","timestamp":"{{time}}","signature":"{{sign}}"} }""";
    }

    private static string Signed(SteppedVenue sim, string path, string parameters, string? secret = null, int seconds = 0)
    {
        var query = $"AccessKeyId={sim.Venue.Options.ApiKey}&SignatureMethod=HmacSHA256&SignatureVersion=2&Timestamp={Uri.EscapeDataString(Time(sim, seconds))}";
        if (parameters.Length > 0) query += "&" + parameters;
        var sign = Sign(secret ?? sim.Venue.Options.Secret, $"GET\napi.huobi.pro\n{path}\n{query}");
        return sim.Get(path, $"{query}&Signature={Uri.EscapeDataString(sign)}").Body;
    }

    private static string Time(SteppedVenue sim, int seconds) =>
        DateTimeOffset.FromUnixTimeSeconds(sim.NowNs / 1_000_000_000 + seconds).ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);

    private static string Sign(string secret, string text) =>
        Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(text)));

    private static void Apply(JsonElement sides, SortedDictionary<decimal, decimal> bids, SortedDictionary<decimal, decimal> asks)
    {
        foreach (var (name, book) in new[] { ("bids", bids), ("asks", asks) })
        {
            foreach (var level in sides.GetProperty(name).EnumerateArray())
            {
                if (level[1].GetDecimal() == 0) book.Remove(level[0].GetDecimal());
                else book[level[0].GetDecimal()] = level[1].GetDecimal();
            }
        }
    }

    /// <summary>Frames as text, unpacked where they are binary.</summary>
    private sealed class TextSink : IFrameSink
    {
        public List<string> Texts { get; } = [];

        public bool IsCut { get; private set; }

        void IFrameSink.Text(ReadOnlySpan<byte> utf8) => Texts.Add(Encoding.UTF8.GetString(utf8));

        void IFrameSink.Binary(ReadOnlySpan<byte> bytes)
        {
            using var gzip = new GZipStream(new MemoryStream(bytes.ToArray()), CompressionMode.Decompress);
            using var reader = new StreamReader(gzip, Encoding.UTF8);
            Texts.Add(reader.ReadToEnd());
        }

        void IFrameSink.Ping()
        {
        }

        void IFrameSink.Cut() => IsCut = true;
    }
}
