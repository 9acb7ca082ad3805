using System.Text;
using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Venues.Gateio;

namespace Penstock.Tests.Venues.Gateio;

public class GateioFeedTests
{
    /// <summary>The fixture and two pairs finer than the platform's scale.</summary>
    private static string Listing => File.ReadAllText(FeedFixtures.Fixture("Gateio", "instruments.json")).TrimEnd(' ', '\n', ']') + """
        ,
        {"id":"PEPE_ETH","base":"PEPE","quote":"ETH","fee":"0.2","min_quote_amount":"0.001","amount_precision":1,"precision":12,"trade_status":"tradable","sell_start":0,"buy_start":0},
        {"id":"DUST_BTC","base":"DUST","quote":"BTC","min_base_amount":"0.000000001","amount_precision":10,"precision":8,"trade_status":"untradable"}]
        """;

    [Fact, Trait("requirement", "R23")]
    public void Steps_are_counts_of_decimals_and_finer_prices_keep_their_own_scale()
    {
        var list = Parse(Listing, out var skipped);
        Assert.Equal(["TINY_USDT", "NONE_USDT"], skipped);
        Assert.Equal(["BTC-USDT", "ETH-USDT", "PEPE-ETH", "DUST-BTC"], list.Select(i => i.Symbol));
        Assert.Equal(["BTC_USDT", "ETH_USDT", "PEPE_ETH", "DUST_BTC"], list.Select(i => i.VenueSymbol));
        Assert.Equal((Price.From(0.1m), Quantity.From(0.000001m), Quantity.From(0.0001m), 1, 6),
            (list[0].Tick, list[0].Lot, list[0].QuantityMin, list[0].PriceDecimals, list[0].QuantityDecimals));
        Assert.Equal((Notional.From(3m), Notional.From(1m), Quantity.Zero), (list[0].NotionalMin, list[1].NotionalMin, list[1].QuantityMin));
        Assert.Equal([InstrumentStatus.Trading, InstrumentStatus.Halted, InstrumentStatus.Trading, InstrumentStatus.Halted], list.Select(i => i.Status));
        Assert.Equal((12, 1L, 12, 8), (list[2].PriceScale, list[2].Tick.Raw, list[2].PriceDecimals, list[2].QuantityScale));
        Assert.Equal((10, 1L, 10L), (list[3].QuantityScale, list[3].Lot.Raw, list[3].QuantityMin.Raw));
        Assert.True(list[0].HasUsualScales && !list[2].HasUsualScales && !list[3].HasUsualScales);
    }

    [Fact, Trait("requirement", "R23")]
    public void The_recorded_list_is_read_whole()
    {
        var body = FeedFixtures.Recording("gateio-spot.cf-20210422.jsonl.gz").First(e => e.Kind == "rest").Data;
        var list = Parse(Encoding.UTF8.GetString(body), out var skipped);
        Assert.Empty(skipped);
        Assert.Equal(1458, list.Count);
        Assert.Equal(129, list.Count(i => i.PriceScale > FixedPoint.Decimals)); // 127 pairs with nine decimals, 2 with ten
    }

    [Theory, Trait("requirement", "R20")]
    [InlineData("""{"label":"SERVER_ERROR","message":"Internal server error"}""", QuarantineCause.VenueError)]
    [InlineData("""[{"id":""", QuarantineCause.Truncated)]
    [InlineData("""{}""", QuarantineCause.Malformed)]
    public void A_body_that_is_no_list_is_refused(string body, QuarantineCause expected) =>
        Assert.Equal(expected, FeedFixtures.Create("Gateio").Instruments.Parse(new VenueId(1), Encoding.UTF8.GetBytes(body), [], []));

    [Fact, Trait("requirement", "R103")]
    public void Every_request_names_the_venues_own_time_as_last_heard()
    {
        var feed = FeedFixtures.CreateFeed("Gateio");
        var writer = new FrameWriter();
        var instruments = Parse(Listing, out _);
        Assert.Equal("/api/v4/spot/time", feed.ConnectRequest()!.PathAndQuery);
        Assert.False(feed.AcceptConnect("{\"label\":\"TOO_BUSY\"}"u8));
        Assert.False(feed.AcceptConnect("{\"server_time\":-1}"u8));
        Assert.True(feed.AcceptConnect("{\"server_time\":1597026383085}"u8));
        feed.Reset();
        feed.WriteSubscribe([instruments[0], instruments[1]], writer);
        Assert.Equal(
        [
            """{"time":1597026383,"id":1,"channel":"spot.obu","event":"subscribe","payload":["ob.BTC_USDT.400"]}""",
            """{"time":1597026383,"id":2,"channel":"spot.obu","event":"subscribe","payload":["ob.ETH_USDT.400"]}""",
            """{"time":1597026383,"id":3,"channel":"spot.trades","event":"subscribe","payload":["BTC_USDT","ETH_USDT"]}""",
            """{"time":1597026383,"id":4,"channel":"spot.book_ticker","event":"subscribe","payload":["BTC_USDT","ETH_USDT"]}""",
        ], Frames(writer));

        // A day later: streamed books tell milliseconds, everything else seconds as well.
        var batch = new FeedBatch();
        Assert.Equal(QuarantineCause.None, feed.Decode("""{"channel":"spot.obu","result":{"t":1597112783000,"s":"ob.BTC_USDT.400","U":1,"u":2,"b":[],"a":[]},"time_ms":1597112783999}"""u8, batch));
        feed.WriteResubscribe(instruments[0], writer);
        Assert.Equal(
        [
            """{"time":1597112783,"id":5,"channel":"spot.obu","event":"unsubscribe","payload":["ob.BTC_USDT.400"]}""",
            """{"time":1597112783,"id":6,"channel":"spot.obu","event":"subscribe","payload":["ob.BTC_USDT.400"]}""",
        ], Frames(writer));
        Assert.Equal(QuarantineCause.None, feed.Decode("""{"time":1597112790,"channel":"spot.pong","event":"","result":null}"""u8, batch));
        Assert.True(feed.TryWritePing(writer));
        Assert.Equal(["""{"time":1597112790,"channel":"spot.ping"}"""], Frames(writer));
    }

    [Theory, Trait("requirement", "R15")]
    [InlineData("1606292218213.4578", 1606292218213457800)]
    [InlineData("1606292218213", 1606292218213000000)]
    [InlineData("1606292218213.123456789", 1606292218213123456)]
    [InlineData("1606292218213.", -1)]
    [InlineData(".5", -1)]
    [InlineData("", -1)]
    [InlineData("1606292218213.4.5", -1)]
    [InlineData("-1606292218213", -1)]
    [InlineData("1e3", -1)]
    [InlineData("99999999999999999999", -1)]
    public void Milliseconds_with_a_point_become_nanoseconds(string text, long expectedNs)
    {
        Assert.Equal(expectedNs >= 0, GateioTime.TryParseMs(Encoding.ASCII.GetBytes(text), out var time));
        Assert.Equal(Math.Max(0, expectedNs), time.UnixNs);
    }

    [Fact, Trait("requirement", "R17")]
    public void Prices_finer_than_the_platforms_scale_are_read_in_the_instruments_own()
    {
        var table = new InstrumentTable();
        foreach (var instrument in Parse(Listing, out _)) table.Add(instrument);
        var feed = FeedFixtures.Create("Gateio").CreateFeed(new FeedContext(new VenueId(1), table));
        var batch = new FeedBatch(table);
        Assert.Equal(QuarantineCause.None, feed.Decode("""{"channel":"spot.obu","result":{"t":1,"s":"ob.PEPE_ETH.400","U":1,"u":2,"b":[["0.000000001234","5.5"]],"a":[["0.1","1"]]},"time_ms":1}"""u8, batch));
        Assert.Equal((1234L, 550_000_000L, 100_000_000_000L), (batch.Events[0].Price.Raw, batch.Events[0].Quantity.Raw, batch.Events[1].Price.Raw));
        Assert.Equal(QuarantineCause.NumberUnrepresentable, feed.Decode("""{"channel":"spot.obu","result":{"t":1,"s":"ob.PEPE_ETH.400","U":3,"u":3,"b":[["0.0000000000005","1"]],"a":[]},"time_ms":1}"""u8, batch));
    }

    [Fact, Trait("requirement", "R37")]
    public void Recorded_frames_take_the_fast_path_except_those_meant_not_to()
    {
        const System.Reflection.BindingFlags Hidden = System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic;
        var decoder = new GateioFeedDecoder(new FeedContext(new VenueId(1), new InstrumentTable { DiscoverUnknown = true }));
        var fast = typeof(GateioFeedDecoder).GetMethod("TryDecodeFast", Hidden)!.CreateDelegate<Fast>(decoder);
        var batch = new FeedBatch();
        var others = 0;
        foreach (var (kind, _, frame) in FeedFixtures.Recording("gateio-spot.cf-20210422.jsonl.gz"))
        {
            batch.Reset();
            if (kind == "recv" && !fast(frame, batch)) others++;
        }

        Assert.Equal(36 + 3, others); // 22 acknowledgements, 8 tickers, 6 candles; and the three books with ten decimals
    }

    private delegate bool Fast(ReadOnlySpan<byte> frame, FeedBatch batch);

    [Fact, Trait("requirement", "R17")]
    public void Sizes_finer_than_the_platforms_scale_are_cut_and_counted_as_the_rule_says()
    {
        Assert.All([GateioBookSync.Streamed, GateioBookSync.Classic], rule => Assert.True(rule.QuantitiesAreDoubles));
        var batch = new FeedBatch { CutsQuantities = true };
        Assert.Equal(QuarantineCause.None, FeedFixtures.CreateFeed("Gateio").Decode(
            """{"time":1,"channel":"spot.order_book_update","event":"update","result":{"t":1,"e":"depthUpdate","E":1,"s":"GT_USDT","U":1,"u":1,"b":[["7.8","153.1893464532"],["7.7","0.0000000001"]],"a":[]}}"""u8, batch));
        Assert.Equal([15_318_934_645L, 1L], batch.Events.ToArray().Select(e => e.Quantity.Raw));
        Assert.Equal(2, batch.QuantitiesCut);
    }

    [Theory, Trait("requirement", "R20"), Trait("requirement", "R17")]
    [InlineData("\"p\"", "\"1e-9\"", QuarantineCause.NumberUnrepresentable)]
    [InlineData("\"p\"", "\"1e400\"", QuarantineCause.NumberOverflow)]
    [InlineData("\"p\"", "\"15e-1\"", QuarantineCause.None)]
    [InlineData("\"p\"", "\"0\"", QuarantineCause.NumberOutOfRange)]
    [InlineData("\"p\"", "\"\"", QuarantineCause.Malformed)]
    [InlineData("\"p\"", "null", QuarantineCause.Malformed)]
    [InlineData("\"p\"", "{}", QuarantineCause.Malformed)]
    [InlineData("\"U\":7", "\"U\":12345678901234567890123456", QuarantineCause.NumberOverflow)]
    [InlineData("\"U\":7", "\"U\":null", QuarantineCause.Malformed)]
    [InlineData("\"U\":7", "\"x\":7", QuarantineCause.Malformed)]
    [InlineData("\"U\":7", "\"U\":7,\"U\":7", QuarantineCause.Malformed)]
    [InlineData("\"t\":1", "\"t\":-1", QuarantineCause.NumberOutOfRange)]
    [InlineData("ob.BTC_USDT.400", "ob.BTC_USDT.50", QuarantineCause.None)]
    [InlineData("ob.BTC_USDT.400", "BTC_USDT", QuarantineCause.None)]
    [InlineData("ob.BTC_USDT.400", "ob.BTC_USDT", QuarantineCause.UnknownInstrument)]
    [InlineData("ob.BTC_USDT.400", "ob..400", QuarantineCause.UnknownInstrument)]
    [InlineData("ob.BTC_USDT.400", "", QuarantineCause.UnknownInstrument)]
    [InlineData("\"ob.BTC_USDT.400\"", "5", QuarantineCause.Malformed)]
    [InlineData("[[\"p\",\"2\"]]", "[[\"1\"]]", QuarantineCause.Malformed)]
    [InlineData("[[\"p\",\"2\"]]", "{}", QuarantineCause.Malformed)]
    [InlineData("[[\"p\",\"2\"]]", "[[\"1.5\",\"2\",\"7\",{}]]", QuarantineCause.None)]
    [InlineData("\"time_ms\":1", "\"time_ms\":{},\"new\":[1,{}]", QuarantineCause.None)]
    public void A_value_no_honest_venue_sends_is_refused_for_its_own_reason(string from, string to, QuarantineCause expected)
    {
        const string Template = """{"channel":"spot.obu","result":{"t":1,"s":"ob.BTC_USDT.400","U":7,"u":8,"b":[["p","2"]],"a":[]},"time_ms":1}""";
        Assert.Contains(from, Template, StringComparison.Ordinal);
        var batch = new FeedBatch();
        var frame = Template.Replace(from, to, StringComparison.Ordinal).Replace("\"p\"", "\"1.5\"", StringComparison.Ordinal);
        Assert.Equal(expected, FeedFixtures.CreateFeed("Gateio").Decode(Encoding.UTF8.GetBytes(frame), batch));
        if (expected != QuarantineCause.None) Assert.Equal(0, batch.Messages.Length + batch.Events.Length);
    }

    [Fact, Trait("requirement", "R20")]
    public void The_rest_book_is_the_base_of_the_classic_channel()
    {
        var feed = FeedFixtures.CreateFeed("Gateio");
        var batch = new FeedBatch();
        var instrument = new Instrument
        {
            Id = new InstrumentId(2), Venue = new VenueId(1), Symbol = "ETH-USDT", VenueSymbol = "ETH_USDT", Base = default, Quote = default, Tick = new(1), Lot = new(1),
        };
        Assert.Equal("/api/v4/spot/order_book?currency_pair=ETH_USDT&limit=100&with_id=true", feed.SnapshotRequest(instrument)!.PathAndQuery);
        Assert.Equal(QuarantineCause.None, feed.DecodeSnapshot(instrument, """{"id":123456,"current":1623898993123,"update":1623898993121,"asks":[["1.52","1.151"]],"bids":[["1.17","201.863"]]}"""u8, batch));
        Assert.Equal((FeedMessageKind.BookSnapshot, 123456L, 1623898993121000000L), (batch.Messages[0].Kind, batch.Messages[0].LastUpdateId, batch.Messages[0].Time.UnixNs));
        Assert.Equal([Side.Sell, Side.Buy], batch.Events.ToArray().Select(e => e.Side));
        Assert.Equal(QuarantineCause.VenueError, feed.DecodeSnapshot(instrument, """{"label":"INVALID_CURRENCY_PAIR","message":"x"}"""u8, batch));
        Assert.Equal(QuarantineCause.Malformed, feed.DecodeSnapshot(instrument, """{"asks":[],"bids":[]}"""u8, batch)); // without with_id there is no id
        Assert.True(feed.TrySnapshotInstrument(new Uri("https://api.gateio.ws/api/v4/spot/order_book?currency_pair=ETH_USDT&limit=100&with_id=true"), out var named));
        Assert.Equal(new InstrumentId(2), named);
        Assert.False(feed.TrySnapshotInstrument(new Uri("https://api.gateio.ws/api/v4/spot/currency_pairs"), out _));
        Assert.False(feed.TrySnapshotInstrument(new Uri("https://api.gateio.ws/api/v4/spot/order_book?limit=100"), out _));
    }

    private static List<string> Frames(FrameWriter writer)
    {
        var frames = Enumerable.Range(0, writer.FrameCount).Select(i => Encoding.UTF8.GetString(writer.Frame(i))).ToList();
        writer.Clear();
        return frames;
    }

    private static List<Instrument> Parse(string body, out List<string> skipped)
    {
        List<Instrument> instruments = [];
        skipped = [];
        Assert.Equal(QuarantineCause.None, FeedFixtures.Create("Gateio").Instruments.Parse(new VenueId(1), Encoding.UTF8.GetBytes(body), instruments, skipped));
        return instruments;
    }
}
