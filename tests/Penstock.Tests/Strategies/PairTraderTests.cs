using Penstock.Strategies.StatisticalArbitrage;

namespace Penstock.Tests.Strategies;

/// <summary>The statistics of a pair, and that the trader holds a whole pair or none.</summary>
public class PairTraderTests
{
    private const string Configuration = """
        {"window":60,"sampleMs":100,"entryZ":2,"exitZ":0.3,"stopZ":8,"costBps":1,"size":1,"reachBps":20,"failuresMax":3,"dustBps":10}
        """;

    private static readonly (string Base, string Quote)[] Pairs = [("AAA", "USDT"), ("BBB", "USDT")];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_model_finds_the_relation_that_is_there(int seed)
    {
        var random = new Random(seed);
        var model = new PairModel(200);
        double b = 50, e = 0;
        for (var i = 0; i < 200; i++)
        {
            b += random.Next(-100, 101) / 200.0;
            e = 0.3 * e + random.Next(-100, 101) / 500.0;
            model.Add(10 + 2 * b + e, b);
        }

        Assert.InRange(model.Beta, 1.9, 2.1);
        Assert.True(model.Cointegration < -3.34, $"{model.Cointegration}");
    }

    [Fact]
    public void Two_random_walks_mostly_do_not_belong_together()
    {
        var together = 0;
        for (var seed = 1; seed <= 100; seed++)
        {
            var random = new Random(seed);
            var model = new PairModel(200);
            double a = 100, b = 100;
            for (var i = 0; i < 200; i++) model.Add(a += random.Next(-100, 101) / 100.0, b += random.Next(-100, 101) / 100.0);
            if (model.Cointegration < -3.34) together++;
        }

        Assert.InRange(together, 0, 12); // the test's level is 5 %
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void The_model_is_the_textbook_regression(int seed)
    {
        var random = new Random(seed);
        var model = new PairModel(30);
        var (a, b) = (new List<double>(), new List<double>());
        for (var i = 0; i < 100; i++)
        {
            a.Add(100 + random.NextDouble());
            b.Add(50 + random.NextDouble());
            model.Add(a[^1], b[^1]);
        }

        var (lastA, lastB) = (a.TakeLast(30).ToArray(), b.TakeLast(30).ToArray());
        var beta = lastA.Zip(lastB, (x, y) => (x - lastA.Average()) * (y - lastB.Average())).Sum() / lastB.Sum(y => Math.Pow(y - lastB.Average(), 2));
        var alpha = lastA.Average() - beta * lastB.Average();
        var residuals = lastA.Zip(lastB, (x, y) => x - alpha - beta * y).ToArray();
        var deviation = Math.Sqrt(residuals.Sum(r => r * r) / 28);
        Assert.Equal(beta, model.Beta, 9);
        Assert.Equal(residuals[^1] / deviation, model.Z, 9);
        var gamma = residuals.Skip(1).Zip(residuals, (now, before) => before * (now - before)).Sum() / residuals.SkipLast(1).Sum(r => r * r);
        var rest = residuals.Skip(1).Zip(residuals, (now, before) => Math.Pow(now - before - gamma * before, 2)).Sum() / 28;
        Assert.Equal(gamma / Math.Sqrt(rest / residuals.SkipLast(1).Sum(r => r * r)), model.Cointegration, 9);
    }

    [Fact]
    [Trait("requirement", "R99")]
    public void It_sells_what_is_dear_and_buys_what_is_cheap_and_comes_home_with_a_profit()
    {
        var (world, strategy) = World();
        Walk(world, steps: 80, seed: 5);
        Quote(world, 211.2m, 100m); // the first is dear
        Assert.Equal(-1, strategy.Wish);
        Assert.Equal(-1m, world.Held(1));
        Assert.InRange(world.Held(2), 1.5m, 2.5m);
        for (var i = 0; i < 5; i++) Quote(world, 210m, 100m);
        Assert.Equal((0m, 0m), (world.Held(1), world.Held(2)));
        Assert.True(world.Profit() > 0, $"{world.Profit()}");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_leg_that_cannot_be_had_takes_the_other_back(int leg)
    {
        var (world, strategy) = World();
        Walk(world, steps: 80, seed: 5);
        world.Decide = order => order.Instrument.Value == leg ? TakerWorld.Fate.Refuse : TakerWorld.Fate.Fill;
        for (var i = 0; i < 10; i++) Quote(world, 211.2m, 100m);
        Assert.Equal(1, strategy.GivenUp);
        Assert.Equal((0m, 0m), (world.Held(1), world.Held(2)));
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public void Whatever_becomes_of_orders_it_ends_with_what_it_wishes(int seed)
    {
        var random = new Random(seed);
        var (world, strategy) = World();
        Walk(world, steps: 80, seed);
        world.Decide = _ => (TakerWorld.Fate)random.Next(4);
        for (var i = 0; i < 600; i++) Quote(world, 210m + random.Next(-130, 131) / 100m, 100m + random.Next(-10, 11) / 100m);
        Assert.True(strategy.Entries > 3, $"{strategy.Entries}");
        world.Decide = _ => TakerWorld.Fate.Fill;
        world.Settle();
        var ratio = strategy.Wish == 0 ? 0m : (decimal)strategy.Ratio;
        Assert.Equal(strategy.Wish, world.Held(1));
        Assert.InRange(world.Held(2) + strategy.Wish * ratio, -0.003m, 0.003m);
    }

    [Fact]
    [Trait("requirement", "R99")]
    public void Fees_in_coins_are_not_bought_back()
    {
        var strategy = Configured();
        var world = new TakerWorld(strategy, 0.00000001m, Pairs) { FeesInBase = true };
        Walk(world, steps: 80, seed: 5);
        Quote(world, 211.2m, 100m);
        for (var i = 0; i < 20; i++) Quote(world, 210m, 100m);
        Assert.Equal((0, 4), (strategy.Wish, world.Placed.Count)); // two legs in, two legs out
        Assert.InRange(world.Held(1), -0.0005m, 0m);
    }

    [Theory]
    [InlineData(31)]
    [InlineData(32)]
    [Trait("requirement", "R157")]
    public void From_a_snapshot_it_decides_what_it_would_have_decided(int seed)
    {
        var random = new Random(seed);
        var (world, strategy) = World();
        Walk(world, steps: 80, seed);
        world.Decide = _ => (TakerWorld.Fate)random.Next(4);
        for (var i = 0; i < 300; i++) Quote(world, 210m + random.Next(-130, 131) / 100m, 100m + random.Next(-10, 11) / 100m);
        Assert.True(strategy.Entries > 2, $"{strategy.Entries}");
        EngineSnapshotTests.Follow(world.Journal.Records, _ => TakerWorld.Create(Configured(), 0.001m, Pairs), seed);
    }

    private static (TakerWorld World, PairTrader Strategy) World()
    {
        var strategy = Configured();
        return (new TakerWorld(strategy, Pairs), strategy);
    }

    private static PairTrader Configured()
    {
        var strategy = new PairTrader();
        Assert.Null(strategy.Configure(Configuration));
        return strategy;
    }

    /// <summary>a = 10 + 2 b and a residual that returns.</summary>
    private static void Walk(TakerWorld world, int steps, int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < steps; i++)
        {
            var b = 100m + random.Next(-50, 51) / 100m;
            Quote(world, 10m + 2 * b + random.Next(-50, 51) / 100m, b);
        }
    }

    private static void Quote(TakerWorld world, decimal a, decimal b)
    {
        world.Book(1, a - 0.01m, a + 0.01m, 10m);
        world.Book(2, b - 0.01m, b + 0.01m, 10m);
        world.Timer(120);
    }
}
