using System.Text.Json;
using Penstock.Testing.Faults;

namespace Penstock.Testing.Protocols.Binance;

/// <summary>
/// A connection to the WebSocket API: order.place, order.cancel, order.status, session.logon and the user data stream, every
/// signed request checked over its sorted parameters exactly as they were sent.
/// </summary>
internal sealed class BinanceApiSession(BinanceVenue venue, IFrameSink sink, long openedNs)
    : BinanceApiConnection(venue, sink, openedNs, pingIntervalNs: 20_000_000_000, ordersMax: 100)
{
    private bool _isLoggedOn;

    protected override void Handle(JsonElement message, long nowNs)
    {
        var id = RawOf(message, "id");
        var method = StringOf(message, "method");
        var parameters = Parameters(message);
        if (method is "ping" or "time")
        {
            Reply(id, method == "ping" ? "{}" : $$"""{"serverTime":{{SimulatedVenue.Ms(nowNs)}}}""", nowNs);
            return;
        }

        if (!(_isLoggedOn && !parameters.ContainsKey("signature") && venue.Keys.CheckTime(parameters, nowNs, out var error))
            && !venue.Keys.CheckSigned(parameters, nowNs, out error))
        {
            Fail(id, error, nowNs);
            return;
        }

        Dispatch(method, id, parameters, nowNs);
        venue.FlushPrivate(nowNs);
    }

    private void Dispatch(string method, string id, SortedDictionary<string, string> parameters, long nowNs)
    {
        var result = new Utf8Text();
        switch (method)
        {
            case "order.place":
                var placed = venue.Orders.Place(parameters, result, nowNs);
                if (Faults.TryTake(FaultKind.LoseAck)) break;
                Answer(id, placed, result, nowNs);
                break;
            case "order.cancel":
                Cancel(id, parameters, result, nowNs);
                break;
            case "order.status":
                Answer(id, venue.Orders.Status(parameters, result), result, nowNs);
                break;
            case "session.logon":
                _isLoggedOn = true;
                Reply(
                    id,
                    $$"""{"apiKey":"{{venue.Options.ApiKey}}","authorizedSince":{{SimulatedVenue.Ms(nowNs)}}"""
                        + $$""","connectedSince":{{SimulatedVenue.Ms(OpenedNs)}},"returnRateLimits":true,"serverTime":{{SimulatedVenue.Ms(nowNs)}}}""",
                    nowNs);
                break;
            case "userDataStream.subscribe" or "userDataStream.subscribe.signature":
                TrySubscribe(BinanceVenue.UserTopic);
                Reply(id, """{"subscriptionId":0}""", nowNs);
                break;
            case "userDataStream.unsubscribe":
                Unsubscribe(BinanceVenue.UserTopic);
                Reply(id, "{}", nowNs);
                break;
            default:
                Fail(id, new BinanceError(400, -1000, "Unknown method."), nowNs);
                break;
        }
    }

    /// <summary>The answer goes first, so that a late fill comes after it.</summary>
    private void Cancel(string id, SortedDictionary<string, string> parameters, Utf8Text result, long nowNs)
    {
        var error = venue.Orders.BeginCancel(parameters, result, nowNs, out var order);
        if (!Faults.TryTake(FaultKind.LoseAck)) Answer(id, error, result, nowNs);
        if (order is not null) venue.FinishCancel(order, nowNs);
    }
}
