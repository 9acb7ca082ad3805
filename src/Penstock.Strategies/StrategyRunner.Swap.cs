using Penstock.Infrastructure.Snapshots;
using Penstock.Infrastructure.Time;
using Penstock.Trading.Orders;
using Penstock.Trading.Recovery;

namespace Penstock.Strategies;

/// <summary>
/// One version of a strategy takes the place of another while all others trade (R74, R96). Both see every event; the new one's orders are
/// withheld until the old one's have ended.
/// <code>
///   swap → LOADED ─first event→ WARMING ─take over→ TAKING OVER ─finish→ active
///             └───────────┴── throws, too slow, cancelled, node ended ──┘→ dropped: the old one goes on
/// </code>
/// Each arrow but the first event is a journaled command, or a session that begins.
/// </summary>
public sealed partial class StrategyRunner
{
    private const long SweepIntervalNs = 1_000_000_000;

    private IMonotonicClock? _measuredBy;
    private StrategySwap? _swap;
    private SwapOrder? _active;

    /// <summary>Which code trades.</summary>
    public StrategyVersion Version { get; private set; }

    /// <summary>The version on its way in; null while there is none.</summary>
    public StrategySwap? Swap => _swap;

    /// <summary>What came of the last swap, for a person to read; empty before the first.</summary>
    public string LastSwap { get; private set; } = "";

    /// <summary>The new version begins to look on. Nothing changes when it cannot.</summary>
    internal CommandResult BeginSwap(SwapOrder order, IStrategyVersions? versions)
    {
        if (_swap is not null) return Refused($"is being swapped to {_swap.Order.Version} already");
        if (Prepare(order, versions, out var wrong) is not { } next) return Refused(wrong);
        next.Start();
        if (next.Fault is { } fault) return Refused($"keeps its version: {order.Version} threw at its start: {Told(fault)}");
        var passes = StatePassedOn(next); // asks the new version, which may throw: before anything has changed
        _swap = new StrategySwap(order, next) { Budget = _measuredBy is { } clock ? new StrategyBudget(clock, Context.Setup.BudgetUs) : null };
        _statistics.SwapsBegun++;
        LastSwap = $"{order.Version} warms up";
        return new CommandResult(true, $"Strategy {Context.Id}: {LastSwap}; {passes}.");
    }

    internal CommandResult CancelSwap(string why)
    {
        if (_swap is not { } swap) return Refused("is not being swapped");
        Drop(swap, $"cancelled: {why}");
        return new CommandResult(true, $"Strategy {Context.Id} stays with {Version}.");
    }

    /// <summary>From here on neither version places an order, until those of the old one have ended or the new one has taken them.</summary>
    internal CommandResult TakeOver()
    {
        if (_swap is not { Step: SwapStep.TakeOver } swap) return Refused("has no new version that has warmed up");
        var adopts = swap.Next.Strategy.AdoptsOrders; // may throw: before anything has changed
        swap.BeginTakeOver();
        Context.IsWithheld = true;
        if (adopts)
        {
            swap.Next.Context.AdoptQuotes(Context);
            return Finish(swap, "it takes over the resting orders");
        }

        Context.ClearQuotes();
        swap.NextSweepNs = Context.Now.Ns + SweepIntervalNs;
        var cancels = _desk.CancelAll(Context.Id, Context.Now.Ns);
        return new CommandResult(true, $"Strategy {Context.Id}: {cancels} cancels sent; {swap.Order.Version} trades when they have ended.");
    }

    internal CommandResult FinishSwap() =>
        _swap is not { Phase: SwapPhase.TakingOver } swap ? Refused("is not being taken over")
        : HasLiveOrders() ? Refused("still has orders of its old version") : Finish(swap, "the old one's orders have ended");

    /// <summary>The code the state was saved with, before anything is started. Loading only.</summary>
    /// <exception cref="InvalidDataException">It is not there, or refuses its settings.</exception>
    internal void LoadVersion(StateArchive state, IStrategyVersions? versions)
    {
        var name = $"strategy-{Context.Id}-version";
        if (!state.Has(name)) return;
        SwapOrder? active = null, coming = null;
        state.Part(name, 1, part =>
        {
            (active, coming) = (SwapOrder.TryParse(part.Text("")), SwapOrder.TryParse(part.Text("")));
            LastSwap = part.Text("");
            part.Value(false);
            part.Value(0L);
        });
        if (active is not null) (_current, _active, Version) = (Loaded(active, versions), active, active.Version);
        if (coming is null) return;
        _swap = new StrategySwap(coming, Loaded(coming, versions));
        _swap.Next.Start();
    }

    private HostedStrategy Loaded(SwapOrder order, IStrategyVersions? versions) => Prepare(order, versions, out var wrong)
        ?? throw new InvalidDataException($"Strategy {Context.Id} {wrong}");

    private HostedStrategy? Prepare(SwapOrder order, IStrategyVersions? versions, out string wrong)
    {
        wrong = "keeps its version: this engine was given no plugins to swap with";
        if (versions is null) return null;
        if (versions.Create(order.Version, order.Strategy, out var problem) is not { } strategy)
        {
            wrong = $"keeps its version: {problem}";
            return null;
        }

        var next = new HostedStrategy(strategy, Context.Beside(order.Settings));
        // Whatever it does at its start is withheld already.
        next.Context.IsWithheld = true;
        if (next.Prepare(order.Settings) is { } refused)
        {
            wrong = $"keeps its version: {order.Version} refuses its settings: {refused}";
            return null;
        }

        return next;
    }

    /// <summary>The pointer is set; everything before it was done beside the trading version.</summary>
    private CommandResult Finish(StrategySwap swap, string how)
    {
        var (old, next) = (_current, swap.Next);
        string passed;
        try
        {
            passed = PassOn(old, next);
        }
        catch (Exception e)
        {
            // Half a state is none: what it has seen cannot be told from what it was given any more.
            Drop(swap, $"it could not take the saved state: {Told(e)}");
            return Refused($"stays with {Version}: {swap.Order.Version} could not take the saved state: {Told(e)}");
        }

        old.Stop();
        next.Context.IsWithheld = false;
        next.Context.IsDisabled = !IsEnabled;
        (_current, _swap, IsStarted, LastFault) = (next, null, true, "");
        _statistics.SwapsDone++;
        LastSwap = $"{swap.Order.Version} took over from {Version}: {how}; {passed}";
        (Version, _active) = (swap.Order.Version, swap.Order);
        return new CommandResult(true, $"Strategy {Context.Id}: {LastSwap}.");
    }

    private void Drop(StrategySwap swap, string why)
    {
        _swap = null;
        Context.IsWithheld = false;
        _statistics.SwapsDropped++;
        LastSwap = $"{swap.Order.Version} dropped while {(swap.Phase == SwapPhase.TakingOver ? "taking over" : "warming up")}: {why}";
    }

    /// <summary>A new version that had not taken over when the last session ended is not waited for: whoever wants it asks again.</summary>
    private void AbandonSwap()
    {
        if (_swap is { } swap) Drop(swap, "the node began another session");
    }

    private static long BeginNext(StrategySwap swap)
    {
        swap.Budget?.Begin();
        return swap.Withheld;
    }

    private void EndNext(StrategySwap swap, long withheldBefore, bool isMarket)
    {
        swap.Budget?.End();
        if (isMarket) _statistics.SwapEvents++;
        _statistics.SwapWithheld += swap.Withheld - withheldBefore;
        swap.Seen(isMarket, Context.Now.Ns);
        if (swap.Next.Fault is { } fault) Drop(swap, Told(fault));
    }

    /// <summary>A cancel may be lost or come too early, so what still lives is cancelled again.</summary>
    private void Drain(long nowNs)
    {
        if (_swap is not { Phase: SwapPhase.TakingOver } swap) return;
        if (!HasLiveOrders())
        {
            swap.Drained();
        }
        else if (nowNs >= swap.NextSweepNs)
        {
            swap.NextSweepNs = nowNs + SweepIntervalNs;
            _desk.CancelAll(Context.Id, nowNs);
        }
    }

    private bool HasLiveOrders()
    {
        for (var order = _desk.Orders.Live.First; order is not null; order = OrderList.After(order))
        {
            if (order.Request.Strategy == Context.Id) return true;
        }

        return false;
    }

    private CommandResult Refused(string why) => new(false, $"Strategy {Context.Id} {why}.");

    internal static string Told(Exception fault) => $"{fault.GetType().Name}: {FirstLine(fault.Message)}";
}
