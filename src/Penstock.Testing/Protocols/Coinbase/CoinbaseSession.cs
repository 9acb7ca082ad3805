using System.Text.Json;
using Penstock.Testing.Faults;

namespace Penstock.Testing.Protocols.Coinbase;

/// <summary>
/// What both kinds of connections share: one count over all frames, heartbeats every second, one channel a request, the close
/// of a connection that subscribes to nothing in five seconds or hears nothing for ninety.
/// </summary>
internal abstract class CoinbaseSession(CoinbaseVenue venue, IFrameSink sink, long openedNs) : ProtocolSession(venue.Faults, sink)
{
    protected const string Heartbeats = "heartbeats";

    private const long Second = 1_000_000_000;
    private const long SubscribeWithinNs = 5 * Second;
    private const long QuietMaxNs = 90 * Second;
    private const int RequestsPerSecondMax = 8;

    private long _sequence;
    private long _heartbeat;
    private long _nextHeartbeatNs;
    private bool _hasSubscribed;
    private long _requestSecond;
    private int _requests;

    protected CoinbaseVenue Venue { get; } = venue;

    /// <summary>Opens a frame; the caller writes its events and ends it.</summary>
    internal Utf8Text Begin(string channel, long nowNs) =>
        Text.Clear().Write($$"""{"channel":"{{channel}}","client_id":"","timestamp":"{{new IsoTime(nowNs)}}","sequence_num":{{_sequence++}},"events":[""");

    internal void End(FrameKinds kind, long nowNs) => Send(Text.Raw("]}"), kind, nowNs);

    public override void Step(long nowNs)
    {
        base.Step(nowNs);
        if (IsCut) return;
        if (IsSubscribed(Heartbeats) && nowNs >= _nextHeartbeatNs)
        {
            _nextHeartbeatNs = nowNs + Second;
            Begin(Heartbeats, nowNs).Write($$"""{"current_time":"{{new IsoTime(nowNs, "yyyy-MM-dd HH:mm:ss.ffffff")}} +0000 UTC m=+{{nowNs / Second}}","heartbeat_counter":{{++_heartbeat}}}""");
            End(FrameKinds.Control, nowNs);
        }

        var isIdle = !_hasSubscribed && nowNs - openedNs > SubscribeWithinNs;
        if (isIdle || nowNs - Math.Max(openedNs, LastSentNs) > QuietMaxNs) Cut();
    }

    protected sealed override void Handle(JsonElement message, long nowNs)
    {
        var type = StringOf(message, "type");
        var channel = StringOf(message, "channel");
        if (_requestSecond != nowNs / Second) (_requestSecond, _requests) = (nowNs / Second, 0);
        if (++_requests > RequestsPerSecondMax) Fail("rate limit exceeded", nowNs);
        else if (type is not ("subscribe" or "unsubscribe")) Fail("Type has to be either subscribe or unsubscribe", nowNs);
        else if (Knows(channel, message, nowNs) is { } refusal) Fail(refusal, nowNs);
        else if (type == "subscribe") Subscribe(channel, ProductsOf(message), nowNs);
        else Unsubscribe(channel, ProductsOf(message), nowNs);
        Venue.FlushPrivate(nowNs);
    }

    protected override void OnMalformed(long nowNs) => Fail("failed to parse request", nowNs);

    /// <summary>Null, or why the request is refused.</summary>
    protected abstract string? Knows(string channel, JsonElement message, long nowNs);

    /// <summary>What belongs to a new subscription, after its confirmation.</summary>
    protected abstract void SendFirst(string channel, string product, long nowNs);

    protected static List<string> ProductsOf(JsonElement message) =>
        message.TryGetProperty("product_ids", out var products) ? [.. products.EnumerateArray().Select(p => p.GetString() ?? "")] : [];

    private void Subscribe(string channel, List<string> products, long nowNs)
    {
        _hasSubscribed = true;
        if (channel == Heartbeats) products.Clear(); // of the connection, whatever products are named
        if (products.Count == 0) TrySubscribe(channel);
        foreach (var product in products) TrySubscribe(CoinbaseVenue.Topic(channel, product));
        Confirm(nowNs);
        if (products.Count == 0) SendFirst(channel, "", nowNs);
        foreach (var product in products) SendFirst(channel, product, nowNs);
    }

    /// <summary>Without products the whole channel is left.</summary>
    private void Unsubscribe(string channel, List<string> products, long nowNs)
    {
        foreach (var topic in Topics.Where(t => t == channel || t.StartsWith(channel + ":", StringComparison.Ordinal)).ToList())
        {
            if (products.Count == 0 || products.Contains(topic[(topic.IndexOf(':') + 1)..])) base.Unsubscribe(topic);
        }

        Confirm(nowNs);
    }

    /// <summary>All that the connection is subscribed to, by channel.</summary>
    private void Confirm(long nowNs)
    {
        var text = Begin("subscriptions", nowNs).Raw("""{"subscriptions":{""");
        foreach (var channel in Topics.GroupBy(t => t.Split(':')[0]))
        {
            text.Comma().Raw($"\"{channel.Key}\":[");
            foreach (var topic in channel) text.Comma().Raw($"\"{topic[(topic.IndexOf(':') + 1)..]}\"");
            text.Raw("]");
        }

        text.Raw("}}");
        End(FrameKinds.Control, nowNs);
    }

    /// <summary>Errors have no channel and are not counted.</summary>
    private void Fail(string message, long nowNs) =>
        Send(Text.Clear().Write($$"""{"type":"error","message":"{{message}}"}"""), FrameKinds.Control, nowNs);
}
