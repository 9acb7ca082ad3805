using System.Text.Json;
using Penstock.Testing.Faults;

namespace Penstock.Testing.Protocols.Okx;

/// <summary>A private connection: login, the orders and account channels, order entry.</summary>
internal sealed class OkxPrivateSession(OkxVenue venue, IFrameSink sink) : OkxSession(venue, sink)
{
    private bool _isLoggedIn;

    protected override void Handle(JsonElement message, long nowNs)
    {
        var id = StringOf(message, "id");
        var operation = StringOf(message, "op");
        if (operation == "login")
        {
            Login(message.GetProperty("args")[0], nowNs);
            return;
        }

        if (!_isLoggedIn)
        {
            Fail(id, "60011", "Please log in", nowNs);
            return;
        }

        switch (operation)
        {
            case "subscribe" or "unsubscribe":
                foreach (var argument in message.GetProperty("args").EnumerateArray()) Channel(id, operation, argument, nowNs);
                break;
            case "order":
                Place(id, message.GetProperty("args")[0], nowNs);
                break;
            case "cancel-order":
                Cancel(id, message.GetProperty("args")[0], nowNs);
                break;
            case "amend-order":
                Amend(id, message.GetProperty("args")[0], nowNs);
                break;
            default:
                Fail(id, "60012", "Invalid request: unknown op", nowNs);
                break;
        }

        Venue.FlushPrivate(nowNs);
    }

    private void Login(JsonElement argument, long nowNs)
    {
        var code = Venue.Orders.CheckLogin(
            StringOf(argument, "apiKey"), StringOf(argument, "passphrase"), StringOf(argument, "timestamp"), StringOf(argument, "sign"), nowNs);
        _isLoggedIn = code == "0";
        if (!_isLoggedIn)
        {
            Fail("", code, "Login failed.", nowNs);
            return;
        }

        Text.Clear().Write($$"""{"event":"login","code":"0","msg":"","connId":"{{ConnectionId}}"}""");
        Send(Text, FrameKinds.Control, nowNs);
    }

    private void Channel(string id, string operation, JsonElement argument, long nowNs)
    {
        var channel = StringOf(argument, "channel");
        if (channel is not (OkxVenue.OrdersTopic or OkxVenue.AccountTopic))
        {
            Fail(id, "60018", $"Wrong URL or channel:{channel} doesn't exist.", nowNs);
            return;
        }

        Acknowledge(id, operation, argument, nowNs);
        if (operation == "unsubscribe")
        {
            Unsubscribe(channel);
            return;
        }

        TrySubscribe(channel);
        if (channel != OkxVenue.AccountTopic) return;
        Venue.Orders.WriteAccountPush(Text.Clear(), nowNs);
        Send(Text, FrameKinds.Private, nowNs);
    }

    private void Place(string id, JsonElement argument, long nowNs)
    {
        var outcome = Venue.Orders.Place(argument, nowNs);
        if (Faults.TryTake(FaultKind.LoseAck)) return;
        Answer(id, "order", outcome, nowNs);
    }

    /// <summary>The acknowledgement goes first: here it only says that the request was accepted.</summary>
    private void Cancel(string id, JsonElement argument, long nowNs)
    {
        var outcome = Venue.Orders.BeginCancel(argument, out var order);
        if (!Faults.TryTake(FaultKind.LoseAck)) Answer(id, "cancel-order", outcome, nowNs);
        if (order is not null) Venue.FinishCancel(order, nowNs);
    }

    /// <summary>The acknowledgement goes first, as for a cancel; what the rate refuses has an answer without an order.</summary>
    private void Amend(string id, JsonElement argument, long nowNs)
    {
        var code = Venue.Orders.TakeChange(argument, nowNs);
        if (code != "0")
        {
            Text.Clear().Write($$"""{{{Quoted("id", id)}},"op":"amend-order","data":[],"code":"{{code}}","msg":"Too Many Requests"}""");
            Send(Text, FrameKinds.Control, nowNs);
            return;
        }

        var outcome = Venue.Orders.Change(argument, nowNs);
        if (!Faults.TryTake(FaultKind.LoseAck)) Answer(id, "amend-order", outcome, nowNs);
        Venue.FlushPrivate(nowNs);
        Venue.Orders.EndChange();
    }

    private void Answer(string id, string operation, OkxOutcome outcome, long nowNs)
    {
        Text.Clear().Raw("{" + Quoted("id", id) + "," + Quoted("op", operation) + ",");
        OkxOrders.WriteOutcome(Text, outcome, nowNs);
        Send(Text.Raw("}"), FrameKinds.Control, nowNs);
    }
}
