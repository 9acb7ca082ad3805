using Penstock.Infrastructure.Snapshots;
using Penstock.MarketData.Books;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.Strategies;

/// <summary>One strategy and its context, called so that nothing it throws gets out: what it threw is kept.</summary>
internal sealed class HostedStrategy(IStrategy strategy, StrategyContext context)
{
    public IStrategy Strategy { get; } = strategy;

    public StrategyContext Context { get; } = context;

    /// <summary>The JSON it runs with.</summary>
    public string Configuration { get; private set; } = context.Setup.Configuration;

    /// <summary>What the last call threw; null when it ended as it should.</summary>
    public Exception? Fault { get; private set; }

    public void Start()
    {
        if (!TryBegin()) return;
        try
        {
            Strategy.Start(Context);
        }
        catch (Exception e)
        {
            Fault = e;
        }

        End();
    }

    public void OnSession()
    {
        if (!TryBegin()) return;
        try
        {
            Strategy.OnSession();
        }
        catch (Exception e)
        {
            Fault = e;
        }

        End();
    }

    public void OnBook(Instrument instrument, IOrderBook? book)
    {
        if (!TryBegin()) return;
        try
        {
            Strategy.OnBook(new BookView(instrument, book));
            Context.FlushQuotes();
        }
        catch (Exception e)
        {
            Fault = e;
        }

        End();
    }

    public void OnTrade(in MarketEvent trade)
    {
        if (!TryBegin()) return;
        try
        {
            Strategy.OnTrade(trade);
            Context.FlushQuotes();
        }
        catch (Exception e)
        {
            Fault = e;
        }

        End();
    }

    public void OnOrder(in OrderEvent order)
    {
        if (!TryBegin()) return;
        try
        {
            Strategy.OnOrder(order);
            Context.FlushQuotes();
        }
        catch (Exception e)
        {
            Fault = e;
        }

        End();
    }

    public void OnParent(in ParentEvent parent)
    {
        if (!TryBegin()) return;
        try
        {
            Strategy.OnParent(parent);
            Context.FlushQuotes();
        }
        catch (Exception e)
        {
            Fault = e;
        }

        End();
    }

    public void OnTimer(MonotonicTime now)
    {
        if (!TryBegin()) return;
        try
        {
            Strategy.OnTimer(now);
            Context.FlushQuotes();
        }
        catch (Exception e)
        {
            Fault = e;
        }

        End();
    }

    public void OnHealth(in HealthEvent health)
    {
        if (!TryBegin()) return;
        try
        {
            Strategy.OnHealth(health);
            Context.FlushQuotes();
        }
        catch (Exception e)
        {
            Fault = e;
        }

        End();
    }

    public void Stop()
    {
        if (!TryBegin()) return;
        try
        {
            Strategy.OnStop();
        }
        catch (Exception e)
        {
            Fault = e;
        }

        End();
    }

    /// <summary>Takes settings over those it has. Null when it did; else why not, and nothing has changed.</summary>
    public string? Configure(string changes)
    {
        if (StrategySettings.Merge(Configuration, changes, out var merged) is { } wrong) return wrong;
        if (merged == Configuration) return null;
        if (Reconfigure(merged) is { } refused) return refused;
        Configuration = merged;
        Configured();
        return null;
    }

    /// <summary>The settings as of the snapshot; what the configuration file said is history then.</summary>
    public void ArchiveConfiguration(StateArchive state)
    {
        var saved = state.Text(Configuration);
        if (!state.IsLoading || saved == Configuration) return;
        if (Strategy.Configure(saved) is { } wrong) throw new InvalidDataException($"Strategy {Context.Id} refuses the settings of the snapshot: {wrong}");
        Configuration = saved;
        Configured();
    }

    /// <summary>What it throws is a refusal like any other: it comes again in every replay. Sessions of before let it out of the engine.</summary>
    private string? Reconfigure(string settings)
    {
        if (!TryBegin()) return $"Strategy {Context.Id} did not return when it was given its settings.";
        try
        {
            return Strategy.Reconfigure(settings);
        }
        catch (Exception e) when (Context.IsFormat5)
        {
            return $"Strategy {Context.Id} threw when it was given its settings: {StrategyRunner.Told(e)}";
        }
        finally
        {
            Context.Calls.End();
        }
    }

    private void Configured()
    {
        if (!TryBegin()) return;
        try
        {
            Strategy.OnConfigured();
        }
        catch (Exception e)
        {
            Fault = e;
        }

        End();
    }

    /// <summary>With these settings from the start; null, or what is wrong with them.</summary>
    public string? Prepare(string settings)
    {
        if (!TryBegin()) return "it did not return when it was given its settings";
        try
        {
            return Strategy.Configure(settings);
        }
        catch (Exception e)
        {
            return $"it threw when it was given its settings: {e.Message}";
        }
        finally
        {
            Context.Calls.End();
        }
    }

    /// <summary>False for a call that would not return: it failed, without having been made.</summary>
    private bool TryBegin()
    {
        Fault = null;
        if (Context.Calls.Begin(Context.Id)) return true;
        Fault = new HungStrategyException();
        return false;
    }

    /// <summary>A loop that swallowed its exception is still a loop.</summary>
    private void End()
    {
        Context.Calls.End();
        if (Context.EndCall()) Fault ??= new RunawayStrategyException(StrategyContext.ActionsPerCallMax);
    }
}
