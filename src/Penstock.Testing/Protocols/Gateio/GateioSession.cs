using System.Globalization;
using System.Text.Json;
using Penstock.Testing.Faults;
using Penstock.Testing.Matching;

namespace Penstock.Testing.Protocols.Gateio;

/// <summary>
/// A connection: pings, subscriptions with one answer each, and requests (event "api") that are answered with a header. Every
/// message has to name the venue's time to within a minute.
/// </summary>
internal sealed class GateioSession(GateioVenue venue, IFrameSink sink) : ProtocolSession(venue.Faults, sink)
{
    private const long ClockSkewSecondsMax = 60;

    private bool _isLoggedIn;

    protected override void Handle(JsonElement message, long nowNs)
    {
        var (channel, happening) = (StringOf(message, "channel"), StringOf(message, "event"));
        var isInTime = long.TryParse(StringOf(message, "time"), CultureInfo.InvariantCulture, out var seconds)
            && Math.Abs(seconds - nowNs / 1_000_000_000) <= ClockSkewSecondsMax;
        if (channel == "spot.ping")
        {
            Send(Begin(nowNs).Raw(",\"channel\":\"spot.pong\",\"event\":\"\",\"error\":null,\"result\":null}"), FrameKinds.Control, nowNs);
        }
        else if (happening == "api")
        {
            Request(message, channel, isInTime, nowNs);
        }
        else if (!isInTime)
        {
            Refuse(message, channel, happening, 2, "request time out of range", nowNs);
        }
        else if (channel is GateioVenue.OrdersTopic or GateioVenue.FillsTopic or GateioVenue.BalancesTopic)
        {
            SubscribePrivate(message, channel, happening, nowNs);
        }
        else
        {
            SubscribePublic(message, channel, happening, nowNs);
        }
    }

    protected override void OnMalformed(long nowNs) =>
        Send(Begin(nowNs).Raw(",\"channel\":\"\",\"event\":\"\",\"error\":{\"code\":1,\"message\":\"invalid request body format\"},\"result\":null}"), FrameKinds.Control, nowNs);

    private Utf8Text Begin(long nowNs) =>
        Text.Clear().Write($$"""{"time":{{nowNs / 1_000_000_000}},"time_ms":{{SimulatedVenue.Ms(nowNs)}}""");

    private void SubscribePublic(JsonElement message, string channel, string happening, long nowNs)
    {
        if (happening is not ("subscribe" or "unsubscribe"))
        {
            Refuse(message, channel, happening, 2, "unknown event", nowNs);
            return;
        }

        var topics = new List<string>();
        foreach (var item in message.GetProperty("payload").EnumerateArray())
        {
            var name = item.GetString()!;
            if (venue.TopicOf(channel, name) is { } topic) topics.Add(topic);
            else
            {
                Refuse(message, channel, happening, 2, $"unknown currency pair or channel: {name}", nowNs);
                return;
            }
        }

        foreach (var topic in topics)
        {
            if (happening == "unsubscribe") Unsubscribe(topic);
            else if (channel == "spot.obu" && IsSubscribed(topic))
            {
                Refuse(message, channel, happening, 2, $"Alert sub {topic}", nowNs);
                return;
            }
        }

        Accept(message, channel, happening, nowNs);
        if (happening == "unsubscribe") return;
        foreach (var topic in topics)
        {
            if (channel == "spot.obu") venue.SendFull(this, topic, nowNs);
            TrySubscribe(topic);
        }
    }

    private void SubscribePrivate(JsonElement message, string channel, string happening, long nowNs)
    {
        var isSigned = message.TryGetProperty("auth", out var auth)
            && venue.Orders.CheckSubscription(channel, happening, StringOf(message, "time"), StringOf(auth, "KEY"), StringOf(auth, "SIGN"));
        if (!isSigned)
        {
            Refuse(message, channel, happening, 4, "Authentication fail", nowNs);
            return;
        }

        if (happening == "unsubscribe") Unsubscribe(channel);
        else TrySubscribe(channel);
        Accept(message, channel, happening, nowNs);
    }

    private void Accept(JsonElement message, string channel, string happening, long nowNs)
    {
        BeginAnswer(message, channel, happening, nowNs).Raw(",\"result\":{\"status\":\"success\"}}");
        Send(Text, FrameKinds.Control, nowNs);
    }

    private void Refuse(JsonElement message, string channel, string happening, int code, string reason, long nowNs)
    {
        BeginAnswer(message, channel, happening, nowNs).Raw($",\"error\":{{\"code\":{code},\"message\":\"{reason}\"}},\"result\":{{\"status\":\"fail\"}}}}");
        Send(Text, FrameKinds.Control, nowNs);
    }

    private Utf8Text BeginAnswer(JsonElement message, string channel, string happening, long nowNs)
    {
        Begin(nowNs);
        if (message.TryGetProperty("id", out var id)) Text.Raw(",\"id\":" + id.GetRawText());
        Text.Raw($",\"conn_id\":\"d7de96c024f2a5b2\",\"channel\":\"{channel}\",\"event\":\"{happening}\"");
        if (message.TryGetProperty("payload", out var payload)) Text.Raw(",\"payload\":" + payload.GetRawText());
        return Text;
    }

    private void Request(JsonElement message, string channel, bool isInTime, long nowNs)
    {
        var payload = message.GetProperty("payload");
        var id = StringOf(payload, "req_id");
        if (channel == "spot.login")
        {
            _isLoggedIn = isInTime && venue.Orders.CheckLogin(StringOf(payload, "api_key"), StringOf(payload, "timestamp"), StringOf(payload, "signature"), nowNs);
            if (_isLoggedIn) Answer(id, channel, 200, "{\"result\":{\"api_key\":\"" + venue.Options.ApiKey + "\",\"uid\":\"110284739\"}}", nowNs);
            else Answer(id, channel, 401, isInTime ? Errors("INVALID_SIGNATURE", "Signature mismatch") : Errors("REQUEST_EXPIRED", "gap between request Timestamp and server time exceeds 60"), nowNs);
            return;
        }

        if (!_isLoggedIn)
        {
            Answer(id, channel, 401, Errors("INVALID_CREDENTIALS", "login first"), nowNs);
            return;
        }

        var parameters = payload.GetProperty("req_param");
        switch (channel)
        {
            case "spot.order_place":
                Place(id, payload, parameters, nowNs);
                break;
            case "spot.order_amend":
                Amend(id, parameters, nowNs);
                break;
            case "spot.order_cancel":
                Cancel(id, parameters, nowNs);
                break;
            case "spot.order_cancel_cp":
                Answer(id, channel, venue.Orders.CancelAll(parameters, nowNs), nowNs);
                break;
            case "spot.order_status":
                Answer(id, channel, venue.Orders.Status(parameters), nowNs);
                break;
            default:
                Answer(id, channel, 400, Errors("INVALID_PROTOCOL", "unknown channel"), nowNs);
                break;
        }

        venue.FlushPrivate(nowNs);
    }

    /// <summary>Acknowledged, then answered; both are lost together.</summary>
    private void Place(string id, JsonElement payload, JsonElement parameters, long nowNs)
    {
        if (!venue.Orders.TryTakeRate(parameters, nowNs))
        {
            Answer(id, "spot.order_place", 429, Errors("TOO_MANY_REQUESTS", "Request Rate limit Exceeded (211)"), nowNs);
            return;
        }

        var outcome = venue.Orders.Place(parameters, nowNs);
        if (Faults.TryTake(FaultKind.LoseAck)) return;
        BeginResponse(id, "spot.order_place", 200, isAck: true, nowNs).Raw("{\"result\":" + payload.GetRawText() + "}}");
        Send(Text, FrameKinds.Control, nowNs);
        Answer(id, "spot.order_place", outcome, nowNs);
    }

    /// <summary>An amendment takes of the same rate as a placement.</summary>
    private void Amend(string id, JsonElement parameters, long nowNs)
    {
        var outcome = venue.Orders.TryTakeRate(parameters, nowNs) ? venue.Orders.Amend(parameters, nowNs)
            : GateioOutcome.Refused(429, "TOO_MANY_REQUESTS", "Request Rate limit Exceeded (211)");
        if (!Faults.TryTake(FaultKind.LoseAck)) Answer(id, "spot.order_amend", outcome, nowNs);
    }

    /// <summary>The order is gone when the answer comes, fills that overtook it included; so the answer is written last.</summary>
    private void Cancel(string id, JsonElement parameters, long nowNs)
    {
        var outcome = venue.Orders.BeginCancel(parameters, out var order);
        if (order is not null)
        {
            venue.FinishCancel(order, nowNs);
            outcome = GateioOrders.Done(order);
        }

        if (!Faults.TryTake(FaultKind.LoseAck)) Answer(id, "spot.order_cancel", outcome, nowNs);
    }

    private void Answer(string id, string channel, GateioOutcome outcome, long nowNs) =>
        Answer(id, channel, outcome.Status, outcome.IsOk ? "{\"result\":" + outcome.Result + "}" : Errors(outcome.Label, outcome.Message), nowNs);

    private void Answer(string id, string channel, int status, string data, long nowNs) =>
        Send(BeginResponse(id, channel, status, isAck: false, nowNs).Raw(data + "}"), FrameKinds.Control, nowNs);

    private Utf8Text BeginResponse(string id, string channel, int status, bool isAck, long nowNs) =>
        Text.Clear().Write($$"""{"request_id":"{{id}}",{{(isAck ? "\"ack\":true," : "")}}"header":{"response_time":"{{SimulatedVenue.Ms(nowNs)}}","status":"{{status}}","channel":"{{channel}}","event":"api","client_id":"::1-0x140001623c0","x_in_time":{{nowNs / 1_000}},"x_out_time":{{nowNs / 1_000}},"conn_id":"5e74253e9c793974","trace_id":"e410abb5f74b4afc519e67920548838d"},"data":""");

    private static string Errors(string label, string message) => "{\"errs\":{\"label\":\"" + label + "\",\"message\":\"" + message + "\"}}";
}
