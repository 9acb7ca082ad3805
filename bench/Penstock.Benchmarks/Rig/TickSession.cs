using System.Diagnostics;

namespace Penstock.Benchmarks.Rig;

/// <summary>A venue and a node that trade with each other over loopback, one depth frame and one order at a time.</summary>
internal sealed class TickSession : IDisposable
{
    /// <summary>Each order is acknowledged and ended.</summary>
    private const int ReportsPerOrder = 2;

    private readonly string _folder = Directory.CreateTempSubdirectory("penstock-bench-").FullName;
    private readonly DepthReplay _replay = new(500, 29);
    private long _orders;

    public TickSession(OrderToWire? wire = null)
    {
        Node = new TradingNode(Venue.Feed, Venue.Orders, _folder, wire);
        try
        {
            Node.Start();
            Venue.Accept();
            Await(() => Node.IsReady, "become ready");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public BenchVenue Venue { get; } = new();

    /// <summary>Its figures of the whole life are read after <see cref="Dispose"/>.</summary>
    public TradingNode Node { get; }

    /// <summary>One frame down, one order up and its end told: nanoseconds from the frame's first byte to the order's last.</summary>
    public long Exchange()
    {
        var time = Venue.RoundTrip(_replay.Next());
        Venue.AnswerOrder();
        _orders++;
        Await(() => Node.Reports >= ReportsPerOrder * _orders, "apply the reports");
        return time;
    }

    /// <summary>The node sends the last order's bytes once more, with nothing around it. To the venue it is an order that nobody answers.</summary>
    public void SendBare(OrderToWire wire)
    {
        wire.WantBare(Venue.OrderFrame);
        try
        {
            Venue.AwaitOrderFrame();
        }
        catch (InvalidOperationException) when (Node.Failure is not null)
        {
            // What ended the node says more than the connection that ended with it.
        }

        Await(() => wire.IsBareSent, "send the bare bytes");
    }

    private void Await(Func<bool> condition, string what)
    {
        var start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Node.Failure is { } failure) throw new InvalidOperationException($"The node's thread ended: {failure.Message}", failure);
            if (Stopwatch.GetElapsedTime(start).TotalSeconds > 10)
                throw new InvalidOperationException($"The node did not {what} in ten seconds; risk refused {Node.Refused} orders.");
        }
    }

    public void Dispose()
    {
        Node.Dispose();
        Venue.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
