using System.Text;
using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.Tests.Venues.Bitstamp;

public class BitstampFeedTests
{
    private const string Recording = "bitstamp-spot.cf-20220105.jsonl.gz";

    private const string Levels = """
        {"data":{"timestamp":"1772723362","microtimestamp":"1772723362377013","bids":[["2087.28","0.500000"],["2087.19","0.00000000"]],"asks":[["2087.29","6.330796"]]},"channel":"$","event":"data"}
        """;

    [Fact, Trait("requirement", "R23")]
    public void Markets_are_listed_with_the_steps_their_decimals_stand_for()
    {
        var list = Parse(File.ReadAllText(FeedFixtures.Fixture("Bitstamp", "instruments.json")), out var skipped);
        Assert.Equal(["NONE", "FINE/USD", "BAD/USD"], skipped);
        Assert.Equal(["BTC-USD", "USDT-USD", "1INCH-USD", "BTC-USD-PERP", "ETH-BTC"], list.Select(i => i.Symbol));
        Assert.Equal(["btcusd", "usdtusd", "1inchusd", "btcusd-perp", "ethbtc"], list.Select(i => i.VenueSymbol));
        Assert.Equal(["BTC/USD", "USDT/USD", "1INCH/USD", "BTC/USD", "ETH/BTC"], list.Select(i => $"{i.Base}/{i.Quote}"));
        Assert.Equal((Price.From(1m), Quantity.From(0.00000001m), Quantity.From(0.000001m), Notional.From(10m)), (list[0].Tick, list[0].Lot, list[0].QuantityMin, list[0].NotionalMin));
        Assert.Equal((Price.From(0.00001m), Quantity.From(0.00001m), Notional.From(10.5m)), (list[1].Tick, list[1].Lot, list[1].NotionalMin));
        Assert.Equal(Notional.From(0.0002m), list[4].NotionalMin);
        Assert.Equal([InstrumentStatus.Trading, InstrumentStatus.Trading, InstrumentStatus.Halted, InstrumentStatus.Unknown, InstrumentStatus.Trading], list.Select(i => i.Status));
    }

    [Fact, Trait("requirement", "R23")]
    public void The_recorded_list_is_read_whole()
    {
        var (_, _, body) = FeedFixtures.Recording(Recording).First(e => e.Url.EndsWith("/trading-pairs-info/", StringComparison.Ordinal));
        var list = Parse(Encoding.UTF8.GetString(body), out var skipped);
        Assert.Equal((140, 0), (list.Count, skipped.Count));
        Assert.Equal("BTC-USD", list[0].Symbol);
        Assert.All(list, i => Assert.True(i.NotionalMin.Raw > 0 && i.Status == InstrumentStatus.Trading));
    }

    [Theory, Trait("requirement", "R20")]
    [InlineData("""{"status":"error","reason":"Invalid signature","code":"API0005"}""", QuarantineCause.VenueError)]
    [InlineData("""[{"name":"BTC/USD",""", QuarantineCause.Truncated)]
    [InlineData("7", QuarantineCause.Malformed)]
    [InlineData("<html>", QuarantineCause.Malformed)]
    public void A_body_that_is_no_list_is_refused(string body, QuarantineCause expected) =>
        Assert.Equal(expected, FeedFixtures.Create("Bitstamp").Instruments.Parse(new VenueId(1), Encoding.UTF8.GetBytes(body), [], []));

    [Fact, Trait("requirement", "R103")]
    public void Each_channel_is_subscribed_by_a_frame_of_its_own()
    {
        var feed = FeedFixtures.CreateFeed("Bitstamp");
        var instruments = Parse(File.ReadAllText(FeedFixtures.Fixture("Bitstamp", "instruments.json")), out _);
        var writer = new FrameWriter();
        feed.WriteSubscribe([instruments[0], instruments[3]], writer);
        Assert.Equal(
            ["""{"event":"bts:subscribe","data":{"channel":"diff_order_book_btcusd"}}""", """{"event":"bts:subscribe","data":{"channel":"live_trades_btcusd"}}""",
            """{"event":"bts:subscribe","data":{"channel":"diff_order_book_btcusd-perp"}}""", """{"event":"bts:subscribe","data":{"channel":"live_trades_btcusd-perp"}}"""],
            Frames(writer));
        writer.Clear();
        feed.WriteResubscribe(instruments[0], writer);
        Assert.Equal(["""{"event":"bts:unsubscribe","data":{"channel":"diff_order_book_btcusd"}}""", """{"event":"bts:subscribe","data":{"channel":"diff_order_book_btcusd"}}"""], Frames(writer));
        writer.Clear();
        Assert.True(feed.TryWritePing(writer));
        Assert.Equal(["""{"event":"bts:heartbeat"}"""], Frames(writer));
        var request = feed.SnapshotRequest(instruments[0])!;
        Assert.Equal(("GET", "/api/v2/order_book/btcusd/?group=1"), (request.Method.Method, request.PathAndQuery));
    }

    [Fact, Trait("requirement", "R15")]
    public void The_same_json_is_a_change_or_the_whole_book_by_the_channels_name_alone()
    {
        var batch = new FeedBatch();
        foreach (var (channel, kind, level) in new[]
        {
            ("diff_order_book_ethusd", FeedMessageKind.BookDelta, MarketEventKind.BookDelta), ("order_book_ethusd", FeedMessageKind.FullBook, MarketEventKind.BookSnapshot),
        })
        {
            Assert.Equal(QuarantineCause.None, FeedFixtures.CreateFeed("Bitstamp").Decode(Frame(channel), batch));
            var message = Assert.Single(batch.Messages.ToArray());
            Assert.Equal((kind, 3, 1772723362377013), (message.Kind, message.Count, message.LastUpdateId));
            Assert.Equal(1772723362377013000, message.Time.UnixNs);
            Assert.All(batch.Events.ToArray(), e => Assert.Equal(level, e.Kind));
            Assert.Equal((0L, Side.Buy), (batch.Events[1].Quantity.Raw, batch.Events[1].Side)); // in a diff: a delete
        }

        Assert.Equal(QuarantineCause.UnknownChannel, FeedFixtures.CreateFeed("Bitstamp").Decode(Frame("xdiff_order_book_ethusd"), batch));
    }

    [Fact, Trait("requirement", "R17")]
    public void Prices_finer_than_the_usual_scale_are_kept_exactly()
    {
        var shib = Parse("""[{"name":"SHIB/USD","market_symbol":"shibusd","base_decimals":0,"counter_decimals":10,"minimum_order_value":"10","trading":"Enabled","market_type":"SPOT"}]""", out _)[0];
        Assert.Equal((10, 1L, 8, Quantity.From(1m)), (shib.PriceScale, shib.Tick.Raw, shib.QuantityScale, shib.Lot));
        var table = new InstrumentTable();
        table.Add(shib);
        var feed = FeedFixtures.Create("Bitstamp").CreateFeed(new FeedContext(new VenueId(1), table));
        var batch = new FeedBatch(table);
        Assert.Equal(QuarantineCause.None, feed.Decode(Encoding.UTF8.GetBytes(
            """{"data":{"timestamp":"1","microtimestamp":"1","bids":[["0.0000081234","1000.00000000"],["0.0000081230","0.00000000"]],"asks":[]},"channel":"diff_order_book_shibusd","event":"data"}"""), batch));
        Assert.Equal([81234L, 81230L], batch.Events.ToArray().Select(e => e.Price.Raw));
        Assert.Equal(Quantity.From(1000m), batch.Events[0].Quantity);
    }

    [Theory, Trait("requirement", "R20")]
    [InlineData("\"bids\":[", "\"bids\":[],\"bids\":[", QuarantineCause.Malformed)]
    [InlineData("\"event\"", "\"event\":\"data\",\"event\"", QuarantineCause.Malformed)]
    [InlineData("\"2087.28\"", "\"1e400\"", QuarantineCause.NumberOverflow)]
    [InlineData("\"2087.28\"", "2087.28", QuarantineCause.None)]
    [InlineData("\"2087.28\"", "{}", QuarantineCause.Malformed)]
    [InlineData("\"1772723362377013\"", "\"-1\"", QuarantineCause.NumberOutOfRange)]
    [InlineData("\"1772723362377013\"", "1772723362377013", QuarantineCause.None)]
    [InlineData("\"1772723362\"", "null", QuarantineCause.None)]
    [InlineData("ethusd", "eth\\u0075sd", QuarantineCause.None)]
    [InlineData("ethusd", "", QuarantineCause.UnknownInstrument)]
    [InlineData("\"data\"}", "\"data\",\"zzz\":[[[{}]]]}", QuarantineCause.None)]
    public void A_value_no_honest_venue_sends_is_refused_for_its_own_reason(string from, string to, QuarantineCause expected)
    {
        var batch = new FeedBatch();
        var frame = Encoding.UTF8.GetString(Frame("diff_order_book_ethusd"));
        Assert.Contains(from, frame, StringComparison.Ordinal);
        Assert.Equal(expected, FeedFixtures.CreateFeed("Bitstamp").Decode(Encoding.UTF8.GetBytes(frame.Replace(from, to, StringComparison.Ordinal)), batch));
        Assert.Equal(expected == QuarantineCause.None ? 3 : 0, batch.Events.Length);
    }

    [Theory, Trait("requirement", "R21")]
    [InlineData("https://www.bitstamp.net/api/v2/order_book/ethusd", true)]
    [InlineData("https://www.bitstamp.net/api/v2/order_book/ethusd/", true)]
    [InlineData("https://www.bitstamp.net/api/v2/order_book/ethusd/?group=1", true)]
    [InlineData("https://www.bitstamp.net/api/v2/order_book/", false)]
    [InlineData("https://www.bitstamp.net/api/v2/order_book/other/", false)]
    [InlineData("https://www.bitstamp.net/api/v2/ticker/ethusd/", false)]
    public void A_recorded_url_says_whose_book_it_is(string url, bool isBook)
    {
        Assert.Equal(isBook, FeedFixtures.CreateFeed("Bitstamp").TrySnapshotInstrument(new Uri(url), out var instrument));
        Assert.Equal(isBook ? 2 : 0, instrument.Value);
    }

    [Theory, Trait("requirement", "R20")]
    [InlineData("""{"timestamp": "1643643584", "microtimestamp": "1643643584684047", "bids": [["9484.34", "1.00000000"]], "asks": [["9485.00", "0.10000000"]]}""", QuarantineCause.None)]
    [InlineData("""{"timestamp":"1643643584","microtimestamp":"1643643584684047","bids":[["9484.34","1.00000000"]]}""", QuarantineCause.Malformed)]
    [InlineData("""{"timestamp":"1643643584","bids":[],"asks":[]}""", QuarantineCause.Malformed)]
    [InlineData("""{"status":"error","reason":"Not found","code":"404.003"}""", QuarantineCause.VenueError)]
    [InlineData("[]", QuarantineCause.Malformed)]
    [InlineData("", QuarantineCause.Truncated)]
    public void A_rest_book_becomes_one_snapshot_or_nothing(string body, QuarantineCause expected)
    {
        var batch = new FeedBatch();
        var instrument = Parse(File.ReadAllText(FeedFixtures.Fixture("Bitstamp", "instruments.json")), out _)[0] with { Id = new InstrumentId(1) };
        Assert.Equal(expected, FeedFixtures.CreateFeed("Bitstamp").DecodeSnapshot(instrument, Encoding.UTF8.GetBytes(body), batch));
        if (expected != QuarantineCause.None) Assert.Equal(0, batch.Messages.Length + batch.Events.Length);
        else Assert.Equal((FeedMessageKind.BookSnapshot, 1643643584684047, 2), (batch.Messages[0].Kind, batch.Messages[0].LastUpdateId, batch.Messages[0].Count));
    }

    private static byte[] Frame(string channel) => Encoding.UTF8.GetBytes(Levels.Trim().Replace("$", channel, StringComparison.Ordinal));

    private static string[] Frames(FrameWriter writer) =>
        [.. Enumerable.Range(0, writer.FrameCount).Select(i => Encoding.UTF8.GetString(writer.Frame(i)))];

    private static List<Instrument> Parse(string body, out List<string> skipped)
    {
        List<Instrument> instruments = [];
        skipped = [];
        Assert.Equal(QuarantineCause.None, FeedFixtures.Create("Bitstamp").Instruments.Parse(new VenueId(1), Encoding.UTF8.GetBytes(body), instruments, skipped));
        return instruments;
    }
}
