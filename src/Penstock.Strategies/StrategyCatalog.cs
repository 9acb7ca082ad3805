using System.Reflection;
using Penstock.Model.Instruments;

namespace Penstock.Strategies;

/// <summary>Announces a strategy of an assembly (R96). The generic form carries the type, so nothing is looked up by string.</summary>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public abstract class StrategyAttribute(string name) : Attribute
{
    /// <summary>Lower case with hyphens, as typed in configuration: market-making.</summary>
    public string Name { get; } = name;

    public abstract IStrategy Create();
}

/// <inheritdoc />
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public sealed class StrategyAttribute<T>(string name) : StrategyAttribute(name)
    where T : IStrategy, new()
{
    public override IStrategy Create() => new T();
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

    /// <summary>All names, in ordinal order.</summary>
    public IEnumerable<string> Names => _strategies.Keys;

    /// <summary>One more, announced by code instead of by its assembly. Before the first use of the catalog.</summary>
    public void Add(StrategyAttribute strategy)
    {
        if (!_strategies.TryAdd(strategy.Name, strategy))
            throw new InvalidOperationException($"Two strategies are named '{strategy.Name}'; the second is in {strategy.GetType().GenericTypeArguments.FirstOrDefault()?.Assembly.GetName().Name}.");
    }

    public bool TryCreate(string name, out IStrategy? strategy)
    {
        strategy = _strategies.TryGetValue(name, out var found) ? found.Create() : null;
        return strategy is not null;
    }
}
