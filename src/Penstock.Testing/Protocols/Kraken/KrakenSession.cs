using System.Text.Json;
using Penstock.Testing.Faults;

namespace Penstock.Testing.Protocols.Kraken;

/// <summary>What both kinds of connections share: the greeting, ping and pong, a heartbeat when idle, answers with times.</summary>
internal abstract class KrakenSession : ProtocolSession
{
    private const long HeartbeatNs = 1_000_000_000;

    protected KrakenSession(KrakenVenue venue, IFrameSink sink, long nowNs) : base(venue.Faults, sink)
    {
        Venue = venue;
        Send(Text.Clear().Raw("""{"channel":"status","type":"update","data":[{"system":"online","api_version":"v2","connection_id":13834774380200032777,"version":"2.0.0"}]}"""), FrameKinds.Control, nowNs);
    }

    protected KrakenVenue Venue { get; }

    public override void Step(long nowNs)
    {
        base.Step(nowNs);
        if (Topics.Count == 0 || nowNs - LastSentNs < HeartbeatNs) return;
        Send(Text.Clear().Raw("""{"channel":"heartbeat"}"""), FrameKinds.Control, nowNs);
    }

    protected override void Handle(JsonElement message, long nowNs)
    {
        var method = StringOf(message, "method");
        var requestId = message.TryGetProperty("req_id", out var id) ? "\"req_id\":" + id.GetRawText() + "," : "";
        if (method == "ping")
        {
            Text.Clear().Raw("{\"method\":\"pong\",").Raw(requestId);
            WriteTimes(nowNs);
            Send(Text, FrameKinds.Control, nowNs);
            return;
        }

        if (!message.TryGetProperty("params", out var parameters)) Fail(method, requestId, "EGeneral:Invalid arguments", "", nowNs);
        else Handle(method, requestId, parameters, nowNs);
    }

    protected abstract void Handle(string method, string requestId, JsonElement parameters, long nowNs);

    protected override void OnMalformed(long nowNs) => Fail("error", "", "EGeneral:Invalid arguments", "", nowNs);

    /// <param name="method">Echoed.</param>
    /// <param name="requestId">The member with its comma, or empty.</param>
    /// <param name="result">The result's members.</param>
    /// <param name="nowNs">Unix nanoseconds.</param>
    protected void Succeed(string method, string requestId, string result, long nowNs)
    {
        Text.Clear().Raw("{\"method\":\"" + method + "\",").Raw(requestId).Raw("\"result\":{" + result + "},\"success\":true,");
        WriteTimes(nowNs);
        Send(Text, FrameKinds.Control, nowNs);
    }

    protected void Fail(string method, string requestId, string error, string more, long nowNs)
    {
        Text.Clear().Raw("{\"error\":\"" + error + "\",\"method\":\"" + method + "\",").Raw(requestId).Raw("\"success\":false," + more);
        WriteTimes(nowNs);
        Send(Text, FrameKinds.Control, nowNs);
    }

    private void WriteTimes(long nowNs) =>
        Text.Write($$"""{{"\""}}time_in":"{{new IsoTime(nowNs)}}","time_out":"{{new IsoTime(nowNs)}}"}""");
}
