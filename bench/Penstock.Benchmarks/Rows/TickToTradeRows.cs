using Penstock.Benchmarks.Baselines;
using Penstock.Benchmarks.Rig;

namespace Penstock.Benchmarks.Rows;

/// <summary>
/// The way of one event: a depth frame leaves the venue's socket, a signed order arrives there. Between them, inline on one
/// thread: receive, framing, parse, ingest, ring, book, strategy, risk, journal, signature, framing, send. Compared with two
/// threads that exchange the same bytes over bare polled sockets, and with the framework's WebSocket client and server.
/// </summary>
internal static class TickToTradeRows
{
    private const int WarmUp = 1_000;

    public static IEnumerable<Row> RoundTrip(bool quick)
    {
        const int rounds = 5;
        var perRound = quick ? 2_000 : 10_000;
        // Compiled as it will be in the measured rounds: the optimising compiler works beside two spinning threads and needs its time.
        var (depth, order) = Exchange(quick ? 15_000 : 60_000, out _, out _, out _);
        var tails = new List<double>();
        var decisions = new List<double>();
        var allocated = 0L;
        var p50 = Comparison.Medians(rounds,
            () =>
            {
                Exchange(perRound, out var times, out var bytes, out var decision);
                allocated = Math.Max(allocated, bytes);
                decisions.Add(decision);
                tails.Add(Comparison.Percentile(times, 0.99));
                return Comparison.Percentile(times, 0.5);
            },
            () => Comparison.Percentile(RawTcp.RoundTrips(perRound, depth, order), 0.5),
            () => Comparison.Percentile(KestrelEcho.RoundTrips(perRound, depth, order), 0.5));
        var note = $"{depth} bytes down, {order} up; p99 {Comparison.Median(tails) / 1e3:F1} us; {Comparison.Median(decisions) / 1e3:F1} us of it from read to sent; {allocated} bytes allocated on the node's thread; 1.15x is the aim";
        yield return new Row("tick-to-trade p50", "us", p50[0] / 1e3, p50[1] / 1e3, "raw polled TCP, same bytes", 1.5, Better.Lower, note);
        yield return new Row("tick-to-trade p50 (framework)", "us", p50[0] / 1e3, p50[2] / 1e3, "ClientWebSocket <-> Kestrel", 0.33, Better.Lower, "same bytes, echoed without any work");
    }

    private static (int Depth, int Order) Exchange(int count, out long[] times, out long allocated, out long decisionNs)
    {
        var session = new TickSession();
        try
        {
            times = new long[count];
            for (var i = -WarmUp; i < count; i++)
            {
                if (i == 0) session.Node.StartMeasuring();
                var time = session.Exchange();
                if (i >= 0) times[i] = time;
            }
        }
        finally
        {
            session.Dispose();
        }

        var node = session.Node;
        if (node.LiveOrders != 0)
            throw new InvalidOperationException($"{node.LiveOrders} orders did not end: the venue's answers were not understood.");
        allocated = node.AllocatedBytes;
        decisionNs = node.DecisionP50Ns;
        return (session.Venue.DepthBytes, session.Venue.OrderBytes);
    }
}
