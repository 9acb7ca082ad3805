using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Penstock.Control.Api;
using Penstock.Control.Gateway;
using Penstock.Control.Security;
using Penstock.Infrastructure.Time;

namespace Penstock.Tests.Control;

/// <summary>A real control plane on a free loopback port, with a node that is a function: what reaches it is written down.</summary>
internal sealed class ControlWorld : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("penstock-control-").FullName;
    private readonly Dictionary<AccessRole, string> _tokens = [];

    private ControlWorld()
    {
    }

    public ControlHost Host { get; private set; } = null!;

    public HttpClient Http { get; private set; } = null!;

    public string Folder => _folder;

    public MovableWallClock Wall { get; } = new();

    public MovableClock Clock { get; } = new();

    /// <summary>Commands that reached the node, queries left out.</summary>
    public ConcurrentQueue<JsonObject> Commands { get; } = new();

    /// <summary>What the node answers to a command.</summary>
    public Func<JsonObject, JsonObject?> Node { get; set; } = _ => new JsonObject { ["result"] = "Done." };

    /// <summary>What the node answers when asked whether a command could be done.</summary>
    public Func<JsonObject, JsonObject?> Check { get; set; } = _ => new JsonObject { ["result"] = "It exists." };

    public string this[AccessRole role] => _tokens[role];

    public static async Task<ControlWorld> StartAsync(
        SocketLimits? sockets = null, int connectionsMax = 2_000, int socketsMax = 1_200, double headersWithinSeconds = 5)
    {
        var world = new ControlWorld();
        world.Host = await ControlHost.StartAsync(
            new ControlHostOptions
            {
                Data = world._folder, Port = 0, Sockets = sockets ?? new SocketLimits(), ConnectionsMax = connectionsMax, SocketsMax = socketsMax,
                Clock = world.Clock, WallClock = world.Wall, Ask = world.AskAsync, HeadersWithin = TimeSpan.FromSeconds(headersWithinSeconds),
            }, TestContext.Current.CancellationToken);
        foreach (var role in new[] { AccessRole.Viewer, AccessRole.Trader, AccessRole.Admin }) world._tokens[role] =
            world.Host.Tokens.Add(role.ToString().ToLowerInvariant(), role);
        world.Http = new HttpClient { BaseAddress = world.Host.Url, Timeout = TimeSpan.FromSeconds(30) };
        return world;
    }

    public HttpRequestMessage Request(string method, string path, string? token = null, string? body = null)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (method == "POST")
        {
            request.Content = new StringContent(body ?? "{}", Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
            if (path.Contains("/commands/", StringComparison.Ordinal)) request.Headers.Add("Idempotency-Key",
                Convert.ToHexString(System.Security.Cryptography.RandomNumberGenerator.GetBytes(8)));
        }

        return request;
    }

    public async Task<(int Status, JsonObject Body)> SendAsync(HttpRequestMessage request)
    {
        using var response = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, text.StartsWith('{') ? JsonNode.Parse(text)!.AsObject() : []);
    }

    public Task<(int Status, JsonObject Body)> SendAsync(string method, string path, AccessRole role = AccessRole.Public, string? body = null) =>
        SendAsync(Request(method, path, role == AccessRole.Public ? null : this[role], body));

    public Uri SocketUrl(string query = "") => new($"ws://127.0.0.1:{Host.Url.Port}/ws/v1{query}");

    public async Task<ClientWebSocket> ConnectAsync(string? token = null, string query = "")
    {
        var socket = new ClientWebSocket();
        if (token is not null) socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        await socket.ConnectAsync(SocketUrl(query), TestContext.Current.CancellationToken);
        return socket;
    }

    /// <summary>Bytes as they are, to see what comes back; the connection is closed by the server or after the time.</summary>
    public async Task<string> RawAsync(byte[] bytes, int milliseconds = 8_000)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync("127.0.0.1", Host.Url.Port, TestContext.Current.CancellationToken);
        var stream = socket.GetStream();
        using var limit = new CancellationTokenSource(milliseconds);
        var answer = new StringBuilder();
        var buffer = new byte[4_096];
        try
        {
            await stream.WriteAsync(bytes, limit.Token);
            int read;
            while ((read = await stream.ReadAsync(buffer, limit.Token)) > 0)
            {
                answer.Append(Encoding.Latin1.GetString(buffer, 0, read));
                if (answer.ToString().Contains("\r\n\r\n", StringComparison.Ordinal)) break;
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The server closed, or said nothing.
        }

        return answer.ToString();
    }

    public Task<string> RawAsync(string text, int milliseconds = 8_000) => RawAsync(Encoding.Latin1.GetBytes(text), milliseconds);

    /// <summary>The server still serves an honest client.</summary>
    public async Task AssertHealthyAsync() => Assert.Equal(200, (await SendAsync("GET", "/api/v1/me", AccessRole.Viewer)).Status);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Host.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private Task<JsonObject?> AskAsync(JsonObject command)
    {
        switch ((string?)command["command"])
        {
            case "status":
                return Task.FromResult<JsonObject?>(new JsonObject { ["state"] = "READY", ["name"] = "test", ["environment"] = "sim" });
            case "limits.list":
                return Task.FromResult<JsonObject?>((JsonObject)JsonNode.Parse(
                    """
                    {"killed":[],"rejects":[],"limits":[
                      {"name":"position","scope":"node","of":"","used":"0.4","cap":"0.5"},
                      {"name":"position","scope":"instrument:1","of":"BTC-USDT.OKX","used":"0.4","cap":"2"}]}
                    """)!);
            case "positions" or "balances" or "pnl" or "breaker.list":
                return Task.FromResult<JsonObject?>(new JsonObject { ["positions"] = new JsonArray(), ["balances"] = new JsonArray(), ["pnl"] =
                    new JsonArray(), ["total"] = "0" });
            case "approve.check" or "scope.check":
                return Task.FromResult(Check(command));
            default:
                Commands.Enqueue((JsonObject)command.DeepClone());
                return Task.FromResult(Node(command));
        }
    }

    /// <summary>The machine's clock and what a test adds to it: patience without waiting.</summary>
    internal sealed class MovableClock : IMonotonicClock
    {
        private long _addedNs;

        public long AddedNs
        {
            get => Interlocked.Read(ref _addedNs);
            set => Interlocked.Exchange(ref _addedNs, value);
        }

        public long NowNs => MonotonicClock.Instance.NowNs + AddedNs;
    }

    internal sealed class MovableWallClock : IWallClock
    {
        public long AddedNs { get; set; }

        public long UnixNs => SystemWallClock.Instance.UnixNs + AddedNs;
    }
}

/// <summary>What a test says and hears over a WebSocket.</summary>
internal static class SocketTalk
{
    public static Task SayAsync(this WebSocket socket, string text) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);

    /// <summary>The next message; null when the server closed.</summary>
    public static async Task<byte[]?> HearBytesAsync(this WebSocket socket, int milliseconds = 15_000)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(milliseconds);
        var all = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(), limit.Token);
            if (part.MessageType == WebSocketMessageType.Close) return null;
            all.Write(buffer, 0, part.Count);
            if (part.EndOfMessage) return all.ToArray();
        }
    }

    public static async Task<JsonObject?> HearAsync(this WebSocket socket, int milliseconds = 15_000) =>
        await socket.HearBytesAsync(milliseconds) is { } bytes ? JsonNode.Parse(bytes)!.AsObject() : null;

    /// <summary>Why the server closed; everything it says before is skipped.</summary>
    public static async Task<(WebSocketCloseStatus? Status, string Reason)> ClosedAsync(this WebSocket socket)
    {
        try
        {
            while (await socket.HearBytesAsync() is not null)
            {
            }
        }
        catch (WebSocketException)
        {
            return (null, "aborted");
        }

        return (socket.CloseStatus, socket.CloseStatusDescription ?? "");
    }
}
