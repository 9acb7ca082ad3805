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
    private readonly RiskLimits?[] _own;
    private readonly MessageWindow _messages;

    public RiskGate(InstrumentTable instruments, RiskLimits limits)
    {
        if (limits.Problem() is { } problem) throw new ArgumentException(problem, nameof(limits));
        _instruments = instruments;
        _own = new RiskLimits?[instruments.Count + 1];
        Limits = limits;
        _messages = new MessageWindow(limits.MessagesMax);
    }

    public bool IsKilled { get; private set; }

    public NodeState State { get; private set; }

    public Degradation Degradation { get; private set; }

    /// <summary>The default record.</summary>
    public RiskLimits Limits { get; private set; }

    /// <summary>Refusals by rule, indexed by <see cref="RiskRule"/>.</summary>
    public long[] Rejects { get; } = new long[Enum.GetValues<RiskRule>().Length];

    public RiskLimits LimitsOf(InstrumentId instrument) => _own[instrument.Value] ?? Limits;

    /// <summary>Null when done, else why not. None sets the default.</summary>
    public string? TrySetLimits(InstrumentId instrument, RiskLimits limits)
    {
        if (limits.Problem() is { } problem) return problem;
        if (instrument != InstrumentId.None)
        {
            if (!_instruments.Contains(instrument)) return $"There is no instrument {instrument.Value}.";
            _own[instrument.Value] = limits;
            return null;
        }

        Limits = limits;
        if (_messages.MessagesMax != limits.MessagesMax) _messages.Resize(limits.MessagesMax);
        return null;
    }

    public void SetKilled(bool killed) => IsKilled = killed;

    public void SetState(NodeState state, Degradation degradation)
    {
        State = state;
        Degradation = degradation;
    }

    /// <summary>A session starts with another clock: the window of the last one says nothing.</summary>
    public void ClearMessages() => _messages.Clear();

    /// <summary>Every order and cancel that leaves, counted at hand-over.</summary>
    public void CountMessage(long nowNs) => _messages.Add(nowNs);

    /// <summary>Messages inside the window that ends now.</summary>
    public int MessagesUsed(long nowNs) => _messages.Used(nowNs, Limits.MessageWindowMs * 1_000_000L);

    /// <summary>Judges one order. Allocates nothing.</summary>
    public RiskDecision Check(in OrderRequest order, in RiskExposure exposure)
    {
        if (Refuse(order, exposure, out var decision))
        {
            Rejects[(int)decision.Reject.Rule]++;
            return decision;
        }

        return new RiskDecision(new RiskApproved<OrderRequest>(order));
    }

    /// <summary>A refusal decided outside the gate (the pool is full), counted with the others.</summary>
    public RiskReject Refused(RiskRule rule, Int128 used, Int128 cap)
    {
        Rejects[(int)rule]++;
        return new RiskReject(rule, used, cap);
    }

    private bool Refuse(in OrderRequest order, in RiskExposure exposure, out RiskDecision decision)
    {
        decision = default;
        return RefuseByState(exposure, ref decision)
            || RefuseByInstrument(order, exposure, ref decision)
            || RefuseByPrice(order, exposure, ref decision)
            || RefuseByExposure(order, exposure, ref decision)
            || RefuseByTraffic(order, exposure, ref decision);
    }

    private bool RefuseByState(in RiskExposure exposure, ref RiskDecision decision)
    {
        if (IsKilled) return No(RiskRule.KillSwitch, 1, 0, ref decision);
        if (State is not (NodeState.Ready or NodeState.Degraded)) return No(RiskRule.NotReady, (int)State, (int)NodeState.Ready, ref decision);
        if ((Degradation & Degradation.CancelOnly) != 0) return No(RiskRule.CancelOnly, 1, 0, ref decision);
        if ((Degradation & Degradation.Halted) != 0) return No(RiskRule.Halted, 1, 0, ref decision);
        return exposure.IsStrategyDisabled && No(RiskRule.StrategyDisabled, 1, 0, ref decision);
    }

    private bool RefuseByInstrument(in OrderRequest order, in RiskExposure exposure, ref RiskDecision decision)
    {
        if (!_instruments.Contains(order.Instrument)) return No(RiskRule.InstrumentUnknown, order.Instrument.Value, _instruments.Count, ref decision);
        var instrument = _instruments[order.Instrument];
        var isPostOnly = (order.Flags & OrderFlags.PostOnly) != 0;
        var isTrading = exposure.Status switch
        {
            InstrumentStatus.Trading => true,
            InstrumentStatus.PostOnly => isPostOnly,
            InstrumentStatus.LimitOnly => order.Type == OrderType.Limit,
            _ => false,
        };
        if (!isTrading) return No(RiskRule.InstrumentStatus, (int)exposure.Status, (int)InstrumentStatus.Trading, ref decision);
        if (exposure.IsUnresolved) return No(RiskRule.Unresolved, 1, 0, ref decision);
        if (!order.Price.IsPositive || !order.Quantity.IsPositive || order.Side == Side.None) return No(RiskRule.Malformed, 0, 0, ref decision);
        if (!order.Price.IsMultipleOf(instrument.Tick)) return No(RiskRule.Tick, order.Price.Raw, instrument.Tick.Raw, ref decision);
        if (!order.Quantity.IsMultipleOf(instrument.Lot)) return No(RiskRule.Lot, order.Quantity.Raw, instrument.Lot.Raw, ref decision);
        if (order.Quantity < instrument.QuantityMin) return No(RiskRule.QuantityMin, order.Quantity.Raw, instrument.QuantityMin.Raw, ref decision);
        var notional = Notional.Of(order.Price, order.Quantity);
        return notional < instrument.NotionalMin && No(RiskRule.NotionalMin, notional.Raw, instrument.NotionalMin.Raw, ref decision);
    }

    private bool RefuseByPrice(in OrderRequest order, in RiskExposure exposure, ref RiskDecision decision)
    {
        if (exposure.MidTwiceRaw <= 0) return No(RiskRule.NoReferencePrice, 0, 0, ref decision);

        // |price - mid| / mid ≤ bps / 10,000, multiplied out so that nothing is divided and nothing rounded.
        var distanceTwice = (Int128)order.Price.Raw * 2 - exposure.MidTwiceRaw;
        if (distanceTwice < 0) distanceTwice = -distanceTwice;
        var collar = LimitsOf(order.Instrument).CollarBps;
        return distanceTwice * BpsPerUnit > exposure.MidTwiceRaw * collar
            && No(RiskRule.PriceCollar, (distanceTwice * BpsPerUnit + exposure.MidTwiceRaw - 1) / exposure.MidTwiceRaw, collar, ref decision);
    }

    private bool RefuseByExposure(in OrderRequest order, in RiskExposure exposure, ref RiskDecision decision)
    {
        var limits = LimitsOf(order.Instrument);
        if (order.Quantity > limits.OrderQuantityMax) return No(RiskRule.OrderQuantity, order.Quantity.Raw, limits.OrderQuantityMax.Raw, ref decision);
        var notional = Notional.Of(order.Price, order.Quantity);
        if (notional > limits.OrderNotionalMax) return No(RiskRule.OrderNotional, notional.Raw, limits.OrderNotionalMax.Raw, ref decision);

        // The worst this side can reach if everything in flight fills and nothing of the other side does.
        var worst = order.Side == Side.Buy
            ? (Int128)exposure.Position.Raw + exposure.OpenBuy.Raw + order.Quantity.Raw
            : -(Int128)exposure.Position.Raw + exposure.OpenSell.Raw + order.Quantity.Raw;
        if (worst > limits.PositionMax.Raw) return No(RiskRule.Position, worst, limits.PositionMax.Raw, ref decision);

        // What only takes a position down, live orders of its side included, adds nothing to the gross.
        var reduces = worst <= 0;
        var gross = exposure.GrossExposure + notional;
        if (!reduces && gross > Limits.GrossExposureMax) return No(RiskRule.GrossExposure, gross.Raw, Limits.GrossExposureMax.Raw, ref decision);
        if (!limits.CheckBalance || !exposure.IsBalanceKnown) return false;
        var cost = order.Side == Side.Buy ? notional : Notional.OfAmount(order.Quantity.Raw);
        return cost > exposure.Free && No(RiskRule.Balance, cost.Raw, exposure.Free.Raw, ref decision);
    }

    private bool RefuseByTraffic(in OrderRequest order, in RiskExposure exposure, ref RiskDecision decision)
    {
        var limits = LimitsOf(order.Instrument);
        if (exposure.OpenOrders >= limits.OpenOrdersMax) return No(RiskRule.OpenOrders, exposure.OpenOrders + 1, limits.OpenOrdersMax, ref decision);
        if (exposure.IsDuplicate) return No(RiskRule.DuplicateClientOrderId, order.ClientOrderId.Value, 0, ref decision);
        return !_messages.HasRoom(exposure.NowNs, Limits.MessageWindowMs * 1_000_000L)
            && No(RiskRule.MessageRate, Limits.MessagesMax + 1, Limits.MessagesMax, ref decision);
    }

    private static bool No(RiskRule rule, Int128 used, Int128 cap, ref RiskDecision decision)
    {
        decision = new RiskDecision(rule, used, cap);
        return true;
    }
}
