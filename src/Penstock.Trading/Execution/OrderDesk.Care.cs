using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading.Orders;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;

namespace Penstock.Trading.Execution;

/// <summary>
/// Orders that need more than handing over, because no venue here has them: stops, orders good till a date, reduce-only orders.
/// <para>
/// Trigger rule of stops: a buy stop wakes when a trade prints at or above its stop price, or when the best bid of a tradable book stands
/// there; a sell stop when a trade prints at or below it, or the best ask stands there. Looked at from the first event after the order was
/// taken. Awake, it goes through risk as a new order; a refusal that passes by itself (no book, rate, reconciliation) keeps it
/// waiting, any other ends it as rejected.
/// </para>
/// <para>
/// A date is engine time. Over a restart it is kept by the wall clock, which each session names at its start: what passed meanwhile is cancelled
/// at once, the rest on its day. Where one of the sessions names none, or the clock went back, nobody knows how long the node was away, and all that
/// had a date is cancelled.
/// </para>
/// </summary>
public sealed partial class OrderDesk
{
    private const long RetryNs = 1_000_000_000;

    private readonly HeldOrders _held;
    private long _nextExpiryNs = long.MaxValue;

    // Unix time at this session's engine time zero, ns; zero where nobody named it.
    private long _unixAtZeroNs;
    private bool _hasReduceOnly;
    private bool _hasTriggered;

    /// <summary>What the engine did to orders by itself since the strategies were told; the engine empties it.</summary>
    public List<LocalEvent> Told { get; } = new(64);

    /// <summary>Orders held for their stop price.</summary>
    public int HeldCount => _held.Count;

    /// <summary>A trade printed. Costs one look when the instrument has no held order.</summary>
    public void OnTrade(InstrumentId instrument, Price price, MonotonicTime trigger, long nowNs)
    {
        if (_held.CountOf(instrument) == 0) return;
        _nowNs = nowNs;
        Wake(instrument, price, price, trigger);
    }

    /// <summary>A book changed. Costs one look when the instrument has no held order.</summary>
    public void OnBook(InstrumentId instrument, MonotonicTime trigger, long nowNs)
    {
        if (_held.CountOf(instrument) == 0 || _books.Find(instrument) is not { IsTradable: true } book) return;
        if (!book.TryBest(Side.Buy, out var bid) || !book.TryBest(Side.Sell, out var ask)) return;
        _nowNs = nowNs;
        Wake(instrument, bid.Price, ask.Price, trigger);
    }

    /// <summary>A person's command was done under this key: it decides what the same key does next, so it is part of the state.</summary>
    internal void HashCommandKey(string key)
    {
        foreach (var character in key) _outputs.Add(character);
    }

    private static bool NeedsCare(in OrderRequest wish) =>
        wish.Type >= OrderType.Stop || wish.TimeInForce == TimeInForce.GoodTillDate || (wish.Flags & OrderFlags.ReduceOnly) != 0
        || (wish.Type == OrderType.Market && wish.Price.Raw == 0);

    private PlaceResult PlaceWithCare(in OrderRequest wish, bool isStrategyDisabled)
    {
        if (!_instruments.Contains(wish.Instrument) || wish.Side is not (Side.Buy or Side.Sell)) return PlaceNow(wish, isStrategyDisabled);
        var request = wish;
        if (request.TimeInForce == TimeInForce.GoodTillDate && request.Expires.Ns <= _nowNs) return Refused(wish, RiskRule.Malformed, request.Expires.Ns, _nowNs);
        if (request.Type >= OrderType.Stop) return Hold(request, isStrategyDisabled);
        var isReduceOnly = (request.Flags & OrderFlags.ReduceOnly) != 0;
        if (isReduceOnly && !TryCut(ref request)) return Refused(wish, RiskRule.ReduceOnly, wish.Quantity.Raw, 0);
        var placed = PlaceNow(Native(request), isStrategyDisabled);
        if (placed.IsPlaced) Mark(Orders.Find(placed.ClientOrderId)!, request, isReduceOnly);
        return placed;
    }

    /// <summary>As the venue is to have it: what the engine does itself is left out.</summary>
    private OrderRequest Native(in OrderRequest request)
    {
        var native = request with { Flags = request.Flags & ~OrderFlags.ReduceOnly, StopPrice = default, Expires = default };
        if (native.TimeInForce == TimeInForce.GoodTillDate) native = native with { TimeInForce = TimeInForce.GoodTillCancel };
        if (native.Type != OrderType.Market || native.Price.Raw != 0) return native;
        // What risk has to assume a market order costs: the best price of the other side.
        return _books.Find(native.Instrument) is { IsTradable: true } book && book.TryBest(native.Side == Side.Buy ? Side.Sell : Side.Buy, out var best)
            ? native with { Price = best.Price } : native;
    }

    private void Mark(Order order, in OrderRequest request, bool isReduceOnly)
    {
        order.IsReduceOnly = isReduceOnly;
        _hasReduceOnly |= isReduceOnly;
        if (request.TimeInForce != TimeInForce.GoodTillDate) return;
        order.ExpiresNs = request.Expires.Ns;
        _nextExpiryNs = Math.Min(_nextExpiryNs, order.ExpiresNs);
    }

    private PlaceResult Hold(in OrderRequest wish, bool isStrategyDisabled)
    {
        var instrument = _instruments[wish.Instrument];
        if (Risk.KillOf(wish.Strategy, instrument.Venue) is { } killed) return Refused(wish, Risk.Refused(RiskRule.KillSwitch, 1, 0) with { Scope = killed });
        if (Risk.State is not (NodeState.Ready or NodeState.Degraded)) return Refused(wish, RiskRule.NotReady, (int)Risk.State, (int)NodeState.Ready);
        if (isStrategyDisabled) return Refused(wish, RiskRule.StrategyDisabled, 1, 0);
        if (!wish.StopPrice.IsPositive || !wish.Quantity.IsPositive) return Refused(wish, RiskRule.Malformed, 0, 0);
        if (wish.Type == OrderType.StopLimit ? !wish.Price.IsPositive : wish.Price.Raw != 0) return Refused(wish, RiskRule.Malformed, wish.Price.Raw, 0);
        if (!wish.StopPrice.IsMultipleOf(instrument.Tick) || (wish.Price.Raw != 0 && !wish.Price.IsMultipleOf(instrument.Tick)))
            return Refused(wish, RiskRule.Tick, wish.StopPrice.Raw, instrument.Tick.Raw);
        if (!wish.Quantity.IsMultipleOf(instrument.Lot)) return Refused(wish, RiskRule.Lot, wish.Quantity.Raw, instrument.Lot.Raw);
        if (wish.Quantity < instrument.QuantityMin) return Refused(wish, RiskRule.QuantityMin, wish.Quantity.Raw, instrument.QuantityMin.Raw);
        var request = wish.ClientOrderId.IsNone ? wish with { ClientOrderId = ClientOrderId.Of(_session, _sequence + 1) } : wish;
        if (Orders.Find(request.ClientOrderId) is not null) return Refused(wish, RiskRule.DuplicateClientOrderId, request.ClientOrderId.Value, 0);
        if (_held.Count == HeldOrders.Max) return Refused(wish, RiskRule.PoolFull, HeldOrders.Max + 1, HeldOrders.Max);
        if (!request.Parent.IsNone && !Orders.Parents.Admit(request)) return Refused(wish, RiskRule.ParentQuantity, request.Quantity.Raw, 0);
        if (Orders.Hold(request, instrument.Venue, _nowNs) is not { } order) return Refused(wish, RiskRule.PoolFull, Orders.Live.Count + 1, Orders.Live.Count);
        if (wish.ClientOrderId.IsNone) _sequence++;
        _held.TryAdd(request.ClientOrderId, request.Instrument);
        Mark(order, request, (request.Flags & OrderFlags.ReduceOnly) != 0);
        Append(EngineRecordType.OrderHeld, HeldOrderRecord.Of(request));
        _outputs.Add((long)EngineRecordType.OrderHeld, request.ClientOrderId.Value, request.StopPrice.Raw);
        return new PlaceResult(request.ClientOrderId);
    }

    private void Wake(InstrumentId instrument, Price buyReference, Price sellReference, MonotonicTime trigger)
    {
        for (var i = 0; i < _held.Count; i++)
        {
            if (_held.InstrumentOf(i) != instrument) continue;
            if (Orders.Find(_held[i]) is not { State: OrderState.Held } order)
            {
                _held.RemoveAt(i--);
                continue;
            }

            var stop = order.Request.StopPrice;
            // One that woke and has to wait is tried again by the timer, not by every event.
            if (order.IsTriggered || !(order.Side == Side.Buy ? buyReference >= stop : sellReference <= stop)) continue;
            order.IsTriggered = _hasTriggered = true;
            if (TryRelease(order, trigger)) _held.RemoveAt(i--);
        }
    }

    /// <summary>Stops that woke while they could not leave.</summary>
    private void TryReleaseTriggered()
    {
        if (!_hasTriggered) return;
        _hasTriggered = false;
        for (var i = 0; i < _held.Count; i++)
        {
            if (Orders.Find(_held[i]) is not { State: OrderState.Held } order) _held.RemoveAt(i--);
            else if (!order.IsTriggered) continue;
            else if (TryRelease(order, default)) _held.RemoveAt(i--);
            else _hasTriggered = true;
        }
    }

    /// <summary>False while it has to wait. True when it left, or ended.</summary>
    private bool TryRelease(Order order, MonotonicTime trigger)
    {
        var request = order.Request with { Type = order.Request.Type == OrderType.Stop ? OrderType.Market : OrderType.Limit, Trigger = trigger };
        if (order.IsReduceOnly && !TryCut(ref request)) return RefuseRelease(order, request, Risk.Refused(RiskRule.ReduceOnly, request.Quantity.Raw, 0));
        var native = Native(request);
        Gather(native, isStrategyDisabled: false, out var facts);
        facts.IsDuplicate = false;
        if (!Rates.Allows(order.Venue, _nowNs)) return false;
        var reject = Risk.Check(native, facts, out var approved);
        if (reject.Rule != RiskRule.None) return !IsPassing(reject.Rule, native) && RefuseRelease(order, native, reject);
        JournalHeldEnd(order, OrderState.PendingNew);
        Orders.Release(order, approved, _nowNs);
        if (HandOver(order, approved)) return true;
        NotWritten(order, _nowNs);
        Told.Add(new LocalEvent(order.ClientOrderId, ExecutionKind.Rejected, RejectReason.Transient));
        return true;
    }

    /// <summary>A refusal that time takes away.</summary>
    internal static bool IsPassing(RiskRule rule) => rule
        is RiskRule.NotReady or RiskRule.CancelOnly or RiskRule.Halted or RiskRule.InstrumentStatus or RiskRule.Unresolved or RiskRule.NoReferencePrice
        or RiskRule.MessageRate or RiskRule.VenueOrderRate or RiskRule.VenueBreaker or RiskRule.PriceMove or RiskRule.DuplicateOrder;

    /// <summary>As above, and while no book says what a market order has to cost.</summary>
    private static bool IsPassing(RiskRule rule, in OrderRequest native) => IsPassing(rule) || (rule == RiskRule.Malformed && native.Price.Raw == 0);

    private bool RefuseRelease(Order order, in OrderRequest request, in RiskReject reject)
    {
        WriteRefusal(request, reject);
        return EndHeldTold(order, OrderState.Rejected, RejectReason.RiskRefused);
    }

    private bool EndHeldTold(Order order, OrderState end, RejectReason reason)
    {
        EndHeld(order, end, reason);
        Told.Add(new LocalEvent(order.ClientOrderId, end == OrderState.Rejected ? ExecutionKind.Rejected : ExecutionKind.Expired, reason));
        return true;
    }

    private bool EndHeld(Order order, OrderState end, RejectReason reason)
    {
        JournalHeldEnd(order, end);
        Orders.EndHeld(order, end, reason, _nowNs);
        Add(ref _ended, order);
        if (end == OrderState.Cancelled) Told.Add(new LocalEvent(order.ClientOrderId, ExecutionKind.Cancelled, reason));
        return true;
    }

    private void JournalHeldEnd(Order order, OrderState state)
    {
        Append(EngineRecordType.HeldEnded, new HeldEndRecord { ClientOrderId = order.ClientOrderId.Value, State = state });
        _outputs.Add((long)EngineRecordType.HeldEnded, order.ClientOrderId.Value, (long)state);
    }

    /// <summary>Engine-timed orders whose date has come are cancelled, again every second until they have ended.</summary>
    private void ExpireOrders()
    {
        if (_nowNs < _nextExpiryNs) return;
        var next = long.MaxValue;
        for (var order = Orders.Live.First; order is not null;)
        {
            var following = OrderList.After(order);
            if (order.ExpiresNs != 0 && order.ExpiresNs <= _nowNs)
            {
                if (order.State == OrderState.Held) EndHeldTold(order, OrderState.Expired, RejectReason.None);
                else if (Cancel(order, default, _nowNs)) Orders.Statistics.ExpiredByEngine++;
                order.ExpiresNs = _nowNs + RetryNs;
            }

            if (order.IsLive && order.ExpiresNs != 0) next = Math.Min(next, order.ExpiresNs);
            order = following;
        }

        _nextExpiryNs = next;
    }

    private void BeginSessionOfCare(long nowNs, long lastNowNs, long unixNs)
    {
        Told.Clear();
        var lastUnixAtZeroNs = _unixAtZeroNs;
        _unixAtZeroNs = IsFormat5 && unixNs > 0 ? unixNs - nowNs : 0;
        // A wall clock that stands before what the last session saw of it has lost the time.
        var isKnown = _unixAtZeroNs != 0 && lastUnixAtZeroNs != 0 && unixNs >= lastUnixAtZeroNs + lastNowNs;
        _nextExpiryNs = long.MaxValue;
        for (var order = Orders.Live.First; order is not null; order = OrderList.After(order))
        {
            if (order.ExpiresNs == 0) continue;
            var date = (Int128)order.ExpiresNs + lastUnixAtZeroNs - _unixAtZeroNs;
            order.ExpiresNs = isKnown ? (long)Int128.Clamp(date, nowNs, long.MaxValue) : nowNs;
            _nextExpiryNs = Math.Min(_nextExpiryNs, order.ExpiresNs);
        }
    }

    /// <summary>Down to what the strategy's position and its other orders leave to reduce; false when that is nothing.</summary>
    private bool TryCut(ref OrderRequest request)
    {
        var most = Reducible(request, null).FloorTo(_instruments[request.Instrument].Lot);
        if (most.Raw <= 0) return false;
        if (request.Quantity <= most) return true;
        Orders.Statistics.ReduceOnlyCuts++;
        request = request with { Quantity = most };
        return true;
    }

    /// <summary>What an order of this strategy and side may trade without turning its position round, all its other live orders of that side filled.</summary>
    private Quantity Reducible(in OrderRequest request, Order? except)
    {
        var position = Positions.Of(request.Strategy, request.Instrument).Quantity.Raw;
        var left = request.Side == Side.Sell ? position : -position;
        for (var order = Orders.Live.First; order is not null && left > 0; order = OrderList.After(order))
        {
            if (order == except || !order.IsOut || order.Instrument != request.Instrument) continue;
            if (order.Request.Strategy == request.Strategy && order.Side == request.Side) left -= order.QuantityMax.Raw - order.Filled.Raw;
        }

        return new Quantity(Math.Max(0, left));
    }

    /// <summary>A position that became smaller leaves less to reduce: orders that could turn it round are cancelled.</summary>
    private void CutReduceOnly(ushort strategy)
    {
        _hasReduceOnly = false;
        for (var order = Orders.Live.First; order is not null;)
        {
            var following = OrderList.After(order);
            _hasReduceOnly |= order.IsReduceOnly;
            if (order.IsReduceOnly && order.IsOut && order.Request.Strategy == strategy && !order.IsCancelPending
                && order.Leaves > Reducible(order.Request, order) && Cancel(order, default, _nowNs))
                Orders.Statistics.ReduceOnlyCuts++;
            order = following;
        }
    }

    private PlaceResult Refused(in OrderRequest wish, RiskRule rule, Int128 used, Int128 cap) => Refused(wish, Risk.Refused(rule, used, cap));
}
