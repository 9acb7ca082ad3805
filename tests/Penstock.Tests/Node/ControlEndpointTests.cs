using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Penstock.Node.Control;

namespace Penstock.Tests.Node;

/// <summary>Whoever can open the socket can send anything: the endpoint answers or hangs up, and goes on.</summary>
public sealed class ControlEndpointTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private readonly string _folder = Directory.CreateTempSubdirectory("penstock-ctl").FullName;
    private readonly ControlEndpoint _endpoint;

    public ControlEndpointTests() => _endpoint = new ControlEndpoint(Path.Combine(_folder, "ctl.sock"), command => (string?)command["command"] switch
    {
        "status" => new JsonObject { ["state"] = "READY" },
        "break" => throw new NotSupportedException("broken inside"),
        var other => ControlEndpoint.Refusal($"no {other}"),
    });

    public void Dispose()
    {
        _endpoint.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_command_is_answered_and_only_the_owner_may_connect()
    {
        Assert.Equal("READY", (string?)(await AskAsync("""{"command":"status"}""" + "\n"))["state"]);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_endpoint.SocketPath));
        Assert.Equal((1, 0), (_endpoint.Commands, _endpoint.Refused));
    }

    [Theory]
    [InlineData("not json\n", "not JSON")]
    [InlineData("\n", "not JSON")]
    [InlineData("[1,2]\n", "one JSON object")]
    [InlineData("null\n", "one JSON object")]
    [InlineData("{\"command\":7}\n", "wrong type")]
    [InlineData("{\"command\":{\"a\":1}}\n", "wrong type")]
    [InlineData("{\"command\":\"status\",\"command\":\"kill\"}\n", "stands twice")]
    [InlineData("{\"command\":\"nonsense\"}\n", "no nonsense")]
    [InlineData("{\"command\":\"break\"}\n", "its own fault")]
    [InlineData("\u0000\u0001\u00ff\n", "not JSON")]
    public async Task Nonsense_is_refused_with_a_reason_and_the_next_command_is_answered(string line, string reason)
    {
        Assert.Contains(reason, (string?)(await AskAsync(line))["error"], StringComparison.Ordinal);
        Assert.Equal("READY", (string?)(await AskAsync("{\"command\":\"status\"}\n"))["state"]);
        Assert.Equal((2, 1), (_endpoint.Commands, _endpoint.Refused));
    }

    [Fact]
    public async Task A_line_without_end_is_refused_at_the_limit()
        => Assert.Contains("at most 65536 bytes", (string?)(await AskAsync(new string('x', 200_000)))["error"], StringComparison.Ordinal);

    [Fact]
    public async Task Deep_nesting_is_refused()
        => Assert.Contains("not JSON", (string?)(await AskAsync(new string('[', 30_000) + "\n"))["error"], StringComparison.Ordinal);

    [Fact]
    public async Task Idle_connections_beyond_the_limit_are_closed_and_those_below_still_answered()
    {
        using var limit = new CancellationTokenSource(Limit);
        var idle = new List<Socket>();
        try
        {
            for (var i = 0; i < ControlEndpoint.ConnectionsMax; i++) idle.Add(await ConnectAsync(limit.Token));
            using var tooMany = await ConnectAsync(limit.Token);
            // Closed by the endpoint: the read ends, nothing is answered.
            Assert.Equal(0, await ReadOrResetAsync(tooMany, limit.Token));
            Assert.Equal(1, _endpoint.ConnectionsRefused);
            await idle[0].SendAsync("{\"command\":\"status\"}\n"u8.ToArray(), limit.Token);
            Assert.Equal("READY", (string?)(await ReadAsync(idle[0], limit.Token))["state"]);
        }
        finally
        {
            idle.ForEach(s => s.Dispose());
        }
    }

    [Fact]
    public async Task A_socket_file_left_by_a_dead_node_is_replaced()
    {
        var path = Path.Combine(_folder, "old.sock");
        await File.WriteAllTextAsync(path, "");
        using var endpoint = new ControlEndpoint(path, _ => new JsonObject());
        using var limit = new CancellationTokenSource(Limit);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), limit.Token);
    }

    private async Task<JsonObject> AskAsync(string text)
    {
        using var limit = new CancellationTokenSource(Limit);
        using var socket = await ConnectAsync(limit.Token);
        try
        {
            await socket.SendAsync(Encoding.UTF8.GetBytes(text), limit.Token);
        }
        catch (SocketException)
        {
            // It had heard enough and hung up; what it said is still to be read.
        }

        return await ReadAsync(socket, limit.Token);
    }

    private async Task<Socket> ConnectAsync(CancellationToken cancel)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(_endpoint.SocketPath), cancel);
        return socket;
    }

    private static async Task<JsonObject> ReadAsync(Socket socket, CancellationToken cancel)
    {
        var buffer = new byte[65_536];
        var length = 0;
        while (length == 0 || buffer[length - 1] != '\n')
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(length), cancel);
            Assert.True(read > 0, "The endpoint hung up without an answer.");
            length += read;
        }

        return JsonNode.Parse(buffer.AsSpan(0, length))!.AsObject();
    }

    private static async Task<int> ReadOrResetAsync(Socket socket, CancellationToken cancel)
    {
        try
        {
            return await socket.ReceiveAsync(new byte[1], cancel);
        }
        catch (SocketException)
        {
            return 0;
        }
    }
}
