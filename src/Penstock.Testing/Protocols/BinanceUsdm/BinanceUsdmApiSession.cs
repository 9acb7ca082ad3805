using System.Text.Json;
using Penstock.Testing.Faults;
using Penstock.Testing.Matching;
using Penstock.Testing.Protocols.Binance;

namespace Penstock.Testing.Protocols.BinanceUsdm;

/// <summary>
/// A connection to the WebSocket API: orders, each signed over its sorted parameters, and the listen key, for which the API key is enough.
/// </summary>
internal sealed class BinanceUsdmApiSession(BinanceUsdmVenue venue, IFrameSink sink, long openedNs) : ProtocolSession(venue.Faults, sink)
{
    private const long PingIntervalNs = 180_000_000_000;

    private static readonly BinanceError NoListenKey = new(400, -1125, "This listenKey does not exist.");

    private long _nextPingNs = openedNs + PingIntervalNs;

    public override void Step(long nowNs)
    {
        base.Step(nowNs);
        if (nowNs < _nextPingNs) return;
        _nextPingNs = nowNs + PingIntervalNs;
        Injector.Ping(nowNs);
    }

    protected override void Handle(JsonElement message, long nowNs)
    {
        var id = RawOf(message, "id");
        var method = StringOf(message, "method");
        var parameters = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (message.TryGetProperty("params", out var list))
            foreach (var property in list.EnumerateObject()) parameters[property.Name] = StringOf(list, property.Name);
        if (method.StartsWith("userDataStream.", StringComparison.Ordinal)) Stream(id, method, parameters, nowNs);
        else if (venue.Keys.CheckSigned(parameters, nowNs, out var error)) Order(id, method, parameters, nowNs);
        else Fail(id, error, nowNs);
        venue.FlushPrivate(nowNs);
    }

    protected override void OnMalformed(long nowNs) => Fail("null", BinanceError.Malformed, nowNs);

    private void Stream(string id, string method, SortedDictionary<string, string> parameters, long nowNs)
    {
        if (parameters.GetValueOrDefault("apiKey", "") != venue.Options.ApiKey)
        {
            venue.Statistics.AuthenticationFailures++;
            Fail(id, BinanceError.BadKey, nowNs);
            return;
        }

        if (method == "userDataStream.start") venue.StartStream(nowNs);
        else if (method == "userDataStream.stop") venue.CloseStream();
        else if (!venue.KeepStream(nowNs))
        {
            Fail(id, NoListenKey, nowNs);
            return;
        }

        Reply(id, method == "userDataStream.stop" ? "{}" : $$"""{"listenKey":"{{venue.ListenKey}}"}""", nowNs);
    }

    private void Order(string id, string method, SortedDictionary<string, string> parameters, long nowNs)
    {
        var result = new Utf8Text();
        switch (method)
        {
            case "order.place":
                var placed = venue.Orders.Place(parameters, result, nowNs);
                if (!Faults.TryTake(FaultKind.LoseAck)) Answer(id, placed, result, nowNs);
                break;
            case "order.cancel":
                // The answer goes first, so that a late fill comes after it.
                var error = venue.Orders.BeginCancel(parameters, result, nowNs, out var order);
                if (!Faults.TryTake(FaultKind.LoseAck)) Answer(id, error, result, nowNs);
                if (order is not null) venue.FinishCancel(order, nowNs);
                break;
            case "order.modify":
                Fail(id, BinanceUsdmOrders.NoChanges, nowNs);
                break;
            case "order.status":
                Answer(id, venue.Orders.Status(parameters, result), result, nowNs);
                break;
            default:
                Fail(id, new BinanceError(400, -1000, "Unknown method."), nowNs);
                break;
        }
    }

    private void Answer(string id, BinanceError error, Utf8Text result, long nowNs)
    {
        if (error.Code == 0) Reply(id, result.ToString(), nowNs);
        else Fail(id, error, nowNs);
    }

    private void Reply(string id, string result, long nowNs)
    {
        Text.Clear().Write($$"""{"id":{{id}},"status":200,"result":{{result}},"rateLimits":[{"rateLimitType":"ORDERS","interval":"SECOND","intervalNum":10,"limit":300,"count":1}]}""");
        Send(Text, FrameKinds.Control, nowNs);
    }

    private void Fail(string id, BinanceError error, long nowNs)
    {
        Text.Clear().Write($$"""{"id":{{id}},"status":{{error.Status}},"error":{"code":{{error.Code}},"msg":"{{error.Message}}"},"rateLimits":[]}""");
        Send(Text, FrameKinds.Control, nowNs);
    }
}
