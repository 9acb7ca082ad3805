using Penstock.Infrastructure.Time;
using Penstock.MarketData.Reference;
using Penstock.Model.Instruments;
using Penstock.Node.Configuration;
using Penstock.Strategies.Paper;

namespace Penstock.Node.Wiring;

/// <summary>What a configuration and the engine it belongs to come to on paper.</summary>
internal static class PaperTrading
{
    /// <summary>Trades of a session are numbered from here on: the next session's follow however many there were.</summary>
    private const int SessionShift = 32;

    /// <summary>What an account pays is in parts per million, and a rate in 1e-8.</summary>
    private const long E8PerPpm = 100;

    /// <summary>Null where orders go to venues.</summary>
    /// <param name="configuration">Environment, latency and balances.</param>
    /// <param name="blueprint">Fees as the journal began; a venue without one takes the default of a back test.</param>
    /// <param name="session">The one that begins.</param>
    /// <param name="wall">For the venues' time.</param>
    /// <param name="clock">The node's.</param>
    public static PaperOptions? Of(NodeConfiguration configuration, EngineBlueprint blueprint, int session, IWallClock wall, IMonotonicClock clock)
    {
        if (configuration.Environment != NodeEnvironment.Paper) return null;
        return new PaperOptions
        {
            Balances = configuration.Paper.Balances, UnixAtZeroNs = ClockPair.UnixAtZeroNs(wall, clock),
            Simulation = configuration.Paper.ToOptions() with
            {
                Seed = (ulong)configuration.Seed + (ulong)session, TradesBefore = (long)session << SessionShift,
                FeesByVenue = blueprint.Fees.Where(f => f.MakerPpm != 0 || f.TakerPpm != 0)
                    .ToDictionary(f => new VenueId(f.Venue), f => new FeeRates(f.MakerPpm * E8PerPpm, f.TakerPpm * E8PerPpm)),
                FeesByInstrument = blueprint.InstrumentFees
                    .ToDictionary(f => new InstrumentId(f.Instrument), f => new FeeRates(f.MakerE8, f.TakerE8)),
            },
        };
    }

    /// <summary>As a blueprint says it; null where orders go to venues.</summary>
    public static string? Describe(NodeConfiguration configuration) =>
        configuration.Environment == NodeEnvironment.Paper ? $"on paper, {configuration.Paper.ToOptions().ToText()}" : null;
}
