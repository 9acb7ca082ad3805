using Penstock.Infrastructure.Snapshots;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.Strategies;

/// <summary>
/// A trading strategy as the engine sees it (R95). Called on the engine's thread only; knows no clock but the context's, no
/// randomness but the context's, and so replays bit for bit. A handler that throws switches its strategy off and nothing else.
/// Most derive from <see cref="Strategy{TConfig}"/>.
/// </summary>
public interface IStrategy
{
    /// <summary>Takes its configuration as JSON. Null when fine, else what is wrong.</summary>
    string? Configure(string json);

    /// <summary>Once, before anything else.</summary>
    void Start(StrategyContext context);

    /// <summary>New settings for a strategy that runs. Null when they are taken, else why not: it goes on with the old ones.</summary>
    string? Reconfigure(string json) => "This strategy takes no new settings while it runs.";

    /// <summary>New settings were taken, between two events.</summary>
    void OnConfigured()
    {
    }

    /// <summary>Another session begins after a recovery, with a time base of its own: stamps of the last one mean nothing now.</summary>
    void OnSession()
    {
    }

    /// <summary>A subscribed book changed, or stopped being usable. At most once per instrument and batch of events.</summary>
    void OnBook(in BookView book);

    void OnTrade(in MarketEvent trade);

    /// <summary>Something happened to an order of this strategy.</summary>
    void OnOrder(in OrderEvent order);

    /// <summary>A parent order of this strategy was filled further, ended, or settled. At most once per parent and input.</summary>
    void OnParent(in ParentEvent parent)
    {
    }

    void OnTimer(MonotonicTime now);

    /// <summary>A feed went silent, lost something, or is back.</summary>
    void OnHealth(in HealthEvent health);

    void OnStop();

    /// <summary>Of what <see cref="OnState"/> describes; 0 when there is nothing to save. Raise it when the description changes.</summary>
    int StateVersion => 0;

    /// <summary>
    /// Asked of the new version when it takes over from a running one: true when it takes the old one's resting orders as its own, quotes and
    /// those whose ids the saved state names. False: they are cancelled, and it begins when the last one has ended.
    /// </summary>
    bool AdoptsOrders => false;

    /// <summary>
    /// What the strategy remembers between two calls and could not derive from its configuration: saved into a snapshot and, after
    /// <see cref="Start"/>, loaded from one. <see cref="StateArchive.Version"/> tells which version is being loaded.
    /// </summary>
    void OnState(StateArchive state)
    {
    }
}
