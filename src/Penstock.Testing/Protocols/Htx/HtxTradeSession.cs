using System.Text.Json;
using Penstock.Testing.Faults;
using Penstock.Testing.Matching;

namespace Penstock.Testing.Protocols.Htx;

/// <summary>The order socket: login, create-order, cancel, cancelall; a hundred orders in two seconds.</summary>
internal sealed class HtxTradeSession(HtxVenue venue, IFrameSink sink, long openedNs) : HtxKeyedSession(venue, sink, "/ws/trade", openedNs)
{
    private const int OrdersMax = 100;
    private const long WindowNs = 2_000_000_000;

    private long _windowNs;
    private int _inWindow;

    protected override void HandleRequest(string action, JsonElement message, long nowNs)
    {
        var id = StringOf(message, "cid");
        if (!IsLoggedIn)
        {
            Fail(id, "login-required", nowNs);
            return;
        }

        var parameters = message.GetProperty("params");
        switch (StringOf(message, "ch"))
        {
            case "create-order":
                Place(id, parameters, nowNs);
                break;
            case "cancel":
                Cancel(id, parameters, nowNs);
                break;
            case "cancelall":
                CancelAll(id, parameters, nowNs);
                break;
            default:
                Fail(id, "bad-request", nowNs);
                break;
        }

        Venue.FlushPrivate(nowNs);
    }

    protected override void OnMalformed(long nowNs) => Fail("", "bad-request", nowNs);

    private void Place(string id, JsonElement parameters, long nowNs)
    {
        if (!TrySpend(nowNs))
        {
            Fail(id, "too-many-request", nowNs);
            return;
        }

        var error = Venue.Orders.Place(parameters, nowNs, out var order);
        if (Faults.TryTake(FaultKind.LoseAck)) return;
        if (error.Length > 0) Fail(id, error, nowNs);
        else Send(Text.Clear().Write($$"""{"status":"ok","data":"{{order!.Id}}","cid":"{{id}}"}"""), FrameKinds.Control, nowNs);
    }

    /// <summary>The answer goes first: it only says that the request was taken.</summary>
    private void Cancel(string id, JsonElement parameters, long nowNs)
    {
        List<SimulatedOrder> found = [];
        var text = Text.Clear().Raw("{\"status\":\"ok\",\"data\":{\"success\":[");
        List<string> missed = [];
        foreach (var name in (string[])["order-ids", "client-order-ids"])
        {
            if (!parameters.TryGetProperty(name, out var ids)) continue;
            foreach (var item in ids.EnumerateArray())
            {
                var given = item.GetString() ?? "";
                var order = name == "order-ids" ? Venue.Market.FindById(long.TryParse(given, out var number) ? number : 0) : Venue.Market.FindByClientId(given);
                if (order is { IsOpen: true })
                {
                    found.Add(order);
                    text.Comma().Raw($"\"{given}\"");
                }
                else
                {
                    missed.Add(HtxOrders.Missed(name, given, order));
                }
            }
        }

        text.Raw("],\"failed\":[").Raw(string.Join(',', missed)).Write($$"""]},"cid":"{{id}}"}""");
        if (!Faults.TryTake(FaultKind.LoseAck)) Send(text, FrameKinds.Control, nowNs);
        foreach (var order in found) Venue.FinishCancel(order, nowNs);
    }

    private void CancelAll(string id, JsonElement parameters, long nowNs)
    {
        var symbol = StringOf(parameters, "symbol");
        var open = Venue.Market.OpenOrders(symbol.Length > 0 ? Venue.Find(symbol)?.Spec : null);
        var taken = open.Take(100).ToList();
        var next = open.Count > taken.Count ? open[taken.Count].Id : -1;
        if (!Faults.TryTake(FaultKind.LoseAck))
            Send(Text.Clear().Write($$"""{"status":"ok","data":{"success-count":{{taken.Count}},"failed-count":0,"next-id":{{next}}},"cid":"{{id}}"}"""), FrameKinds.Control, nowNs);
        foreach (var order in taken) Venue.FinishCancel(order, nowNs);
    }

    private void Fail(string id, string code, long nowNs) =>
        Send(Text.Clear().Write($$"""{"status":"error","err-code":"{{code}}","err-msg":"{{HtxOrders.MessageOf(code)}}","data":null,"cid":"{{id}}"}"""), FrameKinds.Control, nowNs);

    private bool TrySpend(long nowNs)
    {
        if (nowNs - _windowNs >= WindowNs) (_windowNs, _inWindow) = (nowNs, 0);
        return _inWindow++ < OrdersMax;
    }
}
