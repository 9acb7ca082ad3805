using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Penstock.Benchmarks.Baselines;

#pragma warning disable CA1812 // Never instantiated, says the analyzer: only the source-generated serializer creates these.
internal sealed record BinanceFrame(string Stream, BinanceData Data);

internal sealed record BinanceData(
    [property: JsonPropertyName("e")] string Event, [property: JsonPropertyName("E")] long Time, [property: JsonPropertyName("s")] string Symbol,
    [property: JsonPropertyName("U")] long First, [property: JsonPropertyName("u")] long Last,
    [property: JsonPropertyName("b")] decimal[][] Bids, [property: JsonPropertyName("a")] decimal[][] Asks);

internal sealed record BinanceUsdmFrame(string Stream, BinanceUsdmData Data);

internal sealed record BinanceUsdmData(
    [property: JsonPropertyName("e")] string Event, [property: JsonPropertyName("E")] long Time, [property: JsonPropertyName("T")] long Transacted,
    [property: JsonPropertyName("s")] string Symbol, [property: JsonPropertyName("U")] long First, [property: JsonPropertyName("u")] long Last,
    [property: JsonPropertyName("pu")] long Previous,
    [property: JsonPropertyName("b")] decimal[][] Bids, [property: JsonPropertyName("a")] decimal[][] Asks);

internal sealed record CoinbaseFrame(
    string Channel, [property: JsonPropertyName("client_id")] string ClientId, DateTimeOffset Timestamp,
    [property: JsonPropertyName("sequence_num")] long Sequence, CoinbaseEvent[] Events);

internal sealed record CoinbaseEvent(string Type, [property: JsonPropertyName("product_id")] string Product, CoinbaseUpdate[] Updates);

internal sealed record CoinbaseUpdate(
    string Side, [property: JsonPropertyName("event_time")] DateTimeOffset Time, [property: JsonPropertyName("price_level")] decimal Price,
    [property: JsonPropertyName("new_quantity")] decimal Quantity);

internal sealed record KrakenFrame(string Channel, string Type, KrakenBook[] Data);

internal sealed record KrakenBook(string Symbol, KrakenLevel[] Bids, KrakenLevel[] Asks, long Checksum, DateTimeOffset Timestamp);

internal sealed record KrakenLevel(decimal Price, [property: JsonPropertyName("qty")] decimal Quantity);

internal sealed record OkxFrame(OkxArgument Arg, string Action, OkxBook[] Data);

internal sealed record OkxArgument(string Channel, string InstId);

internal sealed record OkxBook(decimal[][] Asks, decimal[][] Bids, long Ts, long Checksum, long SeqId, long PrevSeqId);

internal sealed record BybitFrame(string Topic, string Type, long Ts, BybitBook Data, long Cts);

internal sealed record BybitBook(
    [property: JsonPropertyName("s")] string Symbol, [property: JsonPropertyName("b")] decimal[][] Bids, [property: JsonPropertyName("a")] decimal[][] Asks,
    [property: JsonPropertyName("u")] long Id, long Seq);

internal sealed record HtxFrame(string Ch, long Ts, HtxTick Tick);

internal sealed record HtxTick(long SeqNum, long PrevSeqNum, decimal[][] Asks, decimal[][] Bids);

internal sealed record KucoinFrame(string Type, string Topic, string Subject, KucoinData Data);

internal sealed record KucoinData(KucoinChanges Changes, long SequenceEnd, long SequenceStart, string Symbol, long Time);

internal sealed record KucoinChanges(decimal[][] Asks, decimal[][] Bids);

internal sealed record GateioFrame(string Channel, GateioBook Result, [property: JsonPropertyName("time_ms")] long TimeMs);

internal sealed record GateioBook(
    [property: JsonPropertyName("t")] long Time, [property: JsonPropertyName("s")] string Symbol, [property: JsonPropertyName("U")] long First,
    [property: JsonPropertyName("u")] long Last, [property: JsonPropertyName("b")] decimal[][] Bids, [property: JsonPropertyName("a")] decimal[][] Asks);

internal sealed record BitstampFrame(BitstampBook Data, string Channel, string Event);

internal sealed record BitstampBook(long Timestamp, long Microtimestamp, decimal[][] Bids, decimal[][] Asks);
#pragma warning restore CA1812

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, NumberHandling = JsonNumberHandling.AllowReadingFromString)]
[JsonSerializable(typeof(BinanceFrame))]
[JsonSerializable(typeof(BinanceUsdmFrame))]
[JsonSerializable(typeof(CoinbaseFrame))]
[JsonSerializable(typeof(KrakenFrame))]
[JsonSerializable(typeof(OkxFrame))]
[JsonSerializable(typeof(BybitFrame))]
[JsonSerializable(typeof(HtxFrame))]
[JsonSerializable(typeof(KucoinFrame))]
[JsonSerializable(typeof(GateioFrame))]
[JsonSerializable(typeof(BitstampFrame))]
[JsonSerializable(typeof(JsonElement[]))]
internal sealed partial class BookJson : JsonSerializerContext;

/// <summary>
/// The usual .NET way of each venue's book frame: source-generated deserialisation into records, numbers as decimal. Returns something of
/// the message so that nothing is optimised away.
/// </summary>
internal static class BookDtos
{
    private static BookJson Json => BookJson.Default;

    public static long Parse(string venue, byte[] frame) => venue switch
    {
        "binance" => JsonSerializer.Deserialize(frame, Json.BinanceFrame)!.Data.Last,
        "binance-usdm" => JsonSerializer.Deserialize(frame, Json.BinanceUsdmFrame)!.Data.Last,
        "coinbase" => JsonSerializer.Deserialize(frame, Json.CoinbaseFrame)!.Sequence,
        "kraken" => JsonSerializer.Deserialize(frame, Json.KrakenFrame)!.Data[0].Checksum,
        "okx" => JsonSerializer.Deserialize(frame, Json.OkxFrame)!.Data[0].SeqId,
        "bybit" => JsonSerializer.Deserialize(frame, Json.BybitFrame)!.Data.Id,
        "htx" => JsonSerializer.Deserialize(frame, Json.HtxFrame)!.Tick.SeqNum,
        "kucoin" => JsonSerializer.Deserialize(frame, Json.KucoinFrame)!.Data.SequenceEnd,
        "gateio" => JsonSerializer.Deserialize(frame, Json.GateioFrame)!.Result.Last,
        "bitstamp" => JsonSerializer.Deserialize(frame, Json.BitstampFrame)!.Data.Microtimestamp,
        "bitfinex" => Bitfinex(frame),
        _ => throw new ArgumentOutOfRangeException(nameof(venue), venue, "There is no baseline of this venue."),
    };

    public static long ParseGzip(string venue, byte[] frame)
    {
        using var gzip = new GZipStream(new MemoryStream(frame), CompressionMode.Decompress);
        using var plain = new MemoryStream();
        gzip.CopyTo(plain);
        return Parse(venue, plain.ToArray());
    }

    /// <summary>Arrays of mixed types have no record: elements, then their numbers.</summary>
    private static long Bitfinex(byte[] frame)
    {
        var elements = JsonSerializer.Deserialize(frame, Json.JsonElementArray)!;
        var level = elements[1];
        return elements[0].GetInt64() + elements[2].GetInt64() + level[1].GetInt64() + (long)(level[0].GetDecimal() * level[2].GetDecimal());
    }
}
