using System.Numerics;
using Penstock.MarketData.Validation;

namespace Penstock.Tests.MarketData.Validation;

/// <summary>The same rules over one instrument in exact fractions, with sorting and search instead of state where that is possible.</summary>
internal sealed class NaiveValidator(int venues, ValidatorOptions options)
{
    private readonly (long Bid, long Ask)?[] _quotes = new (long, long)?[venues];
    private readonly long?[] _apartSince = new long?[venues];

    public long CrossedAcross { get; private set; }

    public bool IsCrossedAcross { get; private set; }

    public void Set(int venue, long bid, long ask) => _quotes[venue] = (bid, ask);

    public void Lose(int venue) => (_quotes[venue], _apartSince[venue]) = (null, null);

    public IReadOnlyList<int> Fresh => [.. Enumerable.Range(0, _quotes.Length).Where(i => _quotes[i] is { } q && q.Bid <= q.Ask)];

    public IReadOnlyList<int> Compare(long nowNs)
    {
        var fresh = Fresh;
        var median = fresh.Count == 0 ? 0 : Median([.. fresh.Select(i => Mid2(i))]);
        var divergent = new List<int>();
        for (var i = 0; i < _quotes.Length; i++)
        {
            var distance4 = fresh.Count == 2 ? 2 * BigInteger.Abs(Mid2(fresh[0]) - Mid2(fresh[1])) : fresh.Contains(i) ? BigInteger.Abs(2 * Mid2(i) - median) : 0;
            var isApart = fresh.Contains(i) && fresh.Count >= 2 && distance4 * 10_000 > median * options.DivergenceBps;
            _apartSince[i] = isApart ? _apartSince[i] ?? nowNs : null;
            if (_apartSince[i] is { } since && nowNs - since >= options.DivergenceAfter.TotalNanoseconds) divergent.Add(i);
        }

        var crossed = fresh.Any(a => fresh.Any(b => a != b && _quotes[b]!.Value.Bid > _quotes[a]!.Value.Ask));
        if (crossed && !IsCrossedAcross) CrossedAcross++;
        IsCrossedAcross = crossed;
        return divergent;
    }

    private BigInteger Mid2(int venue) => (BigInteger)_quotes[venue]!.Value.Bid + _quotes[venue]!.Value.Ask;

    /// <summary>Twice the median of twice the mids.</summary>
    private static BigInteger Median(BigInteger[] mids)
    {
        Array.Sort(mids);
        return mids.Length % 2 == 1 ? 2 * mids[mids.Length / 2] : mids[mids.Length / 2 - 1] + mids[mids.Length / 2];
    }
}
