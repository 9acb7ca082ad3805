using System.Text.Json;
using Penstock.Testing.Faults;

namespace Penstock.Testing.Protocols.Bybit;

/// <summary>A market-data connection. Snapshots leave before the acknowledgement, as they may at the venue.</summary>
internal sealed class BybitPublicSession(BybitMarket venue, IFrameSink sink) : ProtocolSession(venue.Faults, sink)
{
    private const string ConnectionId = "2324d924-aa4d-45b0-a858-7b8be29ab52b";
    private const int SpotTopicsMax = 10;
    private const int TopicCharactersMax = 21_000;

    protected override void Handle(JsonElement message, long nowNs)
    {
        var operation = StringOf(message, "op");
        var id = StringOf(message, "req_id");
        if (operation == "ping")
        {
            Answer(id, "ping", success: true, "pong", nowNs);
            return;
        }

        if (operation is not ("subscribe" or "unsubscribe"))
        {
            Answer(id, operation, success: false, "error:invalid op", nowNs);
            return;
        }

        var topics = message.GetProperty("args").EnumerateArray().Select(topic => topic.GetString() ?? "").ToList();
        var refusal = Refusal(operation, topics);
        if (refusal.Length > 0)
        {
            Answer(id, operation, success: false, refusal, nowNs);
            return;
        }

        foreach (var topic in topics)
        {
            if (operation == "unsubscribe")
            {
                Unsubscribe(topic);
                continue;
            }

            venue.SendSnapshot(this, topic, nowNs);
            TrySubscribe(topic);
        }

        Answer(id, operation, success: true, operation, nowNs);
    }

    protected override void OnMalformed(long nowNs) => Answer("", "", success: false, "error:request is not a valid json", nowNs);

    private string Refusal(string operation, List<string> topics)
    {
        if (venue.IsSpot && topics.Count > SpotTopicsMax) return "args size >10";
        if (Topics.Sum(t => t.Length) + topics.Sum(t => t.Length) > TopicCharactersMax) return "args of one connection too long";
        foreach (var topic in topics)
        {
            if (!venue.Knows(topic)) return $"error:handler not found,topic:{topic}";
            if (operation == "subscribe" && IsSubscribed(topic)) return $"error:already subscribed,topic:{topic}";
        }

        return "";
    }

    private void Answer(string id, string operation, bool success, string text, long nowNs)
    {
        Text.Clear().Write($$"""{"success":{{success}},"ret_msg":"{{text}}","conn_id":"{{ConnectionId}}","req_id":"{{id}}","op":"{{operation}}"}""");
        Send(Text, FrameKinds.Control, nowNs);
    }
}
