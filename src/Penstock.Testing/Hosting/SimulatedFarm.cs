using Penstock.Testing.Flow;
using Penstock.Testing.Protocols;

namespace Penstock.Testing.Hosting;

/// <summary>Several simulated venues in one process, each on its own port.</summary>
public sealed class SimulatedFarm : IAsyncDisposable
{
    private readonly List<SimulatedExchange> _exchanges;

    private SimulatedFarm(List<SimulatedExchange> exchanges) => _exchanges = exchanges;

    public IReadOnlyList<SimulatedExchange> Exchanges => _exchanges;

    /// <summary>What a node needs to connect to all of them; serialises as JSON.</summary>
    public IReadOnlyList<SimulatedEndpoint> Endpoints => [.. _exchanges.Select(e => e.Endpoint)];

    /// <summary>Starts the named venues; each market gets its own seed out of this one, and the usual flow where none is named.</summary>
    public static Task<SimulatedFarm> StartAsync(
        IEnumerable<string> names, ulong seed, CancellationToken cancel = default, FlowOptions? flow = null) =>
        StartAsync(names.Select((name, i) => new SimulatedVenueOptions
        {
            Name = name, Seed = seed + (ulong)i, WorldSeed = seed, Flow = flow ?? new FlowOptions(),
        }), cancel);

    public static async Task<SimulatedFarm> StartAsync(IEnumerable<SimulatedVenueOptions> venues, CancellationToken cancel = default)
    {
        var farm = new SimulatedFarm([]);
        try
        {
            foreach (var options in venues) farm._exchanges.Add(await SimulatedExchange.StartAsync(options, cancel: cancel));
            return farm;
        }
        catch
        {
            // Half a farm is of no use to anybody, and its ports must not stay taken.
            await farm.DisposeAsync();
            throw;
        }
    }

    public SimulatedExchange this[string name] => _exchanges.Find(e => e.Name == name)
        ?? throw new ArgumentException($"No simulated venue '{name}' was started.");

    public async ValueTask DisposeAsync()
    {
        foreach (var exchange in _exchanges) await exchange.DisposeAsync();
    }
}
