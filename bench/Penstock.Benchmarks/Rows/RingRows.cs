using System.Diagnostics;
using Penstock.Benchmarks.Baselines;
using Penstock.Infrastructure.Rings;
using Penstock.Model.Markets;

namespace Penstock.Benchmarks.Rows;

/// <summary>
/// One producer, three consumers that each see every 64-byte event. The ring never blocks its producer, so the harness holds
/// it back where it would lap a consumer: the comparison is loss-free on both sides, and the sums prove it.
/// </summary>
internal static class RingRows
{
    public const int Consumers = 3;
    public const int Batch = 16;
    public const int Capacity = 1 << 16;
    private const int PeekMax = 1_024;

    public static IEnumerable<Row> FanOut(bool quick)
    {
        var ringEvents = quick ? 10_000_000 : 50_000_000;
        var channelEvents = quick ? 500_000 : 2_000_000;
        var (ours, channels) = Comparison.Interleaved(3, () => EventsPerSecond(ringEvents), () => ChannelFanOut.EventsPerSecond(channelEvents, Consumers));
        yield return new Row("ring fan-out 1->3", "M ev/s", ours / 1e6, channels / 1e6, "3 bounded Channels", 30, Better.Higher, "64-byte events, batches of 16, loss-free");
    }

    public static double EventsPerSecond(int events)
    {
        var path = Path.Combine(Path.GetTempPath(), $"penstock-bench-{Environment.ProcessId}.ring");
        using var ring = BroadcastRing<MarketEvent>.Create(path, Capacity);
        try
        {
            var readers = Enumerable.Range(0, Consumers).Select(_ => ring.CreateReader()).ToArray();
            var sums = new long[Consumers];
            var threads = readers.Select((reader, index) => new Thread(() => sums[index] = Consume(reader, events))).ToArray();
            foreach (var thread in threads) thread.Start();
            var watch = Stopwatch.StartNew();
            Produce(ring, readers, events);
            foreach (var thread in threads) thread.Join();
            watch.Stop();
            if (sums.Any(s => s != (long)events * (events + 1) / 2)) throw new InvalidOperationException("A ring reader saw other events than were published.");
            return events / watch.Elapsed.TotalSeconds;
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static void Produce(BroadcastRing<MarketEvent> ring, RingReader<MarketEvent>[] readers, int events)
    {
        var batch = new MarketEvent[Batch];
        var allowed = 0L;
        for (var next = 1; next <= events;)
        {
            var count = Math.Min(Batch, events - next + 1);
            for (var i = 0; i < count; i++) batch[i].Sequence = next + i;
            while (next + count - 1 > allowed)
            {
                allowed = readers.Min(r => r.Cursor) + ring.LosslessLagMax;
                if (next + count - 1 > allowed) Thread.Yield();
            }

            ring.Publish(batch.AsSpan(0, count));
            next += count;
        }
    }

    /// <summary>In place, as a Disruptor's handler reads: what was summed counts once the ring says that nothing was overwritten meanwhile.</summary>
    private static long Consume(RingReader<MarketEvent> reader, int events)
    {
        long sum = 0;
        for (var seen = 0; seen < events;)
        {
            var batch = reader.Peek(PeekMax, out var lost);
            if (batch.IsEmpty) Thread.Yield();
            long part = 0;
            foreach (ref readonly var marketEvent in batch) part += marketEvent.Sequence;
            if (lost != 0 || !reader.TryAdvance(batch.Length, out _)) throw new InvalidOperationException("Events were lost although the harness held the producer back.");
            sum += part;
            seen += batch.Length;
        }

        return sum;
    }
}
