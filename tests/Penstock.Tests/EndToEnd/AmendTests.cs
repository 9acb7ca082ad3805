using System.Runtime.Versioning;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Node.Wiring;
using Penstock.Testing.Faults;
using Penstock.Tests.Venues;
using Penstock.Trading.Orders;
using Penstock.Trading.Recovery;

namespace Penstock.Tests.EndToEnd;

/// <summary>
/// Changes of resting orders over real sockets: by the venue's own amend where its adapter has one, by another order where that was asked for.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class AmendTests
{
    public static readonly TheoryData<string> Venues = TradingTests.Venues;

    [Theory]
    [MemberData(nameof(Venues))]
    [Trait("requirement", "R79")]
    public async Task A_changed_order_rests_at_the_venue_as_it_was_asked_to(string venue)
    {
        await using var world = await TradingWorld.StartAsync(new WorldOptions { Venues = [venue], Quotes = false, InRealTime = true });
        world.Trade();
        var instrument = world.Node.Instrument(venue, "BTC-USDT");
        Assert.True(world.Node.Book(venue, "BTC-USDT")!.TryBest(Side.Buy, out var bid));
        var price = new Price(bid.Price.Raw / 100 * 98).FloorTo(instrument.Tick);
        Send(world, EngineCommandKind.PlaceOrder, instrument, $$"""{"key":"1","side":"buy","price":"{{price}}","quantity":"0.02","postOnly":true}""");
        world.Until(() => world.Node.Engine.Orders.Live.First is { State: OrderState.Working }, "the order rests");
        var order = world.Node.Engine.Orders.Live.First!;

        var lower = new Price(price.Raw / 1_000 * 999).FloorTo(instrument.Tick);
        Change(world, order, $$"""{"key":"2","id":"{{order.ClientOrderId}}","price":"{{lower}}","quantity":"0.03","orReplace":true}""", venue);
        order = world.Node.Engine.Orders.Live.First!;
        Assert.Equal((lower, Quantity.From(0.03m)), (order.Request.Price, order.Request.Quantity));
        AssertRests(world, lower, 0.03m);

        Change(world, order, $$"""{"key":"3","id":"{{order.ClientOrderId}}","quantity":"0.01","orReplace":true}""", venue);
        AssertRests(world, lower, 0.01m);
        Assert.Equal(Amends(venue) ? 2 : 0, world.Orders.Amended);
        Assert.Equal(Amends(venue) ? 0 : 2, world.Orders.Replacements);
        world.AssertAccountsEqual();
        world.AssertReplays();
    }

    /// <summary>Neither the answer nor the row comes: a venue that tells price and size when it is asked leaves nothing uncertain.</summary>
    [Theory]
    [InlineData("kraken")]
    [InlineData("okx")]
    [Trait("requirement", "R90")]
    public async Task A_change_that_nobody_told_of_is_found_by_asking_and_not_made_again(string venue)
    {
        await using var world = await TradingWorld.StartAsync(new WorldOptions { Venues = [venue], Quotes = false });
        world.Trade();
        var instrument = world.Node.Instrument(venue, "BTC-USDT");
        Assert.True(world.Node.Book(venue, "BTC-USDT")!.TryBest(Side.Buy, out var bid));
        var price = new Price(bid.Price.Raw / 100 * 98).FloorTo(instrument.Tick);
        Send(world, EngineCommandKind.PlaceOrder, instrument, $$"""{"key":"1","side":"buy","price":"{{price}}","quantity":"0.02","postOnly":true}""");
        world.SkipUntil(() => world.Node.Engine.Orders.Live.First is { State: OrderState.Working }, "the order rests");
        var order = world.Node.Engine.Orders.Live.First!;
        world.Exchange.Faults.Scope = FrameKinds.Private;
        world.Exchange.Faults.SetRate(FaultKind.DropFrame, 1_000_000);
        world.Exchange.Faults.Arm(FaultKind.LoseAck);

        var lower = new Price(price.Raw / 1_000 * 999).FloorTo(instrument.Tick);
        Send(world, EngineCommandKind.AmendOrder, null, $$"""{"key":"2","id":"{{order.ClientOrderId}}","price":"{{lower}}","quantity":"0.03"}""");
        world.SkipUntil(() => order.Amends == 1 && order.State == OrderState.Working, "the change found");
        Assert.Equal((lower, Quantity.From(0.03m), Quantity.Zero), (order.Request.Price, order.Request.Quantity, order.UncertainQuantity));
        Assert.Equal((1L, 1L, 0L, 1L), (world.Orders.AmendsSent, world.Orders.Amended, world.Orders.AmendsUncertain, world.Orders.UnknownTotal));
        AssertRests(world, lower, 0.03m);
        world.Exchange.Faults.Clear();
        world.AssertAccountsEqual();
        world.AssertReplays();
    }

    /// <summary>By its own description: what it says there is tried here.</summary>
    private static bool Amends(string venue) => FeedFixtures.Create(venue).Profile.Amends is not null;

    private static void Change(TradingWorld world, Order order, string text, string venue)
    {
        var id = order.ClientOrderId;
        var amends = order.Amends;
        Send(world, EngineCommandKind.AmendOrder, null, text);
        if (Amends(venue)) world.Until(() => order.Amends > amends && order.State == OrderState.Working, "the change confirmed");
        else
        {
            world.Until(
                () => world.Node.Engine.Orders.Live.First is { State: OrderState.Working } live && live.ClientOrderId != id,
                "another order in its place");
        }
    }

    private static void AssertRests(TradingWorld world, Price price, decimal quantity)
    {
        var open = Assert.Single(world.Exchange.OpenOrders);
        Assert.Equal((price.ToDecimal(), quantity), (open.Price, open.Quantity - open.Filled));
    }

    private static void Send(TradingWorld world, EngineCommandKind kind, Penstock.Model.Instruments.Instrument? instrument, string text)
    {
        var answer = new TaskCompletionSource<CommandResult>();
        world.Node.Pipeline.Trading.Commands.Enqueue(new PendingCommand(
            new EngineCommand { Kind = kind, Instrument = instrument?.Id ?? default, Who = "test", Why = "test", Text = text, NowNs = 0 }, answer));
        world.Until(() => answer.Task.IsCompleted, "the command's answer");
        Assert.True(answer.Task.GetAwaiter().GetResult().Done, answer.Task.GetAwaiter().GetResult().Message);
    }
}
