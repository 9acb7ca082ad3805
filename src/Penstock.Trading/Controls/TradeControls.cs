using System.Runtime.InteropServices;
using Penstock.Infrastructure.Journal;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading.Orders;
using Penstock.Trading.Positions;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;

namespace Penstock.Trading.Controls;

/// <summary>
/// The checks with a memory (R81, R82, R88): breakers, windows, and limits of strategies and venues; before an order, after a fill, and on
/// every price. Driven by what the desk and the engine apply, so a replay trips the same breakers at the same record. What it wants
/// cancelled waits in <see cref="TryTakeCancel"/> until the order lists are not being walked. The engine's thread; allocates nothing.
/// </summary>
public sealed partial class TradeControls : IOrderCheck
{
    private const int Bps = 10_000;
    private const long NsPerMs = 1_000_000;

    private readonly InstrumentTable _instruments;
    private readonly OrderManager _orders;
    private readonly LimitTable _limits;
    private readonly PositionKeeper _positions;
    private readonly PriceWindow _moves;
    private readonly PriceWindow _volatility;
    private readonly RecentOrders _recent = new();
    private readonly OutcomeWindow _outcomes = new();
    private readonly RepeatedFills _repeated;
    private readonly bool[] _isBeyond;
    private readonly bool[] _isVenueBeyond = new bool[byte.MaxValue + 1];
    private readonly bool[] _isStrategyBeyond;
    private readonly LimitScope[] _cancels = new LimitScope[64];
    private IJournalAppender _journal = null!;
    private StateHasher _history = StateHasher.Empty;
    private int _cancelCount;

    public TradeControls(InstrumentTable instruments, OrderManager orders, RiskGate risk, PositionKeeper positions)
    {
        (_instruments, _orders, _positions, _limits) = (instruments, orders, positions, risk.Caps);
        Exposures = new ExposureSums(instruments, orders, positions);
        Profits = new ProfitTracker(instruments, positions);
        Refusals = new RefusalLog(positions.Strategies, Statistics);
        Breakers = new CircuitBreakers(instruments.Count, positions.Strategies);
        _moves = new PriceWindow(instruments.Count);
        _volatility = new PriceWindow(instruments.Count);
        _repeated = new RepeatedFills(positions.Strategies);
        _isBeyond = new bool[instruments.Count + 1];
        _isStrategyBeyond = new bool[positions.Strategies + 1];
        risk.Controls = this;
    }

    /// <summary>False in the replay of a session of before there were any: nothing is refused, tripped or written then, only measured.</summary>
    public bool IsOn { get; set; } = true;

    /// <summary>Off in replays of sessions of before format 5.</summary>
    public bool IsFormat5
    {
        get;
        set => field = Exposures.FollowsPrices = _moves.IsWhole = _volatility.IsWhole = _outcomes.IsWhole = value;
    } = true;

    public ExposureSums Exposures { get; }

    public ProfitTracker Profits { get; }

    public RefusalLog Refusals { get; }

    public CircuitBreakers Breakers { get; }

    public VenueBreakers Venues { get; } = new();

    public ControlStatistics Statistics { get; } = new();

    /// <summary>Orders and errors within error-window, as of the last order or error.</summary>
    public (long Orders, long Errors) Outcomes => (_outcomes.Orders, _outcomes.Errors);

    /// <summary>Another clock and another journal; what latched stays, windows begin anew.</summary>
    public void BeginSession(long nowNs, IJournalAppender journal)
    {
        _journal = journal;
        _moves.Clear();
        _volatility.Clear();
        _recent.Clear();
        _outcomes.Clear();
        _repeated.Clear();
        _cancelCount = 0;
        Exposures.BeginSession();
        Refusals.BeginSession(journal);
        Venues.BeginSession(nowNs);
    }

    /// <summary>A book changed and is tradable.</summary>
    public void OnPrice(InstrumentId instrument, Int128 midTwice, long nowNs)
    {
        if (midTwice <= 0 || midTwice > ulong.MaxValue) return;
        _moves.Add(instrument.Value, (ulong)midTwice, nowNs, (long)_limits.Of(LimitName.PriceMoveWindow));
        _volatility.Add(instrument.Value, (ulong)midTwice, nowNs, (long)_limits.Of(LimitName.VolatilityWindow));
        var cap = _limits.Of(LimitName.Volatility, instrument);
        if (cap >= 0 && IsMoreThan(_volatility.MoveOf(instrument.Value), cap, out var used)) Trip(LimitName.Volatility, LimitScope.Of(instrument), used, cap, nowNs);
        if (Exposures.OnPrice(instrument, midTwice)) CheckBreaches(instrument, nowNs);
        if (!Profits.IsTraded(instrument)) return;
        Profits.OnPrice(instrument, midTwice);
        CheckLosses(nowNs);
    }

    public bool Refuses(in OrderRequest order, in RiskExposure exposure, ref RiskReject reject)
    {
        if (!IsOn) return false;
        var venue = _instruments[order.Instrument].Venue;
        if (Breakers.TryFind(order.Instrument, order.Strategy, out var tripped))
            return No(RuleOf(tripped.Name), tripped.Used, tripped.Cap, tripped.Scope, ref reject);
        if (!Venues.Allows(venue, exposure.NowNs, PauseNs(venue)))
            return No(RiskRule.VenueBreaker, Venues.FailuresOf(venue), FailuresMax(venue), LimitScope.Of(venue), ref reject);
        var move = _limits.Of(LimitName.PriceMove, order.Instrument);
        // Only what the last price showed is looked up: where that is fine, what is left of it now is.
        if (move >= 0 && IsMoreThan(_moves.MoveOf(order.Instrument.Value), move, out var used)
            && (!IsFormat5 || IsStillMore(order.Instrument, move, exposure.NowNs, ref used)))
            return No(RiskRule.PriceMove, used, move, _limits.ScopeOf(LimitName.PriceMove, order.Instrument), ref reject);
        return RefusesByExposure(order, exposure, venue, ref reject) || RefusesAsDuplicate(order, exposure.NowNs, ref reject);
    }

    /// <summary>No breaker stops the strategy's orders on the instrument now.</summary>
    public bool Allows(InstrumentId instrument, int strategy, long nowNs)
    {
        var venue = _instruments[instrument].Venue;
        return !IsOn || (!Breakers.TryFind(instrument, strategy, out _) && Venues.Allows(venue, nowNs, PauseNs(venue)));
    }

    /// <summary>One order was approved and handed over.</summary>
    public void OnPlaced(in OrderRequest order, VenueId venue, long nowNs)
    {
        _recent.Add(order, nowNs);
        _outcomes.Add(1, 0, nowNs, (long)_limits.Of(LimitName.ErrorWindow));
        _history.Add(nowNs);
        if (Venues.OnPlaced(venue, order.ClientOrderId)) WriteVenue(venue, nowNs);
    }

    /// <summary>One report was applied: positions and orders have it.</summary>
    /// <param name="before">The order's state before the report.</param>
    public void OnReport(in ExecutionReport report, ReportOutcome outcome, Order? order, OrderState before, long nowNs)
    {
        if (outcome is ReportOutcome.Fill or ReportOutcome.LateFill or ReportOutcome.OrphanFill) OnFill(report, order, nowNs);
        if (order is null || outcome is ReportOutcome.DuplicateFill or ReportOutcome.Illegal or ReportOutcome.Unchanged) return;
        switch (report.Kind)
        {
            case ExecutionKind.OutcomeUnknown:
            case ExecutionKind.NotSent when report.Reason == RejectReason.Transient:
            case ExecutionKind.Rejected when IsTechnical(report.Reason):
                // What was unknown has been counted when it became so.
                if (before != OrderState.Unknown) CountError(nowNs);
                CountFailure(order.Venue, order.ClientOrderId, nowNs);
                break;
            case ExecutionKind.NotSent:
                if (report.Reason is not (RejectReason.Killed or RejectReason.RateLimited)) CountError(nowNs);
                if (IsFormat5 && Venues.OnUnsent(order.Venue, order.ClientOrderId)) WriteVenue(order.Venue, nowNs);
                break;
            case ExecutionKind.Acked or ExecutionKind.Accepted or ExecutionKind.Fill or ExecutionKind.Filled or ExecutionKind.Cancelled or ExecutionKind.Expired:
                OnAnswer(order, nowNs);
                break;
            case ExecutionKind.Rejected:
                // A refusal for a reason of the order's own is an error of ours, and the answer of a healthy venue.
                if (report.Reason != RejectReason.WouldTakeLiquidity && before != OrderState.Unknown) CountError(nowNs);
                OnAnswer(order, nowNs);
                break;
            default:
                if (IsFormat5) EndProbe(order, report.Kind, nowNs);
                break;
        }
    }

    /// <summary>Silence: the order's answer did not come in time.</summary>
    public void OnSilence(Order order, long nowNs)
    {
        CountError(nowNs);
        CountFailure(order.Venue, order.ClientOrderId, nowNs);
    }

    /// <summary>
    /// The venue listed its orders and this one was not among them. Only a probe's breaker hears of it: nobody waits for its answer now.
    /// </summary>
    public void OnUnlisted(Order order, long nowNs)
    {
        if (IsFormat5 && Venues.IsProbe(order.Venue, order.ClientOrderId)) CountFailure(order.Venue, order.ClientOrderId, nowNs);
    }

    /// <summary>The venue's order session is gone.</summary>
    public void OnSessionLost(VenueId venue, long nowNs) => CountFailure(venue, ClientOrderId.None, nowNs);

    /// <summary>An open position received or paid funding.</summary>
    public void OnFunding(InstrumentId instrument, long nowNs)
    {
        for (var strategy = 0; strategy <= _positions.Strategies; strategy++)
        {
            if (_positions.Of(strategy, instrument).Fills > 0) Profits.OnPosition(strategy, instrument, Exposures.MidTwice(instrument));
        }

        CheckLosses(nowNs);
    }

    /// <summary>A person arms what has tripped. Null when done, else why not. What is measured starts anew from here.</summary>
    public string? TryArm(LimitName name, LimitScope scope, long nowNs)
    {
        if (name == LimitName.VenueFailures && scope is { Kind: LimitScopeKind.Venue, Id: <= byte.MaxValue })
        {
            var venue = new VenueId((byte)scope.Id);
            if (!Venues.Close(venue)) return $"The breaker of {scope} is not open.";
            WriteVenue(venue, nowNs);
        }
        else if (!Breakers.Arm(name, scope))
        {
            return $"The breaker {LimitCatalog.Of(name).Text} {scope} has not tripped.";
        }

        Statistics.BreakersArmed++;
        if (name == LimitName.Volatility) _volatility.Forget(scope.Id);
        if (name == LimitName.ErrorRate) _outcomes.Clear();
        if (name == LimitName.RepeatedFills) _repeated.Forget(scope.Id);
        if (name == LimitName.DailyLoss) Profits.Accept(scope.Id);
        return null;
    }

    /// <summary>Whose live orders a tripped breaker wants cancelled; the desk asks when it may.</summary>
    public bool TryTakeCancel(out LimitScope scope)
    {
        scope = default;
        if (_cancelCount == 0) return false;
        scope = _cancels[--_cancelCount];
        return true;
    }

    /// <summary>Everything here that decides what comes next.</summary>
    public void AddTo(ref StateHasher hash)
    {
        hash.Add(_limits.ChangesHash, (long)_history.Value, Profits.Day);
        hash.Add(Profits.DayLoss.Raw);
        Breakers.AddTo(ref hash);
        Venues.AddTo(ref hash);
    }

    /// <summary>How far the mid price moved within price-move-window, in 1/100 %, rounded up.</summary>
    public Int128 MoveBps(InstrumentId instrument) => UsedBps(_moves.MoveOf(instrument.Value));

    /// <summary>As <see cref="MoveBps"/>, within volatility-window.</summary>
    public Int128 VolatilityBps(InstrumentId instrument) => UsedBps(_volatility.MoveOf(instrument.Value));

    internal static RiskRule RuleOf(LimitName breaker) => breaker switch
    {
        LimitName.Volatility => RiskRule.Volatility,
        LimitName.DailyLoss => RiskRule.DailyLoss,
        LimitName.ErrorRate => RiskRule.ErrorRate,
        _ => RiskRule.RepeatedExecution,
    };

    /// <summary>The venue could not or would not work, whatever the order was.</summary>
    private static bool IsTechnical(RejectReason reason) => reason is RejectReason.RateLimited or RejectReason.Authentication
        or RejectReason.ClockSkew or RejectReason.Maintenance or RejectReason.UnknownOutcome or RejectReason.Transient;

    private static Int128 UsedBps((ulong Move, ulong Low) window) =>
        window.Low == 0 ? 0 : ((Int128)window.Move * Bps + window.Low - 1) / window.Low;

    private bool IsStillMore(InstrumentId instrument, Int128 capBps, long nowNs, ref Int128 used) =>
        IsMoreThan(_moves.MoveAt(instrument.Value, nowNs, (long)_limits.Of(LimitName.PriceMoveWindow)), capBps, out used);

    private static bool IsMoreThan((ulong Move, ulong Low) window, Int128 capBps, out Int128 used)
    {
        var isMore = (Int128)window.Move * Bps > window.Low * capBps;
        used = isMore ? UsedBps(window) : 0;
        return isMore;
    }

    private static bool No(RiskRule rule, Int128 used, Int128 cap, LimitScope scope, ref RiskReject reject)
    {
        reject = new RiskReject(rule, used, cap) { Scope = scope };
        return true;
    }

    private static bool Beyond(RiskRule rule, Int128 used, Int128 cap, LimitScope scope, ref RiskReject reject)
    {
        return cap >= 0 && used > cap && No(rule, used, cap, scope, ref reject);
    }

    private bool RefusesByExposure(in OrderRequest order, in RiskExposure exposure, VenueId venue, ref RiskReject reject)
    {
        var grossMax = _limits.OwnOf(LimitName.GrossExposure, order.Instrument);
        var hasStrategy = _limits.HasAny(order.Strategy);
        var hasVenue = _limits.HasAny(venue);
        if (grossMax < 0 && !hasStrategy && !hasVenue) return false;

        // Of an order that changes, only what it adds; the sums hold the rest.
        var added = order.Quantity.Raw - exposure.Counted.Raw;
        var notional = _instruments[order.Instrument].ValueOf(order.Price, order.Quantity).Raw;
        var growth = exposure.Counted.Raw == 0 ? notional : notional - _instruments[order.Instrument].ValueOf(order.Price, exposure.Counted).Raw;
        var one = exposure.Counted.Raw == 0 ? 0 : 1;
        var isBuy = order.Side == Side.Buy;
        var worst = (isBuy ? (Int128)exposure.Position.Raw + exposure.OpenBuy.Raw : -(Int128)exposure.Position.Raw + exposure.OpenSell.Raw) + order.Quantity.Raw;
        if (worst > 0 && Beyond(RiskRule.GrossExposure, Exposures.Of(order.Instrument).Raw + growth, grossMax, LimitScope.Of(order.Instrument), ref reject))
            return true;
        if (hasVenue)
        {
            var use = new LimitUse(order.Quantity.Raw, notional, growth, worst, Exposures.Of(venue).Raw, _orders.InFlight.OrdersOf(venue) - one);
            if (RefusesOne(order, exposure, LimitScope.Of(venue), use, ref reject)) return true;
        }

        if (!hasStrategy) return false;
        var own = (Int128)_positions.Of(order.Strategy, order.Instrument).Quantity.Raw;
        worst = (isBuy ? own + _orders.InFlight.Buy(order.Strategy, order.Instrument).Raw : -own + _orders.InFlight.Sell(order.Strategy, order.Instrument).Raw)
            + added;
        var strategyUse = new LimitUse(
            order.Quantity.Raw, notional, growth, worst, Exposures.OfStrategy(order.Strategy).Raw, _orders.InFlight.OrdersOf(order.Strategy) - one);
        return RefusesOne(order, exposure, LimitScope.OfStrategy(order.Strategy), strategyUse, ref reject);
    }

    private bool RefusesOne(in OrderRequest order, in RiskExposure exposure, LimitScope scope, in LimitUse use, ref RiskReject reject)
    {
        if (Beyond(RiskRule.OrderQuantity, use.Quantity, _limits.At(LimitName.OrderQuantity, scope), scope, ref reject)) return true;
        if (Beyond(RiskRule.OrderNotional, use.Notional, _limits.At(LimitName.OrderNotional, scope), scope, ref reject)) return true;
        if (Beyond(RiskRule.Position, use.Worst, _limits.At(LimitName.Position, scope), scope, ref reject)) return true;
        // What only takes a position down adds nothing to the gross.
        if (use.Worst > 0 && Beyond(RiskRule.GrossExposure, use.Gross + use.Growth, _limits.At(LimitName.GrossExposure, scope), scope, ref reject))
            return true;
        if (Beyond(RiskRule.OpenOrders, use.OpenOrders + 1, _limits.At(LimitName.OpenOrders, scope), scope, ref reject)) return true;
        var collar = _limits.At(LimitName.PriceCollar, scope);
        if (collar < 0 || exposure.MidTwiceRaw <= 0) return false;
        var distanceTwice = Int128.Abs((Int128)order.Price.Raw * 2 - exposure.MidTwiceRaw) * Bps;
        return distanceTwice > exposure.MidTwiceRaw * collar
            && No(RiskRule.PriceCollar, (distanceTwice + exposure.MidTwiceRaw - 1) / exposure.MidTwiceRaw, collar, scope, ref reject);
    }

    private bool RefusesAsDuplicate(in OrderRequest order, long nowNs, ref RiskReject reject)
    {
        var own = _limits.OfStrategy(LimitName.DuplicateOrders, order.Strategy);
        var cap = own >= 0 ? own : _limits.Of(LimitName.DuplicateOrders);
        if (cap < 0) return false;
        var used = _recent.Count(order, nowNs, (long)_limits.Of(LimitName.DuplicateWindow) * NsPerMs, (int)cap) + 1;
        return used > cap && No(RiskRule.DuplicateOrder, used, cap, own >= 0 ? LimitScope.OfStrategy(order.Strategy) : LimitScope.Node, ref reject);
    }

    private void OnFill(in ExecutionReport fill, Order? order, long nowNs)
    {
        int strategy = order?.Request.Strategy ?? 0;
        var mid = Exposures.MidTwice(fill.Instrument);
        Profits.OnPosition(strategy, fill.Instrument, mid > 0 ? mid : (Int128)fill.LastPrice.Raw * 2);
        CheckRepeats(fill, strategy, nowNs);
        if (IsFormat5) CheckBreaches(fill.Instrument, nowNs);
        else CheckPosition(fill.Instrument, nowNs);
        CheckLosses(nowNs);
    }

    private void CheckRepeats(in ExecutionReport fill, int strategy, long nowNs)
    {
        var own = _limits.OfStrategy(LimitName.RepeatedFills, strategy);
        var cap = own >= 0 ? own : _limits.Of(LimitName.RepeatedFills);
        if (strategy == 0 || cap < 0) return;
        var after = _positions.Of(strategy, fill.Instrument).Quantity.Raw;
        var before = after - (fill.Side == Side.Buy ? fill.LastQuantity.Raw : -fill.LastQuantity.Raw);
        var used = _repeated.Add(strategy, fill, before, after, nowNs, (long)_limits.Of(LimitName.RepeatedWindow) * NsPerMs);
        if (used > cap) Trip(LimitName.RepeatedFills, LimitScope.OfStrategy(strategy), used, cap, nowNs);
    }

    private void CheckLosses(long nowNs)
    {
        var cap = _limits.Of(LimitName.DailyLoss);
        if (cap >= 0 && Profits.DayLoss.Raw > cap) Trip(LimitName.DailyLoss, LimitScope.Node, Profits.DayLoss.Raw, cap, nowNs);
        for (var strategy = 1; strategy <= _positions.Strategies; strategy++)
        {
            cap = _limits.OfStrategy(LimitName.DailyLoss, strategy);
            if (cap >= 0 && Profits.DayLossOf(strategy).Raw > cap)
                Trip(LimitName.DailyLoss, LimitScope.OfStrategy(strategy), Profits.DayLossOf(strategy).Raw, cap, nowNs);
        }
    }

    /// <summary>The answer to a question about a probe is an answer as good as its own; a probe of unknown fate has failed.</summary>
    private void EndProbe(Order order, ExecutionKind kind, long nowNs)
    {
        if (!Venues.IsProbe(order.Venue, order.ClientOrderId)) return;
        if (kind == ExecutionKind.OrderStatus) OnAnswer(order, nowNs);
        else if (kind == ExecutionKind.OrderNotFound || order.State == OrderState.Unknown) CountFailure(order.Venue, order.ClientOrderId, nowNs);
    }

    private void OnAnswer(Order order, long nowNs)
    {
        if (!Venues.OnAnswer(order.Venue, order.ClientOrderId)) return;
        Statistics.VenueBreakersClosed++;
        WriteVenue(order.Venue, nowNs);
    }

    private void CountError(long nowNs)
    {
        Statistics.OrderErrors++;
        _history.Add(~nowNs);
        _outcomes.Add(0, 1, nowNs, (long)_limits.Of(LimitName.ErrorWindow));
        var cap = _limits.Of(LimitName.ErrorRate);
        if (cap < 0 || _outcomes.Orders < _limits.Of(LimitName.ErrorOrdersMin)) return;
        if (_outcomes.Errors * Bps > _outcomes.Orders * cap)
            Trip(LimitName.ErrorRate, LimitScope.Node, _outcomes.Orders == 0 ? Bps : (_outcomes.Errors * Bps + _outcomes.Orders - 1) / _outcomes.Orders, cap, nowNs);
    }

    private void CountFailure(VenueId venue, ClientOrderId order, long nowNs)
    {
        if (!IsOn || !Venues.OnFailure(venue, order, FailuresMax(venue), nowNs)) return;
        Statistics.VenueBreakersOpened++;
        WriteVenue(venue, nowNs);
    }

    private Int128 FailuresMax(VenueId venue) => _limits.OfVenue(LimitName.VenueFailures, venue) is var own && own >= 0 ? own : _limits.Of(LimitName.VenueFailures);

    private long PauseNs(VenueId venue) =>
        (long)(_limits.OfVenue(LimitName.VenuePause, venue) is var own && own >= 0 ? own : _limits.Of(LimitName.VenuePause)) * NsPerMs;

    private void Trip(LimitName name, LimitScope scope, Int128 used, Int128 cap, long nowNs)
    {
        if (!IsOn || !Breakers.Trip(name, scope, used, cap, nowNs)) return;
        Statistics.BreakerTrips++;
        WriteLimit(EngineRecordType.BreakerTripped, name, scope, used, cap, nowNs);
        WantCancelled(scope);
    }

    private void WantCancelled(LimitScope scope)
    {
        // More scopes than fit are everything.
        if (_cancelCount == _cancels.Length) (_cancelCount, scope) = (0, LimitScope.Node);
        _cancels[_cancelCount++] = scope;
    }

    private void WriteLimit(EngineRecordType type, LimitName name, LimitScope scope, Int128 used, Int128 cap, long nowNs)
    {
        var record = new LimitPassedRecord { NowNs = nowNs, Name = name, ScopeKind = scope.Kind, ScopeId = scope.Id, Used = used, Cap = cap };
        _journal.Append((ushort)type, MemoryMarshal.AsBytes(new ReadOnlySpan<LimitPassedRecord>(in record)));
    }

    private void WriteVenue(VenueId venue, long nowNs)
    {
        var record = new VenueBreakerRecord { NowNs = nowNs, Venue = venue.Value, State = Venues.StateOf(venue), Failures = Venues.FailuresOf(venue) };
        _journal.Append((ushort)EngineRecordType.VenueBreaker, MemoryMarshal.AsBytes(new ReadOnlySpan<VenueBreakerRecord>(in record)));
    }

    private readonly record struct LimitUse(Int128 Quantity, Int128 Notional, Int128 Growth, Int128 Worst, Int128 Gross, int OpenOrders);
}
