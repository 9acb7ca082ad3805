using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading.Execution.Algorithms;
using Penstock.Trading.Orders;
using Penstock.Trading.Risk;

namespace Penstock.Trading.Execution;

/// <summary>
/// What becomes of a parent whose child cannot leave, or comes back (R89). From session format 5 on.
/// <code>
///   due → a market that has not refused since the last wait → placed
///      └► none, and time may help → one second → every market but the barred ones again, until the bound → ends with the reason
///      └► none, and time does not help ─────────────────────────────────────────────────────────────────► ends with the reason
/// </code>
/// </summary>
internal sealed partial class ParentDesk
{
    /// <summary>
    /// How long nothing of a parent may come to a venue, ns: longer than a lost session and its reconciliation take. A TWAP ends with its time.
    /// </summary>
    public const long WaitNsMax = 300 * RetryNs;

    /// <summary>The same of an order that is to trade at once: what is bought minutes later is another order.</summary>
    public const long WaitNsMaxAtOnce = 5 * RetryNs;

    private RiskReject _refusal;

    /// <summary>The rest of a wait goes on; what an older build left of a failed child is due.</summary>
    private static void BeginSessionOfWait(ref ParentOrder parent, long shiftNs)
    {
        if (parent.WaitSinceNs != 0) parent.WaitSinceNs = (parent.WaitSinceNs + shiftNs) | 1; // never zero, which is no wait
        if (parent.Failed == InstrumentId.None) return;
        parent.IsOwed = true;
        parent.Failed = InstrumentId.None;
    }

    /// <summary>Markets that could never take a child of this size are not asked. Rule None while one is left, else why the first is not.</summary>
    private RiskReject BarWhatDoesNotFit(ref ParentOrder parent)
    {
        var first = default(RiskReject);
        if (parent.Algorithm == AlgorithmKind.None) return first;
        var isAnyLeft = false;
        foreach (var market in parent.Markets)
        {
            var misfit = Misfit(parent, new ChildSizes(instruments[market], ReferencePrice(parent, market), parent.Strategy, desk.Risk.Caps));
            isAnyLeft |= misfit.Rule == RiskRule.None;
            if (misfit.Rule == RiskRule.None) continue;
            parent.Barred |= parent.BitOf(market);
            if (first.Rule == RiskRule.None) first = misfit;
        }

        return isAnyLeft ? default : first;
    }

    private static RiskReject Misfit(in ParentOrder parent, in ChildSizes sizes)
    {
        switch (parent.Algorithm)
        {
            case AlgorithmKind.Direct:
                return sizes.Judge(parent.Quantity);
            case AlgorithmKind.Iceberg:
                return sizes.Judge(new Quantity(Math.Min(parent.Display.Raw, parent.Quantity.Raw)));
            default:
                var least = sizes.Judge(new Quantity(parent.Quantity.Raw / parent.Slices));
                return least.Rule != RiskRule.None ? least : sizes.Judge(new Quantity((parent.Quantity.Raw + parent.Slices - 1) / parent.Slices));
        }
    }

    /// <summary>What a child would be worth by; zero where that cannot be known yet.</summary>
    private Price ReferencePrice(in ParentOrder parent, InstrumentId market)
    {
        if (parent.Limit.IsPositive && Rests(parent)) return parent.Limit;
        return books.Find(market) is { IsTradable: true } book && book.TryBest(parent.Side == Side.Buy ? Side.Sell : Side.Buy, out var opposite)
            ? opposite.Price : parent.Limit;
    }

    private void SendDue(ref ParentOrder parent, long nowNs)
    {
        if (parent.Algorithm == AlgorithmKind.Iceberg && parent.ChildrenLive > 0) return;
        if (parent.Algorithm == AlgorithmKind.Twap && parent.IsOwed)
        {
            parent.IsOwed = false;
            TwapSlices.Again(ref parent, nowNs);
        }

        if (parent.Open.Raw == 0 || nowNs < parent.NextNs) return;
        var isTaker = parent.Algorithm != AlgorithmKind.Iceberg;
        RiskRule why;
        bool canPass;
        // Each refusal takes its market out, so this ends.
        while (TryChoose(parent, isTaker, nowNs, out var market, out var price, out var isRedirect, out why, out canPass))
        {
            if (TrySend(ref parent, market, price, isRedirect, nowNs) || !parent.IsWorking) return;
        }

        Wait(ref parent, why, canPass, nowNs);
    }

    /// <summary>True when it left, or nothing is due after all.</summary>
    private bool TrySend(ref ParentOrder parent, InstrumentId market, Price price, bool isRedirect, long nowNs)
    {
        var lot = instruments[market].Lot;
        var sizes = new ChildSizes(instruments[market], price, parent.Strategy, desk.Risk.Caps);
        var due = parent.Algorithm switch
        {
            AlgorithmKind.Twap => TwapSlices.Due(ref parent, lot, sizes.Least, sizes.Most, nowNs, nowNs + RetryNs),
            AlgorithmKind.Iceberg => IcebergTip.Due(ref parent, lot, sizes.Least, sizes.Most, nowNs),
            _ => DirectOrder.Due(ref parent, lot, nowNs),
        };
        if (due.Raw == 0)
        {
            if (parent.Algorithm == AlgorithmKind.Twap) return true;
            OnRefused(ref parent, market, desk.Risk.Refused(RiskRule.Lot, parent.Open.Raw, lot.Raw), nowNs);
            return false;
        }

        var placed = desk.Place(ChildOf(parent, market, price, due), isStrategyDisabled: false, nowNs);
        if (!placed.IsPlaced)
        {
            if (parent.IsWorking) OnRefused(ref parent, market, placed.Reject, nowNs);
            return false;
        }

        parent.IsOwed = false;
        if (isRedirect) book.Statistics.Redirects++;
        return true;
    }

    private void OnRefused(ref ParentOrder parent, InstrumentId market, in RiskReject reject, long nowNs)
    {
        book.Statistics.RiskRefused++;
        _refusal = reject;
        (parent.Rule, parent.Reason) = (reject.Rule, RejectReason.None);
        parent.Tried |= parent.BitOf(market);
        // A pool and a count of open orders empty themselves.
        if (!OrderDesk.IsPassing(reject.Rule) && reject.Rule is not (RiskRule.PoolFull or RiskRule.OpenOrders)) parent.Barred |= parent.BitOf(market);
        if (parent.Algorithm == AlgorithmKind.Twap) TwapSlices.Again(ref parent, nowNs);
    }

    /// <summary>No market takes what is due: once more in a second, while time may help and the bound is not reached.</summary>
    private void Wait(ref ParentOrder parent, RiskRule why, bool canPass, long nowNs)
    {
        parent.Tried = 0;
        if (why != RiskRule.None) (parent.Rule, parent.Reason) = (why, RejectReason.None);
        if (parent.WaitSinceNs == 0) parent.WaitSinceNs = nowNs | 1;
        var waitNsMax = parent.Algorithm == AlgorithmKind.Direct && parent.TimeInForce != TimeInForce.GoodTillCancel ? WaitNsMaxAtOnce : WaitNsMax;
        var isOver = parent.Algorithm != AlgorithmKind.Twap && parent.ChildrenLive == 0 && nowNs - parent.WaitSinceNs >= waitNsMax;
        if (canPass && !isOver)
        {
            parent.NextNs = parent.EndNs == 0 ? nowNs + RetryNs : Math.Min(parent.EndNs, nowNs + RetryNs);
            book.Statistics.Waits++;
            return;
        }

        if (why != RiskRule.None) desk.WriteRefusal(parent);
        // Nobody refused anything: the market was never at its price.
        var isRefused = parent.Rule != RiskRule.None || parent.Reason != RejectReason.None;
        book.TryEnd(ref parent, isRefused ? ParentState.Refused : ParentState.Expired);
    }
}
