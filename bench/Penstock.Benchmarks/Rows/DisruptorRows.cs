using Penstock.Benchmarks.Baselines;

namespace Penstock.Benchmarks.Rows;

/// <summary>
/// The same fan-out through Disruptor-net, where the environment variable DISRUPTOR_DLL names its assembly. It is no package
/// of this repository, so without the variable there is no such row.
/// </summary>
internal static class DisruptorRows
{
    public static IEnumerable<Row> FanOut(bool quick)
    {
        if (Environment.GetEnvironmentVariable("DISRUPTOR_DLL") is not { Length: > 0 } path) yield break;
        if (DisruptorFanOut.TryLoad(path, out var problem) is not { } disruptor)
        {
            Console.Error.WriteLine($"penstock-bench: no Disruptor row: {problem}. DISRUPTOR_DLL must name the Disruptor.dll of Disruptor-net 5 or later.");
            yield break;
        }

        var events = quick ? 10_000_000 : 50_000_000;
        var (ours, theirs) = Comparison.Interleaved(3, () => RingRows.EventsPerSecond(events),
            () => disruptor.EventsPerSecond(events, RingRows.Consumers, RingRows.Batch, RingRows.Capacity));
        yield return new Row("ring fan-out 1->3 (Disruptor)", "M ev/s", ours / 1e6, theirs / 1e6, "Disruptor-net ValueDisruptor", 2, Better.Higher,
            "same slots and batches, yielding waits, loss-free");
    }
}
