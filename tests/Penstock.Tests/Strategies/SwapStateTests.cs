using Penstock.Infrastructure.Snapshots;
using Penstock.Model.Numbers;
using Penstock.Strategies;
using Penstock.Strategies.Indicators;
using Penstock.Trading.Recovery;
using static Penstock.Tests.Trading.Fixtures;

namespace Penstock.Tests.Strategies;

/// <summary>What a strategy remembers goes over to its new version where that can read it, and is said to be lost where it cannot.</summary>
[Trait("requirement", "R96")]
[Trait("requirement", "R157")]
public sealed class SwapStateTests
{
    public sealed record NoConfig;

    /// <summary>Counts the books it was shown and keeps an average of the trades.</summary>
    private sealed class Counting(int version, int period = 3, bool refuses = false, bool adopts = false) : Strategy<NoConfig>
    {
        public long Books { get; private set; }

        public Ema Mean { get; } = new(period);

        protected override int StateVersion => version;

        protected override bool AdoptsOrders => adopts;

        protected override void OnStart() => SubscribeBars(Instrument, TimeSpan.FromSeconds(1), Mean);

        protected override void OnBook(in BookView book)
        {
            Books++;
            if (book.IsTradable) Bid(book.Id).Set(new Price(book.Bid.Price.Raw - book.Instrument.Tick.Raw), Quantity.From(0.1m));
        }

        protected override void OnState(StateArchive state)
        {
            Books = state.Value(Books);
            if (state.IsLoading && refuses) throw new InvalidDataException("no use for it");
        }
    }

    [Fact]
    public void A_version_that_can_read_the_state_goes_on_with_it()
    {
        Counting? next = null;
        var swap = Swapped(new NamedVersions().With("next1", () => next = new Counting(2)), "next1", out var begun, out var done);
        Assert.Contains("the saved state will be passed on", begun, StringComparison.Ordinal);
        Assert.Contains("saved state of version 1 passed on, bars and timers too", done, StringComparison.Ordinal);
        Assert.Equal(swap.Runner.Books, next!.Books); // not only those since it was loaded
        Assert.Equal(5, next.Mean.Count);
        StrategySwapTests.AssertReplays(swap);
    }

    [Theory]
    [InlineData(2, 0, "it keeps none")]
    [InlineData(2, 1, "it is of version 2, and it reads up to 1")]
    public void One_that_cannot_read_it_begins_with_what_it_saw(int old, int version, string why)
    {
        Counting? next = null;
        var versions = new NamedVersions().With("next1", () => next = new Counting(version, period: 7));
        var swap = Swapped(versions, "next1", out var begun, out var done, old);
        Assert.Contains(why, begun, StringComparison.Ordinal);
        Assert.Contains("bars and timers begin anew", begun, StringComparison.Ordinal);
        Assert.Contains("it goes by what it saw", done, StringComparison.Ordinal);
        Assert.True(next!.Books < swap.Runner.Books);
    }

    [Fact]
    public void One_that_breaks_over_the_state_is_dropped_and_the_old_one_goes_on()
    {
        var swap = Swapped(new NamedVersions().With("next1", () => new Counting(1, refuses: true)), "next1", out _, out var done);
        Assert.Contains("no use for it", done, StringComparison.Ordinal);
        Assert.Equal((StrategyVersion.BuiltIn, 1L, true), (swap.Runner.Version, swap.Engine.Statistics.SwapsDropped, swap.Runner.IsEnabled));
        swap.World.Timer(300);
        swap.World.Book(101m, 101.02m);
        Assert.Equal(1, swap.Live(1));
        Assert.Null(swap.Replayed().FirstDifference);
    }

    [Fact]
    public void One_that_adopts_orders_takes_them_over_without_a_cancel()
    {
        var swap = Begun(new NamedVersions().With("next1", () => new Counting(1, adopts: true)), "next1", out _);
        var cancels = CancelsOf(swap);
        Assert.Equal(1, swap.Live(1));
        Assert.Contains("it takes over the resting orders", swap.Command(EngineCommandKind.TakeOverStrategy).Message, StringComparison.Ordinal);
        Assert.Null(swap.Runner.Swap);
        Assert.Equal((cancels, 1), (CancelsOf(swap), swap.Live(1)));
        swap.World.Book(103m, 103.02m);
        Assert.Equal(cancels + 1, CancelsOf(swap));
        Assert.Equal(1, swap.Live(1)); // it moves its one quote, and no second one stands beside it
        StrategySwapTests.AssertReplays(swap);
    }

    private static int CancelsOf(SwapWorld swap) =>
        swap.World.Outbox.Cancelled.Count(c => swap.PlacedBy(1).Any(o => o.ClientOrderId == c.ClientOrderId));

    private static SwapWorld Begun(NamedVersions versions, string version, out string begun, int old = 1)
    {
        var swap = new SwapWorld(versions, () => new Counting(old));
        for (var i = 0; i < 5; i++) Second(swap);
        var taken = swap.Swap(version, "", warmUpMs: 2);
        Assert.True(taken.Done, taken.Message);
        begun = taken.Message;
        Second(swap);
        swap.Market(4);
        return swap;
    }

    private static SwapWorld Swapped(NamedVersions versions, string version, out string begun, out string done, int old = 1)
    {
        var swap = Begun(versions, version, out begun, old);
        var taken = swap.Command(EngineCommandKind.TakeOverStrategy);
        Assert.True(taken.Done, taken.Message);
        swap.Cancelled();
        swap.World.Timer(20);
        done = swap.Command(EngineCommandKind.FinishSwap).Message;
        return swap;
    }

    /// <summary>A trade that ends the bar before it.</summary>
    private static void Second(SwapWorld swap)
    {
        swap.World.Timer(1_000);
        swap.World.Engine.OnMarketEvents([SwapWorld.TradeAt(swap.World, 100m)]);
    }
}
