using System.Text.Json;
using Penstock.Testing.Faults;

namespace Penstock.Testing.Protocols.Okx;

/// <summary>What both kinds of connections share: text ping and pong, one ack per argument, the error event.</summary>
internal abstract class OkxSession(OkxVenue venue, IFrameSink sink) : ProtocolSession(venue.Faults, sink)
{
    protected const string ConnectionId = "a4d3ae55";

    protected OkxVenue Venue { get; } = venue;

    protected override bool TryHandlePlain(ReadOnlySpan<byte> frame, long nowNs)
    {
        if (!frame.SequenceEqual("ping"u8)) return false;
        Send(Text.Clear().Raw("pong"), FrameKinds.Control, nowNs);
        return true;
    }

    protected override void OnMalformed(long nowNs) => Fail("", "60012", "Invalid request: not understood", nowNs);

    protected void Fail(string id, string code, string message, long nowNs)
    {
        Text.Clear().Raw("{");
        if (id.Length > 0) Text.Raw(Quoted("id", id) + ",");
        Text.Write($$"""{{Quoted("event", "error")}},"code":"{{code}}","msg":"{{message}}","connId":"{{ConnectionId}}"}""");
        Send(Text, FrameKinds.Control, nowNs);
    }

    protected void Acknowledge(string id, string operation, JsonElement argument, long nowNs)
    {
        Text.Clear().Raw("{");
        if (id.Length > 0) Text.Raw(Quoted("id", id) + ",");
        Text.Write($$"""{{Quoted("event", operation)}},"arg":{{argument.GetRawText()}},"connId":"{{ConnectionId}}"}""");
        Send(Text, FrameKinds.Control, nowNs);
    }

    protected static string Quoted(string name, string value) => $"\"{name}\":\"{value}\"";
}
