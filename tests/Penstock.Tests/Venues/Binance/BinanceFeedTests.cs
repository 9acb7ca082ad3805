using System.Text;
using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Venues.Binance;

namespace Penstock.Tests.Venues.Binance;

public class BinanceFeedTests
{
    private const string ExchangeInfo = """
        {"timezone":"UTC","symbols":[
          {"symbol":"BTCUSDT","status":"TRADING","baseAsset":"BTC","quoteAsset":"USDT","quotePrecision":8,"filters":[
            {"filterType":"PRICE_FILTER","minPrice":"0.01000000","maxPrice":"1000000.00000000","tickSize":"0.01000000"},
            {"filterType":"LOT_SIZE","minQty":"0.00002000","maxQty":"9000.00000000","stepSize":"0.00001000"},
            {"filterType":"NOTIONAL","minNotional":"5.00000000","applyMinToMarket":true}]},
          {"symbol":"OLDBTC","status":"BREAK","baseAsset":"OLD","quoteAsset":"BTC","filters":[
            {"filterType":"PRICE_FILTER","tickSize":"0.00000100"},{"filterType":"LOT_SIZE","minQty":"1","stepSize":"1"},
            {"filterType":"MIN_NOTIONAL","minNotional":"0.00010000"}]},
          {"symbol":"BLZUSDT","contractType":"PERPETUAL","status":"TRADING","baseAsset":"BLZ","quoteAsset":"USDT","pricePrecision":5,"filters":[
            {"filterType":"PRICE_FILTER","tickSize":"0.0001"},{"filterType":"LOT_SIZE","minQty":"1","stepSize":"1"},
            {"filterType":"MIN_NOTIONAL","notional":"5.0"}]},
          {"symbol":"FREEUSDT","status":"TRADING","baseAsset":"FREE","quoteAsset":"USDT","filters":[
            {"filterType":"PRICE_FILTER","tickSize":"0"},{"filterType":"LOT_SIZE","minQty":"1","stepSize":"1"}]},
          {"symbol":"TINYUSDT","status":"TRADING","baseAsset":"TINY","quoteAsset":"USDT","filters":[
            {"filterType":"PRICE_FILTER","tickSize":"0.0000000001"},{"filterType":"LOT_SIZE","minQty":"1","stepSize":"1"}]}]}
        """;

    [Fact, Trait("requirement", "R23"), Trait("requirement", "P11")]
    public void Ticks_and_lots_come_from_the_filters_and_not_from_the_precisions()
    {
        var list = Parse(ExchangeInfo, out var skipped);
        Assert.Equal(["FREEUSDT", "TINYUSDT"], skipped);
        Assert.Equal(["BTC-USDT", "OLD-BTC", "BLZ-USDT-PERP"], list.Select(i => i.Symbol));
        Assert.Equal((Price.From(0.01m), Quantity.From(0.00001m), Quantity.From(0.00002m)), (list[0].Tick, list[0].Lot, list[0].QuantityMin));
        Assert.Equal((2, 5, Notional.From(5m)), (list[0].PriceDecimals, list[0].QuantityDecimals, list[0].NotionalMin));
        Assert.Equal((InstrumentStatus.Halted, Notional.From(0.0001m)), (list[1].Status, list[1].NotionalMin));
        Assert.Equal((Price.From(0.0001m), Notional.From(5m)), (list[2].Tick, list[2].NotionalMin));
    }

    [Fact, Trait("requirement", "R23")]
    public void The_recorded_list_is_read_whole()
    {
        var body = FeedFixtures.Recording("binance-spot.cf-20211012.jsonl.gz").First(e => e.Kind == "rest").Data;
        var list = Parse(Encoding.UTF8.GetString(body), out var skipped);
        Assert.Empty(skipped);
        Assert.True(list.Count > 1000);
        Assert.Equal(list.Count, list.Select(i => i.VenueSymbol).Distinct().Count());
        Assert.Equal(Price.From(0.0001m), list.Single(i => i.VenueSymbol == "NKNUSDT").Tick);
    }

    [Fact, Trait("requirement", "R21")]
    public void A_rest_book_becomes_one_snapshot()
    {
        var feed = FeedFixtures.CreateFeed("Binance");
        var batch = new FeedBatch();
        var instrument = Parse(ExchangeInfo, out _)[0] with { Id = new InstrumentId(2) };
        Assert.Equal("/api/v3/depth?symbol=BTCUSDT&limit=1000", feed.SnapshotRequest(instrument)!.PathAndQuery);
        var body = """{"asks":[["4.00000200","12.00000000"]],"bids":[["4.00000000","431.00000000"],["3","1"]],"lastUpdateId":1027024}"""u8;
        Assert.Equal(QuarantineCause.None, feed.DecodeSnapshot(instrument, body, batch));
        var message = Assert.Single(batch.Messages.ToArray());
        Assert.Equal((FeedMessageKind.BookSnapshot, new InstrumentId(2), 1027024L, 3), (message.Kind, message.Instrument, message.LastUpdateId, message.Count));
        Assert.Equal([Side.Buy, Side.Buy, Side.Sell], batch.Events.ToArray().Select(e => e.Side));
        for (var length = 0; length < body.Length; length++)
            Assert.Equal(QuarantineCause.Truncated, feed.DecodeSnapshot(instrument, body[..length], batch));
        Assert.Equal(QuarantineCause.VenueError, feed.DecodeSnapshot(instrument, """{"code":-1121,"msg":"Invalid symbol."}"""u8, batch));
        Assert.Equal(QuarantineCause.Malformed, feed.DecodeSnapshot(instrument, "{}"u8, batch));
        Assert.Equal(0, batch.Messages.Length);
    }

    [Fact, Trait("requirement", "R103")]
    public void Subscriptions_name_streams_in_lower_case_and_share_frames()
    {
        var feed = FeedFixtures.CreateFeed("Binance");
        var writer = new FrameWriter();
        var instrument = Parse(ExchangeInfo, out _)[0];
        feed.WriteSubscribe([instrument], writer);
        Assert.Equal("""{"method":"SUBSCRIBE","params":["btcusdt@depth@100ms","btcusdt@bookTicker","btcusdt@trade"],"id":1}""",
            Encoding.UTF8.GetString(writer.Frame(0)));
        writer.Clear();
        feed.WriteSubscribe([.. Enumerable.Repeat(instrument, 250)], writer);
        Assert.Equal(3, writer.FrameCount);
        Assert.Equal("", feed.ConnectPath([instrument])); // the address is complete: it ends in /stream
        Assert.EndsWith("/stream", FeedFixtures.Create("Binance").Profile.Live.PublicStream.AbsolutePath);
        Assert.False(feed.TryWritePing(writer));
        Assert.Equal("/api/v3/exchangeInfo?symbols=%5B%22BTCUSDT%22%5D", FeedFixtures.Create("Binance").Instruments.Request(["BTC-USDT"]).PathAndQuery);
    }

    [Fact, Trait("requirement", "R103")]
    public void The_three_venues_are_found_by_their_attributes()
    {
        var catalog = new VenueCatalog(typeof(BinanceVenue).Assembly);
        foreach (var name in (string[])["binance", "kraken", "okx"])
        {
            Assert.True(catalog.TryCreate(name, out var venue));
            Assert.Equal(name, venue!.Profile.Name);
        }
    }

    private static List<Instrument> Parse(string body, out List<string> skipped)
    {
        List<Instrument> instruments = [];
        skipped = [];
        Assert.Equal(QuarantineCause.None, FeedFixtures.Create("Binance").Instruments.Parse(new VenueId(1), Encoding.UTF8.GetBytes(body), instruments, skipped));
        return instruments;
    }
}
