using System.Text.Unicode;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;

namespace Penstock.Venues.Bitstamp;

/// <summary>
/// GET /api/v2/markets/, and the older trading-pairs-info/ of captures, whose fields are fewer and named differently. Ticks
/// and lots are given as counts of decimals.
/// </summary>
internal sealed class BitstampInstruments : IInstrumentSource
{
    private const int Name = 0, Symbol = 1, OldSymbol = 2, BaseDecimals = 3, CounterDecimals = 4, ValueMin = 5, OldMin = 6, AmountMin = 7, Trading = 8;

    private static readonly JsonFields Fields = new(
        "name", "market_symbol", "url_symbol", "base_decimals", "counter_decimals", "minimum_order_value", "minimum_order",
        "minimum_order_amount", "trading");

    public RestRequest Request(IReadOnlyList<string> symbols) => new() { Method = HttpMethod.Get, PathAndQuery = "/api/v2/markets/" };

    public QuarantineCause Parse(VenueId venue, ReadOnlySpan<byte> body, ICollection<Instrument> instruments, ICollection<string> skipped)
    {
        if (!Utf8.IsValid(body)) return QuarantineCause.InvalidUtf8;
        var cause = JsonValue.Parse(body, out var root);
        if (cause != QuarantineCause.None) return cause;
        if (root.IsObject) return QuarantineCause.VenueError; // {"status":"error", …}
        if (!root.IsArray) return QuarantineCause.Malformed;
        foreach (var entry in root.Elements) AddEntry(venue, entry, instruments, skipped);
        return QuarantineCause.None;
    }

    private static void AddEntry(VenueId venue, JsonValue entry, ICollection<Instrument> instruments, ICollection<string> skipped)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[Fields.Count];
        var cause = Fields.Pick(entry, ranges, out var fields);
        var name = fields[Name].ToText();
        var symbol = (fields[Symbol].IsPresent ? fields[Symbol] : fields[OldSymbol]).ToText();
        if (cause != QuarantineCause.None || symbol.Length == 0
            || !TryReadCurrencies(name, out var baseCode, out var quoteCode)
            || !TryReadStep(fields[CounterDecimals], out var tick, out var priceDecimals)
            || !TryReadStep(fields[BaseDecimals], out var lot, out var quantityDecimals))
        {
            skipped.Add(name.Length > 0 ? name : symbol);
            return;
        }

        // Of a pair with finer amounts nothing is traded, so its minimum is not needed.
        long minimum = 0;
        if (quantityDecimals <= FixedPoint.Decimals) InstrumentNumbers.TryRead(fields[AmountMin], out minimum);
        var isPerpetual = name.EndsWith("-PERP", StringComparison.OrdinalIgnoreCase);
        instruments.Add(new Instrument
        {
            Venue = venue, Symbol = name.Replace('/', '-').ToUpperInvariant(), VenueSymbol = symbol, RestSymbol = symbol,
            Base = baseCode, Quote = quoteCode, Tick = new Price(tick), Lot = new Quantity(lot),
            QuantityMin = new Quantity(Math.Max(minimum, lot)), NotionalMin = NotionalMin(fields[ValueMin], fields[OldMin]),
            PriceDecimals = priceDecimals, QuantityDecimals = quantityDecimals,
            PriceScale = Math.Max(FixedPoint.Decimals, priceDecimals), QuantityScale = Math.Max(FixedPoint.Decimals, quantityDecimals),
            Status = StatusOf(fields[Trading]),
            Kind = isPerpetual ? InstrumentKind.LinearPerpetual : InstrumentKind.Spot, Settle = isPerpetual ? quoteCode : default,
        });
    }

    /// <summary>
    /// The venue writes the two with a slash between them, "BTC/USD", perpetuals as "BTC/USD-PERP"; the lower-case symbol
    /// ("usdtusd", "1inchusd") cannot be split.
    /// </summary>
    private static bool TryReadCurrencies(string name, out Text16 baseCode, out Text16 quoteCode)
    {
        baseCode = quoteCode = default;
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        if (slash <= 0) return false;
        var quote = name[(slash + 1)..].ToUpperInvariant();
        if (quote.EndsWith("-PERP", StringComparison.Ordinal)) quote = quote[..^"-PERP".Length];
        return TryCode(name[..slash].ToUpperInvariant(), out baseCode) && TryCode(quote, out quoteCode);
    }

    private static bool TryCode(string text, out Text16 code) =>
        Text16.TryCreate(System.Text.Encoding.UTF8.GetBytes(text), out code) && !code.IsEmpty;

    /// <summary>The step a count of decimals stands for: in units of 1e-8, or of that many decimals where they are more.</summary>
    private static bool TryReadStep(JsonValue value, out long step, out int decimals)
    {
        step = decimals = 0;
        if (value.GetInt64(out var count) != QuarantineCause.None || count is < 0 or > FixedPoint.ScaleMax) return false;
        decimals = (int)count;
        step = FixedPoint.PowerOfTen(Math.Max(FixedPoint.Decimals, decimals) - decimals);
        return true;
    }

    /// <summary>"10", or in the older list "10.0 USD".</summary>
    private static Notional NotionalMin(JsonValue value, JsonValue older)
    {
        if (value.IsPresent) return InstrumentNumbers.TryRead(value, out var amount) ? Notional.OfAmount(amount) : default;
        var text = older.Text;
        var space = text.IndexOf((byte)' ');
        return space > 0 && FixedPoint.TryParse(text[..space], out var raw) == DecimalStatus.Ok ? Notional.OfAmount(raw) : default;
    }

    private static InstrumentStatus StatusOf(JsonValue trading) =>
        trading.Is("Enabled"u8) ? InstrumentStatus.Trading
        : trading.Is("Disabled"u8) ? InstrumentStatus.Halted
        : InstrumentStatus.Unknown;
}
