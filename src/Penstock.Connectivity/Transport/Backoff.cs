namespace Penstock.Connectivity.Transport;

/// <summary>
/// When to try again (R109): the ceiling doubles 1-2-4-8-16-30 s, the delay is uniform below it (full jitter), so that many
/// clients thrown out together do not come back together. One thread.
/// </summary>
public sealed class Backoff
{
    private const long SecondNs = 1_000_000_000;

    private readonly SeededGenerator _random;
    private readonly long _firstNs;
    private readonly long _maxNs;
    private long _ceilingNs;

    public Backoff(SeededGenerator random, long firstNs = SecondNs, long maxNs = 30 * SecondNs)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(firstNs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxNs, firstNs);
        (_random, _firstNs, _maxNs, _ceilingNs) = (random, firstNs, maxNs, firstNs);
    }

    /// <summary>Delays handed out since the last <see cref="Reset"/>.</summary>
    public int Attempt { get; private set; }

    /// <summary>1 ns up to the ceiling of this attempt; then the ceiling doubles. Saturates, never overflows.</summary>
    public long NextDelayNs()
    {
        var delay = 1 + _random.NextInt64(_ceilingNs);
        _ceilingNs = _ceilingNs > _maxNs / 2 ? _maxNs : _ceilingNs * 2;
        if (Attempt < int.MaxValue) Attempt++;
        return delay;
    }

    public void Reset()
    {
        _ceilingNs = _firstNs;
        Attempt = 0;
    }
}
