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
            if (desk.IsFormat5) BeginSessionOfWait(ref parent, shiftNs);
        }

        _nextNs = 0;
    }

    /// <summary>Rule None, or what is wrong with the wish. What a child needs besides is judged child by child.</summary>
    public RiskReject Start(in ParentRequest wish, ClientOrderId id, long nowNs)
    {
        if (wish.InstrumentCount is < 1 or > ParentInstruments.Max) return No(RiskRule.Malformed);
        var parent = new ParentOrder
        {
            Id = id, Instruments = wish.Instruments, InstrumentCount = wish.InstrumentCount, Strategy = wish.Strategy, Side = wish.Side,
            Algorithm = wish.Algorithm, TimeInForce = wish.TimeInForce, Flags = wish.Flags, Quantity = wish.Quantity, Limit = wish.Limit,
            StartNs = nowNs, EndNs = wish.Algorithm == AlgorithmKind.Twap ? nowNs + wish.DurationNs : 0, NextNs = nowNs, Slices = wish.Slices,
            Display = wish.Display, JitterPercent = wish.JitterPercent, Random = wish.Seed | 1,
        };
        foreach (var market in parent.Markets)
        {
            if (!instruments.Contains(market)) return No(RiskRule.InstrumentUnknown);
            if (!wish.Quantity.IsMultipleOf(instruments[market].Lot)) return No(RiskRule.Lot);
            if (wish.Limit.Raw != 0 && !wish.Limit.IsMultipleOf(instruments[market].Tick)) return No(RiskRule.Tick);
            if (!instruments[market].Base.Equals(instruments[parent.Markets[0]].Base) || !instruments[market].Quote.Equals(instruments[parent.Markets[0]].Quote))
                return No(RiskRule.Malformed);
        }

        if (!IsWellFormed(wish, instruments[parent.Markets[0]])) return No(RiskRule.Malformed);
        if (desk.IsFormat5 && BarWhatDoesNotFit(ref parent) is { Rule: not RiskRule.None } misfit) return misfit;
        return No(book.TryAdd(parent) ? RiskRule.None : RiskRule.PoolFull);
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
        if (book.IsDirty || nowNs >= _nextNs) StepFirst(nowNs);
    }

    /// <summary>The same for one that has just begun. Answers the last refusal of risk meanwhile; rule None without one.</summary>
    public RiskReject StepFirst(long nowNs)
    {
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
        var refusal = _refusal;
        _refusal = default;
        return refusal;
    }

    private static RiskReject No(RiskRule rule) => new(rule, 0, 0);

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

        if (desk.IsFormat5) SendDue(ref parent, nowNs);
        else SendAsBefore(ref parent, nowNs);
    }

    /// <summary>As sessions of before format 5 did it.</summary>
    private void SendAsBefore(ref ParentOrder parent, long nowNs)
    {
        var isTaker = parent.Algorithm == AlgorithmKind.Twap || parent.Algorithm == AlgorithmKind.Direct;
        if (parent.Open.Raw == 0 || nowNs < parent.NextNs) return;
        if (!TryChoose(parent, isTaker, nowNs, out var market, out var price, out var isRedirect, out _, out _))
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

        parent.Failed = InstrumentId.None;
        if (desk.Place(ChildOf(parent, market, price, due), isStrategyDisabled: false, nowNs).IsPlaced)
        {
            if (isRedirect) book.Statistics.Redirects++;
            return;
        }

        book.Statistics.RiskRefused++;
        if (parent.Algorithm != AlgorithmKind.Twap) parent.NextNs = nowNs + RetryNs;
    }

    private static OrderRequest ChildOf(in ParentOrder parent, InstrumentId market, Price price, Quantity due) => new()
    {
        Instrument = market, Strategy = parent.Strategy, Side = parent.Side, Price = price, Quantity = due, Parent = parent.Id, Flags = parent.Flags,
        TimeInForce = parent.Algorithm switch
        {
            AlgorithmKind.Twap => TimeInForce.ImmediateOrCancel, AlgorithmKind.Iceberg => TimeInForce.GoodTillCancel, _ => parent.TimeInForce,
        },
    };

    /// <summary>The usable market where the quantity costs least in the end, or brings most; of equal ones the first named.</summary>
    /// <param name="why">What stands against one that is not usable; None where none is, or only the price does.</param>
    /// <param name="canPass">Time may make one of them usable.</param>
    private bool TryChoose(
        in ParentOrder parent, bool isTaker, long nowNs, out InstrumentId chosen, out Price price, out bool isRedirect, out RiskRule why,
        out bool canPass)
    {
        chosen = default;
        price = default;
        why = RiskRule.None;
        isRedirect = canPass = false;
        Int128 best = 0;
        foreach (var market in parent.Markets)
        {
            var bit = parent.BitOf(market);
            if (market == parent.Failed || ((parent.Tried | parent.Barred) & bit) != 0)
            {
                isRedirect = true;
                canPass |= (parent.Barred & bit) == 0;
                continue;
            }

            if (desk.RuleAgainst(market, parent.Strategy, nowNs) is not RiskRule.None and var rule)
            {
                isRedirect = true;
                canPass |= OrderDesk.IsPassing(rule);
                why = rule;
                continue;
            }

            canPass = true;
            if (!books.Find(market)!.TryBest(parent.Side == Side.Buy ? Side.Sell : Side.Buy, out var opposite))
            {
                why = RiskRule.NoReferencePrice;
                continue;
            }

            var isBeyond = parent.Limit.Raw != 0 && (parent.Side == Side.Buy ? opposite.Price > parent.Limit : opposite.Price < parent.Limit);
            var rests = Rests(parent);
            if (isBeyond && !rests) continue;
            var at = rests ? parent.Limit : opposite.Price;
            var net = desk.Fees.NetPrice(instruments[market], parent.Side, rests && !isBeyond && isTaker ? opposite.Price : at, isTaker && !isBeyond);
            if (chosen != InstrumentId.None && (parent.Side == Side.Buy ? net >= best : net <= best)) continue;
            (chosen, price, best) = (market, at, net);
        }

        return chosen != InstrumentId.None;
    }

    /// <summary>Its child may stay at the limit price; it need not trade at once.</summary>
    private static bool Rests(in ParentOrder parent) => parent.Algorithm == AlgorithmKind.Iceberg
        || (parent.Algorithm == AlgorithmKind.Direct && parent.TimeInForce == TimeInForce.GoodTillCancel && parent.Limit.Raw != 0);

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
