using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading.Orders;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;

namespace Penstock.Trading.Execution;

/// <summary>Changes of resting orders: risk → record → journal → outbox, as with new ones. What the venue makes of it comes as a report.</summary>
public sealed partial class OrderDesk
{
    /// <summary>
    /// Changes price and total quantity of a resting or held order. Allocates nothing. A venue that cannot amend answers with a report of
    /// AmendRejected, NotSupported.
    /// </summary>
    /// <param name="order">Live.</param>
    /// <param name="price">The new limit price; zero keeps it.</param>
    /// <param name="quantity">The new total quantity, what is filled included; zero keeps it.</param>
    /// <param name="isStrategyDisabled">Its strategy may not trade.</param>
    /// <param name="trigger">Receive stamp of the event that led to the wish.</param>
    /// <param name="nowNs">Engine time.</param>
    /// <param name="orReplace">
    /// Where the venue cannot amend, cancel the order and place another once the cancel is confirmed: priority and the id are lost, and for
    /// a moment nothing rests. <see cref="Order.ReplacedBy"/> names the new one.
    /// </param>
    /// <param name="stop">The new stop price of a held order that has not woken; zero keeps it.</param>
    public AmendResult Amend(
        Order order, Price price, Quantity quantity, bool isStrategyDisabled, MonotonicTime trigger, long nowNs, bool orReplace = false, Price stop = default)
    {
        _nowNs = nowNs;
        if (price.Raw == 0) price = order.Request.Price;
        if (quantity.Raw == 0) quantity = order.Request.Quantity;
        var asked = order.Request with { Price = price, Quantity = quantity };
        if (order.State == OrderState.Held) return AmendHeld(order, stop.Raw == 0 ? asked : asked with { StopPrice = stop });
        if (stop.Raw != 0) return Refuse(asked, RiskRule.NotAmendable, (int)order.State, 0); // it has no stop price any more
        if (!OrderManager.CanAmend(order)) return Refuse(asked, RiskRule.NotAmendable, (int)order.State, 0);
        if (price == order.Request.Price && quantity == order.Request.Quantity) return Refuse(asked, RiskRule.NotAmendable, 0, 0);
        // Nothing left to rest would be a cancel, and is to be said so.
        if (quantity <= Max(order.Filled, order.Reported)) return Refuse(asked, RiskRule.QuantityMin, quantity.Raw, order.Filled.Raw);
        if (order.IsReduceOnly && quantity - order.Filled > Reducible(order.Request, order)) return Refuse(asked, RiskRule.ReduceOnly, quantity.Raw, 0);

        var amend = new AmendRequest
        {
            ClientOrderId = order.ClientOrderId, Instrument = order.Instrument, VenueOrderId = order.VenueOrderId, Side = order.Side,
            Strategy = order.Request.Strategy, Price = price, Quantity = quantity, FilledQuantity = Max(order.Filled, order.Reported),
            Flags = order.Request.Flags, Trigger = trigger,
        };
        Gather(order.Request, isStrategyDisabled, out var facts);
        var reject = AmendCheck.Check(Risk, _instruments[order.Instrument], order, amend, facts, out var approved);
        if (reject.Rule != RiskRule.None) return Refuse(asked, reject);
        if (!Rates.AllowsAmend(order.Venue, nowNs))
            return Refuse(asked, Risk.Refused(RiskRule.VenueOrderRate, 1, 0) with { Scope = LimitScope.Of(order.Venue) });
        if (!Orders.Parents.AdmitGrowth(order, quantity)) return Refuse(asked, RiskRule.ParentQuantity, quantity.Raw, order.Request.Quantity.Raw);
        // Written first: a change the journal cannot take is not asked for.
        if (!JournalAmend(order, price, quantity, trigger)) return Refuse(asked, RiskRule.CancelOnly, 1, 0);
        if (!Orders.TryBeginAmend(order, price, quantity, nowNs)) return Refuse(asked, RiskRule.NotAmendable, 0, 0);
        (order.ReplacePrice, order.ReplaceQuantity) = orReplace ? (price, quantity) : default;
        Risk.CountMessage(nowNs, order.Request.Strategy);
        Rates.CountAmend(order.Venue, nowNs);
        _outbox.Amend(approved);
        Revalue(order.Instrument, order.Request.Strategy);
        return default;
    }

    /// <summary>A held order is the engine's own: it changes at once, and is judged when it wakes.</summary>
    private AmendResult AmendHeld(Order order, in OrderRequest asked)
    {
        var (instrument, price, quantity) = (_instruments[order.Instrument], asked.Price, asked.Quantity);
        if (IsFormat5 && RefusesHeld(order, asked, instrument) is { } reject) return Refuse(asked, reject);
        if (price.Raw < 0 || (price.Raw > 0 && !price.IsMultipleOf(instrument.Tick))) return Refuse(asked, RiskRule.Tick, price.Raw, instrument.Tick.Raw);
        if (!quantity.IsPositive || !quantity.IsMultipleOf(instrument.Lot)) return Refuse(asked, RiskRule.Lot, quantity.Raw, instrument.Lot.Raw);
        if (!Orders.Parents.AdmitGrowth(order, quantity)) return Refuse(asked, RiskRule.ParentQuantity, quantity.Raw, order.Request.Quantity.Raw);
        var movesStop = asked.StopPrice != order.Request.StopPrice;
        var isOnlyStop = movesStop && price == order.Request.Price && quantity == order.Request.Quantity;
        Orders.AmendHeld(order, price, quantity, asked.StopPrice, _nowNs);
        if (!isOnlyStop) JournalAmend(order, price, quantity, default);
        if (movesStop) JournalStop(order);
        Told.Add(new LocalEvent(order.ClientOrderId, ExecutionKind.Amended, RejectReason.None));
        return default;
    }

    /// <summary>As it had to be when it was taken: a stop has no limit price, for it leaves as a market order.</summary>
    private RiskReject? RefusesHeld(Order order, in OrderRequest asked, Instrument instrument)
    {
        if (order.Request.Type == OrderType.Stop && asked.Price.Raw != 0) return Risk.Refused(RiskRule.Malformed, asked.Price.Raw, 0);
        if (order.IsTriggered && asked.StopPrice != order.Request.StopPrice) return Risk.Refused(RiskRule.NotAmendable, (int)order.State, 0);
        if (!asked.StopPrice.IsPositive || !asked.StopPrice.IsMultipleOf(instrument.Tick))
            return Risk.Refused(RiskRule.Tick, asked.StopPrice.Raw, instrument.Tick.Raw);
        return asked.Quantity.IsPositive && asked.Quantity < instrument.QuantityMin
            ? Risk.Refused(RiskRule.QuantityMin, asked.Quantity.Raw, instrument.QuantityMin.Raw) : null;
    }

    private void JournalStop(Order order)
    {
        var stop = order.Request.StopPrice.Raw;
        var record = new StopMovedRecord { ClientOrderId = order.ClientOrderId.Value, Instrument = order.Instrument.Value, StopPriceRaw = stop };
        Append(EngineRecordType.StopMoved, record);
        _outputs.Add((long)EngineRecordType.StopMoved, order.ClientOrderId.Value, stop);
    }

    /// <summary>What else follows from a report: replacements, and reduce-only orders of a smaller position.</summary>
    private void Follow(Order order, in ExecutionReport report, ReportOutcome outcome)
    {
        if (order.ReplaceQuantity.Raw > 0) FollowReplacement(order, report);
        if (_hasReduceOnly && outcome is ReportOutcome.Fill or ReportOutcome.LateFill) CutReduceOnly(order.Request.Strategy);
    }

    private void FollowReplacement(Order order, in ExecutionReport report)
    {
        if (order.State == OrderState.Cancelled)
        {
            // With a fill on its way the position is not known, and nothing may be placed (P4): that fill brings us here again.
            if (order.Missing.Raw == 0) Replace(order);
            return;
        }

        if (!order.IsLive || report.Kind == ExecutionKind.Amended)
        {
            order.ReplaceQuantity = Quantity.Zero;
            return;
        }

        if (report.Kind != ExecutionKind.AmendRejected) return;
        var wanted = report.Reason == RejectReason.NotSupported ? order.ReplaceQuantity : Quantity.Zero;
        if (wanted.Raw > 0) Cancel(order, report.Received, _nowNs);
        order.ReplaceQuantity = wanted;
    }

    private void Replace(Order order)
    {
        var left = new Quantity(order.ReplaceQuantity.Raw - Max(order.Filled, order.Reported).Raw);
        order.ReplaceQuantity = Quantity.Zero;
        if (left.Raw <= 0) return;
        var placed = Place(order.Request with { ClientOrderId = default, Price = order.ReplacePrice, Quantity = left }, isStrategyDisabled: false, _nowNs);
        if (!placed.IsPlaced)
        {
            Told.Add(new LocalEvent(order.ClientOrderId, ExecutionKind.Rejected, RejectReason.RiskRefused));
            return;
        }

        Orders.Statistics.Replacements++;
        order.ReplacedBy = placed.ClientOrderId;
        if (Orders.Find(placed.ClientOrderId) is { } replacement) (replacement.ExpiresNs, replacement.IsReduceOnly) = (order.ExpiresNs, order.IsReduceOnly);
    }

    private bool JournalAmend(Order order, Price price, Quantity quantity, MonotonicTime trigger)
    {
        var isWritten = Append(EngineRecordType.AmendIntent, new AmendIntentRecord
        {
            ClientOrderId = order.ClientOrderId.Value, Instrument = order.Instrument.Value, PriceRaw = price.Raw, QuantityRaw = quantity.Raw, TriggerNs = trigger.Ns,
        });
        _outputs.Add((long)EngineRecordType.AmendIntent, order.ClientOrderId.Value, price.Raw);
        _outputs.Add(quantity.Raw);
        return isWritten;
    }

    private AmendResult Refuse(in OrderRequest asked, RiskRule rule, Int128 used, Int128 cap) => Refuse(asked, Risk.Refused(rule, used, cap));

    private AmendResult Refuse(in OrderRequest asked, in RiskReject reject)
    {
        WriteRefusal(asked, reject);
        return new AmendResult(reject);
    }

    private static Quantity Max(Quantity left, Quantity right) => left >= right ? left : right;
}
