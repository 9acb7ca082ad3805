using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Penstock.Connectivity.Transport;

namespace Penstock.Tests.Connectivity.Transport;

/// <summary>A WebSocket server on loopback, stepped by the test on its own thread. Knows as much of RFC 6455 as tests need.</summary>
internal sealed class LoopbackServer : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };

    public LoopbackServer()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(16);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    public Uri Uri => new($"ws://127.0.0.1:{Port}/stream?x=1");

    public List<ServerConnection> Connections { get; } = [];

    public ServerConnection Last => Connections[^1];

    /// <summary>Answer to the next upgrades; 101 accepts.</summary>
    public int Status { get; set; } = 101;

    /// <summary>False: connections are accepted and then never answered.</summary>
    public bool Answers { get; set; } = true;

    /// <summary>Sent in the same write as the upgrade's answer.</summary>
    public byte[] WithUpgrade { get; set; } = [];

    public void Step()
    {
        if (_listener.Poll(0, SelectMode.SelectRead))
        {
            var socket = _listener.Accept();
            socket.Blocking = false;
            socket.NoDelay = true;
            Connections.Add(new ServerConnection(socket, this));
        }

        foreach (var connection in Connections) connection.Step();
    }

    public void Dispose()
    {
        _listener.Dispose();
        foreach (var connection in Connections) connection.Dispose();
    }

    /// <summary>Tells a hang from a loaded machine, and is no measure of speed.</summary>
    private static readonly TimeSpan HangAfter = TimeSpan.FromSeconds(30);

    /// <summary>Steps until the condition holds; fails the test when it seems to hang.</summary>
    public static void Until(Func<bool> condition, params Action[] steps)
    {
        var started = Stopwatch.GetTimestamp();
        while (!condition())
        {
            foreach (var step in steps) step();
            Assert.True(Stopwatch.GetElapsedTime(started) < HangAfter, $"The condition did not come true within {HangAfter.TotalSeconds} s.");
            Thread.Yield();
        }
    }
}

internal sealed class ServerConnection(Socket socket, LoopbackServer server) : IWebSocketSink, IDisposable
{
    private readonly WebSocketReader _reader = new(1 << 20, expectMasked: true);
    private readonly byte[] _out = new byte[1 << 17];

    public bool Upgraded { get; private set; }

    public bool Ended { get; private set; }

    public string RequestHead { get; private set; } = "";

    public List<string> Texts { get; } = [];

    public int TextCount { get; private set; }

    public bool KeepTexts { get; set; } = true;

    public List<byte[]> Pings { get; } = [];

    public List<byte[]> Pongs { get; } = [];

    public ushort CloseCode { get; private set; }

    public WebSocketViolation Violation { get; private set; }

    public void Step()
    {
        if (Ended || !server.Answers) return;
        var read = socket.Receive(_reader.Free(4096), SocketFlags.None, out var error);
        if (error == SocketError.WouldBlock) return;
        if (error != SocketError.Success || read == 0)
        {
            Ended = true;
            return;
        }

        _reader.Commit(read);
        if (!Upgraded && !Upgrade()) return;
        Violation = _reader.Read(this);
    }

    public void SendText(string text) => Send(WebSocketOpcode.Text, Encoding.UTF8.GetBytes(text));

    public void Send(WebSocketOpcode opcode, ReadOnlySpan<byte> payload, bool final = true) =>
        SendRaw(_out.AsSpan(0, WebSocketFraming.WriteFrame(_out, opcode, payload, null, final)));

    public void SendRaw(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var sent = socket.Send(bytes, SocketFlags.None, out var error);
            if (error == SocketError.WouldBlock) continue;
            if (error != SocketError.Success) return;
            bytes = bytes[sent..];
        }
    }

    public void Dispose() => socket.Dispose();

    /// <summary>A reset instead of an orderly end.</summary>
    public void Reset()
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Dispose();
        Ended = true;
    }

    public bool OnData(ReadOnlySpan<byte> payload, bool isText)
    {
        TextCount++;
        if (KeepTexts) Texts.Add(Encoding.UTF8.GetString(payload));
        return true;
    }

    public bool OnPing(ReadOnlySpan<byte> payload)
    {
        Pings.Add(payload.ToArray());
        Send(WebSocketOpcode.Pong, payload);
        return true;
    }

    public bool OnPong(ReadOnlySpan<byte> payload)
    {
        Pongs.Add(payload.ToArray());
        return true;
    }

    public bool OnClose(ushort code, ReadOnlySpan<byte> reason)
    {
        CloseCode = code;
        return false;
    }

    private bool Upgrade()
    {
        var end = _reader.Buffered.IndexOf("\r\n\r\n"u8);
        if (end < 0) return false;
        RequestHead = Encoding.ASCII.GetString(_reader.Buffered[..end]);
        _reader.Skip(end + 4);
        if (server.Status != 101)
        {
            SendRaw(Encoding.ASCII.GetBytes($"HTTP/1.1 {server.Status} No\r\nContent-Length: 0\r\n\r\n"));
            return false;
        }

        var key = RequestHead.Split("\r\n").First(l => l.StartsWith("Sec-WebSocket-Key: ", StringComparison.Ordinal))[19..];
        byte[] answer = [.. Encoding.ASCII.GetBytes(
            "HTTP/1.1 101 Switching Protocols\r\nupgrade: WebSocket\r\nConnection: Upgrade\r\n" +
            $"Sec-WebSocket-Accept: {WebSocketHandshake.AcceptFor(key)}\r\n\r\n"), .. server.WithUpgrade];
        SendRaw(answer);
        return Upgraded = true;
    }
}
