using System.Runtime.Versioning;
using Penstock.Model.Orders;
using Penstock.Testing.Faults;
using Penstock.Trading.Recovery;

namespace Penstock.Tests.EndToEnd;

/// <summary>Faults of the order path: whatever is lost, late or refused, every order ends known, once, and the money is right.</summary>
[SupportedOSPlatform("linux")]
public sealed class OrderFaultTests
{
    public static readonly TheoryData<string> Venues = TradingTests.Venues;

    [Theory]
    [MemberData(nameof(Venues))]
    [Trait("requirement", "R67")]
    public async Task C09_A_refused_order_ends_rejected_with_a_reason_and_quoting_goes_on(string venue)
    {
        await using var world = await TradingWorld.StartAsync(venue);
        world.Exchange.Faults.Arm(FaultKind.RejectOrder, 3);
        world.Trade();
        world.SkipUntil(() => world.Exchange.Faults.Injected(FaultKind.RejectOrder) == 3, "three refusals");
        world.UntilFills(3);
        Assert.Equal(3, world.Node.Rejects.Of(world.Node[venue].Id, RejectReason.InsufficientFunds));
        world.AssertAccountsEqual();
        world.AssertReplays();
    }

    [Theory]
    [MemberData(nameof(Venues))]
    [Trait("requirement", "R67")]
    public async Task C13_A_lost_answer_becomes_unknown_is_asked_for_and_never_sent_again(string venue)
    {
        await using var world = await TradingWorld.StartAsync(venue);
        // Nothing may tell of the orders but the answers to questions: the stream is mute as well.
        world.Exchange.Faults.Scope = FrameKinds.Private;
        world.Exchange.Faults.SetRate(FaultKind.DropFrame, 1_000_000);
        world.Exchange.Faults.Arm(FaultKind.LoseAck, 2);
        world.Trade();
        world.SkipUntil(() => world.Orders.UnknownTotal >= 2, "two unknown orders");
        world.SkipUntil(() => world.Orders.Resolved >= 2, "two orders resolved");
        world.Exchange.Faults.Clear();
        world.UntilFills(3);
        world.AssertAccountsEqual();
        Assert.True(world.Orders.Queries >= 2);
        AssertSentOnce(world, venue);
        world.AssertReplays();
    }

    [Theory]
    [MemberData(nameof(Venues))]
    [Trait("requirement", "R67")]
    public async Task C14_A_fill_that_overtakes_its_cancel_is_accounted(string venue)
    {
        await using var world = await TradingWorld.StartAsync(venue);
        world.Exchange.Faults.Arm(FaultKind.LateFill, 5);
        world.Trade();
        world.SkipUntil(() => CancelAll(world) && world.Exchange.Faults.Injected(FaultKind.LateFill) == 5, "five late fills");
        world.AssertAccountsEqual();
        AssertSentOnce(world, venue);
        world.AssertReplays();
    }

    [Theory]
    [MemberData(nameof(Venues))]
    [Trait("requirement", "R67")]
    public async Task C16_A_private_stream_that_loses_doubles_and_swaps_reports_costs_no_fill(string venue)
    {
        await using var world = await TradingWorld.StartAsync(venue);
        world.Trade();
        world.Exchange.Faults.Scope = FrameKinds.Private;
        foreach (var kind in new[] { FaultKind.DropFrame, FaultKind.DuplicateFrame, FaultKind.ReorderFrame }) world.Exchange.Faults.SetRate(kind, 150_000);
        world.UntilFills(4);
        world.Exchange.Faults.Clear();
        world.AssertAccountsEqual();
        AssertSentOnce(world, venue);
        world.AssertReplays();
    }

    [Theory]
    [MemberData(nameof(Venues))]
    [Trait("requirement", "R67")]
    public async Task C16_A_private_connection_cut_with_orders_in_flight_is_reconciled_and_every_fill_counted_once(string venue)
    {
        await using var world = await TradingWorld.StartAsync(venue);
        world.Trade();
        for (var cut = 0; cut < 2; cut++)
        {
            // At the moment an order has been handed over and nothing has been heard of it.
            var placed = world.Orders.Placed;
            world.SkipUntil(() => world.Orders.Placed > placed, "an order in flight");
            world.Exchange.DisconnectAll();
            world.SkipUntil(() => !world.Node[venue].Orders!.IsReady, "the cut noticed");
            world.SkipUntil(world.IsComplete, "reconnected, reconciled, synchronised");
            world.UntilFills(2);
        }

        world.AssertAccountsEqual();
        Assert.True(world.Node[venue].Orders!.LinkStatistics.Connects >= 3);
        Assert.Equal(0, world.Node[venue].Orders!.Statistics.StreamGaps);
        AssertSentOnce(world, venue);
        world.AssertReplays();
    }

    [Theory]
    [MemberData(nameof(Venues))]
    [Trait("requirement", "R67")]
    public async Task C06_Failing_and_throttled_REST_delays_the_reconciliation_and_breaks_nothing(string venue)
    {
        await using var world = await TradingWorld.StartAsync(venue);
        world.Exchange.Faults.Arm(FaultKind.HttpServerError, 3);
        world.Exchange.Faults.Arm(FaultKind.HttpTooManyRequests, 2);
        world.Trade();
        world.UntilFills(2);
        world.Exchange.Faults.Arm(FaultKind.HttpServerError, 2);
        world.Exchange.Faults.Arm(FaultKind.HttpTooManyRequests, 1);
        world.Node.Send(EngineCommandKind.Reconcile, instrument: world.Node.Instrument(venue, "BTC-USDT").Id);
        var reconciled = world.Node[venue].Orders!.Statistics.Reconciliations;
        world.SkipUntil(() => world.Node[venue].Orders!.Statistics.Reconciliations > reconciled, "reconciled in spite of errors");
        Assert.Equal(5, world.Exchange.Faults.Injected(FaultKind.HttpServerError));
        Assert.Equal(3, world.Exchange.Faults.Injected(FaultKind.HttpTooManyRequests));
        world.AssertAccountsEqual();
        world.AssertReplays();
    }

    private static bool CancelAll(TradingWorld world)
    {
        world.Node.Send(EngineCommandKind.CancelAll);
        return true;
    }

    /// <summary>Ids are never used twice, so one request per order created means that nothing was sent again.</summary>
    private static void AssertSentOnce(TradingWorld world, string venue)
    {
        var sent = world.Node[venue].Orders!.Statistics.PlacesSent;
        Assert.True(sent <= world.Orders.Placed, $"{sent} orders sent, {world.Orders.Placed} placed");
        Assert.True(world.Exchange.Statistics()["ordersReceived"] <= sent);
        Assert.Equal(0, world.Node.Rejects.Of(world.Node[venue].Id, RejectReason.DuplicateClientOrderId));
    }
}
