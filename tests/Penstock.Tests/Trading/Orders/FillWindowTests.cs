using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Trading.Orders;

namespace Penstock.Tests.Trading.Orders;

/// <summary>The window beside a list of the last fills, searched from end to end: counted ids, both sides of a trade, ids far apart, repeats.</summary>
[Trait("requirement", "R83")]
public sealed class FillWindowTests
{
    private const int Capacity = 64;

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(3, uint.MaxValue - 1_000L)] // the numbers of fills go round while it runs
    [InlineData(4, 3L * uint.MaxValue)]
    public void Knows_what_a_list_of_the_last_fills_knows(int seed, long added)
    {
        var random = new Random(seed);
        var window = new FillWindow(Capacity, added);
        var naive = new Queue<FillKey>();
        var (repeats, next) = (0, 0L);
        for (var i = 0; i < 20_000; i++)
        {
            var key = Next(random, ref next);
            var isKnown = naive.Contains(key);
            Assert.Equal(isKnown, window.Contains(key));
            Assert.Equal(!isKnown, window.TryAdd(key));
            if (isKnown) repeats++;
            else naive.Enqueue(key);
            if (naive.Count > Capacity) naive.Dequeue();
        }

        Assert.True(repeats > 1_000, $"{repeats} repeats");
    }

    [Fact]
    public void The_one_before_the_oldest_is_known_no_more_and_the_oldest_is()
    {
        var window = new FillWindow(Capacity);
        for (var trade = 1; trade <= Capacity + 1; trade++) Assert.True(window.TryAdd(Key(trade, Side.Buy)));
        Assert.False(window.Contains(Key(1, Side.Buy)));
        Assert.True(window.Contains(Key(2, Side.Buy)));
        Assert.False(window.Contains(Key(2, Side.Sell)));
        Assert.True(window.Contains(Key(Capacity + 1, Side.Buy)));
    }

    private static FillKey Next(Random random, ref long next) => random.Next(4) switch
    {
        0 => Key(++next, Side.Buy),
        1 => Key(next, random.Next(2) == 0 ? Side.Buy : Side.Sell, random.Next(1, 3)),
        2 => Key(random.Next(1, 100) * 1_000_000_007_000, Side.Sell, random.Next(1, 3)),
        _ => Key(Math.Max(0, next - random.Next(Capacity * 2)), Side.Buy),
    };

    private static FillKey Key(long trade, Side side, int instrument = 1) => new(trade, new InstrumentId(instrument), new VenueId(1), side);
}
