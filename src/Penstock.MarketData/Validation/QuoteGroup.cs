namespace Penstock.MarketData.Validation;

/// <summary>
/// The same instrument on several venues. All comparisons are exact integers: prices in the finest scale of the venues, sums in 128 bits.
/// </summary>
internal sealed class QuoteGroup(string symbol, VenueQuote[] quotes, ValidatorOptions options, ValidatorStatistics statistics)
{
    /// <summary>Fewer venues have no majority.</summary>
    private const int Majority = 3;

    private readonly Int128[] _mids = new Int128[quotes.Length];
    private readonly long _boundBps = options.DivergenceBps + (quotes.Select(q => q.Instrument.Quote).Distinct().Count() > 1 ? options.BasisBps : 0);
    private readonly long _divergenceNs = (long)options.DivergenceAfter.TotalNanoseconds;
    private readonly long _standstillNs = (long)options.StandstillAfter.TotalNanoseconds;
    private long _changes;

    public string Symbol { get; } = symbol;

    public VenueQuote[] Quotes { get; } = quotes;

    /// <summary>Venues that count right now.</summary>
    public int FreshCount { get; private set; }

    /// <summary>Four times the median mid; zero without a fresh venue.</summary>
    public Int128 Median4 { get; private set; }

    public bool IsCrossedAcross { get; private set; }

    public void OnQuote(VenueQuote quote, Int128 bid, Int128 ask, long nowNs)
    {
        if (bid == quote.Bid && ask == quote.Ask && quote.IsFresh) return;
        (quote.Bid, quote.Ask) = (bid, ask);
        quote.ChangedNs = nowNs;
        quote.ChangesSeen = ++_changes;
        if (quote.Set(VenueQuoteFlags.Locked, bid == ask)) statistics.Locked++;
        if (quote.Set(VenueQuoteFlags.Crossed, bid > ask)) statistics.Crossed++;
        quote.Set(VenueQuoteFlags.Fresh, bid > 0 && bid <= ask);
    }

    public static void OnUnusable(VenueQuote quote)
    {
        quote.Flags = VenueQuoteFlags.None;
        quote.ApartSinceNs = long.MaxValue;
    }

    public void Compare(long nowNs)
    {
        statistics.Comparisons++;
        FindMedian();
        foreach (var quote in Quotes)
        {
            FindDivergence(quote, nowNs);
            FindStandstill(quote, nowNs);
        }

        FindCrossing();
    }

    private void FindMedian()
    {
        var count = 0;
        foreach (var quote in Quotes)
        {
            if (!quote.IsFresh) continue;
            // Insertion: there are ten venues, not a thousand.
            var at = count++;
            for (; at > 0 && _mids[at - 1] > quote.Mid2; at--) _mids[at] = _mids[at - 1];
            _mids[at] = quote.Mid2;
        }

        FreshCount = count;
        Median4 = count == 0 ? 0 : _mids[(count - 1) / 2] + _mids[count / 2];
    }

    private void FindDivergence(VenueQuote quote, long nowNs)
    {
        if (!quote.IsFresh || !IsApart(quote))
        {
            quote.ApartSinceNs = long.MaxValue;
            quote.Set(VenueQuoteFlags.Divergent, false);
            return;
        }

        if (quote.ApartSinceNs == long.MaxValue) quote.ApartSinceNs = nowNs;
        if (nowNs - quote.ApartSinceNs >= _divergenceNs && quote.Set(VenueQuoteFlags.Divergent, true)) statistics.Divergences++;
    }

    /// <summary>A distance equal to the bound is still inside. Two venues are compared with each other: neither is the truth.</summary>
    private bool IsApart(VenueQuote quote)
    {
        if (FreshCount < 2) return false;
        var distance4 = FreshCount >= Majority ? Int128.Abs(quote.Mid2 * 2 - Median4) : (_mids[1] - _mids[0]) * 2;
        return distance4 * 10_000 > Median4 * _boundBps;
    }

    private void FindStandstill(VenueQuote quote, long nowNs)
    {
        var others = 0;
        foreach (var other in Quotes)
        {
            if (other != quote && other.IsFresh && other.ChangesSeen > quote.ChangesSeen && nowNs - other.ChangedNs < _standstillNs) others++;
        }

        var isStill = quote.IsFresh && others >= 2 && nowNs - quote.ChangedNs >= _standstillNs && _changes - quote.ChangesSeen >= options.StandstillChanges;
        if (quote.Set(VenueQuoteFlags.Standstill, isStill)) statistics.Standstills++;
    }

    /// <summary>Bids of one venue above asks of another, in the same quote asset: a basis is no opportunity.</summary>
    private void FindCrossing()
    {
        var isCrossed = false;
        foreach (var seller in Quotes)
        {
            if (!seller.IsFresh) continue;
            foreach (var buyer in Quotes)
            {
                if (buyer == seller || !buyer.IsFresh || buyer.Bid <= seller.Ask || !buyer.Instrument.Quote.Equals(seller.Instrument.Quote)) continue;
                isCrossed = true;
                var edge = (buyer.Bid - seller.Ask) * 10_000_000 / seller.Ask;
                if (edge > statistics.EdgeMilliBpsMax) statistics.EdgeMilliBpsMax = (long)Int128.Min(edge, long.MaxValue);
            }
        }

        if (isCrossed && !IsCrossedAcross) statistics.CrossedAcross++;
        IsCrossedAcross = isCrossed;
    }
}
