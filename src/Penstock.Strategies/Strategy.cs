using System.Text.Json;
using Penstock.Infrastructure.Snapshots;
using Penstock.MarketData.Bars;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Strategies.Indicators;

namespace Penstock.Strategies;

/// <summary>
/// The usual base of a strategy: a typed, validated configuration and handlers to override. Quotes are declared
/// (<c>Bid(i).Set(price, size)</c>); the engine sends the fewest messages that get there.
/// </summary>
public abstract class Strategy<TConfig> : IStrategy, IKeptState
    where TConfig : class, new()
{
    private static readonly JsonSerializerOptions Json = ConfigurationReader.OptionsOfOneType();

    private BarSubscriptions? _bars;
    private IntervalTimers? _timers;

    protected TConfig Config { get; private set; } = new();

    protected StrategyContext Context { get; private set; } = null!;

    /// <summary>Engine time: the newest stamp of any input.</summary>
    protected MonotonicTime Now => Context.Now;

    public string? Configure(string json)
    {
        if (Read(json, out var config) is { } wrong) return wrong;
        Config = config;
        return null;
    }

    string? IStrategy.Reconfigure(string json)
    {
        if (Read(json, out var config) is { } wrong) return wrong;
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

    protected virtual void OnTimer(MonotonicTime now)
    {
    }

    protected virtual void OnHealth(in HealthEvent health)
    {
    }

    protected virtual void OnStop()
    {
    }

    /// <summary>The first instrument the strategy was given: the only one of most.</summary>
    protected InstrumentId Instrument => Context.Instruments[0];

    /// <summary>Bars of the instrument from now on, and indicators to keep up with them. For OnStart.</summary>
    /// <param name="instrument">One of the strategy's.</param>
    /// <param name="interval">Length of a bar.</param>
    /// <param name="indicators">Updated with each bar before OnBar.</param>
    protected void SubscribeBars(InstrumentId instrument, TimeSpan interval, params ReadOnlySpan<Indicator> indicators) =>
        (_bars ??= new BarSubscriptions((in Bar bar, TimeSpan length) => OnBar(bar, length))).Add(instrument, interval, indicators);

    /// <summary>Calls <paramref name="action"/> every so often in engine time, first after one interval; at the engine's own step, 20 ms in a node. For OnStart.</summary>
    protected void Every(TimeSpan interval, Action action) => (_timers ??= new IntervalTimers()).Add(interval, action, Now);

    /// <summary>What this strategy holds of the instrument; positive is long.</summary>
    protected Quantity Held(InstrumentId instrument) => Context.Position(instrument).Quantity;

    protected OrderBuilder Buy(InstrumentId instrument, Quantity quantity) => new(Context, instrument, Side.Buy, quantity);

    protected OrderBuilder Sell(InstrumentId instrument, Quantity quantity) => new(Context, instrument, Side.Sell, quantity);

    /// <summary>Trades until the strategy holds <paramref name="target"/> of the instrument: one market order for the difference, or none.</summary>
    protected void GoTo(InstrumentId instrument, Quantity target)
    {
        var missing = target.Raw - Held(instrument).Raw;
        var quantity = new Quantity(Math.Abs(missing)).FloorTo(Context.Instrument(instrument).Lot);
        if (!quantity.IsPositive) return;
        if (missing > 0) Buy(instrument, quantity).Market().Send();
        else Sell(instrument, quantity).Market().Send();
    }

    /// <summary>
    /// One line for each field that is remembered between calls: <c>_mean = state.Value(_mean);</c> saves it into a snapshot, and
    /// loads it after a restart. What <see cref="OnStart"/> derives from the configuration needs none; quotes and random numbers
    /// are kept by the engine.
    /// </summary>
    protected virtual void OnState(StateArchive state)
    {
    }

    protected QuoteSlot Bid(InstrumentId instrument) => Context.Quote(instrument, Side.Buy);

    protected QuoteSlot Ask(InstrumentId instrument) => Context.Quote(instrument, Side.Sell);

    private static string? Read(string json, out TConfig config)
    {
        config = new TConfig();
        try
        {
            if (!string.IsNullOrWhiteSpace(json)) config = JsonSerializer.Deserialize<TConfig>(json, Json) ?? config;
        }
        catch (JsonException e)
        {
            return e.Message;
        }

        return ConfigurationReader.Problems(config) is { Length: > 0 } problems ? problems : null;
    }
}
