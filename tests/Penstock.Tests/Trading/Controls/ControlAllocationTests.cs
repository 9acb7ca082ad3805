using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Strategies;
using Penstock.Trading;
using Penstock.Trading.Execution;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;
using static Penstock.Tests.Trading.Controls.ControlWorld;

namespace Penstock.Tests.Trading.Controls;

public sealed class ControlAllocationTests
{
    /// <summary>Goal: with limits of every scope in force, orders, refusals, fills, prices and a breaker that trips allocate nothing.</summary>
    [Fact]
    [Trait("requirement", "R81")]
    public void Checked_refused_filled_and_priced_without_a_byte()
    {
        var engine = Create(
        [
            "message-rate node 100000", "message-window node 1", "duplicate-orders node 10000", "repeated-fills node 500", "position strategy:1 1000", "gross-exposure venue:1 1000000",
            "gross-exposure instrument:1 1000000", "daily-loss strategy:1 1000", "message-rate strategy:1 100000", "open-orders strategy:1 5", "position node 1000", "volatility node 5000",
        ]);
        engine.BeginSession(new SessionInfo(1, 1, 1, "{}"), new NullJournal(), new NullOutbox());
        engine.OnCommand(new EngineCommand { Kind = EngineCommandKind.SetState, State = NodeState.Ready, Who = "test", NowNs = 1 });
        var state = new State { NowNs = 1_000 };
        for (var i = 0; i < 2_000; i++) Round(engine, ref state);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 2_000; i++) Round(engine, ref state);
        state.Mid = 400;
        Quote(engine, ref state);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal((4_000L, 4_000L), (state.Placed, state.Refused));
        Assert.Equal(1, engine.Desk.Controls.Statistics.BreakerTrips);
    }

    private struct State
    {
        public long NowNs;
        public long Trade;
        public long Placed;
        public long Refused;
        public int Mid;
    }

    private static void Round(TradingEngine engine, ref State state)
    {
        state.NowNs += 10_000_000;
        state.Mid = 100 + (int)(state.Trade % 2);
        Quote(engine, ref state);
        var side = state.Trade % 2 == 0 ? Side.Buy : Side.Sell;
        var wish = new OrderRequest { Instrument = Btc, Strategy = 1, Side = side, Price = new Price(100 * FixedPoint.Scale), Quantity = new Quantity(FixedPoint.Scale) };
        var placed = engine.Desk.Place(wish, false, state.NowNs);
        if (placed.IsPlaced) state.Placed++;
        if (!engine.Desk.Place(wish with { Quantity = new Quantity(2_000 * FixedPoint.Scale) }, false, state.NowNs).IsPlaced) state.Refused++;
        engine.OnReport(new ExecutionReport
        {
            Kind = ExecutionKind.Fill, ClientOrderId = placed.ClientOrderId, Instrument = Btc, Venue = new VenueId(1), Side = side, TradeId = ++state.Trade, LastPrice = wish.Price,
            LastQuantity = wish.Quantity, Received = new MonotonicTime(state.NowNs),
        });
        engine.OnTimer(state.NowNs);
    }

    private static void Quote(TradingEngine engine, ref State state)
    {
        var level = new MarketEvent { Kind = MarketEventKind.BookSnapshot, Instrument = Btc, Venue = new VenueId(1), Quantity = new Quantity(FixedPoint.Scale), Received = new MonotonicTime(state.NowNs) };
        Span<MarketEvent> events =
        [
            level with { Side = Side.Buy, Price = new Price(state.Mid * FixedPoint.Scale), Flags = MarketEventFlags.FirstOfMessage | MarketEventFlags.Snapshot },
            level with { Side = Side.Sell, Price = new Price(state.Mid * FixedPoint.Scale + 1_000_000), Flags = MarketEventFlags.LastOfMessage | MarketEventFlags.Snapshot },
        ];
        engine.OnMarketEvents(events);
    }

    private sealed class NullOutbox : IOrderOutbox
    {
        public void Place(in RiskApproved<OrderRequest> order)
        {
        }

        public void Cancel(in CancelRequest cancel)
        {
        }

        public void Query(ClientOrderId id, Text40 venueOrderId, InstrumentId instrument)
        {
        }

        public void Reconcile(VenueId venue, ExchangeTime fillsSince)
        {
        }
    }
}
