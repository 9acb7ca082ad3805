using System.Text;
using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Transport;
using Penstock.MarketData.Ingest;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Venues.Bybit;

namespace Penstock.Tests.Venues.Bybit;

public class BybitFeedTests
{
    private const string Delta = """{"topic":"orderbook.50.BTCUSDT","type":"delta","ts":1687940967466,"data":{"s":"BTCUSDT","b":[["30247.20","30.028"]],"a":[],"u":7,"seq":66544703342},"cts":1687940967464}""";
    private const string Level1 = """{"topic":"orderbook.1.BTCUSDT","ts":1687940967466,"type":"snapshot","data":{"s":"BTCUSDT","b":[["30247.20","30.028"]],"a":[["30247.30","1"]],"u":7,"seq":66544703342},"cts":1687940967464}""";

    [Fact, Trait("requirement", "R23")]
    public void Spot_linear_and_inverse_are_listed_by_the_fields_each_has()
    {
        var list = Parse(File.ReadAllText(FeedFixtures.Fixture("Bybit", "instruments.json")), out var skipped);
        Assert.Equal(["NONEUSDT"], skipped);
        Assert.Equal(["BTC-USDT", "ETH-USDT-PERP", "BTC-USDC-PERP", "BTC-USDC-26DEC25", "BTC-USD-U21"], list.Select(i => i.Symbol));
        Assert.Equal(["BTCUSDT", "ETHUSDT", "BTCPERP", "BTC-26DEC25", "BTCUSDU21"], list.Select(i => i.VenueSymbol));
        Assert.Equal((Price.From(0.1m), Quantity.From(0.000001m), Quantity.From(0.000011m), Notional.From(5m)), (list[0].Tick, list[0].Lot, list[0].QuantityMin, list[0].NotionalMin));
        Assert.Equal((1, 6), (list[0].PriceDecimals, list[0].QuantityDecimals));
        Assert.Equal((Quantity.From(0.001m), Notional.From(5m)), (list[1].Lot, list[1].NotionalMin));
        Assert.Equal([InstrumentStatus.Trading, InstrumentStatus.Trading, InstrumentStatus.Halted, InstrumentStatus.Halted, InstrumentStatus.Delisted], list.Select(i => i.Status));
    }

    [Theory, Trait("requirement", "R23")]
    [InlineData("bybit-linear.cf-20210417.jsonl.gz", 4)]
    [InlineData("bybit-inverse.cf-20210417.jsonl.gz", 4)]
    public void The_recorded_lists_are_read_whole(string recording, int least)
    {
        var list = Parse(Encoding.UTF8.GetString(FeedFixtures.Recording(recording).First(e => e.Kind == "rest").Data), out var skipped);
        Assert.Empty(skipped);
        Assert.True(list.Count >= least);
        Assert.Equal(list.Count, list.Select(i => i.Symbol).Distinct().Count());
    }

    [Fact, Trait("requirement", "R17")]
    public void A_tick_finer_than_the_platforms_scale_gets_the_coarsest_scale_that_holds_it()
    {
        const string Listing = """{"retCode":0,"result":{"list":[{"symbol":"SATSUSDT","baseCoin":"SATS","quoteCoin":"USDT","status":"Trading","lotSizeFilter":{"basePrecision":"1","minOrderQty":"10"},"priceFilter":{"tickSize":"0.000000000050"}}]}}""";
        var instrument = Assert.Single(Parse(Listing, out _));
        Assert.Equal((11, 11, 5L, 8), (instrument.PriceScale, instrument.PriceDecimals, instrument.Tick.Raw, instrument.QuantityScale));

        var table = new InstrumentTable();
        table.Add(instrument);
        var feed = new BybitVenue().CreateFeed(new FeedContext(new VenueId(1), table));
        var batch = new FeedBatch(table);
        Assert.Equal(QuarantineCause.None, feed.Decode("""{"topic":"orderbook.50.SATSUSDT","type":"delta","ts":1,"data":{"s":"SATSUSDT","b":[["0.000000000150","7"]],"a":[],"u":7,"seq":1},"cts":1}"""u8, batch));
        Assert.Equal((15L, 700_000_000L), (batch.Events[0].Price.Raw, batch.Events[0].Quantity.Raw));
    }

    [Theory, Trait("requirement", "R20")]
    [InlineData("""{"retCode":10001,"retMsg":"params error","result":{}}""", QuarantineCause.VenueError)]
    [InlineData("""{"retCode":0,"result":{"list":[{""", QuarantineCause.Truncated)]
    [InlineData("""{"retCode":0,"result":{}}""", QuarantineCause.Malformed)]
    [InlineData("""{"retMsg":"OK","result":{"list":[]}}""", QuarantineCause.Malformed)]
    public void A_body_that_is_no_list_is_refused(string body, QuarantineCause expected) =>
        Assert.Equal(expected, new BybitVenue().Instruments.Parse(new VenueId(1), Encoding.UTF8.GetBytes(body), [], []));

    [Fact, Trait("requirement", "R20")]
    public void A_list_of_several_pages_says_that_it_is_one()
    {
        Parse("""{"retCode":0,"result":{"list":[],"nextPageCursor":"first%3DBTC"}}""", out var skipped);
        Assert.Equal(["(all after the first page)"], skipped);
    }

    [Fact, Trait("requirement", "R103")]
    public void Subscriptions_carry_what_the_venue_documents()
    {
        var feed = FeedFixtures.CreateFeed("Bybit");
        var instrument = Parse(File.ReadAllText(FeedFixtures.Fixture("Bybit", "instruments.json")), out _)[0];
        var writer = new FrameWriter();
        feed.WriteSubscribe([instrument], writer);
        Assert.Equal("""{"req_id":"1","op":"subscribe","args":["orderbook.50.BTCUSDT","publicTrade.BTCUSDT","orderbook.1.BTCUSDT"]}""", Frame(writer, 0));
        writer.Clear();
        feed.WriteResubscribe(instrument, writer);
        Assert.Equal("""{"req_id":"2","op":"unsubscribe","args":["orderbook.50.BTCUSDT"]}""", Frame(writer, 0));
        Assert.Equal("""{"req_id":"3","op":"subscribe","args":["orderbook.50.BTCUSDT"]}""", Frame(writer, 1));
        writer.Clear();
        Assert.True(feed.TryWritePing(writer));
        Assert.Equal("""{"req_id":"4","op":"ping"}""", Frame(writer, 0));
    }

    [Fact, Trait("requirement", "R112")]
    public void No_request_has_more_than_the_ten_topics_spot_takes()
    {
        var instrument = Parse(File.ReadAllText(FeedFixtures.Fixture("Bybit", "instruments.json")), out _)[0];
        var writer = new FrameWriter();
        FeedFixtures.CreateFeed("Bybit").WriteSubscribe([.. Enumerable.Repeat(instrument, 7)], writer);
        Assert.Equal([9, 9, 3], Enumerable.Range(0, writer.FrameCount).Select(i => Frame(writer, i).Split("BTCUSDT").Length - 1));
    }

    [Fact, Trait("requirement", "R103")]
    public void Spot_and_linear_share_names_of_instruments_but_no_socket()
    {
        var (spot, linear) = (new BybitVenue().Profile, new BybitLinearVenue().Profile);
        Assert.Equal("wss://stream.bybit.com/v5/public/spot", spot.Live.PublicStream.AbsoluteUri);
        Assert.Equal("wss://stream.bybit.com/v5/public/linear", linear.Live.PublicStream.AbsoluteUri);
        Assert.Equal("wss://stream.bybit.com/v5/trade", spot.Live.OrderEntry!.AbsoluteUri);
        Assert.Null(linear.Live.OrderEntry);
        Assert.Equal(("bybit", "linear"), (linear.Exchange, linear.Market));
        Assert.Equal((403, 403), (spot.BannedStatus, linear.BannedStatus));
        Assert.Contains("category=spot", new BybitVenue().Instruments.Request([]).PathAndQuery);
        Assert.Contains("category=linear", new BybitLinearVenue().Instruments.Request([]).PathAndQuery);
        Assert.Null(new BybitLinearVenue().CreateOrders(null!));
    }

    [Theory, Trait("requirement", "R21")]
    [InlineData("delta")]
    [InlineData("snapshot")]
    public void Id_1_is_the_whole_book_of_a_restarted_service_whatever_the_message_calls_itself(string type)
    {
        var batch = Decoded(Delta.Replace("delta", type).Replace("\"u\":7", "\"u\":1"));
        Assert.Equal((FeedMessageKind.BookSnapshot, 1L), (batch.Messages[0].Kind, batch.Messages[0].LastUpdateId));
        Assert.Equal(MarketEventKind.BookSnapshot, batch.Events[0].Kind);
    }

    [Fact, Trait("requirement", "R16")]
    public void The_matching_engines_time_counts_and_where_there_is_none_the_time_of_sending()
    {
        Assert.Equal(ExchangeTime.FromMs(1687940967464), Decoded(Delta).Messages[0].Time);
        Assert.Equal(ExchangeTime.FromMs(1687940967466), Decoded(Delta.Replace(",\"cts\":1687940967464", "")).Messages[0].Time);
    }

    [Fact, Trait("requirement", "R20")]
    public void A_carriage_return_at_the_end_is_white_space() => Assert.Equal(1, Decoded(Delta + "\r").Messages.Length);

    [Fact, Trait("requirement", "R20")]
    public void Level_1_is_the_best_bid_and_ask_and_never_touches_the_book()
    {
        Assert.Equal(FeedMessageKind.BestBidAsk, Decoded(Level1).Messages[0].Kind);
        Assert.Equal(FeedMessageKind.Ignored, Decoded(Level1.Replace("snapshot", "delta")).Messages[0].Kind);
        Assert.Equal(FeedMessageKind.Ignored, Decoded(Level1.Replace("[[\"30247.30\",\"1\"]]", "[]")).Messages[0].Kind);
    }

    /// <summary>Three ids of one time stamp, the hashes of which are in no order: all are trades, and a repeated message is none.</summary>
    [Fact, Trait("requirement", "R22")]
    public void Trades_of_one_time_stamp_all_count_and_a_repeated_message_counts_once()
    {
        static string Trade(string id) => $$"""{"T":1672304486865,"s":"BTCUSDT","S":"Buy","v":"0.001","p":"16578.50","L":"PlusTick","i":"{{id}}","BT":false,"seq":1}""";
        var frame = $$"""{"topic":"publicTrade.BTCUSDT","type":"snapshot","ts":1672304486868,"data":[{{Trade("20f43950-d8dd-5b31-9112-a178eb6023af")}},{{Trade("b862869b-24da-5eef-b6fa-bfbe32cbfc69")}},{{Trade("34a0c539-d0f2-5fac-8ceb-0737c5e36a0f")}}]}""";
        var bench = new BybitBookBench();
        bench.Receive(frame);
        bench.Receive(frame);
        Assert.Equal((3L, 3L, 0L), (bench.Ingest.Statistics.Trades, bench.Ingest.Statistics.Duplicate, bench.Ingest.Statistics.TradeIdGaps));
    }

    [Fact, Trait("requirement", "R21")]
    public void A_snapshot_before_its_acknowledgement_starts_the_book_and_a_later_one_replaces_it()
    {
        var bench = new BybitBookBench();
        bench.Book("snapshot", 100, "[\"10\",\"1\"]", "[\"11\",\"1\"]");
        bench.Receive("""{"success":true,"ret_msg":"subscribe","conn_id":"1","req_id":"1","op":"subscribe"}""");
        bench.Book("delta", 101, "[\"10\",\"2\"]", "");
        Assert.Equal((1, 0), (bench.Ingest.BooksSynced, bench.Control.Resubscribed));
        bench.Book("snapshot", 50, "[\"20\",\"1\"]", "[\"21\",\"1\"]");
        bench.Book("delta", 51, "[\"20\",\"0\"],[\"19\",\"3\"]", "");
        Assert.Equal((1, 0), (bench.Ingest.BooksSynced, bench.Control.Resubscribed));
        Assert.Equal("19 x 3 / 21 x 1", bench.Top());
        bench.Book("delta", 1, "[\"30\",\"1\"]", "[\"31\",\"1\"]");
        bench.Book("delta", 2, "", "[\"31\",\"2\"]");
        Assert.Equal("30 x 1 / 31 x 2", bench.Top());
    }

    [Fact, Trait("requirement", "R6"), Trait("requirement", "R7")]
    public void A_jump_of_ids_subscribes_anew_and_an_old_id_changes_nothing()
    {
        var bench = new BybitBookBench();
        bench.Book("snapshot", 100, "[\"10\",\"1\"]", "[\"11\",\"1\"]");
        bench.Book("delta", 100, "[\"10\",\"9\"]", "");
        bench.Book("delta", 99, "[\"10\",\"8\"]", "");
        Assert.Equal(("10 x 1 / 11 x 1", 2L, 0), (bench.Top(), bench.Ingest.Statistics.DeltasRepeated, bench.Control.Resubscribed));
        bench.Book("delta", 102, "[\"10\",\"7\"]", "");
        Assert.Equal((1L, 1, 0), (bench.Ingest.Statistics.Gaps, bench.Control.Resubscribed, bench.Ingest.BooksSynced));
        bench.Book("snapshot", 103, "[\"10\",\"5\"]", "[\"11\",\"1\"]");
        Assert.Equal(("10 x 5 / 11 x 1", 1), (bench.Top(), bench.Ingest.BooksSynced));
        Assert.Equal(0, bench.Ingest.Statistics.Unaccounted);
    }

    [Theory, Trait("requirement", "R20"), Trait("requirement", "R17")]
    [InlineData("\"u\":7", "\"u\":17843232920108168701", QuarantineCause.NumberOverflow)]
    [InlineData("\"u\":7", "\"u\":-9223372036854775808", QuarantineCause.NumberOutOfRange)]
    [InlineData("\"u\":7", "\"u\":7.5", QuarantineCause.Malformed)]
    [InlineData("\"u\":7", "\"u\":null", QuarantineCause.Malformed)]
    [InlineData("\"u\":7,", "", QuarantineCause.Malformed)]
    [InlineData("\"u\":7", "\"u\":7,\"u\":8", QuarantineCause.Malformed)]
    [InlineData("\"u\":7", "\"u\":\"7\"", QuarantineCause.None)]
    [InlineData("\"30247.20\"", "\"3.024720E4\"", QuarantineCause.None)]
    [InlineData("\"30247.20\"", "30247.20", QuarantineCause.None)]
    [InlineData("\"30247.20\"", "\"0\"", QuarantineCause.NumberOutOfRange)]
    [InlineData("\"30247.20\"", "\"1e-9\"", QuarantineCause.NumberUnrepresentable)]
    [InlineData("\"30247.20\"", "\"1e400\"", QuarantineCause.NumberOverflow)]
    [InlineData("\"30247.20\"", "\"\"", QuarantineCause.Malformed)]
    [InlineData("\"30247.20\"", "{}", QuarantineCause.Malformed)]
    [InlineData("[[\"30247.20\",\"30.028\"]]", "[[\"30247.20\"]]", QuarantineCause.Malformed)]
    [InlineData("[[\"30247.20\",\"30.028\"]]", "null", QuarantineCause.Malformed)]
    [InlineData("\"30.028\"", "\"-30.028\"", QuarantineCause.NumberOutOfRange)]
    [InlineData("\"cts\":1687940967464", "\"cts\":9223372036855", QuarantineCause.NumberOutOfRange)]
    [InlineData("\"cts\":1687940967464", "\"cts\":-1", QuarantineCause.NumberOutOfRange)]
    [InlineData("\"cts\":1687940967464", "\"cts\":1687940967464,\"new\":{\"b\":[1,{}]}", QuarantineCause.None)]
    [InlineData("\"s\":\"BTCUSDT\"", "\"s\":\"BTC\\u0055SDT\"", QuarantineCause.None)]
    [InlineData("\"s\":\"BTCUSDT\"", "\"s\":7", QuarantineCause.Malformed)]
    [InlineData("\"type\":\"delta\"", "\"type\":\"novelty\"", QuarantineCause.Malformed)]
    [InlineData("orderbook.50.BTCUSDT", "orderbook.BTCUSDT", QuarantineCause.UnknownChannel)]
    [InlineData("orderbook.50.BTCUSDT", "orderbook.50.", QuarantineCause.UnknownInstrument)]
    [InlineData("\"orderbook.50.BTCUSDT\"", "7", QuarantineCause.Malformed)]
    public void A_value_no_honest_venue_sends_is_refused_for_its_own_reason(string from, string to, QuarantineCause expected)
    {
        Assert.Contains(from, Delta, StringComparison.Ordinal);
        var batch = new FeedBatch();
        Assert.Equal(expected, FeedFixtures.CreateFeed("Bybit").Decode(Encoding.UTF8.GetBytes(Delta.Replace(from, to)), batch));
        Assert.Equal(expected == QuarantineCause.None ? 1 : 0, batch.Messages.Length);
    }

    private static FeedBatch Decoded(string frame)
    {
        var batch = new FeedBatch();
        Assert.Equal(QuarantineCause.None, FeedFixtures.CreateFeed("Bybit").Decode(Encoding.UTF8.GetBytes(frame), batch));
        return batch;
    }

    private static string Frame(FrameWriter writer, int index) => Encoding.UTF8.GetString(writer.Frame(index));

    private static List<Instrument> Parse(string body, out List<string> skipped)
    {
        List<Instrument> instruments = [];
        skipped = [];
        Assert.Equal(QuarantineCause.None, new BybitVenue().Instruments.Parse(new VenueId(1), Encoding.UTF8.GetBytes(body), instruments, skipped));
        return instruments;
    }
}
