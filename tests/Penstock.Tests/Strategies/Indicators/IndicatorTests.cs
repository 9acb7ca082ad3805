using Penstock.MarketData.Bars;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Strategies.Indicators;

namespace Penstock.Tests.Strategies.Indicators;

/// <summary>Each indicator against its definition, written out over the whole series.</summary>
public class IndicatorTests
{
    private const int Length = 700; // more than any window turns over once

    public static TheoryData<int> Seeds => [1, 2, 3];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Windows_follow_their_definitions(int seed)
    {
        var series = Series(seed);
        var sma = new Sma(20);
        var deviation = new StandardDeviation(20);
        var score = new ZScore(20);
        var bands = new BollingerBands(20, 2);
        var highest = new Highest(20);
        var lowest = new Lowest(20);
        for (var i = 0; i < Length; i++)
        {
            foreach (var each in (Indicator[])[sma, deviation, score, bands, highest, lowest]) each.Update(series[i]);
            var last = series.Take(i + 1).TakeLast(20).ToArray();
            var mean = last.Average();
            var spread = Math.Sqrt(last.Select(v => (v - mean) * (v - mean)).Average());
            Near(mean, sma.Value);
            Near(spread, deviation.Value);
            Near(spread > 0 ? (series[i] - mean) / spread : 0, score.Value);
            Near(mean + 2 * spread, bands.Upper);
            Near(mean - 2 * spread, bands.Lower);
            Assert.Equal(last.Max(), highest.Value);
            Assert.Equal(last.Min(), lowest.Value);
            Assert.Equal(i + 1 >= 20, sma.IsReady);
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Smoothings_follow_their_definitions(int seed)
    {
        var series = Series(seed);
        var ema = new Ema(10);
        var rsi = new Rsi(14);
        var macd = new Macd(12, 26, 9);
        for (var i = 0; i < Length; i++)
        {
            ema.Update(series[i]);
            rsi.Update(series[i]);
            macd.Update(series[i]);
            Near(EmaOf(series, i, 10), ema.Value);
            Near(EmaOf(series, i, 12) - EmaOf(series, i, 26), macd.Value);
            if (i < 14) continue;
            var (gain, loss) = (WilderOf(series, i, 14, +1), WilderOf(series, i, 14, -1));
            Near(gain + loss > 0 ? 100 * gain / (gain + loss) : 50, rsi.Value);
        }

        Near(macd.Value - macd.Signal.Value, macd.Histogram);
    }

    [Fact]
    public void A_bar_gives_its_range_to_the_average_true_range_and_its_volume_to_the_vwap()
    {
        var atr = new Atr(2);
        var vwap = new Vwap(2);
        foreach (var bar in (Bar[])[BarOf(10, 12, 9, 11, 2), BarOf(14, 15, 13, 14, 1), BarOf(14, 14, 14, 14, 3)])
        {
            atr.Update(bar);
            vwap.Update(bar);
        }

        Near(((3 + 4) / 2.0 + 0) / 2, atr.Value); // ranges 3, 15 − 11 = 4, 0
        Near((14 * 1 + 14 * 3) / 4.0, vwap.Value);
    }

    [Fact]
    public void A_crossing_is_told_once_and_only_when_both_are_ready()
    {
        var fast = new Sma(1);
        var slow = new Sma(3);
        var crossings = new List<string>();
        foreach (var value in (double[])[5, 4, 3, 2, 9, 9, 9, 1])
        {
            fast.Update(value);
            slow.Update(value);
            if (fast.CrossedAbove(slow)) crossings.Add($"above {value}");
            if (fast.CrossedBelow(slow)) crossings.Add($"below {value}");
        }

        Assert.Equal(["above 9", "below 1"], crossings);
    }

    [Fact]
    public void An_update_allocates_nothing()
    {
        Indicator[] all = [new Sma(9), new Ema(9), new Wilder(9), new Vwap(9), new StandardDeviation(9), new ZScore(9), new BollingerBands(), new Rsi(), new Atr(), new Macd(), new Highest(9), new Lowest(9)];
        var bar = BarOf(10, 12, 9, 11, 2);
        Run();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Run()
        {
            for (var i = 0; i < 100; i++)
            {
                foreach (var each in all) each.Update(bar);
            }
        }
    }

    private static double EmaOf(double[] series, int at, int period)
    {
        var value = series[0];
        for (var i = 1; i <= at; i++) value += 2.0 / (period + 1) * (series[i] - value);
        return value;
    }

    private static double WilderOf(double[] series, int at, int period, int sign)
    {
        var changes = series.Take(at + 1).Skip(1).Zip(series, (now, before) => Math.Max(0, sign * (now - before))).ToArray();
        var value = changes.Take(period).Average();
        for (var i = period; i < changes.Length; i++) value += (changes[i] - value) / period;
        return value;
    }

    private static double[] Series(int seed)
    {
        var random = new Random(seed);
        var value = 100.0;
        return [.. Enumerable.Range(0, Length).Select(_ => value += random.Next(-50, 51) / 100.0)];
    }

    private static Bar BarOf(decimal open, decimal high, decimal low, decimal close, decimal volume) => new(
        new InstrumentId(1), new ExchangeTime(1), Price.From(open), Price.From(high), Price.From(low), Price.From(close),
        Quantity.From(volume), Quantity.From(volume), Notional.From(close * volume), 1);

    private static void Near(double expected, double actual) => Assert.Equal(expected, actual, 1e-9 * Math.Max(1, Math.Abs(expected)));
}
