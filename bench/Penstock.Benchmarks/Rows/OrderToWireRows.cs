using Penstock.Benchmarks.Baselines;
using Penstock.Benchmarks.Rig;

namespace Penstock.Benchmarks.Rows;

/// <summary>
/// The node's part of an order: from the strategy's call over risk, record, journal, signature and framing until the kernel has the last byte.
/// Held against the baseline of tick-to-trade, and, more strictly, against what the kernel takes for the same bytes on the same socket: by turns
/// in one session, a bare send after each order.
/// </summary>
internal static class OrderToWireRows
{
    private const int WarmUp = 1_000;
    private const double GoalNs = 2_000;

    public static IEnumerable<Row> Difference(bool quick)
    {
        const int rounds = 5;
        var count = quick ? 2_000 : 10_000;
        // The optimising compiler works beside two spinning threads and needs its time.
        Measure(quick ? 15_000 : 60_000, out _, out _);
        var (orders, bare, raw, tails) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < rounds; round++)
        {
            var wire = Measure(count, out var depthBytes, out var orderBytes);
            raw.Add(Comparison.Percentile(RawTcp.RoundTrips(count, depthBytes, orderBytes), 0.5));
            orders.Add(Comparison.Percentile(wire.Orders, 0.5));
            bare.Add(Comparison.Percentile(wire.Bare, 0.5));
            tails.Add(Comparison.Percentile(wire.Orders, 0.99));
        }

        var note = $"order call to the last byte {Comparison.Median(orders):N0} ns (p99 {Comparison.Median(tails):N0}), "
            + $"bare send of the same bytes on the same socket {Comparison.Median(bare):N0} ns";
        yield return new Row("order to wire over raw TCP p50", "ns", Over(orders, raw), null, "", GoalNs, Better.Lower,
            $"the raw round trip that tick-to-trade is held against takes {Comparison.Median(raw):N0} ns; {note}");
        yield return new Row("order to wire over a bare send p50", "ns", Over(orders, bare), null, "", GoalNs, Better.Lower,
            "the stricter reading of the same goal");
    }

    /// <summary>Median of the rounds' differences.</summary>
    private static double Over(List<double> ours, List<double> baseline) => Comparison.Median([.. ours.Zip(baseline, (a, b) => a - b)]);

    private static OrderToWire Measure(int count, out int depthBytes, out int orderBytes)
    {
        var wire = new OrderToWire(count);
        using var session = new TickSession(wire);
        for (var i = -WarmUp; i < count; i++)
        {
            session.Exchange();
            session.SendBare(wire);
        }

        (depthBytes, orderBytes) = (session.Venue.DepthBytes, session.Venue.OrderBytes);
        return wire;
    }
}
