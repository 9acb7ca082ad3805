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
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Venues.Binance;

namespace Penstock.Benchmarks.Rig;

/// <summary>A real order session on a real socket whose venue logs it in, and from then on reads and discards. Stepped by the caller.</summary>
internal sealed class OrderSink : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly RestPool _rest;
    private readonly Thread _venue;

    /// <param name="table">The session's instruments are those of the venue.</param>
    /// <param name="venue">Its number in the table.</param>
    /// <param name="kill">Read by the session before each order.</param>
    public OrderSink(InstrumentTable table, VenueId venue, KillWord kill)
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(1);
        var binance = new BinanceVenue();
        var address = new Uri($"ws://127.0.0.1:{((IPEndPoint)_listener.LocalEndPoint!).Port}/ws-api/v3");
        _rest = new RestPool(new RestPoolOptions { Endpoint = new Uri("http://127.0.0.1:9"), Limits = binance.Profile.RestLimits });
        var credentials = new Credentials { ApiKey = new string('k', 64), Secret = new string('s', 64) };
        Instrument[] traded = [.. table.All.Where(i => i.Venue == venue)];
        Session = new OrderSession(
            new OrderSessionOptions { Name = "sink", Venue = venue, Stream = address, Instruments = traded, Kill = kill },
            binance.CreateOrders(new OrderContext(venue, table, credentials))!, new RestClient(_rest, MonotonicClock.Instance),
            MonotonicClock.Instance, SystemWallClock.Instance, new Deaf());
        _venue = new Thread(Discard) { Name = "venue", IsBackground = true };
        _venue.Start();
    }

    public OrderSession Session { get; }

    public void Dispose()
    {
        Session.OnStop();
        _listener.Dispose();
        _rest.Dispose();
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
            socket.Send(answer.AsSpan(0, WebSocketFraming.WriteFrame(
                answer, WebSocketOpcode.Text, "{\"id\":\"login\",\"status\":200,\"result\":{\"subscriptionId\":0}}"u8)));
            while (socket.Receive(buffer) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // The session is gone: the measurement has ended.
        }
    }

    /// <summary>Hears nothing: what a session says is not what is measured.</summary>
    internal sealed class Deaf : IExecutionListener
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
