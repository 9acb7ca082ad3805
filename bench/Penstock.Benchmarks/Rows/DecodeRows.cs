using System.Diagnostics;
using System.Text;
using Penstock.Benchmarks.Baselines;
using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Venues.Binance;

namespace Penstock.Benchmarks.Rows;

/// <summary>
/// bench decode: every venue's book update to canonical events against the usual .NET way, in the same run; validated, exact, nothing
/// allocated (checked here as well).
/// </summary>
internal static class DecodeRows
{
    private const int Frames = 500;

    private static readonly (string Venue, string Symbol, double Goal)[] Venues =
    [
        ("binance", "BTCUSDT", 8), ("binance-usdm", "BTCUSDT", 4), ("bitfinex", "tBTCUSD", 4), ("bitstamp", "btcusdt", 4), ("bybit", "BTCUSDT", 4), ("coinbase", "BTC-USDT", 4),
        ("gateio", "BTC_USDT", 4), ("htx", "btcusdt", 4), ("kraken", "BTC/USDT", 4), ("kucoin", "BTC-USDT", 4), ("okx", "BTC-USDT", 4),
    ];

    public static IEnumerable<Row> All(bool quick)
    {
        var catalog = new VenueCatalog(typeof(BinanceVenue).Assembly);
        foreach (var (venue, symbol, goal) in Venues)
        {
            yield return Measure(catalog, venue, symbol, goal, gzip: false, quick);
            if (venue == "htx") yield return Measure(catalog, venue, symbol, goal, gzip: true, quick);
        }
    }

    private static Row Measure(VenueCatalog catalog, string venue, string symbol, double goal, bool gzip, bool quick)
    {
        var random = new Random(7);
        var frames = new byte[Frames][];
        for (var i = 0; i < frames.Length; i++)
        {
            frames[i] = Encoding.UTF8.GetBytes(BookFrames.Of(venue, symbol, i, random));
            if (gzip) frames[i] = BookFrames.Gzip(frames[i]);
        }

        var feed = Feed(catalog, venue, symbol);
        var batch = new FeedBatch();
        long Ours(byte[] frame)
        {
            var cause = feed.Decode(frame, batch);
            if (cause != QuarantineCause.None) throw new InvalidOperationException($"A documented {venue} frame was refused: {cause}.");
            return batch.Events.Length;
        }

        var times = quick ? 10 : 60;
        var (ours, baseline) = Comparison.Interleaved(
            5, () => NsPerFrame(frames, times, Ours), () => NsPerFrame(frames, Math.Max(1, times / 4), f => gzip ? BookDtos.ParseGzip(venue, f) : BookDtos.Parse(venue, f)));
        var allocated = AllocatedBytes(frames, Ours);
        return new Row(
            $"decode {venue}{(gzip ? ", gzip included" : "")}", "ns/frame", ours, baseline, gzip ? "GZipStream + JsonSerializer" : "source-generated JsonSerializer", goal, Better.Faster,
            $"{frames.Average(f => f.Length):F0} bytes, {batch.Events.Length} levels, {allocated} bytes allocated");
    }

    private static IFeedProtocol Feed(VenueCatalog catalog, string venue, string symbol)
    {
        catalog.TryCreate(venue, out var created);
        var table = new InstrumentTable();
        table.Add(new Instrument
        {
            Venue = new VenueId(1), Symbol = "BTC-USDT", VenueSymbol = symbol, Base = Text16.From("BTC"), Quote = Text16.From("USDT"),
            Tick = Price.From(0.01m), Lot = Quantity.From(0.00000001m),
        });
        var feed = created!.CreateFeed(new FeedContext(new VenueId(1), table));
        feed.Reset();
        // Bitfinex names a channel by the number it announced, and counts the frames of a connection that was asked to (65536).
        if (venue != "bitfinex") return feed;
        var opening = new FeedBatch();
        feed.Decode("""{"event":"conf","status":"OK","flags":65536}"""u8, opening);
        feed.Decode(Encoding.ASCII.GetBytes($$"""{"event":"subscribed","channel":"book","chanId":17082,"symbol":"{{symbol}}","prec":"P0","freq":"F0","len":"100","pair":"BTCUSD"}"""), opening);
        return feed;
    }

    private static long AllocatedBytes(byte[][] frames, Func<byte[], long> parse)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var frame in frames) parse(frame);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static double NsPerFrame(byte[][] frames, int times, Func<byte[], long> parse)
    {
        long sink = 0;
        var watch = Stopwatch.StartNew();
        for (var time = 0; time < times; time++)
        {
            foreach (var frame in frames) sink += parse(frame);
        }

        watch.Stop();
        GC.KeepAlive(sink);
        return watch.Elapsed.TotalNanoseconds / ((double)frames.Length * times);
    }
}
