using System.Runtime.InteropServices;
using Penstock.Infrastructure.Journal;
using Penstock.MarketData.Books;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading.Controls;
using Penstock.Trading.Orders;
using Penstock.Trading.Positions;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;

namespace Penstock.Trading.Execution;

/// <summary>
/// Where wishes become orders: risk check → record → journal → outbox, always in that order (I1), and where reports become
/// order states, positions and ledger postings. Deterministic: time comes in, the outbox never calls back.
/// </summary>
public sealed partial class OrderDesk : IOrderQueries
{
    private readonly InstrumentTable _instruments;
    private readonly IBookSource _books;
    private readonly InstrumentStatus[] _status;
    private readonly FillWindow _fundings = new(4_096);
    private IJournalAppender _journal = null!;
    private IOrderOutbox _outbox = null!;
    private StateHasher _outputs = StateHasher.Empty;

    // Orders as they ended, and as late reports changed them, since the session began: a checkpoint does not look at thousands of them again.
    private StateHasher _ended = StateHasher.Empty;
    private int _session;
    private long _sequence;
    private long _nowNs;

    public OrderDesk(InstrumentTable instruments, IBookSource books, OrderManager orders, RiskGate risk, PositionKeeper positions)
    {
        _instruments = instruments;
        _books = books;
        Orders = orders;
        Risk = risk;
        Positions = positions;
        Venues = new VenueReconciliation(instruments, orders);
        _status = new InstrumentStatus[instruments.Count + 1];
        _closesNs = new long[instruments.Count + 1];
        foreach (var instrument in instruments.All) _status[instrument.Id.Value] = instrument.Status;
        _held = new HeldOrders(instruments.Count);
        _parents = new ParentDesk(this, orders.Parents, instruments, books);
        Controls = new TradeControls(instruments, orders, risk, positions);
    }

    public OrderManager Orders { get; }

    public RiskGate Risk { get; }

    public PositionKeeper Positions { get; }

    public VenueReconciliation Venues { get; }

    /// <summary>Breakers, windows, and limits of strategies and venues.</summary>
    public TradeControls Controls { get; }

    /// <summary>What the venues allow; none until told.</summary>
    public VenueOrderRates Rates { get; } = new();

    /// <summary>Off in replays of sessions of before format 5.</summary>
    public bool IsFormat5 { get; set; } = true;

    public Notional GrossExposure => Controls.Exposures.Total;

    /// <summary>Orders of later calls get ids of this session; everything live is unknown until the venue is asked.</summary>
    /// <param name="session">Its number.</param>
    /// <param name="nowNs">Engine time; another clock than that of the session before.</param>
    /// <param name="journal">Where outputs go.</param>
    /// <param name="outbox">Where orders go.</param>
    /// <param name="unixNs">Unix time at <paramref name="nowNs"/>; zero where nobody knows: then orders with a date are cancelled.</param>
    public void BeginSession(int session, long nowNs, IJournalAppender journal, IOrderOutbox outbox, long unixNs = 0)
    {
        var lastNowNs = _nowNs;
        _parents.BeginSession(nowNs - lastNowNs);
        _session = session;
        _sequence = 0;
        _journal = journal;
        _outbox = outbox;
        _nowNs = nowNs;
        Array.Clear(_closesNs); // another clock
        Risk.ClearMessages();
        Controls.BeginSession(nowNs, journal);
        Rates.BeginSession();
        Venues.BeginSession();
        Orders.OnRecovered(nowNs);
        BeginSessionOfCare(nowNs, lastNowNs, unixNs);
        _ended = StateHasher.Empty;
        AddEnded(ref _ended);
    }

    /// <summary>Checks, records, journals and hands over one order. Allocates nothing.</summary>
    /// <param name="wish">The id is given here when it has none.</param>
    /// <param name="isStrategyDisabled">Its strategy may not trade.</param>
    /// <param name="nowNs">Engine time.</param>
    public PlaceResult Place(in OrderRequest wish, bool isStrategyDisabled, long nowNs)
    {
        _nowNs = nowNs;
        return NeedsCare(wish) ? PlaceWithCare(wish, isStrategyDisabled) : PlaceNow(wish, isStrategyDisabled);
    }

    private PlaceResult PlaceNow(in OrderRequest wish, bool isStrategyDisabled)
    {
        var nowNs = _nowNs;
        var id = wish.ClientOrderId.IsNone ? ClientOrderId.Of(_session, _sequence + 1) : wish.ClientOrderId;
        var request = wish with { ClientOrderId = id };
        Gather(request, isStrategyDisabled, out var facts);
        var reject = Risk.Check(request, facts, out var approved);
        if (reject.Rule != RiskRule.None) return Refused(request, reject);

        var venue = _instruments[request.Instrument].Venue;
        if (!Rates.Allows(venue, nowNs)) return Refused(request, Risk.Refused(RiskRule.VenueOrderRate, 1, 0) with { Scope = LimitScope.Of(venue) });
        if (!request.Parent.IsNone && !Orders.Parents.Admit(request)) return Refused(request, Risk.Refused(RiskRule.ParentQuantity, request.Quantity.Raw, 0));
        if (Orders.Create(approved, venue, nowNs) is not { } order)
            return Refused(request, Risk.Refused(RiskRule.PoolFull, Orders.Live.Count + 1, Orders.Live.Count));
        if (wish.ClientOrderId.IsNone) _sequence++;
        return HandOver(order, approved) ? new PlaceResult(order.ClientOrderId) : NotWritten(order, nowNs);
    }

    /// <summary>The one way to the outbox for an order: journaled, then handed over (I1). False when the journal could not take it.</summary>
    private bool HandOver(Order order, in RiskApproved<OrderRequest> approved)
    {
        ref readonly var request = ref approved.Value;
        var nowNs = _nowNs;
        var intent = OrderIntentRecord.Of(request);
        if (!Append(EngineRecordType.OrderIntent, intent)) return false;
        _outputs.Add(request.ClientOrderId.Value, request.Instrument.Value, request.Strategy);
        _outputs.Add(request.Price.Raw, request.Quantity.Raw, ((long)request.Side << 24) | ((long)request.Type << 16) | ((long)request.TimeInForce << 8) | (byte)request.Flags);
        Orders.MarkSent(order, nowNs);
        Risk.CountMessage(nowNs, request.Strategy);
        Rates.Count(order.Venue, nowNs);
        Controls.OnPlaced(request, order.Venue, nowNs);
        _outbox.Place(approved);
        Controls.Exposures.Revalue(request.Instrument, request.Strategy, 0); // at the price it was judged by
        return true;
    }

    /// <summary>False when there is nothing to cancel. Never refused by risk.</summary>
    public bool Cancel(Order order, MonotonicTime trigger, long nowNs)
    {
        _nowNs = nowNs;
        order.ReplaceQuantity = Quantity.Zero;
        if (order.State == OrderState.Held) return EndHeld(order, OrderState.Cancelled, RejectReason.None);
        if (!Orders.TryBeginCancel(order, nowNs)) return false;
        var cancel = new CancelRequest
        {
            ClientOrderId = order.ClientOrderId, Instrument = order.Instrument, VenueOrderId = order.VenueOrderId, Trigger = trigger,
        };
        Send(cancel, order.Request.Strategy);
        return true;
    }

    private void Send(in CancelRequest cancel, ushort strategy)
    {
        var intent = new CancelIntentRecord { ClientOrderId = cancel.ClientOrderId.Value, Instrument = cancel.Instrument.Value, TriggerNs = cancel.Trigger.Ns };
        Append(EngineRecordType.CancelIntent, intent);
        _outputs.Add((long)EngineRecordType.CancelIntent, cancel.ClientOrderId.Value, cancel.Instrument.Value);
        Risk.CountMessage(_nowNs, strategy);
        _outbox.Cancel(cancel);
    }

    /// <summary>Cancels what is live of one strategy, or of all (0). Returns how many cancels went out.</summary>
    public int CancelAll(int strategy, long nowNs)
    {
        _nowNs = nowNs;
        _parents.EndAll(strategy);
        var cancels = 0;
        for (var order = Orders.Live.First; order is not null;)
        {
            var following = OrderList.After(order);
            if ((strategy == 0 || order.Request.Strategy == strategy) && Cancel(order, default, nowNs)) cancels++;
            order = following;
        }

        return cancels;
    }

    /// <summary>Cancels what is live within the scope. Returns how many cancels went out.</summary>
    public int CancelAll(LimitScope scope, long nowNs)
    {
        if (scope.Kind is LimitScopeKind.Node or LimitScopeKind.Strategy) return CancelAll(scope.Id, nowNs);
        _nowNs = nowNs;
        _parents.EndWithin(scope);
        var cancels = 0;
        for (var order = Orders.Live.First; order is not null;)
        {
            var following = OrderList.After(order);
            var isMeant = scope.Kind == LimitScopeKind.Venue ? order.Venue.Value == scope.Id : order.Instrument.Value == scope.Id;
            if (isMeant && Cancel(order, default, nowNs)) cancels++;
            order = following;
        }

        return cancels;
    }

    /// <summary>The book changed: windows, breakers, profit and loss.</summary>
    public void OnPrice(InstrumentId instrument, long nowNs)
    {
        Controls.OnPrice(instrument, TradableMidTwice(instrument), nowNs);
        CancelWhatTripped(nowNs);
    }

    /// <summary>What a breaker that has just tripped wants off the market.</summary>
    public void CancelWhatTripped(long nowNs)
    {
        while (Controls.TryTakeCancel(out var scope)) CancelAll(scope, nowNs);
    }

    /// <summary>One report: order state, then position, then ledger. Allocates nothing.</summary>
    public ReportOutcome Apply(in ExecutionReport received, long nowNs, out Order? order)
    {
        _nowNs = nowNs;
        order = received.ClientOrderId.IsNone ? null : Orders.Find(received.ClientOrderId);
        if (order is not null && received.Instrument != InstrumentId.None && received.Side != Side.None && received.Venue != default)
            return Apply(received, ref order);
        var report = received;
        if (report.ClientOrderId.IsNone && report.Kind == ExecutionKind.Fill)
        {
            order = Orders.FindByVenueOrderId(report);
            if (order is not null) report.ClientOrderId = order.ClientOrderId;
        }

        if (order is not null)
        {
            // Some private streams name neither side nor market again; our record does.
            if (report.Instrument == InstrumentId.None) report.Instrument = order.Instrument;
            if (report.Side == Side.None) report.Side = order.Side;
            if (report.Venue == default) report.Venue = order.Venue;
        }

        return Apply(report, ref order);
    }

    private ReportOutcome Apply(in ExecutionReport report, ref Order? order)
    {
        var nowNs = _nowNs;
        if (order is not null && (report.Instrument != order.Instrument || report.Side != order.Side))
        {
            Orders.Statistics.IllegalReports++;
            return ReportOutcome.Illegal;
        }

        if (order is null && !_instruments.Contains(report.Instrument))
        {
            Orders.Statistics.ExternalReports++;
            return ReportOutcome.External;
        }

        if (IsFormat5 && IsUnbookable(report, order)) return ReportOutcome.Illegal;
        var before = order?.State ?? OrderState.None;
        var outcome = Orders.Apply(report, nowNs, out order);
        if (report.Kind == ExecutionKind.OrderStatus && order is not null) Venues.Saw(order);
        switch (outcome)
        {
            case ReportOutcome.Fill or ReportOutcome.LateFill or ReportOutcome.OrphanFill:
                Positions.Apply(order?.Request.Strategy ?? 0, report);
                if (IsFormat5) CountOtherFee(order?.Request.Strategy ?? 0, report);
                Venues.OnFill(report);
                if (order is not null) Orders.NotifyFilled(order, report);
                break;
            case ReportOutcome.Stray:
                order = Orders.Adopt(report, nowNs);
                if (order is not null) Cancel(order, report.Received, nowNs);
                break;
            case ReportOutcome.Reappeared:
                // By name, without a record that could count: if it is live its fills are accounted as they come, if the report is old the cancel
                // finds nothing.
                var again = new CancelRequest
                {
                    ClientOrderId = report.ClientOrderId, Instrument = report.Instrument, VenueOrderId = report.VenueOrderId, Trigger = report.Received,
                };
                Send(again, order?.Request.Strategy ?? 0);
                break;
            default:
                break;
        }

        if (_instruments.Contains(report.Instrument))
        {
            Revalue(report.Instrument, order?.Request.Strategy ?? 0);
            Controls.OnReport(report, outcome, order, before, nowNs);
            CancelWhatTripped(nowNs);
        }

        if (order is not null) Follow(order, report, outcome);
        if (Orders.Parents.IsDirty) _parents.Step(nowNs);
        if (order is { IsLive: false } && outcome is not (ReportOutcome.Unchanged or ReportOutcome.DuplicateFill or ReportOutcome.Illegal))
            Add(ref _ended, order);
        return outcome;
    }

    /// <summary>One funding payment, once.</summary>
    public void Apply(in FundingReport funding, long nowNs)
    {
        if (!_fundings.TryAdd(new FillKey(funding.PaymentId, funding.Instrument, funding.Venue, Side.None)))
        {
            Positions.Statistics.FundingsRepeated++;
            return;
        }

        if (!Positions.Apply(funding)) return;
        Controls.OnFunding(funding.Instrument, nowNs);
        CancelWhatTripped(nowNs);
    }

    /// <summary>Timeouts, queries of unknown outcomes, and fills that are missing.</summary>
    public void OnTimer(long nowNs)
    {
        _nowNs = nowNs;
        Orders.OnTimer(nowNs, this);
        Venues.OnTimer(nowNs, this);
        ExpireOrders();
        TryReleaseTriggered();
        _parents.Step(nowNs);
    }

    public void Query(Order order)
    {
        _outputs.Add((long)ExecutionKind.OrderStatus, order.ClientOrderId.Value, order.Queries);
        _outbox.Query(order.ClientOrderId, order.VenueOrderId, order.Instrument);
    }

    /// <summary>Asks a venue for its open orders, fills and balances.</summary>
    public void Reconcile(VenueId venue, long nowNs)
    {
        _nowNs = nowNs;
        var since = Venues.Begin(venue, _nowNs);
        _outputs.Add((long)EngineRecordType.VenueReconciled, venue.Value, since.UnixNs);
        _outbox.Reconcile(venue, since);
    }

    /// <summary>Best bid + best ask of the book, or of the last good one seen here; zero before the first. Changes nothing.</summary>
    public Int128 MidTwice(InstrumentId instrument) =>
        TradableMidTwice(instrument) is var mid && mid > 0 ? mid : Controls.Exposures.MidTwice(instrument);

    /// <summary>Everything that decides what comes next, in one number (I9).</summary>
    public ulong Hash()
    {
        var hash = _outputs;
        for (var order = Orders.Live.First; order is not null; order = OrderList.After(order)) Add(ref hash, order);
        if (Orders.IsFormat4) hash.Add((long)_ended.Value);
        else AddEnded(ref hash);
        // By number: a checkpoint is hashed on the hot thread, and the enumerator of a list seen as an interface is an object.
        for (var id = 1; id <= _instruments.Count; id++)
        {
            for (var strategy = 0; strategy <= Positions.Strategies; strategy++)
            {
                ref readonly var position = ref Positions.Of(strategy, new InstrumentId(id));
                if (position.Fills == 0) continue;
                hash.Add(id, strategy, position.Quantity.Raw);
                hash.Add(position.Cost.Raw);
                hash.Add(position.Realised.Raw);
                hash.Add(position.FeesQuote.Raw);
            }
        }

        foreach (ref readonly var account in Positions.Accounts)
        {
            hash.Add(account.Cash.Raw);
            hash.Add(account.Fees.Raw);
            hash.Add(account.Opening.Raw);
            if (Controls.IsOn) hash.Add(account.Funding.Raw);
        }

        Positions.AddContracts(ref hash);
        Positions.AddOtherFees(ref hash);
        Venues.Add(ref hash);
        foreach (ref readonly var parent in Orders.Parents.Records) Add(ref hash, parent, IsFormat5);
        hash.Add(Risk.IsKilled ? 1 : 0, (long)Risk.State, (long)Risk.Degradation);
        if (!Controls.IsOn) return hash.Value; // as the builds of that time had it
        hash.Add(Risk.Kills.ChangesHash);
        if (_unixAtZeroNs != 0) hash.Add(_unixAtZeroNs);
        Controls.AddTo(ref hash);
        return hash.Value;
    }

    private void AddEnded(ref StateHasher hash)
    {
        for (var order = Orders.Ended.First; order is not null; order = OrderList.After(order)) Add(ref hash, order);
    }

    private static void Add(ref StateHasher hash, Order order)
    {
        hash.Add(order.ClientOrderId.Value, (long)order.State, order.Filled.Raw);
        hash.Add(order.Reported.Raw, order.UpdatedNs, order.IsCancelPending ? 1 : 0);
        hash.Add(order.FilledValue.Raw);
        // Only where there is something to say: journals of before these existed keep their hashes.
        if (order.Amends > 0 || order.IsAmendPending || order.UncertainQuantity.Raw > 0)
        {
            hash.Add(order.Request.Price.Raw, order.Request.Quantity.Raw, order.UncertainQuantity.Raw);
            hash.Add(order.AmendPrice.Raw, order.AmendQuantity.Raw, order.IsAmendPending ? 1 : 0);
        }

        if (order.ExpiresNs != 0 || order.IsTriggered || order.IsReduceOnly || order.ReplaceQuantity.Raw > 0)
            hash.Add(order.ExpiresNs, (order.IsTriggered ? 2 : 0) | (order.IsReduceOnly ? 1 : 0), order.ReplaceQuantity.Raw);
    }

    /// <summary>
    /// The facts the order is judged by, each written where the gate reads it: a copy of a fresh structure makes the core wait for its own
    /// stores.
    /// </summary>
    private void Gather(in OrderRequest request, bool isStrategyDisabled, out RiskExposure facts)
    {
        facts = default;
        facts.NowNs = _nowNs;
        facts.IsStrategyDisabled = isStrategyDisabled;
        if (!_instruments.Contains(request.Instrument)) return;
        var instrument = request.Instrument;
        var midTwice = TradableMidTwice(instrument);
        Controls.Exposures.Revalue(instrument, request.Strategy, midTwice);
        ref readonly var payer = ref request.Side == Side.Buy ? ref Positions.QuoteAccount(instrument) : ref Positions.BaseAccount(instrument);
        facts.MidTwiceRaw = midTwice;
        facts.Status = _status[instrument.Value];
        facts.Position = Positions.Total(instrument);
        facts.OpenBuy = Orders.OpenBuy(instrument);
        facts.OpenSell = Orders.OpenSell(instrument);
        facts.OpenOrders = Orders.OpenOrders(instrument);
        facts.GrossExposure = Controls.Exposures.Total;
        facts.IsDuplicate = Orders.Find(request.ClientOrderId) is not null;
        facts.IsUnresolved = Venues.IsUnresolved(instrument);
        facts.IsBalanceKnown = payer.IsReported && _instruments[instrument].Kind == InstrumentKind.Spot;
        facts.Free = payer.Free;
    }

    private Int128 TradableMidTwice(InstrumentId instrument)
    {
        if (_books.Find(instrument) is not { IsTradable: true } book) return 0;
        return book.TryBest(Side.Buy, out var bid) && book.TryBest(Side.Sell, out var ask) ? (Int128)bid.Price.Raw + ask.Price.Raw : 0;
    }

    private void Revalue(InstrumentId instrument, int strategy) => Controls.Exposures.Revalue(instrument, strategy, TradableMidTwice(instrument));

    private PlaceResult Refused(in OrderRequest request, in RiskReject reject)
    {
        WriteRefusal(request, reject);
        return new PlaceResult(default, reject);
    }

    /// <summary>Whatever was asked for and refused: a new order, a stop that woke, a change, a parent order.</summary>
    private void WriteRefusal(in OrderRequest request, in RiskReject reject)
    {
        if (Controls.IsOn) Controls.Refusals.Add(request, reject, _nowNs);
    }

    private bool Append<T>(EngineRecordType type, in T record)
        where T : unmanaged => _journal.Append((ushort)type, MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in record))) >= 0;
}
