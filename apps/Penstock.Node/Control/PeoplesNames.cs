using Penstock.Model.Instruments;
using Penstock.Node.Wiring;
using Penstock.Trading.Risk;

namespace Penstock.Node.Control;

/// <summary>What people call the things the engine has numbers for.</summary>
internal static class PeoplesNames
{
    /// <summary>BTC-USDT.OKX</summary>
    public static string Of(Pipeline pipeline, Instrument instrument) => $"{instrument.Symbol}.{Of(pipeline, instrument.Venue).ToUpperInvariant()}";

    public static string Of(Pipeline pipeline, VenueId venue) => venue.Value >= 1 && venue.Value <= pipeline.Venues.Count ? pipeline.Venues[venue.Value - 1].Name : $"{venue.Value}";

    public static string Of(Pipeline pipeline, LimitScope scope) => scope.Kind switch
    {
        LimitScopeKind.Instrument when pipeline.Engine.Instruments.Contains(new InstrumentId(scope.Id)) => Of(pipeline, pipeline.Engine.Instruments[new InstrumentId(scope.Id)]),
        LimitScopeKind.Venue => Of(pipeline, new VenueId((byte)scope.Id)),
        LimitScopeKind.Node => "",
        _ => $"{scope.Id}",
    };
}
