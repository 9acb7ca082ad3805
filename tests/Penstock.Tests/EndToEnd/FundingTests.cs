using System.Runtime.Versioning;
using Penstock.Model.Numbers;
using Penstock.Trading.Positions;

namespace Penstock.Tests.EndToEnd;

/// <summary>Funding of perpetual contracts over real sockets: told by the private stream, named by the venue's history.</summary>
[SupportedOSPlatform("linux")]
public sealed class FundingTests
{
    private const string Venue = "binance-usdm";

    [Fact]
    [Trait("requirement", "R83")]
    public async Task A_payment_moves_the_settle_balance_and_the_positions_result_once()
    {
        await using var world = await TradingWorld.StartAsync(new WorldOptions { Venues = [Venue], InRealTime = true });
        world.Trade();
        world.SkipUntil(() => Held(world) != 0, "a position", 300);
        world.Exchange.IsMarketPaused = true;
        world.AssertAccountsEqual();
        var (cash, held) = (Settled(world), Held(world));
        var before = Balance(world);

        world.Exchange.PayFunding(100);
        world.SkipUntil(() => Positions(world).Statistics.Fundings == 1, "the payment");
        var paid = Balance(world) - before;
        Assert.Equal(-Math.Sign(held), Math.Sign(paid));
        Assert.Equal(paid, Settled(world) - cash);
        Assert.Equal(paid, Funding(world));

        // Another: the history tells of the first again, and so does the reconciliation after a cut.
        world.Exchange.PayFunding(-300);
        world.SkipUntil(() => Positions(world).Statistics.Fundings == 2, "the second payment");
        world.Exchange.DisconnectAll();
        var reconciled = world.Node[Venue].Orders!.Statistics.Reconciliations;
        world.SkipUntil(() => world.Node[Venue].Orders!.Statistics.Reconciliations > reconciled, "reconciled again");
        var repeated = Positions(world).Statistics.FundingsRepeated;
        world.SkipUntil(() => Positions(world).Statistics.FundingsRepeated >= repeated + 2, "both told again");
        Assert.Equal((2, Balance(world) - before), (Positions(world).Statistics.Fundings, Settled(world) - cash));
        Assert.Equal(Balance(world) - before, Funding(world));
        world.AssertAccountsEqual();
        world.AssertReplays();
    }

    private static PositionKeeper Positions(TradingWorld world) => world.Node.Engine.Positions;

    private static decimal Balance(TradingWorld world) => world.Exchange.Balances.Where(b => b.Asset == "USDT").Sum(b => b.Free + b.Locked);

    private static long Held(TradingWorld world) => Positions(world).Total(world.Node.Instrument(Venue, "BTC-USDT-PERP").Id).Raw;

    private static decimal Settled(TradingWorld world)
    {
        foreach (ref readonly var account in Positions(world).Accounts)
        {
            if (account.Venue == world.Node[Venue].Id && account.Asset.ToString() == "USDT") return account.Cash.ToDecimal();
        }

        return 0;
    }

    private static decimal Funding(TradingWorld world)
    {
        var sum = Notional.Zero;
        for (var strategy = 0; strategy <= Positions(world).Strategies; strategy++)
            sum += Positions(world).Of(strategy, world.Node.Instrument(Venue, "BTC-USDT-PERP").Id).Funding;
        return sum.ToDecimal();
    }
}
