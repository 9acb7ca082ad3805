using System.Text;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;

namespace Penstock.Venues.Htx;

/// <summary>
/// GET /v1/settings/common/market-symbols, whose keys are two letters, and the older /v1/common/symbols, which captures hold and
/// whose keys are words: each field is looked for under both names.
/// </summary>
internal sealed class HtxInstruments : IInstrumentSource
{
    private const int Name = 0, Base = 1, Quote = 3, PriceDigits = 5, QuantityDigits = 7, Minimum = 9, NotionalMinimum = 11, State = 13, Api = 14;

    private static readonly JsonFields EntryFields = new(
        "symbol", "bc", "base-currency", "qc", "quote-currency", "pp", "price-precision", "ap", "amount-precision",
        "lominoa", "limit-order-min-order-amt", "minov", "min-order-value", "state", "at", "api-trading");

    public RestRequest Request(IReadOnlyList<string> symbols) => new()
    {
        Method = HttpMethod.Get, PathAndQuery = "/v1/settings/common/market-symbols",
    };

    public QuarantineCause Parse(VenueId venue, ReadOnlySpan<byte> body, ICollection<Instrument> instruments, ICollection<string> skipped)
    {
        var cause = JsonValue.Parse(body, out var root);
        if (cause != QuarantineCause.None) return cause;
        if (!root.IsObject) return QuarantineCause.Malformed;
        if (!root["status"u8].Is("ok"u8)) return QuarantineCause.VenueError;
        var data = root["data"u8];
        if (!data.IsArray) return QuarantineCause.Malformed;
        foreach (var entry in data.Elements) AddEntry(venue, entry, instruments, skipped);
        return QuarantineCause.None;
    }

    private static void AddEntry(VenueId venue, JsonValue entry, ICollection<Instrument> instruments, ICollection<string> skipped)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[EntryFields.Count];
        var cause = EntryFields.Pick(entry, ranges, out var fields);
        var name = fields[Name].ToText();
        if (cause != QuarantineCause.None || name.Length == 0
            || !HtxAssets.TryRead(Either(fields, Base), out var baseAsset) || !HtxAssets.TryRead(Either(fields, Quote), out var quoteAsset)
            || !TryReadDigits(Either(fields, PriceDigits), out var priceDigits) || !TryReadDigits(Either(fields, QuantityDigits), out var quantityDigits))
        {
            skipped.Add(name);
            return;
        }

        var priceScale = Math.Max(priceDigits, FixedPoint.Decimals);
        var quantityScale = Math.Max(quantityDigits, FixedPoint.Decimals);
        Either(fields, Minimum).GetDecimal(quantityScale, out var minimum, out _);
        InstrumentNumbers.TryRead(Either(fields, NotionalMinimum), out var notional);
        instruments.Add(new Instrument
        {
            Venue = venue, Symbol = $"{baseAsset}-{quoteAsset}", VenueSymbol = name, RestSymbol = name, Base = baseAsset, Quote = quoteAsset,
            Tick = new Price(Step(priceScale - priceDigits)), Lot = new Quantity(Step(quantityScale - quantityDigits)),
            QuantityMin = new Quantity(minimum), NotionalMin = Notional.OfAmount(notional),
            PriceDecimals = priceDigits, QuantityDecimals = quantityDigits, PriceScale = priceScale, QuantityScale = quantityScale,
            Status = StatusOf(fields[State], fields[Api].IsPresent ? fields[Api] : fields[Api + 1]),
        });
    }

    /// <summary>The value under its short name, or under its long one.</summary>
    private static JsonValue Either(in JsonPicked fields, int shortName) =>
        fields[shortName].IsPresent ? fields[shortName] : fields[shortName + 1];

    /// <summary>A number of digits after the point that a scale can have.</summary>
    private static bool TryReadDigits(JsonValue value, out int digits)
    {
        var cause = value.GetInt64(out var number);
        digits = (int)Math.Clamp(number, 0, FixedPoint.ScaleMax);
        return cause == QuarantineCause.None && number == digits;
    }

    private static long Step(int zeros)
    {
        var step = 1L;
        for (; zeros > 0; zeros--) step *= 10;
        return step;
    }

    /// <summary>An instrument that may be traded, but not by API, is market data only.</summary>
    private static InstrumentStatus StatusOf(JsonValue state, JsonValue api)
    {
        if (state.Is("offline"u8)) return InstrumentStatus.Delisted;
        if (state.Is("suspend"u8) || state.Is("pre-online"u8) || state.Is("fuse"u8)) return InstrumentStatus.Halted;
        if (!state.Is("online"u8)) return InstrumentStatus.Unknown;
        return api.IsEmpty || api.Is("enabled"u8) ? InstrumentStatus.Trading : InstrumentStatus.Halted;
    }
}
