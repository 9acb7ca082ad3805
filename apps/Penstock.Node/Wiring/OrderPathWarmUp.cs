using System.Reflection;
using System.Runtime.CompilerServices;
using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;
using Penstock.Infrastructure.Journal;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Strategies;
using Penstock.Trading.Execution;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;

namespace Penstock.Node.Wiring;

/// <summary>
/// Does once, before the first event, what would otherwise be done on a hot thread at the first order: static tables are
/// filled and the order path is compiled. On throw-away protocol objects, so no state of the running ones changes.
/// </summary>
internal static class OrderPathWarmUp
{
    /// <summary>Past the call count after which the runtime compiles a method for good.</summary>
    private const int Orders = 200;

    private const int Rounds = 100;

    private static readonly string[] HotAssemblies =
        ["Penstock.Model", "Penstock.Infrastructure", "Penstock.Connectivity", "Penstock.Venues", "Penstock.MarketData", "Penstock.Trading", "Penstock.Strategies"];

    public static void Run(EngineBlueprint blueprint, IReadOnlyList<VenueSetup> venues, InstrumentTable instruments, long unixNs)
    {
        foreach (var name in HotAssemblies)
        {
            foreach (var type in Assembly.Load(name).GetTypes())
            {
                if (!type.ContainsGenericParameters) RuntimeHelpers.RunClassConstructor(type.TypeHandle);
            }
        }

        Decide(EngineFactory.Create(blueprint));
        for (var i = 0; i < venues.Count; i++) Encode(venues[i], new VenueId((byte)(i + 1)), instruments, unixNs);
    }

    /// <summary>Another engine, told of a market that moves: books, strategies, risk, orders and positions go through their whole way.</summary>
    private static void Decide(TradingEngine engine)
    {
        var venue = new DummyVenue();
        engine.BeginSession(new SessionInfo(1, 1, 1, ""), venue, venue);
        foreach (var id in engine.Instruments.All.Select(i => i.Venue).Distinct())
        {
            engine.OnSession(id, ready: true, DisconnectReason.None, 1);
            engine.OnReconciled(id, succeeded: true, 1);
        }

        engine.OnCommand(new EngineCommand { Kind = EngineCommandKind.SetState, State = NodeState.Ready, Who = "warm-up", NowNs = 1 });
        var events = new MarketEvent[2];
        var nowNs = 1_000_000L;
        for (var round = 1; round <= Rounds; round++)
        {
            foreach (var instrument in engine.Instruments.All)
            {
                nowNs += 20_000_000;
                Book(events, instrument, round, nowNs);
                engine.OnMarketEvents(events);
                Take(engine, instrument, events, round, nowNs);
                venue.Answer(engine, nowNs);
            }

            engine.OnTimer(nowNs);
        }
    }

    /// <summary>
    /// An order in the name of the instrument's strategy, which may see nothing to trade in a market like this one; until it is compiled for good,
    /// the way of an order makes comparers.
    /// </summary>
    private static void Take(TradingEngine engine, Instrument instrument, MarketEvent[] book, int round, long nowNs)
    {
        var side = round % 2 == 0 ? Side.Buy : Side.Sell;
        var price = book[round % 2 == 0 ? 1 : 0].Price;
        var least = Math.Max(instrument.QuantityMin.Raw, (long)(instrument.NotionalMin.Raw / price.Raw));
        var order = new OrderRequest
        {
            Instrument = instrument.Id, Side = side, Price = price, TimeInForce = TimeInForce.ImmediateOrCancel,
            Quantity = new Quantity(least + instrument.Lot.Raw).CeilingTo(instrument.Lot),
            Strategy = engine.Strategies.FirstOrDefault(s => s.Context.Instruments.Contains(instrument.Id))?.Context.Id ?? 0,
        };
        engine.Desk.Place(order, isStrategyDisabled: false, nowNs);
    }

    private static void Book(MarketEvent[] events, Instrument instrument, int round, long nowNs)
    {
        var tick = instrument.Tick.Raw;
        var middle = 1_000 * FixedPoint.Scale / tick * tick + round % 7 * 50 * tick;
        for (var i = 0; i < events.Length; i++)
        {
            events[i] = new MarketEvent
            {
                Kind = MarketEventKind.BookSnapshot, Side = i == 0 ? Side.Buy : Side.Sell, Price = new Price(middle + (i == 0 ? -tick : tick)),
                Quantity = Quantity.From(1), Instrument = instrument.Id, Venue = instrument.Venue, Received = new MonotonicTime(nowNs), UpdateId = round,
                Flags = MarketEventFlags.Snapshot | (i == 0 ? MarketEventFlags.FirstOfMessage : MarketEventFlags.LastOfMessage),
            };
        }
    }

    private static void Encode(VenueSetup venue, VenueId id, InstrumentTable instruments, long unixNs)
    {
        if (venue.CreateOrders(id, instruments) is not { } protocol) return;
        if (instruments.All.FirstOrDefault(i => i.Venue == id) is not { } instrument) return;
        var writer = new FrameWriter();
        var batch = new ExecutionBatch();
        protocol.Reset();
        Text40.TryCreate("1"u8, out var venueOrderId);
        for (var n = 1; n <= Orders; n++)
        {
            writer.Clear();
            var order = new OrderRequest
            {
                ClientOrderId = ClientOrderId.Of(1, n), Instrument = instrument.Id, Side = n % 2 == 0 ? Side.Buy : Side.Sell, Flags = (OrderFlags)(n % 2),
                Price = new Price(instrument.Tick.Raw * 1_000), Quantity = new Quantity(instrument.Lot.Raw * 10),
            };
            protocol.WritePlace(order, writer, unixNs + n);
            protocol.WriteCancel(new CancelRequest { ClientOrderId = order.ClientOrderId, Instrument = instrument.Id }, writer, unixNs + n);
            protocol.WriteAmend(
                new AmendRequest
                {
                    ClientOrderId = order.ClientOrderId, VenueOrderId = venueOrderId, Instrument = instrument.Id, Side = order.Side,
                    Price = order.Price, Quantity = order.Quantity,
                },
                writer, unixNs + n);
            batch.Reset();
            // Whatever it is, it is no answer: the decoders look at it and set it aside.
            protocol.Decode("""{"id":"warm-up"}"""u8, batch);
        }
    }

    /// <summary>Takes every order, fills a part of it, changes it every other time and cancels the rest on demand; journals nowhere.</summary>
    private sealed class DummyVenue : IJournalAppender, IOrderOutbox
    {
        private readonly List<OrderRequest> _placed = [];
        private readonly List<CancelRequest> _cancelled = [];
        private readonly List<AmendRequest> _amended = [];
        private long _trades;
        private long _amends;

        public long Sequence { get; private set; }

        public long Append(ushort type, ReadOnlySpan<byte> payload) => ++Sequence;

        public void Place(in RiskApproved<OrderRequest> order) => _placed.Add(order.Value);

        public void Cancel(in CancelRequest cancel) => _cancelled.Add(cancel);

        public void Amend(in RiskApproved<AmendRequest> amend) => _amended.Add(amend.Value);

        public void Query(ClientOrderId id, Text40 venueOrderId, InstrumentId instrument)
        {
        }

        public void Reconcile(VenueId venue, ExchangeTime fillsSince)
        {
        }

        public void Answer(TradingEngine engine, long nowNs)
        {
            foreach (var order in _placed.ToArray())
            {
                engine.OnReport(Report(ExecutionKind.Acked, order.ClientOrderId, order.Instrument, nowNs));
                engine.OnReport(Report(ExecutionKind.Accepted, order.ClientOrderId, order.Instrument, nowNs));
                var fill = Report(ExecutionKind.Fill, order.ClientOrderId, order.Instrument, nowNs);
                fill.Side = order.Side;
                fill.LastPrice = order.Price;
                fill.LastQuantity = fill.CumulativeQuantity = new Quantity(order.Quantity.Raw / 2);
                fill.TradeId = ++_trades;
                fill.FeeRaw = 1;
                fill.FeeAsset = engine.Instruments[order.Instrument].Quote;
                engine.OnReport(fill);
                if (order.TimeInForce == TimeInForce.ImmediateOrCancel)
                    engine.OnReport(Report(ExecutionKind.Expired, order.ClientOrderId, order.Instrument, nowNs));
                engine.OnReport(fill); // again, as venues do whose fills come by REST: comparing keys makes comparers
            }

            // A change that is refused makes a quote be cancelled: both ways are gone.
            foreach (var amend in _amended.ToArray())
            {
                var kind = _amends++ % 2 == 0 ? ExecutionKind.Amended : ExecutionKind.AmendRejected;
                var answer = Report(kind, amend.ClientOrderId, amend.Instrument, nowNs);
                engine.OnReport(answer with { LastPrice = amend.Price, LastQuantity = amend.Quantity });
            }

            foreach (var cancel in _cancelled.ToArray()) engine.OnReport(Report(ExecutionKind.Cancelled, cancel.ClientOrderId, cancel.Instrument, nowNs));
            _placed.Clear();
            _cancelled.Clear();
            _amended.Clear();
        }

        private static ExecutionReport Report(ExecutionKind kind, ClientOrderId id, InstrumentId instrument, long nowNs) =>
            new() { Kind = kind, ClientOrderId = id, Instrument = instrument, Received = new MonotonicTime(nowNs) };
    }
}
