using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Penstock.Benchmarks.Baselines;
using Penstock.Connectivity.Transport;

namespace Penstock.Benchmarks.Rig;

/// <summary>
/// The other side of the round trip: one thread, two polled loopback connections. It does as little as a venue can, so that
/// what is measured is the node: sends a depth frame, waits for one whole order frame, answers it after the clock was stopped.
/// </summary>
internal sealed class BenchVenue : IWebSocketSink, IDisposable
{
    private const long PatienceNs = 10_000_000_000;

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly WebSocketReader _orders = new(1 << 20, expectMasked: true);
    private readonly byte[] _depthFrame = new byte[4096];
    private readonly byte[] _answer = new byte[4096];
    private readonly byte[] _text = new byte[14];
    private Socket _feedSocket = null!;
    private Socket _orderSocket = null!;
    private readonly byte[] _orderBytes = new byte[4096];
    private bool _hasFrame;
    private bool _sells;
    private long _orderId;

    public BenchVenue()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(2);
        var port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        Feed = new Uri($"ws://127.0.0.1:{port}/stream");
        Orders = new Uri($"ws://127.0.0.1:{port}/ws-api/v3");
    }

    public Uri Feed { get; }

    public Uri Orders { get; }

    /// <summary>Bytes on the wire of the last depth frame and the last order frame.</summary>
    public int DepthBytes { get; private set; }

    public int OrderBytes { get; private set; }

    /// <summary>The last order frame as it was on the wire.</summary>
    public ReadOnlySpan<byte> OrderFrame => _orderBytes.AsSpan(0, OrderBytes);

    /// <summary>Takes both connections, in either order, and the login of the second.</summary>
    public void Accept()
    {
        for (var i = 0; i < 2; i++)
        {
            var socket = _listener.Accept();
            socket.NoDelay = true;
            if (Upgrade(socket).StartsWith("GET /stream", StringComparison.Ordinal)) _feedSocket = socket;
            else _orderSocket = socket;
            socket.Blocking = false;
        }

        AwaitOrderFrame(); // the login: the only frame of that connection that is no order
        Send(_orderSocket, "{\"id\":\"login\",\"status\":200,\"result\":{\"subscriptionId\":0}}"u8);
    }

    /// <summary>Depth frame out, signed order in: nanoseconds between the first byte sent and the whole frame read.</summary>
    public long RoundTrip(ReadOnlySpan<byte> depth)
    {
        DepthBytes = WebSocketFraming.WriteFrame(_depthFrame, WebSocketOpcode.Text, depth);
        var start = Stopwatch.GetTimestamp();
        RawTcp.SendAll(_feedSocket, _depthFrame.AsSpan(0, DepthBytes));
        AwaitOrderFrame();
        return Stopwatch.GetElapsedTime(start).Ticks * 100;
    }

    /// <summary>Acknowledges the last order and lets it expire: two frames, one write.</summary>
    public void AnswerOrder()
    {
        _orderId++;
        var id = Encoding.ASCII.GetString(_text);
        var at = 0;
        at += Frame(at, $"{{\"id\":\"n{id}\",\"status\":200,\"result\":{{\"symbol\":\"BTCUSDT\",\"orderId\":{_orderId},\"clientOrderId\":\"{id}\",\"transactTime\":1672515782136}}}}");
        at += Frame(at,
            $"{{\"subscriptionId\":0,\"event\":{{\"e\":\"executionReport\",\"E\":1672515782136,\"s\":\"BTCUSDT\",\"c\":\"{id}\",\"S\":\"{(_sells ? "SELL" : "BUY")}\",\"o\":\"LIMIT\"," +
            $"\"f\":\"IOC\",\"q\":\"0.01000000\",\"p\":\"61000.00000000\",\"C\":\"\",\"x\":\"EXPIRED\",\"X\":\"EXPIRED\",\"r\":\"NONE\",\"i\":{_orderId},\"l\":\"0.00000000\",\"z\":\"0.00000000\"," +
            "\"L\":\"0.00000000\",\"n\":\"0\",\"N\":null,\"T\":1672515782136,\"t\":-1,\"m\":false}}");
        RawTcp.SendAll(_orderSocket, _answer.AsSpan(0, at));
    }

    public void Dispose()
    {
        _feedSocket?.Dispose();
        _orderSocket?.Dispose();
        _listener.Dispose();
    }

    bool IWebSocketSink.OnData(ReadOnlySpan<byte> payload, bool isText)
    {
        _hasFrame = true;
        var at = payload.IndexOf("\"newClientOrderId\":\""u8);
        if (at >= 0) payload.Slice(at + 20, _text.Length).CopyTo(_text);
        _sells = payload.IndexOf("\"side\":\"SELL\""u8) >= 0;
        return true;
    }

    bool IWebSocketSink.OnPing(ReadOnlySpan<byte> payload) => true;

    bool IWebSocketSink.OnPong(ReadOnlySpan<byte> payload) => true;

    bool IWebSocketSink.OnClose(ushort code, ReadOnlySpan<byte> reason) => throw new InvalidOperationException($"The node closed its order connection: {code}.");

    /// <summary>Returns when a whole frame of the order connection was read.</summary>
    public void AwaitOrderFrame()
    {
        _hasFrame = false;
        var bytes = 0;
        var polls = 0;
        var start = Stopwatch.GetTimestamp();
        while (!_hasFrame)
        {
            var free = _orders.Free(4096)[..4096];
            var received = _orderSocket.Receive(free, SocketFlags.None, out var error);
            if (error == SocketError.WouldBlock)
            {
                if ((++polls & 0xFFFF) == 0 && Stopwatch.GetElapsedTime(start).TotalNanoseconds > PatienceNs)
                    throw new InvalidOperationException("The node sent no order for ten seconds.");
                continue;
            }

            if (error != SocketError.Success || received == 0) throw new InvalidOperationException($"The order connection broke: {error}.");
            free[..received].CopyTo(_orderBytes.AsSpan(bytes));
            bytes += received;
            _orders.Commit(received);
            if (_orders.Read(this) is var violation and not WebSocketViolation.None) throw new InvalidOperationException($"The node broke RFC 6455: {violation}.");
        }

        OrderBytes = bytes;
    }

    private int Frame(int at, string text) => WebSocketFraming.WriteFrame(_answer.AsSpan(at), WebSocketOpcode.Text, Encoding.ASCII.GetBytes(text));

    private void Send(Socket socket, ReadOnlySpan<byte> text) => RawTcp.SendAll(socket, _answer.AsSpan(0, WebSocketFraming.WriteFrame(_answer, WebSocketOpcode.Text, text)));

    /// <summary>Answers a client's upgrade; returns what it asked.</summary>
    internal static string Upgrade(Socket socket)
    {
        var request = new StringBuilder();
        var buffer = new byte[4096];
        while (!request.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            var received = socket.Receive(buffer);
            if (received == 0) throw new InvalidOperationException("The node hung up during the upgrade.");
            request.Append(Encoding.ASCII.GetString(buffer, 0, received));
        }

        var text = request.ToString();
        AcceptUpgrade(socket, text);
        return text;
    }

    /// <summary>Of a request that was read already.</summary>
    internal static void AcceptUpgrade(Socket socket, string text)
    {
        const string name = "Sec-WebSocket-Key: ";
        var key = text.Split("\r\n").First(line => line.StartsWith(name, StringComparison.OrdinalIgnoreCase))[name.Length..];
        socket.Send(Encoding.ASCII.GetBytes(
            $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {WebSocketHandshake.AcceptFor(key)}\r\n\r\n"));
    }
}
