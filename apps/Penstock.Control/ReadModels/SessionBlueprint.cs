using System.Globalization;
using System.Text.Json.Nodes;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;

namespace Penstock.Control.ReadModels;

/// <summary>What a session's first record says of venues, instruments and strategies: all the read models need to name things.</summary>
internal sealed class SessionBlueprint
{
    public required IReadOnlyList<string> Venues { get; init; }

    public required InstrumentTable Instruments { get; init; }

    /// <summary>As configured: name, instrument, settings.</summary>
    public required JsonArray Strategies { get; init; }

    public string VenueName(VenueId venue) => venue.Value >= 1 && venue.Value <= Venues.Count ? Venues[venue.Value - 1] : $"venue {venue.Value}";

    public string NameOf(InstrumentId id) => Instruments.Contains(id) ? NameOf(Instruments[id]) : $"instrument {id.Value}";

    public string NameOf(Instrument instrument) => $"{instrument.Symbol}.{VenueName(instrument.Venue).ToUpperInvariant()}";

    /// <summary>Null for JSON that describes no engine: another version wrote it.</summary>
    public static SessionBlueprint? Parse(string configuration)
    {
        try
        {
            var json = JsonNode.Parse(configuration)!.AsObject();
            var table = new InstrumentTable();
            foreach (var entry in json["instruments"]!.AsArray()) table.Add(ToInstrument(entry!.AsObject()));
            return new SessionBlueprint
            {
                Venues = [.. json["venues"]!.AsArray().Select(v => (string)v!)], Instruments = table,
                Strategies = json["strategies"]?.AsArray() ?? [],
            };
        }
        catch (Exception e) when (e is System.Text.Json.JsonException or NullReferenceException or InvalidOperationException or FormatException
            or OverflowException or ArgumentException)
        {
            return null;
        }
    }

    private static Instrument ToInstrument(JsonObject entry) => new()
    {
        Venue = new VenueId((byte)Number(entry, "venue")), Symbol = Text(entry, "symbol"), VenueSymbol = Text(entry, "venueSymbol"),
        Base = Text16.From(Text(entry, "base")), Quote = Text16.From(Text(entry, "quote")), Tick = new Price(Number(entry, "tickRaw")),
        Lot = new Quantity(Number(entry, "lotRaw")), QuantityMin = new Quantity(Number(entry, "quantityMinRaw")),
        NotionalMin = new Notional(Int128.Parse(entry["notionalMinRaw"] is { } n ? (string)n! : "0", CultureInfo.InvariantCulture)),
        PriceDecimals = (int)Number(entry, "priceDecimals", FixedPoint.Decimals), QuantityDecimals =
            (int)Number(entry, "quantityDecimals", FixedPoint.Decimals),
        PriceScale = (int)Number(entry, "priceScale", FixedPoint.Decimals), QuantityScale = (int)Number(entry, "quantityScale", FixedPoint.Decimals),
    };

    private static string Text(JsonObject entry, string key) => (string?)entry[key] ?? "";

    private static long Number(JsonObject entry, string key, long otherwise = 0) => entry[key]?.GetValue<long>() ?? otherwise;
}
