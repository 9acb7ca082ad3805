using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;

namespace Penstock.Venues.Bybit;

/// <summary>GET /v5/market/instruments-info of one category; the answer's own fields tell the kinds of contracts apart.</summary>
internal sealed class BybitInstruments(string category) : IInstrumentSource
{
    private const int Name = 0, Contract = 1, Status = 2, Base = 3, Quote = 4, PriceFilter = 5, LotFilter = 6, Settle = 7;

    private static readonly JsonFields EntryFields =
        new("symbol", "contractType", "status", "baseCoin", "quoteCoin", "priceFilter", "lotSizeFilter", "settleCoin");

    /// <summary>The largest page.</summary>
    public RestRequest Request(IReadOnlyList<string> symbols) => new()
    {
        Method = HttpMethod.Get, PathAndQuery = $"/v5/market/instruments-info?category={category}&limit=1000",
    };

    public QuarantineCause Parse(VenueId venue, ReadOnlySpan<byte> body, ICollection<Instrument> instruments, ICollection<string> skipped)
    {
        var cause = JsonValue.Parse(body, out var root);
        if (cause != QuarantineCause.None) return cause;
        if (!root["retCode"u8].TryInt64(out var code)) return QuarantineCause.Malformed;
        if (code != 0) return QuarantineCause.VenueError;
        var result = root["result"u8];
        var list = result["list"u8];
        if (!list.IsArray) return QuarantineCause.Malformed;
        foreach (var entry in list.Elements) AddEntry(venue, entry, instruments, skipped);
        if (!result["nextPageCursor"u8].IsEmpty) skipped.Add("(all after the first page)");
        return QuarantineCause.None;
    }

    private static void AddEntry(VenueId venue, JsonValue entry, ICollection<Instrument> instruments, ICollection<string> skipped)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[EntryFields.Count];
        var cause = EntryFields.Pick(entry, ranges, out var fields);
        var name = fields[Name].ToText();
        var lots = fields[LotFilter];
        if (cause != QuarantineCause.None || name.Length == 0
            || !fields[Base].TryText16(out var baseCode) || !fields[Quote].TryText16(out var quoteCode)
            || !TryReadStep(fields[PriceFilter]["tickSize"u8], out var tick, out var priceScale)
            || !TryReadStep(Either(lots, "basePrecision"u8, "qtyStep"u8), out var lot, out var quantityScale))
        {
            skipped.Add(name);
            return;
        }

        lots["minOrderQty"u8].GetDecimal(quantityScale, out var minimum, out _);
        InstrumentNumbers.TryRead(Either(lots, "minOrderAmt"u8, "minNotionalValue"u8), out var money);
        var kind = KindOf(fields[Contract]);
        instruments.Add(new Instrument
        {
            Venue = venue, Symbol = SymbolOf(name, fields[Contract], $"{baseCode}", $"{quoteCode}"), VenueSymbol = name, RestSymbol = name,
            Base = baseCode, Quote = quoteCode, Tick = new Price(tick), Lot = new Quantity(lot),
            QuantityMin = new Quantity(minimum), NotionalMin = Notional.OfAmount(money), Status = StatusOf(fields[Status]),
            PriceDecimals = DecimalsOf(tick, priceScale), QuantityDecimals = DecimalsOf(lot, quantityScale),
            PriceScale = priceScale, QuantityScale = quantityScale,
            Kind = kind, Settle = SettleOf(kind, fields[Settle], baseCode, quoteCode),
        });
    }

    /// <summary>Answers from before there was the field are told apart by their kind.</summary>
    private static Text16 SettleOf(InstrumentKind kind, JsonValue settle, Text16 baseCode, Text16 quoteCode) =>
        settle.TryText16(out var told) && !told.IsEmpty ? told
        : kind switch
        {
            InstrumentKind.Spot => default,
            InstrumentKind.InversePerpetual or InstrumentKind.InverseFuture => baseCode,
            _ => quoteCode,
        };

    /// <summary>Options and what else may come are dated.</summary>
    private static InstrumentKind KindOf(JsonValue contract) =>
        contract.IsEmpty ? InstrumentKind.Spot
        : contract.Is("LinearPerpetual"u8) ? InstrumentKind.LinearPerpetual
        : contract.Is("InversePerpetual"u8) ? InstrumentKind.InversePerpetual
        : contract.Is("InverseFutures"u8) ? InstrumentKind.InverseFuture
        : InstrumentKind.LinearFuture;

    /// <summary>In the platform's scale where that holds the step; else in the coarsest that does.</summary>
    private static bool TryReadStep(JsonValue value, out long raw, out int scale)
    {
        scale = FixedPoint.Decimals;
        if (InstrumentNumbers.TryRead(value, out raw)) return raw > 0;
        if (value.GetDecimal(FixedPoint.ScaleMax, out raw, out _) != QuarantineCause.None || raw <= 0) return false;
        for (scale = FixedPoint.ScaleMax; raw % 10 == 0; raw /= 10) scale--;
        return true;
    }

    private static int DecimalsOf(long step, int scale) => scale == FixedPoint.Decimals ? InstrumentNumbers.DecimalsOf(step) : scale;

    /// <summary>Spot and derivatives name the same thing differently.</summary>
    private static JsonValue Either(JsonValue filter, ReadOnlySpan<byte> spot, ReadOnlySpan<byte> derivative) =>
        filter[spot] is { IsPresent: true } found ? found : filter[derivative];

    /// <summary>A dated contract keeps what its name says of the date (BTC-26DEC25, BTCUSDU21); the coins have fields.</summary>
    private static string SymbolOf(string name, JsonValue contract, string baseCode, string quoteCode)
    {
        var pair = $"{baseCode}-{quoteCode}";
        if (contract.IsEmpty) return pair.ToUpperInvariant();
        if (contract.Is("LinearPerpetual"u8) || contract.Is("InversePerpetual"u8)) return $"{pair}-PERP".ToUpperInvariant();
        var dash = name.LastIndexOf('-');
        var date = dash >= 0 ? name[(dash + 1)..]
            : name.StartsWith(baseCode + quoteCode, StringComparison.Ordinal) ? name[(baseCode.Length + quoteCode.Length)..] : name;
        return $"{pair}-{(date.Length > 0 ? date : name)}".ToUpperInvariant();
    }

    private static InstrumentStatus StatusOf(JsonValue status) =>
        status.Is("Trading"u8) ? InstrumentStatus.Trading
        : status.Is("PreLaunch"u8) || status.Is("Settling"u8) || status.Is("Delivering"u8) ? InstrumentStatus.Halted
        : status.Is("Closed"u8) ? InstrumentStatus.Delisted
        : InstrumentStatus.Unknown;
}
