using System.Reflection;
using Penstock.Testing.Protocols;

namespace Penstock.Testing.Hosting;

/// <summary>The simulated venues by name; the names are those of the real ones. Your own join by <see cref="Add"/>.</summary>
public static class SimulatedVenueCatalog
{
    private static readonly SortedDictionary<string, SimulatedVenueAttribute> Makers = new(StringComparer.Ordinal);

    static SimulatedVenueCatalog() => Add(typeof(SimulatedVenueCatalog).Assembly);

    public static IReadOnlyList<string> Names => [.. Makers.Keys];

    /// <summary>Those that are spot markets: one per exchange.</summary>
    public static IReadOnlyList<string> SpotNames => [.. Makers.Values.Where(m => m.Market == "spot").Select(m => m.Name)];

    /// <summary>Those that take orders.</summary>
    public static IReadOnlyList<string> TradedNames => [.. Makers.Values.Where(m => m.IsTraded).Select(m => m.Name)];

    /// <summary>Takes in the venues another assembly announces. At start, before anything runs.</summary>
    public static void Add(Assembly assembly)
    {
        foreach (var venue in assembly.GetCustomAttributes<SimulatedVenueAttribute>()) Makers[venue.Name] = venue;
    }

    /// <summary>A venue without sockets, to be stepped by hand or hosted.</summary>
    /// <exception cref="ArgumentException">There is no simulated venue of that name.</exception>
    public static SimulatedVenue Create(SimulatedVenueOptions options) =>
        Makers.TryGetValue(options.Name, out var make)
            ? make.Create(options)
            : throw new ArgumentException($"There is no simulated venue '{options.Name}'; there are {string.Join(", ", Names)}.");
}
