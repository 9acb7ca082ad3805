using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Penstock.Benchmarks.Baselines;

/// <summary>Book updates of every venue in its documented layout, 16 levels each where one message carries several, seeded.</summary>
internal static class BookFrames
{
    private const int Levels = 8;

    /// <param name="venue">The catalogue's name.</param>
    /// <param name="symbol">As the venue spells it.</param>
    /// <param name="frame">Which, from 0: ids and times grow with it.</param>
    public static string Of(string venue, string symbol, int frame, Random random)
    {
        var (time, id) = (1_700_000_000_000 + frame * 100L, 1_000_000L + frame);
        var (bids, asks) = (Side(random, -1), Side(random, +1));
        return venue switch
        {
            "binance" => $$$"""{"stream":"{{{symbol.ToLowerInvariant()}}}@depth@100ms","data":{"e":"depthUpdate","E":{{{time}}},"s":"{{{symbol}}}","U":{{{id}}},"u":{{{id}}},"b":[{{{Texts(bids)}}}],"a":[{{{Texts(asks)}}}]}}""",
            "binance-usdm" => $$$"""{"stream":"{{{symbol.ToLowerInvariant()}}}@depth@100ms","data":{"e":"depthUpdate","E":{{{time}}},"T":{{{time - 2}}},"s":"{{{symbol}}}","U":{{{id * 7 + 2}}},"u":{{{id * 7 + 7}}},"pu":{{{id * 7}}},"b":[{{{Texts(bids)}}}],"a":[{{{Texts(asks)}}}]}}""",
            "coinbase" => $$"""{"channel":"l2_data","client_id":"","timestamp":"2026-04-07T14:30:01.456789123Z","sequence_num":{{frame}},"events":[{"type":"update","product_id":"{{symbol}}","updates":[{{Join(bids.Select(l => CoinbaseLevel("bid", l)).Concat(asks.Select(l => CoinbaseLevel("offer", l))))}}]}]}""",
            "kraken" => $$"""{"channel":"book","type":"update","data":[{"symbol":"{{symbol}}","bids":[{{KrakenLevels(bids)}}],"asks":[{{KrakenLevels(asks)}}],"checksum":2114181697,"timestamp":"2023-10-06T17:35:55.440295Z"}]}""",
            "okx" => $$"""{"arg":{"channel":"books","instId":"{{symbol}}"},"action":"update","data":[{"asks":[{{Join(asks.Select(l => $"[\"{l.Price}\",\"{l.Size}\",\"0\",\"3\"]"))}}],"bids":[{{Join(bids.Select(l => $"[\"{l.Price}\",\"{l.Size}\",\"0\",\"3\"]"))}}],"ts":"{{time}}","checksum":0,"seqId":{{id}},"prevSeqId":{{id - 1}}}]}""",
            "bybit" => $$"""{"topic":"orderbook.50.{{symbol}}","type":"delta","ts":{{time}},"data":{"s":"{{symbol}}","b":[{{Texts(bids)}}],"a":[{{Texts(asks)}}],"u":{{id}},"seq":{{id * 7}}},"cts":{{time - 2}}}""",
            "htx" => $$$"""{"ch":"market.{{{symbol}}}.mbp.150","ts":{{{time}}},"tick":{"seqNum":{{{id}}},"prevSeqNum":{{{id - 1}}},"bids":[{{{Numbers(bids)}}}],"asks":[{{{Numbers(asks)}}}]}}""",
            "kucoin" => $$$"""{"type":"message","topic":"/market/level2:{{{symbol}}}","subject":"trade.l2update","data":{"changes":{"asks":[{{{Numbered(asks, id * 20)}}}],"bids":[{{{Numbered(bids, id * 20 + Levels)}}}]},"sequenceEnd":{{{id * 20 + 2 * Levels - 1}}},"sequenceStart":{{{id * 20}}},"symbol":"{{{symbol}}}","time":{{{time}}}}}""",
            "gateio" => $$"""{"channel":"spot.obu","result":{"t":{{time}},"s":"ob.{{symbol}}.400","U":{{id}},"u":{{id}},"b":[{{Texts(bids)}}],"a":[{{Texts(asks)}}]},"time_ms":{{time + 9}}}""",
            "bitfinex" => string.Create(CultureInfo.InvariantCulture, $"[17082,[{bids[0].Price},3,{bids[0].Size}],{frame}]"),
            "bitstamp" => $$"""{"data":{"timestamp":"{{time / 1000}}","microtimestamp":"{{time * 1000}}","bids":[{{Texts(bids)}}],"asks":[{{Texts(asks)}}]},"channel":"diff_order_book_{{symbol}}","event":"data"}""",
            _ => throw new ArgumentOutOfRangeException(nameof(venue), venue, "No frame of this venue is written down here."),
        };
    }

    public static byte[] Gzip(byte[] frame)
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Optimal, leaveOpen: true)) gzip.Write(frame);
        return stream.ToArray();
    }

    private static (string Price, string Size)[] Side(Random random, int step)
    {
        var levels = new (string, string)[Levels];
        for (var i = 0; i < levels.Length; i++)
        {
            var price = 61_000 + step * (i * 3 + random.Next(1, 4)) + random.Next(100) / 100m;
            var size = random.Next(1, 500_000_000) / 100_000_000m;
            levels[i] = (price.ToString("F2", CultureInfo.InvariantCulture), size.ToString("F8", CultureInfo.InvariantCulture));
        }

        return levels;
    }

    private static string Join(IEnumerable<string> parts) => string.Join(',', parts);

    private static string Texts((string Price, string Size)[] levels) => Join(levels.Select(l => $"[\"{l.Price}\",\"{l.Size}\"]"));

    private static string Numbers((string Price, string Size)[] levels) => Join(levels.Select(l => $"[{l.Price},{l.Size}]"));

    private static string Numbered((string Price, string Size)[] levels, long first) =>
        Join(levels.Select((l, i) => $"[\"{l.Price}\",\"{l.Size}\",\"{first + i}\"]"));

    private static string KrakenLevels((string Price, string Size)[] levels) => Join(levels.Select(l => $"{{\"price\":{l.Price},\"qty\":{l.Size}}}"));

    private static string CoinbaseLevel(string side, (string Price, string Size) level) =>
        $"{{\"side\":\"{side}\",\"event_time\":\"2026-04-07T14:30:01.456789Z\",\"price_level\":\"{level.Price}\",\"new_quantity\":\"{level.Size}\"}}";
}
