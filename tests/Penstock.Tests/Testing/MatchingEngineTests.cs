using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Testing.Flow;
using Penstock.Testing.Matching;

namespace Penstock.Tests.Testing;

public sealed class MatchingEngineTests
{
    private static readonly SimulatedInstrument Pair = new()
    {
        Symbol = "BTC-USDT", Tick = Price.From(0.1m), Lot = Quantity.From(0.001m), QuantityMin = Quantity.From(0.001m),
        NotionalMin = Notional.From(1m), PriceDecimals = 1, QuantityDecimals = 8, StartPrice = Price.From(100m),
        TypicalQuantity = Quantity.From(1m),
    };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [Trait("requirement", "E30")]
    public void Engine_and_naive_twin_agree_on_every_trade_and_on_the_book(int seed)
    {
        var random = new Random(seed);
        var log = new EventLog();
        var ledger = new Ledger();
        var account = ledger.OpenAccount("all", isUnlimited: true);
        var engine = new MatchingEngine(Pair, ledger, new FeeSchedule(200, 500, false), log);
        var twin = new NaiveMarket();
        var open = new List<SimulatedOrder>();
        for (var step = 0; step < 3_000; step++)
        {
            if (open.Count > 0 && random.Next(4) == 0)
            {
                var victim = open[random.Next(open.Count)];
                open.Remove(victim);
                Assert.Equal(twin.Cancel(victim.Id), engine.Cancel(victim, step));
                continue;
            }

            if (open.Count > 0 && random.Next(4) == 0)
            {
                var changed = open[random.Next(open.Count)];
                var price = random.Next(2) == 0 ? changed.Price : SomeTicket(random, account).Price;
                var quantity = changed.Quantity + Pair.Lot * (random.Next(200) - 120);
                var amended = engine.Amend(changed, price, quantity, step) == MatchReject.None;
                Assert.Equal(twin.Amend(changed.Id, price, quantity), amended);
                open.RemoveAll(o => !o.IsOpen);
                continue;
            }

            var ticket = SomeTicket(random, account);
            var order = engine.Submit(ticket, step, out var reject);
            open.RemoveAll(o => !o.IsOpen);
            var accepted = twin.Submit(order.Id, ticket);
            Assert.Equal(accepted, reject == MatchReject.None);
            if (order.IsOpen) open.Add(order);
        }

        Assert.Equal(twin.Trades, log.Trades);
        Assert.True(log.Trades.Count > 200, "The walk must trade.");
        Assert.Equal(twin.Levels(Side.Buy), LevelsOf(engine.Bids));
        Assert.Equal(twin.Levels(Side.Sell), LevelsOf(engine.Asks));
    }

    [Theory]
    [InlineData(11, false)]
    [InlineData(12, true)]
    [Trait("requirement", "E30")]
    public void Money_is_conserved_to_the_unit_and_nobody_spends_what_he_has_not(int seed, bool buyerPaysBase)
    {
        var random = new Random(seed);
        var ledger = new Ledger();
        var accounts = new[] { ledger.OpenAccount("a", false), ledger.OpenAccount("b", false), ledger.OpenAccount("c", false) };
        foreach (var account in accounts)
        {
            ledger.Deposit(account, "USDT", Notional.From(20_000m).Raw);
            ledger.Deposit(account, "BTC", Notional.From(150m).Raw);
        }

        var engine = new MatchingEngine(Pair, ledger, new FeeSchedule(200, 537, buyerPaysBase), new EventLog());
        var open = new List<SimulatedOrder>();
        var refused = 0;
        for (var step = 0; step < 3_000; step++)
        {
            if (open.Count > 0 && random.Next(4) == 0)
            {
                var victim = open[random.Next(open.Count)];
                open.Remove(victim);
                engine.Cancel(victim, step);
            }
            else
            {
                var order = engine.Submit(SomeTicket(random, accounts[random.Next(3)]), step, out var reject);
                if (reject == MatchReject.InsufficientFunds) refused++;
                if (order.IsOpen) open.Add(order);
            }

            foreach (var account in accounts)
            {
                foreach (var asset in new[] { "USDT", "BTC" })
                {
                    Assert.True(ledger.Free(account, asset) >= 0);
                    Assert.True(ledger.Locked(account, asset) >= 0);
                }
            }

            Assert.Equal(Int128.Zero, ledger.Total("USDT"));
            Assert.Equal(Int128.Zero, ledger.Total("BTC"));
        }

        Assert.True(refused > 0, "The walk must run out of money somewhere.");
        foreach (var order in open) engine.Cancel(order, 9_999);
        foreach (var account in accounts)
        {
            Assert.Equal(Int128.Zero, ledger.Locked(account, "USDT"));
            Assert.Equal(Int128.Zero, ledger.Locked(account, "BTC"));
        }
    }

    [Fact]
    public void Immediate_post_only_and_fill_or_kill_orders_do_what_their_names_say()
    {
        var ledger = new Ledger();
        var (maker, taker) = (ledger.OpenAccount("m", true), ledger.OpenAccount("t", true));
        var engine = new MatchingEngine(Pair, ledger, new FeeSchedule(0, 0, false), new EventLog());
        Submit(engine, maker, Side.Sell, 100m, 1m, TimeInForce.GoodTillCancel);

        Assert.Equal(OrderState.Rejected, Submit(engine, taker, Side.Buy, 100m, 1m, TimeInForce.GoodTillCancel, postOnly: true).State);
        Assert.Equal(OrderState.Expired, Submit(engine, taker, Side.Buy, 100m, 2m, TimeInForce.FillOrKill).State);
        var immediate = Submit(engine, taker, Side.Buy, 100m, 2m, TimeInForce.ImmediateOrCancel);
        Assert.Equal(OrderState.Expired, immediate.State);
        Assert.Equal(Quantity.From(1m), immediate.Filled);
        Assert.Equal(0, engine.Asks.Count + engine.Bids.Count);
    }

    [Fact]
    public void The_same_seed_gives_the_same_market_and_another_seed_another()
    {
        Assert.Equal(Run(7), Run(7));
        Assert.NotEqual(Run(7), Run(8));

        static List<(long, long, long)> Run(ulong seed)
        {
            var ledger = new Ledger();
            var log = new EventLog();
            var engine = new MatchingEngine(Pair, ledger, new FeeSchedule(0, 0, false), log);
            var flow = new MarketFlow(engine, new FlowOptions(), seed, ledger.OpenAccount("m", true), ledger.OpenAccount("t", true));
            for (long now = 0; now < 5_000_000_000; now += 10_000_000) flow.Step(now);
            Assert.True(log.Trades.Count > 20, "A lively market trades.");
            Assert.True(engine.Bids.Count > 2 && engine.Asks.Count > 2, "A lively market has depth.");
            Assert.True(engine.Bids.Best!.Price < engine.Asks.Best!.Price);
            return log.Trades;
        }
    }

    private static SimulatedOrder Submit(
        MatchingEngine engine, int account, Side side, decimal price, decimal quantity, TimeInForce lifetime, bool postOnly = false) =>
        engine.Submit(new OrderTicket
        {
            Account = account, ClientId = "", Side = side, Type = OrderType.Limit, TimeInForce = lifetime, PostOnly = postOnly,
            SelfTradeAllowed = true, Price = Price.From(price), Quantity = Quantity.From(quantity),
        }, 0, out _);

    private static OrderTicket SomeTicket(Random random, int account) => new()
    {
        Account = account, ClientId = "", Side = random.Next(2) == 0 ? Side.Buy : Side.Sell,
        Type = random.Next(8) == 0 ? OrderType.Market : OrderType.Limit, TimeInForce = (TimeInForce)random.Next(3),
        PostOnly = random.Next(6) == 0, SelfTradeAllowed = true,
        Price = new Price((95_0 + random.Next(100)) * 10_000_000L), Quantity = new Quantity(random.Next(1, 40_000) * 100_000L),
    };

    private static List<(long, long)> LevelsOf(BookSide side) =>
        [.. Enumerable.Range(0, side.Count).Select(i => (side[i].Price.Raw, side[i].Quantity.Raw))];

    private sealed class EventLog : IMatchListener
    {
        public List<(long Maker, long Taker, long Quantity)> Trades { get; } = [];

        public void OnAccepted(MatchingEngine engine, SimulatedOrder order) { }

        public void OnTrade(MatchingEngine engine, in MatchTrade trade) => Trades.Add((trade.Maker.Id, trade.Taker.Id, trade.Quantity.Raw));

        public void OnCancelled(MatchingEngine engine, SimulatedOrder order, CancelCause cause) { }

        public void OnRejected(MatchingEngine engine, SimulatedOrder order, MatchReject reason) { }

        public void OnLevel(MatchingEngine engine, Side side, Price price, Quantity quantity) { }
    }

    /// <summary>Price-time priority said plainly: all orders in one list, sorted anew for every match.</summary>
    private sealed class NaiveMarket
    {
        private readonly List<(long Id, long Sequence, Side Side, long Price, long Left)> _orders = [];
        private readonly Dictionary<long, long> _filled = [];
        private readonly HashSet<long> _postOnly = [];
        private long _sequence;

        public List<(long, long, long)> Trades { get; } = [];

        public bool Submit(long id, OrderTicket ticket)
        {
            var isLimit = ticket.Type == OrderType.Limit;
            if (isLimit && Notional.Of(ticket.Price, ticket.Quantity) < Pair.NotionalMin) return false;
            var candidates = _orders.Where(o => o.Side != ticket.Side
                && (!isLimit || (ticket.Side == Side.Buy ? o.Price <= ticket.Price.Raw : o.Price >= ticket.Price.Raw)))
                .OrderBy(o => ticket.Side == Side.Buy ? o.Price : -o.Price).ThenBy(o => o.Sequence).ToList();
            if (ticket.PostOnly && isLimit && candidates.Count > 0) return false;
            if (ticket.PostOnly) _postOnly.Add(id);
            if (ticket.TimeInForce == TimeInForce.FillOrKill && candidates.Sum(o => o.Left) < ticket.Quantity.Raw) return true;
            Match(id, ticket);
            return true;
        }

        private void Match(long id, OrderTicket ticket)
        {
            var isLimit = ticket.Type == OrderType.Limit;
            var left = ticket.Quantity.Raw;
            var candidates = _orders.Where(o => o.Side != ticket.Side
                && (!isLimit || (ticket.Side == Side.Buy ? o.Price <= ticket.Price.Raw : o.Price >= ticket.Price.Raw)))
                .OrderBy(o => ticket.Side == Side.Buy ? o.Price : -o.Price).ThenBy(o => o.Sequence).ToList();
            foreach (var maker in candidates.TakeWhile(_ => left > 0))
            {
                var traded = Math.Min(left, maker.Left);
                left -= traded;
                Trades.Add((maker.Id, id, traded));
                foreach (var side in (long[])[maker.Id, id]) _filled[side] = _filled.GetValueOrDefault(side) + traded;
                var at = _orders.FindIndex(o => o.Id == maker.Id);
                if (traded == maker.Left) _orders.RemoveAt(at);
                else _orders[at] = maker with { Left = maker.Left - traded };
            }

            if (left > 0 && isLimit && ticket.TimeInForce == TimeInForce.GoodTillCancel)
                _orders.Add((id, ++_sequence, ticket.Side, ticket.Price.Raw, left));
        }

        /// <summary>Smaller at the same price keeps its place; anything else is taken off and comes again.</summary>
        public bool Amend(long id, Price price, Quantity quantity)
        {
            var at = _orders.FindIndex(o => o.Id == id);
            if (at < 0) return false;
            var order = _orders[at];
            var filled = _filled.GetValueOrDefault(id);
            if (quantity.Raw <= filled || quantity < Pair.QuantityMin || !price.IsPositive || Notional.Of(price, quantity) < Pair.NotionalMin) return false;
            var left = quantity.Raw - filled;
            if (_postOnly.Contains(id) && _orders.Any(o => o.Side != order.Side && (order.Side == Side.Buy ? o.Price <= price.Raw : o.Price >= price.Raw))) return false;
            if (price.Raw == order.Price && left <= order.Left)
            {
                _orders[at] = order with { Left = left };
                return true;
            }

            _orders.RemoveAt(at);
            var ticket = new OrderTicket { Side = order.Side, Type = OrderType.Limit, Price = price, Quantity = new Quantity(left), TimeInForce = TimeInForce.GoodTillCancel };
            Match(id, ticket);
            return true;
        }

        public bool Cancel(long id) => _orders.RemoveAll(o => o.Id == id) == 1;

        public List<(long, long)> Levels(Side side) => [.. _orders.Where(o => o.Side == side).GroupBy(o => o.Price)
            .OrderBy(g => side == Side.Buy ? -g.Key : g.Key).Select(g => (g.Key, g.Sum(o => o.Left)))];
    }
}
