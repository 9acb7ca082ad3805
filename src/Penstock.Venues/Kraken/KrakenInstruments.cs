using System.Text;
using System.Text.Unicode;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;

namespace Penstock.Venues.Kraken;

/// <summary>
/// GET /0/public/AssetPairs. It speaks the older names: the stream's BTC/USD is its wsname XBT/USD with two assets renamed,
/// and its REST calls want the altname XBTUSD.
/// </summary>
internal sealed class KrakenInstruments : IInstrumentSource
{
    public RestRequest Request(IReadOnlyList<string> symbols) => new()
    {
        Method = HttpMethod.Get,
        PathAndQuery = "/0/public/AssetPairs",
    };

    public QuarantineCause Parse(VenueId venue, ReadOnlySpan<byte> body, ICollection<Instrument> instruments, ICollection<string> skipped)
    {
        if (!Utf8.IsValid(body)) return QuarantineCause.InvalidUtf8;
        JsonValue error = default, result = default;
        var scanner = new JsonScanner(body);
        scanner.BeginObject();
        while (scanner.NextKey(out var key))
        {
            if (key.SequenceEqual("error"u8)) scanner.Take(ref error);
            else if (key.SequenceEqual("result"u8)) scanner.Take(ref result);
            else scanner.Skip();
        }

        if (scanner.Finish() is var syntax and not QuarantineCause.None) return syntax;
        var errors = new JsonScanner(error);
        errors.BeginArray();
        if (error.IsArray && errors.NextElement(out _)) return QuarantineCause.VenueError;

        var entries = new JsonScanner(result);
        entries.BeginObject();
        while (entries.NextKey(out var name))
        {
            JsonValue entry = default;
            entries.Take(ref entry);
            if (entry.IsPresent) AddEntry(venue, name, entry, instruments, skipped);
        }

        return entries.Finish();
    }

    private static void AddEntry(
        VenueId venue, ReadOnlySpan<byte> name, JsonValue entry, ICollection<Instrument> instruments, ICollection<string> skipped)
    {
        JsonValue altName = default, webSocketName = default, status = default, tick = default, minimum = default, cost = default;
        JsonValue priceDecimals = default, quantityDecimals = default;
        var scanner = new JsonScanner(entry);
        scanner.BeginObject();
        while (scanner.NextKey(out var key))
        {
            if (key.SequenceEqual("altname"u8)) scanner.Take(ref altName);
            else if (key.SequenceEqual("wsname"u8)) scanner.Take(ref webSocketName);
            else if (key.SequenceEqual("status"u8)) scanner.Take(ref status);
            else if (key.SequenceEqual("tick_size"u8)) scanner.Take(ref tick);
            else if (key.SequenceEqual("ordermin"u8)) scanner.Take(ref minimum);
            else if (key.SequenceEqual("costmin"u8)) scanner.Take(ref cost);
            else if (key.SequenceEqual("pair_decimals"u8)) scanner.Take(ref priceDecimals);
            else if (key.SequenceEqual("lot_decimals"u8)) scanner.Take(ref quantityDecimals);
            else scanner.Skip();
        }

        if (scanner.Finish() != QuarantineCause.None
            || !TrySplit(webSocketName.ToText(), out var baseCode, out var quoteCode)
            || !TryStep(tick, priceDecimals, out var tickRaw) || !TryStep(default, quantityDecimals, out var lotRaw))
        {
            skipped.Add(Encoding.UTF8.GetString(name));
            return;
        }

        InstrumentNumbers.TryRead(minimum, out var quantityMin);
        InstrumentNumbers.TryRead(cost, out var notionalMin);
        instruments.Add(new Instrument
        {
            Venue = venue, Symbol = $"{baseCode}-{quoteCode}", VenueSymbol = $"{baseCode}/{quoteCode}", RestSymbol = altName.ToText(),
            Base = baseCode, Quote = quoteCode, Tick = new Price(tickRaw), Lot = new Quantity(lotRaw),
            QuantityMin = new Quantity(quantityMin), NotionalMin = Notional.OfAmount(notionalMin),
            Status = status.IsPresent ? KrakenFeedDecoder.StatusOf(status) : InstrumentStatus.Trading,
            PriceDecimals = InstrumentNumbers.DecimalsOf(tickRaw), QuantityDecimals = InstrumentNumbers.DecimalsOf(lotRaw),
        });
    }

    /// <summary>
    /// wsname is the venue's own BASE/QUOTE, so this split is by its separator, not by guessing. Dark-pool pairs have none.
    /// </summary>
    private static bool TrySplit(string name, out Text16 baseCode, out Text16 quoteCode)
    {
        baseCode = quoteCode = default;
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && slash < name.Length - 1
            && Text16.TryCreate(KrakenAssetNames.ToOurs(Encoding.UTF8.GetBytes(name[..slash])), out baseCode)
            && Text16.TryCreate(KrakenAssetNames.ToOurs(Encoding.UTF8.GetBytes(name[(slash + 1)..])), out quoteCode);
    }

    /// <summary>tick_size where it is given (since 2023), else one unit of the last decimal. False beyond eight decimals.</summary>
    private static bool TryStep(JsonValue size, JsonValue decimals, out long raw)
    {
        if (size.IsPresent) return InstrumentNumbers.TryRead(size, out raw) && raw > 0;
        raw = 0;
        if (decimals.GetInt64(out var places) != QuarantineCause.None || places is < 0 or > FixedPoint.Decimals) return false;
        raw = FixedPoint.PowerOfTen(FixedPoint.Decimals - (int)places);
        return true;
    }
}
