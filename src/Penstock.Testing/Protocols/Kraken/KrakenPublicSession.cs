using System.Text.Json;
using Penstock.Testing.Faults;

namespace Penstock.Testing.Protocols.Kraken;

/// <summary>A market-data connection: book, ticker, trade and instrument, one ack per symbol.</summary>
internal sealed class KrakenPublicSession(KrakenVenue venue, IFrameSink sink, long nowNs) : KrakenSession(venue, sink, nowNs)
{
    internal static string BookTopic(string symbol, int depth) => $"book:{symbol}:{depth}";

    protected override void Handle(string method, string requestId, JsonElement parameters, long nowNs)
    {
        var channel = StringOf(parameters, "channel");
        if (method is not ("subscribe" or "unsubscribe") || channel is not ("book" or "ticker" or "trade" or "instrument"))
        {
            Fail(method, requestId, "EGeneral:Invalid arguments", "", nowNs);
            return;
        }

        if (channel == "instrument")
        {
            Succeed(method, requestId, "\"channel\":\"instrument\",\"snapshot\":true", nowNs);
            TrySubscribe("instrument");
            if (method == "subscribe") Venue.SendInstruments(this, nowNs);
            return;
        }

        foreach (var symbol in parameters.GetProperty("symbol").EnumerateArray())
            Handle(method, requestId, channel, symbol.GetString()!, parameters, nowNs);
    }

    private void Handle(string method, string requestId, string channel, string symbol, JsonElement parameters, long nowNs)
    {
        if (Venue.Find(symbol) is null)
        {
            Fail(method, requestId, "Currency pair not supported " + symbol, $"\"symbol\":{JsonSerializer.Serialize(symbol)},", nowNs);
            return;
        }

        var depth = parameters.TryGetProperty("depth", out var given) ? given.GetInt32() : 10;
        if (depth is not (10 or 25 or 100 or 500 or 1000))
        {
            Fail(method, requestId, "EGeneral:Invalid arguments:depth", $"\"symbol\":\"{symbol}\",", nowNs);
            return;
        }

        var trigger = StringOf(parameters, "event_trigger") == "bbo" ? "bbo" : "trades";
        var isSnapshotWanted = !parameters.TryGetProperty("snapshot", out var snapshot) || snapshot.GetBoolean();
        var (topic, details) = channel switch
        {
            "book" => (BookTopic(symbol, depth), $"\"channel\":\"book\",\"depth\":{depth},\"snapshot\":true"),
            "ticker" => ($"ticker:{trigger}:{symbol}", $"\"channel\":\"ticker\",\"event_trigger\":\"{trigger}\",\"snapshot\":true"),
            _ => ("trade:" + symbol, "\"channel\":\"trade\",\"snapshot\":false"),
        };
        Succeed(method, requestId, details + $",\"symbol\":\"{symbol}\"", nowNs);
        if (method == "unsubscribe")
        {
            Unsubscribe(topic);
            return;
        }

        if (channel == "book") Venue.SendBook(this, symbol, depth, nowNs);
        if (channel == "ticker" && isSnapshotWanted) Venue.SendTicker(this, symbol, nowNs);
        TrySubscribe(topic);
    }
}
