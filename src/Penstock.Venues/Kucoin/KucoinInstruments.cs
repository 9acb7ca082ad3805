using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;

namespace Penstock.Venues.Kucoin;

/// <summary>GET /api/v2/symbols: all spot pairs in one answer (v1, in old captures, lacks `minFunds`).</summary>
internal sealed class KucoinInstruments : IInstrumentSource
{
    private const int Name = 0, Base = 1, Quote = 2, Tick = 3, Lot = 4, Minimum = 5, MinimumFunds = 6, Enabled = 7;

    private static readonly JsonFields Fields = new(
        "symbol", "baseCurrency", "quoteCurrency", "priceIncrement", "baseIncrement", "baseMinSize", "minFunds", "enableTrading");

    public RestRequest Request(IReadOnlyList<string> symbols) => new() { Method = HttpMethod.Get, PathAndQuery = "/api/v2/symbols", Weight = 4 };

    public QuarantineCause Parse(VenueId venue, ReadOnlySpan<byte> body, ICollection<Instrument> instruments, ICollection<string> skipped)
    {
        var cause = JsonValue.Parse(body, out var root);
        if (cause != QuarantineCause.None) return cause;
        var code = root["code"u8];
        if (!code.Is("200000"u8)) return code.IsPresent ? QuarantineCause.VenueError : QuarantineCause.Malformed;
        if (!root["data"u8].IsArray) return QuarantineCause.Malformed;
        foreach (var entry in root["data"u8].Elements) AddEntry(venue, entry, instruments, skipped);
        return QuarantineCause.None;
    }

    private static void AddEntry(VenueId venue, JsonValue entry, ICollection<Instrument> instruments, ICollection<string> skipped)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[Fields.Count];
        if (Fields.Pick(entry, ranges, out var fields) != QuarantineCause.None)
        {
            skipped.Add("");
            return;
        }

        // The symbol is the stable id; after a renaming its parts are the old names, and only the currencies are the new ones.
        var name = fields[Name].ToText();
        if (name.Length == 0 || !fields[Base].TryText16(out var baseCode) || !fields[Quote].TryText16(out var quoteCode)
            || !TryScale(fields[Tick], out var tick, out var priceScale) || !TryScale(fields[Lot], out var lot, out var quantityScale))
        {
            skipped.Add(name);
            return;
        }

        fields[Minimum].GetDecimal(quantityScale, out var minimum, out _);
        fields[MinimumFunds].GetDecimal(out var funds, out _);
        instruments.Add(new Instrument
        {
            Venue = venue, Symbol = $"{baseCode}-{quoteCode}".ToUpperInvariant(), VenueSymbol = name, RestSymbol = name,
            Base = baseCode, Quote = quoteCode,
            Tick = new Price(tick), Lot = new Quantity(lot), QuantityMin = new Quantity(minimum), NotionalMin = Notional.OfAmount(funds),
            PriceScale = priceScale, QuantityScale = quantityScale,
            PriceDecimals = InstrumentNumbers.DecimalsOf(tick), QuantityDecimals = InstrumentNumbers.DecimalsOf(lot),
            Status = fields[Enabled].IsTrue ? InstrumentStatus.Trading : InstrumentStatus.Halted,
        });
    }

    /// <summary>The step in the platform's scale, or in the coarsest one that holds it; false where none does.</summary>
    private static bool TryScale(JsonValue step, out long raw, out int scale)
    {
        for (scale = FixedPoint.Decimals; scale <= FixedPoint.ScaleMax; scale++)
        {
            if (step.GetDecimal(scale, out raw, out _) == QuarantineCause.None) return raw > 0;
        }

        raw = 0;
        return false;
    }
}
