using Penstock.Model.Markets;
using Penstock.Strategies.Arbitrage;

namespace Penstock.Tests.Strategies;

/// <summary>Takes only what pays, and is never left with one leg.</summary>
public class CrossVenueArbitrageTests
{
    private const string Configuration = """
        {"edgeBps":2,"takerFeeBps":5,"size":0.1,"inventoryMax":0.3,"hedgeReachBps":50,"pauseMs":10,"hedgesMax":3,"hedgeMinBps":100}
        """;

    private static readonly (string Base, string Quote)[] Pairs = [("BTC", "USDT"), ("BTC", "USDT"), ("BTC", "USDT")];

    [Fact]
    [Trait("requirement", "R98")]
    public void It_buys_cheap_and_sells_dear_when_the_difference_pays_fees_and_edge()
    {
        var (world, strategy) = World();
        world.Book(1, 99.99m, 100.00m);
        world.Book(2, 100.13m, 100.14m);
        Assert.Equal((0.1m, -0.1m), (world.Held(1), world.Held(2)));
        Assert.Equal(1, strategy.Trades);
        Assert.True(world.Profit() > -0.02m, $"{world.Profit()}");
    }

    [Theory]
    [InlineData(100.11, false)] // 11 bps: 5 + 5 in fees leave 1
    [InlineData(100.13, true)] // 13 bps leave 3
    public void The_fees_decide(decimal bid, bool trades)
    {
        var (world, _) = World();
        world.Book(1, 99.99m, 100.00m);
        world.Book(2, bid, bid + 0.01m);
        Assert.Equal(trades, world.Placed.Count > 0);
    }

    [Fact]
    public void A_refused_leg_is_hedged_where_it_is_cheapest()
    {
        var (world, strategy) = World();
        var refusals = 1;
        world.Decide = order => order.Side == Side.Sell && refusals-- > 0 ? TakerWorld.Fate.Refuse : TakerWorld.Fate.Fill;
        world.Book(1, 99.99m, 100.00m);
        world.Book(2, 100.13m, 100.14m);
        Assert.Equal(0.1m, world.Held(1) + world.Held(2));
        world.Settle();
        Assert.Equal(0m, world.Held(1) + world.Held(2));
        Assert.Equal(Side.Sell, world.Placed[2].Side);
        Assert.Equal(2, world.Placed[2].Instrument.Value); // the better bid
        Assert.Equal(1, strategy.Hedges);
    }

    [Fact]
    public void With_one_venue_gone_the_leg_is_undone_on_the_other()
    {
        var (world, _) = World();
        world.Decide = order => order.Instrument.Value == 2 ? TakerWorld.Fate.Refuse : TakerWorld.Fate.Fill;
        world.Book(1, 99.99m, 100.00m);
        world.Book(2, 100.13m, 100.14m);
        world.Engine.OnMarketEvents([new MarketEvent
        {
            Kind = MarketEventKind.BookInvalid, Instrument = new(2), Venue = new(2), Received = new(world.NowNs), Flags = MarketEventFlags.Gap,
        }]);
        world.Settle();
        Assert.Equal((0m, 0m), (world.Held(1), world.Held(2)));
    }

    [Fact]
    public void After_hedges_that_change_nothing_it_takes_no_more_until_it_is_even()
    {
        var (world, strategy) = World();
        var first = true;
        world.Decide = _ =>
        {
            var fate = first ? TakerWorld.Fate.Fill : TakerWorld.Fate.Refuse;
            first = false;
            return fate;
        };
        world.Book(1, 99.99m, 100.00m);
        world.Book(2, 100.13m, 100.14m);
        world.Settle();
        Assert.True(strategy.HedgesFailed >= 3);
        Assert.Equal(1, strategy.Trades);
        world.Decide = _ => TakerWorld.Fate.Fill;
        world.Settle();
        Assert.Equal(0m, world.Held(1) + world.Held(2));
        Assert.Equal(0, strategy.HedgesFailed);
    }

    /// <summary>
    /// A half-filled leg is refused everywhere. Then prices fall, so that no open book takes so little, while a third venue, which would, is quiet:
    /// the leg is still alone.
    /// </summary>
    [Theory]
    [InlineData(3, 1)]
    [InlineData(100, 2)]
    public void After_as_many_failed_hedges_as_allowed_it_takes_nothing_although_nothing_can_be_hedged_just_now(int hedgesMax, long trades)
    {
        var strategy = new CrossVenueArbitrage();
        var settings = Configuration.Replace("\"hedgesMax\":3", $"\"hedgesMax\":{hedgesMax}", StringComparison.Ordinal);
        Assert.Null(strategy.Configure(settings.Replace("0.1,", "0.01,", StringComparison.Ordinal)));
        var world = new TakerWorld(strategy, Pairs);
        var orders = 0;
        world.Decide = _ => orders++ switch { 0 => TakerWorld.Fate.Fill, 1 => TakerWorld.Fate.Half, _ => TakerWorld.Fate.Refuse };
        world.Book(1, 99.99m, 100.00m);
        world.Book(2, 100.13m, 100.14m);
        for (var i = 0; i < 10; i++) world.Timer(100);
        Assert.Equal((0.005m, 1L), (world.Held(1) + world.Held(2), strategy.Trades));
        Assert.InRange(strategy.HedgesFailed, 3, 99);
        world.Book(1, 9.99m, 10.00m);
        world.Book(2, 10.13m, 10.14m);
        world.Decide = _ => TakerWorld.Fate.Fill;
        world.Timer(5_000);
        Assert.Equal(trades, strategy.Trades);
        world.Book(3, 100.00m, 100.01m); // the venue that takes so little is back
        world.Settle();
        Assert.Equal((0m, 0), (world.Held(1) + world.Held(2) + world.Held(3), strategy.HedgesFailed));
    }

    [Theory]
    [Trait("requirement", "R95")]
    [InlineData("""{"feesBps":10}""", null)]
    [InlineData("""{"feesBps":-0.5}""", null)]
    [InlineData("""{"feesBps":"10 26 8"}""", null)]
    [InlineData("""{"feesBps":"10 x"}""", "numbers separated by blanks")]
    [InlineData("""{"feesBps":"9999999999999999999999999999999999999999"}""", "numbers separated by blanks")]
    [InlineData("""{"feesBps":"5000"}""", "between -1000 and 1000")]
    [InlineData("""{"feesBps":true}""", "text")]
    [InlineData("""{"feesBps":"1111111111111111111111111111111111111x"}""", "numbers separated by blanks")]
    public void Fees_are_one_number_or_several_and_anything_else_is_refused_at_once(string settings, string? wrong)
    {
        var refused = new CrossVenueArbitrage().Configure(settings);
        if (wrong is null) Assert.Null(refused);
        else Assert.Contains(wrong, refused, StringComparison.Ordinal);
    }

    [Fact]
    public void The_inventory_is_a_limit_and_the_way_back_is_cheaper()
    {
        var (world, _) = World();
        for (var i = 0; i < 10; i++)
        {
            world.Book(1, 99.99m, 100.00m);
            world.Book(2, 100.13m, 100.14m);
            world.Timer(50);
        }

        Assert.Equal((0.3m, -0.3m), (world.Held(1), world.Held(2)));
        for (var i = 0; i < 10; i++)
        {
            world.Book(2, 99.98m, 100.00m);
            world.Book(1, 100.11m, 100.12m); // 11 bps: below the edge, enough to unwind
            world.Timer(50);
        }

        Assert.Equal((0m, 0m), (world.Held(1), world.Held(2)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Whatever_becomes_of_orders_no_leg_stays_alone(int seed)
    {
        var (world, strategy) = World();
        Disturb(world, seed, steps: 2_000);

        world.Decide = _ => TakerWorld.Fate.Fill;
        for (var venue = 1; venue <= 3; venue++) world.Book(venue, 99.99m, 100.01m, 10m);
        world.Settle();
        Assert.True(strategy.Trades > 25, $"{strategy.Trades}");
        Assert.InRange(world.Held(1) + world.Held(2) + world.Held(3), -0.002m, 0.002m);
        Assert.Equal(0, world.Engine.Orders.Live.Count);
    }

    [Fact]
    [Trait("requirement", "R98")]
    public void What_venues_take_as_fees_in_coins_is_no_leg_to_chase()
    {
        var strategy = Configured();
        var world = new TakerWorld(strategy, 0.00000001m, Pairs[..2]) { FeesInBase = true };
        world.Book(1, 99.99m, 100.00m);
        world.Book(2, 100.13m, 100.14m);
        world.Settle();
        Assert.Equal(-0.00015m, world.Held(1) + world.Held(2)); // 5 bps of what was bought three times
        Assert.Equal((6, 0L), (world.Placed.Count, strategy.Hedges));
    }

    [Theory]
    [InlineData(31)]
    [InlineData(32)]
    [Trait("requirement", "R157")]
    public void From_a_snapshot_it_decides_what_it_would_have_decided(int seed)
    {
        var (world, strategy) = World();
        Disturb(world, seed, steps: 1_000);
        Assert.True(strategy.Trades > 5 && strategy.Hedges > 1, $"{strategy.Trades} {strategy.Hedges}");
        EngineSnapshotTests.Follow(world.Journal.Records, _ => TakerWorld.Create(Configured(), 0.001m, Pairs), seed);
    }

    [Fact]
    public void Instruments_that_are_not_the_same_pair_are_refused()
    {
        var strategy = new CrossVenueArbitrage();
        Assert.Null(strategy.Configure(Configuration));
        var world = new TakerWorld(strategy, ("BTC", "USDT"), ("ETH", "USDT"));
        Assert.Contains("same pair", world.Engine.Strategies[0].LastFault, StringComparison.Ordinal);
    }

    [Fact]
    public void Fees_are_numbers() => Assert.Contains("numbers", new CrossVenueArbitrage().Configure("""{"feesBps":"10, 3"}"""), StringComparison.Ordinal);

    private static (TakerWorld World, CrossVenueArbitrage Strategy) World()
    {
        var strategy = Configured();
        return (new TakerWorld(strategy, Pairs), strategy);
    }

    private static CrossVenueArbitrage Configured()
    {
        var strategy = new CrossVenueArbitrage();
        Assert.Null(strategy.Configure(Configuration));
        return strategy;
    }

    /// <summary>Books jump, orders fill, fail, are cut short or lost.</summary>
    private static void Disturb(TakerWorld world, int seed, int steps)
    {
        var random = new Random(seed);
        world.Decide = _ => (TakerWorld.Fate)random.Next(4);
        for (var step = 0; step < steps; step++)
        {
            var venue = random.Next(1, 4);
            var mid = Math.Round(100m + random.Next(-40, 41) / 100m, 2);
            world.Book(venue, mid - 0.01m, mid + 0.01m, random.Next(1, 400) / 1_000m);
            if (step % 3 == 0) world.Timer(random.Next(1, 400));
            Assert.All(Enumerable.Range(1, 3), i => Assert.InRange(world.Held(i), -0.7m, 0.7m));
        }
    }
}
