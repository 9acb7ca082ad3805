using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading.Risk;
using static Penstock.Tests.Trading.Fixtures;

namespace Penstock.Tests.Trading.Risk;

public sealed class RiskGateTests
{
    private static readonly RiskLimits Limits = new()
    {
        OrderQuantityMax = Quantity.From(5m), OrderNotionalMax = Notional.From(400m), PositionMax = Quantity.From(8m), CollarBps = 100,
        OpenOrdersMax = 3, GrossExposureMax = Notional.From(1_000m), MessagesMax = 4, MessageWindowMs = 1_000, CheckBalance = true,
    };

    /// <summary>Each rule accepts at its limit and refuses one unit beyond it.</summary>
    [Theory]
    [Trait("requirement", "R81")]
    [InlineData(RiskRule.OrderQuantity, 50, 5, 50, 5.001)]
    [InlineData(RiskRule.OrderNotional, 100, 4, 100.01, 4)]
    [InlineData(RiskRule.PriceCollar, 101, 1, 101.01, 1)]
    [InlineData(RiskRule.PriceCollar, 99, 1, 98.99, 1)]
    [InlineData(RiskRule.QuantityMin, 101, 0.01, 100, 0.001)]
    [InlineData(RiskRule.NotionalMin, 100, 0.01, 99, 0.01)]
    [InlineData(RiskRule.Tick, 100.01, 1, 100.011, 1)]
    [InlineData(RiskRule.Lot, 100, 1.001, 100, 1.0011)]
    public void An_order_passes_at_the_limit_and_not_one_unit_beyond(RiskRule rule, double goodPrice, double goodQuantity, double badPrice, double badQuantity)
    {
        // Cheap prices need a mid of their own: the collar is not what is tested there.
        var mid = goodPrice < 90 ? (decimal)goodPrice : 100m;
        Passes(Gate(Limits), Order(1, price: (decimal)goodPrice, quantity: (decimal)goodQuantity), Exposure(mid: mid));
        Refuses(rule, Gate(Limits), Order(1, price: (decimal)badPrice, quantity: (decimal)badQuantity), Exposure(mid: mid));
    }

    [Fact]
    [Trait("requirement", "R82")]
    public void The_position_limit_counts_what_is_in_flight_and_lets_reducing_orders_through()
    {
        var exposure = Exposure();
        exposure.Position = Quantity.From(4m);
        exposure.OpenBuy = Quantity.From(2m);
        Passes(Gate(Limits), Order(1, quantity: 2m), exposure);
        Refuses(RiskRule.Position, Gate(Limits), Order(1, quantity: 2.001m), exposure);

        exposure.Position = Quantity.From(20m);
        Refuses(RiskRule.Position, Gate(Limits), Order(1, quantity: 0.1m), exposure);
        exposure.GrossExposure = Notional.From(5_000m);
        Passes(Gate(Limits), Order(1, Side.Sell, quantity: 4m), exposure);
        exposure.Position = Quantity.From(-7m);
        exposure.OpenBuy = Quantity.Zero;
        exposure.GrossExposure = Notional.Zero;
        Passes(Gate(Limits), Order(1, Side.Sell, quantity: 1m), exposure);
        Refuses(RiskRule.Position, Gate(Limits), Order(1, Side.Sell, quantity: 1.001m), exposure);
    }

    [Fact]
    public void Gross_exposure_open_orders_balance_and_duplicates_have_exact_borders()
    {
        var exposure = Exposure();
        exposure.GrossExposure = Notional.From(800m);
        Passes(Gate(Limits), Order(1, quantity: 2m), exposure);
        Refuses(RiskRule.GrossExposure, Gate(Limits), Order(1, quantity: 2.001m), exposure);

        exposure = Exposure();
        exposure.OpenOrders = 2;
        Passes(Gate(Limits), Order(1), exposure);
        exposure.OpenOrders = 3;
        Refuses(RiskRule.OpenOrders, Gate(Limits), Order(1), exposure);

        exposure = Exposure();
        exposure.IsBalanceKnown = true;
        exposure.Free = Notional.From(100m);
        Passes(Gate(Limits), Order(1), exposure);
        exposure.Free = Notional.From(99.99999999m);
        Refuses(RiskRule.Balance, Gate(Limits), Order(1), exposure);
        exposure.IsBalanceKnown = false;
        exposure.IsDuplicate = true;
        Refuses(RiskRule.DuplicateClientOrderId, Gate(Limits), Order(1), exposure);
    }

    [Fact]
    public void No_window_ever_holds_more_messages_than_allowed()
    {
        var gate = Gate(Limits);
        var random = new Random(11);
        var sent = new List<long>();
        long now = 0;
        for (var i = 0; i < 20_000; i++)
        {
            now += random.Next(400) * Ms;
            var fits = sent.Count(t => now - t < 1_000 * Ms) < 4;
            Assert.Equal(fits, gate.Check(Order(1), Exposure(now), out _).Rule == RiskRule.None);
            Assert.Equal(Math.Min(4, sent.Count(t => now - t < 1_000 * Ms)), gate.MessagesUsed(now));
            if (!fits) continue;
            gate.CountMessage(now);
            sent.Add(now);
            if (sent.Count > 8) sent.RemoveAt(0);
        }
    }

    [Theory]
    [InlineData(NodeState.Init, Degradation.None, RiskRule.NotReady)]
    [InlineData(NodeState.WarmUp, Degradation.None, RiskRule.NotReady)]
    [InlineData(NodeState.Ready, Degradation.None, RiskRule.None)]
    [InlineData(NodeState.Degraded, Degradation.Solo | Degradation.NoPersistence, RiskRule.None)]
    [InlineData(NodeState.Degraded, Degradation.CancelOnly, RiskRule.CancelOnly)]
    [InlineData(NodeState.Degraded, Degradation.Halted, RiskRule.Halted)]
    [InlineData(NodeState.Draining, Degradation.None, RiskRule.NotReady)]
    public void Only_a_ready_node_takes_orders(NodeState state, Degradation degradation, RiskRule rule)
    {
        var gate = Gate(Limits);
        gate.SetState(state, degradation);
        Assert.Equal(rule, gate.Check(Order(1), Exposure(), out _).Rule);
        gate.SetKilled(true);
        Assert.Equal(RiskRule.KillSwitch, gate.Check(Order(1), Exposure(), out _).Rule);
    }

    [Theory]
    [InlineData(InstrumentStatus.Halted, OrderFlags.None, false)]
    [InlineData(InstrumentStatus.CancelOnly, OrderFlags.None, false)]
    [InlineData(InstrumentStatus.Unknown, OrderFlags.None, false)]
    [InlineData(InstrumentStatus.PostOnly, OrderFlags.None, false)]
    [InlineData(InstrumentStatus.PostOnly, OrderFlags.PostOnly, true)]
    [InlineData(InstrumentStatus.LimitOnly, OrderFlags.None, true)]
    public void The_venues_status_of_the_instrument_is_obeyed(InstrumentStatus status, OrderFlags flags, bool passes)
    {
        var exposure = Exposure();
        exposure.Status = status;
        Assert.Equal(passes, Gate(Limits).Check(Order(1) with { Flags = flags }, exposure, out _).Rule == RiskRule.None);
    }

    [Fact]
    public void Nonsense_and_missing_references_are_refused_with_their_rule()
    {
        Refuses(RiskRule.Malformed, Gate(Limits), Order(1) with { Quantity = new Quantity(-1) }, Exposure());
        Refuses(RiskRule.Malformed, Gate(Limits), Order(1) with { Side = Side.None }, Exposure());
        Refuses(RiskRule.InstrumentUnknown, Gate(Limits), Order(1) with { Instrument = new InstrumentId(99) }, Exposure());
        Refuses(RiskRule.NoReferencePrice, Gate(Limits), Order(1), Exposure(mid: 0m));
        var exposure = Exposure();
        exposure.IsUnresolved = true;
        Refuses(RiskRule.Unresolved, Gate(Limits), Order(1), exposure);
        Assert.False(default(RiskApproved<OrderRequest>).IsGenuine);
    }

    [Fact]
    public void Limits_change_at_run_time_for_one_instrument_or_all()
    {
        var gate = Gate(Limits);
        Assert.Null(RiskLimitsText.TryParse("""{"positionMax":"0.5","collarBps":50}""", gate.Limits, out var narrow));
        Assert.Null(gate.TrySetLimits(Btc, narrow));
        Refuses(RiskRule.Position, gate, Order(1, quantity: 0.501m), Exposure());
        Passes(gate, Order(1) with { Instrument = Eth }, Exposure());
        Assert.NotNull(gate.TrySetLimits(new InstrumentId(99), narrow));
        Assert.NotNull(RiskLimitsText.TryParse("""{"positionMix":1}""", gate.Limits, out _));
        Assert.NotNull(RiskLimitsText.TryParse("""{"positionMax":"-1"}""", gate.Limits, out _));
        Assert.NotNull(RiskLimitsText.TryParse("""{"messagesMax":0}""", gate.Limits, out _));
        Assert.NotNull(RiskLimitsText.TryParse("nonsense", gate.Limits, out _));
    }

    private static void Passes(RiskGate gate, in OrderRequest order, in RiskExposure exposure)
    {
        var reject = gate.Check(order, exposure, out var approved);
        Assert.True(reject.Rule == RiskRule.None && approved.IsGenuine, reject.ToString());
        Assert.Equal(order, approved.Value);
    }

    private static void Refuses(RiskRule rule, RiskGate gate, in OrderRequest order, in RiskExposure exposure)
    {
        var before = gate.Rejects[(int)rule];
        Assert.Equal(rule, gate.Check(order, exposure, out _).Rule);
        Assert.Equal(before + 1, gate.Rejects[(int)rule]);
    }
}
