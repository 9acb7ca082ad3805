using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Strategies;
using Penstock.Trading.Execution;
using Penstock.Trading.Risk;
using static Penstock.Tests.Trading.Fixtures;

namespace Penstock.Tests.Strategies;

/// <summary>
/// A venue as trading sees it: takes requests, answers later with reports. Without a seed it accepts and cancels faithfully and
/// allocates nothing; with one it also fills, rejects, loses, repeats and answers late.
/// </summary>
internal sealed class EchoVenue(Random? random = null) : IOrderOutbox
{
    private readonly Queue<ExecutionReport> _answers = new(1_024);
    private readonly Dictionary<ClientOrderId, (OrderRequest Order, decimal Filled)> _resting = [];
    private long _trades;

    /// <summary>What the venue has in its book, with what is filled of it.</summary>
    public IEnumerable<(OrderRequest Order, decimal Filled)> Resting => _resting.Values;

    public void Place(in RiskApproved<OrderRequest> order)
    {
        var request = order.Value;
        var fate = random?.Next(20) ?? 19;
        if (fate == 0) return; // lost on the way
        if (fate == 1)
        {
            Answer(ExecutionKind.Rejected, request, RejectReason.WouldTakeLiquidity);
            return;
        }

        if (random is not null) _resting[request.ClientOrderId] = (request, 0m);
        if (fate > 2) Answer(ExecutionKind.Acked, request);
        if (fate > 3) Answer(ExecutionKind.Accepted, request);
    }

    public void Cancel(in CancelRequest cancel)
    {
        var order = new OrderRequest { ClientOrderId = cancel.ClientOrderId, Instrument = cancel.Instrument };
        if (random is null)
        {
            Answer(ExecutionKind.Cancelled, order);
            return;
        }

        if (random.Next(10) == 0) return;
        if (_resting.Remove(cancel.ClientOrderId, out var resting)) Answer(ExecutionKind.Cancelled, resting.Order, filled: resting.Filled);
        else Answer(ExecutionKind.CancelRejected, order, RejectReason.OrderNotFound);
    }

    public void Amend(in RiskApproved<AmendRequest> amend)
    {
        var wish = amend.Value;
        var known = _resting.TryGetValue(wish.ClientOrderId, out var resting);
        var order = resting.Order with { ClientOrderId = wish.ClientOrderId, Instrument = wish.Instrument, Side = wish.Side };
        if (random?.Next(8) == 0) return;
        if (!known || wish.Quantity.ToDecimal() <= resting.Filled || random?.Next(6) == 0)
        {
            Answer(ExecutionKind.AmendRejected, order, known ? RejectReason.InvalidParameter : RejectReason.OrderNotFound);
            return;
        }

        order = order with { Price = wish.Price, Quantity = wish.Quantity };
        _resting[wish.ClientOrderId] = (order, resting.Filled);
        _answers.Enqueue(new ExecutionReport
        {
            Kind = ExecutionKind.Amended, ClientOrderId = wish.ClientOrderId, Instrument = wish.Instrument, Side = wish.Side, Venue = Venue,
            LastPrice = wish.Price, LastQuantity = wish.Quantity, CumulativeQuantity = Quantity.From(resting.Filled),
        });
    }

    public void Query(ClientOrderId id, Text40 venueOrderId, InstrumentId instrument)
    {
        if (_resting.TryGetValue(id, out var resting)) Answer(ExecutionKind.OrderStatus, resting.Order, filled: resting.Filled, state: OrderState.Working);
        else Answer(ExecutionKind.OrderNotFound, new OrderRequest { ClientOrderId = id, Instrument = instrument });
    }

    public void Reconcile(VenueId venue, ExchangeTime fillsSince)
    {
        foreach (var (order, filled) in _resting.Values) Answer(ExecutionKind.OrderStatus, order, filled: filled, state: OrderState.Working);
    }

    /// <summary>The market trades against what rests.</summary>
    public void TradeSome()
    {
        foreach (var (id, (order, filled)) in _resting.ToArray())
        {
            if (random!.Next(4) != 0) continue;
            var quantity = Math.Min(order.Quantity.ToDecimal() - filled, random.Next(1, 100) / 1_000m);
            Answer(ExecutionKind.Fill, order, fill: quantity);
            if (random.Next(5) == 0) _answers.Enqueue(_answers.Last());
            if (filled + quantity >= order.Quantity.ToDecimal()) _resting.Remove(id);
            else _resting[id] = (order, filled + quantity);
        }
    }

    public void Deliver(TradingEngine engine, long nowNs)
    {
        while (_answers.TryDequeue(out var report))
        {
            report.Received = new MonotonicTime(nowNs);
            engine.OnReport(report);
        }
    }

    private void Answer(
        ExecutionKind kind, in OrderRequest order, RejectReason reason = RejectReason.None, decimal filled = 0m, decimal fill = 0m, OrderState state = OrderState.None)
    {
        var report = new ExecutionReport
        {
            Kind = kind, ClientOrderId = order.ClientOrderId, Instrument = order.Instrument, Side = order.Side, Venue = Venue, Reason = reason,
            State = state, CumulativeQuantity = Quantity.From(filled),
        };
        if (kind == ExecutionKind.Fill)
        {
            report.LastQuantity = Quantity.From(fill);
            report.LastPrice = order.Price;
            report.TradeId = ++_trades;
            report.FeeRaw = 1_000 * (_trades % 7);
            report.FeeAsset = Text16.From(order.Side == Side.Buy ? "BTC" : "USDT");
        }

        _answers.Enqueue(report);
    }
}
