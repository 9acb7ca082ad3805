using System.Text.Unicode;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;

namespace Penstock.Venues.Okx;

/// <summary>GET /api/v5/public/instruments, one type of instrument a call.</summary>
internal sealed class OkxInstruments : IInstrumentSource
{
    /// <summary>Spot, unless every wanted name is a perpetual: the venue has no call for both.</summary>
    public RestRequest Request(IReadOnlyList<string> symbols) => new()
    {
        Method = HttpMethod.Get,
        PathAndQuery = "/api/v5/public/instruments?instType="
            + (symbols.Count > 0 && symbols.All(symbol => symbol.EndsWith("-PERP", StringComparison.OrdinalIgnoreCase)) ? "SWAP" : "SPOT"),
    };

    public QuarantineCause Parse(VenueId venue, ReadOnlySpan<byte> body, ICollection<Instrument> instruments, ICollection<string> skipped)
    {
        if (!Utf8.IsValid(body)) return QuarantineCause.InvalidUtf8;
        JsonValue code = default, data = default;
        var scanner = new JsonScanner(body);
        scanner.BeginObject();
        while (scanner.NextKey(out var key))
        {
            if (key.SequenceEqual("code"u8)) scanner.Take(ref code);
            else if (key.SequenceEqual("data"u8)) scanner.Take(ref data);
            else scanner.Skip();
        }

        if (scanner.Finish() is var syntax and not QuarantineCause.None) return syntax;
        if (!code.Is("0"u8)) return QuarantineCause.VenueError;

        var entries = new JsonScanner(data);
        entries.BeginArray();
        while (entries.NextElement(out var entry)) AddEntry(venue, entry, instruments, skipped);
        return entries.Finish();
    }

    private static void AddEntry(VenueId venue, JsonValue entry, ICollection<Instrument> instruments, ICollection<string> skipped)
    {
        var fields = new ListedFields();
        var cause = fields.Read(entry);
        var name = fields.Name.ToText();
        if (cause != QuarantineCause.None || name.Length == 0
            || !TryReadCurrencies(in fields, out var baseCode, out var quoteCode)
            || !InstrumentNumbers.TryRead(fields.Tick, out var tick) || tick <= 0
            || !InstrumentNumbers.TryRead(fields.Lot, out var lot) || lot <= 0)
        {
            skipped.Add(name);
            return;
        }

        InstrumentNumbers.TryRead(fields.Minimum, out var minimum);
        fields.Code.GetInt64(out var venueCode); // zero in captures from before 2025, where order entry took the name
        instruments.Add(new Instrument
        {
            Venue = venue, Symbol = SymbolOf(name, fields.Type), VenueSymbol = name, RestSymbol = name,
            Base = baseCode, Quote = quoteCode, Tick = new Price(tick), Lot = new Quantity(lot), QuantityMin = new Quantity(minimum),
            PriceDecimals = InstrumentNumbers.DecimalsOf(tick), QuantityDecimals = InstrumentNumbers.DecimalsOf(lot),
            VenueCode = venueCode, Status = OkxFeedDecoder.StatusOf(fields.State),
            Kind = KindOf(fields), Settle = Text16.TryCreate(fields.Settlement.Text, out var settle) ? settle : default,
            ContractSize = ContractSizeOf(fields),
        });
    }

    private static InstrumentKind KindOf(in ListedFields fields)
    {
        var isInverse = fields.ContractType.Is("inverse"u8);
        return fields.Type.Is("SWAP"u8) ? isInverse ? InstrumentKind.InversePerpetual : InstrumentKind.LinearPerpetual
            : fields.Type.Is("FUTURES"u8) ? isInverse ? InstrumentKind.InverseFuture : InstrumentKind.LinearFuture
            : InstrumentKind.Spot;
    }

    /// <summary>ctVal × ctMult where a contract is worth an amount of its base asset; an inverse one is worth an amount of its quote.</summary>
    private static Quantity ContractSizeOf(in ListedFields fields)
    {
        var one = new Quantity(FixedPoint.Scale);
        if (!fields.ContractType.Is("linear"u8) || !InstrumentNumbers.TryRead(fields.ContractValue, out var value) || value <= 0) return one;
        return InstrumentNumbers.TryRead(fields.ContractMultiplier, out var times) && times > 0
            ? new Quantity((long)((Int128)value * times / FixedPoint.Scale)) : new Quantity(value);
    }

    private static string SymbolOf(string name, JsonValue type) =>
        type.Is("SWAP"u8) && name.EndsWith("-SWAP", StringComparison.Ordinal) ? name[..^"-SWAP".Length] + "-PERP" : name;

    /// <summary>
    /// Derivatives leave both empty: a linear contract is worth an amount of its base and settles in its quote, an inverse
    /// one the other way round.
    /// </summary>
    private static bool TryReadCurrencies(in ListedFields fields, out Text16 baseCode, out Text16 quoteCode)
    {
        var inverse = fields.ContractType.Is("inverse"u8);
        var baseText = !fields.Base.Text.IsEmpty ? fields.Base : inverse ? fields.Settlement : fields.ContractCurrency;
        var quoteText = !fields.Quote.Text.IsEmpty ? fields.Quote : inverse ? fields.ContractCurrency : fields.Settlement;
        return Text16.TryCreate(baseText.Text, out baseCode) & Text16.TryCreate(quoteText.Text, out quoteCode)
            && !baseCode.IsEmpty && !quoteCode.IsEmpty;
    }

    private ref struct ListedFields
    {
        public JsonValue Name;
        public JsonValue Type;
        public JsonValue Code;
        public JsonValue Base;
        public JsonValue Quote;
        public JsonValue Tick;
        public JsonValue Lot;
        public JsonValue Minimum;
        public JsonValue State;
        public JsonValue ContractType;
        public JsonValue ContractCurrency;
        public JsonValue Settlement;
        public JsonValue ContractValue;
        public JsonValue ContractMultiplier;

        public QuarantineCause Read(JsonValue entry)
        {
            var scanner = new JsonScanner(entry);
            scanner.BeginObject();
            while (scanner.NextKey(out var key))
            {
                if (key.SequenceEqual("instId"u8)) scanner.Take(ref Name);
                else if (key.SequenceEqual("instType"u8)) scanner.Take(ref Type);
                else if (key.SequenceEqual("instIdCode"u8)) scanner.Take(ref Code);
                else if (key.SequenceEqual("baseCcy"u8)) scanner.Take(ref Base);
                else if (key.SequenceEqual("quoteCcy"u8)) scanner.Take(ref Quote);
                else if (key.SequenceEqual("tickSz"u8)) scanner.Take(ref Tick);
                else if (key.SequenceEqual("lotSz"u8)) scanner.Take(ref Lot);
                else if (key.SequenceEqual("minSz"u8)) scanner.Take(ref Minimum);
                else if (key.SequenceEqual("state"u8)) scanner.Take(ref State);
                else if (key.SequenceEqual("ctType"u8)) scanner.Take(ref ContractType);
                else if (key.SequenceEqual("ctValCcy"u8)) scanner.Take(ref ContractCurrency);
                else if (key.SequenceEqual("settleCcy"u8)) scanner.Take(ref Settlement);
                else if (key.SequenceEqual("ctVal"u8)) scanner.Take(ref ContractValue);
                else if (key.SequenceEqual("ctMult"u8)) scanner.Take(ref ContractMultiplier);
                else scanner.Skip();
            }

            return scanner.Finish();
        }
    }
}
