using System.Diagnostics;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Sessions;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Benchmarks.Rig;

/// <summary>
/// A trading thread that hands orders to a real order session and its socket as fast as they go, until the kill word stops it; the
/// venue reads and discards. Measured is the time from a press to the last order byte.
/// </summary>
internal sealed class KillRig : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly OrderSink _sink;
    private readonly OrderSession _session;
    private readonly Thread _sender;
    private volatile bool _stopping;
    private long _sent;
    private long _killed;
    private long _lastSent;

    public KillRig()
    {
        _sink = new OrderSink(NodeRig.Market(), new VenueId(1), Word);
        _session = _sink.Session;
        _sender = new Thread(Send) { Name = "sender", IsBackground = true };
        _sender.Start();
        Await(() => Volatile.Read(ref _sent) > 1_000);
    }

    /// <summary>Read by the session before each order.</summary>
    public KillWord Word { get; } = new();

    public long OrdersSent => Volatile.Read(ref _sent);

    /// <summary>Nanoseconds from the call of <paramref name="press"/> to the last order handed to the socket; the word is released afterwards.</summary>
    public long Press(Action press)
    {
        var before = Volatile.Read(ref _sent);
        Await(() => Volatile.Read(ref _sent) > before + 100);
        var killed = Volatile.Read(ref _killed);
        var start = Stopwatch.GetTimestamp();
        press();
        // Once an order was stopped, the one before it was the last.
        Await(() => Volatile.Read(ref _killed) > killed);
        var last = Volatile.Read(ref _lastSent);
        Word.Set(false);
        return Math.Max(0, (long)Stopwatch.GetElapsedTime(start, Math.Max(start, last)).TotalNanoseconds);
    }

    public void Dispose()
    {
        _stopping = true;
        _sender.Join();
        _sink.Dispose();
    }

    private static void Await(Func<bool> condition)
    {
        if (!SpinWait.SpinUntil(condition, Patience)) throw new InvalidOperationException("The sender neither sent nor stopped for ten seconds.");
    }

    private void Send()
    {
        while (!_stopping && !_session.IsReady) _session.DoWork();
        for (var id = 1L; !_stopping; id++)
        {
            if ((id & 63) == 0) _session.DoWork();
            var order = new OrderRequest
            {
                ClientOrderId = ClientOrderId.Of(1, id), Instrument = new InstrumentId(1), Strategy = 1, Side = Side.Buy, Price = Price.From(61_000m), Quantity = Quantity.From(0.01m),
            };
            switch (_session.TryPlace(order, out _))
            {
                case SendResult.Sent:
                    Volatile.Write(ref _lastSent, Stopwatch.GetTimestamp());
                    Volatile.Write(ref _sent, _sent + 1);
                    break;
                case SendResult.Killed:
                    Volatile.Write(ref _killed, _killed + 1);
                    break;
            }
        }
    }
}
