using System.Text.Json;
using Penstock.Testing.Faults;

namespace Penstock.Testing.Protocols.Kucoin;

/// <summary>One connection: greeting, pings, subscriptions. A private token opens the private topics, too.</summary>
internal sealed class KucoinSession(KucoinVenue venue, IFrameSink sink, bool isPrivate, long openedNs) : ProtocolSession(venue.Faults, sink)
{
    public const int PingIntervalMs = 18_000, PingTimeoutMs = 10_000;

    private const long SilentNsMax = (PingIntervalMs + PingTimeoutMs) * 1_000_000L;
    private const int SymbolsMax = 100, SessionTopicsMax = 300, UplinkMax = 100;
    private const long UplinkWindowNs = 10_000_000_000;

    private bool _isGreeted;
    private long _heardNs = openedNs;
    private long _windowNs = openedNs;
    private int _uplink;

    public override void Step(long nowNs)
    {
        if (!_isGreeted)
        {
            _isGreeted = true;
            Send(Text.Clear().Raw("""{"id":"hQvf8jkno","type":"welcome"}"""), FrameKinds.Control, nowNs);
        }

        // A client that does not ping is taken for dead, whatever else it sends.
        if (nowNs - _heardNs > SilentNsMax) Cut();
        base.Step(nowNs);
    }

    protected override void Handle(JsonElement message, long nowNs)
    {
        // Nobody listens before the greeting.
        if (!_isGreeted) return;
        var id = StringOf(message, "id");
        if (!TryCount(nowNs))
        {
            Fail(id, 509, "exceed max permits per second :100", nowNs);
            return;
        }

        switch (StringOf(message, "type"))
        {
            case "ping":
                _heardNs = nowNs;
                Send(Text.Clear().Write($$"""{"id":"{{id}}","type":"pong"}"""), FrameKinds.Control, nowNs);
                break;
            case "subscribe":
                Subscribe(id, message, nowNs);
                break;
            case "unsubscribe":
                foreach (var topic in Split(StringOf(message, "topic"))) Unsubscribe(topic);
                Acknowledge(id, message, nowNs);
                break;
            default:
                Fail(id, 400, "type is not supported", nowNs);
                break;
        }
    }

    protected override void OnMalformed(long nowNs) => Fail("", 400, "message is not supported", nowNs);

    private void Subscribe(string id, JsonElement message, long nowNs)
    {
        var topic = StringOf(message, "topic");
        var names = Split(topic);
        if (names.Length > SymbolsMax || Topics.Count + names.Length > SessionTopicsMax)
        {
            Fail(id, 509, $"exceed max subscription count limitation of {SessionTopicsMax} per session", nowNs);
            return;
        }

        var isPrivateTopic = topic is KucoinVenue.OrdersTopic or KucoinVenue.BalanceTopic;
        if (isPrivateTopic ? !isPrivate || StringOf(message, "privateChannel") != "true" : !names.All(IsPublic))
        {
            Fail(id, isPrivateTopic ? 403 : 404, $"topic {topic} is {(isPrivateTopic ? "private" : "not found")}", nowNs);
            return;
        }

        foreach (var name in names) TrySubscribe(name);
        Acknowledge(id, message, nowNs);
    }

    private bool IsPublic(string topic)
    {
        var colon = topic.IndexOf(':');
        return colon > 0 && venue.Find(topic[(colon + 1)..]) is not null
            && topic[..colon] is "/market/level2" or "/market/match" or "/market/ticker" or "/spotMarket/level1" or "/spotMarket/level2Depth5" or "/spotMarket/level2Depth50";
    }

    /// <summary>/market/level2:A,B is two topics.</summary>
    private static string[] Split(string topic)
    {
        var colon = topic.IndexOf(':');
        return colon < 0 ? [topic] : [.. topic[(colon + 1)..].Split(',').Select(symbol => topic[..(colon + 1)] + symbol)];
    }

    private void Acknowledge(string id, JsonElement message, long nowNs)
    {
        if (StringOf(message, "response") == "true") Send(Text.Clear().Write($$"""{"id":"{{id}}","type":"ack"}"""), FrameKinds.Control, nowNs);
    }

    private void Fail(string id, int code, string reason, long nowNs) =>
        Send(Text.Clear().Write($$"""{"id":"{{id}}","type":"error","code":{{code}},"data":"{{reason}}"}"""), FrameKinds.Control, nowNs);

    private bool TryCount(long nowNs)
    {
        if (nowNs - _windowNs >= UplinkWindowNs)
        {
            _windowNs = nowNs;
            _uplink = 0;
        }

        return ++_uplink <= UplinkMax;
    }
}
