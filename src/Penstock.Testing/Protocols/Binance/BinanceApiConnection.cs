using System.Text.Json;
using Penstock.Testing.Faults;

namespace Penstock.Testing.Protocols.Binance;

/// <summary>What the WebSocket APIs of spot and futures have in common: pings, named parameters, and the envelope of an answer.</summary>
/// <param name="venue">Whose faults apply.</param>
/// <param name="sink">The connection.</param>
/// <param name="openedNs">When it was opened.</param>
/// <param name="pingIntervalNs">How often the server pings.</param>
/// <param name="ordersMax">The limit of orders in ten seconds that answers name.</param>
internal abstract class BinanceApiConnection(SimulatedVenue venue, IFrameSink sink, long openedNs, long pingIntervalNs, int ordersMax)
    : ProtocolSession(venue.Faults, sink)
{
    private long _nextPingNs = openedNs + pingIntervalNs;

    protected long OpenedNs { get; } = openedNs;

    public override void Step(long nowNs)
    {
        base.Step(nowNs);
        if (nowNs < _nextPingNs) return;
        _nextPingNs = nowNs + pingIntervalNs;
        Injector.Ping(nowNs);
    }

    protected override void OnMalformed(long nowNs) => Fail("null", BinanceError.Malformed, nowNs);

    /// <summary>Sorted as the signature wants them.</summary>
    protected static SortedDictionary<string, string> Parameters(JsonElement message)
    {
        var parameters = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (!message.TryGetProperty("params", out var list)) return parameters;
        foreach (var property in list.EnumerateObject()) parameters[property.Name] = StringOf(list, property.Name);
        return parameters;
    }

    protected void Answer(string id, BinanceError error, Utf8Text result, long nowNs)
    {
        if (error.Code == 0) Reply(id, result.ToString(), nowNs);
        else Fail(id, error, nowNs);
    }

    protected void Reply(string id, string result, long nowNs)
    {
        Text.Clear().Write($$"""{"id":{{id}},"status":200,"result":{{result}}""")
            .Write($$""","rateLimits":[{"rateLimitType":"ORDERS","interval":"SECOND","intervalNum":10,"limit":{{ordersMax}},"count":1}]}""");
        Send(Text, FrameKinds.Control, nowNs);
    }

    protected void Fail(string id, BinanceError error, long nowNs)
    {
        Text.Clear().Write($$"""{"id":{{id}},"status":{{error.Status}},"error":{"code":{{error.Code}},"msg":"{{error.Message}}"},"rateLimits":[]}""");
        Send(Text, FrameKinds.Control, nowNs);
    }
}
