using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using Penstock.Infrastructure.Snapshots;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.Strategies;

/// <summary>
/// The usual base of a strategy: a typed, validated configuration and handlers to override. Quotes are declared
/// (<c>Bid(i).Set(price, size)</c>); the engine sends the fewest messages that get there.
/// </summary>
public abstract class Strategy<TConfig> : IStrategy
    where TConfig : class, new()
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    protected TConfig Config { get; private set; } = new();

    protected StrategyContext Context { get; private set; } = null!;

    /// <summary>Engine time: the newest stamp of any input.</summary>
    protected MonotonicTime Now => Context.Now;

    public string? Configure(string json)
    {
        try
        {
            Config = string.IsNullOrWhiteSpace(json) ? new TConfig() : JsonSerializer.Deserialize<TConfig>(json, Json) ?? new TConfig();
        }
        catch (JsonException e)
        {
            return e.Message;
        }

        var problems = new List<ValidationResult>();
        return Validator.TryValidateObject(Config, new ValidationContext(Config), problems, validateAllProperties: true)
            ? null
            : string.Join(" ", problems.Select(p => p.ErrorMessage));
    }

    void IStrategy.Start(StrategyContext context)
    {
        Context = context;
        OnStart();
    }

    void IStrategy.OnBook(in BookView book) => OnBook(book);

    void IStrategy.OnTrade(in MarketEvent trade) => OnTrade(trade);

    void IStrategy.OnOrder(in OrderEvent order) => OnOrder(order);

    void IStrategy.OnTimer(MonotonicTime now) => OnTimer(now);

    void IStrategy.OnHealth(in HealthEvent health) => OnHealth(health);

    void IStrategy.OnStop() => OnStop();

    int IStrategy.StateVersion => StateVersion;

    void IStrategy.OnState(StateArchive state) => OnState(state);

    /// <summary>Of what <see cref="OnState"/> describes; 0 without state.</summary>
    protected virtual int StateVersion => 0;

    protected virtual void OnStart()
    {
    }

    protected virtual void OnBook(in BookView book)
    {
    }

    protected virtual void OnTrade(in MarketEvent trade)
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
}
