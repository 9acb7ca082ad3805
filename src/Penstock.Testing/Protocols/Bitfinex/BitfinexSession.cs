using System.Text.Json;
using Penstock.Testing.Faults;

namespace Penstock.Testing.Protocols.Bitfinex;

/// <summary>What both kinds of connections share: the greeting, flags, pings, and the heartbeat of a silent channel.</summary>
internal abstract class BitfinexSession : ProtocolSession
{
    private const long SequenceFlag = 65_536;
    private const long TimeFlag = 32_768;
    private const long HeartbeatNs = 15_000_000_000;

    private long _flags;
    private long _sequence;

    protected BitfinexSession(BitfinexVenue venue, IFrameSink sink, long nowNs) : base(venue.Faults, sink)
    {
        Venue = venue;
        Send(Text.Clear().Raw("""{"event":"info","version":2,"serverId":"083bd8d4-aca7-4690-a573-eabfc8103de8","platform":{"status":1}}"""), FrameKinds.Control, nowNs);
    }

    protected BitfinexVenue Venue { get; }

    protected bool WantsChecksums => (_flags & 131_072) != 0;

    protected override void Handle(JsonElement message, long nowNs)
    {
        if (message.ValueKind == JsonValueKind.Array)
        {
            HandleRequest(message, nowNs);
            return;
        }

        switch (StringOf(message, "event"))
        {
            case "ping":
                Text.Clear().Write($$"""{"event":"pong","ts":{{SimulatedVenue.Ms(nowNs)}},"cid":{{RawOf(message, "cid")}}}""");
                Send(Text, FrameKinds.Control, nowNs);
                break;
            case "conf":
                _flags = message.GetProperty("flags").GetInt64();
                Send(Text.Clear().Write($$"""{"event":"conf","status":"OK","flags":{{_flags}}}"""), FrameKinds.Control, nowNs);
                break;
            default:
                HandleEvent(StringOf(message, "event"), message, nowNs);
                break;
        }
    }

    protected abstract void HandleEvent(string name, JsonElement message, long nowNs);

    protected virtual void HandleRequest(JsonElement message, long nowNs) => OnMalformed(nowNs);

    protected override void OnMalformed(long nowNs) => Fail(10000, "unknown event", "", nowNs);

    /// <param name="more">Further members, each with its comma before it.</param>
    protected void Fail(int code, string message, string more, long nowNs) =>
        Send(Text.Clear().Write($$"""{"event":"error","msg":"{{message}}","code":{{code}}{{more}}}"""), FrameKinds.Control, nowNs);

    /// <summary>Opens a data frame; the payload follows.</summary>
    protected Utf8Text Begin(long channel) => Text.Clear().Write($"[{channel},");

    /// <summary>Closes it with what the flags ask for.</summary>
    protected void End(FrameKinds kind, long nowNs)
    {
        if ((_flags & SequenceFlag) != 0) Text.Write($",{++_sequence}");
        if ((_flags & TimeFlag) != 0) Text.Write($",{SimulatedVenue.Ms(nowNs)}");
        Send(Text.Raw("]"), kind, nowNs);
    }

    /// <summary>The time of the channel's last frame, after a heartbeat where it was silent too long.</summary>
    protected long Beat(long channel, long lastNs, long nowNs)
    {
        if (nowNs - lastNs < HeartbeatNs) return lastNs;
        Begin(channel).Raw("\"hb\"");
        End(FrameKinds.Control, nowNs);
        return nowNs;
    }
}
