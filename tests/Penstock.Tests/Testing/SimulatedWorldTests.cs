using Penstock.Strategies.StatisticalArbitrage;
using Penstock.Testing.Flow;
using Penstock.Testing.Hosting;
using Penstock.Testing.Protocols;

namespace Penstock.Tests.Testing;

/// <summary>Worlds in which strategies that compare venues or pairs find something to do, and that are the same with the same seed.</summary>
public class SimulatedWorldTests
{
    private const long StartNs = 1_700_000_000_000_000_000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void In_a_swaying_world_two_pairs_of_a_venue_are_cointegrated_and_stray_by_more_than_a_round_trip(ulong seed)
    {
        var market = Market(SimulatedWorld.Swaying, seed);
        var model = new PairModel(60);
        var entries = 0;
        for (var ms = 0; ms < 60_000; ms += 300)
        {
            Live(market, ms, ms + 300);
            model.Add(Mid(market, 0), Mid(market, 1));
            if (!model.IsReady || Math.Abs(model.Z) < 2 || model.Cointegration > -3.34 || model.Beta <= 0) continue;
            if ((Math.Abs(model.Z) - 0.5) * model.Deviation / Mid(market, 0) * 10_000 > 24) entries++;
        }

        Assert.True(entries > 1, $"{entries}");
    }

    [Fact]
    public void In_a_shocked_world_venues_move_together_and_now_and_then_one_is_off_by_more_than_two_fees()
    {
        var (one, two) = (Market(SimulatedWorld.Shocked, 1), Market(SimulatedWorld.Shocked, 2));
        int near = 0, off = 0;
        for (var ms = 0; ms < 120_000; ms += 100)
        {
            Live(one, ms, ms + 100);
            Live(two, ms, ms + 100);
            var apartBps = Math.Abs(Mid(one, 0) / Mid(two, 0) - 1) * 10_000;
            if (apartBps < 10) near++;
            if (apartBps > 15) off++;
        }

        Assert.True(near > 600, $"{near}");
        Assert.InRange(off, 10, 400);
    }

    [Theory]
    [InlineData(SimulatedWorld.Apart)]
    [InlineData(SimulatedWorld.Shocked)]
    [InlineData(SimulatedWorld.Swaying)]
    public void The_same_seeds_give_the_same_world(SimulatedWorld world)
    {
        Assert.Equal(Walked(world, 7), Walked(world, 7));
        Assert.NotEqual(Walked(world, 7), Walked(world, 8));
    }

    private static string Walked(SimulatedWorld world, ulong seed)
    {
        var market = Market(world, seed);
        Live(market, 0, 5_000);
        return $"{Mid(market, 0)} {market.Instruments[0].UpdateId} {market.Instruments[2].UpdateId} {market.Instruments[1].LastPrint}";
    }

    private static SimulatedMarket Market(SimulatedWorld world, ulong seed) => SimulatedVenueCatalog.Create(
        new SimulatedVenueOptions { Name = "binance", Seed = seed, WorldSeed = 1, Flow = FlowOptions.Of(world) }).Market;

    private static void Live(SimulatedMarket market, long fromMs, long toMs)
    {
        for (var ms = fromMs; ms < toMs; ms += 10)
        {
            market.Step(StartNs + ms * 1_000_000);
            foreach (var instrument in market.Instruments) instrument.ClearPrints();
        }
    }

    private static double Mid(SimulatedMarket market, int instrument)
    {
        var engine = market.Instruments[instrument].Engine;
        return (engine.Bids[0].Price.Raw + engine.Asks[0].Price.Raw) * 0.5 / 1e8;
    }
}
