using System.Net.WebSockets;
using System.Text;
using Penstock.Control.Gateway;
using Penstock.Control.Security;

namespace Penstock.Tests.Control;

/// <summary>Misuse of the WebSocket side; ids as in docs/threat-model.md.</summary>
public sealed class SocketAttackTests
{
    private const string Key = "dGhlIHNhbXBsZSBub25jZQ==";

    /// <summary>Id, first message, the reason's beginning.</summary>
    public static TheoryData<string, string, string> FirstMessages => new()
    {
        { "W01 no JSON", "hello", "a request is one JSON object" },
        { "W02 another type", "{\"type\":\"subscribe\",\"topics\":[\"audit\"]}", "not authenticated" },
        { "W03 a wrong token", "{\"type\":\"auth\",\"token\":\"pst_AAAA\"}", "not authenticated" },
        { "W04 a token that is a number", "{\"type\":\"auth\",\"token\":5}", "not authenticated" },
        { "W05 a token that is null", "{\"type\":\"auth\",\"token\":null}", "not authenticated" },
        { "W06 an empty token", "{\"type\":\"auth\",\"token\":\"\"}", "not authenticated" },
        { "W07 an array", "[]", "a request is one JSON object" },
        { "W08 nine levels deep", "{\"type\":\"auth\",\"token\":[[[[[[[[[1]]]]]]]]]}", "a request is one JSON object" },
        { "W09 nothing", "", "a request is one JSON object" },
        { "W10 a role instead of a token", "{\"type\":\"auth\",\"role\":\"admin\"}", "not authenticated" },
    };

    [Theory]
    [MemberData(nameof(FirstMessages))]
    [Trait("requirement", "R150")]
    public async Task Who_does_not_say_who_it_is_is_sent_away(string id, string first, string reason)
    {
        await using var world = await ControlWorld.StartAsync();
        using var socket = await world.ConnectAsync();
        await socket.SayAsync(first);
        var (status, told) = await socket.ClosedAsync();
        Assert.True(status == WebSocketCloseStatus.PolicyViolation && told.StartsWith(reason, StringComparison.Ordinal), $"{id}: {status} {told}");
        Assert.Equal(0, world.Host.Hub.Clients);
    }

    [Fact]
    public async Task W11_silence_is_cut_off_when_the_time_to_authenticate_is_over()
    {
        await using var world = await ControlWorld.StartAsync(new SocketLimits { AuthenticateWithin = TimeSpan.FromMilliseconds(300) });
        using var socket = await world.ConnectAsync();
        var (_, told) = await socket.ClosedAsync();
        Assert.True(told is "not authenticated in time" or "aborted", told);
        await world.AssertHealthyAsync();
    }

    /// <summary>Id, message of an authenticated client, whether the connection survives it.</summary>
    public static TheoryData<string, string, bool> Requests => new()
    {
        { "W12 no JSON", "{", false },
        { "W13 no type", "{}", true },
        { "W14 an unknown type", "{\"type\":\"command\",\"command\":\"kill\"}", true },
        { "W15 topics that are text", "{\"type\":\"subscribe\",\"topics\":\"bbo\"}", true },
        { "W16 topics of numbers", "{\"type\":\"subscribe\",\"topics\":[1]}", true },
        { "W17 an unknown topic", "{\"type\":\"subscribe\",\"topics\":[\"secrets\"]}", true },
        { "W18 a topic that is a path", "{\"type\":\"subscribe\",\"topics\":[\"../../tokens.json\"]}", true },
        { "W19 a topic with a line break", "{\"type\":\"subscribe\",\"topics\":[\"a\\nb\"]}", true },
        { "W20 a topic of 101 letters", "{\"type\":\"subscribe\",\"topics\":[\"" + new string('x', 101) + "\"]}", true },
        { "W21 129 topics", "{\"type\":\"subscribe\",\"topics\":[" + string.Join(',', Enumerable.Range(0, 129).Select(i => $"\"t{i}\"")) + "]}",
            true },
        { "W22 a million times a second", "{\"type\":\"subscribe\",\"topics\":[\"events\"],\"hz\":1000000}", true },
        { "W23 a negative rate", "{\"type\":\"subscribe\",\"topics\":[\"events\"],\"hz\":-5}", true },
        { "W24 a rate that is no number", "{\"type\":\"subscribe\",\"topics\":[\"events\"],\"hz\":\"x\"}", true },
        { "W25 auth again as somebody else", "{\"type\":\"auth\",\"token\":\"x\"}", true },
        { "W26 unsubscribe what was never wanted", "{\"type\":\"unsubscribe\",\"topics\":[\"events\"]}", true },
        { "W27 nine levels deep", "{\"type\":[[[[[[[[[1]]]]]]]]]}", false },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    [Trait("requirement", "R150")]
    public async Task A_senseless_request_harms_at_most_its_own_connection(string id, string request, bool survives)
    {
        await using var world = await ControlWorld.StartAsync();
        using var socket = await world.ConnectAsync(world[AccessRole.Viewer]);
        Assert.Equal("welcome", (string?)(await socket.HearAsync())!["type"]);
        await socket.SayAsync(request);
        await socket.SayAsync("{\"type\":\"ping\"}");
        if (!survives)
        {
            Assert.Equal(WebSocketCloseStatus.PolicyViolation, (await socket.ClosedAsync()).Status);
        }
        else
        {
            string? heard;
            do heard = (string?)(await socket.HearAsync())!["type"];
            while (heard is "error" or "snapshot");
            Assert.True(heard == "pong", $"{id}: {heard}");
        }

        await world.AssertHealthyAsync();
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public async Task W28_a_message_may_have_16_KiB_and_not_one_byte_more(int more, bool survives)
    {
        await using var world = await ControlWorld.StartAsync();
        using var socket = await world.ConnectAsync(world[AccessRole.Viewer]);
        await socket.HearAsync();
        const string frame = "{\"type\":\"ping\",\"x\":\"\"}";
        await socket.SayAsync(frame.Insert(frame.Length - 2, new string('x', 16 * 1024 - frame.Length + more)));
        if (survives) Assert.Equal("pong", (string?)(await socket.HearAsync())!["type"]);
        else Assert.Equal(WebSocketCloseStatus.MessageTooBig, (await socket.ClosedAsync()).Status);
    }

    [Fact]
    public async Task W29_binary_requests_are_refused()
    {
        await using var world = await ControlWorld.StartAsync();
        using var socket = await world.ConnectAsync(world[AccessRole.Viewer]);
        await socket.HearAsync();
        await socket.SendAsync(new byte[] { 1, 2, 3 }, WebSocketMessageType.Binary, true, TestContext.Current.CancellationToken);
        Assert.Equal(WebSocketCloseStatus.InvalidMessageType, (await socket.ClosedAsync()).Status);
    }

    [Fact]
    public async Task W30_a_flood_of_requests_ends_its_own_connection()
    {
        await using var world = await ControlWorld.StartAsync();
        using var socket = await world.ConnectAsync(world[AccessRole.Viewer]);
        await socket.HearAsync();
        try
        {
            for (var i = 0; i < 500; i++) await socket.SayAsync("{\"type\":\"ping\"}");
        }
        catch (WebSocketException)
        {
            // Cut off while it was still shouting.
        }

        var (status, told) = await socket.ClosedAsync();
        Assert.True(told is "too many messages" or "aborted", $"{status} {told}");
        await world.AssertHealthyAsync();
    }

    [Fact]
    public async Task W31_a_message_in_endless_parts_is_bounded()
    {
        await using var world = await ControlWorld.StartAsync();
        using var socket = await world.ConnectAsync(world[AccessRole.Viewer]);
        await socket.HearAsync();
        try
        {
            for (var i = 0; i < 40_000; i++) await socket.SendAsync("x"u8.ToArray(), WebSocketMessageType.Text, false,
                TestContext.Current.CancellationToken);
        }
        catch (WebSocketException)
        {
            // Cut off on the way.
        }

        var (status, told) = await socket.ClosedAsync();
        Assert.True(status == WebSocketCloseStatus.MessageTooBig || told == "aborted", $"{status} {told}");
        await world.AssertHealthyAsync();
    }

    [Theory]
    [InlineData("W32 foreign origin", "Origin: http://evil.example\r\n", 403)]
    [InlineData("W33 origin null", "Origin: null\r\n", 403)]
    [InlineData("W34 wrong token on the upgrade", "Authorization: Bearer pst_x\r\n", 401)]
    [InlineData("W35 two origins", "Origin: http://127.0.0.1\r\nOrigin: http://evil.example\r\n", 403)]
    [InlineData("W36 token in the URL", "", 400)]
    [InlineData("W37 foreign host", "", 421)]
    public async Task An_upgrade_that_must_not_happen_does_not(string id, string headers, int expected)
    {
        await using var world = await ControlWorld.StartAsync();
        var path = id.StartsWith("W36", StringComparison.Ordinal) ? "/ws/v1?token=" + world[AccessRole.Viewer] : "/ws/v1";
        var host = id.StartsWith("W37", StringComparison.Ordinal) ? "evil.example" : $"127.0.0.1:{world.Host.Url.Port}";
        var answer = await world.RawAsync(Upgrade(path, host, headers));
        Assert.True(answer.StartsWith($"HTTP/1.1 {expected} ", StringComparison.Ordinal), $"{id}: {answer.Split('\r')[0]}");
    }

    /// <summary>Id and frame bytes after a good upgrade; the server must close and live.</summary>
    public static TheoryData<string, byte[]> Frames => new()
    {
        { "W38 a message inside a message", [0x01, 0x81, 0, 0, 0, 0, 0x7b, 0x81, 0x81, 0, 0, 0, 0, 0x7d] },
        { "W39 reserved bits", [0xf1, 0x80, 0, 0, 0, 0] },
        { "W40 an unknown opcode", [0x83, 0x80, 0, 0, 0, 0] },
        { "W41 a length of 2^63", [0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] },
        { "W42 a length of 2^40", [0x81, 0xff, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0] },
        { "W43 a ping of 126 bytes", [0x89, 0xfe, 0, 126, 0, 0, 0, 0, .. new byte[126]] },
        { "W44 a ping in parts", [0x09, 0x80, 0, 0, 0, 0] },
        { "W45 a continuation of nothing", [0x80, 0x80, 0, 0, 0, 0] },
        { "W46 text that is no UTF-8", [0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28] },
        { "W47 a compressed frame nobody agreed on", [0xc1, 0x81, 0, 0, 0, 0, 0x00] },
        { "W48 a close with one byte", [0x88, 0x81, 0, 0, 0, 0, 0x03] },
        { "W49 a close with a forbidden code", [0x88, 0x82, 0, 0, 0, 0, 0x03, 0xed] },
    };

    [Theory]
    [MemberData(nameof(Frames))]
    [Trait("requirement", "R150")]
    public async Task A_broken_frame_ends_its_connection_and_nothing_else(string id, byte[] frame)
    {
        await using var world = await ControlWorld.StartAsync();
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync("127.0.0.1", world.Host.Url.Port, TestContext.Current.CancellationToken);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(Upgrade("/ws/v1", $"127.0.0.1:{world.Host.Url.Port}",
            $"Authorization: Bearer {world[AccessRole.Viewer]}\r\n")), TestContext.Current.CancellationToken);
        await stream.WriteAsync(frame, TestContext.Current.CancellationToken);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        var ended = false;
        try
        {
            var buffer = new byte[4_096];
            while (await stream.ReadAsync(buffer, limit.Token) > 0)
            {
            }

            ended = true;
        }
        catch (IOException)
        {
            ended = true;
        }
        catch (OperationCanceledException)
        {
            // A length that never comes keeps the connection open until the keep-alive ends it: it holds one buffer of 16 KiB.
            ended = id.StartsWith("W42", StringComparison.Ordinal);
        }

        Assert.True(ended, id);
        await world.AssertHealthyAsync();
    }

    [Fact]
    public async Task W50_more_sockets_than_allowed_are_refused_and_the_others_stay()
    {
        await using var world = await ControlWorld.StartAsync(socketsMax: 10);
        var sockets = new List<ClientWebSocket>();
        for (var i = 0; i < 10; i++) sockets.Add(await world.ConnectAsync(world[AccessRole.Viewer]));
        await Assert.ThrowsAsync<WebSocketException>(() => world.ConnectAsync(world[AccessRole.Viewer]));
        await sockets[0].HearAsync();
        await sockets[0].SayAsync("{\"type\":\"ping\"}");
        Assert.Equal("pong", (string?)(await sockets[0].HearAsync())!["type"]);
        foreach (var socket in sockets) socket.Dispose();
    }

    [Fact]
    public async Task W51_a_token_that_is_taken_away_ends_its_connections()
    {
        await using var world = await ControlWorld.StartAsync();
        using var socket = await world.ConnectAsync(world.Host.Tokens.Add("leaver", AccessRole.Admin));
        Assert.Equal("leaver", (string?)(await socket.HearAsync())!["name"]);
        world.Host.Tokens.Remove("leaver");
        await socket.ClosedAsync();
        Assert.NotEqual(WebSocketState.Open, socket.State);
    }

    private static string Upgrade(string path, string host, string headers) =>
        $"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {Key}\r\n{headers}\r\n";
}
