using Penstock.Benchmarks.Rig;

namespace Penstock.Benchmarks.Rows;

/// <summary>
/// What the node adds to an order: from the strategy's call over risk, record, journal, signature and framing until the kernel has the last
/// byte, less what the kernel takes for the same bytes on the same socket. Both by turns in one session, a bare send after each order.
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
        Measure(quick ? 15_000 : 60_000);
        var (orders, bare, differences) = (new List<double>(), new List<double>(), new List<double>());
        var tails = new List<double>();
        for (var round = 0; round < rounds; round++)
        {
            var wire = Measure(count);
            orders.Add(Comparison.Percentile(wire.Orders, 0.5));
            bare.Add(Comparison.Percentile(wire.Bare, 0.5));
            differences.Add(orders[^1] - bare[^1]);
            tails.Add(Comparison.Percentile(wire.Orders, 0.99));
        }

        var note = $"order call to the last byte {Comparison.Median(orders):N0} ns (p99 {Comparison.Median(tails):N0}), "
            + $"bare send of the same bytes on the same socket {Comparison.Median(bare):N0} ns";
        yield return new Row("order to wire over a bare send p50", "ns", Comparison.Median(differences), null, "", GoalNs, Better.Lower, note);
    }

    private static OrderToWire Measure(int count)
    {
        var wire = new OrderToWire(count);
        using var session = new TickSession(wire);
        for (var i = -WarmUp; i < count; i++)
        {
            session.Exchange();
            session.SendBare(wire);
        }

        return wire;
    }
}
