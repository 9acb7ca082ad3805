using Penstock.Connectivity;
using Penstock.Model.Instruments;

namespace Penstock.MarketData.Inspection;

/// <summary>What a recording holds, and what is wrong with it.</summary>
/// <param name="Figures">The counts and the books at the end.</param>
/// <param name="Anomalies">Everything found wrong, by event.</param>
public sealed record RecordingInspection(InspectionFigures Figures, IReadOnlyList<RecordingAnomaly> Anomalies)
{
    /// <summary>Prices of one recording need one finer scale, perhaps another for another instrument seen only then.</summary>
    private const int PassesMax = 4;

    private static readonly VenueId Venue = new(1);

    /// <summary>
    /// Reads a recording by the rules of its venue and market; again where it turns out to start its books from REST, or to hold prices
    /// finer than 1e-8.
    /// </summary>
    /// <param name="venue">The venue of the recording's header.</param>
    /// <param name="open">Opens the container, once per pass.</param>
    public static RecordingInspection Of(IVenue venue, Func<RecordingReader> open)
    {
        var scales = new Dictionary<string, int>(StringComparer.Ordinal);
        var fromRest = false;
        for (var pass = 1; ; pass++)
        {
            using var reader = open();
            var profile = venue.Profile;
            var rule = fromRest ? profile.BookSyncFromRest! : profile.BookSyncByMarket.GetValueOrDefault(reader.Header.Market, profile.BookSync);
            var instruments = Instruments(scales);
            var exact = new ExactNumbers();
            var inspector = new RecordingInspector(venue, new FeedContext(Venue, instruments), rule, exact);
            var figures = inspector.Inspect(reader);
            var otherRule = !fromRest && inspector.SawRestBook && profile.BookSyncFromRest is not null;
            if ((!otherRule && exact.FinerPrices.Count == 0) || pass == PassesMax)
                return new RecordingInspection(figures, [.. inspector.Anomalies.OrderBy(a => a.Event)]);
            fromRest |= otherRule;
            foreach (var (instrument, scale) in exact.FinerPrices) scales[instruments[instrument].VenueSymbol] = scale;
        }
    }

    private static InstrumentTable Instruments(Dictionary<string, int> scales)
    {
        var table = new InstrumentTable { DiscoverUnknown = true };
        foreach (var (symbol, scale) in scales)
        {
            table.Add(new Instrument
            {
                Venue = Venue, Symbol = symbol, VenueSymbol = symbol, Base = default, Quote = default, Tick = new(1), Lot = new(1), PriceScale = scale,
            });
        }

        return table;
    }
}
