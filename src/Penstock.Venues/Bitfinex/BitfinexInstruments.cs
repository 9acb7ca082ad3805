using System.Text;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;

namespace Penstock.Venues.Bitfinex;

/// <summary>
/// GET /v2/conf with four lists in one answer: pairs, currencies, what the currencies are called elsewhere (UST is USDt), and each
/// pair's limits. A pair is the names of two of its own currencies, joined by a colon where one is longer than three letters.
/// </summary>
internal sealed class BitfinexInstruments : IInstrumentSource
{
    /// <summary>Places of the ask and the last price in a ticker.</summary>
    private const int TickerAsk = 3, TickerLast = 7;

    private const int Pairs = 0, Currencies = 1, Names = 2, Details = 3;

    /// <summary>Place of the smallest order in a pair's details.</summary>
    private const int QuantityMin = 3;

    public RestRequest Request(IReadOnlyList<string> symbols) => new()
    {
        Method = HttpMethod.Get,
        PathAndQuery = "/v2/conf/pub:list:pair:exchange,pub:list:currency,pub:map:currency:sym,pub:info:pair",
    };

    public QuarantineCause Parse(VenueId venue, ReadOnlySpan<byte> body, ICollection<Instrument> instruments, ICollection<string> skipped)
    {
        var cause = JsonValue.Parse(body, out var root);
        if (cause != QuarantineCause.None) return cause;
        Span<JsonRange> ranges = stackalloc JsonRange[4];
        var lists = new BitfinexArray(root, ranges);
        if (lists[0].Is("error"u8)) return QuarantineCause.VenueError;
        for (var list = Pairs; list <= Details; list++)
        {
            if (!lists[list].IsArray) return QuarantineCause.Malformed;
        }

        var names = ReadNames(lists[Currencies], lists[Names]);
        var minimums = ReadMinimums(lists[Details]);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var pair in lists[Pairs].Elements)
        {
            var name = pair.ToText();
            if (TrySplit(name, names, out var baseCode, out var quoteCode)
                && Text16.TryCreate(Encoding.UTF8.GetBytes(names[baseCode]), out var baseText)
                && Text16.TryCreate(Encoding.UTF8.GetBytes(names[quoteCode]), out var quoteText)
                && seen.Add($"{baseText}-{quoteText}"))
            {
                instruments.Add(Create(venue, name, baseText, quoteText, minimums.GetValueOrDefault(name)));
            }
            else
            {
                skipped.Add(name);
            }
        }

        return QuarantineCause.None;
    }

    public RestRequest? CompletionRequest(IReadOnlyList<string> symbols) => new() { Method = HttpMethod.Get, PathAndQuery = "/v2/tickers?symbols=ALL" };

    /// <summary>
    /// No list has a tick: prices have five significant digits and at most eight decimals, so the step follows from the price. Orders
    /// are checked by their digits in any case (<see cref="BitfinexOrderEncoder"/>), for the price may outgrow the step.
    /// </summary>
    public QuarantineCause Complete(ReadOnlySpan<byte> body, IList<Instrument> instruments)
    {
        var cause = JsonValue.Parse(body, out var root);
        if (cause != QuarantineCause.None) return cause;
        if (!root.IsArray) return QuarantineCause.Malformed;
        var prices = new Dictionary<string, long>(StringComparer.Ordinal);
        Span<JsonRange> ranges = stackalloc JsonRange[TickerLast + 1];
        foreach (var ticker in root.Elements)
        {
            if (ticker.Is("error"u8)) return QuarantineCause.VenueError;
            var fields = new BitfinexArray(ticker, ranges);
            if (!InstrumentNumbers.TryRead(fields[TickerLast], out var price) || price <= 0) InstrumentNumbers.TryRead(fields[TickerAsk], out price);
            if (price > 0) prices[fields[0].ToText()] = price;
        }

        for (var index = 0; index < instruments.Count; index++)
        {
            if (!prices.TryGetValue(instruments[index].VenueSymbol, out var price)) continue;
            var tick = TickOf(price);
            instruments[index] = instruments[index] with { Tick = new Price(tick), PriceDecimals = InstrumentNumbers.DecimalsOf(tick) };
        }

        return QuarantineCause.None;
    }

    /// <summary>The step of a price, with a tenth of room above it: 9,500 already counts in ones, as 10,000 must.</summary>
    internal static long TickOf(long price)
    {
        var roomy = price + price / 10;
        long tick = 1;
        while (roomy / tick >= 100_000) tick *= 10;
        return tick;
    }

    /// <summary>The smallest step there can be, until a price is known.</summary>
    private static Instrument Create(VenueId venue, string pair, Text16 baseCode, Text16 quoteCode, long minimum) => new()
    {
        Venue = venue, Symbol = $"{baseCode}-{quoteCode}", VenueSymbol = "t" + pair, Base = baseCode, Quote = quoteCode,
        Tick = new Price(1), Lot = new Quantity(1), QuantityMin = new Quantity(minimum), Status = InstrumentStatus.Trading,
    };

    /// <summary>Every currency's name elsewhere, by the venue's own: USDt is USDT to everybody else.</summary>
    private static Dictionary<string, string> ReadNames(JsonValue currencies, JsonValue aliases)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var currency in currencies.Elements) names[currency.ToText()] = currency.ToText().ToUpperInvariant();
        Span<JsonRange> ranges = stackalloc JsonRange[2];
        foreach (var alias in aliases.Elements)
        {
            var entry = new BitfinexArray(alias, ranges);
            if (!entry[1].IsEmpty && names.ContainsKey(entry[0].ToText())) names[entry[0].ToText()] = entry[1].ToText().ToUpperInvariant();
        }

        return names;
    }

    private static Dictionary<string, long> ReadMinimums(JsonValue details)
    {
        var minimums = new Dictionary<string, long>(StringComparer.Ordinal);
        Span<JsonRange> pairRanges = stackalloc JsonRange[2];
        Span<JsonRange> ranges = stackalloc JsonRange[QuantityMin + 1];
        foreach (var pair in details.Elements)
        {
            var entry = new BitfinexArray(pair, pairRanges);
            if (InstrumentNumbers.TryRead(new BitfinexArray(entry[1], ranges)[QuantityMin], out var minimum) && minimum > 0)
                minimums[entry[0].ToText()] = minimum;
        }

        return minimums;
    }

    /// <summary>At the colon, else where both halves are currencies of the venue; nothing is split by its length alone.</summary>
    private static bool TrySplit(string pair, Dictionary<string, string> names, out string baseCode, out string quoteCode)
    {
        var colon = pair.IndexOf(':', StringComparison.Ordinal);
        for (var at = colon < 0 ? 1 : colon; at < pair.Length; at++)
        {
            (baseCode, quoteCode) = (pair[..at], pair[(colon < 0 ? at : at + 1)..]);
            if (names.ContainsKey(baseCode) && names.ContainsKey(quoteCode)) return true;
            if (colon >= 0) break;
        }

        baseCode = quoteCode = "";
        return false;
    }
}
