using Penstock.Testing.Flow;

namespace Penstock.Tests.Testing;

[Trait("requirement", "E30")]
public sealed class BinanceUsdmVenueTests
{
    private const string Subscribe = """{"method":"SUBSCRIBE","params":["btcusdt@depth@100ms","btcusdt@bookTicker","btcusdt@trade"],"id":7}""";

    [Fact]
    public void A_client_following_the_published_rule_rebuilds_the_venues_own_book_and_spots_rule_fails_at_once()
    {
        var sim = new SteppedVenue("binance-usdm");
        var (session, frames) = sim.Open("/public/stream");
        sim.Send(session, Subscribe);
        Assert.Equal("""{"result":null,"id":7}""", frames.Take().Single());
        sim.Run(350);
        var snapshot = SteppedVenue.Parse(sim.Get("/fapi/v1/depth", "symbol=BTCUSDT&limit=1000").Body);
        sim.Run(2_000);

        var (snapshotId, last, applied, spotHoles) = (snapshot.GetProperty("lastUpdateId").GetInt64(), 0L, 0, 0);
        var (bids, asks) = (new SortedDictionary<decimal, decimal>(), new SortedDictionary<decimal, decimal>());
        SteppedVenue.Apply(bids, snapshot.GetProperty("bids"));
        SteppedVenue.Apply(asks, snapshot.GetProperty("asks"));
        foreach (var text in frames.Take().Where(f => f.Contains("depthUpdate")))
        {
            var data = SteppedVenue.Parse(text).GetProperty("data");
            var (first, final, previous) = (data.GetProperty("U").GetInt64(), data.GetProperty("u").GetInt64(), data.GetProperty("pu").GetInt64());
            if (final < snapshotId) continue;
            if (applied++ == 0) Assert.True(first <= snapshotId && final >= snapshotId);
            else Assert.Equal(last, previous);
            if (applied > 1 && first != last + 1) spotHoles++;
            SteppedVenue.Apply(bids, data.GetProperty("b"));
            SteppedVenue.Apply(asks, data.GetProperty("a"));
            last = final;
        }

        Assert.InRange(applied, 10, 25);
        Assert.Equal(applied - 1, spotHoles);
        // A new snapshot is what the deltas have led to.
        var now = SteppedVenue.Parse(sim.Get("/fapi/v1/depth", "symbol=BTCUSDT&limit=1000").Body);
        if (now.GetProperty("lastUpdateId").GetInt64() > last + 7) return;
        Assert.Equal(SteppedVenue.Levels(sim.Venue.Market.Instruments[0].Engine.Bids), bids);
        Assert.Equal(SteppedVenue.Levels(sim.Venue.Market.Instruments[0].Engine.Asks), asks);
    }

    [Theory]
    [InlineData("/stream")]
    [InlineData("/ws")]
    [InlineData("/market/stream")]
    public void The_old_root_and_the_wrong_entrance_take_a_subscription_and_stay_silent(string path)
    {
        var sim = new SteppedVenue("binance-usdm");
        var (session, frames) = sim.Open(path);
        sim.Send(session, Subscribe);
        Assert.Equal("""{"result":null,"id":7}""", frames.Take().Single());
        sim.Send(session, """{"method":"LIST_SUBSCRIPTIONS","id":8}""");
        Assert.Contains("btcusdt@depth@100ms", frames.Take().Single());
        sim.Run(2_000);
        Assert.Empty(frames.Frames);
    }

    [Fact]
    public void The_list_has_perpetual_contracts_whose_prices_are_written_finer_than_their_tick()
    {
        var sim = new SteppedVenue("binance-usdm", flow: FlowOptions.Still);
        var list = SteppedVenue.Parse(sim.Get("/fapi/v1/exchangeInfo").Body).GetProperty("symbols");
        Assert.Equal(3, list.GetArrayLength());
        var btc = list[0];
        Assert.Equal(("BTCUSDT", "PERPETUAL", "USDT", 2), (btc.GetProperty("symbol").GetString(), btc.GetProperty("contractType").GetString(), btc.GetProperty("marginAsset").GetString(), btc.GetProperty("pricePrecision").GetInt32()));
        Assert.Equal("0.1", btc.GetProperty("filters")[0].GetProperty("tickSize").GetString());
        Assert.Equal(["BTC-USDT-PERP", "ETH-USDT-PERP", "SOL-USDT-PERP"], sim.Venue.Symbols);
    }
}
