using System.Text.Json;
using Penstock.Testing.Faults;

namespace Penstock.Testing.Protocols.Bybit;

/// <summary>The private stream: login, then the topics order, execution and wallet. It takes no orders and sends no snapshot.</summary>
internal sealed class BybitPrivateSession(BybitVenue venue, IFrameSink sink) : ProtocolSession(venue.Faults, sink)
{
    private const string ConnectionId = "cejreaspqfh3sjdnldmg-p";

    private bool _isLoggedIn;

    protected override void Handle(JsonElement message, long nowNs)
    {
        var operation = StringOf(message, "op");
        switch (operation)
        {
            case "ping":
                Text.Clear().Write($$"""{"req_id":"{{StringOf(message, "req_id")}}","op":"pong","args":["{{SimulatedVenue.Ms(nowNs)}}"],"conn_id":"{{ConnectionId}}"}""");
                Send(Text, FrameKinds.Control, nowNs);
                break;
            case "auth":
                _isLoggedIn = venue.Orders.CheckLogin(message.GetProperty("args"), nowNs);
                Answer(operation, _isLoggedIn, _isLoggedIn ? "" : "Params Error", nowNs);
                break;
            case "subscribe" or "unsubscribe":
                Answer(operation, TryChange(operation, message.GetProperty("args"), out var refusal), refusal, nowNs);
                break;
            default:
                Answer(operation, success: false, "error:invalid op", nowNs);
                break;
        }
    }

    protected override void OnMalformed(long nowNs) => Answer("", success: false, "error:request is not a valid json", nowNs);

    private bool TryChange(string operation, JsonElement arguments, out string refusal)
    {
        refusal = _isLoggedIn ? "" : "Request not authorized";
        if (!_isLoggedIn) return false;
        foreach (var argument in arguments.EnumerateArray())
        {
            var topic = argument.GetString() ?? "";
            if (topic.EndsWith(".spot")) topic = topic[..^".spot".Length];
            if (topic is not (BybitVenue.OrderTopic or BybitVenue.ExecutionTopic or BybitVenue.WalletTopic))
            {
                refusal = $"error:handler not found,topic:{topic}";
                return false;
            }

            if (operation == "subscribe") TrySubscribe(topic);
            else Unsubscribe(topic);
        }

        return true;
    }

    private void Answer(string operation, bool success, string text, long nowNs)
    {
        Text.Clear().Write($$"""{"success":{{success}},"ret_msg":"{{text}}","op":"{{operation}}","conn_id":"{{ConnectionId}}"}""");
        Send(Text, FrameKinds.Control, nowNs);
    }
}
