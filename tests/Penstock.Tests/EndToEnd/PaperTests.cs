using System.Runtime.Versioning;
using Penstock.Connectivity.Sessions;
using Penstock.Infrastructure.Problems;
using Penstock.Node.Configuration;
using Penstock.Trading.Recovery;

namespace Penstock.Tests.EndToEnd;

/// <summary>
/// Trading on paper against venues that would take the orders, and are handed keys: the feeds are theirs, over real sockets, and nothing
/// else may be. What the engine says of its money must be what the paper account says of it, and the journal must be the run.
/// </summary>
[SupportedOSPlatform("linux")]
[Trait("requirement", "E2")]
public class PaperTests
{
    private static readonly WorldOptions Paper = new() { Venues = ["binance", "okx"], Environment = NodeEnvironment.Paper };

    [Theory]
    [InlineData("binance", "okx")]
    [InlineData("binance-usdm")]
    [Trait("requirement", "R92")]
    public async Task A_strategy_trades_on_paper_and_the_venues_see_no_order(params string[] venues)
    {
        await using var world = await TradingWorld.StartAsync(Paper with { Venues = venues });
        world.Trade();
        world.UntilFills(6);
        AssertEnds(world);
    }

    [Theory]
    [InlineData("binance", "okx")]
    [InlineData("binance-usdm")]
    [Trait("requirement", "R156")]
    public async Task A_node_that_dies_goes_on_with_its_orders_and_balances_on_paper(params string[] venues)
    {
        await using var world = await TradingWorld.StartAsync(Paper with { Venues = venues });
        world.Trade();
        world.UntilFills(3);
        world.SkipUntil(() => world.Node.Pipeline.Paper!.RestingOrders > 0, "an order at rest");
        var (fills, resting) = (world.Orders.Fills, world.Node.Pipeline.Paper!.RestingOrders);
        world.Restart();
        var paper = world.Node.Pipeline.Paper!;
        Assert.Equal((fills, true), (world.Orders.Fills, paper.OrdersRestored > 0));
        Assert.InRange(paper.OrdersRestored, 1, resting);
        AssertMoneyEqual(world);
        world.Trade();
        Assert.DoesNotContain(world.Node.Engine.Instruments.All, i => world.Node.Engine.Desk.Venues.IsBlockedByDifference(i.Id));
        world.UntilFills(3);
        AssertEnds(world);
    }

    /// <summary>Before an account was told there is nothing to mix; afterwards what is at venues does not go on on paper.</summary>
    [Fact]
    public async Task A_journal_of_accounts_at_venues_is_not_continued_on_paper()
    {
        await using var world = await TradingWorld.StartAsync(Paper with { Venues = ["okx"] });
        world.Restart(NodeEnvironment.Sim);
        Assert.Null(world.Node.Pipeline.Paper);
        world.SkipUntil(world.IsComplete, "the venue reconciled");
        var problem = Assert.Throws<Problem>(() => world.Restart(NodeEnvironment.Paper));
        Assert.Equal(ExitCode.Configuration, problem.Code);
    }

    private static void AssertEnds(TradingWorld world)
    {
        world.Node.Send(EngineCommandKind.Drain);
        world.SkipUntil(() => world.Node.Engine.Orders.Live.Count == 0, "no order live");
        Assert.Equal((0, 0, 0), (world.Orders.Unknown, world.Orders.FillsMissing, world.Orders.Overfills));
        Assert.Equal(0, world.Node.Pipeline.Paper!.RestingOrders);
        AssertMoneyEqual(world);
        AssertVenuesSawNothing(world);
        world.AssertReplays();
    }

    private static void AssertMoneyEqual(TradingWorld world)
    {
        var (positions, paper) = (world.Node.Engine.Positions, world.Node.Pipeline.Paper!.Account);
        var compared = 0;
        for (var i = 0; i < positions.Accounts.Length; i++)
        {
            ref readonly var account = ref positions.Accounts[i];
            if (!account.IsReported) continue;
            Assert.Equal(positions.Expected(i), paper.BalanceOf(account.Venue, account.Asset.ToString()));
            Assert.True(account.IsWithinTolerance, $"{account.Asset}: {account.Difference}");
            compared++;
        }

        foreach (ref readonly var contract in positions.ContractAccounts)
        {
            if (!contract.IsReported) continue;
            Assert.Equal(contract.Opening + contract.Cash, paper.BalanceOf(contract.Venue, contract.Asset.ToString()));
            compared++;
        }

        // Base and quote, or the contract and what it is settled in.
        Assert.Equal(2 * world.Farm.Exchanges.Count, compared);
    }

    private static void AssertVenuesSawNothing(TradingWorld world)
    {
        Assert.DoesNotContain(world.Node.Pipeline.Agents, a => a is OrderSession or DetachedOrders);
        foreach (var exchange in world.Farm.Exchanges)
        {
            var seen = exchange.Statistics();
            Assert.Equal((0, 0, 0), (seen["ordersReceived"], seen["ordersAccepted"], seen["authenticationFailures"]));
            Assert.Empty(exchange.Trades);
        }
    }
}
