using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading.Orders;
using static Penstock.Tests.Trading.Fixtures;

namespace Penstock.Tests.Strategies.Paper;

[Trait("requirement", "E2")]
public class PaperVenuesTests
{
    private static readonly Quantity One = Quantity.From(1m);

    [Fact]
    public void A_fill_moves_the_account_as_it_moves_the_ledger()
    {
        var world = new PaperWorld();
        world.Book(99m, 101m);
        var id = world.Place(Side.Buy, Price.From(99m), One);
        world.Pass();
        Assert.Equal(OrderState.Working, world.Engine.Orders.Find(id)!.State);
        // One stands ahead; the trade is enough for both.
        world.Trade(Side.Sell, Price.From(99m), Quantity.From(2m)).Pass();
        Assert.Equal(1, world.Engine.Orders.Statistics.Fills);
        Assert.Equal(One, world.Engine.Positions.Total(Btc));
        Assert.Equal(3m, world.Paper.Account.BalanceOf(Venue, "BTC")!.Value.ToDecimal());
        Assert.Equal(100_000m - 99m - 0.099m, world.Paper.Account.BalanceOf(Venue, "USDT")!.Value.ToDecimal());
        Assert.Equal((0m, 0m), (world.Difference("BTC"), world.Difference("USDT")));
        Assert.Equal(0, world.Engine.Positions.Statistics.BalanceDifferences);
    }

    [Fact]
    public void The_kill_switch_stops_an_order_on_paper_and_lets_a_cancel_pass()
    {
        var world = new PaperWorld();
        world.Book(99m, 101m);
        var resting = world.Place(Side.Buy, Price.From(99m), One);
        world.Pass();
        world.Kill.Set(true);
        world.Place(Side.Buy, Price.From(99m), One);
        world.Cancel(resting);
        world.Pass();
        Assert.Equal((1, 1, 1), (world.Sent.OrdersSent, world.Sent.Killed, world.Sent.CancelsSent));
        Assert.Equal((1, 1), (world.Paper.Statistics.Orders, world.Paper.Statistics.Cancels));
    }

    /// <summary>What rests goes to the back of its queue; what never arrived is not found; balances are the ledger's.</summary>
    [Fact]
    public void After_a_restart_the_account_goes_on_from_what_the_engine_knows()
    {
        var world = new PaperWorld();
        world.Book(99m, 101m);
        world.Place(Side.Buy, Price.From(101m), One);
        var resting = world.Place(Side.Buy, Price.From(99m), One);
        world.Pass();
        var lost = world.Place(Side.Buy, Price.From(98m), One);

        world.Begin();
        Assert.Equal(1, world.Paper.OrdersRestored);
        Assert.Equal(OrderState.Working, world.Engine.Orders.Find(resting)!.State);
        Assert.Equal(100_000m - 101m - 0.101m, world.Paper.Account.BalanceOf(Venue, "USDT")!.Value.ToDecimal());
        Assert.Equal((0m, 0m), (world.Difference("BTC"), world.Difference("USDT")));

        // No book yet: nobody knows who stands ahead.
        world.Trade(Side.Sell, Price.From(99m), Quantity.From(5m)).Pass();
        Assert.Equal(1, world.Engine.Orders.Statistics.Fills);
        world.Book(99m, 101m, bidQuantity: 3m);
        world.Trade(Side.Sell, Price.From(99m), Quantity.From(3m)).Pass();
        Assert.Equal(1, world.Engine.Orders.Statistics.Fills);
        world.Trade(Side.Sell, Price.From(99m), One).Pass();
        // Were its number that of the first session's trade, the fill would be taken for one that was there already.
        Assert.Equal((2, 0), (world.Engine.Orders.Statistics.Fills, world.Engine.Orders.Statistics.DuplicateFills));
        Assert.Equal((0m, 0m), (world.Difference("BTC"), world.Difference("USDT")));

        for (var i = 0; i < 400 && world.Engine.Orders.Find(lost) is { IsLive: true }; i++) world.PassWithTimer();
        Assert.False(world.Engine.Orders.Find(lost) is { IsLive: true });
        Assert.Equal(0, world.Engine.Orders.Statistics.Unknown);
    }

    /// <summary>Orders that rest, are cancelled, take and are taken; the hot thread is this one.</summary>
    [Fact]
    [Trait("requirement", "R36")]
    public void After_warm_up_an_order_on_paper_allocates_nothing()
    {
        var world = new PaperWorld();
        world.Book(99m, 101m, 1_000_000m, 1_000_000m);
        Rounds(world, 3_000);
        var (before, orders, fills) = (GC.GetAllocatedBytesForCurrentThread(), world.Paper.Statistics.Orders, world.Engine.Orders.Statistics.Fills);
        Rounds(world, 1_000);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(0, allocated);
        Assert.Equal(3_000, world.Paper.Statistics.Orders - orders);
        Assert.True(world.Engine.Orders.Statistics.Fills - fills >= 1_000);
    }

    private static void Rounds(PaperWorld world, int rounds)
    {
        var (bid, ask, small) = (Price.From(99m), Price.From(101m), Quantity.From(0.02m));
        for (var i = 0; i < rounds; i++)
        {
            world.Place(i % 2 == 0 ? Side.Buy : Side.Sell, i % 2 == 0 ? ask : bid, small);
            world.Pass();
            var resting = world.Place(Side.Buy, bid, small);
            // Inside the spread it is first in its queue.
            world.Place(Side.Sell, Price.From(100m), small);
            world.Pass();
            world.Trade(Side.Buy, Price.From(100m), small);
            world.Cancel(resting);
            world.Pass();
        }
    }
}
