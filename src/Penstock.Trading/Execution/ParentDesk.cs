using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading.Execution.Algorithms;
using Penstock.Trading.Orders;
using Penstock.Trading.Risk;

namespace Penstock.Trading.Execution;

/// <summary>
/// Steps parent orders: asks each one's algorithm what is due, chooses the venue, and places the child like any other order, through risk
/// and past the <see cref="ParentBook"/>, which trusts nobody here. Engine state driven by engine time and reports only.
/// </summary>
internal sealed partial class ParentDesk(OrderDesk desk, ParentBook book, InstrumentTable instruments, IBookSource books)
{
    private const long RetryNs = 1_000_000_000;

    private long _nextNs = long.MaxValue;

    /// <summary>Times of the old session's clock are moved: the rest of a TWAP's time begins again where it stopped.</summary>
    public void BeginSession(long shiftNs)
    {
        foreach (ref var parent in book.Records)
        {
            if (!parent.IsWorking) continue;
            parent.StartNs += shiftNs;
            if (parent.EndNs != 0) parent.EndNs += shiftNs;
            parent.NextNs += shiftNs;
        }

        _nextNs = 0;
    }

    /// <summary>Rule None, or what is wrong with the wish. What a child needs besides is judged child by child.</summary>
    public RiskRule Start(in ParentRequest wish, ClientOrderId id, long nowNs)
    {
        if (wish.InstrumentCount is < 1 or > ParentInstruments.Max) return RiskRule.Malformed;
        var parent = new ParentOrder
        {
            Id = id, Instruments = wish.Instruments, InstrumentCount = wish.InstrumentCount, Strategy = wish.Strategy, Side = wish.Side,
            Algorithm = wish.Algorithm, TimeInForce = wish.TimeInForce, Flags = wish.Flags, Quantity = wish.Quantity, Limit = wish.Limit,
            StartNs = nowNs, EndNs = wish.Algorithm == AlgorithmKind.Twap ? nowNs + wish.DurationNs : 0, NextNs = nowNs, Slices = wish.Slices,
            Display = wish.Display, JitterPercent = wish.JitterPercent, Random = wish.Seed | 1,
        };
        foreach (var market in parent.Markets)
        {
            if (!instruments.Contains(market)) return RiskRule.InstrumentUnknown;
            if (!wish.Quantity.IsMultipleOf(instruments[market].Lot)) return RiskRule.Lot;
            if (wish.Limit.Raw != 0 && !wish.Limit.IsMultipleOf(instruments[market].Tick)) return RiskRule.Tick;
            if (!instruments[market].Base.Equals(instruments[parent.Markets[0]].Base) || !instruments[market].Quote.Equals(instruments[parent.Markets[0]].Quote))
                return RiskRule.Malformed;
        }

        if (!IsWellFormed(wish, instruments[parent.Markets[0]])) return RiskRule.Malformed;
        return book.TryAdd(parent) ? RiskRule.None : RiskRule.PoolFull;
    }

    /// <summary>Ends what works of one strategy, or of all (0). The caller cancels the children with the other orders.</summary>
    public void EndAll(int strategy)
    {
        foreach (ref var parent in book.Records)
        {
            if ((strategy == 0 || parent.Strategy == strategy) && book.TryEnd(ref parent, ParentState.Cancelled)) book.IsDirty = parent.IsDirty = true;
        }
    }

    /// <summary>Ends what works only within one venue or instrument; what can go elsewhere does.</summary>
    public void EndWithin(LimitScope scope)
    {
        foreach (ref var parent in book.Records)
        {
            if (IsWithin(parent, scope) && book.TryEnd(ref parent, ParentState.Cancelled)) book.IsDirty = parent.IsDirty = true;
        }
    }

    /// <summary>Ends one parent and cancels its children. False when it has ended before.</summary>
    public bool Cancel(ClientOrderId id, long nowNs)
    {
        foreach (ref var parent in book.Records)
        {
            if (parent.Id != id || !book.TryEnd(ref parent, ParentState.Cancelled)) continue;
            book.IsDirty = parent.IsDirty = true;
            Step(nowNs);
            return true;
        }

        return false;
    }

    /// <summary>Whatever is due. Cheap when nothing is; allocates nothing.</summary>
    public void Step(long nowNs)
    {
        if (!book.IsDirty && nowNs < _nextNs) return;
        book.IsDirty = false;
        var next = long.MaxValue;
        foreach (ref var parent in book.Records)
        {
            if (parent.IsDirty || nowNs >= parent.NextNs)
            {
                parent.IsDirty = false;
                if (parent.IsWorking) Advance(ref parent, nowNs);
                if (!parent.IsWorking) WindDown(ref parent, nowNs);
            }

            if (parent.IsWorking || parent.ChildrenLive > 0) next = Math.Min(next, parent.NextNs);
        }

        _nextNs = next;
    }

    private bool IsWithin(in ParentOrder parent, LimitScope scope)
    {
        foreach (var market in parent.Markets)
        {
            if ((scope.Kind == LimitScopeKind.Venue ? instruments[market].Venue.Value : market.Value) != scope.Id) return false;
        }

        return true;
    }

    private static bool IsWellFormed(in ParentRequest wish, Instrument instrument) =>
        wish.Side is Side.Buy or Side.Sell && wish.Quantity.IsPositive && wish.Limit.Raw >= 0 && wish.JitterPercent is >= 0 and <= 50
        && wish.Algorithm switch
        {
            AlgorithmKind.None => true,
            AlgorithmKind.Direct => wish.TimeInForce is TimeInForce.GoodTillCancel or TimeInForce.ImmediateOrCancel or TimeInForce.FillOrKill,
            AlgorithmKind.Twap => wish.DurationNs > 0 && wish.Slices is >= 1 and <= ParentRequest.SlicesMax,
            AlgorithmKind.Iceberg => wish.Limit.IsPositive && wish.Display >= instrument.QuantityMin && wish.Display.IsPositive,
            _ => false,
        };

    private void Advance(ref ParentOrder parent, long nowNs)
    {
        if (parent.Algorithm == AlgorithmKind.None)
        {
            parent.NextNs = long.MaxValue;
            return;
        }

        if (parent.EndNs != 0 && nowNs >= parent.EndNs)
        {
            book.TryEnd(ref parent, ParentState.Expired);
            return;
        }

        if (parent.Algorithm == AlgorithmKind.Direct && DirectOrder.IsOver(parent))
        {
            book.TryEnd(ref parent, parent.TimeInForce == TimeInForce.GoodTillCancel ? ParentState.Cancelled : ParentState.Expired);
            return;
        }

        // A venue that fails again and again is not asked without pause, nor are several of them in turn.
        if (parent.Failed != InstrumentId.None && parent.Algorithm != AlgorithmKind.Twap && ++parent.SlicesDone > parent.InstrumentCount)
        {
            parent.SlicesDone = 0;
            parent.Failed = InstrumentId.None;
            parent.NextNs = nowNs + RetryNs;
            return;
        }

        Send(ref parent, nowNs);
    }

    private void Send(ref ParentOrder parent, long nowNs)
    {
        var isTaker = parent.Algorithm == AlgorithmKind.Twap || parent.Algorithm == AlgorithmKind.Direct;
        if (parent.Open.Raw == 0 || nowNs < parent.NextNs) return;
        if (!TryChoose(parent, isTaker, nowNs, out var market, out var price, out var isRedirect))
        {
            if (parent.Algorithm == AlgorithmKind.Twap) TwapSlices.Due(ref parent, new Quantity(1), nowNs); // the slice is missed; the next one catches up
            else parent.NextNs = nowNs + RetryNs;
            if (parent.Algorithm != AlgorithmKind.Twap) parent.Failed = InstrumentId.None;
            return;
        }

        var lot = instruments[market].Lot;
        var due = parent.Algorithm switch
        {
            AlgorithmKind.Twap => TwapSlices.Due(ref parent, lot, nowNs),
            AlgorithmKind.Iceberg => IcebergTip.Due(ref parent, lot, nowNs),
            _ => DirectOrder.Due(ref parent, lot, nowNs),
        };
        if (due.Raw == 0)
        {
            // Nothing is due until a child ends: that makes the parent dirty.
            if (parent.Algorithm != AlgorithmKind.Twap) parent.NextNs = parent.Open.Raw > 0 && parent.ChildrenLive == 0 ? nowNs + RetryNs : nowNs;
            return;
        }

        var child = new OrderRequest
        {
            Instrument = market, Strategy = parent.Strategy, Side = parent.Side, Price = price, Quantity = due, Parent = parent.Id, Flags = parent.Flags,
            TimeInForce = parent.Algorithm switch
            {
                AlgorithmKind.Twap => TimeInForce.ImmediateOrCancel, AlgorithmKind.Iceberg => TimeInForce.GoodTillCancel, _ => parent.TimeInForce,
            },
        };
        parent.Failed = InstrumentId.None;
        if (desk.Place(child, isStrategyDisabled: false, nowNs).IsPlaced)
        {
            if (isRedirect) book.Statistics.Redirects++;
            return;
        }

        book.Statistics.RiskRefused++;
        if (parent.Algorithm != AlgorithmKind.Twap) parent.NextNs = nowNs + RetryNs;
    }

    /// <summary>The usable market where the quantity costs least in the end, or brings most; of equal ones the first named.</summary>
    private bool TryChoose(in ParentOrder parent, bool isTaker, long nowNs, out InstrumentId chosen, out Price price, out bool isRedirect)
    {
        chosen = default;
        price = default;
        isRedirect = false;
        Int128 best = 0;
        foreach (var market in parent.Markets)
        {
            if (market == parent.Failed || !desk.IsUsable(market, parent.Strategy, nowNs))
            {
                isRedirect = true;
                continue;
            }

            if (!books.Find(market)!.TryBest(parent.Side == Side.Buy ? Side.Sell : Side.Buy, out var opposite)) continue;
            var isBeyond = parent.Limit.Raw != 0 && (parent.Side == Side.Buy ? opposite.Price > parent.Limit : opposite.Price < parent.Limit);
            var rests = !isTaker || (parent.Algorithm == AlgorithmKind.Direct && parent.TimeInForce == TimeInForce.GoodTillCancel && parent.Limit.Raw != 0);
            if (isBeyond && !rests) continue;
            var at = rests ? parent.Limit : opposite.Price;
            var net = desk.Fees.NetPrice(instruments[market], parent.Side, rests && !isBeyond && isTaker ? opposite.Price : at, isTaker && !isBeyond);
            if (chosen != InstrumentId.None && (parent.Side == Side.Buy ? net >= best : net <= best)) continue;
            (chosen, price, best) = (market, at, net);
        }

        return chosen != InstrumentId.None;
    }

    /// <summary>An ended parent's children are cancelled, again every second until each has ended; its end is journaled once.</summary>
    private void WindDown(ref ParentOrder parent, long nowNs)
    {
        if (parent.State == ParentState.None) return;
        if (!parent.IsEndJournaled)
        {
            parent.IsEndJournaled = true;
            desk.JournalParent(parent);
        }

        parent.NextNs = parent.ChildrenLive > 0 ? nowNs + RetryNs : long.MaxValue;
        if (parent.ChildrenLive > 0) desk.CancelChildren(parent.Id, nowNs);
    }
}
