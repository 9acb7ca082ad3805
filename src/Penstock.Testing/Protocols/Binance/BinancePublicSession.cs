using System.Text.Json;
using Penstock.Testing.Faults;

namespace Penstock.Testing.Protocols.Binance;

/// <summary>A stream connection: SUBSCRIBE, UNSUBSCRIBE, LIST_SUBSCRIPTIONS, pings of the server.</summary>
internal sealed class BinancePublicSession : ProtocolSession
{
    private readonly string _route;
    private readonly long _pingIntervalNs;
    private long _nextPingNs;

    /// <param name="faults">The venue's.</param>
    /// <param name="sink">The socket.</param>
    /// <param name="streams">Named in the address, joined by '/'.</param>
    /// <param name="nowNs">Unix nanoseconds.</param>
    /// <param name="route">Before the topic of every stream: any stream is taken, and silent where the entrance does not carry it.</param>
    /// <param name="pingSeconds">Between two pings.</param>
    public BinancePublicSession(FaultPlan faults, IFrameSink sink, string streams, long nowNs, string route = "", int pingSeconds = 20) : base(faults, sink)
    {
        _route = route;
        _pingIntervalNs = pingSeconds * 1_000_000_000L;
        _nextPingNs = nowNs + _pingIntervalNs;
        foreach (var stream in streams.Split('/', StringSplitOptions.RemoveEmptyEntries)) TrySubscribe(_route + stream);
    }

    public override void Step(long nowNs)
    {
        base.Step(nowNs);
        if (nowNs < _nextPingNs) return;
        _nextPingNs = nowNs + _pingIntervalNs;
        Injector.Ping(nowNs);
    }

    protected override void Handle(JsonElement message, long nowNs)
    {
        var method = StringOf(message, "method");
        var id = RawOf(message, "id");
        switch (method)
        {
            case "SUBSCRIBE":
                foreach (var stream in message.GetProperty("params").EnumerateArray()) TrySubscribe(_route + stream.GetString());
                break;
            case "UNSUBSCRIBE":
                foreach (var stream in message.GetProperty("params").EnumerateArray()) Unsubscribe(_route + stream.GetString());
                break;
            case "LIST_SUBSCRIPTIONS":
                Text.Clear().Write($$"""{"result":{{JsonSerializer.Serialize(Topics.Select(topic => topic[_route.Length..]))}},"id":{{id}}}""");
                Send(Text, FrameKinds.Control, nowNs);
                return;
            default:
                Text.Clear().Write($$"""{"code":2,"msg":"Invalid request: unknown variant","id":{{id}}}""");
                Send(Text, FrameKinds.Control, nowNs);
                return;
        }

        Text.Clear().Write($$"""{"result":null,"id":{{id}}}""");
        Send(Text, FrameKinds.Control, nowNs);
    }

    protected override void OnMalformed(long nowNs) =>
        Send(Text.Clear().Raw("""{"code":2,"msg":"Invalid request: not understood","id":null}"""), FrameKinds.Control, nowNs);
}
