using System.Globalization;
using System.Text;
using System.Text.Json;
using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;

namespace Penstock.Tests.Venues.Binance;

/// <summary>The decoder against a twin that knows no speed: Utf8JsonReader's parser and decimal arithmetic.</summary>
public class BinanceDepthTwinTests
{
    [Theory, Trait("requirement", "R17"), Trait("requirement", "P11")]
    [InlineData("binance-spot.hft-btcusdt-20240808.jsonl.gz")]
    [InlineData("binance-usdm.hft-btcusdt-20240808.jsonl.gz")]
    [InlineData("binance-coinm.hft-btcusd-perp-20240808.jsonl.gz")]
    [InlineData("binance-spot.cf-20211012.jsonl.gz")]
    public void Every_recorded_depth_frame_reads_as_the_naive_twin_reads_it(string recording)
    {
        var table = new InstrumentTable { DiscoverUnknown = true };
        var feed = FeedFixtures.Create("Binance").CreateFeed(new FeedContext(new VenueId(1), table));
        var batch = new FeedBatch();
        var compared = 0;
        foreach (var (kind, _, data) in FeedFixtures.Recording(recording))
        {
            if (kind != "recv" || !data.AsSpan().StartsWith("{\"stream\""u8) || data.AsSpan().IndexOf("depthUpdate"u8) < 0) continue;
            Assert.Equal(QuarantineCause.None, feed.Decode(data, batch));
            Assert.Equal(Naive(data), Describe(batch, table));
            compared++;
        }

        Assert.True(compared > 100);
    }

    private static string Describe(FeedBatch batch, InstrumentTable table)
    {
        var message = batch.Messages[0];
        var text = new StringBuilder();
        var previous = message.PreviousUpdateId == FeedMessage.NoId ? 0 : message.PreviousUpdateId;
        text.Append(CultureInfo.InvariantCulture, $"{table[message.Instrument].VenueSymbol} {message.Time.UnixNs / 1_000_000}");
        text.Append(CultureInfo.InvariantCulture, $" {message.FirstUpdateId} {message.LastUpdateId} {previous}");
        foreach (ref readonly var e in batch.Events)
            text.Append(CultureInfo.InvariantCulture, $"|{e.Side} {e.Price.Raw} {e.PriceDecimals} {e.Quantity.Raw} {e.QuantityDecimals}");
        return text.ToString();
    }

    private static string Naive(byte[] frame)
    {
        using var document = JsonDocument.Parse(frame);
        var data = document.RootElement.GetProperty("data");
        var time = data.TryGetProperty("T", out var transaction) ? transaction : data.GetProperty("E");
        var previous = data.TryGetProperty("pu", out var pu) ? pu.GetInt64() : 0;
        var text = new StringBuilder($"{data.GetProperty("s").GetString()} {time} {data.GetProperty("U")} {data.GetProperty("u")} {previous}");
        foreach (var (key, side) in (ReadOnlySpan<(string, Side)>)[("b", Side.Buy), ("a", Side.Sell)])
        {
            foreach (var level in data.GetProperty(key).EnumerateArray())
                text.Append(CultureInfo.InvariantCulture, $"|{side} {Number(level[0])} {Number(level[1])}");
        }

        return text.ToString();
    }

    private static string Number(JsonElement element)
    {
        var value = decimal.Parse(element.GetString()!, CultureInfo.InvariantCulture);
        return $"{(long)(value * 100_000_000m)} {value.Scale}";
    }
}
