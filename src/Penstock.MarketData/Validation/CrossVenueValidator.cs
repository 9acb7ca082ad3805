using Penstock.MarketData.Books;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;

namespace Penstock.MarketData.Validation;

/// <summary>
/// Compares what venues say about the same instrument (R44, R49): who is apart from the majority, who stands still, whose market is locked
/// or crossed, and where one venue bids more than another asks. It flags and counts; it changes no price and stops nobody. A venue that
/// is lost costs coverage and changes no other venue's flags (R47). Single thread, no allocation after the start; other threads may read figures.
/// </summary>
public sealed class CrossVenueValidator
{
    private readonly List<QuoteGroup> _groups = [];
    private readonly (QuoteGroup Group, VenueQuote Quote)[] _byInstrument;

    /// <param name="instruments">All that are subscribed; those of equal base and quote are one instrument.</param>
    /// <param name="options">Bounds.</param>
    /// <exception cref="ArgumentException">An equivalence is not of the form A=B.</exception>
    public CrossVenueValidator(IReadOnlyList<Instrument> instruments, ValidatorOptions? options = null)
    {
        options ??= new ValidatorOptions();
        var same = Equivalences(options);
        _byInstrument = new (QuoteGroup, VenueQuote)[instruments.Count == 0 ? 1 : instruments.Max(i => i.Id.Value) + 1];
        foreach (var members in instruments.GroupBy(i => (Pair: $"{i.Base}-{Canonical(same, i.Quote.ToString())}", Kind: KindOf(i))))
        {
            var scale = members.Max(i => i.PriceScale);
            var quotes = members.Select(i => new VenueQuote(i, PowerOfTen(scale - i.PriceScale))).ToArray();
            var group = new QuoteGroup(members.Key.Pair + members.Key.Kind, quotes, options, Statistics);
            _groups.Add(group);
            foreach (var quote in quotes) _byInstrument[quote.Instrument.Id.Value] = (group, quote);
        }
    }

    public ValidatorStatistics Statistics { get; } = new();

    /// <summary>Instruments, each with all of its venues.</summary>
    public int InstrumentCount => _groups.Count;

    /// <summary>Quotes of all venues right now divergent.</summary>
    public int DivergentNow => CountNow(VenueQuoteFlags.Divergent);

    public int LockedNow => CountNow(VenueQuoteFlags.Locked);

    public int StandstillNow => CountNow(VenueQuoteFlags.Standstill);

    /// <summary>Instruments for which one venue bids more than another asks.</summary>
    public int CrossedAcrossNow
    {
        get
        {
            var count = 0;
            foreach (var group in _groups) count += group.IsCrossedAcross ? 1 : 0;
            return count;
        }
    }

    /// <summary>Thousandths of the configured venues that count right now, of the instrument that has fewest of them.</summary>
    public int CoveragePerMilleMin
    {
        get
        {
            var least = 1_000;
            foreach (var group in _groups) least = Math.Min(least, group.FreshCount * 1_000 / group.Quotes.Length);
            return least;
        }
    }

    /// <summary>How the venue's price of this instrument of its own stands beside the others', at the last comparison.</summary>
    public VenueQuoteFlags FlagsOf(InstrumentId id) => Find(id) is { } quote ? quote.Flags : VenueQuoteFlags.None;

    /// <summary>Fresh venues of all that have this instrument, at the last comparison.</summary>
    public (int Fresh, int Venues) CoverageOf(InstrumentId id) => Find(id) is null ? (0, 0) : (_byInstrument[id.Value].Group.FreshCount, _byInstrument[id.Value].Group.Quotes.Length);

    /// <summary>The median mid of the fresh venues in the price scale of this instrument, rounded down; zero without one.</summary>
    public long MedianRaw(InstrumentId id) => Find(id) is { } quote ? (long)(_byInstrument[id.Value].Group.Median4 / 4 / quote.Factor) : 0;

    /// <summary>Takes a book's best bid and ask, or that it has none to be trusted.</summary>
    /// <param name="id">Of the venue's instrument; unknown ones are ignored.</param>
    /// <param name="book">Null where there is none.</param>
    /// <param name="nowNs">Monotonic.</param>
    public void Observe(InstrumentId id, IOrderBook? book, long nowNs)
    {
        if (Find(id) is not { } quote) return;
        if (book is null || (book.Flags & ~BookFlags.Crossed) != BookFlags.Synced
            || !book.TryBest(Side.Buy, out var bid) || !book.TryBest(Side.Sell, out var ask))
        {
            QuoteGroup.OnUnusable(quote);
            return;
        }

        _byInstrument[id.Value].Group.OnQuote(quote, bid.Price.Raw * quote.Factor, ask.Price.Raw * quote.Factor, nowNs);
    }

    /// <summary>As <see cref="Observe"/>, from prices alone.</summary>
    public void Observe(InstrumentId id, long bidRaw, long askRaw, long nowNs)
    {
        if (Find(id) is { } quote) _byInstrument[id.Value].Group.OnQuote(quote, bidRaw * quote.Factor, askRaw * quote.Factor, nowNs);
    }

    /// <summary>The venue's price of the instrument is not to be trusted until the next one comes.</summary>
    public void Lose(InstrumentId id)
    {
        if (Find(id) is { } quote) QuoteGroup.OnUnusable(quote);
    }

    /// <summary>Compares every instrument's venues.</summary>
    public void Compare(long nowNs)
    {
        foreach (var group in _groups) group.Compare(nowNs);
    }

    private VenueQuote? Find(InstrumentId id) => (uint)id.Value < (uint)_byInstrument.Length ? _byInstrument[id.Value].Quote : null;

    private int CountNow(VenueQuoteFlags flag)
    {
        var count = 0;
        foreach (var group in _groups)
        {
            foreach (var quote in group.Quotes) count += (quote.Flags & flag) != 0 ? 1 : 0;
        }

        return count;
    }

    /// <summary>What follows base and quote in our spelling: a perpetual is another instrument than the pair.</summary>
    private static string KindOf(Instrument instrument)
    {
        var pair = $"{instrument.Base}-{instrument.Quote}";
        return instrument.Symbol.StartsWith(pair, StringComparison.Ordinal) ? instrument.Symbol[pair.Length..] : "";
    }

    private static Dictionary<string, string> Equivalences(ValidatorOptions options)
    {
        var same = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in options.EquivalentQuotes)
        {
            var parts = pair.Split('=');
            if (parts.Length != 2) throw new ArgumentException($"Expected an equivalence like USD=USDT, found {pair}.", nameof(options));
            same[parts[1]] = Canonical(same, parts[0]);
        }

        return same;
    }

    private static string Canonical(Dictionary<string, string> same, string quote) => same.GetValueOrDefault(quote, quote);

    private static Int128 PowerOfTen(int exponent)
    {
        Int128 power = 1;
        for (var i = 0; i < exponent; i++) power *= 10;
        return power;
    }
}
