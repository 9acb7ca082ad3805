using System.Reflection;
using Penstock.Infrastructure.Plugins;
using Penstock.Model.Instruments;

namespace Penstock.Strategies;

/// <summary>Announces a strategy of an assembly (R96). The generic form carries the type, so nothing is looked up by string.</summary>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public abstract class StrategyAttribute(string name) : Attribute
{
    /// <summary>Lower case with hyphens, as typed in configuration: market-making.</summary>
    public string Name { get; } = name;

    public abstract IStrategy Create();

    /// <summary>How it wants its instruments.</summary>
    public abstract InstrumentGrouping Grouping { get; }
}

/// <inheritdoc />
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public sealed class StrategyAttribute<T>(string name) : StrategyAttribute(name)
    where T : IStrategy, new()
{
    public override IStrategy Create() => new T();

    public override InstrumentGrouping Grouping => typeof(T).GetCustomAttribute<TradesAttribute>()?.Grouping ?? InstrumentGrouping.EachAlone;
}

/// <summary>One running strategy as configured.</summary>
public sealed record StrategySetup
{
    /// <summary>1-based, without holes; part of every order.</summary>
    public required ushort Id { get; init; }

    /// <summary>The name in the catalog.</summary>
    public required string Kind { get; init; }

    public required IReadOnlyList<InstrumentId> Instruments { get; init; }

    /// <summary>JSON object; empty for the defaults.</summary>
    public string Configuration { get; init; } = "";

    /// <summary>Orders decided on older news than this when they would leave are dropped, milliseconds; 0 for never.</summary>
    public int SignalAgeMaxMs { get; init; }

    /// <summary>Where its code comes from.</summary>
    public StrategyVersion Version { get; init; } = StrategyVersion.BuiltIn;

    /// <summary>What one call may take in a live node, microseconds; see <see cref="StrategyBudget"/>.</summary>
    public int BudgetUs { get; init; } = 250_000;
}

/// <summary>The strategies found in the given assemblies, by name. No type scan: only assembly attributes are read.</summary>
public sealed class StrategyCatalog
{
    private readonly SortedDictionary<string, StrategyAttribute> _strategies = new(StringComparer.Ordinal);

    public StrategyCatalog(params IEnumerable<Assembly> assemblies)
    {
        foreach (var assembly in assemblies)
        {
            foreach (var strategy in assembly.GetCustomAttributes<StrategyAttribute>()) Add(strategy);
        }
    }

    /// <summary>
    /// Takes in a plugin's; none of them when one of the names is taken, or one does not load. At start, or in a node that does not trade.
    /// </summary>
    /// <returns>Null, or why not.</returns>
    public string? TryAdd(Assembly assembly)
    {
        try
        {
            var found = assembly.GetCustomAttributes<StrategyAttribute>().ToList();
            if (found.GroupBy(f => f.Name).FirstOrDefault(g => g.Count() > 1 || _strategies.ContainsKey(g.Key)) is { } twice)
                return $"a strategy named '{twice.Key}' is there already";
            foreach (var item in found) _strategies.Add(item.Name, item);
            return null;
        }
        catch (Exception e) when (PluginCode.IsMisfit(e))
        {
            return $"its types do not fit this node: {e.Message}";
        }
    }

    /// <summary>Takes an assembly's out again, so that it can be unloaded.</summary>
    public void Remove(Assembly assembly)
    {
        foreach (var name in NamesOf(assembly).ToList()) _strategies.Remove(name);
    }

    /// <summary>The names an assembly announced.</summary>
    public IEnumerable<string> NamesOf(Assembly assembly) => _strategies.Where(s => s.Value.GetType().IsGenericType
        && s.Value.GetType().GetGenericArguments().Any(t => t.Assembly == assembly)).Select(s => s.Key);

    /// <summary>All names, in ordinal order.</summary>
    public IEnumerable<string> Names => _strategies.Keys;

    /// <summary>One more, announced by code instead of by its assembly. Before the first use of the catalog.</summary>
    public void Add(StrategyAttribute strategy)
    {
        if (!_strategies.TryAdd(strategy.Name, strategy))
            throw new InvalidOperationException($"Two strategies are named '{strategy.Name}'; the second is in {strategy.GetType().GenericTypeArguments.FirstOrDefault()?.Assembly.GetName().Name}.");
    }

    /// <summary>Each alone where the name is not known.</summary>
    public InstrumentGrouping GroupingOf(string name) => _strategies.TryGetValue(name, out var found) ? found.Grouping : InstrumentGrouping.EachAlone;

    public bool TryCreate(string name, out IStrategy? strategy)
    {
        strategy = _strategies.TryGetValue(name, out var found) ? found.Create() : null;
        return strategy is not null;
    }
}
