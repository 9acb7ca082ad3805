using System.Text.Json;
using Penstock.Testing.Faults;
using Penstock.Testing.Protocols;

namespace Penstock.EleventhVenue.Tidewater.Simulation;

/// <summary>A market-data connection.</summary>
internal sealed class TidewaterPublicSession(TidewaterSimulation venue, IFrameSink sink) : ProtocolSession(venue.Faults, sink)
{
    protected override void Handle(JsonElement message, long nowNs)
    {
        var (what, symbol) = (StringOf(message, "do"), StringOf(message, "symbol"));
        if (what == "ping")
        {
            Send(Text.Clear().Raw("{\"ev\":\"pong\"}"), FrameKinds.Control, nowNs);
        }
        else if (venue.Find(symbol) is null)
        {
            OnMalformed(nowNs);
        }
        else if (what == "unsub")
        {
            Unsubscribe(symbol);
        }
        else
        {
            Text.Clear().Write($$"""{"ev":"subscribed","symbol":"{{symbol}}"}""");
            Send(Text, FrameKinds.Control, nowNs);
            venue.SendSnapshot(this, symbol, nowNs);
            TrySubscribe(symbol);
        }
    }

    protected override void OnMalformed(long nowNs) => Send(Text.Clear().Raw("{\"ev\":\"refused\"}"), FrameKinds.Control, nowNs);
}

/// <summary>A private connection: login, orders, what happens to them.</summary>
internal sealed class TidewaterPrivateSession(TidewaterSimulation venue, IFrameSink sink) : ProtocolSession(venue.Faults, sink)
{
    private bool _isLoggedIn;

    protected override void Handle(JsonElement message, long nowNs)
    {
        switch (StringOf(message, "do"))
        {
            case "ping":
                Send(Text.Clear().Raw("{\"ev\":\"pong\"}"), FrameKinds.Control, nowNs);
                break;
            case "login":
                Login(message, nowNs);
                break;
            case "place" when _isLoggedIn:
                var code = venue.Account.Place(message, nowNs, out var placed);
                Answer("place", StringOf(message, "id"), code, code == 0 ? $"{placed!.Id}" : "", nowNs);
                break;
            case "cancel" when _isLoggedIn:
                var order = venue.Account.Find(StringOf(message, "order"), StringOf(message, "id"));
                Answer("cancel", StringOf(message, "id"), order is { IsOpen: true } ? 0 : TidewaterErrors.NoSuchOrder, "", nowNs);
                if (order is { IsOpen: true }) venue.FinishCancel(order, nowNs);
                break;
            default:
                OnMalformed(nowNs);
                break;
        }

        venue.FlushPrivate(nowNs);
    }

    protected override void OnMalformed(long nowNs) => Send(Text.Clear().Raw("{\"ev\":\"login\",\"ok\":false}"), FrameKinds.Control, nowNs);

    private void Login(JsonElement message, long nowNs)
    {
        _isLoggedIn = venue.Account.Check(StringOf(message, "key"), StringOf(message, "time"), "login", StringOf(message, "sign"), nowNs) == 0;
        Text.Clear().Write($$"""{"ev":"login","ok":{{_isLoggedIn}}}""");
        Send(Text, FrameKinds.Control, nowNs);
        if (_isLoggedIn) TrySubscribe(TidewaterSimulation.PrivateTopic);
    }

    private void Answer(string to, string id, int code, string order, long nowNs)
    {
        if (Faults.TryTake(FaultKind.LoseAck)) return;
        Text.Clear().Write($$"""{"ev":"answer","to":"{{to}}","id":"{{id}}","code":{{code}},"order":"{{order}}"}""");
        Send(Text, FrameKinds.Control, nowNs);
    }
}
