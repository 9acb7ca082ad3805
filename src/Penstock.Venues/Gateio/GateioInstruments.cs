using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;

namespace Penstock.Venues.Gateio;

/// <summary>GET /api/v4/spot/currency_pairs: every pair in one answer; steps are told as counts of decimals.</summary>
internal sealed class GateioInstruments : IInstrumentSource
{
    private const int Id = 0, BaseCode = 1, QuoteCode = 2, BaseMin = 3, QuoteMin = 4, AmountDecimals = 5, PriceDecimals = 6, Status = 7;

    private static readonly JsonFields Fields = new(
        "id", "base", "quote", "min_base_amount", "min_quote_amount", "amount_precision", "precision", "trade_status");

    public RestRequest Request(IReadOnlyList<string> symbols) => new()
    {
        Method = HttpMethod.Get, PathAndQuery = "/api/v4/spot/currency_pairs",
    };

    public QuarantineCause Parse(VenueId venue, ReadOnlySpan<byte> body, ICollection<Instrument> instruments, ICollection<string> skipped)
    {
        var cause = JsonValue.Parse(body, out var root);
        if (cause != QuarantineCause.None) return cause;
        if (root["label"u8].IsString) return QuarantineCause.VenueError;
        if (!root.IsArray) return QuarantineCause.Malformed;
        foreach (var entry in root.Elements) Add(venue, entry, instruments, skipped);
        return QuarantineCause.None;
    }

    private static void Add(VenueId venue, JsonValue entry, ICollection<Instrument> instruments, ICollection<string> skipped)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[Fields.Count];
        var cause = Fields.Pick(entry, ranges, out var fields);
        var name = fields[Id].ToText();
        Text16 baseCode = default, quoteCode = default;
        if (cause != QuarantineCause.None || name.Length == 0
            || !Text16.TryCreate(fields[BaseCode].Text, out baseCode) || baseCode.IsEmpty
            || !Text16.TryCreate(fields[QuoteCode].Text, out quoteCode) || quoteCode.IsEmpty
            || fields[PriceDecimals].GetInt64(out var priceDecimals) != QuarantineCause.None || priceDecimals is < 0 or > FixedPoint.ScaleMax
            || fields[AmountDecimals].GetInt64(out var amountDecimals) != QuarantineCause.None || amountDecimals is < 0 or > FixedPoint.ScaleMax)
        {
            skipped.Add(name);
            return;
        }

        var (priceScale, quantityScale) = (Math.Max(FixedPoint.Decimals, (int)priceDecimals), Math.Max(FixedPoint.Decimals, (int)amountDecimals));
        // null is no limit
        InstrumentNumbers.TryRead(fields[QuoteMin], out var leastMoney);
        fields[BaseMin].GetDecimal(quantityScale, out var least, out _);
        instruments.Add(new Instrument
        {
            Venue = venue, Symbol = $"{baseCode}-{quoteCode}".ToUpperInvariant(), VenueSymbol = name, RestSymbol = name,
            Base = baseCode, Quote = quoteCode, PriceScale = priceScale, QuantityScale = quantityScale,
            Tick = new Price(FixedPoint.PowerOfTen(priceScale - (int)priceDecimals)), PriceDecimals = (int)priceDecimals,
            Lot = new Quantity(FixedPoint.PowerOfTen(quantityScale - (int)amountDecimals)), QuantityDecimals = (int)amountDecimals,
            QuantityMin = new Quantity(least), NotionalMin = Notional.OfAmount(leastMoney), Status = StatusOf(fields[Status]),
        });
    }

    /// <summary>A pair that only one side may trade is no market to quote in.</summary>
    private static InstrumentStatus StatusOf(JsonValue status) =>
        status.Is("tradable"u8) ? InstrumentStatus.Trading
        : status.Is("untradable"u8) || status.Is("buyable"u8) || status.Is("sellable"u8) ? InstrumentStatus.Halted
        : InstrumentStatus.Unknown;
}
