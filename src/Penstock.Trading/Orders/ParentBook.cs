using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading.Risk;

namespace Penstock.Trading.Orders;

/// <summary>
/// The last hop's own account of parent orders: filled and live children of one together never exceed its quantity. It believes no
/// algorithm: what it adds up it takes from the order records themselves, and it is asked after everybody else, right before an order is
/// journaled and handed over. One child too much is refused, counted, and stops its parent for good.
/// </summary>
public sealed partial class ParentBook
{
    public const int Capacity = 256;

    private readonly ParentOrder[] _parents = new ParentOrder[Capacity];
    private IParentObserver[] _observers = [];
    private int _used;

    public ParentStatistics Statistics { get; } = new();

    /// <summary>A child changed since the last look.</summary>
    public bool IsDirty { get; set; }

    /// <summary>Off in replays of sessions of before format 5.</summary>
    public bool IsFormat5 { get; set; } = true;

    /// <summary>All records in use, ended ones included, by number. For algorithms, views and snapshots.</summary>
    public Span<ParentOrder> Records => _parents.AsSpan(0, _used);

    public void AddObserver(IParentObserver observer) => _observers = [.. _observers, observer];

    /// <summary>False when every record belongs to a parent that works or whose children are live.</summary>
    public bool TryAdd(in ParentOrder parent)
    {
        var slot = FreeSlot();
        if (slot < 0) return false;
        _parents[slot] = parent;
        _parents[slot].State = _parents[slot].ToldState = ParentState.Working;
        _parents[slot].IsDirty = IsDirty = true;
        Statistics.Started++;
        Tell(_parents[slot]);
        return true;
    }

    /// <summary>What the strategy was not told of the parent, once.</summary>
    /// <param name="parent">One of <see cref="Records"/>.</param>
    /// <param name="filled">What was filled since it was told last.</param>
    /// <returns>False when there is nothing to tell.</returns>
    public static bool TryTakeNews(ref ParentOrder parent, out Quantity filled)
    {
        filled = new Quantity((long)(parent.FilledRaw - parent.ToldFilledRaw));
        if (!parent.HasNews) return false;
        (parent.ToldFilledRaw, parent.ToldState, parent.IsSettledTold) = (parent.FilledRaw, parent.State, parent.IsSettled);
        return true;
    }

    /// <summary>A reference to an empty record when there is none of that id.</summary>
    public ref readonly ParentOrder Find(ClientOrderId id)
    {
        var slot = SlotOf(id);
        return ref slot == 0 ? ref ParentNone.Record : ref _parents[slot - 1];
    }

    /// <summary>The last hop: may this child take its quantity? A no because of the quantity halts the parent.</summary>
    public bool Admit(in OrderRequest child)
    {
        var slot = SlotOf(child.Parent);
        if (slot == 0) return Refuse();
        ref var parent = ref _parents[slot - 1];
        if (!parent.IsWorking || child.Side != parent.Side || child.Strategy != parent.Strategy || !parent.Markets.Contains(child.Instrument)) return Refuse();
        return AdmitMore(ref parent, child.Quantity.Raw);
    }

    /// <summary>The same question for a child that is to grow.</summary>
    public bool AdmitGrowth(Order child, Quantity quantity)
    {
        if (child.ParentSlot == 0 || quantity <= child.QuantityMax) return true;
        ref var parent = ref _parents[child.ParentSlot - 1];
        return parent.IsWorking ? AdmitMore(ref parent, quantity.Raw - child.CommittedRaw) : Refuse();
    }

    /// <summary>Ends a parent; its children are the caller's to cancel. False when it has ended before.</summary>
    public bool TryEnd(ref ParentOrder parent, ParentState end)
    {
        if (!parent.IsWorking) return false;
        parent.State = end;
        if (end == ParentState.Filled) Statistics.Filled++;
        else Statistics.Ended++;
        if (end == ParentState.Refused) Statistics.Refused++;
        Tell(parent);
        return true;
    }

    /// <summary>Whoever started it knows of its end already.</summary>
    internal void Silence(ClientOrderId id)
    {
        if (SlotOf(id) is var slot and > 0) TryTakeNews(ref _parents[slot - 1], out _);
    }

    internal int SlotOf(ClientOrderId id)
    {
        if (id.IsNone) return 0;
        for (var i = 0; i < _used; i++)
        {
            if (_parents[i].Id == id) return i + 1;
        }

        return 0;
    }

    /// <summary>Brings the parent's sums up to what the child may come to, from the child's record alone.</summary>
    internal void Recount(Order child)
    {
        ref var parent = ref _parents[child.ParentSlot - 1];
        if (parent.Id != child.Request.Parent) return; // the record went to another parent since: this one's account is closed
        var filled = Math.Max(child.Filled.Raw, child.Reported.Raw);
        var committed = child.IsLive ? Math.Max(child.QuantityMax.Raw, filled) : filled;
        var change = committed - child.CommittedRaw;
        var isEnd = child.IsParentCounted && !child.IsLive;
        var isBegin = !child.IsParentCounted && child.IsLive;
        var more = child.Filled.Raw - child.ParentFilledRaw;
        if (change == 0 && !isEnd && !isBegin && more == 0) return;
        child.CommittedRaw = committed;
        child.IsParentCounted = child.IsLive;
        child.ParentFilledRaw = child.Filled.Raw;
        parent.CommittedRaw += change;
        parent.FilledRaw += more;
        if (isBegin) parent.Children++;
        parent.ChildrenLive += isBegin ? 1 : isEnd ? -1 : 0;
        if (IsFormat5) Judge(ref parent, child, isEnd, more > 0);
        else if (isEnd && child.State == OrderState.Rejected) parent.Failed = child.Instrument;
        parent.IsDirty = IsDirty = true;
        if (more > 0 && !parent.IsWorking) Statistics.LateFills++;
        if (parent.FilledRaw >= parent.Quantity.Raw && parent.IsWorking) TryEnd(ref parent, ParentState.Filled);
        else Tell(parent);
    }

    /// <summary>Whether the child had its chance, and what its end says of its market.</summary>
    private static void Judge(ref ParentOrder parent, Order child, bool isEnd, bool isFill)
    {
        if (parent.Algorithm == AlgorithmKind.None || !parent.IsWorking) return;
        var isRejected = isEnd && child.State == OrderState.Rejected;
        if (isFill || (isEnd && !isRejected))
        {
            (parent.WaitSinceNs, parent.Tried) = (0, 0);
            (parent.Rule, parent.Reason) = (RiskRule.None, RejectReason.None);
        }

        // A tip that is taken away unfilled is not put back in the same moment.
        if (!isRejected && !(isEnd && parent.Algorithm == AlgorithmKind.Iceberg && child.Filled.Raw == 0)) return;
        parent.IsOwed = true;
        parent.Tried |= parent.BitOf(child.Instrument);
        if (!isRejected) return;
        (parent.Rule, parent.Reason) = (RiskRule.None, child.Reason);
        if (!IsPassing(child.Reason)) parent.Barred |= parent.BitOf(child.Instrument);
    }

    /// <summary>A refusal of a venue that time takes away.</summary>
    private static bool IsPassing(RejectReason reason) => reason is not (RejectReason.Rejected or RejectReason.InsufficientFunds
        or RejectReason.InvalidParameter or RejectReason.PriceOutOfRange or RejectReason.QuantityOutOfRange or RejectReason.Authentication
        or RejectReason.NotSupported or RejectReason.RiskRefused);

    private bool AdmitMore(ref ParentOrder parent, long moreRaw)
    {
        if (moreRaw > 0 && parent.CommittedRaw + moreRaw <= parent.Quantity.Raw) return true;
        Statistics.Violations++;
        TryEnd(ref parent, ParentState.Halted);
        parent.IsDirty = IsDirty = true;
        return false;
    }

    private bool Refuse()
    {
        Statistics.ChildrenRefused++;
        return false;
    }

    private int FreeSlot()
    {
        if (_used < Capacity) return _used++;
        var oldest = -1;
        for (var i = 0; i < Capacity; i++)
        {
            if (_parents[i].IsWorking || _parents[i].ChildrenLive > 0) continue;
            if (IsFormat5 && _observers.Length > 0 && _parents[i].HasNews) continue;
            if (oldest < 0 || _parents[i].Id.CompareTo(_parents[oldest].Id) < 0) oldest = i;
        }

        return oldest;
    }

    private void Tell(in ParentOrder parent)
    {
        foreach (var observer in _observers) observer.OnParent(parent);
    }

    private static class ParentNone
    {
        public static readonly ParentOrder Record;
    }
}
