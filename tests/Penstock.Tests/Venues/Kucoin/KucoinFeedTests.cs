using System.Reflection;
using System.Text;
using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Venues.Kucoin;

namespace Penstock.Tests.Venues.Kucoin;

public class KucoinFeedTests
{
    private const string Recording = "kucoin-spot.cf-20210425.jsonl.gz";
    private const string Increment = """{"type":"message","topic":"/market/level2:BTC-USDT","subject":"trade.l2update","data":{"changes":{"asks":[["18906","0.00331","8"]],"bids":[]},"sequenceEnd":8,"sequenceStart":7,"symbol":"BTC-USDT","time":1663747970273}}""";
    private const string Match = """{"type":"message","topic":"/market/match:BTC-USDT","subject":"trade.l3match","data":{"sequence":"7","type":"match","symbol":"BTC-USDT","side":"buy","price":"1.5","size":"2","tradeId":"7","time":"1545913818099033203"}}""";

    private static readonly string Token = """{"code":"200000","data":{"token":"2neAiuYv-_/U6=.mv==","instanceServers":[{"endpoint":"wss://ws-api-spot.kucoin.com/","encrypt":true,"protocol":"websocket","pingInterval":18000,"pingTimeout":10000}]}}""";

    [Fact, Trait("requirement", "R23")]
    public void Pairs_are_listed_by_their_currencies_and_fine_ticks_get_a_finer_scale()
    {
        List<string> skipped = [];
        var list = Parse(File.ReadAllText(FeedFixtures.Fixture("Kucoin", "instruments.json")), skipped);
        Assert.Equal(["NONE-USDT"], skipped);
        Assert.Equal(["BTC-USDT", "BSV-USDT", "DAPPT-BTC"], list.Select(i => i.Symbol));
        Assert.Equal(["BTC-USDT", "BCHSV-USDT", "DAPPT-BTC"], list.Select(i => i.VenueSymbol));
        Assert.Equal((Price.From(0.1m), Quantity.From(0.00000001m), Quantity.From(0.00001m), Notional.From(0.1m)),
            (list[0].Tick, list[0].Lot, list[0].QuantityMin, list[0].NotionalMin));
        Assert.Equal((InstrumentStatus.Trading, InstrumentStatus.Halted), (list[0].Status, list[1].Status));
        Assert.Equal((10, 1L, 8, false), (list[2].PriceScale, list[2].Tick.Raw, list[2].QuantityScale, list[2].HasUsualScales));
    }

    [Fact, Trait("requirement", "R23")]
    public void The_recorded_list_of_2021_is_read_whole()
    {
        var (_, _, body) = FeedFixtures.Recording(Recording).First(e => e.Kind == "rest");
        List<string> skipped = [];
        var list = Parse(Encoding.UTF8.GetString(body), skipped);
        Assert.Equal((634, 0), (list.Count, skipped.Count));
        Assert.Equal(64, list.Count(i => !i.HasUsualScales));
        Assert.Equal("OXEN-BTC", list.Single(i => i.VenueSymbol == "LOKI-BTC").Symbol);
        Assert.Equal("LYXE-USDT", list.Single(i => i.VenueSymbol == "LYXE-USDT").Symbol);
    }

    [Theory, Trait("requirement", "R20")]
    [InlineData("""{"code":"400100","msg":"error"}""", QuarantineCause.VenueError)]
    [InlineData("""{"code":"200000","data":[{""", QuarantineCause.Truncated)]
    [InlineData("""{"code":"200000"}""", QuarantineCause.Malformed)]
    [InlineData("""{"data":[]}""", QuarantineCause.Malformed)]
    public void A_body_that_is_no_list_is_refused(string body, QuarantineCause expected) =>
        Assert.Equal(expected, FeedFixtures.Create("Kucoin").Instruments.Parse(new VenueId(1), Encoding.UTF8.GetBytes(body), [], []));

    [Fact, Trait("requirement", "R103")]
    public void Every_connection_asks_for_a_token_and_goes_where_the_answer_says()
    {
        var feed = FeedFixtures.CreateFeed("Kucoin");
        var request = feed.ConnectRequest()!;
        Assert.Equal((HttpMethod.Post, "/api/v1/bullet-public", null), (request.Method, request.PathAndQuery, request.Body));
        Assert.Equal("", feed.ConnectPath([]));
        Assert.True(feed.AcceptConnect(Encoding.ASCII.GetBytes(Token)));
        Assert.Equal("wss://ws-api-spot.kucoin.com/?token=2neAiuYv-_/U6=.mv==&connectId=1", feed.ConnectPath([]));
        feed.Reset();
        Assert.Equal("", feed.ConnectPath([]));
        Assert.True(feed.AcceptConnect(Encoding.ASCII.GetBytes(Token.Replace("ws-api-spot.kucoin.com/", "x/y?z=1", StringComparison.Ordinal))));
        Assert.Equal("wss://x/y?z=1&token=2neAiuYv-_/U6=.mv==&connectId=2", feed.ConnectPath([]));
    }

    [Theory, Trait("requirement", "R20")]
    [InlineData("\"200000\"", "\"400100\"")]
    [InlineData("2neAiuYv", "2neA iuYv")]
    [InlineData("2neAiuYv", "2neA&iuYv")]
    [InlineData("2neAiuYv", "2neA\\u0000iuYv")]
    [InlineData("\"websocket\"", "\"socket.io\"")]
    [InlineData("wss://", "https://")]
    [InlineData("wss://ws-api", "wss://[ws-api")]
    [InlineData("wss://ws-api-spot.kucoin.com/", "")]
    [InlineData("\"instanceServers\":[", "\"servers\":[")]
    [InlineData("]}}", "]}")]
    public void A_token_answer_that_cannot_be_used_is_refused(string from, string to)
    {
        Assert.Contains(from, Token, StringComparison.Ordinal);
        var feed = FeedFixtures.CreateFeed("Kucoin");
        Assert.False(feed.AcceptConnect(Encoding.ASCII.GetBytes(Token.Replace(from, to, StringComparison.Ordinal))));
        Assert.Equal("", feed.ConnectPath([]));
    }

    [Fact, Trait("requirement", "R103")]
    public void Nothing_is_sent_before_the_welcome_and_everything_after_it()
    {
        var feed = FeedFixtures.CreateFeed("Kucoin");
        var writer = new FrameWriter();
        var batch = new FeedBatch();
        var btc = Parse(File.ReadAllText(FeedFixtures.Fixture("Kucoin", "instruments.json")), [])[0];
        feed.Reset();
        feed.WriteSubscribe([btc, btc], writer);
        feed.WriteResubscribe(btc, writer);
        feed.WritePending(writer);
        Assert.Equal(0, writer.FrameCount);
        Assert.Equal(QuarantineCause.None, feed.Decode("""{"id":"NSkIrWGB1s","type":"welcome"}"""u8, batch));
        feed.WritePending(writer);
        Assert.Equal(
            [
                """{"id":"1","type":"subscribe","topic":"/market/level2:BTC-USDT,BTC-USDT","privateChannel":false,"response":true}""",
                """{"id":"2","type":"subscribe","topic":"/market/match:BTC-USDT,BTC-USDT","privateChannel":false,"response":true}""",
                """{"id":"3","type":"subscribe","topic":"/spotMarket/level1:BTC-USDT,BTC-USDT","privateChannel":false,"response":true}""",
            ],
            Frames(writer));
        writer.Clear();
        feed.WritePending(writer);
        Assert.Equal(0, writer.FrameCount);
        feed.WriteResubscribe(btc, writer);
        Assert.Equal(
            [
                """{"id":"4","type":"unsubscribe","topic":"/market/level2:BTC-USDT","privateChannel":false,"response":true}""",
                """{"id":"5","type":"subscribe","topic":"/market/level2:BTC-USDT","privateChannel":false,"response":true}""",
            ],
            Frames(writer));
        writer.Clear();
        Assert.True(feed.TryWritePing(writer));
        Assert.Equal(["""{"id":"6","type":"ping"}"""], Frames(writer));
        writer.Clear();

        feed.Reset(); // a new connection has not been greeted yet
        feed.WriteSubscribe([btc], writer);
        feed.WritePending(writer);
        Assert.Equal(0, writer.FrameCount);
    }

    [Fact, Trait("requirement", "R112")]
    public void A_subscription_names_at_most_a_hundred_symbols()
    {
        var feed = FeedFixtures.CreateFeed("Kucoin");
        var writer = new FrameWriter();
        feed.Decode("""{"id":"1","type":"welcome"}"""u8, new FeedBatch());
        var btc = Parse(File.ReadAllText(FeedFixtures.Fixture("Kucoin", "instruments.json")), [])[0];
        feed.WriteSubscribe([.. Enumerable.Repeat(btc, 201)], writer);
        Assert.Equal([100, 100, 100, 100, 100, 100, 1, 1, 1], Frames(writer).Select(f => f.Split("BTC-USDT").Length - 1));
    }

    [Fact, Trait("requirement", "R6")]
    public void The_public_part_book_and_the_recorded_full_book_are_read_alike()
    {
        var table = new InstrumentTable();
        var btc = table.Add(Parse(File.ReadAllText(FeedFixtures.Fixture("Kucoin", "instruments.json")), [])[0]);
        var feed = new KucoinVenue().CreateFeed(new FeedContext(new VenueId(1), table));
        Assert.Equal("/api/v1/market/orderbook/level2_100?symbol=BTC-USDT", feed.SnapshotRequest(btc)!.PathAndQuery);
        foreach (var path in (string[])["v1/market/orderbook/level2_100", "v1/market/orderbook/level2_20", "v3/market/orderbook/level2", "v2/market/orderbook/level2"])
        {
            Assert.True(feed.TrySnapshotInstrument(new Uri($"https://api.kucoin.com/api/{path}?symbol=BTC-USDT"), out var found));
            Assert.Equal(btc.Id, found);
        }

        Assert.False(feed.TrySnapshotInstrument(new Uri("https://api.kucoin.com/api/v1/symbols?symbol=BTC-USDT"), out _));
        Assert.False(feed.TrySnapshotInstrument(new Uri("https://api.kucoin.com/api/v1/market/orderbook/level2_100?symbol=X"), out _));

        var batch = new FeedBatch();
        const string Body = """{"code":"200000","data":{"sequence":"3262786978","time":1550653727731,"bids":[["6500.12","0.45054140"]],"asks":[["6500.16","0.57753524"],["6500.17","1"]]}}""";
        Assert.Equal(QuarantineCause.None, feed.DecodeSnapshot(btc, Encoding.ASCII.GetBytes(Body), batch));
        var message = batch.Messages[0];
        Assert.Equal((FeedMessageKind.BookSnapshot, 3262786978L, 3, ExchangeTime.FromMs(1550653727731)), (message.Kind, message.LastUpdateId, message.Count, message.Time));
        Assert.Equal(QuarantineCause.VenueError, feed.DecodeSnapshot(btc, """{"code":"400100","msg":"symbol"}"""u8, batch));
        Assert.Equal(QuarantineCause.Malformed, feed.DecodeSnapshot(btc, """{"code":"200000","data":null}"""u8, batch));
        Assert.Equal(QuarantineCause.Malformed, feed.DecodeSnapshot(btc, Encoding.ASCII.GetBytes(Body.Replace("\"bids\"", "\"bid\"", StringComparison.Ordinal)), batch));
        Assert.Equal(QuarantineCause.Truncated, feed.DecodeSnapshot(btc, Encoding.ASCII.GetBytes(Body[..^1]), batch));
        Assert.Equal(0, batch.Messages.Length + batch.Events.Length);
    }

    [Theory, Trait("requirement", "R20"), Trait("requirement", "R17")]
    [InlineData(Match, "\"tradeId\":\"7\"", "\"tradeId\":\"12345678901234567890123456\"", QuarantineCause.None)]
    [InlineData(Match, "\"tradeId\":\"7\"", "\"tradeId\":\"\"", QuarantineCause.Malformed)]
    [InlineData(Match, "\"tradeId\":\"7\",", "", QuarantineCause.Malformed)]
    [InlineData(Match, "\"price\":\"1.5\"", "\"price\":\"0\"", QuarantineCause.NumberOutOfRange)]
    [InlineData(Match, "\"price\":\"1.5\"", "\"price\":\"15e-1\"", QuarantineCause.None)]
    [InlineData(Match, "\"price\":\"1.5\"", "\"price\":1.5", QuarantineCause.None)]
    [InlineData(Match, "\"price\":\"1.5\"", "\"price\":\"1e400\"", QuarantineCause.NumberOverflow)]
    [InlineData(Match, "\"price\":\"1.5\"", "\"price\":null", QuarantineCause.Malformed)]
    [InlineData(Match, "1545913818099033203", "-1", QuarantineCause.NumberOutOfRange)]
    [InlineData(Match, "1545913818099033203", "99999999999999", QuarantineCause.NumberOutOfRange)]
    [InlineData(Match, "1545913818099033203", "1545913818099", QuarantineCause.None)]
    [InlineData(Match, "\"data\":{", "\"data\":{\"price\":\"2\",", QuarantineCause.Malformed)]
    [InlineData(Match, ",\"data\":{", ",\"data\":[],\"more\":{", QuarantineCause.Malformed)]
    [InlineData(Increment, "\"sequenceEnd\":8", "\"sequenceEnd\":17843232920108168701", QuarantineCause.NumberOverflow)]
    [InlineData(Increment, "\"sequenceEnd\":8", "\"sequenceEnd\":null", QuarantineCause.Malformed)]
    [InlineData(Increment, "\"sequenceEnd\":8,", "", QuarantineCause.Malformed)]
    [InlineData(Increment, "[\"18906\",\"0.00331\",\"8\"]", "[\"18906\",\"0.00331\",\"x\"]", QuarantineCause.Malformed)]
    [InlineData(Increment, "[\"18906\",\"0.00331\",\"8\"]", "[\"18906\",\"0.00331\",8,\"more\"]", QuarantineCause.None)]
    [InlineData(Increment, "[\"18906\",\"0.00331\",\"8\"]", "[]", QuarantineCause.Malformed)]
    [InlineData(Increment, "[\"18906\",\"0.00331\",\"8\"]", "[\"0\",\"x\",\"8\"]", QuarantineCause.Malformed)]
    [InlineData(Increment, "[\"18906\",\"0.00331\",\"8\"]", "[\"-1\",\"1\",\"8\"]", QuarantineCause.NumberOutOfRange)]
    [InlineData(Increment, "\"asks\":[[", "\"asks\":[],\"asks\":[[", QuarantineCause.Malformed)]
    [InlineData(Increment, "{\"changes\":{", "{\"changes\":null,\"no\":{", QuarantineCause.Malformed)]
    [InlineData(Increment, "level2:BTC-USDT", "level2:A,B", QuarantineCause.None)]
    [InlineData(Increment, "\"symbol\":\"BTC-USDT\",", "", QuarantineCause.None)]
    [InlineData(Increment, "\"symbol\":\"BTC-USDT\"", "\"symbol\":7", QuarantineCause.UnknownInstrument)]
    [InlineData(Increment, "/market/level2:", "", QuarantineCause.UnknownChannel)]
    public void A_value_no_honest_venue_sends_is_refused_for_its_own_reason(string frame, string from, string to, QuarantineCause expected)
    {
        Assert.Contains(from, frame, StringComparison.Ordinal);
        var batch = new FeedBatch();
        var feed = FeedFixtures.CreateFeed("Kucoin");
        Assert.Equal(QuarantineCause.None, feed.Decode(Encoding.UTF8.GetBytes(frame), batch));
        Assert.Equal(expected, feed.Decode(Encoding.UTF8.GetBytes(frame.Replace(from, to, StringComparison.Ordinal)), batch));
        if (expected != QuarantineCause.None) Assert.Equal(0, batch.Messages.Length + batch.Events.Length);
    }

    [Fact, Trait("requirement", "R15")]
    public void Every_change_keeps_the_sequence_of_its_own_and_price_zero_is_none()
    {
        var batch = new FeedBatch();
        var frame = Increment.Replace("[\"18906\",\"0.00331\",\"8\"]", "[\"18906\",\"1\",\"7\"],[\"0\",\"0\",\"8\"],[\"18907\",\"2\",\"8\"]", StringComparison.Ordinal);
        foreach (var text in (string[])[frame, frame.Replace("\"data\":{", "\"data\": {", StringComparison.Ordinal)])
        {
            Assert.Equal(QuarantineCause.None, FeedFixtures.CreateFeed("Kucoin").Decode(Encoding.ASCII.GetBytes(text), batch));
            Assert.True(batch.Messages[0].HasEventIds);
            Assert.Equal([7L, 8L], batch.Events.ToArray().Select(e => e.UpdateId));
        }
    }

    [Fact, Trait("requirement", "R17")]
    public void Prices_of_a_finely_priced_pair_are_kept_exactly_in_its_scale()
    {
        var table = new InstrumentTable();
        foreach (var instrument in Parse(File.ReadAllText(FeedFixtures.Fixture("Kucoin", "instruments.json")), [])) table.Add(instrument);
        var feed = new KucoinVenue().CreateFeed(new FeedContext(new VenueId(1), table));
        var batch = new FeedBatch(table);
        const string Frame = """{"data":{"sequenceStart":1,"symbol":"DAPPT-BTC","changes":{"asks":[["0.0000001121","5148.7223","1"]],"bids":[]},"sequenceEnd":1},"subject":"trade.l2update","topic":"/market/level2:DAPPT-BTC","type":"message"}""";
        Assert.Equal(QuarantineCause.None, feed.Decode(Encoding.ASCII.GetBytes(Frame), batch));
        Assert.Equal((1121L, 514_872_230_000L), (batch.Events[0].Price.Raw, batch.Events[0].Quantity.Raw));
    }

    [Fact, Trait("requirement", "R15"), Trait("requirement", "R37")]
    public void Recorded_increments_take_the_fast_path_and_nothing_allocates()
    {
        var table = new InstrumentTable { DiscoverUnknown = true };
        var feed = new KucoinVenue().CreateFeed(new FeedContext(new VenueId(1), table));
        var decoder = feed.GetType().GetField("_decoder", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(feed)!;
        var fast = decoder.GetType().GetMethod("TryDecodeFast", BindingFlags.Instance | BindingFlags.NonPublic)!.CreateDelegate<Fast>(decoder);
        byte[][] frames = [.. FeedFixtures.Recording(Recording).Where(e => e.Kind == "recv").Select(e => e.Data)];
        var batch = new FeedBatch();
        var slow = 0;
        foreach (var frame in frames)
        {
            batch.Reset();
            // 1 greeting, 13 acknowledgements, 509 tickers, 18 trades and 6 candles are not meant to; 66 levels finer than 1e-8 cannot.
            if (!fast(frame, batch)) slow++;
        }

        Assert.Equal(1 + 13 + 509 + 18 + 6 + frames.Count(f => Encoding.ASCII.GetString(f) is var t && t.Contains("level2:DAPPT", StringComparison.Ordinal) && IsFiner(t)), slow);
        foreach (var frame in frames) feed.Decode(frame, batch);
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var frame in frames) feed.Decode(frame, batch);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private delegate bool Fast(ReadOnlySpan<byte> frame, FeedBatch batch);

    private static bool IsFiner(string frame) =>
        System.Text.RegularExpressions.Regex.Match(frame, "\\[\"([0-9.]+)\"").Groups[1].Value is var price && price.Length > 10 && price[10..].Trim('0').Length > 0;

    private static string[] Frames(FrameWriter writer) =>
        [.. Enumerable.Range(0, writer.FrameCount).Select(i => Encoding.UTF8.GetString(writer.Frame(i)))];

    private static List<Instrument> Parse(string body, ICollection<string> skipped)
    {
        List<Instrument> instruments = [];
        Assert.Equal(QuarantineCause.None, FeedFixtures.Create("Kucoin").Instruments.Parse(new VenueId(1), Encoding.UTF8.GetBytes(body), instruments, skipped));
        return instruments;
    }
}
