using System.Reflection;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Tests.Architecture;
using Penstock.Trading.Execution;
using Penstock.Trading.Orders;
using Penstock.Trading.Risk;
using static Penstock.Tests.Trading.Fixtures;

namespace Penstock.Tests.Trading.Execution;

public sealed class LastHopTests
{
    [Fact]
    [Trait("requirement", "R81")]
    public void The_outbox_takes_new_orders_and_changes_only_as_risk_approved_and_only_the_checks_make_approvals()
    {
        foreach (var method in typeof(IOrderOutbox).GetMethods().Where(m => m.Name is "Place" or "Amend"))
        {
            var parameter = Assert.Single(method.GetParameters()).ParameterType.GetElementType()!;
            Assert.Equal(typeof(RiskApproved<>), parameter.GetGenericTypeDefinition());
        }

        Assert.Empty(typeof(RiskApproved<OrderRequest>).GetConstructors(BindingFlags.Public | BindingFlags.Instance));
        var makers = Directory.GetFiles(Path.Combine(SourceTree.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => File.ReadAllText(file).Contains("new RiskApproved<", StringComparison.Ordinal)).Select(Path.GetFileName).Order();
        Assert.Equal(["AmendCheck.cs", "RiskGate.cs"], makers);
        var senders = Directory.GetFiles(Path.Combine(SourceTree.Root, "src", "Penstock.Trading"), "*.cs", SearchOption.AllDirectories)
            .Where(file => File.ReadAllText(file) is var text && (text.Contains("_outbox.Place", StringComparison.Ordinal) || text.Contains("_outbox.Amend", StringComparison.Ordinal)))
            .Select(Path.GetFileName).Order();
        Assert.Equal(["OrderDesk.Amends.cs", "OrderDesk.cs"], senders);
    }

    /// <summary>Amends, stops, cuts and children are on the hot path like any order.</summary>
    [Fact]
    public void Amended_held_and_child_orders_allocate_nothing()
    {
        var world = new DeskWorld(new RiskLimits { MessagesMax = 100_000, PositionMax = Quantity.From(1_000) }, new NullOutbox(), new NullJournal());
        for (var i = 0; i < 300; i++) Live(world);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 200; i++) Live(world);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(world.Orders.Statistics is { Amended: > 200, HeldReleased: > 200 } && world.Orders.Parents.Statistics.Filled > 200);
    }

    private static void Live(DeskWorld world)
    {
        var desk = world.Desk;
        var order = Placed(world, DeskWorld.Wish() with { TimeInForce = TimeInForce.GoodTillDate, Expires = new MonotonicTime(world.NowNs + 1_000 * Ms) });
        Report(world, order, ExecutionKind.Accepted);
        desk.Amend(order, new Price(9_950_000_000), new Quantity(200_000_000), false, default, world.NowNs);
        Report(world, order, ExecutionKind.Amended, new Price(9_950_000_000), new Quantity(200_000_000));
        var stop = Placed(world, DeskWorld.Wish() with { Type = OrderType.Stop, Price = default, StopPrice = new Price(10_050_000_000) });
        world.NowNs += Ms;
        desk.OnTrade(Btc, new Price(10_050_000_000), new MonotonicTime(world.NowNs), world.NowNs);
        var instruments = default(ParentInstruments);
        instruments[0] = Btc;
        desk.StartParent(new ParentRequest
        {
            Strategy = 1, Instruments = instruments, InstrumentCount = 1, Side = Side.Buy, Quantity = new Quantity(100_000_000), Algorithm = AlgorithmKind.Direct,
        }, false, world.NowNs);
        var child = desk.Orders.Live.First!;
        while (OrderList.After(child) is { } next) child = next;
        Report(world, child, ExecutionKind.Fill, child.Request.Price, child.Request.Quantity, child.ClientOrderId.Value);
        desk.Cancel(order, default, world.NowNs);
        Report(world, order, ExecutionKind.Cancelled);
        Report(world, stop, ExecutionKind.Expired);
        world.NowNs += 20 * Ms;
        desk.OnTimer(world.NowNs);
        desk.Told.Clear();
    }

    private static Order Placed(DeskWorld world, in OrderRequest wish) => world.Orders.Find(world.Desk.Place(wish, false, world.NowNs).ClientOrderId)!;

    private static void Report(DeskWorld world, Order order, ExecutionKind kind, Price price = default, Quantity quantity = default, long trade = 0) =>
        world.Desk.Apply(new ExecutionReport
        {
            Kind = kind, ClientOrderId = order.ClientOrderId, Venue = order.Venue, Instrument = order.Instrument, Side = order.Side, LastPrice = price,
            LastQuantity = quantity, TradeId = trade,
        }, world.NowNs, out _);

    private sealed class NullOutbox : IOrderOutbox
    {
        public void Place(in RiskApproved<OrderRequest> order)
        {
        }

        public void Amend(in RiskApproved<AmendRequest> amend)
        {
        }

        public void Cancel(in CancelRequest cancel)
        {
        }

        public void Query(ClientOrderId id, Text40 venueOrderId, Penstock.Model.Instruments.InstrumentId instrument)
        {
        }

        public void Reconcile(Penstock.Model.Instruments.VenueId venue, ExchangeTime fillsSince)
        {
        }
    }
}
