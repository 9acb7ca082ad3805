using System.Text.Json;
using Penstock.Testing.Faults;
using Penstock.Testing.Protocols.Binance;

namespace Penstock.Testing.Protocols.BinanceUsdm;

/// <summary>
/// A connection to the WebSocket API: orders, each signed over its sorted parameters, and the listen key, for which the API key is enough.
/// </summary>
internal sealed class BinanceUsdmApiSession(BinanceUsdmVenue venue, IFrameSink sink, long openedNs)
    : BinanceApiConnection(venue, sink, openedNs, pingIntervalNs: 180_000_000_000, ordersMax: 300)
{
    private static readonly BinanceError NoListenKey = new(400, -1125, "This listenKey does not exist.");

    protected override void Handle(JsonElement message, long nowNs)
    {
        var id = RawOf(message, "id");
        var method = StringOf(message, "method");
        var parameters = Parameters(message);
        if (method.StartsWith("userDataStream.", StringComparison.Ordinal)) Stream(id, method, parameters, nowNs);
        else if (venue.Keys.CheckSigned(parameters, nowNs, out var error)) Order(id, method, parameters, nowNs);
        else Fail(id, error, nowNs);
        venue.FlushPrivate(nowNs);
    }

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
                var changed = venue.Orders.Change(parameters, result, nowNs);
                if (!Faults.TryTake(FaultKind.LoseAck)) Answer(id, changed, result, nowNs);
                break;
            case "order.status":
                Answer(id, venue.Orders.Status(parameters, result), result, nowNs);
                break;
            default:
                Fail(id, new BinanceError(400, -1000, "Unknown method."), nowNs);
                break;
        }
    }
}
