using System.Text;
using Penstock.Connectivity.Transport;
using Penstock.Infrastructure.Time;

namespace Penstock.Tests.Connectivity.Transport;

public class WebSocketConnectionTests
{
    private readonly ManualClock _clock = new();

    [Fact]
    [Trait("requirement", "R2")]
    public void Messages_travel_both_ways_and_carry_the_stamp_of_their_socket_read()
    {
        using var server = new LoopbackServer { WithUpgrade = Frame("early") };
        var (socket, handler) = Connect(server);
        LoopbackServer.Until(() => handler.Texts.Count == 1, () => socket.Step(_clock.NowNs, handler), server.Step);
        Assert.StartsWith("GET /stream?x=1 HTTP/1.1", server.Last.RequestHead, StringComparison.Ordinal);

        _clock.AdvanceMs(5);
        server.Last.SendText("one");
        server.Last.SendText("two");
        LoopbackServer.Until(() => handler.Texts.Count == 3, () => socket.Step(_clock.NowNs, handler));
        Assert.Equal(["early", "one", "two"], handler.Texts);
        Assert.Equal(_clock.NowNs, handler.LastStamp);

        Assert.True(socket.TrySendText("{\"op\":\"ping\"}"u8));
        LoopbackServer.Until(() => server.Last.Texts.Count == 1, server.Step);
        Assert.Equal("{\"op\":\"ping\"}", server.Last.Texts[0]);
        socket.Dispose();
    }

    [Fact]
    public void A_ping_is_answered_with_its_payload_and_a_close_is_echoed()
    {
        using var server = new LoopbackServer();
        var (socket, handler) = Connect(server);
        server.Last.Send(WebSocketOpcode.Ping, "abc"u8);
        LoopbackServer.Until(() => server.Last.Pongs.Count == 1, () => socket.Step(_clock.NowNs, handler), server.Step);
        Assert.Equal("abc"u8, server.Last.Pongs[0]);

        server.Last.Send(WebSocketOpcode.Close, [0x03, 0xE9]);
        LoopbackServer.Until(() => server.Last.CloseCode != 0, () => socket.Step(_clock.NowNs, handler), server.Step);
        Assert.Equal(1001, server.Last.CloseCode);
        Assert.Equal((WebSocketState.Closed, SocketFailure.ClosedByPeer, 1001), (socket.State, socket.Failure, socket.PeerCloseCode));
    }

    [Fact]
    public void Our_close_waits_for_the_peer_but_not_for_ever()
    {
        using var server = new LoopbackServer();
        var (socket, handler) = Connect(server);
        socket.Close(1000, _clock.NowNs);
        LoopbackServer.Until(() => server.Last.CloseCode == 1000, () => socket.Step(_clock.NowNs, handler), server.Step);
        Assert.Equal(WebSocketState.Closing, socket.State);
        _clock.AdvanceMs(2001);
        socket.Step(_clock.NowNs, handler);
        Assert.Equal((WebSocketState.Closed, SocketFailure.Requested), (socket.State, socket.Failure));
    }

    [Theory]
    [InlineData("c1 00", 1002), InlineData("81 81 00 00 00 00 41", 1002), InlineData("81 02 c0 80", 1007), InlineData("81 7f 00 00 00 00 7f ff ff ff", 1009)]
    public void A_violation_closes_with_the_code_the_protocol_names(string hex, int code)
    {
        using var server = new LoopbackServer();
        var (socket, handler) = Connect(server);
        server.Last.SendRaw(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));
        LoopbackServer.Until(() => server.Last.CloseCode != 0, () => socket.Step(_clock.NowNs, handler), server.Step);
        Assert.Equal(code, server.Last.CloseCode);
        Assert.Equal(SocketFailure.ProtocolViolation, socket.Failure);
        Assert.Empty(handler.Texts);
    }

    [Fact]
    public void A_refused_upgrade_tells_its_status()
    {
        using var server = new LoopbackServer { Status = 429 };
        var socket = Open(server);
        LoopbackServer.Until(() => socket.State == WebSocketState.Closed, () => socket.Step(_clock.NowNs, new TextLog()), server.Step);
        Assert.Equal((SocketFailure.HandshakeRefused, 429), (socket.Failure, socket.RefusedStatus));
    }

    [Fact]
    public void A_server_that_never_answers_runs_into_the_connect_timeout()
    {
        using var server = new LoopbackServer { Answers = false };
        var socket = Open(server);
        LoopbackServer.Until(() => server.Connections.Count == 1, () => socket.Step(_clock.NowNs, new TextLog()), server.Step);
        _clock.AdvanceMs(10_001);
        socket.Step(_clock.NowNs, new TextLog());
        Assert.Equal(SocketFailure.ConnectTimeout, socket.Failure);
    }

    [Fact]
    public void A_port_nobody_listens_on_is_a_result_not_an_exception()
    {
        var server = new LoopbackServer();
        var socket = Open(server, server.Uri, () => server.Dispose());
        LoopbackServer.Until(() => socket.State == WebSocketState.Closed, () => socket.Step(_clock.NowNs, new TextLog()));
        Assert.Equal(SocketFailure.ConnectFailed, socket.Failure);
    }

    [Fact]
    public void A_name_that_does_not_resolve_is_a_result_not_an_exception()
    {
        var socket = new WebSocketConnection(new WebSocketOptions { Target = new Uri("ws://no-such-host.invalid/") }, _clock, new SeededGenerator(1));
        socket.BeginConnect(_clock.NowNs);
        LoopbackServer.Until(() => socket.State == WebSocketState.Closed, () => socket.Step(_clock.NowNs, new TextLog()));
        Assert.Equal(SocketFailure.ResolveFailed, socket.Failure);
    }

    [Fact]
    public void A_peer_that_does_not_read_makes_sends_fail_at_a_bound_and_then_gets_every_byte_kept_for_it()
    {
        using var server = new LoopbackServer();
        var (socket, handler) = Connect(server);
        var text = new byte[8000];
        Array.Fill(text, (byte)'x');
        var sent = 0;
        while (socket.TrySendText(text) && sent < 5000) sent++;
        Assert.InRange(sent, 10, 4999);
        Assert.Equal(WebSocketState.Open, socket.State);
        LoopbackServer.Until(() => server.Last.Texts.Count == sent, () => socket.Step(_clock.NowNs, handler), server.Step);
        Assert.All(server.Last.Texts, t => Assert.Equal(8000, t.Length));
    }

    [Fact]
    public void Receiving_and_sending_ten_thousand_frames_allocates_nothing()
    {
        using var server = new LoopbackServer();
        var (socket, _) = Connect(server);
        server.Last.KeepTexts = false;
        var handler = new Counter();
        var frame = Frame(new string('d', 600));
        Exchange(500);
        Assert.Equal(0, AllocatedBytes(() => Exchange(10_000)));
        Assert.Equal(0, handler.Count % 500);

        void Exchange(int frames)
        {
            for (var i = 0; i < frames; i++)
            {
                server.Last.SendRaw(frame);
                while (socket.Step(_clock.NowNs, handler) == 0)
                {
                }

                socket.TrySendText("{\"place\":1}"u8);
                if (i % 64 == 0) server.Step();
            }
        }
    }

    [Fact]
    public void Random_bytes_after_the_upgrade_close_the_connection_and_never_throw()
    {
        for (var seed = 1; seed <= 40; seed++)
        {
            using var server = new LoopbackServer();
            var (socket, handler) = Connect(server);
            var bytes = new byte[2000];
            new Random(seed).NextBytes(bytes);
            server.Last.SendRaw(bytes);
            server.Last.Dispose();
            LoopbackServer.Until(() => socket.State == WebSocketState.Closed, () => socket.Step(_clock.NowNs, handler));
            Assert.NotEqual(SocketFailure.None, socket.Failure);
        }
    }

    [Fact]
    public void The_framework_client_behind_the_same_interface_does_the_same()
    {
        using var server = new LoopbackServer();
        IWebSocket socket = new FallbackWebSocket(new WebSocketOptions { Target = server.Uri }, _clock);
        var handler = new TextLog();
        socket.BeginConnect(_clock.NowNs);
        LoopbackServer.Until(() => socket.State == WebSocketState.Open, () => socket.Step(_clock.NowNs, handler), server.Step);
        server.Last.SendText("one");
        Assert.True(socket.TrySendText("two"u8));
        LoopbackServer.Until(() => handler.Texts.Count == 1 && server.Last.Texts.Count == 1, () => socket.Step(_clock.NowNs, handler), server.Step);
        Assert.Equal(("one", "two"), (handler.Texts[0], server.Last.Texts[0]));
        server.Last.Send(WebSocketOpcode.Close, [0x03, 0xE9]);
        LoopbackServer.Until(() => socket.State == WebSocketState.Closed, () => socket.Step(_clock.NowNs, handler), server.Step);
        Assert.Equal((SocketFailure.ClosedByPeer, 1001), (socket.Failure, socket.PeerCloseCode));
    }

    [Theory]
    [InlineData("HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", UpgradeResult.Malformed)]
    [InlineData("HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: wrong\r\n\r\n", UpgradeResult.Malformed)]
    [InlineData("HTTP/1.1 101 X\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n", UpgradeResult.Malformed)]
    [InlineData("HTTP/1.1 101 X\r\nUpgrade: WebSocket\r\nconnection: keep-alive, upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n", UpgradeResult.Accepted)]
    [InlineData("HTTP/1.1 101 X\r\nUpgrade: WebSocket\r\nconnection: upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n", UpgradeResult.Malformed)]
    [InlineData("HTTP/1.1 503 Busy\r\nRetry-After: 3\r\n\r\n", UpgradeResult.Refused)]
    [InlineData("HTTP/1.1 101 X\r\n\r\n", UpgradeResult.Malformed)]
    [InlineData("SSH-2.0-OpenSSH\r\n\r\n", UpgradeResult.Malformed)]
    [InlineData("HTTP/1.1 101 X\r\n: y\r\n\r\n", UpgradeResult.Malformed)]
    [InlineData("HTTP/1.1 101 X\r\nUpgra", UpgradeResult.Incomplete)]
    public void Upgrade_answers_are_checked(string answer, UpgradeResult expected)
    {
        // The key and its answer are the RFC's own example (§1.3).
        Assert.Equal("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", WebSocketHandshake.AcceptFor("dGhlIHNhbXBsZSBub25jZQ=="));
        var result = WebSocketHandshake.Parse(Encoding.ASCII.GetBytes(answer), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", out _, out _);
        Assert.Equal(expected, result);
    }

    /// <summary>The least of three rounds: the runtime's own one-time work (tiering) may fall into one of them, a leak into all.</summary>
    internal static long AllocatedBytes(Action round)
    {
        var least = long.MaxValue;
        for (var i = 0; i < 3 && least > 0; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            round();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }

    internal static byte[] Frame(string text)
    {
        var frame = new byte[Encoding.UTF8.GetByteCount(text) + 14];
        return frame[..WebSocketFraming.WriteFrame(frame, WebSocketOpcode.Text, Encoding.UTF8.GetBytes(text))];
    }

    private (WebSocketConnection Socket, TextLog Handler) Connect(LoopbackServer server)
    {
        var socket = Open(server);
        var handler = new TextLog();
        LoopbackServer.Until(() => socket.State == WebSocketState.Open, () => socket.Step(_clock.NowNs, handler), server.Step);
        return (socket, handler);
    }

    private WebSocketConnection Open(LoopbackServer server, Uri? target = null, Action? before = null)
    {
        target ??= server.Uri;
        before?.Invoke();
        var socket = new WebSocketConnection(new WebSocketOptions { Target = target }, _clock, new SeededGenerator(11));
        socket.BeginConnect(_clock.NowNs);
        return socket;
    }

    internal sealed class TextLog : IFrameHandler
    {
        public List<string> Texts { get; } = [];

        public long LastStamp { get; private set; }

        public void OnFrame(ReadOnlySpan<byte> payload, bool isText, long receivedNs)
        {
            Texts.Add(Encoding.UTF8.GetString(payload));
            LastStamp = receivedNs;
        }
    }

    private sealed class Counter : IFrameHandler
    {
        public int Count { get; private set; }

        public void OnFrame(ReadOnlySpan<byte> payload, bool isText, long receivedNs) => Count++;
    }
}
