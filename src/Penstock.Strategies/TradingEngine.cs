using System.Runtime.InteropServices;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Infrastructure.Journal;
using Penstock.MarketData.Books;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading;
using Penstock.Trading.Execution;
using Penstock.Trading.Orders;
using Penstock.Trading.Positions;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;

namespace Penstock.Strategies;

/// <summary>
/// The trading core: one deterministic single writer (R92). Inputs — market events, reports, balances, sessions, time,
/// commands — are journaled, then applied, one after the other; orders and state follow from them alone. It reads no clock,
/// so a replay of the journal is the same run: recovery, back test and standby are this class fed from a file.
/// <code>
///   input → journal → books · orders · positions → strategies → risk → journal → outbox
/// </code>
/// </summary>
public sealed partial class TradingEngine : IExecutionListener, IOrderObserver
{
    /// <summary>Events of one journal record; a longer span becomes several records, in live and replay alike.</summary>
    public const int EventsPerRecord = 512;

    private const long SweepIntervalNs = 1_000_000_000;

    private readonly IBookSource _books;
    private readonly InstrumentTable _instruments;
    private readonly StrategyRunner[] _runners;
    private readonly StrategyRunner[][] _runnersOf;
    private readonly EngineClock _clock = new();
    private readonly InstrumentId[] _touched;
    private readonly bool[] _isTouched;
    private readonly List<Order> _becameUnknown = new(64);
    private readonly int _checkpointInterval;
    private readonly OrderCommands _orderCommands;
    private IJournalAppender _journal = null!;
    private int _touchedCount;
    private long _sessionInputs;
    private long _nextSweepNs;

    public TradingEngine(TradingEngineSetup setup)
    {
        _instruments = setup.Instruments;
        _books = setup.Books;
        _versions = setup.Versions;
        _checkpointInterval = setup.CheckpointInterval;
        var orders = new OrderManager(_instruments.Count, setup.Orders, setup.Strategies.Count);
        orders.AddObserver(this);
        orders.Parents.AddObserver(this);
        var risk = new RiskGate(_instruments, setup.Limits, setup.Strategies.Count);
        foreach (var limit in setup.NamedLimits)
            if (ControlCommands.SetLimit(risk, limit) is { Done: false } wrong) throw new ArgumentException(wrong.Message, nameof(setup));
        Desk = new OrderDesk(_instruments, _books, orders, risk, new PositionKeeper(_instruments, setup.Strategies.Count));
        Desk.Venues.IsRequired = setup.RequireReconciliation;
        foreach (var venue in setup.OrderLimits.Keys.Union(setup.Amends.Keys))
            Desk.Rates.Set(venue, setup.OrderLimits.GetValueOrDefault(venue, []), setup.Amends.GetValueOrDefault(venue));
        foreach (var (venue, (makerPpm, takerPpm)) in setup.Fees) Desk.Fees.Set(venue, makerPpm, takerPpm);
        foreach (var (instrument, rates) in setup.InstrumentFees) Desk.Fees.Set(instrument, rates);
        _orderCommands = new OrderCommands(Desk, _instruments);
        _runners = [.. setup.Strategies.Select((s, i) => RunnerOf(s.Setup, s.Strategy, i + 1))];
        _runnersOf = [.. Enumerable.Range(0, _instruments.Count + 1)
            .Select(i => _runners.Where(r => r.Context.Instruments.Contains(new InstrumentId(i))).ToArray())];
        _touched = new InstrumentId[_instruments.Count];
        _isTouched = new bool[_instruments.Count + 1];
    }

    public OrderDesk Desk { get; }

    public OrderManager Orders => Desk.Orders;

    public RiskGate Risk => Desk.Risk;

    public PositionKeeper Positions => Desk.Positions;

    public InstrumentTable Instruments => _instruments;

    /// <summary>The engine's own book, for readers on its thread; null before its first event.</summary>
    public IOrderBook? BookOf(InstrumentId instrument) => _books.Find(instrument);

    public EngineStatistics Statistics { get; } = new();

    /// <summary>In which strategy's call the engine's thread is; for a watcher on another thread.</summary>
    public StrategyCalls Calls { get; } = new();

    public IReadOnlyList<StrategyRunner> Strategies => _runners;

    /// <summary>Zero before the first session.</summary>
    public int Session { get; private set; }

    /// <summary>Engine time: the newest stamp of any input of this session.</summary>
    public MonotonicTime Now => new(_clock.NowNs);

    public NodeState State => Risk.State;

    /// <summary>Over outputs, orders, positions and ledger; equal in live and replay at the same record (I9).</summary>
    public ulong StateHash => HashWithFaults(HashWithSwaps(Desk.Hash()));

    /// <summary>
    /// Starts the first session, or the next one after a recovery. State carries over; the lifecycle starts at Init, books wait
    /// for snapshots, live orders are unknown until their venues are reconciled; a kill stays in force.
    /// </summary>
    public void BeginSession(SessionInfo session, IJournalAppender journal, IOrderOutbox outbox)
    {
        if (session.Session <= Session) throw new ArgumentException($"Session {session.Session} follows {Session}: numbers must rise.", nameof(session));
        _journal = journal;
        Append(EngineRecordType.SessionStart, EngineRecords.Encode(session));
        var isFirst = Session == 0;
        Session = session.Session;
        _sessionInputs = 0;
        _nextSweepNs = 0;
        Statistics.Sessions++;
        _clock.NowNs = session.NowNs; // may go back: another boot, another clock
        _clock.TriggerNs = 0;
        Risk.SetState(NodeState.Init, Degradation.None);
        SetFormat(session.Format);
        ForgetFaults();
        Calls.At(Session, -1);
        Try(EngineRecordType.SessionStart, () =>
        {
            Desk.BeginSession(session.Session, session.NowNs, journal, outbox, session.UnixNs);
            _becameUnknown.Clear();
            InvalidateBooks(session.NowNs);
        });
        BeginAudit(session);
        foreach (var runner in _runners) Try(EngineRecordType.SessionStart, () => BeginSession(runner, session.Seed, isFirst));
        Calls.At(Session, 0);
    }

    /// <summary>
    /// Market events in the order received: all of one socket read, or of one ring poll. Strategies see each changed book
    /// once, after the last of them. Allocates nothing.
    /// </summary>
    public void OnMarketEvents(ReadOnlySpan<MarketEvent> events)
    {
        while (!events.IsEmpty)
        {
            var record = events[..Math.Min(events.Length, EventsPerRecord)];
            Append(EngineRecordType.MarketBatch, MemoryMarshal.AsBytes(record));
            if (!TryApply(record)) return;
            Statistics.MarketEvents += record.Length;
            CountInput();
            events = events[record.Length..];
        }
    }

    public void OnReport(in ExecutionReport report)
    {
        Journal(EngineRecordType.Report, report);
        _clock.Advance(report.Received.Ns);
        Statistics.Reports++;
        try
        {
            var outcome = Desk.Apply(report, _clock.NowNs, out var order);
            if (order is not null && outcome is not (ReportOutcome.Unchanged or ReportOutcome.DuplicateFill or ReportOutcome.Illegal))
                DispatchOrder(order, report, outcome);
        }
        catch (Exception e)
        {
            if (!GoesOnAfter(EngineRecordType.Report, e)) return;
        }

        _becameUnknown.Clear(); // the report told them already
        CountInput();
    }

    public void OnBalance(in BalanceReport balance)
    {
        Journal(EngineRecordType.Balance, balance);
        _clock.Advance(balance.Received.Ns);
        Statistics.Balances++;
        try
        {
            Positions.Reconcile(balance, _clock.NowNs);
        }
        catch (Exception e)
        {
            if (!GoesOnAfter(EngineRecordType.Balance, e)) return;
        }

        CountInput();
    }

    /// <summary>A venue's order session came or went. A new one is reconciled before its instruments take orders again.</summary>
    public void OnSession(VenueId venue, bool ready, DisconnectReason reason, long nowNs)
    {
        Journal(EngineRecordType.VenueSession, new VenueRecord { NowNs = nowNs, Venue = venue.Value, Flag = ready ? (byte)1 : (byte)0, Reason = (byte)reason });
        _clock.Advance(nowNs);
        try
        {
            if (ready) Desk.Reconcile(venue, _clock.NowNs);
            else LoseSession(venue);
        }
        catch (Exception e)
        {
            if (!GoesOnAfter(EngineRecordType.VenueSession, e)) return;
        }

        CountInput();
    }

    /// <summary>A funding payment; one that was applied already is only counted.</summary>
    public void OnFunding(in FundingReport funding)
    {
        Journal(EngineRecordType.Funding, funding);
        _clock.Advance(funding.Received.Ns);
        try
        {
            Desk.Apply(funding, _clock.NowNs);
        }
        catch (Exception e)
        {
            if (!GoesOnAfter(EngineRecordType.Funding, e)) return;
        }

        CountInput();
    }

    public void OnReconciled(VenueId venue, bool succeeded, long nowNs)
    {
        Journal(EngineRecordType.VenueReconciled, new VenueRecord { NowNs = nowNs, Venue = venue.Value, Flag = succeeded ? (byte)1 : (byte)0 });
        _clock.Advance(nowNs);
        try
        {
            if (succeeded) Complete(venue);
        }
        catch (Exception e)
        {
            if (!GoesOnAfter(EngineRecordType.VenueReconciled, e)) return;
        }

        CountInput();
    }

    /// <summary>A step of time; every few milliseconds is plenty.</summary>
    public void OnTimer(long nowNs)
    {
        Journal(EngineRecordType.Timer, nowNs);
        _clock.Advance(nowNs);
        _clock.TriggerNs = 0;
        Statistics.Timers++;
        try
        {
            Step();
        }
        catch (Exception e)
        {
            if (!GoesOnAfter(EngineRecordType.Timer, e)) return;
        }

        CountInput();
    }

    /// <summary>Applies one command; journaled with who and why, also when it is refused for its content. May allocate.</summary>
    public CommandResult OnCommand(EngineCommand command)
    {
        if (Math.Max(command.Who.Length, Math.Max(command.Why.Length, command.Text.Length)) > EngineCommand.TextLengthMax)
        {
            Statistics.CommandsRefused++;
            return new CommandResult(false, $"Who, why and text have at most {EngineCommand.TextLengthMax} characters each.");
        }

        var type = command.Kind == EngineCommandKind.SetState ? EngineRecordType.StateChange : EngineRecordType.Command;
        Append(type, EngineRecords.Encode(command));
        _clock.Advance(command.NowNs);
        _clock.TriggerNs = 0;
        if (TryDo(command) is not { } result) return new CommandResult(false, "It failed inside the engine.");
        if (result.Done) Statistics.Commands++;
        else Statistics.CommandsRefused++;
        Audit(command, result);
        CountInput();
        return result;
    }

    /// <summary>Ends the session in order: strategies stop, the final state is journaled. Orders are not touched: drain first.</summary>
    public ulong EndSession()
    {
        Journal(EngineRecordType.SessionEnd, _clock.NowNs);
        foreach (var runner in _runners) Try(EngineRecordType.SessionEnd, runner.Stop);
        Risk.SetState(NodeState.Stopped, Risk.Degradation);
        var hash = StateHash;
        Journal(EngineRecordType.FinalState, new StateRecord { Inputs = _sessionInputs, StateHash = hash });
        return hash;
    }

    void IOrderObserver.OnPlaced(Order order)
    {
    }

    void IOrderObserver.OnAcked(Order order)
    {
    }

    void IOrderObserver.OnFilled(Order order, in ExecutionReport fill)
    {
    }

    void IOrderObserver.OnCancelled(Order order)
    {
    }

    void IOrderObserver.OnRejected(Order order)
    {
    }

    /// <summary>Remembered until the order lists are not being walked: then the strategy may act.</summary>
    void IOrderObserver.OnUnknown(Order order) => _becameUnknown.Add(order);

    /// <summary>Killed or draining, what still lives is cancelled again: a cancel may have been lost or come too early.</summary>
    private void SweepOrders()
    {
        if ((Risk.State != NodeState.Draining && !Risk.Kills.Any) || _clock.NowNs < _nextSweepNs) return;
        _nextSweepNs = _clock.NowNs + SweepIntervalNs;
        if (Risk.State == NodeState.Draining) Desk.CancelAll(0, _clock.NowNs);
        else ControlCommands.CancelWhatIsKilled(Desk, _clock.NowNs);
    }

    private CommandResult Do(EngineCommand command)
    {
        switch (command.Kind)
        {
            case EngineCommandKind.Kill or EngineCommandKind.Resume when _format < Format3:
                return KillEverything(command.Kind == EngineCommandKind.Kill);
            case EngineCommandKind.Kill or EngineCommandKind.Resume or EngineCommandKind.SetLimit or EngineCommandKind.ArmBreaker or EngineCommandKind.BeginDay:
                return ControlCommands.Do(Desk, command, _clock.NowNs);
            case EngineCommandKind.SetLimits:
                return SetLimits(command);
            case EngineCommandKind.SetState:
                SetState(command.State, command.Degradation);
                return new CommandResult(true, $"{command.State}.");
            case EngineCommandKind.CancelAll:
                return new CommandResult(true, $"{Desk.CancelAll(command.Strategy, _clock.NowNs)} cancels sent.");
            case EngineCommandKind.Drain:
                Risk.SetState(NodeState.Draining, Risk.Degradation);
                return new CommandResult(true, $"Draining; {Desk.CancelAll(0, _clock.NowNs)} cancels sent.");
            case EngineCommandKind.EnableStrategy or EngineCommandKind.DisableStrategy:
                if (command.Strategy < 1 || command.Strategy > _runners.Length) return new CommandResult(false, $"There is no strategy {command.Strategy}.");
                return _runners[command.Strategy - 1].SetEnabled(command.Kind == EngineCommandKind.EnableStrategy);
            case EngineCommandKind.ConfigureStrategy:
                if (command.Strategy < 1 || command.Strategy > _runners.Length) return new CommandResult(false, $"There is no strategy {command.Strategy}.");
                return _runners[command.Strategy - 1].Configure(command.Text);
            case EngineCommandKind.SwapStrategy or EngineCommandKind.CancelSwap or EngineCommandKind.TakeOverStrategy or EngineCommandKind.FinishSwap:
                return DoSwap(command);
            case EngineCommandKind.Reconcile:
                if (!_instruments.Contains(command.Instrument)) return new CommandResult(false, $"There is no instrument {command.Instrument.Value}.");
                Desk.Reconcile(_instruments[command.Instrument].Venue, _clock.NowNs);
                return new CommandResult(true, "Asked.");
            case EngineCommandKind.ApproveDifference:
                return ApproveDifference(command);
            case EngineCommandKind.PlaceOrder or EngineCommandKind.CancelOrder or EngineCommandKind.AmendOrder:
                return _orderCommands.Do(command, _clock.NowNs);
            case EngineCommandKind.SetLogLevel or EngineCommandKind.InjectFault:
                return new CommandResult(true, $"{command.Kind} {command.Text}.");
            default:
                return new CommandResult(false, $"There is no command {command.Kind}.");
        }
    }

    /// <summary>What the last session knew of books and silence says nothing of now.</summary>
    private void InvalidateBooks(long nowNs)
    {
        var venue = default(VenueId);
        foreach (var instrument in _instruments.All)
        {
            var known = new MarketEvent { Venue = instrument.Venue, Received = new MonotonicTime(nowNs) };
            if (instrument.Venue != venue) _books.Apply(known with { Kind = MarketEventKind.FeedHealth });
            venue = instrument.Venue;
            _books.Apply(known with { Kind = MarketEventKind.BookInvalid, Instrument = instrument.Id, Flags = MarketEventFlags.Gap });
        }
    }

    private CommandResult SetLimits(EngineCommand command)
    {
        if (command.Instrument != InstrumentId.None && !_instruments.Contains(command.Instrument))
            return new CommandResult(false, $"There is no instrument {command.Instrument.Value}.");
        var problem = RiskLimitsText.TryParse(command.Text, Risk.LimitsOf(command.Instrument), out var limits)
            ?? Risk.TrySetLimits(command.Instrument, limits);
        return new CommandResult(problem is null, problem ?? "Limits set.");
    }

    private void Apply(in MarketEvent marketEvent)
    {
        _clock.Advance(marketEvent.Received.Ns);
        _books.Apply(marketEvent);
        switch (marketEvent.Kind)
        {
            case MarketEventKind.Trade:
                if (!_instruments.Contains(marketEvent.Instrument)) break;
                Desk.OnTrade(marketEvent.Instrument, marketEvent.Price, marketEvent.Received, _clock.NowNs);
                foreach (var runner in _runnersOf[marketEvent.Instrument.Value]) runner.OnTrade(marketEvent);
                break;
            case MarketEventKind.BookDelta or MarketEventKind.BookSnapshot:
                if (marketEvent.IsLast) Touch(marketEvent.Instrument);
                break;
            case MarketEventKind.BookInvalid:
                Touch(marketEvent.Instrument);
                DispatchHealth(marketEvent, isGap: true);
                break;
            case MarketEventKind.FeedHealth:
                TouchVenue(marketEvent);
                DispatchHealth(marketEvent, isGap: false);
                break;
            case MarketEventKind.Status:
                Desk.SetStatus(marketEvent);
                break;
            default:
                break;
        }
    }

    private void CountInput()
    {
        if ((Desk.Told.Count > 0 || _hasParentNews) && !TryTell()) return;
        Statistics.Inputs++;
        _sessionInputs++;
        Calls.At(Session, _sessionInputs);
        if (_sessionInputs % _checkpointInterval != 0) return;
        Statistics.Checkpoints++;
        Journal(EngineRecordType.Checkpoint, new StateRecord { Inputs = _sessionInputs, StateHash = StateHash });
    }

    private void Journal<T>(EngineRecordType type, in T record)
        where T : unmanaged => Append(type, MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in record)));

    private StrategyRunner RunnerOf(StrategySetup setup, IStrategy strategy, int expectedId)
    {
        if (setup.Id != expectedId) throw new ArgumentException($"Strategy ids must be 1, 2, 3 …; found {setup.Id} at place {expectedId}.");
        return new StrategyRunner(strategy, new StrategyContext(setup, Desk, _books, _instruments, _clock) { Calls = Calls }, Desk, Statistics);
    }
}
