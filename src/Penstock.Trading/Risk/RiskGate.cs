using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Trading.Risk;

/// <summary>
/// The only way from a wish to an order (R81, I1). Pure but for the kill switch, the node's state, the limits and the message
/// window; the engine's thread only. Cancels do not come here: they are never refused, only counted.
/// </summary>
public sealed partial class RiskGate
{
    private const int BpsPerUnit = 10_000;

    private readonly InstrumentTable _instruments;
    private readonly MessageWindow _messages;
    private readonly MessageWindow?[] _messagesOf;

    public RiskGate(InstrumentTable instruments, RiskLimits limits, int strategies = 1)
    {
        if (limits.Problem() is { } problem) throw new ArgumentException(problem, nameof(limits));
        _instruments = instruments;
        Caps = new LimitTable(instruments.Count, strategies, limits);
        Kills = new KillScopes(strategies);
        _messages = new MessageWindow(limits.MessagesMax);
        _messagesOf = new MessageWindow?[strategies + 1];
    }

    /// <summary>The named limits in force.</summary>
    public LimitTable Caps { get; }

    /// <summary>What is killed.</summary>
    public KillScopes Kills { get; }

    /// <summary>Checks with a memory; none where only the order itself is judged.</summary>
    public IOrderCheck? Controls { get; set; }

    /// <summary>Everything is killed.</summary>
    public bool IsKilled => Kills.All;

    /// <summary>The kill that stops this strategy's orders at this venue; null when none does.</summary>
    public LimitScope? KillOf(int strategy, VenueId venue) => !Kills.Any ? null
        : Kills.All ? LimitScope.Node
        : Kills.Has(strategy) ? LimitScope.OfStrategy(strategy)
        : Kills.Has(venue) ? LimitScope.Of(venue) : null;

    /// <summary>Off in replays of sessions of before format 5.</summary>
    public bool IsFormat5 { get; set; } = true;

    public NodeState State { get; private set; }

    public Degradation Degradation { get; private set; }

    /// <summary>The node's own limits as a record. Allocates: for commands and people.</summary>
    public RiskLimits Limits => Caps.ToRecord(InstrumentId.None);

    /// <summary>Refusals by rule, indexed by <see cref="RiskRule"/>.</summary>
    public long[] Rejects { get; } = new long[Enum.GetValues<RiskRule>().Length];

    /// <summary>As <see cref="Limits"/>, with the instrument's own.</summary>
    public RiskLimits LimitsOf(InstrumentId instrument) => Caps.ToRecord(instrument);

    /// <summary>Null when done, else why not. None sets the node's; an instrument gets those that differ from what held for it.</summary>
    public string? TrySetLimits(InstrumentId instrument, RiskLimits limits)
    {
        if (limits.Problem() is { } problem) return problem;
        var isNode = instrument == InstrumentId.None;
        if (!isNode && !_instruments.Contains(instrument)) return $"There is no instrument {instrument.Value}.";
        var scope = isNode ? LimitScope.Node : LimitScope.Of(instrument);
        var changed = LimitTable.Values(limits).Where(limit => Changes(limit.Name, limit.Value, instrument)).ToList();
        // All or nothing: what is wrong with one is found before any is set.
        foreach (var (name, value) in changed)
            if (IsFormat5 && Caps.Problem(name, scope, value) is { } wrong) return wrong;
        foreach (var (name, value) in changed)
            if (TrySetLimit(name, scope, value) is { } wrong) return wrong;
        return null;
    }

    private bool Changes(LimitName name, Int128 value, InstrumentId instrument)
    {
        if (instrument == InstrumentId.None) return value != Caps.Of(name);
        return name != LimitName.GrossExposure && LimitCatalog.Of(name).Allows(LimitScopeKind.Instrument) && value != Caps.Of(name, instrument);
    }

    /// <summary>Null when done, else why not. The value is in the limit's raw unit; <see cref="LimitTable.None"/> takes it away.</summary>
    public string? TrySetLimit(LimitName name, LimitScope scope, Int128 value)
    {
        if (Caps.TrySet(name, scope, value) is { } problem) return problem;
        if (name != LimitName.MessageRate) return null;
        if (scope.Kind == LimitScopeKind.Node) _messages.Resize((int)value);
        else if (value == LimitTable.None) _messagesOf[scope.Id] = null;
        else if (_messagesOf[scope.Id] is { } window) window.Resize((int)value);
        else _messagesOf[scope.Id] = new MessageWindow((int)value);
        return null;
    }

    public void SetKilled(bool killed) => Kills.TrySet(LimitScope.Node, killed);

    public void SetState(NodeState state, Degradation degradation)
    {
        State = state;
        Degradation = degradation;
    }

    /// <summary>A session starts with another clock: the window of the last one says nothing.</summary>
    public void ClearMessages()
    {
        _messages.Clear();
        foreach (var window in _messagesOf) window?.Clear();
    }

    /// <summary>Every order and cancel that leaves, counted at hand-over.</summary>
    public void CountMessage(long nowNs, int strategy = 0)
    {
        _messages.Add(nowNs);
        if ((uint)strategy < (uint)_messagesOf.Length) _messagesOf[strategy]?.Add(nowNs);
    }

    /// <summary>Messages inside the window that ends now; of one strategy where it has a limit of its own.</summary>
    public int MessagesUsed(long nowNs, int strategy = 0) =>
        (strategy > 0 && strategy < _messagesOf.Length ? _messagesOf[strategy] : _messages)?.Used(nowNs, MessageWindowNs) ?? 0;

    private long MessageWindowNs => (long)Caps.Of(LimitName.MessageWindow) * 1_000_000;

    /// <summary>Judges one order: rule None, and the approval, or why not. Allocates nothing.</summary>
    /// <param name="order">As it is to leave.</param>
    /// <param name="exposure">The facts of this moment.</param>
    /// <param name="approved">Genuine when the rule is None.</param>
    public RiskReject Check(in OrderRequest order, in RiskExposure exposure, out RiskApproved<OrderRequest> approved)
    {
        var reject = default(RiskReject);
        if (Refuse(order, exposure, ref reject))
        {
            Rejects[(int)reject.Rule]++;
            approved = default;
        }
        else
        {
            approved = new RiskApproved<OrderRequest>(order);
        }

        return reject;
    }

    /// <summary>A refusal decided outside the gate (the pool is full), counted with the others.</summary>
    public RiskReject Refused(RiskRule rule, Int128 used, Int128 cap)
    {
        Rejects[(int)rule]++;
        return new RiskReject(rule, used, cap);
    }

    private bool Refuse(in OrderRequest order, in RiskExposure exposure, ref RiskReject reject) =>
        RefuseByState(order, exposure, ref reject)
        || RefuseByInstrument(order, exposure, ref reject)
        || RefuseByControls(order, exposure, ref reject)
        || RefuseByPrice(order, exposure, ref reject)
        || RefuseByExposure(order, exposure, ref reject)
        || RefuseByTraffic(order, exposure, ref reject);

    private bool RefuseByState(in OrderRequest order, in RiskExposure exposure, ref RiskReject reject)
    {
        if (IsKilled) return No(RiskRule.KillSwitch, 1, 0, ref reject);
        if (Kills.Any && Kills.Has(order.Strategy)) return No(RiskRule.KillSwitch, 1, 0, ref reject, LimitScope.OfStrategy(order.Strategy));
        if (State is not (NodeState.Ready or NodeState.Degraded)) return No(RiskRule.NotReady, (int)State, (int)NodeState.Ready, ref reject);
        if ((Degradation & Degradation.CancelOnly) != 0) return No(RiskRule.CancelOnly, 1, 0, ref reject);
        if ((Degradation & Degradation.Halted) != 0) return No(RiskRule.Halted, 1, 0, ref reject);
        return exposure.IsStrategyDisabled && No(RiskRule.StrategyDisabled, 1, 0, ref reject);
    }

    private bool RefuseByInstrument(in OrderRequest order, in RiskExposure exposure, ref RiskReject reject)
    {
        if (!_instruments.Contains(order.Instrument)) return No(RiskRule.InstrumentUnknown, order.Instrument.Value, _instruments.Count, ref reject);
        var instrument = _instruments[order.Instrument];
        if (Kills.Any && Kills.Has(instrument.Venue)) return No(RiskRule.KillSwitch, 1, 0, ref reject, LimitScope.Of(instrument.Venue));
        var isPostOnly = (order.Flags & OrderFlags.PostOnly) != 0;
        var isTrading = exposure.Status switch
        {
            InstrumentStatus.Trading => true,
            InstrumentStatus.PostOnly => isPostOnly,
            InstrumentStatus.LimitOnly => order.Type == OrderType.Limit,
            _ => false,
        };
        if (!isTrading) return No(RiskRule.InstrumentStatus, (int)exposure.Status, (int)InstrumentStatus.Trading, ref reject);
        if (exposure.IsUnresolved) return No(RiskRule.Unresolved, 1, 0, ref reject);
        if (!order.Price.IsPositive || !order.Quantity.IsPositive || order.Side == Side.None) return No(RiskRule.Malformed, 0, 0, ref reject);
        if (!order.Price.IsMultipleOf(instrument.Tick)) return No(RiskRule.Tick, order.Price.Raw, instrument.Tick.Raw, ref reject);
        if (!order.Quantity.IsMultipleOf(instrument.Lot)) return No(RiskRule.Lot, order.Quantity.Raw, instrument.Lot.Raw, ref reject);
        if (order.Quantity < instrument.QuantityMin) return No(RiskRule.QuantityMin, order.Quantity.Raw, instrument.QuantityMin.Raw, ref reject);
        var notional = instrument.ValueOf(order.Price, order.Quantity);
        return notional < instrument.NotionalMin && No(RiskRule.NotionalMin, notional.Raw, instrument.NotionalMin.Raw, ref reject);
    }

    private bool RefuseByControls(in OrderRequest order, in RiskExposure exposure, ref RiskReject reject) =>
        Controls is not null && Controls.Refuses(order, exposure, ref reject);

    private bool RefuseByPrice(in OrderRequest order, in RiskExposure exposure, ref RiskReject reject)
    {
        if (exposure.MidTwiceRaw <= 0) return No(RiskRule.NoReferencePrice, 0, 0, ref reject);

        // |price - mid| / mid ≤ bps / 10,000, multiplied out so that nothing is divided and nothing rounded.
        var distanceTwice = (Int128)order.Price.Raw * 2 - exposure.MidTwiceRaw;
        if (distanceTwice < 0) distanceTwice = -distanceTwice;
        var collar = Caps.Of(LimitName.PriceCollar, order.Instrument);
        return distanceTwice * BpsPerUnit > exposure.MidTwiceRaw * collar
            && No(LimitName.PriceCollar, RiskRule.PriceCollar,
                (distanceTwice * BpsPerUnit + exposure.MidTwiceRaw - 1) / exposure.MidTwiceRaw, collar, order, ref reject);
    }

    private bool RefuseByExposure(in OrderRequest order, in RiskExposure exposure, ref RiskReject reject)
    {
        var quantityMax = Caps.Of(LimitName.OrderQuantity, order.Instrument);
        if (order.Quantity.Raw > quantityMax)
            return No(LimitName.OrderQuantity, RiskRule.OrderQuantity, order.Quantity.Raw, quantityMax, order, ref reject);
        var notional = _instruments[order.Instrument].ValueOf(order.Price, order.Quantity);
        var notionalMax = Caps.Of(LimitName.OrderNotional, order.Instrument);
        if (notional.Raw > notionalMax) return No(LimitName.OrderNotional, RiskRule.OrderNotional, notional.Raw, notionalMax, order, ref reject);

        // The worst this side can reach if everything in flight fills and nothing of the other side does.
        var worst = order.Side == Side.Buy
            ? (Int128)exposure.Position.Raw + exposure.OpenBuy.Raw + order.Quantity.Raw
            : -(Int128)exposure.Position.Raw + exposure.OpenSell.Raw + order.Quantity.Raw;
        var positionMax = Caps.Of(LimitName.Position, order.Instrument);
        if (worst > positionMax) return No(LimitName.Position, RiskRule.Position, worst, positionMax, order, ref reject);

        // What only takes a position down, live orders of its side included, adds nothing to the gross.
        var reduces = worst <= 0;
        var gross = exposure.GrossExposure + notional;
        var grossMax = Caps.Of(LimitName.GrossExposure);
        if (!reduces && gross.Raw > grossMax) return No(RiskRule.GrossExposure, gross.Raw, grossMax, ref reject);
        if (!exposure.IsBalanceKnown || Caps.Of(LimitName.BalanceCheck, order.Instrument) != 1) return false;
        var cost = order.Side == Side.Buy ? notional : Notional.OfAmount(order.Quantity.Raw);
        return cost > exposure.Free && No(RiskRule.Balance, cost.Raw, exposure.Free.Raw, ref reject);
    }

    private bool RefuseByTraffic(in OrderRequest order, in RiskExposure exposure, ref RiskReject reject)
    {
        var openOrdersMax = Caps.Of(LimitName.OpenOrders, order.Instrument);
        if (exposure.OpenOrders >= openOrdersMax)
            return No(LimitName.OpenOrders, RiskRule.OpenOrders, exposure.OpenOrders + 1, openOrdersMax, order, ref reject);
        if (exposure.IsDuplicate) return No(RiskRule.DuplicateClientOrderId, order.ClientOrderId.Value, 0, ref reject);
        if (!_messages.HasRoom(exposure.NowNs, MessageWindowNs))
            return No(RiskRule.MessageRate, _messages.MessagesMax + 1, _messages.MessagesMax, ref reject);
        var own = order.Strategy < _messagesOf.Length ? _messagesOf[order.Strategy] : null;
        return own is not null && !own.HasRoom(exposure.NowNs, MessageWindowNs)
            && No(RiskRule.MessageRate, own.MessagesMax + 1, own.MessagesMax, ref reject, LimitScope.OfStrategy(order.Strategy));
    }

    private bool No(LimitName name, RiskRule rule, Int128 used, Int128 cap, in OrderRequest order, ref RiskReject reject) =>
        No(rule, used, cap, ref reject, Caps.ScopeOf(name, order.Instrument));

    private static bool No(RiskRule rule, Int128 used, Int128 cap, ref RiskReject reject, LimitScope scope = default)
    {
        reject = new RiskReject(rule, used, cap) { Scope = scope };
        return true;
    }
}
