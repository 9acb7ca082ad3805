using System.Text.Json;
using Penstock.Testing.Faults;

namespace Penstock.Testing.Protocols.Binance;

/// <summary>A combined-stream connection: SUBSCRIBE, UNSUBSCRIBE, LIST_SUBSCRIPTIONS, a server ping every 20 s.</summary>
internal sealed class BinancePublicSession : ProtocolSession
{
    private const long PingIntervalNs = 20_000_000_000;

    private long _nextPingNs;

    public BinancePublicSession(BinanceVenue venue, IFrameSink sink, string query, long nowNs) : base(venue.Faults, sink)
    {
        _nextPingNs = nowNs + PingIntervalNs;
        var streams = VenueHttpRequest.Find(VenueHttpRequest.Parse(query), "streams");
        foreach (var stream in streams.Split('/', StringSplitOptions.RemoveEmptyEntries)) TrySubscribe(stream);
    }

    public override void Step(long nowNs)
    {
        base.Step(nowNs);
        if (nowNs < _nextPingNs) return;
        _nextPingNs = nowNs + PingIntervalNs;
        Injector.Ping(nowNs);
    }

    protected override void Handle(JsonElement message, long nowNs)
    {
        var method = StringOf(message, "method");
        var id = RawOf(message, "id");
        switch (method)
        {
            case "SUBSCRIBE":
                foreach (var stream in message.GetProperty("params").EnumerateArray()) TrySubscribe(stream.GetString()!);
                break;
            case "UNSUBSCRIBE":
                foreach (var stream in message.GetProperty("params").EnumerateArray()) Unsubscribe(stream.GetString()!);
                break;
            case "LIST_SUBSCRIPTIONS":
                Text.Clear().Write($$"""{"result":{{JsonSerializer.Serialize(Topics)}},"id":{{id}}}""");
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
