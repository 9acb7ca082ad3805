using Penstock.Testing.Protocols;
using Penstock.Testing.Protocols.Binance;
using Penstock.Testing.Protocols.Kraken;
using Penstock.Testing.Protocols.Okx;

namespace Penstock.Testing.Hosting;

/// <summary>The simulated venues by name; the names are those of the real ones.</summary>
public static class SimulatedVenueCatalog
{
    private static readonly SortedDictionary<string, Func<SimulatedVenueOptions, SimulatedVenue>> Makers = new(StringComparer.Ordinal)
    {
        ["binance"] = options => new BinanceVenue(options),
        ["kraken"] = options => new KrakenVenue(options),
        ["okx"] = options => new OkxVenue(options),
    };

    public static IReadOnlyList<string> Names { get; } = [.. Makers.Keys];

    /// <summary>A venue without sockets, to be stepped by hand or hosted.</summary>
    /// <exception cref="ArgumentException">There is no simulated venue of that name.</exception>
    public static SimulatedVenue Create(SimulatedVenueOptions options) =>
        Makers.TryGetValue(options.Name, out var make)
            ? make(options)
            : throw new ArgumentException($"There is no simulated venue '{options.Name}'; there are {string.Join(", ", Names)}.");
}
