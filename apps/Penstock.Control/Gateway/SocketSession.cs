using System.Buffers;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Penstock.Control.ReadModels;
using Penstock.Control.Security;
using Penstock.Control.Telemetry;
using Penstock.Infrastructure.Time;

namespace Penstock.Control.Gateway;

/// <summary>What every connection may use up.</summary>
internal sealed record SocketLimits
{
    public TimeSpan AuthenticateWithin { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A client that has not taken one message for so long is cut off.</summary>
    public TimeSpan StallMax { get; init; } = TimeSpan.FromSeconds(60);

    public int RequestBytesMax { get; init; } = 16 * 1024;

    public double RequestsPerSecond { get; init; } = 20;

    public double RequestsBurst { get; init; } = 60;

    public int QueueMessagesMax { get; init; } = 64;

    public int QueueBytesMax { get; init; } = 1 << 20;
}

/// <summary>
/// One WebSocket connection: the first message says who it is, then requests come in and messages go out, each in a loop of its own. Whatever
/// the client does wrong ends this connection with a reason and nothing else.
/// </summary>
internal sealed class SocketSession(WebSocket socket, Hub hub, TokenStore tokens, IMonotonicClock clock, SocketLimits limits, JsonObject about)
{
    private const int DepthMax = 8;
    private const int TopicsPerRequestMax = 128;

    private static readonly JsonDocumentOptions Parsing = new() { MaxDepth = DepthMax };

    private bool _isBinary;

    /// <summary>Serves until one side has enough.</summary>
    /// <param name="known">Who it is, when the upgrade said so already.</param>
    /// <param name="isBinary">The compact form.</param>
    /// <param name="cancel">The server stops, or the connection is gone.</param>
    public async Task RunAsync(Principal? known, bool isBinary, CancellationToken cancel)
    {
        _isBinary = isBinary;
        try
        {
            if (known is null && (known = await AuthenticateAsync(cancel).ConfigureAwait(false)) is null) return;
            var client = new Client(known, isBinary, new OutboundQueue(limits.QueueMessagesMax, limits.QueueBytesMax));
            hub.Add(client);
            client.Send(Reply(new JsonObject
            {
                ["type"] = "welcome", ["name"] = known.Name, ["role"] = known.Role.ToString().ToLowerInvariant(),
                ["node"] = about["node"]?.DeepClone(),
                ["environment"] = about["environment"]?.DeepClone(), ["hz"] = Hub.Rates[^1],
            }));
            await ServeAsync(client, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The other side is gone, or was cut off: there is nobody to tell.
        }
    }

    private async Task ServeAsync(Client client, CancellationToken cancel)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, client.Ended.Token);
        var sending = SendAsync(client, both.Token);
        try
        {
            await ReceiveAsync(client, both.Token).ConfigureAwait(false);
        }
        finally
        {
            hub.Remove(client);
            await client.Ended.CancelAsync().ConfigureAwait(false);
            await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<Principal?> AuthenticateAsync(CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(limits.AuthenticateWithin);
        try
        {
            using var first = await ReadAsync(limit.Token).ConfigureAwait(false);
            if (first is null) return null;
            if (Text(first.RootElement, "type") == "auth" && Text(first.RootElement, "token") is { } token && tokens.Find(token) is { } principal)
                return principal;
            await CloseAsync(WebSocketCloseStatus.PolicyViolation,
                "not authenticated: the first message is {\"type\":\"auth\",\"token\":...}").ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            await CloseAsync(WebSocketCloseStatus.PolicyViolation, "not authenticated in time").ConfigureAwait(false);
        }

        return null;
    }

    private async Task ReceiveAsync(Client client, CancellationToken cancel)
    {
        var rate = new RateGate(clock, limits.RequestsPerSecond, limits.RequestsBurst);
        while (true)
        {
            using var request = await ReadAsync(cancel).ConfigureAwait(false);
            if (request is null) return;
            if (!rate.TryPass("")) await CloseAsync(WebSocketCloseStatus.PolicyViolation, "too many messages").ConfigureAwait(false);
            else if (!Do(client, request.RootElement))
                await CloseAsync(WebSocketCloseStatus.PolicyViolation, "the server has too many requests waiting").ConfigureAwait(false);
            else continue;
            return;
        }
    }

    /// <returns>False when the connection is to end.</returns>
    private bool Do(Client client, JsonElement request)
    {
        switch (Text(request, "type"))
        {
            case "subscribe" when Topics(request) is { } topics:
                return Traced("gateway subscribe", client, topics, () => hub.Subscribe(client, topics, Hz(request)));
            case "unsubscribe" when Topics(request) is { } topics:
                return Traced("gateway unsubscribe", client, topics, () => hub.Unsubscribe(client, topics));
            case "pause":
                return hub.Pause(client);
            case "resume":
                return hub.Resume(client);
            case "ping":
                client.Send(Reply(new JsonObject { ["type"] = "pong" }));
                return true;
            default:
                client.Send(Reply(new JsonObject { ["type"] = "error",
                    ["detail"] = "expected type subscribe or unsubscribe with topics, pause, resume or ping" }));
                return true;
        }
    }

    /// <summary>What was asked for stands in the span by number only: a topic's name is a client's text.</summary>
    private static bool Traced(string name, Client client, List<string> topics, Func<bool> ask)
    {
        using var span = Spans.Begin(name, System.Diagnostics.ActivityKind.Server);
        span?.SetTag("penstock.who", client.Principal.Name);
        span?.SetTag("penstock.topics", topics.Count);
        var isTaken = ask();
        span.End(isTaken, isTaken ? "taken" : "too-many");
        return isTaken;
    }

    private async Task SendAsync(Client client, CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            await client.WaitAsync(cancel).ConfigureAwait(false);
            while (client.Queue.TryTake(out var message, out var dropped))
            {
                using var stall = CancellationTokenSource.CreateLinkedTokenSource(cancel);
                stall.CancelAfter(limits.StallMax);
                try
                {
                    await SendAsync(message, dropped, stall.Token).ConfigureAwait(false);
                }
                catch (Exception e) when (e is OperationCanceledException or WebSocketException or IOException)
                {
                    // It took nothing for too long, or is gone: what waits for it is thrown away with it.
                    socket.Abort();
                    throw;
                }
            }
        }
    }

    private async Task SendAsync(TopicMessage message, long dropped, CancellationToken cancel)
    {
        var type = message.IsBinary ? WebSocketMessageType.Binary : WebSocketMessageType.Text;
        if (dropped == 0 || message.Topic.Length == 0)
        {
            await socket.SendAsync(message.Bytes.AsMemory(), type, endOfMessage: true, cancel).ConfigureAwait(false);
            return;
        }

        await socket.SendAsync(message.HeadWith(dropped).AsMemory(), type, endOfMessage: false, cancel).ConfigureAwait(false);
        await socket.SendAsync(message.Bytes.AsMemory(message.HeadBytes), type, endOfMessage: true, cancel).ConfigureAwait(false);
    }

    /// <summary>The next request; null when the connection has ended, or is ended here because of what came.</summary>
    private async Task<JsonDocument?> ReadAsync(CancellationToken cancel)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(limits.RequestBytesMax);
        try
        {
            var length = 0;
            while (true)
            {
                // One byte more than allowed is read as such: at the limit itself nothing is wrong.
                if (length == limits.RequestBytesMax)
                {
                    await CloseAsync(WebSocketCloseStatus.MessageTooBig,
                        $"a message has {limits.RequestBytesMax} bytes at most").ConfigureAwait(false);
                    return null;
                }

                var part = await socket.ReceiveAsync(buffer.AsMemory(length, limits.RequestBytesMax - length), cancel).ConfigureAwait(false);
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    await CloseAsync(WebSocketCloseStatus.NormalClosure, "").ConfigureAwait(false);
                    return null;
                }

                length += part.Count;
                if (part.MessageType == WebSocketMessageType.Binary)
                {
                    await CloseAsync(WebSocketCloseStatus.InvalidMessageType, "requests are JSON text").ConfigureAwait(false);
                    return null;
                }

                if (part.EndOfMessage) break;
            }

            return await ParseAsync(buffer.AsMemory(0, length)).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task<JsonDocument?> ParseAsync(ReadOnlyMemory<byte> text)
    {
        try
        {
            // A copy: the document outlives the buffer.
            var document = JsonDocument.Parse(text.ToArray(), Parsing);
            if (document.RootElement.ValueKind == JsonValueKind.Object) return document;
            document.Dispose();
        }
        catch (JsonException)
        {
            // Told below.
        }

        await CloseAsync(WebSocketCloseStatus.PolicyViolation, $"a request is one JSON object, {DepthMax} levels deep at most").ConfigureAwait(false);
        return null;
    }

    private async Task CloseAsync(WebSocketCloseStatus status, string reason)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        try
        {
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
                await socket.CloseOutputAsync(status, reason, limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException or InvalidOperationException)
        {
            socket.Abort();
        }
    }

    private TopicMessage Reply(JsonObject json) => TopicMessage.Control(System.Text.Encoding.UTF8.GetBytes(json.ToJsonString()), _isBinary);

    private static string? Text(JsonElement request, string name) =>
        request.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static int Hz(JsonElement request) =>
        request.TryGetProperty("hz", out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var hz) ? hz : Hub.Rates[^1];

    private static List<string>? Topics(JsonElement request)
    {
        if (!request.TryGetProperty("topics", out var value) || value.ValueKind != JsonValueKind.Array
            || value.GetArrayLength() > TopicsPerRequestMax) return null;
        var topics = new List<string>();
        foreach (var topic in value.EnumerateArray())
        {
            if (topic.ValueKind != JsonValueKind.String || topic.GetString() is not { Length: > 0 and <= 100 } name) return null;
            topics.Add(name);
        }

        return topics;
    }
}
