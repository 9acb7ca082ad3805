using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Penstock.Control.ReadModels;
using Penstock.Infrastructure.Time;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.Tests.Control;

/// <summary>Averages by volume as the screen shows them, against sums of decimals.</summary>
public sealed class BarSeriesTests
{
    private const long Day = 86_400_000L * 20_000;

    private readonly Instrument _instrument = SessionBlueprint.Parse(
        """{"venues":["okx"],"instruments":[{"venue":1,"symbol":"BTC-USDT","base":"BTC","quote":"USDT","priceDecimals":1,"quantityDecimals":5}]}""")!
        .Instruments.All.First();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_bar_has_its_own_average_and_that_of_the_day_up_to_it_to_the_last_digit(int seed)
    {
        var random = new Random(seed);
        var series = new BarSeries("bars", _instrument, 1_000);
        var (worth, volume) = (0m, 0m);
        for (var bar = 0; bar < 50; bar++)
        {
            var (barWorth, barVolume) = (0m, 0m);
            for (var i = random.Next(1, 6); i > 0; i--)
            {
                var (price, quantity) = (60_000m + random.Next(100_000) / 10m, random.Next(1, 1_000_000) / 100_000m);
                series.Add(Trade(Day + bar * 1_000 + random.Next(1_000), price, quantity));
                (barWorth, barVolume) = (barWorth + price * quantity, barVolume + quantity);
            }

            (worth, volume) = (worth + barWorth, volume + barVolume);
            var row = Rows(series)[^1]!;
            Assert.Equal(Cut(barWorth / barVolume), Number(row["vwap"]));
            Assert.Equal(Cut(worth / volume), Number(row["vwapDay"]));
        }

        series.Add(Trade(Day + 86_400_000, 100, 1));
        Assert.Equal(100, Number(Rows(series)[^1]!["vwapDay"]));
    }

    private MarketEvent Trade(long unixMs, decimal price, decimal quantity) => new()
    {
        ExchangeTime = ExchangeTime.FromMs(unixMs), Price = new Price((long)(price * Scale(_instrument.PriceScale))),
        Quantity = new Quantity((long)(quantity * Scale(_instrument.QuantityScale))), Side = Side.Buy,
    };

    private decimal Cut(decimal price) => Math.Floor(price * Scale(_instrument.PriceScale)) / Scale(_instrument.PriceScale);

    private static decimal Scale(int decimals) => (decimal)Math.Pow(10, decimals);

    private static decimal Number(JsonNode? text) => decimal.Parse((string)text!, System.Globalization.CultureInfo.InvariantCulture);

    private static JsonArray Rows(BarSeries series)
    {
        using var memory = new MemoryStream();
        using (var json = new Utf8JsonWriter(memory)) series.Write(json, ITopic.FromNothing);
        return JsonNode.Parse(Encoding.UTF8.GetString(memory.ToArray()))!.AsArray();
    }
}
