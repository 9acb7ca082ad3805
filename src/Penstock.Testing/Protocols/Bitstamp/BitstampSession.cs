using System.Text.Json;
using Penstock.Testing.Faults;

namespace Penstock.Testing.Protocols.Bitstamp;

/// <summary>One connection: public and private channels alike, one channel a message.</summary>
internal sealed class BitstampSession(BitstampVenue venue, IFrameSink sink) : ProtocolSession(venue.Faults, sink)
{
    protected override void Handle(JsonElement message, long nowNs)
    {
        var happening = StringOf(message, "event");
        if (happening == "bts:heartbeat")
        {
            Send(Text.Clear().Raw("""{"event":"bts:heartbeat","channel":"","data":{"status":"success"}}"""), FrameKinds.Control, nowNs);
            return;
        }

        var data = message.GetProperty("data");
        var channel = StringOf(data, "channel");
        if (happening is not ("bts:subscribe" or "bts:unsubscribe")) Fail("", "null", "Bad subscription string.", nowNs);
        else if (!venue.Knows(channel)) Fail(channel, "null", "Channel does not exist.", nowNs);
        else if (happening == "bts:unsubscribe") Leave(channel, nowNs);
        else Join(channel, StringOf(data, "auth"), nowNs);
    }

    protected override void OnMalformed(long nowNs) => Fail("", "null", "Incorrect JSON format.", nowNs);

    private void Join(string channel, string token, long nowNs)
    {
        if (channel.StartsWith("private-", StringComparison.Ordinal) && !venue.Orders.IsToken(token, nowNs))
        {
            venue.Statistics.AuthenticationFailures++;
            Fail(channel, "4009", "Connection is unauthorized.", nowNs);
            return;
        }

        if (!TrySubscribe(channel))
        {
            Fail(channel, "null", "Too many subscriptions.", nowNs);
            return;
        }

        Text.Clear().Write($$"""{"event":"bts:subscription_succeeded","channel":"{{channel}}","data":""").Raw("{}}");
        Send(Text, FrameKinds.Control, nowNs);
    }

    private void Leave(string channel, long nowNs)
    {
        Unsubscribe(channel);
        Text.Clear().Write($$"""{"event":"bts:unsubscription_succeeded","channel":"{{channel}}","data":""").Raw("{}}");
        Send(Text, FrameKinds.Control, nowNs);
    }

    private void Fail(string channel, string code, string message, long nowNs)
    {
        // What a client wrote is not echoed: it may be anything.
        Text.Clear().Write($$"""{"event":"bts:error","channel":"{{(venue.Knows(channel) ? channel : "")}}","data":{"code":{{code}},"message":"{{message}}"}""").Raw("}");
        Send(Text, FrameKinds.Control, nowNs);
    }
}
