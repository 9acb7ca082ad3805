using System.Text;
using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Transport;
using Penstock.MarketData.Inspection;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Venues.Binance;
using Penstock.Venues.BinanceUsdm;

namespace Penstock.Tests.Venues.BinanceUsdm;

public class BinanceUsdmFeedTests
{
    private static readonly BinanceUsdmVenue Venue = new();

    [Fact, Trait("requirement", "R106")]
    public void It_is_a_market_of_binance_with_an_entrance_for_each_kind_of_data()
    {
        var (spot, usdm) = (new BinanceVenue().Profile, Venue.Profile);
        Assert.Equal((spot.Name, "usdm"), (usdm.Exchange, usdm.Market));
        Assert.Same(BinanceBookSync.Futures, usdm.BookSync);
        Assert.NotEqual(spot.BookSync.Continuity, usdm.BookSync.Continuity);
        foreach (var endpoints in (VenueEndpoints[])[usdm.Live, usdm.Testnet!])
        {
            Assert.StartsWith("/public/", endpoints.PublicStream.AbsolutePath, StringComparison.Ordinal);
            Assert.StartsWith("/private/", endpoints.PrivateStream.AbsolutePath, StringComparison.Ordinal);
            Assert.Equal("/ws-fapi/v1", endpoints.OrderEntry!.AbsolutePath);
        }
    }

    [Fact, Trait("requirement", "R23"), Trait("requirement", "E5")]
    public void Only_perpetual_contracts_settled_in_their_quote_asset_are_listed_with_the_filters_tick_not_the_precision()
    {
        List<Instrument> list = [];
        List<string> skipped = [];
        Assert.Equal("/fapi/v1/exchangeInfo", Venue.Instruments.Request(["BTC-USDT-PERP"]).PathAndQuery);
        var body = File.ReadAllBytes(FeedFixtures.Fixture("BinanceUsdm", "instruments.json"));
        Assert.Equal(QuarantineCause.None, Venue.Instruments.Parse(new VenueId(1), body, list, skipped));
        Assert.Equal(["BTC-USDT-PERP", "BLZ-USDT-PERP", "1000PEPE-USDT-PERP"], list.Select(i => i.Symbol));
        Assert.Equal(["BTCUSDT_260925", "BTCBFUSD"], skipped);
        Assert.Equal([InstrumentStatus.Trading, InstrumentStatus.Delisted, InstrumentStatus.Halted], list.Select(i => i.Status));
        var btc = list[0];
        Assert.Equal((Price.From(0.1m), Quantity.From(0.001m), Quantity.From(0.001m), Notional.From(50m)), (btc.Tick, btc.Lot, btc.QuantityMin, btc.NotionalMin));
    }

    [Fact]
    public void Subscriptions_are_all_of_the_public_entrance_and_the_snapshot_is_the_futures_own()
    {
        var table = new InstrumentTable();
        var feed = Venue.CreateFeed(new FeedContext(new VenueId(1), table));
        var btc = table.Add(new Instrument
        {
            Venue = new VenueId(1), Symbol = "BTC-USDT-PERP", VenueSymbol = "BTCUSDT", Base = Text16.From("BTC"), Quote = Text16.From("USDT"), Tick = new(1), Lot = new(1),
        });
        var writer = new FrameWriter();
        feed.WriteSubscribe([btc], writer);
        Assert.Equal("""{"method":"SUBSCRIBE","params":["btcusdt@depth@100ms","btcusdt@bookTicker","btcusdt@trade"],"id":1}""", Encoding.UTF8.GetString(writer.Frame(0)));
        var request = feed.SnapshotRequest(btc)!;
        Assert.Equal(("/fapi/v1/depth?symbol=BTCUSDT&limit=1000", 20), (request.PathAndQuery, request.Weight));
        Assert.True(feed.TrySnapshotInstrument(new Uri("https://fapi.binance.com/fapi/v1/depth?symbol=BTCUSDT&limit=1000"), out var instrument));
        Assert.Equal(btc.Id, instrument);
    }

    /// <summary>The recording under this venue's own rule: the same figures as under the exchange's name.</summary>
    [Fact, Trait("requirement", "R22")]
    public void Its_recording_is_whole_under_its_own_rule_and_full_of_holes_under_spots()
    {
        var path = FeedFixtures.RecordingPath("binance-usdm.hft-btcusdt-20240808.jsonl.gz");
        RecordingReader Open() => RecordingReader.Open(File.OpenRead(path));
        var figures = RecordingInspection.Of(Venue, Open).Figures;
        Assert.True(figures.Clean);
        Assert.True(figures.Inputs.Applied > 1_000);
        var spots = new SpotsRule();
        Assert.False(RecordingInspection.Of(spots, Open).Figures.Clean);
    }

    /// <summary>The mistake the venue's page warns of.</summary>
    private sealed class SpotsRule : IVenue
    {
        public VenueProfile Profile { get; } = Venue.Profile with { BookSync = BinanceBookSync.Spot };

        public IInstrumentSource Instruments => Venue.Instruments;

        public IFeedProtocol CreateFeed(FeedContext context) => Venue.CreateFeed(context);

        public Penstock.Connectivity.Orders.IOrderProtocol? CreateOrders(OrderContext context) => null;
    }
}
