using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading.Risk;

namespace Penstock.Trading.Orders;

/// <summary>
/// Every order's state, by one thread, from requests, reports and time passed in; nothing else (R79, R92). It neither sends nor
/// journals: the desk does. States change along <see cref="OrderTransitions"/> only. Quantities merge upwards: whoever
/// names the larger cumulative quantity is later, whatever the order of arrival. An ack is not an acceptance; silence is
/// UNKNOWN, which is resolved by asking and never by sending again (P5).
/// </summary>
public sealed partial class OrderManager
{
    private const long NsPerMs = 1_000_000;

    /// <summary>
    /// What an adopted order may still trade, as reports do not tell: more than any position limit, so that the instrument
    /// takes no new order of that side until the cancel is confirmed (P4); small enough that sums of many do not overflow.
    /// </summary>
    private const long AdoptedQuantityRaw = 1L << 48;

    private readonly OrderPool _pool;
    private readonly FillWindow _fills;
    private readonly IssuedOrders _issued = new();
    private readonly OrderManagerOptions _options;
    private readonly long[] _openBuy;
    private readonly long[] _openSell;
    private readonly int[] _openOrders;
    private readonly int[] _missing;
    private IOrderObserver[] _observers = [];
    private long _nextDueNs = long.MaxValue;

    /// <param name="instruments">How many there are; sums are kept per instrument.</param>
    /// <param name="options">Bounds and patience.</param>
    /// <param name="strategies">As many have sums of their own.</param>
    public OrderManager(int instruments, OrderManagerOptions options, int strategies = 1)
    {
        InFlight = new InFlightSums(instruments, strategies);
        _options = options;
        _pool = new OrderPool(options.PoolSize);
        _fills = new FillWindow(options.FillWindow);
        _openBuy = new long[instruments + 1];
        _openSell = new long[instruments + 1];
        _openOrders = new int[instruments + 1];
        _missing = new int[instruments + 1];
    }

    public OrderStatistics Statistics { get; } = new();

    public InFlightSums InFlight { get; }

    /// <summary>
    /// Off in replays of sessions of before format 4: an order that was forgotten was adopted there like one of a lost journal, a total that
    /// proved an amend was taken for an overfill, and every ended order still remembered was hashed again at each checkpoint.
    /// </summary>
    public bool IsFormat4 { get; set; } = true;

    /// <summary>Off in replays of sessions of before format 5.</summary>
    public bool IsFormat5 { get; set; } = true;

    /// <summary>Live orders, oldest first.</summary>
    public OrderList Live => _pool.Live;

    /// <summary>Ended orders still remembered, in the order they ended.</summary>
    public OrderList Ended => _pool.Ended;

    /// <summary>What live buy orders may still buy, and fills the venue has counted but not told.</summary>
    public Quantity OpenBuy(InstrumentId instrument) => new(_openBuy[instrument.Value]);

    public Quantity OpenSell(InstrumentId instrument) => new(_openSell[instrument.Value]);

    public int OpenOrders(InstrumentId instrument) => _openOrders[instrument.Value];

    /// <summary>Fills of the instrument are known to be missing: its position cannot be trusted (P3, P4).</summary>
    public bool HasMissingFills(InstrumentId instrument) => _missing[instrument.Value] > 0;

    public void AddObserver(IOrderObserver observer) => _observers = [.. _observers, observer];

    public Order? Find(ClientOrderId id) => _pool.Find(id);

    /// <summary>
    /// The order a fill belongs to that names it by the venue's id only (Binance lists trades so); null when it is not ours,
    /// or the fill is known already.
    /// </summary>
    public Order? FindByVenueOrderId(in ExecutionReport fill) =>
        fill.VenueOrderId.IsEmpty || _fills.Contains(KeyOf(fill)) ? null : _pool.Find(fill.Venue, fill.VenueOrderId);

    /// <summary>The fill was applied already.</summary>
    public bool KnowsFill(in ExecutionReport fill) => _fills.Contains(KeyOf(fill));

    /// <summary>A new order in PendingNew; null when the pool is full of live orders.</summary>
    public Order? Create(in RiskApproved<OrderRequest> approved, VenueId venue, long nowNs)
    {
        if (!approved.IsGenuine) return null;
        ref readonly var request = ref approved.Value;
        var order = _pool.Rent(request.ClientOrderId);
        if (order is null) return null;
        _issued.Add(request.ClientOrderId);
        Prepare(order, request, venue, nowNs);
        order.State = OrderState.PendingNew;
        Recount(order);
        Statistics.Placed++;
        foreach (var observer in _observers) observer.OnPlaced(order);
        return order;
    }

    /// <summary>
    /// Takes over an order the venue has and we do not (an id of our form from a journal that lost its end). It is live and
    /// unknown to strategies; the caller cancels it. Null when the pool is full.
    /// </summary>
    public Order? Adopt(in ExecutionReport report, long nowNs)
    {
        var order = _pool.Rent(report.ClientOrderId);
        if (order is null) return null;
        var request = new OrderRequest
        {
            ClientOrderId = report.ClientOrderId, Instrument = report.Instrument, Side = report.Side, Quantity = new Quantity(AdoptedQuantityRaw),
        };
        Prepare(order, request, report.Venue, nowNs);
        order.VenueOrderId = report.VenueOrderId;
        order.State = OrderState.Working;
        order.IsKnownToVenue = true;
        order.Reported = report.CumulativeQuantity;
        Recount(order);
        Statistics.Adopted++;
        return order;
    }

    /// <summary>Handed to execution. Its answer is due within the ack timeout.</summary>
    public void MarkSent(Order order, long nowNs)
    {
        order.SentNs = order.UpdatedNs = nowNs;
        order.State = OrderState.Sent;
        Statistics.Sent++;
        Await(order, nowNs);
    }

    /// <summary>False when there is nothing to cancel, or a cancel is under way already.</summary>
    public bool TryBeginCancel(Order order, long nowNs)
    {
        if (!order.IsOut || order.IsCancelPending) return false;
        order.IsCancelPending = true;
        order.UpdatedNs = nowNs;
        Statistics.CancelsSent++;
        if (order.State != OrderState.Unknown) Await(order, nowNs);
        return true;
    }

    /// <summary>Merges one report. The caller accounts the fill when the outcome is a kind of fill.</summary>
    public ReportOutcome Apply(in ExecutionReport report, long nowNs, out Order? order)
    {
        order = report.ClientOrderId.IsNone ? null : _pool.Find(report.ClientOrderId);
        if (order is null) return ApplyWithoutOrder(report);
        if (order.VenueOrderId.IsEmpty) order.VenueOrderId = report.VenueOrderId;
        var outcome = report.Kind switch
        {
            ExecutionKind.Acked => Advance(order, OrderState.Acked, report, nowNs),
            ExecutionKind.Accepted => Advance(order, OrderState.Working, report, nowNs),
            ExecutionKind.Fill => ApplyFill(order, report, nowNs),
            ExecutionKind.Filled => ApplyTotal(order, OrderState.Filled, report, nowNs),
            ExecutionKind.Cancelled => ApplyTotal(order, OrderState.Cancelled, report, nowNs),
            ExecutionKind.Expired => ApplyTotal(order, OrderState.Expired, report, nowNs),
            ExecutionKind.Rejected or ExecutionKind.NotSent => Advance(order, OrderState.Rejected, report, nowNs),
            ExecutionKind.CancelRejected => ApplyCancelRejected(order, report, nowNs),
            ExecutionKind.OrderStatus => ApplyStatus(order, report, nowNs),
            ExecutionKind.OrderNotFound => ApplyNotFound(order, report, nowNs),
            ExecutionKind.OutcomeUnknown => ApplyOutcomeUnknown(order, nowNs),
            ExecutionKind.Amended => ApplyAmended(order, report, nowNs),
            ExecutionKind.AmendRejected => ApplyAmendRejected(order, report, nowNs),
            _ => ReportOutcome.Illegal,
        };
        if (outcome == ReportOutcome.Illegal) Statistics.IllegalReports++;
        // Its end was our conclusion from "no such order"; an order that was only slow to arrive is live after all.
        if (IsFormat4 && OrderTransitions.IsTerminal(order.State) && order.Reason == RejectReason.OrderNotFound && ShowsItLive(report))
            outcome = Reappeared();
        Recount(order);
        return outcome;
    }

    /// <summary>Silence becomes UNKNOWN, and what is unknown is asked for. Cheap when nothing is due.</summary>
    public void OnTimer(long nowNs, IOrderQueries queries)
    {
        if (nowNs < _nextDueNs) return;
        var next = long.MaxValue;
        for (var order = Live.First; order is not null;)
        {
            var following = order.Next;
            if (order.State != OrderState.Unknown && nowNs >= order.DeadlineNs) ToUnknown(order, nowNs);
            if (order.State == OrderState.Unknown && nowNs >= order.NextQueryNs)
            {
                order.NextQueryNs = nowNs + _options.QueryIntervalMs * NsPerMs;
                order.Queries++;
                Statistics.Queries++;
                queries.Query(order);
            }

            next = Math.Min(next, order.State == OrderState.Unknown ? order.NextQueryNs : order.DeadlineNs);
            order = following;
        }

        _nextDueNs = next;
    }

    /// <summary>The venue's connection is gone: whatever it had not answered has an unknown outcome.</summary>
    public void OnSessionLost(VenueId venue, long nowNs)
    {
        for (var order = Live.First; order is not null; order = order.Next)
        {
            var isInFlight = order.State is OrderState.PendingNew or OrderState.Sent or OrderState.Acked || order.IsCancelPending || order.IsAmendPending;
            if (order.Venue == venue && isInFlight && order.State != OrderState.Unknown) ToUnknown(order, nowNs);
        }
    }

    /// <summary>The venue listed its open orders and this one was not among them.</summary>
    public void OnNotListed(Order order, long nowNs)
    {
        if (order.IsOut && order.State != OrderState.Unknown) ToUnknown(order, nowNs);
    }

    /// <summary>A new session knows of no order what happened while it was away.</summary>
    public void OnRecovered(long nowNs)
    {
        for (var order = Live.First; order is not null; order = order.Next)
        {
            if (order.State == OrderState.Held) continue; // no venue knows it
            if (order.State != OrderState.Unknown) ToUnknown(order, nowNs);
            order.NextQueryNs = nowNs; // the old session's times belong to another clock
            if (order.SentNs != 0) order.SentNs = nowNs;
        }

        _nextDueNs = nowNs;
    }

    private ReportOutcome ApplyWithoutOrder(in ExecutionReport report)
    {
        if (report.ClientOrderId.IsNone)
        {
            if (report.Kind == ExecutionKind.Fill && _fills.Contains(KeyOf(report))) return Duplicate();
            Statistics.ExternalReports++;
            return ReportOutcome.External;
        }

        if (report.Kind == ExecutionKind.Fill)
        {
            if (!_fills.TryAdd(KeyOf(report))) return Duplicate();
            Statistics.OrphanFills++;
            return ReportOutcome.OrphanFill;
        }

        if (!ShowsItLive(report)) return ReportOutcome.Unchanged;
        return IsFormat4 && _issued.Contains(report.ClientOrderId) ? Reappeared() : ReportOutcome.Stray;
    }

    private static bool ShowsItLive(in ExecutionReport report) => report.Kind is ExecutionKind.Accepted
        || report.Kind == ExecutionKind.OrderStatus && report.State is OrderState.Working or OrderState.PartiallyFilled or OrderState.Acked;

    private ReportOutcome ApplyFill(Order order, in ExecutionReport report, long nowNs)
    {
        if (report.LastQuantity.Raw <= 0 || report.LastPrice.Raw <= 0) return ReportOutcome.Illegal;
        if (!_fills.TryAdd(KeyOf(report))) return Duplicate();
        Statistics.Fills++;
        MarkAcked(order, nowNs);
        order.IsKnownToVenue = true;
        var wasMissing = order.Missing.Raw > 0;
        order.Filled += report.LastQuantity;
        order.FilledValue += Notional.Of(report.LastPrice, report.LastQuantity);
        order.Reported = Max(order.Reported, Max(order.Filled, report.CumulativeQuantity));
        order.UpdatedNs = nowNs;
        if (order.Filled > order.QuantityMax) Statistics.Overfills++;

        if (OrderTransitions.IsTerminal(order.State))
        {
            // The state stays; the money moved. A fill the venue had counted before the end is not late, only behind.
            if (wasMissing) return ReportOutcome.Fill;
            Statistics.LateFills++;
            return ReportOutcome.LateFill;
        }

        var isFull = order.Reported >= order.QuantityMax;
        SetState(order, isFull ? OrderState.Filled : OrderState.PartiallyFilled, nowNs);
        AskWhetherFull(order, nowNs);
        return ReportOutcome.Fill;
    }

    /// <summary>An end the venue announces with its total: fills it counted and we miss stay visible as missing.</summary>
    private ReportOutcome ApplyTotal(Order order, OrderState end, in ExecutionReport report, long nowNs)
    {
        if (order.State == end && report.CumulativeQuantity <= order.Reported) return ReportOutcome.Unchanged;
        if (!OrderTransitions.IsLegal(order.State, end)) return ReportOutcome.Illegal;
        var total = end == OrderState.Filled ? TotalWhenFilled(order, report) : report.CumulativeQuantity;
        order.Reported = Max(order.Reported, Max(total, report.CumulativeQuantity));
        order.IsKnownToVenue = true;
        if (IsFormat4 && end == OrderState.Filled) TakeProvenTotal(order, total);
        return Advance(order, end, report, nowNs);
    }

    private ReportOutcome ApplyStatus(Order order, in ExecutionReport report, long nowNs)
    {
        if (report.State is OrderState.None or OrderState.PendingNew or OrderState.Sent or OrderState.Unknown) return ReportOutcome.Unchanged;
        if (OrderTransitions.IsTerminal(order.State))
        {
            if (OrderTransitions.IsTerminal(report.State) && report.CumulativeQuantity > order.Reported)
            {
                order.Reported = report.CumulativeQuantity;
                return ReportOutcome.Applied;
            }

            return ReportOutcome.Unchanged;
        }

        if (report.State == OrderState.Rejected) return Advance(order, OrderState.Rejected, report, nowNs);
        if (OrderTransitions.IsTerminal(report.State)) return ApplyTotal(order, report.State, report, nowNs);
        order.IsKnownToVenue |= report.State != OrderState.Acked;
        order.Reported = Max(order.Reported, report.CumulativeQuantity);
        var target = order.Filled.Raw > 0 || order.Reported.Raw > 0 ? OrderState.PartiallyFilled : report.State;
        if (order.State == OrderState.Unknown)
        {
            // It rests there: a cancel that was under way has not arrived, or has yet to; the strategy may ask again.
            order.IsCancelPending = false;
            ResolveAmend(order, report);
        }

        return Advance(order, target, report, nowNs);
    }

    private ReportOutcome ApplyNotFound(Order order, in ExecutionReport report, long nowNs)
    {
        if (order.State != OrderState.Unknown) return ReportOutcome.Unchanged;
        if (nowNs - order.SentNs < _options.NotFoundGraceMs * NsPerMs) return ReportOutcome.Unchanged;
        if (order.IsKnownToVenue && !IsFormat4) return Advance(order, OrderState.Cancelled, report, nowNs);
        order.Reason = RejectReason.OrderNotFound;
        if (order.IsKnownToVenue) return Advance(order, OrderState.Cancelled, report, nowNs);
        return Advance(order, OrderState.Rejected, report, nowNs);
    }

    private ReportOutcome ApplyCancelRejected(Order order, in ExecutionReport report, long nowNs)
    {
        Statistics.CancelRejects++;
        if (!order.IsOut) return ReportOutcome.Unchanged;
        order.IsCancelPending = false;
        order.Reason = report.Reason;
        order.UpdatedNs = nowNs;
        if (order.State is OrderState.Working or OrderState.PartiallyFilled && !order.IsAmendPending) order.DeadlineNs = long.MaxValue;

        // "No such order" about an order we hold for live: it has ended and we missed how. Ask.
        if (report.Reason is RejectReason.OrderNotFound or RejectReason.UnknownOutcome && order.State != OrderState.Unknown) ToUnknown(order, nowNs);
        return ReportOutcome.Applied;
    }

    private ReportOutcome ApplyOutcomeUnknown(Order order, long nowNs)
    {
        if (!order.IsOut) return ReportOutcome.Unchanged;
        if (order.State == OrderState.Unknown) return ReportOutcome.Unchanged;
        ToUnknown(order, nowNs);
        return ReportOutcome.Applied;
    }

    private ReportOutcome Advance(Order order, OrderState target, in ExecutionReport report, long nowNs)
    {
        if (order.State == target) return ReportOutcome.Unchanged;
        if (!OrderTransitions.IsTerminal(order.State) && OrderTransitions.Rank(target) < OrderTransitions.Rank(order.State))
        {
            Statistics.OutdatedReports++;
            return ReportOutcome.Unchanged;
        }

        if (OrderTransitions.IsTerminal(order.State) && !OrderTransitions.IsTerminal(target))
        {
            Statistics.OutdatedReports++;
            return ReportOutcome.Unchanged;
        }

        if (!OrderTransitions.IsLegal(order.State, target)) return ReportOutcome.Illegal;
        if (report.Reason != RejectReason.None) order.Reason = report.Reason;
        if (target is OrderState.Working or OrderState.PartiallyFilled) order.IsKnownToVenue = true;
        if (report.Kind is not (ExecutionKind.NotSent or ExecutionKind.OrderNotFound)) MarkAcked(order, nowNs);
        SetState(order, target, nowNs);
        return ReportOutcome.Applied;
    }

    private void MarkAcked(Order order, long nowNs)
    {
        if (order.AckedNs != 0) return;
        order.AckedNs = nowNs;
        Statistics.Acked++;
        foreach (var observer in _observers) observer.OnAcked(order);
    }

    private void SetState(Order order, OrderState state, long nowNs)
    {
        if (order.State == OrderState.Unknown)
        {
            Statistics.Unknown--;
            Statistics.Resolved++;
        }

        order.State = state;
        order.UpdatedNs = nowNs;
        if (OrderTransitions.IsTerminal(state))
        {
            order.IsCancelPending = order.IsAmendPending = false;
            order.UncertainQuantity = Quantity.Zero;
            order.DeadlineNs = long.MaxValue;
            Recount(order);
            _pool.End(order);
            CountEnd(order);
            return;
        }

        // Working means answered; a pending cancel still waits for its own answer.
        if (state is OrderState.Working or OrderState.PartiallyFilled && !order.IsCancelPending && !order.IsAmendPending) order.DeadlineNs = long.MaxValue;
        else if (order.DeadlineNs == long.MaxValue) Await(order, nowNs);
    }

    private void CountEnd(Order order)
    {
        switch (order.State)
        {
            case OrderState.Filled:
                Statistics.Filled++;
                break;
            case OrderState.Rejected:
                Statistics.Rejected++;
                foreach (var observer in _observers) observer.OnRejected(order);
                break;
            default:
                Statistics.Cancelled++;
                foreach (var observer in _observers) observer.OnCancelled(order);
                break;
        }
    }

    /// <summary>Called by the desk once the position has the fill.</summary>
    public void NotifyFilled(Order order, in ExecutionReport fill)
    {
        foreach (var observer in _observers) observer.OnFilled(order, fill);
    }

    private void ToUnknown(Order order, long nowNs)
    {
        order.State = OrderState.Unknown;
        order.UpdatedNs = nowNs;
        order.DeadlineNs = long.MaxValue;
        order.NextQueryNs = nowNs;
        _nextDueNs = Math.Min(_nextDueNs, nowNs);
        Statistics.Unknown++;
        Statistics.UnknownTotal++;
        foreach (var observer in _observers) observer.OnUnknown(order);
    }

    private void Await(Order order, long nowNs)
    {
        order.DeadlineNs = nowNs + _options.AckTimeoutMs * NsPerMs;
        _nextDueNs = Math.Min(_nextDueNs, order.DeadlineNs);
    }

    private ReportOutcome Reappeared()
    {
        Statistics.Reappeared++;
        return ReportOutcome.Reappeared;
    }

    private ReportOutcome Duplicate()
    {
        Statistics.DuplicateFills++;
        return ReportOutcome.DuplicateFill;
    }

    private static FillKey KeyOf(in ExecutionReport report) => new(report.TradeId, report.Instrument, report.Venue, report.Side);

    private static Quantity Max(Quantity left, Quantity right) => left >= right ? left : right;
}
