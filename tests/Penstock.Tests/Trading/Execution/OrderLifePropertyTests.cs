using Penstock.Infrastructure.Journal;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading.Execution;
using Penstock.Trading.Orders;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;
using static Penstock.Tests.Trading.Fixtures;

namespace Penstock.Tests.Trading.Execution;

/// <summary>
/// Random lives of orders between the desk and a venue that delays, loses, repeats, fills and races. The venue is the naive twin: what really
/// rests and what was really traded, in dictionaries. A million events, ten million by ./penstock test --long.
/// </summary>
public sealed class OrderLifePropertyTests
{
    private const long Lot = 100_000_000;
    private const long PositionMaxRaw = 20 * Lot;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [Trait("requirement", "R79")]
    [Trait("requirement", "R90")]
    public void Positions_are_the_sum_of_unique_fills_and_nothing_real_ever_exceeds_a_limit_or_a_parent(int seed)
    {
        var isLong = Environment.GetEnvironmentVariable("PENSTOCK_LONG") == "1";
        var life = new Life(seed);
        for (var round = 0; round < (isLong ? 670 : 67); round++)
        {
            for (var i = 0; i < 5_000; i++) life.Step();
            life.ComeToRest();
        }

        life.CheckThatEverythingHappened();
    }

    /// <summary>An order as the venue really has it.</summary>
    private sealed class Real
    {
        public required OrderRequest Request;
        public long Total;
        public long Filled;
        public bool IsOpen;
        public bool IsThere;

        /// <summary>What an amend on its way asks for.</summary>
        public long AskedTotal;

        public long Worst => IsOpen ? Math.Max(Total, AskedTotal) : Filled;
    }

    private sealed class Life : IOrderOutbox, IJournalAppender
    {
        private readonly Random _random;
        private readonly DeskWorld _world;
        private readonly Dictionary<ClientOrderId, Real> _real = [];
        private readonly List<ClientOrderId> _open = [];
        private readonly Queue<(int Kind, ClientOrderId Id, Price Price, long Quantity)> _toVenue = [];
        private readonly Queue<ExecutionReport> _stream = [];
        private readonly Queue<ExecutionReport> _answers = [];
        private readonly Dictionary<ClientOrderId, (Price Price, long Quantity)> _intents = [];
        private readonly HashSet<(long, InstrumentId, Side)> _delivered = [];
        private readonly long[,] _positions = new long[3, 3];
        private readonly long[] _truePositions = new long[3];
        private readonly Dictionary<ClientOrderId, long> _parents = [];
        private readonly Dictionary<ClientOrderId, long> _parentDone = [];
        private readonly Dictionary<OrderState, long> _states = [];
        private long _trades;
        private long _sequence;

        public Life(int seed)
        {
            _random = new Random(seed);
            _world = new DeskWorld(
                new RiskLimits
                {
                    MessagesMax = 100_000, PositionMax = new Quantity(PositionMaxRaw), OpenOrdersMax = 30, OrderQuantityMax = new Quantity(10 * Lot),
                    GrossExposureMax = Notional.From(100_000_000m),
                }, this, this, poolSize: 128);
        }

        public long Sequence => _sequence;

        private OrderDesk Desk => _world.Desk;

        public long Append(ushort type, ReadOnlySpan<byte> payload)
        {
            if ((EngineRecordType)type == EngineRecordType.OrderIntent && EngineRecords.TryRead<OrderIntentRecord>(payload, out var order))
                _intents[new ClientOrderId(order.ClientOrderId)] = (new Price(order.PriceRaw), order.QuantityRaw);
            if ((EngineRecordType)type == EngineRecordType.AmendIntent && EngineRecords.TryRead<AmendIntentRecord>(payload, out var amend))
                _intents[new ClientOrderId(amend.ClientOrderId)] = (new Price(amend.PriceRaw), amend.QuantityRaw);
            return ++_sequence;
        }

        public void Place(in RiskApproved<OrderRequest> order)
        {
            Assert.True(order.IsGenuine);
            var request = order.Value;
            Assert.Equal((request.Price, request.Quantity.Raw), _intents[request.ClientOrderId]);
            Assert.False(_real.ContainsKey(request.ClientOrderId), "sent twice");
            Assert.True(request.Type < OrderType.Stop && request.TimeInForce != TimeInForce.GoodTillDate && request.Flags == OrderFlags.None);
            _real[request.ClientOrderId] = new Real { Request = request, Total = request.Quantity.Raw, IsOpen = true };
            _open.Add(request.ClientOrderId);
            if (_random.Next(50) == 0) Close(request.ClientOrderId); // lost on the way
            else _toVenue.Enqueue((0, request.ClientOrderId, default, 0));
        }

        public void Cancel(in CancelRequest cancel)
        {
            if (_random.Next(30) != 0) _toVenue.Enqueue((1, cancel.ClientOrderId, default, 0));
        }

        public void Amend(in RiskApproved<AmendRequest> amend)
        {
            Assert.True(amend.IsGenuine);
            var request = amend.Value;
            Assert.Equal((request.Price, request.Quantity.Raw), _intents[request.ClientOrderId]);
            var real = _real[request.ClientOrderId];
            if (real.Request.Instrument == DeskWorld.BtcElsewhere)
            {
                Tell(real, ExecutionKind.AmendRejected, RejectReason.NotSupported);
                return;
            }

            if (_random.Next(4) == 0) return; // lost, and nobody says so
            real.AskedTotal = request.Quantity.Raw;
            _toVenue.Enqueue((2, request.ClientOrderId, request.Price, request.Quantity.Raw));
        }

        public void Query(ClientOrderId id, Text40 venueOrderId, InstrumentId instrument)
        {
            if (!_real.TryGetValue(id, out var real) || !real.IsThere)
            {
                _answers.Enqueue(new ExecutionReport { Kind = ExecutionKind.OrderNotFound, ClientOrderId = id, Instrument = instrument, Reason = RejectReason.OrderNotFound });
                return;
            }

            var report = Of(real, ExecutionKind.OrderStatus);
            report.State = real.IsOpen ? real.Filled > 0 ? OrderState.PartiallyFilled : OrderState.Working
                : real.Filled >= real.Total ? OrderState.Filled : OrderState.Cancelled;
            if (_random.Next(2) == 0) (report.LastPrice, report.LastQuantity) = (real.Request.Price, new Quantity(real.Total));
            _answers.Enqueue(report);
        }

        public void Reconcile(VenueId venue, ExchangeTime fillsSince)
        {
        }

        public void Step()
        {
            _world.NowNs += _random.Next(40) * Ms;
            switch (_random.Next(24))
            {
                case < 4:
                    PlaceSomething();
                    break;
                case 4:
                    StartParent();
                    break;
                case < 7 when Pick() is { } order:
                    Desk.Cancel(order, default, _world.NowNs);
                    break;
                case < 10 when Pick() is { } order:
                    var quantity = new Quantity(order.Request.Quantity.Raw + (_random.Next(7) - 3) * Lot);
                    var price = Price.From(99m + _random.Next(150) / 100m);
                    var isStop = order is { State: OrderState.Held, Request.Type: OrderType.Stop };
                    Desk.Amend(order, isStop ? default : price, quantity, false, default, _world.NowNs, orReplace: _random.Next(2) == 0, stop: isStop ? price : default);
                    break;
                case < 14:
                    for (var n = _random.Next(1, 4); n > 0; n--) VenueTakes();
                    break;
                case < 16:
                    VenueTrades();
                    break;
                case < 20:
                    for (var n = _random.Next(1, 5); n > 0; n--) Deliver(_stream);
                    break;
                case 20:
                    Deliver(_answers);
                    break;
                case 21:
                    _world.Timer(20);
                    break;
                case 22:
                    MoveMarket();
                    break;
                default:
                    if (_random.Next(10) == 0) Desk.Orders.OnSessionLost(new VenueId((byte)_random.Next(1, 3)), _world.NowNs);
                    break;
            }

            Check();
        }

        /// <summary>No more wishes; everything is told, asked for and cancelled: nothing may be left over, and the books must agree.</summary>
        public void ComeToRest()
        {
            for (var i = 0; i < 400; i++)
            {
                if (i % 20 == 0) Desk.CancelAll(0, _world.NowNs);
                while (_toVenue.Count > 0) VenueTakes();
                while (_stream.Count > 0) Deliver(_stream);
                while (_answers.Count > 0) Deliver(_answers);
                Desk.Told.Clear();
                _world.Timer(1_000);
                Check();
                if (i > 40 && Desk.Orders.Live.Count == 0 && _stream.Count == 0 && _toVenue.Count == 0) break;
            }

            Assert.Equal(0, Desk.Orders.Live.Count);
            Assert.Empty(_open);
            for (var order = Desk.Orders.Ended.First; order is not null; order = OrderList.After(order))
            {
                if (order.Missing.Raw == 0) continue;
                Assert.Fail(
                    $"{order.State} {order.Request.Type} {order.Request.TimeInForce} {order.Filled} reported {order.Reported} of {order.Request.Quantity}, "
                    + $"{order.Amends} amends, really {_real[order.ClientOrderId].Filled} of {_real[order.ClientOrderId].Total}");
            }

            Assert.Equal((0L, 0L), (Desk.Orders.Statistics.Unknown, Desk.Orders.Statistics.FillsMissing));
            for (var i = 1; i <= 2; i++)
            {
                Assert.Equal(_truePositions[i], Desk.Positions.Total(new InstrumentId(i)).Raw);
                Assert.Equal((0L, 0L, 0), (Desk.Orders.OpenBuy(new InstrumentId(i)).Raw, Desk.Orders.OpenSell(new InstrumentId(i)).Raw, Desk.Orders.OpenOrders(new InstrumentId(i))));
            }

            foreach (var parent in Desk.Orders.Parents.Records.ToArray())
            {
                Assert.Equal(0, parent.ChildrenLive);
                Assert.False(parent.IsWorking && parent.Algorithm != AlgorithmKind.None);
                Assert.Equal(parent.FilledRaw, parent.CommittedRaw);
                Assert.Equal(_parentDone.GetValueOrDefault(parent.Id), (long)parent.FilledRaw);
            }

            // Old orders are forgotten here as the pool forgets them, or the test would slow down.
            foreach (var id in _real.Keys.Where(id => Desk.Orders.Find(id) is null).ToList()) _real.Remove(id);
            foreach (var id in _intents.Keys.Where(id => !_real.ContainsKey(id)).ToList()) _intents.Remove(id);
        }

        public void CheckThatEverythingHappened()
        {
            var s = Desk.Orders.Statistics;
            Assert.All(
                [s.Amended, s.AmendRejects, s.AmendsUncertain, s.HeldReleased, s.ExpiredByEngine, s.ReduceOnlyCuts, s.Replacements, s.DuplicateFills, s.UnknownTotal, s.Resolved],
                count => Assert.True(count > 0));
            var p = Desk.Orders.Parents.Statistics;
            Assert.All([p.Filled, p.Ended, p.Violations, p.ChildrenRefused, p.Redirects, p.LateFills], count => Assert.True(count > 0));
            Assert.All(Enum.GetValues<OrderState>().Where(state => state is not (OrderState.None or OrderState.PendingNew)), state => Assert.True(_states.ContainsKey(state), state.ToString()));
            Assert.Equal(0, s.Overfills);
        }

        private void PlaceSomething()
        {
            var kind = _random.Next(8);
            var side = _random.Next(2) == 0 ? Side.Buy : Side.Sell;
            var wish = new OrderRequest
            {
                Instrument = new InstrumentId(_random.Next(1, 3)), Strategy = (ushort)_random.Next(1, 3), Side = side,
                Price = Price.From(99m + _random.Next(150) / 100m), Quantity = new Quantity(_random.Next(1, 8) * Lot),
            };
            wish = kind switch
            {
                0 => wish with { TimeInForce = TimeInForce.ImmediateOrCancel },
                1 => wish with { Type = OrderType.Market, Price = default },
                2 => wish with { Type = OrderType.Stop, Price = default, StopPrice = Price.From(99.9m + (_random.Next(40) - 20) / 100m) },
                3 => wish with { Type = OrderType.StopLimit, StopPrice = Price.From(99.9m + (_random.Next(40) - 20) / 100m), Flags = _random.Next(2) == 0 ? OrderFlags.ReduceOnly : OrderFlags.None },
                4 => wish with { Flags = OrderFlags.ReduceOnly },
                5 => wish with { TimeInForce = TimeInForce.GoodTillDate, Expires = new MonotonicTime(_world.NowNs + _random.Next(1, 3_000) * Ms) },
                6 when _parents.Count > 0 => wish with { Parent = _parents.Keys.ElementAt(_random.Next(_parents.Count)), Side = Side.Buy, Strategy = 1, Instrument = Btc },
                _ => wish,
            };
            Desk.Place(wish, false, _world.NowNs);
        }

        private void StartParent()
        {
            if (_random.Next(5) != 0) return;
            var instruments = default(ParentInstruments);
            (instruments[0], instruments[1]) = (Btc, DeskWorld.BtcElsewhere);
            var wish = new ParentRequest
            {
                Strategy = 1, Instruments = instruments, InstrumentCount = 2, Side = Side.Buy, Quantity = new Quantity(_random.Next(1, 12) * Lot),
                Algorithm = (AlgorithmKind)_random.Next(4), TimeInForce = (TimeInForce)_random.Next(2), Limit = Price.From(100.2m), Display = new Quantity(2 * Lot),
                DurationNs = _random.Next(1, 5_000) * Ms, Slices = _random.Next(1, 8), JitterPercent = _random.Next(2) * 30, Seed = (ulong)_random.Next(),
            };
            var started = Desk.StartParent(wish, false, _world.NowNs);
            if (!started.IsPlaced) return;
            if (_parents.Count >= 6) _parents.Remove(_parents.Keys.First());
            _parents[started.ClientOrderId] = wish.Quantity.Raw;
        }

        private Order? Pick()
        {
            if (Desk.Orders.Live.Count == 0) return null;
            var order = Desk.Orders.Live.First!;
            for (var skip = _random.Next(Desk.Orders.Live.Count); skip > 0; skip--) order = OrderList.After(order)!;
            return order;
        }

        private void MoveMarket()
        {
            var bid = 99.9m + (_random.Next(20) - 10) / 100m;
            var instrument = new InstrumentId(_random.Next(1, 3));
            if (_random.Next(20) == 0) _world.Blind(instrument);
            else if (_random.Next(2) == 0) _world.Trade(instrument, bid);
            else _world.Book(instrument, bid, bid + 0.1m);
            Desk.Told.Clear();
        }

        private void VenueTakes()
        {
            if (!_toVenue.TryDequeue(out var message)) return;
            var real = _real[message.Id];
            switch (message.Kind)
            {
                case 0:
                    Arrive(real);
                    break;
                case 1 when real.IsOpen:
                    Close(message.Id);
                    Tell(real, ExecutionKind.Cancelled);
                    break;
                case 1:
                    Tell(real, ExecutionKind.CancelRejected, RejectReason.OrderNotFound);
                    break;
                case 2 when real.IsOpen && message.Quantity > real.Filled:
                    (real.Total, real.AskedTotal) = (message.Quantity, 0);
                    real.Request = real.Request with { Price = message.Price };
                    Tell(real, ExecutionKind.Amended, total: message.Quantity);
                    break;
                default:
                    real.AskedTotal = 0;
                    Tell(real, ExecutionKind.AmendRejected, real.IsOpen ? RejectReason.InvalidParameter : RejectReason.OrderNotFound);
                    break;
            }
        }

        private void Arrive(Real real)
        {
            if (_random.Next(25) == 0)
            {
                Close(real.Request.ClientOrderId);
                Tell(real, ExecutionKind.Rejected, RejectReason.InsufficientFunds);
                return;
            }

            real.IsThere = true;
            if (_random.Next(3) == 0) Tell(real, ExecutionKind.Acked);
            if (_random.Next(8) != 0) Tell(real, ExecutionKind.Accepted);
            if (real.Request.Type != OrderType.Market && real.Request.TimeInForce == TimeInForce.GoodTillCancel) return;
            if (_random.Next(2) == 0) Trade(real);
            if (!real.IsOpen) return;
            Close(real.Request.ClientOrderId);
            Tell(real, ExecutionKind.Expired);
        }

        private void VenueTrades()
        {
            if (_open.Count == 0) return;
            var real = _real[_open[_random.Next(_open.Count)]];
            if (real.IsThere) Trade(real);
        }

        private void Trade(Real real)
        {
            var quantity = Math.Min(real.Total - real.Filled, _random.Next(1, 4) * Lot);
            real.Filled += quantity;
            _truePositions[real.Request.Instrument.Value] += real.Request.Side == Side.Buy ? quantity : -quantity;
            if (!real.Request.Parent.IsNone) _parentDone[real.Request.Parent] = _parentDone.GetValueOrDefault(real.Request.Parent) + quantity;
            var fill = Of(real, ExecutionKind.Fill);
            fill.TradeId = ++_trades;
            fill.LastPrice = real.Request.Price;
            fill.LastQuantity = new Quantity(quantity);
            if (_random.Next(3) == 0) fill.CumulativeQuantity = default;
            _stream.Enqueue(fill);
            if (_random.Next(6) == 0) _stream.Enqueue(fill);
            if (real.Filled < real.Total) return;
            Close(real.Request.ClientOrderId);
            if (_random.Next(2) == 0) Tell(real, ExecutionKind.Filled);
        }

        private void Close(ClientOrderId id)
        {
            _real[id].IsOpen = false;
            _open.Remove(id);
        }

        /// <summary>A report on the private stream; now and then one that is no fill is lost.</summary>
        private void Tell(Real real, ExecutionKind kind, RejectReason reason = RejectReason.None, long total = 0)
        {
            if (_random.Next(40) == 0) return;
            var report = Of(real, kind);
            report.Reason = reason;
            if (total > 0) (report.LastPrice, report.LastQuantity) = (real.Request.Price, new Quantity(total));
            _stream.Enqueue(report);
        }

        private static ExecutionReport Of(Real real, ExecutionKind kind) => new()
        {
            Kind = kind, ClientOrderId = real.Request.ClientOrderId, Instrument = real.Request.Instrument, Side = real.Request.Side,
            Venue = new VenueId((byte)real.Request.Instrument.Value), CumulativeQuantity = new Quantity(real.Filled),
        };

        private void Deliver(Queue<ExecutionReport> from)
        {
            if (!from.TryDequeue(out var report)) return;
            report.Received = new MonotonicTime(_world.NowNs);
            var before = Desk.Orders.Find(report.ClientOrderId)?.State ?? OrderState.None;
            var outcome = Desk.Apply(report, _world.NowNs, out var order);
            if (order is not null && before != OrderState.None) CheckTransition(before, order.State, report.Kind);
            if (report.Kind != ExecutionKind.Fill) return;
            var isNew = _delivered.Add((report.TradeId, report.Instrument, report.Side));
            Assert.Equal(isNew, outcome is ReportOutcome.Fill or ReportOutcome.LateFill or ReportOutcome.OrphanFill);
            if (isNew) _positions[order?.Request.Strategy ?? 0, report.Instrument.Value] += report.Side == Side.Buy ? report.LastQuantity.Raw : -report.LastQuantity.Raw;
        }

        /// <summary>A report may lead over one state in between (filled in part, and then asked for).</summary>
        private static void CheckTransition(OrderState from, OrderState to, ExecutionKind kind) => Assert.True(
            from == to || OrderTransitions.IsLegal(from, to)
            || Enum.GetValues<OrderState>().Any(through => OrderTransitions.IsLegal(from, through) && OrderTransitions.IsLegal(through, to)),
            $"{from} → {to} by {kind}");

        private void Check()
        {
            for (var i = 1; i <= 2; i++)
            {
                var id = new InstrumentId(i);
                for (var strategy = 0; strategy <= 2; strategy++) Assert.Equal(_positions[strategy, i], Desk.Positions.Of(strategy, id).Quantity.Raw);
                long buy = 0, sell = 0, trueBuy = 0, trueSell = 0;
                var live = 0;
                for (var order = Desk.Orders.Live.First; order is not null; order = OrderList.After(order))
                {
                    _states[order.State] = 1;
                    if (order.Instrument != id || order.State == OrderState.Held) continue;
                    live++;
                    Add(order, Math.Max(Math.Max(0, order.QuantityMax.Raw - order.Filled.Raw), order.Missing.Raw));
                }

                for (var order = Desk.Orders.Ended.First; order is not null; order = OrderList.After(order))
                {
                    _states[order.State] = 1;
                    if (order.Instrument == id) Add(order, order.Missing.Raw);
                }

                foreach (var open in _open)
                {
                    var real = _real[open];
                    if (real.Request.Instrument != id) continue;
                    if (real.Request.Side == Side.Buy) trueBuy += real.Worst - real.Filled;
                    else trueSell += real.Worst - real.Filled;
                }

                Assert.Equal((buy, sell, live), (Desk.Orders.OpenBuy(id).Raw, Desk.Orders.OpenSell(id).Raw, Desk.Orders.OpenOrders(id)));
                Assert.True(_truePositions[i] + trueBuy <= PositionMaxRaw, $"long {_truePositions[i]} + {trueBuy}");
                Assert.True(-_truePositions[i] + trueSell <= PositionMaxRaw, $"short {_truePositions[i]} - {trueSell}");

                void Add(Order order, long exposure)
                {
                    if (order.Side == Side.Buy) buy += exposure;
                    else sell += exposure;
                }
            }

            CheckParents();
        }

        /// <summary>Of a parent, what is really filled and what could still be: never more than its quantity.</summary>
        private void CheckParents()
        {
            foreach (var (id, quantity) in _parents)
            {
                var taken = _parentDone.GetValueOrDefault(id);
                foreach (var open in _open)
                {
                    if (_real[open].Request.Parent == id) taken += _real[open].Worst - _real[open].Filled;
                }

                Assert.True(taken <= quantity, $"parent {id}: {taken} of {quantity}");
            }
        }
    }
}
