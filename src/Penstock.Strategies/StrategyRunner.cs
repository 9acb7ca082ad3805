using Penstock.Infrastructure.Snapshots;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.MarketData.Books;
using Penstock.Trading.Execution;

namespace Penstock.Strategies;

/// <summary>
/// Runs one strategy and keeps its failures to itself: a handler that throws is the last one called; its quotes are
/// cleared and its orders cancelled; the others notice nothing.
/// </summary>
public sealed class StrategyRunner
{
    private readonly IStrategy _strategy;
    private readonly OrderDesk _desk;
    private readonly EngineStatistics _statistics;

    internal StrategyRunner(IStrategy strategy, StrategyContext context, OrderDesk desk, EngineStatistics statistics)
    {
        _strategy = strategy;
        Context = context;
        _desk = desk;
        _statistics = statistics;
    }

    public StrategyContext Context { get; }

    public bool IsEnabled { get; private set; } = true;

    /// <summary>Handlers that threw.</summary>
    public long Faults { get; private set; }

    /// <summary>The last exception, for a person to read.</summary>
    public string LastFault { get; private set; } = "";

    internal void Start()
    {
        try
        {
            _strategy.Start(Context);
        }
        catch (Exception e)
        {
            Isolate(e);
        }
    }

    internal void OnBook(Instrument instrument, IOrderBook? book)
    {
        if (!IsEnabled) return;
        try
        {
            _strategy.OnBook(new BookView(instrument, book));
            Context.FlushQuotes();
        }
        catch (Exception e)
        {
            Isolate(e);
        }
    }

    internal void OnTrade(in MarketEvent trade)
    {
        if (!IsEnabled) return;
        try
        {
            _strategy.OnTrade(trade);
            Context.FlushQuotes();
        }
        catch (Exception e)
        {
            Isolate(e);
        }
    }

    internal void OnOrder(in OrderEvent order)
    {
        if (!IsEnabled) return;
        try
        {
            _strategy.OnOrder(order);
            Context.FlushQuotes();
        }
        catch (Exception e)
        {
            Isolate(e);
        }
    }

    internal void OnTimer(MonotonicTime now)
    {
        if (!IsEnabled) return;
        try
        {
            _strategy.OnTimer(now);
            Context.FlushQuotes();
        }
        catch (Exception e)
        {
            Isolate(e);
        }
    }

    internal void OnHealth(in HealthEvent health)
    {
        if (!IsEnabled) return;
        try
        {
            _strategy.OnHealth(health);
            Context.FlushQuotes();
        }
        catch (Exception e)
        {
            Isolate(e);
        }
    }

    internal void Stop()
    {
        if (!IsEnabled) return;
        try
        {
            _strategy.OnStop();
        }
        catch (Exception e)
        {
            Isolate(e);
        }
    }

    internal void SetEnabled(bool enabled)
    {
        IsEnabled = enabled;
        Context.IsDisabled = !enabled;
        if (enabled) return;
        Context.ClearQuotes();
        _desk.CancelAll(Context.Id, Context.Now.Ns);
    }

    /// <summary>The strategy's state, with what the engine keeps for it.</summary>
    internal void Archive(StateArchive state)
    {
        state.Part($"strategy-{Context.Id}", 1, part =>
        {
            IsEnabled = part.Value(IsEnabled);
            Faults = part.Value(Faults);
            LastFault = part.Text(LastFault);
            Context.Archive(part);
        });
        var own = $"strategy-{Context.Id}-own";
        if (_strategy.StateVersion > 0 && state.Has(own)) state.Part(own, _strategy.StateVersion, _strategy.OnState);
    }

    private void Isolate(Exception e)
    {
        Faults++;
        _statistics.StrategyFaults++;
        LastFault = e.ToString();
        SetEnabled(false);
    }
}
