using System.Numerics;

namespace Penstock.Infrastructure.Counters;

/// <summary>
/// A distribution of 64-bit values in a fixed 57 KiB, written by one thread: recording is a few instructions and no allocation,
/// two histograms add up exactly, and no value is too large.
/// <para>
/// Log-linear, as in HdrHistogram: values below 128 have a bucket each; above, every power of two is divided into 128 equal
/// buckets, so a bucket is at most 1/128 of its value wide. A quantile is the upper end of its bucket (never better than the
/// truth), capped at the exact maximum.
/// </para>
/// <code>
///   value      0 … 127 │ 128 … 255 │ 256 … 511 │ 512 … 1023 │ …  2⁶² … 2⁶³−1
///   bucket     0 … 127 │ 128 … 255 │ 256 … 383 │ 384 …  511 │ …  7168 … 7295
///   width         1    │     1     │     2     │      4     │ …      2⁵⁵
///
///   words: [ count │ sum │ min │ max │ negative │ 0 │ 0 │ 0 ] [ bucket 0 … 7295 ]
/// </code>
/// It may live in its own memory or in a mapped counter file, where other processes read it while it is written. Such a
/// reading is approximate: a value may be in its bucket and not yet in the count.
/// </summary>
public sealed unsafe class Histogram
{
    private const int SubBucketBits = 7;
    private const int SubBuckets = 1 << SubBucketBits;
    private const int Buckets = (63 - SubBucketBits + 1) * SubBuckets;
    private const int HeadWords = 8;
    private const int CountWord = 0;
    private const int SumWord = 1;
    private const int MinWord = 2;
    private const int MaxWord = 3;
    private const int NegativeWord = 4;

    /// <summary>64-bit words a histogram takes, wherever it lives.</summary>
    public const int WordCount = HeadWords + Buckets;

    private readonly long[]? _own;
    private readonly long* _words;

    /// <summary>In memory of its own, which the garbage collector neither moves nor needs to be told to free.</summary>
    public Histogram()
    {
        _own = GC.AllocateArray<long>(WordCount, pinned: true);
        fixed (long* words = _own) _words = words;
        *(_words + MinWord) = long.MaxValue;
    }

    private Histogram(long* words) => _words = words;

    /// <summary>Values recorded, negative ones included.</summary>
    public long Count => Volatile.Read(ref _words[CountWord]);

    public long Sum => Volatile.Read(ref _words[SumWord]);

    /// <summary>Exact; 0 when empty.</summary>
    public long Min => Count == 0 ? 0 : Volatile.Read(ref _words[MinWord]);

    /// <summary>Exact; 0 when empty.</summary>
    public long Max => Volatile.Read(ref _words[MaxWord]);

    /// <summary>Values below zero, recorded as zero: a clock that went back, or two clocks subtracted.</summary>
    public long Negative => Volatile.Read(ref _words[NegativeWord]);

    /// <summary>Over foreign memory of <see cref="WordCount"/> words that outlives it. An all-zero block is an empty histogram.</summary>
    public static Histogram OverMemory(long* words) => new(words);

    /// <summary>Adds one value. The writer's thread only; allocates nothing.</summary>
    public void Record(long value)
    {
        var words = _words;
        if (value < 0)
        {
            value = 0;
            words[NegativeWord]++;
        }

        words[HeadWords + BucketOf(value)]++;
        words[SumWord] += value;
        if (value > words[MaxWord]) words[MaxWord] = value;
        var count = words[CountWord];
        if (value < words[MinWord] || count == 0) words[MinWord] = value;
        // Last, and a release, so that a reader who sees the count finds the value in its bucket.
        Volatile.Write(ref words[CountWord], count + 1);
    }

    /// <summary>Adds all values of the other one; the result is as if they had been recorded here. The writer's thread only.</summary>
    public void Merge(Histogram other)
    {
        if (other.Count == 0) return;
        var count = 0L;
        for (var i = 0; i < Buckets; i++)
        {
            var inBucket = Volatile.Read(ref other._words[HeadWords + i]);
            _words[HeadWords + i] += inBucket;
            count += inBucket;
        }

        var min = other.Min;
        if (Count == 0 || min < _words[MinWord]) _words[MinWord] = min;
        _words[MaxWord] = Math.Max(_words[MaxWord], other.Max);
        _words[SumWord] += other.Sum;
        _words[NegativeWord] += other.Negative;
        // Counted from the buckets, so that the copy of one that is being written still adds up in itself.
        Volatile.Write(ref _words[CountWord], _words[CountWord] + count);
    }

    /// <summary>Back to empty. The writer's thread only.</summary>
    public void Reset() => new Span<long>(_words, WordCount).Clear();

    /// <summary>The value that the given part of all values does not exceed (within one bucket). 0 when empty.</summary>
    /// <param name="quantile">0 to 1; 0.99 for the 99th percentile.</param>
    public long ValueAt(double quantile)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quantile, 1.0);
        ArgumentOutOfRangeException.ThrowIfLessThan(quantile, 0.0);
        var count = Count;
        if (count == 0) return 0;
        var rank = Math.Clamp((long)Math.Ceiling(quantile * count), 1, count);
        var seen = 0L;
        for (var i = 0; i < Buckets; i++)
        {
            seen += Volatile.Read(ref _words[HeadWords + i]);
            if (seen >= rank) return Math.Min(HighestIn(i), Max);
        }

        return Max;
    }

    /// <summary>
    /// How many values lie at or below each bound. A bucket that reaches beyond a bound counts above it: at most 0.8 % of the bound
    /// too late, never too early.
    /// </summary>
    /// <param name="bounds">Rising.</param>
    /// <param name="counts">One for each bound.</param>
    public void CountsUpTo(ReadOnlySpan<long> bounds, Span<long> counts)
    {
        var (seen, bound) = (0L, 0);
        for (var i = 0; i < Buckets && bound < bounds.Length; i++)
        {
            while (bound < bounds.Length && HighestIn(i) > bounds[bound]) counts[bound++] = seen;
            seen += Volatile.Read(ref _words[HeadWords + i]);
        }

        while (bound < bounds.Length) counts[bound++] = seen;
    }

    public HistogramSummary Summarize() =>
        new(Count, Sum, Min, ValueAt(0.5), ValueAt(0.99), ValueAt(0.999), ValueAt(0.9999), Max);

    private static int BucketOf(long value)
    {
        if (value < SubBuckets) return (int)value;
        var shift = 63 - SubBucketBits - BitOperations.LeadingZeroCount((ulong)value);
        // The top 8 bits of the value: 128 to 255, whose first 128 are named by the power of two.
        return shift * SubBuckets + (int)(value >> shift);
    }

    private static long HighestIn(int bucket)
    {
        if (bucket < 2 * SubBuckets) return bucket;
        var shift = bucket / SubBuckets - 1;
        var top = (long)(bucket - shift * SubBuckets);
        return (top << shift) + ((1L << shift) - 1);
    }
}
