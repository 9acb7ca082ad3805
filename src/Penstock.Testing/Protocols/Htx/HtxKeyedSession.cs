using System.Text.Json;
using Penstock.Testing.Faults;

namespace Penstock.Testing.Protocols.Htx;

/// <summary>What the private socket and the order socket share: the login over their path, and a ping every twenty seconds.</summary>
internal abstract class HtxKeyedSession(HtxVenue venue, IFrameSink sink, string path, long openedNs) : ProtocolSession(venue.Faults, sink)
{
    private const long PingIntervalNs = 20_000_000_000;

    private long _nextPingNs = openedNs + PingIntervalNs;
    private int _unanswered;

    protected HtxVenue Venue { get; } = venue;

    protected bool IsLoggedIn { get; private set; }

    public override void Step(long nowNs)
    {
        base.Step(nowNs);
        if (nowNs < _nextPingNs) return;
        _nextPingNs = nowNs + PingIntervalNs;
        if (++_unanswered > 2)
        {
            Cut();
            return;
        }

        Text.Clear().Write($$"""{"action":"ping","data":{"ts":{{SimulatedVenue.Ms(nowNs)}}""");
        Send(Text.Raw("}}"), FrameKinds.Control, nowNs);
    }

    protected override void Handle(JsonElement message, long nowNs)
    {
        var action = StringOf(message, "action");
        if (action == "pong") _unanswered = 0;
        else if (action == "req" && StringOf(message, "ch") == "auth") Login(message.GetProperty("params"), nowNs);
        else HandleRequest(action, message, nowNs);
    }

    protected abstract void HandleRequest(string action, JsonElement message, long nowNs);

    protected void Answer(string action, int code, string channel, string message, long nowNs)
    {
        Text.Clear().Write($$"""{"action":"{{action}}","code":{{code}},"ch":"{{channel}}",""");
        Send(Text.Raw(code == 200 ? "\"data\":{}}" : $"\"message\":\"{message}\"}}"), FrameKinds.Control, nowNs);
    }

    private void Login(JsonElement parameters, long nowNs)
    {
        IsLoggedIn = Venue.Orders.CheckLogin(path, parameters, nowNs);
        Answer("req", IsLoggedIn ? 200 : 2002, "auth", "invalid.auth.state", nowNs);
    }
}
