using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;

namespace Penstock.Venues.Coinbase;

/// <summary>GET /api/v3/brokerage/market/products: the public list of all products, without keys.</summary>
internal sealed class CoinbaseInstruments : IInstrumentSource
{
    private const int Product = 0, Base = 1, Quote = 2, PriceIncrement = 3, BaseIncrement = 4, BaseMinimum = 5, QuoteMinimum = 6, Status = 7,
        ProductType = 8, Alias = 9, TradingDisabled = 10, IsDisabled = 11, ViewOnly = 12, CancelOnly = 13, PostOnly = 14, LimitOnly = 15,
        AuctionMode = 16;

    private static readonly JsonFields Fields = new(
        "product_id", "base_currency_id", "quote_currency_id", "price_increment", "base_increment", "base_min_size", "quote_min_size",
        "status", "product_type", "alias", "trading_disabled", "is_disabled", "view_only", "cancel_only", "post_only", "limit_only",
        "auction_mode");

    public RestRequest Request(IReadOnlyList<string> symbols) => new()
    {
        Method = HttpMethod.Get,
        PathAndQuery = "/api/v3/brokerage/market/products?product_type=SPOT",
    };

    public QuarantineCause Parse(VenueId venue, ReadOnlySpan<byte> body, ICollection<Instrument> instruments, ICollection<string> skipped)
    {
        var cause = JsonValue.Parse(body, out var root);
        if (cause != QuarantineCause.None) return cause;
        var products = root["products"u8];
        if (!products.IsArray) return root["error"u8].IsPresent ? QuarantineCause.VenueError : QuarantineCause.Malformed;
        Span<JsonRange> ranges = stackalloc JsonRange[Fields.Count];
        foreach (var entry in products.Elements)
        {
            cause = Fields.Pick(entry, ranges, out var fields);
            if (cause != QuarantineCause.None) return cause;
            if (Read(venue, fields) is { } instrument) instruments.Add(instrument);
            else skipped.Add(fields[Product].ToText());
        }

        return QuarantineCause.None;
    }

    /// <summary>
    /// Null for futures, for what has no readable steps, and for aliases: market data of BTC-USDC is that of BTC-USD, under its
    /// name, and two instruments cannot share one.
    /// </summary>
    private static Instrument? Read(VenueId venue, in JsonPicked fields)
    {
        var name = fields[Product].ToText();
        if (name.Length == 0 || !fields[Alias].IsEmpty) return null;
        if (!fields[ProductType].IsEmpty && !fields[ProductType].Is("SPOT"u8)) return null;
        if (!fields[Base].TryText16(out var baseCode) || !fields[Quote].TryText16(out var quoteCode)) return null;
        if (!TryStep(fields[PriceIncrement], out var tick, out var priceScale)) return null;
        if (!TryStep(fields[BaseIncrement], out var lot, out var quantityScale)) return null;
        fields[BaseMinimum].GetDecimal(quantityScale, out var minimum, out _); // zero where it cannot be read: then the venue refuses
        InstrumentNumbers.TryRead(fields[QuoteMinimum], out var cost);
        return new Instrument
        {
            Venue = venue, Symbol = $"{baseCode}-{quoteCode}", VenueSymbol = name, RestSymbol = name, Base = baseCode, Quote = quoteCode,
            Tick = new Price(tick), Lot = new Quantity(lot), QuantityMin = new Quantity(minimum), NotionalMin = Notional.OfAmount(cost),
            PriceDecimals = DecimalsOf(tick, priceScale), QuantityDecimals = DecimalsOf(lot, quantityScale),
            PriceScale = priceScale, QuantityScale = quantityScale, Status = StatusOf(fields),
        };
    }

    /// <summary>The coarsest scale that holds the step exactly; 8 for almost all products.</summary>
    private static bool TryStep(JsonValue step, out long raw, out int scale)
    {
        raw = 0;
        for (scale = FixedPoint.Decimals; scale <= FixedPoint.ScaleMax; scale++)
        {
            var cause = step.GetDecimal(scale, out raw, out _);
            if (cause != QuarantineCause.NumberUnrepresentable) return cause == QuarantineCause.None && raw > 0;
        }

        return false;
    }

    private static int DecimalsOf(long stepRaw, int scale)
    {
        for (; scale > 0 && stepRaw % 10 == 0; stepRaw /= 10) scale--;
        return scale;
    }

    /// <summary>The flags say more than the word: a product can be online and closed.</summary>
    private static InstrumentStatus StatusOf(in JsonPicked fields)
    {
        if (fields[TradingDisabled].IsTrue || fields[IsDisabled].IsTrue || fields[ViewOnly].IsTrue) return InstrumentStatus.Halted;
        if (fields[CancelOnly].IsTrue) return InstrumentStatus.CancelOnly;
        if (fields[PostOnly].IsTrue) return InstrumentStatus.PostOnly;
        if (fields[LimitOnly].IsTrue || fields[AuctionMode].IsTrue) return InstrumentStatus.LimitOnly;
        return CoinbaseFeedDecoder.StatusOf(fields[Status]);
    }
}
