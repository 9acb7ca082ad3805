using System.Text.Json;
using Penstock.Testing.Faults;

namespace Penstock.Testing.Protocols.Okx;

/// <summary>A market-data connection.</summary>
internal sealed class OkxPublicSession(OkxVenue venue, IFrameSink sink) : OkxSession(venue, sink)
{
    protected override void Handle(JsonElement message, long nowNs)
    {
        var id = StringOf(message, "id");
        var operation = StringOf(message, "op");
        if (operation is not ("subscribe" or "unsubscribe"))
        {
            Fail(id, "60012", "Invalid request: unknown op", nowNs);
            return;
        }

        foreach (var argument in message.GetProperty("args").EnumerateArray()) Handle(id, operation, argument, nowNs);
    }

    private void Handle(string id, string operation, JsonElement argument, long nowNs)
    {
        var (channel, instId) = (StringOf(argument, "channel"), StringOf(argument, "instId"));
        if (!Venue.Knows(channel, instId))
        {
            Fail(id, "60018", $"Wrong URL or channel:{channel},instId:{instId} doesn't exist.", nowNs);
            return;
        }

        var topic = OkxVenue.Topic(channel, instId);
        Acknowledge(id, operation, argument, nowNs);
        if (operation == "unsubscribe")
        {
            Unsubscribe(topic);
            return;
        }

        if (channel == "books") Venue.SendSnapshot(this, instId, nowNs);
        TrySubscribe(topic);
    }
}
