using System.Diagnostics;
using System.Threading.Channels;
using Penstock.Model.Markets;

namespace Penstock.Benchmarks.Baselines;

/// <summary>The obvious way to fan out in .NET: one bounded channel per consumer. Events per second, every consumer sees all.</summary>
internal static class ChannelFanOut
{
    public static double EventsPerSecond(int events, int consumers)
    {
        var channels = Enumerable.Range(0, consumers).Select(_ => Channel.CreateBounded<MarketEvent>(
            new BoundedChannelOptions(8192) { SingleReader = true, SingleWriter = true })).ToArray();
        var sums = new long[consumers];
        var threads = channels.Select((channel, index) => new Thread(() => sums[index] = Consume(channel.Reader, events))).ToArray();
        foreach (var thread in threads) thread.Start();
        var watch = Stopwatch.StartNew();
        var produced = new MarketEvent();
        for (var i = 1; i <= events; i++)
        {
            produced.Sequence = i;
            foreach (var channel in channels)
            {
                while (!channel.Writer.TryWrite(produced)) Thread.Yield();
            }
        }

        foreach (var thread in threads) thread.Join();
        watch.Stop();
        if (sums.Any(s => s != (long)events * (events + 1) / 2)) throw new InvalidOperationException("A channel consumer saw other events than were sent.");
        return events / watch.Elapsed.TotalSeconds;
    }

    private static long Consume(ChannelReader<MarketEvent> reader, int events)
    {
        long sum = 0;
        for (var seen = 0; seen < events;)
        {
            if (reader.TryRead(out var received))
            {
                sum += received.Sequence;
                seen++;
            }
            else
            {
                Thread.Yield();
            }
        }

        return sum;
    }
}
