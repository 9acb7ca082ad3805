using Penstock.Infrastructure.Snapshots;
using Penstock.Infrastructure.Time;
using Penstock.MarketData.Books;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Trading.Execution;
using Penstock.Trading.Recovery;

namespace Penstock.Strategies;

/// <summary>
/// Runs one strategy and keeps its failures to itself: a call that throws, or sends without end, is the last one; its quotes are
/// cleared and its orders cancelled; the others notice nothing.
/// </summary>
public sealed partial class StrategyRunner
{
    private readonly OrderDesk _desk;
    private readonly EngineStatistics _statistics;
    private HostedStrategy _current;

    internal StrategyRunner(IStrategy strategy, StrategyContext context, OrderDesk desk, EngineStatistics statistics)
    {
        _current = new HostedStrategy(strategy, context);
        _desk = desk;
        _statistics = statistics;
        Version = context.Setup.Version;
    }

    public StrategyContext Context => _current.Context;

    /// <summary>The JSON it runs with now, changes at run time included.</summary>
    public string Configuration => _current.Configuration;

    public bool IsEnabled { get; private set; } = true;

    /// <summary>False when its OnStart threw: it cannot be resumed, only started anew with the node.</summary>
    public bool IsStarted { get; private set; }

    /// <summary>Handlers that threw.</summary>
    public long Faults { get; private set; }

    /// <summary>Books, trades and timers it was called for.</summary>
    public long Events { get; private set; }

    /// <summary>Books it was shown: each changed one once per batch of events.</summary>
    public long Books { get; private set; }

    /// <summary>Trades it was shown: every one of its instruments.</summary>
    public long Trades { get; private set; }

    /// <summary>The last exception, for a person to read.</summary>
    public string LastFault { get; private set; } = "";

    /// <summary>Null where no time is taken: in replay, recovery and back test.</summary>
    public StrategyBudget? Budget { get; private set; }

    /// <summary>Takes the time of every call from now on.</summary>
    public void Measure(IMonotonicClock clock)
    {
        _measuredBy = clock;
        Budget = new StrategyBudget(clock, Context.Setup.BudgetUs);
    }

    internal void Start()
    {
        _current.Start();
        IsStarted = _current.Fault is null;
        Judge();
    }

    internal void OnSession()
    {
        AbandonSwap();
        if (!IsStarted) return;
        _current.OnSession();
        Judge();
    }

    internal void OnBook(Instrument instrument, IOrderBook? book)
    {
        if (IsEnabled)
        {
            Books++;
            Begin();
            _current.OnBook(instrument, book);
            End();
        }

        if (_swap is not { } swap) return;
        var before = BeginNext(swap);
        swap.Next.OnBook(instrument, book);
        EndNext(swap, before, isMarket: true);
    }

    internal void OnTrade(in MarketEvent trade)
    {
        if (IsEnabled)
        {
            Trades++;
            Begin();
            _current.OnTrade(trade);
            End();
        }

        if (_swap is not { } swap) return;
        var before = BeginNext(swap);
        swap.Next.OnTrade(trade);
        EndNext(swap, before, isMarket: true);
    }

    internal void OnOrder(in OrderEvent order)
    {
        if (IsEnabled)
        {
            Begin();
            _current.OnOrder(order);
            End();
        }

        if (_swap is not { } swap) return;
        var before = BeginNext(swap);
        swap.Next.OnOrder(order);
        EndNext(swap, before, isMarket: false);
    }

    internal void OnParent(in ParentEvent parent)
    {
        if (IsEnabled)
        {
            Begin();
            _current.OnParent(parent);
            End();
        }

        if (_swap is not { } swap) return;
        var before = BeginNext(swap);
        swap.Next.OnParent(parent);
        EndNext(swap, before, isMarket: false);
    }

    internal void OnTimer(MonotonicTime now)
    {
        if (IsEnabled)
        {
            Begin();
            _current.OnTimer(now);
            End();
        }

        if (_swap is not { } swap) return;
        var before = BeginNext(swap);
        swap.Next.OnTimer(now);
        EndNext(swap, before, isMarket: false);
        Drain(now.Ns);
    }

    internal void OnHealth(in HealthEvent health)
    {
        if (IsEnabled)
        {
            Begin();
            _current.OnHealth(health);
            End();
        }

        if (_swap is not { } swap) return;
        var before = BeginNext(swap);
        swap.Next.OnHealth(health);
        EndNext(swap, before, isMarket: false);
    }

    internal void Stop()
    {
        if (!IsEnabled) return;
        _current.Stop();
        Judge();
    }

    internal CommandResult SetEnabled(bool enabled)
    {
        if (enabled && !IsStarted) return new CommandResult(false, $"Strategy {Context.Id} failed at its start: {FirstLine(LastFault)}");
        IsEnabled = enabled;
        Context.IsDisabled = !enabled;
        if (enabled) return new CommandResult(true, "Done.");
        Context.ClearQuotes();
        _desk.CancelAll(Context.Id, Context.Now.Ns);
        return new CommandResult(true, "Done.");
    }

    /// <summary>Changes settings between two events.</summary>
    /// <param name="changes">A JSON object of those that change.</param>
    internal CommandResult Configure(string changes)
    {
        if (!IsStarted) return new CommandResult(false, $"Strategy {Context.Id} failed at its start: {FirstLine(LastFault)}");
        if (_swap is not null) return new CommandResult(false, $"Strategy {Context.Id} is being swapped: wait until it is done, or cancel the swap.");
        if (_current.Configure(changes) is { } wrong) return new CommandResult(false, wrong);
        Judge();
        return new CommandResult(true, Configuration);
    }

    /// <summary>The strategy's state, with what the engine keeps for it.</summary>
    internal void Archive(StateArchive state)
    {
        state.Part($"strategy-{Context.Id}", 4, part =>
        {
            IsEnabled = part.Value(IsEnabled);
            Faults = part.Value(Faults);
            LastFault = part.Text(LastFault);
            if (part.Version >= 2)
            {
                IsStarted = part.Value(IsStarted);
                Events = part.Value(Events);
                _current.ArchiveConfiguration(part);
            }

            if (part.Version >= 3) (Books, Trades) = (part.Value(Books), part.Value(Trades));
            Context.Archive(part, hasAmends: part.Version >= 4);
        });
        Archive(state, _current, $"strategy-{Context.Id}");
        ArchiveSwap(state);
    }

    internal static string FirstLine(string text) => text.Split('\n')[0].TrimEnd();

    /// <summary>What a version remembers: its own, and what the base keeps for it.</summary>
    private static void Archive(StateArchive state, HostedStrategy hosted, string name)
    {
        var (own, kept) = (name + "-own", name + "-kept");
        if (hosted.Strategy.StateVersion > 0 && state.Has(own)) state.Part(own, hosted.Strategy.StateVersion, hosted.Strategy.OnState);
        if (hosted.Strategy is IKeptState { HasKept: true } keeper && state.Has(kept)) state.Part(kept, 1, keeper.ArchiveKept);
    }

    private void Begin() => Budget?.Begin();

    private void End()
    {
        Events++;
        Budget?.End();
        Judge();
    }

    private void Judge()
    {
        if (_current.Fault is not { } fault) return;
        Faults++;
        _statistics.StrategyFaults++;
        if (fault is RunawayStrategyException) _statistics.StrategyRunaways++;
        LastFault = fault.ToString();
        SetEnabled(false);
    }
}
