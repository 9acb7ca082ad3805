using System.Text.Json.Nodes;

namespace Penstock.Tests.Node.Backtesting;

/// <summary>Two seconds of one market in the frames of an exchange, small enough to count on the fingers.</summary>
internal static class HandmadeRecording
{
    private const long StartNs = 1_795_000_000_000_000_000;

    public static List<string> Lines() =>
    [
        Line(0, "open", "wss://stream.binance.com:9443/stream?streams=btcusdt@depth@100ms/btcusdt@trade", null),
        Line(10, "recv", null, Depth(101, 102, "99.90", "1.00")),
        Line(20, "rest", "https://api.binance.com/api/v3/depth?symbol=BTCUSDT&limit=1000",
            """{"lastUpdateId":100,"bids":[["99.90","1.00"],["99.88","2.01"]],"asks":[["100.10","1.00"],["100.12","2.00"]]}""", 0),
        Line(500, "recv", null, Depth(103, 103, "99.88", "2.02")),
        Line(1_000, "recv", null, Trade("99.90", "5.00")),
        Line(1_500, "recv", null, Depth(104, 104, "99.88", "2.03")),
        Line(2_000, "recv", null, Depth(105, 105, "99.88", "2.04")),
    ];

    private static string Depth(long first, long last, string price, string quantity) =>
        $$$"""{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":1795000000000,"s":"BTCUSDT","U":{{{first}}},"u":{{{last}}},"b":[["{{{price}}}","{{{quantity}}}"]],"a":[]}}""";

    private static string Trade(string price, string quantity) =>
        $$$"""{"stream":"btcusdt@trade","data":{"e":"trade","E":1795000001000,"s":"BTCUSDT","t":7,"p":"{{{price}}}","q":"{{{quantity}}}","T":1795000001000,"m":true,"M":true}}""";

    private static string Line(long ms, string kind, string? url, string? data, int connection = 1) =>
        new JsonObject { ["t"] = StartNs + ms * 1_000_000, ["c"] = connection, ["k"] = kind, ["u"] = url, ["d"] = data }.ToJsonString();
}
