using Penstock.MarketData.Books;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading;

namespace Penstock.Strategies.Backtesting;

/// <summary>
/// The venues of a back test, and of a node on paper: takes orders when they arrive, matches them against the recording or the market, and says
/// what happened in execution reports. Knows no latency and no clock; one thread. Kinds of requests are methods, so that a new one changes none
/// of the others.
/// </summary>
public sealed class SimulatedExchange
{
    private readonly InstrumentTable _instruments;
    private readonly SimulationOptions _options;
    private readonly SimulatedMarket[] _markets;
    private readonly InstrumentStatus[] _status;
    private readonly Dictionary<ClientOrderId, RestingOrder> _resting = new(OrdersReady);
    private readonly Dictionary<ClientOrderId, (OrderState State, long FilledRaw)> _ended = new(EndedMax + 1);
    private readonly Queue<ClientOrderId> _endedOrder = new(EndedMax + 1);
    private readonly Stack<RestingOrder> _spare = new(Enumerable.Range(0, OrdersReady).Select(_ => new RestingOrder()));
    private readonly List<SimulatedFill> _fills = new(64);
    private readonly List<BookLevel> _taken = new(64);
    private readonly List<SimulatedMarket> _touched;
    private long _trades;

    /// <param name="books">Those of the engine: read here, never changed.</param>
    public SimulatedExchange(InstrumentTable instruments, IBookSource books, SimulationOptions options)
    {
        _instruments = instruments;
        _options = options;
        _markets = [.. instruments.All.Select(i => new SimulatedMarket(i, books, options.Queue))];
        _status = [.. instruments.All.Select(i => i.Status)];
        _touched = new List<SimulatedMarket>(_markets.Length);
        _trades = options.TradesBefore;
    }

    /// <summary>Orders for which there is room before the first comes; more make it grow.</summary>
    private const int OrdersReady = 256;

    /// <summary>Orders remembered after their end, for queries.</summary>
    public const int EndedMax = 4_096;

    public SimulationStatistics Statistics { get; } = new();

    /// <summary>What was said and not fetched yet, in order. ExchangeTime is filled, Received is not.</summary>
    public Queue<ExecutionReport> Reports { get; } = new(OrdersReady);

    public int RestingOrders => _resting.Count;

    /// <summary>Quantity of others ahead of a resting order, raw 1e-8; −1 when it does not rest.</summary>
    public long QueueAhead(ClientOrderId id) =>
        _resting.TryGetValue(id, out var order) ? MarketOf(order.Request.Instrument).AheadOf(order) : -1;

    /// <summary>An order arrives.</summary>
    public void Place(in OrderRequest request, long nowNs)
    {
        Statistics.Orders++;
        if (Refusal(request) is var reason && reason != RejectReason.None)
        {
            Statistics.Rejects++;
            Say(ExecutionKind.Rejected, OrderState.Rejected, request, 0, nowNs, reason);
            Remember(request.ClientOrderId, OrderState.Rejected, 0);
            return;
        }

        var market = MarketOf(request.Instrument);
        var limit = request.Type == OrderType.Market ? 0 : request.Price.Raw;
        if (request.TimeInForce == TimeInForce.FillOrKill && market.Take(request.Side, limit, request.Quantity.Raw, asks: true) < request.Quantity.Raw)
        {
            Say(ExecutionKind.Expired, OrderState.Expired, request, 0, nowNs);
            Remember(request.ClientOrderId, OrderState.Expired, 0);
            return;
        }

        var order = Open(request, filledRaw: 0);
        Say(ExecutionKind.Accepted, OrderState.Working, request, 0, nowNs);
        TakeLiquidity(market, order, limit, nowNs);
        if (order.LeavesRaw == 0)
        {
            End(order, OrderState.Filled);
        }
        else if (request.Type == OrderType.Market || request.TimeInForce != TimeInForce.GoodTillCancel)
        {
            Say(ExecutionKind.Expired, OrderState.Expired, request, order.FilledRaw, nowNs);
            End(order, OrderState.Expired);
        }
        else
        {
            Statistics.Rested++;
            _resting.Add(request.ClientOrderId, order);
            market.Rest(order);
        }
    }

    /// <summary>
    /// An order of before a restart: it rests again, at the back of its queue. One that never rests has ended, unfilled for the rest.
    /// </summary>
    public void Restore(in OrderRequest request, long filledRaw)
    {
        var order = Open(request, filledRaw);
        var rests = request.Type != OrderType.Market && request.TimeInForce is TimeInForce.GoodTillCancel or TimeInForce.GoodTillDate;
        if (order.LeavesRaw <= 0 || !rests)
        {
            End(order, order.LeavesRaw <= 0 ? OrderState.Filled : OrderState.Expired);
            return;
        }

        _resting.Add(request.ClientOrderId, order);
        MarketOf(request.Instrument).Rest(order, isBlind: true);
    }

    public void Cancel(in CancelRequest cancel, long nowNs)
    {
        if (!_resting.Remove(cancel.ClientOrderId, out var order))
        {
            Statistics.CancelRejects++;
            SayOfUnknown(ExecutionKind.CancelRejected, cancel.ClientOrderId, cancel.Instrument, nowNs, RejectReason.OrderNotFound);
            return;
        }

        Statistics.Cancels++;
        MarketOf(order.Request.Instrument).Remove(order);
        Say(ExecutionKind.Cancelled, OrderState.Cancelled, order.Request, order.FilledRaw, nowNs);
        End(order, OrderState.Cancelled);
    }

    /// <summary>Less at the same price keeps its place in the queue; anything else joins at the back.</summary>
    public void Amend(in AmendRequest amend, long nowNs)
    {
        if (!_resting.TryGetValue(amend.ClientOrderId, out var order))
        {
            Statistics.CancelRejects++;
            SayOfUnknown(ExecutionKind.AmendRejected, amend.ClientOrderId, amend.Instrument, nowNs, RejectReason.OrderNotFound);
            return;
        }

        var wanted = order.Request with { Price = amend.Price, Quantity = amend.Quantity };
        var reason = amend.Quantity.Raw <= order.FilledRaw ? RejectReason.QuantityOutOfRange : RefusalOfForm(wanted);
        if (reason != RejectReason.None)
        {
            Statistics.Rejects++;
            Say(ExecutionKind.AmendRejected, OrderState.None, order.Request, order.FilledRaw, nowNs, reason);
            return;
        }

        Statistics.Amends++;
        var market = MarketOf(order.Request.Instrument);
        var keepsPlace = amend.Price.Raw == order.PriceRaw && amend.Quantity <= order.Request.Quantity;
        if (!keepsPlace) market.Remove(order);
        order.Request = wanted;
        order.LeavesRaw = amend.Quantity.Raw - order.FilledRaw;
        order.PriceRaw = amend.Price.Raw;
        var report = Report(ExecutionKind.Amended, order.FilledRaw > 0 ? OrderState.PartiallyFilled : OrderState.Working, wanted, order.FilledRaw, nowNs);
        report.LastPrice = amend.Price;
        report.LastQuantity = amend.Quantity;
        Reports.Enqueue(report);
        if (keepsPlace) return;
        TakeLiquidity(market, order, amend.Price.Raw, nowNs);
        if (order.LeavesRaw > 0)
        {
            market.Rest(order);
            return;
        }

        _resting.Remove(amend.ClientOrderId);
        End(order, OrderState.Filled);
    }

    /// <summary>Answers with the order as it is here, or that it is not known.</summary>
    public void Query(ClientOrderId id, InstrumentId instrument, long nowNs)
    {
        if (_resting.TryGetValue(id, out var order))
            Say(ExecutionKind.OrderStatus, order.FilledRaw > 0 ? OrderState.PartiallyFilled : OrderState.Working, order.Request, order.FilledRaw, nowNs);
        else if (_ended.TryGetValue(id, out var ended))
            Say(ExecutionKind.OrderStatus, ended.State, new OrderRequest { ClientOrderId = id, Instrument = instrument }, ended.FilledRaw, nowNs);
        else
            SayOfUnknown(ExecutionKind.OrderNotFound, id, instrument, nowNs, RejectReason.OrderNotFound);
    }

    /// <summary>The state of every order that rests on a venue, oldest id first.</summary>
    public void QueryAll(VenueId venue, long nowNs)
    {
        foreach (var (id, order) in _resting.OrderBy(o => o.Key.Value))
        {
            if (_instruments[order.Request.Instrument].Venue == venue) Query(id, order.Request.Instrument, nowNs);
        }
    }

    /// <summary>What the recording brought. Call after the engine has had it: its books are the ones looked at.</summary>
    public void OnMarketEvents(ReadOnlySpan<MarketEvent> events, long nowNs)
    {
        foreach (ref readonly var e in events)
        {
            if ((uint)(e.Instrument.Value - 1) >= (uint)_markets.Length) continue;
            if (e.Kind == MarketEventKind.Status) _status[e.Instrument.Value - 1] = (InstrumentStatus)e.UpdateId;
            var market = _markets[e.Instrument.Value - 1];
            if (!market.IsWatched) continue;
            market.OnEvent(e, _fills);
            if (_fills.Count > 0) Settle(ref Statistics.FillsByTrade, nowNs);
            if (!_touched.Contains(market)) _touched.Add(market);
        }

        foreach (var market in _touched)
        {
            market.OnBatchEnd(_fills);
            if (_fills.Count > 0) Settle(ref Statistics.FillsByCross, nowNs);
        }

        _touched.Clear();
    }

    private void TakeLiquidity(SimulatedMarket market, RestingOrder order, long limitRaw, long nowNs)
    {
        _taken.Clear();
        var forgone = market.TakesForgone;
        market.Take(order.Request.Side, limitRaw, order.LeavesRaw, asks: false, _taken);
        Statistics.TakesForgone += market.TakesForgone - forgone;
        foreach (var level in _taken)
        {
            Statistics.FillsByTaking++;
            Fill(order, level.Price.Raw, level.Quantity.Raw, isMaker: false, nowNs);
        }
    }

    private void Settle(ref long counter, long nowNs)
    {
        foreach (var fill in _fills)
        {
            counter++;
            Fill(fill.Order, fill.PriceRaw, fill.QuantityRaw, isMaker: true, nowNs);
            if (fill.Order.LeavesRaw > 0) continue;
            MarketOf(fill.Order.Request.Instrument).Remove(fill.Order);
            _resting.Remove(fill.Order.Request.ClientOrderId);
            End(fill.Order, OrderState.Filled);
        }

        _fills.Clear();
    }

    private void Fill(RestingOrder order, long priceRaw, long quantityRaw, bool isMaker, long nowNs)
    {
        order.LeavesRaw -= quantityRaw;
        order.FilledRaw += quantityRaw;
        var instrument = _instruments[order.Request.Instrument];
        var rates = _options.FeesOf(instrument);
        var report = Report(ExecutionKind.Fill, order.LeavesRaw == 0 ? OrderState.Filled : OrderState.PartiallyFilled, order.Request, order.FilledRaw, nowNs);
        report.LastPrice = new Price(priceRaw);
        report.LastQuantity = new Quantity(quantityRaw);
        report.IsMaker = isMaker;
        report.TradeId = ++_trades;
        report.FeeRaw = FeeRaw(instrument.ValueOf(report.LastPrice, report.LastQuantity), isMaker ? rates.MakerBps : rates.TakerBps);
        report.FeeAsset = instrument.PaidIn;
        Reports.Enqueue(report);
    }

    /// <summary>In 1e-8 of the asset the trade is paid in, rounded up.</summary>
    private static long FeeRaw(Notional value, decimal bps)
    {
        var divisor = (Int128)FixedPoint.Scale * FixedPoint.Scale * 10_000;
        var product = value.Raw * Quantity.From(bps).Raw;
        var (quotient, remainder) = Int128.DivRem(product, divisor);
        return (long)(remainder > 0 ? quotient + 1 : quotient);
    }

    private RejectReason Refusal(in OrderRequest request)
    {
        if (!_instruments.Contains(request.Instrument)) return RejectReason.InvalidParameter;
        if (_resting.ContainsKey(request.ClientOrderId) || _ended.ContainsKey(request.ClientOrderId)) return RejectReason.DuplicateClientOrderId;
        if (_status[request.Instrument.Value - 1] is InstrumentStatus.Halted or InstrumentStatus.Delisted or InstrumentStatus.CancelOnly)
            return RejectReason.InstrumentNotTrading;
        return RefusalOfForm(request);
    }

    private RejectReason RefusalOfForm(in OrderRequest request)
    {
        var instrument = _instruments[request.Instrument];
        var isLimit = request.Type != OrderType.Market;
        if (isLimit && (!request.Price.IsPositive || !request.Price.IsMultipleOf(instrument.Tick))) return RejectReason.PriceOutOfRange;
        if (!request.Quantity.IsPositive || !request.Quantity.IsMultipleOf(instrument.Lot) || request.Quantity < instrument.QuantityMin) return RejectReason.QuantityOutOfRange;
        if (isLimit && instrument.ValueOf(request.Price, request.Quantity) < instrument.NotionalMin) return RejectReason.QuantityOutOfRange;
        return (request.Flags & OrderFlags.PostOnly) != 0 && (!isLimit || MarketOf(request.Instrument).IsMarketable(request.Side, request.Price.Raw))
            ? RejectReason.WouldTakeLiquidity
            : RejectReason.None;
    }

    private SimulatedMarket MarketOf(InstrumentId instrument) => _markets[instrument.Value - 1];

    private RestingOrder Open(in OrderRequest request, long filledRaw)
    {
        var order = _spare.Count > 0 ? _spare.Pop() : new RestingOrder();
        order.Request = request;
        order.LeavesRaw = request.Quantity.Raw - filledRaw;
        order.FilledRaw = filledRaw;
        order.AheadRaw = order.ExplainedRaw = 0;
        order.PriceRaw = request.Price.Raw;
        return order;
    }

    /// <summary>Remembered by its figures; the object is the next order's.</summary>
    private void End(RestingOrder order, OrderState state)
    {
        Remember(order.Request.ClientOrderId, state, order.FilledRaw);
        _spare.Push(order);
    }

    private void Remember(ClientOrderId id, OrderState state, long filledRaw)
    {
        if (!_ended.TryAdd(id, (state, filledRaw))) return;
        _endedOrder.Enqueue(id);
        if (_endedOrder.Count > EndedMax) _ended.Remove(_endedOrder.Dequeue());
    }

    private void Say(ExecutionKind kind, OrderState state, in OrderRequest request, long filledRaw, long nowNs, RejectReason reason = RejectReason.None)
    {
        var report = Report(kind, state, request, filledRaw, nowNs);
        report.Reason = reason;
        Reports.Enqueue(report);
    }

    private void SayOfUnknown(ExecutionKind kind, ClientOrderId id, InstrumentId instrument, long nowNs, RejectReason reason) =>
        Say(kind, OrderState.None, new OrderRequest { ClientOrderId = id, Instrument = instrument }, 0, nowNs, reason);

    private ExecutionReport Report(ExecutionKind kind, OrderState state, in OrderRequest request, long filledRaw, long nowNs)
    {
        Span<byte> text = stackalloc byte[ClientOrderId.TextBytes];
        request.ClientOrderId.Format(text);
        text[0] = (byte)'s';
        Text40.TryCreate(text, out var venueOrderId);
        return new ExecutionReport
        {
            Kind = kind, State = state, Side = request.Side, Instrument = request.Instrument, ClientOrderId = request.ClientOrderId, VenueOrderId = venueOrderId,
            Venue = _instruments.Contains(request.Instrument) ? _instruments[request.Instrument].Venue : default,
            CumulativeQuantity = new Quantity(filledRaw), ExchangeTime = new ExchangeTime(nowNs),
        };
    }
}
