using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;

namespace Penstock.EleventhVenue.Tidewater;

/// <summary>GET /v1/instruments.</summary>
internal sealed class TidewaterInstruments : IInstrumentSource
{
    public RestRequest Request(IReadOnlyList<string> symbols) => new() { Method = HttpMethod.Get, PathAndQuery = "/v1/instruments" };

    public QuarantineCause Parse(VenueId venue, ReadOnlySpan<byte> body, ICollection<Instrument> instruments, ICollection<string> skipped)
    {
        var cause = JsonValue.Parse(body, out var root);
        if (cause != QuarantineCause.None) return cause;
        if (!root["list"u8].IsArray) return QuarantineCause.VenueError;
        foreach (var entry in root["list"u8].Elements) Add(venue, entry, instruments, skipped);
        return QuarantineCause.None;
    }

    private static void Add(VenueId venue, JsonValue entry, ICollection<Instrument> instruments, ICollection<string> skipped)
    {
        var name = entry["symbol"u8].ToText();
        if (name.Length == 0 || !entry["base"u8].TryText16(out var baseAsset) || !entry["quote"u8].TryText16(out var quoteAsset)
            || !InstrumentNumbers.TryRead(entry["tick"u8], out var tick) || tick <= 0 || !InstrumentNumbers.TryRead(entry["lot"u8], out var lot) || lot <= 0)
        {
            skipped.Add(name);
            return;
        }

        instruments.Add(new Instrument
        {
            Venue = venue, Symbol = $"{baseAsset}-{quoteAsset}", VenueSymbol = name, RestSymbol = name, Base = baseAsset, Quote = quoteAsset,
            Tick = new Price(tick), Lot = new Quantity(lot), QuantityMin = new Quantity(lot),
            PriceDecimals = InstrumentNumbers.DecimalsOf(tick), QuantityDecimals = InstrumentNumbers.DecimalsOf(lot),
            Status = entry["state"u8].Is("open"u8) ? InstrumentStatus.Trading : InstrumentStatus.Halted,
        });
    }
}
