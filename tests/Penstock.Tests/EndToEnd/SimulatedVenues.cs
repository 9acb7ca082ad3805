using Penstock.EleventhVenue.Tidewater;
using Penstock.Testing.Hosting;

namespace Penstock.Tests.EndToEnd;

/// <summary>The simulated twins of all venues tested here, the eleventh among them.</summary>
internal static class SimulatedVenues
{
    static SimulatedVenues() => SimulatedVenueCatalog.Add(typeof(TidewaterVenue).Assembly);

    public static IReadOnlyList<string> SpotNames => SimulatedVenueCatalog.SpotNames;

    public static IReadOnlyList<string> TradedNames => SimulatedVenueCatalog.TradedNames;
}
