using System.Text.Json;
using Penstock.Model.Orders;
using Penstock.Testing.Faults;
using Penstock.Testing.Matching;

namespace Penstock.Testing.Protocols.Kraken;

/// <summary>A private connection: executions, balances and orders, every request with a token.</summary>
internal sealed class KrakenPrivateSession(KrakenVenue venue, IFrameSink sink, long nowNs) : KrakenSession(venue, sink, nowNs)
{
    private const string InvalidSession = "ESession:Invalid session";

    // One count over all private messages of the connection (venues/kraken.md §4.5).
    private long _sequence;
    private long _amends;

    public void SendExecution(in OrderEvent happened, long nowNs)
    {
        if (happened.Kind == OrderEventKind.Accepted)
        {
            SendExecution(happened, KrakenOrders.WritePending, nowNs);
            SendExecution(happened, KrakenOrders.WriteNew, nowNs);
        }
        else if (happened.Kind == OrderEventKind.Trade)
        {
            SendExecution(happened, KrakenOrders.WriteTrade, nowNs);
            if (happened.State == OrderState.Filled) SendExecution(happened, KrakenOrders.WriteFilled, nowNs);
        }
        else if (happened.Kind == OrderEventKind.Amended)
        {
            SendExecution(happened, KrakenOrders.WriteAmended, nowNs);
        }
        else
        {
            SendExecution(happened, KrakenOrders.WriteCanceled, nowNs);
        }
    }

    public void SendBalance(string asset, Int128 change, Int128 total, long nowNs)
    {
        Text.Clear().Write($$"""{"channel":"balances","type":"update","data":[{"ledger_id":"{{KrakenOrders.TextId('L', _sequence + 1)}}","ref_id":"","timestamp":"{{new IsoTime(nowNs)}}","type":"trade","asset":"{{asset}}","asset_class":"currency","category":"trade","wallet_type":"spot","wallet_id":"main","amount":{{Fixed.OfAmount(change)}},"fee":0.0,"balance":{{Fixed.OfAmount(total)}}}],"sequence":{{++_sequence}}}""");
        Send(Text, FrameKinds.Private, nowNs);
    }

    protected override void Handle(string method, string requestId, JsonElement parameters, long nowNs)
    {
        if (!Venue.IsToken(StringOf(parameters, "token")))
        {
            Fail(method, requestId, InvalidSession, "", nowNs);
            return;
        }

        switch (method)
        {
            case "subscribe" or "unsubscribe":
                Channel(method, requestId, StringOf(parameters, "channel"), parameters, nowNs);
                break;
            case "add_order":
                Place(requestId, parameters, nowNs);
                break;
            case "amend_order":
                Amend(requestId, parameters, nowNs);
                break;
            case "cancel_order":
                Cancel(requestId, parameters, "order_id", nowNs);
                Cancel(requestId, parameters, "cl_ord_id", nowNs);
                break;
            default:
                Fail(method, requestId, "EGeneral:Unknown method", "", nowNs);
                break;
        }

        Venue.FlushPrivate(nowNs);
    }

    private void SendExecution(in OrderEvent happened, KrakenOrders.EventWriter writer, long nowNs)
    {
        Text.Clear().Raw("""{"channel":"executions","type":"update","data":[""");
        writer(Text, happened);
        Send(Text.Write($$"""],"sequence":{{++_sequence}}}"""), FrameKinds.Private, nowNs);
    }

    private void Channel(string method, string requestId, string channel, JsonElement parameters, long nowNs)
    {
        if (channel is not (KrakenVenue.ExecutionsTopic or KrakenVenue.BalancesTopic))
        {
            Fail(method, requestId, "EGeneral:Invalid arguments", "", nowNs);
            return;
        }

        Succeed(method, requestId, $"\"channel\":\"{channel}\",\"snapshot\":true", nowNs);
        if (method == "unsubscribe")
        {
            Unsubscribe(channel);
            return;
        }

        TrySubscribe(channel);
        if (channel == KrakenVenue.BalancesTopic) SendBalances(nowNs);
        else if (!parameters.TryGetProperty("snap_orders", out var wanted) || wanted.GetBoolean()) SendOpenOrders(nowNs);
    }

    private void SendOpenOrders(long nowNs)
    {
        Text.Clear().Raw("""{"channel":"executions","type":"snapshot","data":[""");
        foreach (var order in Venue.Market.OpenOrders())
        {
            Text.Comma();
            KrakenOrders.WriteOpen(Text, order);
        }

        Send(Text.Write($$"""],"sequence":{{++_sequence}}}"""), FrameKinds.Private, nowNs);
    }

    private void SendBalances(long nowNs)
    {
        Text.Clear().Raw("""{"channel":"balances","type":"snapshot","data":[""");
        foreach (var asset in Venue.Market.Ledger.Assets)
        {
            var total = Fixed.OfAmount(Venue.TotalOf(asset));
            Text.Comma().Write($$"""{"asset":"{{asset}}","asset_class":"currency","balance":{{total}},"wallets":[{"type":"spot","id":"main","balance":{{total}}}]}""");
        }

        Send(Text.Write($$"""],"sequence":{{++_sequence}}}"""), FrameKinds.Private, nowNs);
    }

    private void Place(string requestId, JsonElement parameters, long nowNs)
    {
        var error = Venue.Orders.Place(parameters, nowNs, out var order);
        if (Faults.TryTake(FaultKind.LoseAck)) return;
        if (error.Length > 0)
        {
            Fail("add_order", requestId, error, "", nowNs);
            return;
        }

        var clientId = order!.ClientId.Length > 0 ? $",\"cl_ord_id\":\"{order.ClientId}\"" : "";
        Succeed("add_order", requestId, $"\"order_id\":\"{KrakenOrders.IdOf(order)}\"{clientId}", nowNs);
    }

    private void Amend(string requestId, JsonElement parameters, long nowNs)
    {
        var error = Venue.Orders.Amend(parameters, nowNs);
        if (Faults.TryTake(FaultKind.LoseAck)) return;
        if (error.Length > 0)
        {
            Fail("amend_order", requestId, error, "", nowNs);
            return;
        }

        var member = parameters.TryGetProperty("order_id", out _) ? "order_id" : "cl_ord_id";
        Succeed("amend_order", requestId, $"\"amend_id\":\"{KrakenOrders.TextId('T', ++_amends)}\",\"{member}\":{RawOf(parameters, member)}", nowNs);
    }

    /// <summary>One answer per order, each before its cancel takes effect.</summary>
    private void Cancel(string requestId, JsonElement parameters, string member, long nowNs)
    {
        if (!parameters.TryGetProperty(member, out var ids)) return;
        foreach (var id in ids.EnumerateArray())
        {
            var order = member == "order_id" ? Venue.Orders.FindByTextId(id.GetString()!) : Venue.Market.FindByClientId(id.GetString()!);
            var named = $"\"{member}\":{JsonSerializer.Serialize(id.GetString())}";
            if (order is not { IsOpen: true })
            {
                Fail("cancel_order", requestId, "EOrder:Unknown order", named + ",", nowNs);
                continue;
            }

            var more = member == "order_id" ? "" : $",\"order_id\":\"{KrakenOrders.IdOf(order)}\"";
            if (!Faults.TryTake(FaultKind.LoseAck)) Succeed("cancel_order", requestId, named + more, nowNs);
            Venue.Orders.Rates.CountCancel(order, nowNs);
            Venue.FinishCancel(order, nowNs);
        }
    }
}
