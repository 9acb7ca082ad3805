using System.Text.Json;
using Penstock.Model.Orders;
using Penstock.Testing.Faults;
using Penstock.Testing.Matching;

namespace Penstock.Testing.Protocols.Bitfinex;

/// <summary>An authenticated connection: everything of the account on channel 0, requests as <c>[0, kind, null, {…}]</c>.</summary>
internal sealed class BitfinexPrivateSession(BitfinexVenue venue, IFrameSink sink, long nowNs) : BitfinexSession(venue, sink, nowNs)
{
    private const int CancelOnDisconnect = 4;

    private long _lastNs = nowNs;

    public bool IsLoggedIn { get; private set; }

    public override void Step(long nowNs)
    {
        base.Step(nowNs);
        if (IsLoggedIn) _lastNs = Beat(0, _lastNs, nowNs);
    }

    /// <summary>An order that trades at once may never be told as new: only its end is.</summary>
    public void SendOrder(in OrderEvent happened, long nowNs)
    {
        var order = happened.Order;
        if (happened.Kind == OrderEventKind.Accepted)
        {
            if (order.Ticket.Type == OrderType.Limit && order.Ticket.TimeInForce == TimeInForce.GoodTillCancel) SendOrder("on", happened, nowNs);
        }
        else if (happened.Kind == OrderEventKind.Trade)
        {
            SendTrade("te", happened.Trade!, nowNs);
            SendOrder(happened.State == OrderState.Filled ? "oc" : "ou", happened, nowNs);
            SendTrade("tu", happened.Trade!, nowNs);
        }
        else if (happened.Kind == OrderEventKind.Amended)
        {
            SendOrder("ou", happened, nowNs);
        }
        else
        {
            SendOrder("oc", happened, nowNs);
        }
    }

    public void SendWallet(string asset, long nowNs)
    {
        Begin(0).Raw("\"wu\",");
        Venue.Orders.WriteWallet(Text, asset, isComputed: false);
        EndPrivate(nowNs);
    }

    protected override void HandleEvent(string name, JsonElement message, long nowNs)
    {
        if (name != "auth")
        {
            OnMalformed(nowNs);
            return;
        }

        var code = Venue.Orders.CheckLogin(
            StringOf(message, "apiKey"), StringOf(message, "authNonce"), StringOf(message, "authPayload"), StringOf(message, "authSig"));
        IsLoggedIn = code == 0;
        Text.Clear().Write($$"""{"event":"auth","status":"{{(IsLoggedIn ? "OK" : "FAILED")}}","chanId":0,""");
        Text.Raw(IsLoggedIn ? "\"userId\":269312,\"auth_id\":\"a26236f1-ef44-4671-be32-197ce190348f\"}" : $"\"code\":{code},\"msg\":\"{BitfinexOrders.TextOf(code)}\"}}");
        Send(Text, FrameKinds.Control, nowNs);
        if (!IsLoggedIn) return;
        if (message.TryGetProperty("dms", out var guard) && guard.GetInt32() == CancelOnDisconnect) Venue.Guard(this);
        SendSnapshots(nowNs);
    }

    protected override void HandleRequest(JsonElement message, long nowNs)
    {
        if (!IsLoggedIn)
        {
            Fail(10100, "auth: required", "", nowNs);
            return;
        }

        var (kind, details) = (message[1].GetString(), message[3]);
        switch (kind)
        {
            case "on":
                Place(details, nowNs);
                break;
            case "oc":
                Cancel(details, nowNs);
                break;
            case "oc_multi":
                CancelMany(details, nowNs);
                break;
            case "ou":
                Amend(details, nowNs);
                break;
            default:
                OnMalformed(nowNs);
                break;
        }

        Venue.FlushPrivate(nowNs);
    }

    private void Place(JsonElement details, long nowNs)
    {
        var outcome = Venue.Orders.Place(details, nowNs);
        if (!Faults.TryTake(FaultKind.LoseAck)) Notify(outcome, nowNs);
    }

    /// <summary>The notification goes first: it says that the request was taken, not that the order is gone.</summary>
    private void Cancel(JsonElement details, long nowNs)
    {
        var outcome = Venue.Orders.BeginCancel(details);
        if (!Faults.TryTake(FaultKind.LoseAck)) Notify(outcome, nowNs);
        if (outcome.Order is { IsOpen: true }) Venue.FinishCancel(outcome.Order, nowNs);
    }

    private void Amend(JsonElement details, long nowNs)
    {
        var outcome = Venue.Orders.Amend(details, nowNs);
        if (!Faults.TryTake(FaultKind.LoseAck)) Notify(outcome, nowNs);
    }

    private void CancelMany(JsonElement details, long nowNs)
    {
        var orders = Venue.Orders.FindMany(details);
        Begin(0).Write($"\"n\",[{SimulatedVenue.Ms(nowNs)},\"oc_multi-req\",null,null,[");
        foreach (var order in orders)
        {
            Text.Comma();
            Venue.Orders.WriteOrder(Text, BitfinexOrders.StatusOf(order));
        }

        Text.Write($"],null,\"SUCCESS\",\"Submitting {orders.Count} order cancellations.\"]");
        End(FrameKinds.Control, nowNs);
        foreach (var order in orders) Venue.FinishCancel(order, nowNs);
    }

    private void Notify(in BitfinexOutcome outcome, long nowNs)
    {
        Begin(0).Raw("\"n\",");
        Venue.Orders.WriteNotification(Text, outcome, nowNs, isRest: false);
        End(FrameKinds.Control, nowNs);
    }

    private void SendSnapshots(long nowNs)
    {
        Begin(0).Raw("\"ps\",[]");
        EndPrivate(nowNs);
        Begin(0).Raw("\"ws\",[");
        foreach (var asset in Venue.Market.Ledger.Assets) Venue.Orders.WriteWallet(Text.Comma(), asset, isComputed: true);
        Text.Raw("]");
        EndPrivate(nowNs);
        Begin(0).Raw("\"os\",[");
        foreach (var order in Venue.Market.OpenOrders()) Venue.Orders.WriteOrder(Text.Comma(), BitfinexOrders.StatusOf(order));
        Text.Raw("]");
        EndPrivate(nowNs);
        Begin(0).Raw("\"fos\",[]");
        EndPrivate(nowNs);
    }

    private void SendOrder(string kind, in OrderEvent happened, long nowNs)
    {
        Begin(0).Write($"\"{kind}\",");
        Venue.Orders.WriteOrder(Text, happened);
        EndPrivate(nowNs);
    }

    private void SendTrade(string kind, AccountTrade trade, long nowNs)
    {
        Begin(0).Write($"\"{kind}\",");
        BitfinexOrders.WriteTrade(Text, trade, hasFee: kind == "tu");
        EndPrivate(nowNs);
    }

    private void EndPrivate(long nowNs)
    {
        End(FrameKinds.Private, nowNs);
        _lastNs = nowNs;
    }
}
