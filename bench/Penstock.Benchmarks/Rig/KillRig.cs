using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Sessions;
using Penstock.Connectivity.Signing;
using Penstock.Connectivity.Transport;
using Penstock.Infrastructure.Time;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Venues.Binance;

namespace Penstock.Benchmarks.Rig;

/// <summary>
/// A trading thread that hands orders to a real order session and its socket as fast as they go, until the kill word stops it; the
/// venue reads and discards. Measured is the time from a press to the last order byte.
/// </summary>
internal sealed class KillRig : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly RestPool _rest;
    private readonly OrderSession _session;
    private readonly Thread _sender;
    private readonly Thread _venue;
    private volatile bool _stopping;
    private long _sent;
    private long _killed;
    private long _lastSent;

    public KillRig()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(1);
        var venue = new BinanceVenue();
        var table = NodeRig.Market();
        var address = new Uri($"ws://127.0.0.1:{((IPEndPoint)_listener.LocalEndPoint!).Port}/ws-api/v3");
        _rest = new RestPool(new RestPoolOptions { Endpoint = new Uri("http://127.0.0.1:9"), Limits = venue.Profile.RestLimits });
        var credentials = new Credentials { ApiKey = new string('k', 64), Secret = new string('s', 64) };
        _session = new OrderSession(
            new OrderSessionOptions { Name = "kill", Venue = new VenueId(1), Stream = address, Instruments = table.All, Kill = Word },
            venue.CreateOrders(new OrderContext(new VenueId(1), table, credentials))!, new RestClient(_rest, MonotonicClock.Instance), MonotonicClock.Instance,
            SystemWallClock.Instance, new Deaf());
        _venue = new Thread(Discard) { Name = "venue", IsBackground = true };
        _sender = new Thread(Send) { Name = "sender", IsBackground = true };
        _venue.Start();
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
        _session.OnStop();
        _listener.Dispose();
        _rest.Dispose();
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

    private void Discard()
    {
        var buffer = new byte[1 << 16];
        try
        {
            using var socket = _listener.Accept();
            BenchVenue.Upgrade(socket);
            socket.Receive(buffer); // the login
            var answer = new byte[256];
            socket.Send(answer.AsSpan(0, WebSocketFraming.WriteFrame(answer, WebSocketOpcode.Text, "{\"id\":\"login\",\"status\":200,\"result\":{\"subscriptionId\":0}}"u8)));
            while (socket.Receive(buffer) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // The session is gone: the measurement has ended.
        }
    }

    private sealed class Deaf : IExecutionListener
    {
        public void OnReport(in ExecutionReport report)
        {
        }

        public void OnBalance(in BalanceReport balance)
        {
        }

        public void OnSession(VenueId venue, bool ready, DisconnectReason reason, long nowNs)
        {
        }

        public void OnReconciled(VenueId venue, bool succeeded, long nowNs)
        {
        }
    }
}
