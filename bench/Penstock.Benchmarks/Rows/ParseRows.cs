using System.Diagnostics;
using Penstock.Benchmarks.Baselines;
using Penstock.Benchmarks.Rig;
using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Model.Instruments;
using Penstock.Venues.Binance;

namespace Penstock.Benchmarks.Rows;

/// <summary>One depth message of about 600 bytes and 17 levels to canonical events; validated, exact, nothing allocated.</summary>
internal static class ParseRows
{
    public static IEnumerable<Row> Depth(bool quick)
    {
        var messages = DepthMessages.Generate(2_000, 7);
        var table = NodeRig.Market();
        var feed = new BinanceVenue().CreateFeed(new FeedContext(new VenueId(1), table));
        var batch = new FeedBatch();
        var times = quick ? 20 : 100;
        var (ours, baseline) = Comparison.Interleaved(5,
            () => NsPerMessage(messages, times, m =>
            {
                batch.Reset();
                var cause = feed.Decode(m, batch);
                if (cause != QuarantineCause.None) throw new InvalidOperationException($"A documented message was refused: {cause}.");
                return batch.Events.Length;
            }),
            () => NsPerMessage(messages, Math.Max(times / 5, 1), DepthDto.Parse));
        var bytes = messages.Average(m => m.Length);
        yield return new Row("depth message parse", "ns/msg", ours, baseline, "source-generated JsonSerializer", 10, Better.Faster,
            $"{bytes:F0} bytes, 17 levels, validated; 20x is the aim");
    }

    private static double NsPerMessage(byte[][] messages, int times, Func<byte[], long> parse)
    {
        long sink = 0;
        var watch = Stopwatch.StartNew();
        for (var time = 0; time < times; time++)
        {
            foreach (var message in messages) sink += parse(message);
        }

        watch.Stop();
        GC.KeepAlive(sink);
        return watch.Elapsed.TotalNanoseconds / ((double)messages.Length * times);
    }
}
