using System.Reflection;

namespace Penstock.Connectivity;

/// <summary>Announces a venue of an assembly. The generic form below carries the type, so nothing is looked up by string.</summary>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public abstract class VenueAttribute(string name) : Attribute
{
    /// <summary>Lower case, as typed in configuration: binance, kraken, okx.</summary>
    public string Name { get; } = name;

    public abstract IVenue Create();
}

/// <inheritdoc />
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public sealed class VenueAttribute<T>(string name) : VenueAttribute(name) where T : IVenue, new()
{
    public override IVenue Create() => new T();
}

/// <summary>The venues found in the given assemblies, by name. No type scan: only assembly attributes are read (R104).</summary>
public sealed class VenueCatalog
{
    private readonly SortedDictionary<string, VenueAttribute> _venues = new(StringComparer.Ordinal);

    public VenueCatalog(params IEnumerable<Assembly> assemblies)
    {
        foreach (var assembly in assemblies)
        {
            foreach (var venue in assembly.GetCustomAttributes<VenueAttribute>())
            {
                if (!_venues.TryAdd(venue.Name, venue))
                    throw new InvalidOperationException($"Two venues are named '{venue.Name}'; the second is in {assembly.GetName().Name}.");
            }
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
            var found = assembly.GetCustomAttributes<VenueAttribute>().ToList();
            if (found.GroupBy(f => f.Name).FirstOrDefault(g => g.Count() > 1 || _venues.ContainsKey(g.Key)) is { } twice)
                return $"a venue named '{twice.Key}' is there already";
            foreach (var item in found) _venues.Add(item.Name, item);
            return null;
        }
        catch (Exception e) when (e is TypeLoadException or FileNotFoundException or FileLoadException or BadImageFormatException or CustomAttributeFormatException or MissingMethodException)
        {
            return $"its types do not fit this node: {e.Message}";
        }
    }

    /// <summary>Takes an assembly's out again, so that it can be unloaded.</summary>
    public void Remove(Assembly assembly)
    {
        foreach (var name in NamesOf(assembly).ToList()) _venues.Remove(name);
    }

    /// <summary>The names an assembly announced.</summary>
    public IEnumerable<string> NamesOf(Assembly assembly) => _venues.Where(s => s.Value.GetType().IsGenericType
        && s.Value.GetType().GetGenericArguments().Any(t => t.Assembly == assembly)).Select(s => s.Key);

    /// <summary>All names, in ordinal order.</summary>
    public IEnumerable<string> Names => _venues.Keys;

    public bool TryCreate(string name, out IVenue? venue)
    {
        venue = _venues.TryGetValue(name, out var found) ? found.Create() : null;
        return venue is not null;
    }
}
