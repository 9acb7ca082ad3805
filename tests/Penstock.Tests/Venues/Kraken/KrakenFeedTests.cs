using System.Text;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;

namespace Penstock.Tests.Venues.Kraken;

public class KrakenFeedTests
{
    [Fact, Trait("requirement", "R21")]
    public void The_checksum_of_the_venues_own_example_is_reproduced()
    {
        var asks = Levels("45285.2 0.00100000, 45286.4 1.54571953, 45286.6 1.54571109, 45289.6 1.54560911, 45290.2 0.15890660, "
            + "45291.8 1.54553491, 45294.7 0.04454749, 45296.1 0.35380000, 45297.5 0.09945542, 45299.5 0.18772827");
        var bids = Levels("45283.5 0.10000000, 45283.4 1.54582015, 45282.1 0.10000000, 45281.0 0.10000000, 45280.3 1.54592586, "
            + "45279.0 0.07990000, 45277.6 0.03310103, 45277.5 0.30000000, 45277.3 1.54602737, 45276.6 0.15445238");
        Assert.Equal(3310070434, FeedFixtures.Create("Kraken").Profile.BookSync.Checksum!.Compute(bids, asks));
    }

    /// <summary>The example of the v1 documentation (its bids have no 0.04985); prices have five decimals there.</summary>
    [Fact, Trait("requirement", "R21")]
    public void The_checksum_of_the_older_example_is_reproduced_and_the_ninth_decimal_counts()
    {
        var checksum = FeedFixtures.Create("Kraken").Profile.BookSync.Checksum!;
        var asks = Levels(string.Join(", ", Enumerable.Range(1, 10).Select(i => $"{0.05 + i * 0.00005:F5} 0.00000500")));
        int[] prices = [5000, 4995, 4990, 4980, 4975, 4970, 4965, 4960, 4955, 4950];
        var bids = Levels(string.Join(", ", prices.Select(price => $"0.0{price} 0.00000500")));
        Assert.Equal(974947235, checksum.Compute(bids, asks));

        asks[0].PriceDecimals = 9;
        asks[0].PriceRaw = 5_005_000;
        Assert.NotEqual(974947235, checksum.Compute(bids, asks));
        Assert.Equal(checksum.Compute([], Levels("0.050050000 0.00000500")), checksum.Compute([], asks.AsSpan(0, 1)));
    }

    [Fact, Trait("requirement", "R103")]
    public void Subscriptions_carry_what_the_venue_documents()
    {
        var feed = FeedFixtures.CreateFeed("Kraken");
        var instrument = Parse("""{"error":[],"result":{"XXBTZUSD":{"altname":"XBTUSD","wsname":"XBT\/USD","pair_decimals":1,"lot_decimals":8}}}""", out _)[0];
        var writer = new FrameWriter();
        feed.WriteSubscribe([instrument], writer);
        Assert.Equal(3, writer.FrameCount);
        Assert.Equal("""{"method":"subscribe","params":{"channel":"book","symbol":["BTC/USD"],"depth":1000,"snapshot":true},"req_id":1}""", Text(writer, 0));
        Assert.Equal("""{"method":"subscribe","params":{"channel":"trade","symbol":["BTC/USD"],"snapshot":false},"req_id":2}""", Text(writer, 1));
        Assert.Equal("""{"method":"subscribe","params":{"channel":"ticker","symbol":["BTC/USD"],"event_trigger":"bbo","snapshot":true},"req_id":3}""", Text(writer, 2));
        writer.Clear();
        feed.WriteResubscribe(instrument, writer);
        Assert.Equal("""{"method":"unsubscribe","params":{"channel":"book","symbol":["BTC/USD"],"depth":1000},"req_id":4}""", Text(writer, 0));
        writer.Clear();
        Assert.True(feed.TryWritePing(writer));
        Assert.Equal("""{"method":"ping","req_id":6}""", Text(writer, 0));
    }

    [Fact, Trait("requirement", "R23"), Trait("requirement", "R16")]
    public void Pairs_are_named_as_the_stream_names_them()
    {
        var pairs = Parse("""
            {"error":[],"result":{
              "XXBTZUSD":{"altname":"XBTUSD","wsname":"XBT/USD","base":"XXBT","quote":"ZUSD","pair_decimals":1,"lot_decimals":8,"ordermin":"0.00005","costmin":"0.5","tick_size":"0.1","status":"online"},
              "XDGEUR":{"altname":"XDGEUR","wsname":"XDG/EUR","pair_decimals":7,"lot_decimals":8,"tick_size":"0.0000005","status":"cancel_only"},
              "TINYUSD":{"altname":"TINYUSD","wsname":"TINY/USD","pair_decimals":10,"lot_decimals":5},
              "XXBTZUSD.d":{"altname":"XBTUSD.d","pair_decimals":1,"lot_decimals":8}}}
            """, out var skipped);
        Assert.Equal(["TINYUSD", "XXBTZUSD.d"], skipped);
        Assert.Equal(2, pairs.Count);
        Assert.Equal(("BTC-USD", "BTC/USD", "XBTUSD"), (pairs[0].Symbol, pairs[0].VenueSymbol, pairs[0].RestSymbol));
        Assert.Equal((Price.From(0.1m), Quantity.From(0.00000001m), Quantity.From(0.00005m)), (pairs[0].Tick, pairs[0].Lot, pairs[0].QuantityMin));
        Assert.Equal((1, 8, Notional.From(0.5m), InstrumentStatus.Trading), (pairs[0].PriceDecimals, pairs[0].QuantityDecimals, pairs[0].NotionalMin, pairs[0].Status));
        Assert.Equal(("DOGE/EUR", 50L, InstrumentStatus.CancelOnly), (pairs[1].VenueSymbol, pairs[1].Tick.Raw, pairs[1].Status));
    }

    [Theory, Trait("requirement", "R20")]
    [InlineData("""{"error":["EGeneral:Internal error"]}""", QuarantineCause.VenueError)]
    [InlineData("""{"error":[],"result":{"A":{""", QuarantineCause.Truncated)]
    [InlineData("""<html>""", QuarantineCause.Malformed)]
    [InlineData("""{"error":[]}""", QuarantineCause.Malformed)]
    public void A_body_that_is_no_list_is_refused(string body, QuarantineCause expected) =>
        Assert.Equal(expected, FeedFixtures.Create("Kraken").Instruments.Parse(new VenueId(1), Encoding.UTF8.GetBytes(body), [], []));

    [Fact, Trait("requirement", "R23")]
    public void The_recorded_list_holds_the_recorded_pairs()
    {
        var body = FeedFixtures.Recording("kraken-spot.cf-20210417.jsonl.gz").First(e => e.Kind == "rest").Data;
        var pairs = Parse(Encoding.UTF8.GetString(body), out _);
        Assert.True(pairs.Count > 200);
        foreach (var symbol in (string[])["ADA/BTC", "ETH/CHF", "OCEAN/BTC", "WAVES/EUR", "XMR/USD"])
            Assert.Contains(pairs, pair => pair.VenueSymbol == symbol);
    }

    private static List<Instrument> Parse(string body, out List<string> skipped)
    {
        List<Instrument> instruments = [];
        skipped = [];
        Assert.Equal(QuarantineCause.None, FeedFixtures.Create("Kraken").Instruments.Parse(new VenueId(1), Encoding.UTF8.GetBytes(body), instruments, skipped));
        return instruments;
    }

    private static string Text(FrameWriter writer, int frame) => Encoding.UTF8.GetString(writer.Frame(frame));

    private static ChecksumLevel[] Levels(string text) => [.. text.Split(", ").Select(Level)];

    private static ChecksumLevel Level(string text)
    {
        var parts = text.Split(' ');
        var level = new ChecksumLevel();
        Assert.Equal(DecimalStatus.Ok, FixedPoint.TryParse(Encoding.ASCII.GetBytes(parts[0]), out level.PriceRaw, out var priceDecimals));
        Assert.Equal(DecimalStatus.Ok, FixedPoint.TryParse(Encoding.ASCII.GetBytes(parts[1]), out level.QuantityRaw, out var quantityDecimals));
        level.PriceDecimals = (byte)priceDecimals;
        level.QuantityDecimals = (byte)quantityDecimals;
        return level;
    }
}
