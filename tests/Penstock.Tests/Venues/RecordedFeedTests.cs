using System.Text.Json;
using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;

namespace Penstock.Tests.Venues;

/// <summary>Real traffic, compared with the figures an independent replay found (recordings/expected.json).</summary>
public class RecordedFeedTests
{
    [Theory, Trait("requirement", "R15"), Trait("requirement", "R22")]
    [InlineData("Binance", "binance-spot.cf-20211012.jsonl.gz")]
    [InlineData("Binance", "binance-spot.hft-btcusdt-20240808.jsonl.gz")]
    [InlineData("Binance", "binance-usdm.hft-btcusdt-20240808.jsonl.gz")]
    [InlineData("Binance", "binance-coinm.hft-btcusd-perp-20240808.jsonl.gz")]
    [InlineData("Kraken", "kraken-spot.cf-20210417.jsonl.gz")]
    [InlineData("Okx", "okx-mixed.cf-20220513.jsonl.gz")]
    public void Every_recorded_frame_decodes_and_the_counts_agree(string venue, string recording)
    {
        var feed = Discovering(venue);
        var batch = new FeedBatch();
        var counts = new Dictionary<FeedMessageKind, int>();
        var frames = 0;
        foreach (var (kind, url, data) in FeedFixtures.Recording(recording))
        {
            if (kind == "rest" && !url.Contains("/depth", StringComparison.Ordinal)) continue;
            var cause = kind == "recv"
                ? feed.Decode(data, batch)
                : feed.DecodeSnapshot(Any with { Id = new InstrumentId(1) }, data, batch);
            Assert.Equal(QuarantineCause.None, cause);
            frames += kind == "recv" ? 1 : 0;
            foreach (ref readonly var message in batch.Messages) counts[message.Kind] = counts.GetValueOrDefault(message.Kind) + 1;
        }

        using var document = JsonDocument.Parse(File.ReadAllText(FeedFixtures.RecordingPath("expected.json")));
        var expected = document.RootElement.GetProperty(recording);
        Assert.Equal(expected.GetProperty("frames").GetInt32(), frames);
        Assert.Equal(expected.GetProperty("trades").GetInt32(), counts.GetValueOrDefault(FeedMessageKind.Trade));
        Assert.Equal(expected.GetProperty("snapshots").GetInt32(), counts.GetValueOrDefault(FeedMessageKind.BookSnapshot));
        var deltas = venue == "Binance"
            ? expected.GetProperty("book_updates").GetInt32() + expected.GetProperty("stale").GetInt32()
            : expected.GetProperty("book_updates").GetInt32();
        Assert.Equal(deltas, counts.GetValueOrDefault(FeedMessageKind.BookDelta));
    }

    [Theory, Trait("requirement", "R37")]
    [InlineData("Binance", "binance-usdm.hft-btcusdt-20240808.jsonl.gz")]
    [InlineData("Kraken", "kraken-spot.cf-20210417.jsonl.gz")]
    [InlineData("Bitfinex", "bitfinex-spot.cf-20210417.jsonl.gz")]
    [InlineData("Okx", "okx-mixed.cf-20220513.jsonl.gz")]
    public void Recorded_frames_decode_without_allocating(string venue, string recording)
    {
        var feed = Discovering(venue);
        var batch = new FeedBatch();
        byte[][] frames = [.. FeedFixtures.Recording(recording).Where(e => e.Kind == "recv").Take(5_000).Select(e => e.Data)];
        foreach (var frame in frames) feed.Decode(frame, batch);
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var frame in frames) feed.Decode(frame, batch);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    /// <summary>
    /// Kraken and OKX sent their own checksum with every update. A naive sorted book fed with our events has to reproduce
    /// it: that proves prices, quantities, decimals, sides and order of all events at once.
    /// </summary>
    [Theory, Trait("requirement", "R21")]
    [InlineData("Kraken", "kraken-spot.cf-20210417.jsonl.gz", 2239)]
    [InlineData("Okx", "okx-mixed.cf-20220513.jsonl.gz", 191)]
    public void Books_built_from_the_events_reproduce_every_checksum_of_the_venue(string venue, string recording, int checks)
    {
        var rule = FeedFixtures.Create(venue).Profile.BookSync;
        var feed = Discovering(venue);
        var batch = new FeedBatch();
        var books = new Dictionary<InstrumentId, NaiveBook>();
        var compared = 0;
        foreach (var (kind, _, data) in FeedFixtures.Recording(recording))
        {
            if (kind != "recv") continue;
            Assert.Equal(QuarantineCause.None, feed.Decode(data, batch));
            foreach (ref readonly var message in batch.Messages)
            {
                if (message.Kind is not (FeedMessageKind.BookSnapshot or FeedMessageKind.BookDelta)) continue;
                if (message.Kind == FeedMessageKind.BookSnapshot) books[message.Instrument] = new NaiveBook();
                var book = books[message.Instrument];
                foreach (ref readonly var level in batch.EventsOf(in message)) book.Apply(in level);
                book.Prune(rule.PruneDepth);
                if (!message.HasChecksum) continue;
                Assert.Equal(message.Checksum, rule.Checksum!.Compute(book.Best(Side.Buy, rule.Checksum.Depth), book.Best(Side.Sell, rule.Checksum.Depth)));
                compared++;
            }
        }

        Assert.Equal(checks, compared);
    }

    private static readonly Instrument Any = new()
    {
        Venue = new VenueId(1), Symbol = "ANY", VenueSymbol = "ANY", Base = default, Quote = default, Tick = new(1), Lot = new(1),
    };

    private static IFeedProtocol Discovering(string venue) =>
        FeedFixtures.Create(venue).CreateFeed(new FeedContext(new VenueId(1), new InstrumentTable { DiscoverUnknown = true }));

    private sealed class NaiveBook
    {
        private readonly SortedDictionary<long, ChecksumLevel> _bids = [];
        private readonly SortedDictionary<long, ChecksumLevel> _asks = [];

        public void Apply(in MarketEvent e)
        {
            // Bids are stored under the negative price: the best is first on both sides.
            var (side, key) = e.Side == Side.Buy ? (_bids, -e.Price.Raw) : (_asks, e.Price.Raw);
            if (e.Quantity.Raw == 0)
            {
                side.Remove(key);
                return;
            }

            side[key] = new ChecksumLevel
            {
                PriceRaw = e.Price.Raw, QuantityRaw = e.Quantity.Raw, PriceDecimals = e.PriceDecimals, QuantityDecimals = e.QuantityDecimals,
            };
        }

        public void Prune(int depth)
        {
            if (depth == 0) return;
            foreach (var side in (SortedDictionary<long, ChecksumLevel>[])[_bids, _asks])
                while (side.Count > depth) side.Remove(side.Keys.Last());
        }

        public ChecksumLevel[] Best(Side side, int depth) => [.. (side == Side.Buy ? _bids : _asks).Values.Take(depth)];
    }
}
