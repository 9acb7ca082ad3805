using System.Text.Json;
using Penstock.Infrastructure.Snapshots;
using Penstock.MarketData.Bars;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.Strategies;

/// <summary>
/// The usual base of a strategy: a typed, validated configuration and handlers to override. Quotes are declared
/// (<c>Bid(i).Set(price, size)</c>); the engine sends the fewest messages that get there.
/// </summary>
public abstract partial class Strategy<TConfig> : IStrategy, IKeptState
    where TConfig : class, new()
{
    private static readonly JsonSerializerOptions Json = ConfigurationReader.OptionsOfOneType();
    private static readonly JsonSerializerOptions JsonBefore5 = ConfigurationReader.OptionsOfOneType(numbersAreTexts: false);

    private BarSubscriptions? _bars;
    private IntervalTimers? _timers;

    protected TConfig Config { get; private set; } = new();

    protected StrategyContext Context { get; private set; } = null!;

    /// <summary>Engine time: the newest stamp of any input.</summary>
    protected MonotonicTime Now => Context.Now;

    public string? Configure(string json)
    {
        if (Read(json, out var config, Json) is { } wrong) return wrong;
        Config = config;
        return null;
    }

    string? IStrategy.Reconfigure(string json)
    {
        if (Read(json, out var config, Context.IsFormat5 ? Json : JsonBefore5) is { } wrong) return wrong;
        foreach (var property in typeof(TConfig).GetProperties())
        {
            if (property.IsDefined(typeof(FixedAtStartAttribute), inherit: true) && !Equals(property.GetValue(config), property.GetValue(Config)))
                return $"{JsonNamingPolicy.CamelCase.ConvertName(property.Name)} cannot change while the strategy runs; it takes effect with the next start of the node.";
        }

        Config = config;
        return null;
    }

    void IStrategy.OnConfigured() => OnConfigured();

    void IStrategy.Start(StrategyContext context)
    {
        Context = context;
        OnStart();
        OnConfigured();
    }

    bool IKeptState.HasKept => _bars is not null || _timers is not null;

    string IKeptState.KeptShape => $"{_bars?.Shape} {_timers?.Shape}";

    void IKeptState.ArchiveKept(StateArchive state)
    {
        _bars?.Archive(state);
        _timers?.Archive(state);
    }

    void IStrategy.OnSession()
    {
        _bars?.OnSession();
        _timers?.OnSession(Now);
        OnSession();
    }

    void IStrategy.OnBook(in BookView book) => OnBook(book);

    void IStrategy.OnTrade(in MarketEvent trade)
    {
        _bars?.OnTrade(trade);
        OnTrade(trade);
    }

    void IStrategy.OnOrder(in OrderEvent order) => OnOrder(order);

    void IStrategy.OnParent(in ParentEvent parent) => OnParent(parent);

    void IStrategy.OnTimer(MonotonicTime now)
    {
        _bars?.OnTimer(now);
        _timers?.OnTimer(now);
        OnTimer(now);
    }

    void IStrategy.OnHealth(in HealthEvent health) => OnHealth(health);

    void IStrategy.OnStop() => OnStop();

    int IStrategy.StateVersion => StateVersion;

    bool IStrategy.AdoptsOrders => AdoptsOrders;

    void IStrategy.OnState(StateArchive state) => OnState(state);

    /// <summary>Of what <see cref="OnState"/> describes; 0 without state.</summary>
    protected virtual int StateVersion => 0;

    /// <summary>See <see cref="IStrategy.AdoptsOrders"/>.</summary>
    protected virtual bool AdoptsOrders => false;

    /// <summary>Once, before anything else; the configuration is set.</summary>
    protected virtual void OnStart()
    {
    }

    /// <summary>After OnStart, and whenever settings changed while it ran: what is computed from the configuration is computed here.</summary>
    protected virtual void OnConfigured()
    {
    }

    /// <summary>A recovery: engine time has a new base, so stamps kept from before mean nothing.</summary>
    protected virtual void OnSession()
    {
    }

    protected virtual void OnBook(in BookView book)
    {
    }

    protected virtual void OnTrade(in MarketEvent trade)
    {
    }

    /// <summary>A bar asked for by <see cref="SubscribeBars"/> ended; the indicators given there have it already.</summary>
    protected virtual void OnBar(in Bar bar, TimeSpan interval)
    {
    }

    protected virtual void OnOrder(in OrderEvent order)
    {
    }

    /// <summary>A parent order it started with <see cref="StrategyContext.Start"/> was filled further, ended, or settled.</summary>
    protected virtual void OnParent(in ParentEvent parent)
    {
    }

    protected virtual void OnTimer(MonotonicTime now)
    {
    }

    protected virtual void OnHealth(in HealthEvent health)
    {
    }

    protected virtual void OnStop()
    {
    }

    /// <summary>
    /// One line for each field that is remembered between calls: <c>_mean = state.Value(_mean);</c> saves it into a snapshot, and
    /// loads it after a restart. What <see cref="OnStart"/> derives from the configuration needs none; quotes and random numbers
    /// are kept by the engine.
    /// </summary>
    protected virtual void OnState(StateArchive state)
    {
    }

    private static string? Read(string json, out TConfig config, JsonSerializerOptions options)
    {
        if (ConfigurationReader.Read(json, options, out config) is { } wrong) return wrong;
        return ConfigurationReader.Problems(config) is { Length: > 0 } problems ? problems : null;
    }
}
