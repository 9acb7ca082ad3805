using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Penstock.Connectivity;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.RateLimits;
using Penstock.Connectivity.Sessions;
using Penstock.Connectivity.Signing;
using Penstock.Connectivity.Transport;
using Penstock.Infrastructure.Time;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Venues.Bitstamp;

namespace Penstock.Benchmarks.Rig;

/// <summary>
/// As <see cref="KillRig"/> at a venue that takes orders by REST: a real Bitstamp session hands them to the thread pool as fast as its eight calls
/// in flight allow. Measured is the time from a press to the last byte of the last order, where the venue reads it.
/// </summary>
internal sealed class RestKillRig : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly RestPool _pool;
    private readonly RestClient _client;
    private readonly OrderSession _session;
    private readonly Thread _sender;
    private volatile bool _stopping;
    private long _killed;
    private long _settled;
    private long _read;
    private long _lastRead;

    public RestKillRig()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(64);
        var address = $"127.0.0.1:{((IPEndPoint)_listener.LocalEndPoint!).Port}";
        var table = new InstrumentTable();
        table.Add(new Instrument
        {
            Venue = new VenueId(1), Symbol = "BTC-USDT", VenueSymbol = "btcusdt", Base = Text16.From("BTC"), Quote = Text16.From("USDT"),
            Tick = Price.From(0.01m), Lot = Quantity.From(0.00001m),
        });
        // What the venue allows would be a few orders a second: the press is to meet one in every state.
        RateLimit[] limits = [new RateLimit(1_000_000, TimeSpan.FromSeconds(1))];
        _pool = new RestPool(new RestPoolOptions { Endpoint = new Uri($"http://{address}"), Limits = limits });
        _client = new RestClient(_pool, MonotonicClock.Instance);
        var credentials = new Credentials { ApiKey = new string('k', 32), Secret = new string('s', 32) };
        _session = new OrderSession(
            new OrderSessionOptions
            {
                Name = "rest", Venue = new VenueId(1), Stream = new Uri($"ws://{address}"), Instruments = table.All, Kill = Word,
            },
            new BitstampVenue().CreateOrders(new OrderContext(new VenueId(1), table, credentials))!, _client, MonotonicClock.Instance,
            SystemWallClock.Instance, new OrderSink.Deaf());
        new Thread(Accept) { Name = "venue", IsBackground = true }.Start();
        _sender = new Thread(Send) { Name = "sender", IsBackground = true };
        _sender.Start();
        Await(() => Volatile.Read(ref _read) > 1_000);
    }

    public KillWord Word { get; } = new();

    /// <summary>Orders the venue has read.</summary>
    public long OrdersSent => Volatile.Read(ref _read);

    /// <summary>Nanoseconds from the call of <paramref name="press"/> to the last order read whole; the word is released afterwards.</summary>
    public long Press(Action press)
    {
        var before = Volatile.Read(ref _read);
        Await(() => Volatile.Read(ref _read) > before + 100);
        var killed = Volatile.Read(ref _killed);
        var start = Stopwatch.GetTimestamp();
        press();
        // An order was refused, and every call of before has ended: none can follow.
        Await(() => Volatile.Read(ref _killed) > killed);
        var settled = Volatile.Read(ref _settled);
        Await(() => Volatile.Read(ref _settled) > settled + 1);
        var last = Volatile.Read(ref _lastRead);
        Word.Set(false);
        return Math.Max(0, (long)Stopwatch.GetElapsedTime(start, Math.Max(start, last)).TotalNanoseconds);
    }

    public void Dispose()
    {
        _stopping = true;
        _sender.Join();
        _session.OnStop();
        _listener.Dispose();
        _pool.Dispose();
    }

    private static void Await(Func<bool> condition)
    {
        if (!SpinWait.SpinUntil(condition, Patience)) throw new InvalidOperationException("The sender neither sent nor stopped for ten seconds.");
    }

    private void Send()
    {
        for (var id = 1L; !_stopping; id++)
        {
            _session.DoWork();
            // Counted up while no call is under way and none could have begun since.
            if (_client.PendingCount == 0 && Word.Any) Volatile.Write(ref _settled, _settled + 1);
            var order = new OrderRequest
            {
                ClientOrderId = ClientOrderId.Of(1, id), Instrument = new InstrumentId(1), Strategy = 1, Side = Side.Buy, Price = Price.From(61_000m),
                Quantity = Quantity.From(0.01m),
            };
            switch (_session.TryPlace(order, out _))
            {
                case SendResult.Killed:
                    Volatile.Write(ref _killed, _killed + 1);
                    break;
                case SendResult.Throttled or SendResult.NotConnected:
                    Thread.Yield();
                    break;
            }
        }
    }

    private void Accept()
    {
        try
        {
            while (true)
            {
                var socket = _listener.Accept();
                socket.NoDelay = true;
                new Thread(() => Serve(socket)) { Name = "venue", IsBackground = true }.Start();
            }
        }
        catch (SocketException)
        {
            // The measurement has ended.
        }
    }

    /// <summary>One connection: the private stream, or calls one after the other.</summary>
    private void Serve(Socket socket)
    {
        try
        {
            using (socket)
            {
                var buffer = new byte[1 << 14];
                var used = 0;
                for (int received; (received = socket.Receive(buffer.AsSpan(used))) > 0;)
                {
                    used += received;
                    if (RequestBytes(buffer.AsSpan(0, used)) is not { } length) continue;
                    var now = Stopwatch.GetTimestamp();
                    var text = Encoding.ASCII.GetString(buffer, 0, length);
                    buffer.AsSpan(length, used - length).CopyTo(buffer);
                    used -= length;
                    Answer(socket, text, now);
                }
            }
        }
        catch (SocketException)
        {
            // The session is gone: the measurement has ended.
        }
    }

    private void Answer(Socket socket, string request, long now)
    {
        if (request.Contains("Upgrade: websocket", StringComparison.OrdinalIgnoreCase))
        {
            BenchVenue.AcceptUpgrade(socket, request);
            Say(socket, "orders");
            Say(socket, "trades");
            return;
        }

        if (request.StartsWith("POST /api/v2/buy/", StringComparison.Ordinal))
        {
            // Later stamps win: connections are served by threads of their own.
            for (var seen = Volatile.Read(ref _lastRead); now > seen; seen = Volatile.Read(ref _lastRead))
            {
                if (Interlocked.CompareExchange(ref _lastRead, now, seen) == seen) break;
            }

            Interlocked.Increment(ref _read);
        }

        const string Body = "{\"token\":\"t\",\"user_id\":1,\"valid_sec\":60}";
        socket.Send(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {Body.Length}\r\n\r\n{Body}"));
    }

    private static void Say(Socket socket, string channel)
    {
        var text = $"{{\"event\":\"bts:subscription_succeeded\",\"channel\":\"private-my_{channel}_btcusdt-1\",\"data\":{{}}}}";
        var frame = new byte[256];
        socket.Send(frame.AsSpan(0, WebSocketFraming.WriteFrame(frame, WebSocketOpcode.Text, Encoding.ASCII.GetBytes(text))));
    }

    /// <summary>Of the first request, head and body; null while a part of it is missing.</summary>
    private static int? RequestBytes(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf("\r\n\r\n"u8);
        if (end < 0) return null;
        const string Name = "Content-Length: ";
        var head = Encoding.ASCII.GetString(bytes[..end]);
        var at = head.IndexOf(Name, StringComparison.OrdinalIgnoreCase);
        var body = at < 0 ? 0 : int.Parse(head[(at + Name.Length)..].Split('\r')[0], System.Globalization.CultureInfo.InvariantCulture);
        return bytes.Length >= end + 4 + body ? end + 4 + body : null;
    }
}
