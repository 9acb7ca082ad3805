using System.Text.Unicode;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;

namespace Penstock.Venues.Binance;

/// <summary>GET /api/v3/exchangeInfo (rest-api.md, read 2026-07-21).</summary>
internal sealed class BinanceInstruments : IInstrumentSource
{
    /// <summary>More names than this and the URL grows past what proxies accept; the whole list is fetched instead.</summary>
    private const int NarrowedMax = 100;

    public RestRequest Request(IReadOnlyList<string> symbols) => new()
    {
        Method = HttpMethod.Get,
        PathAndQuery = symbols.Count is 0 or > NarrowedMax ? "/api/v3/exchangeInfo" : "/api/v3/exchangeInfo?symbols=" + Names(symbols),
        Weight = 20,
    };

    public QuarantineCause Parse(VenueId venue, ReadOnlySpan<byte> body, ICollection<Instrument> instruments, ICollection<string> skipped) =>
        Parse(venue, body, linearPerpetualsOnly: false, instruments, skipped);

    /// <param name="venue">Whose instruments they become.</param>
    /// <param name="body">exchangeInfo of spot or of a futures market.</param>
    /// <param name="linearPerpetualsOnly">Skips what is no perpetual contract, or is not settled in its quote asset.</param>
    /// <param name="instruments">Takes what was read.</param>
    /// <param name="skipped">Takes the names of what was not.</param>
    public static QuarantineCause Parse(
        VenueId venue, ReadOnlySpan<byte> body, bool linearPerpetualsOnly, ICollection<Instrument> instruments, ICollection<string> skipped)
    {
        if (!Utf8.IsValid(body)) return QuarantineCause.InvalidUtf8;
        JsonValue symbols = default, code = default;
        var scanner = new JsonScanner(body);
        scanner.BeginObject();
        while (scanner.NextKey(out var key))
        {
            if (key.SequenceEqual("symbols"u8)) scanner.Take(ref symbols);
            else if (key.SequenceEqual("code"u8)) scanner.Take(ref code);
            else scanner.Skip();
        }

        if (scanner.Finish() is var syntax and not QuarantineCause.None) return syntax;
        if (code.IsPresent) return QuarantineCause.VenueError;

        var entries = new JsonScanner(symbols);
        entries.BeginArray();
        while (entries.NextElement(out var entry)) AddEntry(venue, entry, linearPerpetualsOnly, instruments, skipped);
        return entries.Finish();
    }

    /// <summary>["BTCUSDT","ETHBTC"], percent-encoded. Joining base and quote is safe here; splitting never is.</summary>
    private static string Names(IReadOnlyList<string> symbols)
    {
        var names = symbols.Select(symbol => "\"" + symbol.Replace("-", "", StringComparison.Ordinal).ToUpperInvariant() + "\"");
        return Uri.EscapeDataString("[" + string.Join(',', names) + "]");
    }

    private static void AddEntry(
        VenueId venue, JsonValue entry, bool linearPerpetualsOnly, ICollection<Instrument> instruments, ICollection<string> skipped)
    {
        JsonValue symbol = default, status = default, baseAsset = default, quoteAsset = default, filters = default;
        JsonValue contract = default, margin = default;
        var scanner = new JsonScanner(entry);
        scanner.BeginObject();
        while (scanner.NextKey(out var key))
        {
            if (key.SequenceEqual("symbol"u8)) scanner.Take(ref symbol);
            else if (key.SequenceEqual("status"u8)) scanner.Take(ref status);
            else if (key.SequenceEqual("baseAsset"u8)) scanner.Take(ref baseAsset);
            else if (key.SequenceEqual("quoteAsset"u8)) scanner.Take(ref quoteAsset);
            else if (key.SequenceEqual("filters"u8)) scanner.Take(ref filters);
            else if (key.SequenceEqual("contractType"u8)) scanner.Take(ref contract);
            else if (key.SequenceEqual("marginAsset"u8)) scanner.Take(ref margin);
            else scanner.Skip();
        }

        var name = symbol.ToText();
        if (scanner.Finish() != QuarantineCause.None || name.Length == 0
            || !Text16.TryCreate(baseAsset.Text, out var baseCode) || !Text16.TryCreate(quoteAsset.Text, out var quoteCode)
            || !TryReadFilters(filters, out var limits)
            || (linearPerpetualsOnly && !(contract.Is("PERPETUAL"u8) && margin.Is(quoteAsset.Text))))
        {
            skipped.Add(name);
            return;
        }

        var isInverse = margin.IsPresent && margin.Is(baseAsset.Text);
        var suffix = contract.Is("PERPETUAL"u8) ? "-PERP" : contract.IsPresent && name.Contains('_') ? name[name.IndexOf('_')..] : "";
        instruments.Add(new Instrument
        {
            Venue = venue, Symbol = $"{baseCode}-{quoteCode}{suffix}", VenueSymbol = name, RestSymbol = name,
            Base = baseCode, Quote = quoteCode, Tick = limits.Tick, Lot = limits.Lot,
            QuantityMin = limits.QuantityMin, NotionalMin = limits.NotionalMin, Status = StatusOf(status),
            PriceDecimals = InstrumentNumbers.DecimalsOf(limits.Tick.Raw), QuantityDecimals = InstrumentNumbers.DecimalsOf(limits.Lot.Raw),
            Kind = KindOf(contract, isInverse), Settle = !contract.IsPresent ? default : isInverse ? baseCode : quoteCode,
        });
    }

    private static InstrumentKind KindOf(JsonValue contract, bool isInverse) =>
        !contract.IsPresent ? InstrumentKind.Spot
        : contract.Is("PERPETUAL"u8) ? isInverse ? InstrumentKind.InversePerpetual : InstrumentKind.LinearPerpetual
        : isInverse ? InstrumentKind.InverseFuture : InstrumentKind.LinearFuture;

    private record struct FilterLimits(Price Tick, Quantity Lot, Quantity QuantityMin, Notional NotionalMin);

    /// <summary>False when tick or lot is missing or cannot be represented. pricePrecision is not the tick, ever.</summary>
    private static bool TryReadFilters(JsonValue filters, out FilterLimits limits)
    {
        limits = default;
        var scanner = new JsonScanner(filters);
        scanner.BeginArray();
        while (scanner.NextElement(out var filter))
        {
            JsonValue type = default, tick = default, step = default, minimum = default, minNotional = default, notional = default;
            var fields = new JsonScanner(filter);
            fields.BeginObject();
            while (fields.NextKey(out var key))
            {
                if (key.SequenceEqual("filterType"u8)) fields.Take(ref type);
                else if (key.SequenceEqual("tickSize"u8)) fields.Take(ref tick);
                else if (key.SequenceEqual("stepSize"u8)) fields.Take(ref step);
                else if (key.SequenceEqual("minQty"u8)) fields.Take(ref minimum);
                else if (key.SequenceEqual("minNotional"u8)) fields.Take(ref minNotional);
                else if (key.SequenceEqual("notional"u8)) fields.Take(ref notional); // the futures spelling
                else fields.Skip();
            }

            if (type.Is("PRICE_FILTER"u8) && InstrumentNumbers.TryRead(tick, out var tickRaw)) limits.Tick = new Price(tickRaw);
            if (type.Is("LOT_SIZE"u8) && InstrumentNumbers.TryRead(step, out var stepRaw)) limits.Lot = new Quantity(stepRaw);
            if (type.Is("LOT_SIZE"u8) && InstrumentNumbers.TryRead(minimum, out var least)) limits.QuantityMin = new Quantity(least);
            if ((type.Is("NOTIONAL"u8) || type.Is("MIN_NOTIONAL"u8))
                && InstrumentNumbers.TryRead(minNotional.IsPresent ? minNotional : notional, out var money))
                limits.NotionalMin = Notional.OfAmount(money);
        }

        return scanner.Finish() == QuarantineCause.None && limits.Tick.Raw > 0 && limits.Lot.Raw > 0;
    }

    private static InstrumentStatus StatusOf(JsonValue status) =>
        status.Is("TRADING"u8) ? InstrumentStatus.Trading
        : status.Is("CANCEL_ONLY"u8) ? InstrumentStatus.CancelOnly
        : status.Is("HALT"u8) || status.Is("BREAK"u8) || status.Is("AUCTION_MATCH"u8) || status.Is("END_OF_DAY"u8)
            || status.Is("PRE_TRADING"u8) || status.Is("POST_TRADING"u8) || status.Is("PENDING_TRADING"u8) ? InstrumentStatus.Halted
        : status.Is("SETTLING"u8) || status.Is("CLOSE"u8) || status.Is("DELISTED"u8) ? InstrumentStatus.Delisted
        : InstrumentStatus.Unknown;
}
