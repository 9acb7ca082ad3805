using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Testing.Matching;

/// <summary>
/// One instrument's market by price-time priority: limit and market orders, good-till-cancel, immediate-or-cancel,
/// fill-or-kill, post-only. Deterministic: the same calls give the same events. Money moves in the <see cref="Ledger"/>
/// with every trade. One thread.
/// </summary>
public sealed partial class MatchingEngine
{
    private readonly Ledger _ledger;
    private readonly FeeSchedule _fees;
    private readonly IMatchListener _listener;
    private readonly long _idBase;
    private long _orders;
    private long _trades;

    /// <param name="instrument">The rules to enforce.</param>
    /// <param name="ledger">Shared by all engines of a venue.</param>
    /// <param name="fees">What trades cost.</param>
    /// <param name="listener">Hears every event, in order.</param>
    /// <param name="index">The engine's number on its venue: order ids of different engines never meet.</param>
    public MatchingEngine(SimulatedInstrument instrument, Ledger ledger, FeeSchedule fees, IMatchListener listener, int index = 0)
    {
        Instrument = instrument;
        _ledger = ledger;
        _fees = fees;
        _listener = listener;
        Index = index;
        _idBase = (index + 1) * 1_000_000_000L;
    }

    public SimulatedInstrument Instrument { get; }

    public int Index { get; }

    public BookSide Bids { get; } = new(Side.Buy);

    public BookSide Asks { get; } = new(Side.Sell);

    /// <summary>
    /// Takes one order through its first moments. The result's state is Rejected (see <paramref name="reject"/>), Working,
    /// PartiallyFilled, Filled, or Expired for what an immediate order left.
    /// </summary>
    public SimulatedOrder Submit(in OrderTicket ticket, long nowNs, out MatchReject reject)
    {
        var order = new SimulatedOrder(_idBase + ++_orders, Instrument, ticket, nowNs);
        order.FeeAsset = _fees.AssetOf(Instrument, ticket.Side);
        reject = Check(order);
        if (reject == MatchReject.None && !TryHold(order)) reject = MatchReject.InsufficientFunds;
        if (reject != MatchReject.None)
        {
            order.State = OrderState.Rejected;
            _listener.OnRejected(this, order, reject);
            return order;
        }

        order.State = OrderState.Working;
        _listener.OnAccepted(this, order);
        var cause = CancelCause.Unfilled;
        if (ticket.TimeInForce != TimeInForce.FillOrKill || Available(order) >= order.Quantity.Raw) cause = Match(order, nowNs);
        if (order.Remaining.Raw == 0) return order;
        if (cause == CancelCause.None && Rests(ticket)) Rest(order);
        else Close(order, cause == CancelCause.None ? CancelCause.Unfilled : cause, nowNs);
        return order;
    }

    /// <summary>False when the order is not on the book any more.</summary>
    public bool Cancel(SimulatedOrder order, long nowNs)
    {
        if (!order.IsOpen || order.Level is null) return false;
        TakeOff(order);
        Close(order, CancelCause.Requested, nowNs);
        return true;
    }

    /// <summary>
    /// Trades part of a resting order against <paramref name="counterparty"/> at its own price, as if a taker had been a
    /// moment earlier than a cancel: the late fill of a fault plan.
    /// </summary>
    public void ForceFill(SimulatedOrder order, Quantity quantity, int counterparty, long nowNs)
    {
        if (order.Level is null || quantity.Raw <= 0 || quantity.Raw > order.Remaining.Raw) return;
        var taker = new SimulatedOrder(_idBase + ++_orders, Instrument, new OrderTicket
        {
            Account = counterparty, ClientId = "", Side = order.Side == Side.Buy ? Side.Sell : Side.Buy, Type = OrderType.Limit,
            TimeInForce = TimeInForce.ImmediateOrCancel, SelfTradeAllowed = true, Price = order.Price, Quantity = quantity,
        }, nowNs) { State = OrderState.Working, FeeAsset = Instrument.Quote };
        Trade(order, taker, quantity, nowNs);
    }

    private static bool Rests(in OrderTicket ticket) =>
        ticket.Type == OrderType.Limit && ticket.TimeInForce == TimeInForce.GoodTillCancel;

    private BookSide Opposite(Side side) => side == Side.Buy ? Asks : Bids;

    private BookSide Own(Side side) => side == Side.Buy ? Bids : Asks;

    private MatchReject Check(SimulatedOrder order)
    {
        if (order.Quantity.Raw < Math.Max(Instrument.QuantityMin.Raw, 1) || !order.Quantity.IsMultipleOf(Instrument.Lot))
            return MatchReject.LotSize;
        if (order.Ticket.Type == OrderType.Market) return MatchReject.None;
        if (!order.Price.IsPositive || !order.Price.IsMultipleOf(Instrument.Tick)) return MatchReject.TickSize;
        if (Notional.Of(order.Price, order.Quantity) < Instrument.NotionalMin) return MatchReject.NotionalMin;
        var opposite = Opposite(order.Side);
        var crosses = opposite.Best is { } best && opposite.IsReachedBy(order.Price, best.Price);
        return order.Ticket.PostOnly && crosses ? MatchReject.PostOnlyWouldTake : MatchReject.None;
    }

    /// <summary>What could trade at once, raw, up to the order's quantity.</summary>
    private long Available(SimulatedOrder order)
    {
        long available = 0;
        var opposite = Opposite(order.Side);
        for (var rank = 0; rank < opposite.Count && available < order.Quantity.Raw; rank++)
        {
            var level = opposite[rank];
            if (!Reaches(order, opposite, level)) break;
            for (var maker = level.First; maker is not null; maker = maker.Next)
            {
                if (!order.Ticket.SelfTradeAllowed && maker.Ticket.Account == order.Ticket.Account) return available;
                available += maker.Remaining.Raw;
            }
        }

        return available;
    }

    private static bool Reaches(SimulatedOrder taker, BookSide opposite, PriceLevel level) =>
        taker.Ticket.Type == OrderType.Market || opposite.IsReachedBy(taker.Price, level.Price);

    private bool TryHold(SimulatedOrder order)
    {
        if (_ledger.IsUnlimited(order.Ticket.Account)) return true;
        var amount = order.Side == Side.Sell ? Notional.OfAmount(order.Quantity.Raw).Raw : BuyCost(order);
        if (order.Side == Side.Buy) amount += _fees.Reserve(amount);
        if (!_ledger.TryLock(order.Ticket.Account, PayAsset(order), amount)) return false;
        order.Held = amount;
        return true;
    }

    /// <summary>A market order's cost is what the book asks for it now: nothing changes between here and the match.</summary>
    private Int128 BuyCost(SimulatedOrder order)
    {
        if (order.Ticket.Type == OrderType.Limit) return Notional.Of(order.Price, order.Quantity).Raw;
        Int128 cost = 0;
        var left = order.Quantity.Raw;
        for (var rank = 0; rank < Asks.Count && left > 0; rank++)
        {
            var taken = Math.Min(left, Asks[rank].Quantity.Raw);
            cost += Notional.Of(Asks[rank].Price, new Quantity(taken)).Raw;
            left -= taken;
        }

        return cost;
    }

    private string PayAsset(SimulatedOrder order) => order.Side == Side.Buy ? Instrument.Quote : Instrument.Base;

    private CancelCause Match(SimulatedOrder taker, long nowNs)
    {
        var opposite = Opposite(taker.Side);
        while (taker.Remaining.Raw > 0 && opposite.Best is { } level && Reaches(taker, opposite, level))
        {
            var maker = level.First!;
            if (!taker.Ticket.SelfTradeAllowed && maker.Ticket.Account == taker.Ticket.Account) return CancelCause.SelfTrade;
            Trade(maker, taker, new Quantity(Math.Min(maker.Remaining.Raw, taker.Remaining.Raw)), nowNs);
        }

        return CancelCause.None;
    }

    private void Trade(SimulatedOrder maker, SimulatedOrder taker, Quantity quantity, long nowNs)
    {
        var price = maker.Price;
        var level = maker.Level!;
        Settle(maker, taker, price, quantity);
        var makerFee = ChargeFee(maker, isMaker: true, price, quantity);
        var takerFee = ChargeFee(taker, isMaker: false, price, quantity);
        Fill(maker, price, quantity, nowNs);
        Fill(taker, price, quantity, nowNs);
        level.Quantity -= quantity;
        if (maker.State == OrderState.Filled)
        {
            level.Remove(maker);
            Release(maker);
        }

        if (taker.State == OrderState.Filled) Release(taker);
        if (level.OrderCount == 0) Own(maker.Side).Remove(level);
        _listener.OnTrade(this, new MatchTrade(++_trades, maker, taker, price, quantity, makerFee, takerFee));
        _listener.OnLevel(this, maker.Side, price, level.Quantity);
    }

    private void Settle(SimulatedOrder maker, SimulatedOrder taker, Price price, Quantity quantity)
    {
        var (buyer, seller) = maker.Side == Side.Buy ? (maker, taker) : (taker, maker);
        Pay(buyer, seller, Instrument.Quote, Notional.Of(price, quantity).Raw);
        Pay(seller, buyer, Instrument.Base, Notional.OfAmount(quantity.Raw).Raw);
    }

    /// <summary>From what is held for the order first; an unlimited account holds nothing.</summary>
    private void Pay(SimulatedOrder from, SimulatedOrder to, string asset, Int128 amount)
    {
        Unhold(from, asset, Int128.Min(amount, from.Held));
        _ledger.Transfer(from.Ticket.Account, to.Ticket.Account, asset, amount);
    }

    private void Unhold(SimulatedOrder order, string asset, Int128 amount)
    {
        if (amount == 0) return;
        _ledger.Unlock(order.Ticket.Account, asset, amount);
        order.Held -= amount;
    }

    /// <summary>A fee rounded up per fill may exceed the reserve by a unit; it never exceeds what the account has.</summary>
    private Int128 ChargeFee(SimulatedOrder order, bool isMaker, Price price, Quantity quantity)
    {
        var account = order.Ticket.Account;
        var fee = _fees.Of(order.Side, isMaker, price, quantity);
        if (order.Side == Side.Buy && !_fees.BuyerPaysBase) Unhold(order, Instrument.Quote, Int128.Min(fee, order.Held));
        if (!_ledger.IsUnlimited(account))
            fee = Int128.Min(fee, Int128.Max(0, _ledger.Free(account, order.FeeAsset)));
        _ledger.Transfer(account, Ledger.Fees, order.FeeAsset, fee);
        order.FeePaid += fee;
        return fee;
    }

    private static void Fill(SimulatedOrder order, Price price, Quantity quantity, long nowNs)
    {
        order.Filled += quantity;
        order.FilledQuote += Notional.Of(price, quantity).Raw;
        order.UpdatedNs = nowNs;
        order.State = order.Remaining.Raw == 0 ? OrderState.Filled : OrderState.PartiallyFilled;
    }

    private void Rest(SimulatedOrder order)
    {
        var level = Own(order.Side).GetOrAdd(order.Price);
        level.Append(order);
        _listener.OnLevel(this, order.Side, order.Price, level.Quantity);
    }

    private void TakeOff(SimulatedOrder order)
    {
        var level = order.Level!;
        level.Remove(order);
        if (level.OrderCount == 0) Own(order.Side).Remove(level);
        _listener.OnLevel(this, order.Side, order.Price, level.Quantity);
    }

    private void Close(SimulatedOrder order, CancelCause cause, long nowNs)
    {
        order.State = cause == CancelCause.Unfilled ? OrderState.Expired : OrderState.Cancelled;
        order.UpdatedNs = nowNs;
        Release(order);
        _listener.OnCancelled(this, order, cause);
    }

    private void Release(SimulatedOrder order) => Unhold(order, PayAsset(order), order.Held);
}
