using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading.Controls;
using Penstock.Trading.Orders;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;

namespace Penstock.Trading.Execution;

/// <summary>Parent orders, and which venue a child may go to.</summary>
public sealed partial class OrderDesk
{
    private readonly ParentDesk _parents;

    /// <summary>What the venues charge; nothing until told.</summary>
    public VenueFees Fees { get; } = new();

    /// <summary>Takes a parent order; its children follow by themselves, or from the strategy where it names no algorithm. Allocates nothing.</summary>
    public PlaceResult StartParent(in ParentRequest wish, bool isStrategyDisabled, long nowNs)
    {
        _nowNs = nowNs;
        if (KillOf(wish) is { } killed) return Refused(AsOrder(wish), Risk.Refused(RiskRule.KillSwitch, 1, 0) with { Scope = killed });
        if (Risk.State is not (NodeState.Ready or NodeState.Degraded)) return Refused(AsOrder(wish), RiskRule.NotReady, (int)Risk.State, (int)NodeState.Ready);
        if (isStrategyDisabled) return Refused(AsOrder(wish), RiskRule.StrategyDisabled, 1, 0);
        var id = ClientOrderId.Of(_session, _sequence + 1);
        var wrong = _parents.Start(wish, id, nowNs);
        if (wrong.Rule != RiskRule.None) return Refused(AsOrder(wish), Risk.Refused(wrong.Rule, wrong.Used, wrong.Cap) with { Scope = wrong.Scope });
        _sequence++;
        JournalParent(Orders.Parents.Find(id));
        var refusal = _parents.StepFirst(nowNs);
        ref readonly var parent = ref Orders.Parents.Find(id);
        if (parent.State != ParentState.Refused) return new PlaceResult(id);
        Orders.Parents.Silence(id);
        return new PlaceResult(default, refusal.Rule == parent.Rule ? refusal : new RiskReject(parent.Rule, 0, 0));
    }

    /// <summary>Ends a parent order and cancels its children; what they still fill is accounted. False when it has ended before.</summary>
    public bool CancelParent(ClientOrderId id, long nowNs)
    {
        _nowNs = nowNs;
        return _parents.Cancel(id, nowNs);
    }

    /// <summary>
    /// A new order of the strategy could be sent there now: its venue is up and reconciled, neither killed nor behind a breaker, it trades,
    /// its book is good, and its rate has room.
    /// </summary>
    public bool IsUsable(InstrumentId instrument, int strategy, long nowNs) => RuleAgainst(instrument, strategy, nowNs) == RiskRule.None;

    /// <summary>What would refuse any order of the strategy there now; None while nothing does.</summary>
    internal RiskRule RuleAgainst(InstrumentId instrument, int strategy, long nowNs)
    {
        if (!_instruments.Contains(instrument)) return RiskRule.InstrumentUnknown;
        if (_status[instrument.Value] != InstrumentStatus.Trading) return RiskRule.InstrumentStatus;
        if (Venues.IsUnresolved(instrument)) return RiskRule.Unresolved;
        if (_books.Find(instrument) is not { IsTradable: true }) return RiskRule.NoReferencePrice;
        if (!Rates.Allows(_instruments[instrument].Venue, nowNs)) return RiskRule.VenueOrderRate;
        if (Risk.KillOf(strategy, _instruments[instrument].Venue) is not null) return RiskRule.KillSwitch;
        if (Controls.Allows(instrument, strategy, nowNs)) return RiskRule.None;
        return Controls.Breakers.TryFind(instrument, strategy, out var tripped) ? TradeControls.RuleOf(tripped.Name) : RiskRule.VenueBreaker;
    }

    /// <summary>A parent that waited too long says in the journal for what; other refusals are there already.</summary>
    internal void WriteRefusal(in ParentOrder parent) => WriteRefusal(
        new OrderRequest
        {
            Instrument = parent.Markets[0], Strategy = parent.Strategy, Side = parent.Side, Price = parent.Limit, Quantity = parent.Open,
            Parent = parent.Id,
        },
        Risk.Refused(parent.Rule, 0, 0));

    internal void CancelChildren(ClientOrderId parent, long nowNs)
    {
        for (var order = Orders.Live.First; order is not null;)
        {
            var following = OrderList.After(order);
            if (order.Request.Parent == parent) Cancel(order, default, nowNs);
            order = following;
        }
    }

    /// <summary>The kill that leaves the parent no market; null while it has one.</summary>
    private LimitScope? KillOf(in ParentRequest wish)
    {
        if (wish.InstrumentCount is < 1 or > ParentInstruments.Max) return Risk.KillOf(wish.Strategy, default);
        LimitScope? killed = null;
        for (var i = 0; i < wish.InstrumentCount; i++)
        {
            var venue = _instruments.Contains(wish.Instruments[i]) ? _instruments[wish.Instruments[i]].Venue : default;
            killed = Risk.KillOf(wish.Strategy, venue);
            if (killed is null) return null;
        }

        return killed;
    }

    /// <summary>What the record of its refusal says of it.</summary>
    private static OrderRequest AsOrder(in ParentRequest wish) =>
        new() { Instrument = wish.Instruments[0], Strategy = wish.Strategy, Side = wish.Side, Price = wish.Limit, Quantity = wish.Quantity };

    internal void JournalParent(in ParentOrder parent)
    {
        Append(EngineRecordType.ParentOrder, new ParentOrderRecord
        {
            Id = parent.Id.Value, Strategy = parent.Strategy, Side = parent.Side, Algorithm = (byte)parent.Algorithm, State = (byte)parent.State,
            QuantityRaw = parent.Quantity.Raw, FilledRaw = parent.Filled.Raw, LimitRaw = parent.Limit.Raw,
        });
        _outputs.Add((long)EngineRecordType.ParentOrder, parent.Id.Value, (long)parent.State);
    }

    private static void Add(ref StateHasher hash, in ParentOrder parent, bool isFormat5)
    {
        hash.Add(parent.Id.Value, (long)parent.State, parent.Quantity.Raw);
        hash.Add(parent.CommittedRaw);
        hash.Add(parent.FilledRaw);
        hash.Add(parent.NextNs, parent.SlicesDone, (long)parent.Random);
        if (!isFormat5) return;
        hash.Add(((long)parent.Rule << 8) | (long)parent.Reason, (parent.Tried << 8) | (parent.Barred << 4), parent.WaitSinceNs);
        hash.Add((parent.IsOwed ? 2 : 0) | (parent.HasNews ? 1 : 0));
    }
}
