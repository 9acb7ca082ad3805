using System.Text.Json;
using Penstock.Testing.Faults;

namespace Penstock.Testing.Protocols.Bybit;

/// <summary>The trade socket: login, then orders. An answer says that a request was received; the private stream tells the rest.</summary>
internal sealed class BybitTradeSession(BybitVenue venue, IFrameSink sink) : ProtocolSession(venue.Faults, sink)
{
    private const string ConnectionId = "cnt5leec0hvan15eukcg-2v";
    private const int RequestIdsMax = 100_000;
    private const int RequestIdCharactersMax = 36;

    /// <summary>Of one address. The limit of the account (20 a second) is left to the client: a test may run the client's clock faster than ours.</summary>
    private const int RequestsPerSecondMax = 3_000;

    private readonly HashSet<string> _requestIds = [];
    private long _second;
    private int _requests;
    private bool _isLoggedIn;

    protected override void Handle(JsonElement message, long nowNs)
    {
        var operation = StringOf(message, "op");
        switch (operation)
        {
            case "ping":
                Text.Clear().Write($$"""{"retCode":0,"retMsg":"OK","op":"pong","data":["{{SimulatedVenue.Ms(nowNs)}}"],"connId":"{{ConnectionId}}"}""");
                Send(Text, FrameKinds.Control, nowNs);
                break;
            case "auth":
                Login(message.GetProperty("args"), nowNs);
                break;
            default:
                Request(operation, message, nowNs);
                break;
        }
    }

    protected override void OnMalformed(long nowNs) => Answer("", "", new BybitOutcome(10001, "Request parameter error.", "", ""), nowNs);

    private void Login(JsonElement arguments, long nowNs)
    {
        var code = _isLoggedIn ? 20001 : venue.Orders.CheckLogin(arguments, nowNs) ? 0 : 10004;
        _isLoggedIn |= code == 0;
        Text.Clear().Write($$"""{"retCode":{{code}},"retMsg":"{{(code == 0 ? "OK" : code == 20001 ? "Repeat auth" : "Invalid sign")}}","op":"auth","connId":"{{ConnectionId}}"}""");
        Send(Text, FrameKinds.Control, nowNs);
    }

    private void Request(string operation, JsonElement message, long nowNs)
    {
        var id = StringOf(message, "reqId");
        var outcome = Check(id, operation, message, nowNs);
        if (outcome.Code != 0)
        {
            Answer(id, operation, outcome, nowNs);
            return;
        }

        var argument = message.GetProperty("args")[0];
        if (operation == "order.create")
        {
            outcome = venue.Orders.Place(argument, nowNs);
            if (!Faults.TryTake(FaultKind.LoseAck)) Answer(id, operation, outcome, nowNs);
        }
        else if (operation == "order.amend")
        {
            outcome = venue.Orders.Amend(argument, nowNs);
            if (!Faults.TryTake(FaultKind.LoseAck)) Answer(id, operation, outcome, nowNs);
        }
        else
        {
            outcome = venue.Orders.BeginCancel(argument, out var order);
            if (!Faults.TryTake(FaultKind.LoseAck)) Answer(id, operation, outcome, nowNs);
            if (order is not null) venue.FinishCancel(order, nowNs);
        }

        venue.FlushPrivate(nowNs);
    }

    private BybitOutcome Check(string id, string operation, JsonElement message, long nowNs)
    {
        if (!_isLoggedIn) return new(10005, "Permission denied, please check your API key permissions.", "", "");
        if (operation is not ("order.create" or "order.amend" or "order.cancel")) return new(10404, "op type is not found", "", "");
        if (IsTooOften(nowNs)) return new(10429, "System level frequency protection", "", "");
        if (id.Length > RequestIdCharactersMax) return new(10001, "reqId is too long", "", "");
        if (_requestIds.Count == RequestIdsMax) _requestIds.Clear();
        if (id.Length > 0 && !_requestIds.Add(id)) return new(20006, "Duplicate reqId", "", "");
        var header = message.GetProperty("header");
        return venue.Orders.IsInTime(StringOf(header, "X-BAPI-TIMESTAMP"), StringOf(header, "X-BAPI-RECV-WINDOW"), nowNs)
            ? default
            : new(10002, "The request time exceeds the time window range.", "", "");
    }

    private bool IsTooOften(long nowNs)
    {
        if (nowNs / 1_000_000_000 != _second) (_second, _requests) = (nowNs / 1_000_000_000, 0);
        return ++_requests > RequestsPerSecondMax;
    }

    private void Answer(string id, string operation, BybitOutcome outcome, long nowNs)
    {
        Text.Clear().Write($$"""{"reqId":"{{id}}","retCode":{{outcome.Code}},"retMsg":"{{(outcome.Code == 0 ? "OK" : outcome.Message)}}","op":"{{operation}}","data":""");
        BybitOrders.WriteIds(Text, outcome);
        Text.Write($$""","retExtInfo":{},"header":{"X-Bapi-Limit":"20","X-Bapi-Limit-Status":"19","X-Bapi-Limit-Reset-Timestamp":"{{SimulatedVenue.Ms(nowNs)}}","Traceid":"38b7977b430f9bd228f4b19724794dfd","Timenow":"{{SimulatedVenue.Ms(nowNs)}}"},"connId":"{{ConnectionId}}"}""");
        Send(Text, FrameKinds.Control, nowNs);
    }
}
