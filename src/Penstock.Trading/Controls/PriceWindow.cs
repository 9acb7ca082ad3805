namespace Penstock.Trading.Controls;

/// <summary>
/// Lowest and highest mid price of the last N ms, for many instruments. Kept in slices of N / 16, the one under way and the sixteen before it:
/// a price counts until its whole slice has left, so the window is exact in price, never shorter in time and up to a sixteenth longer.
/// Allocated at start.
/// </summary>
public sealed partial class PriceWindow
{
    private const int Slices = 16;

    private readonly PriceSlice[] _slices;
    // By instrument: the slice whose place in the ring the one under way has taken.
    private readonly PriceSlice[] _leaving;
    private readonly Extremes[] _extremes;

    public PriceWindow(int instruments)
    {
        _slices = new PriceSlice[(instruments + 1) * Slices];
        _leaving = new PriceSlice[instruments + 1];
        _extremes = new Extremes[instruments + 1];
    }

    /// <summary>Off in replays of sessions of before format 5: theirs was up to a sixteenth shorter.</summary>
    public bool IsWhole { get; set; } = true;

    private struct PriceSlice
    {
        /// <summary>Time ÷ slice length + 1; 0 is empty.</summary>
        public long Number;
        public ulong Low;
        public ulong High;
    }

    private struct Extremes
    {
        public long Number;
        public ulong Low;
        public ulong High;
    }

    /// <summary>A price now. The length may differ from call to call: what is remembered in other slices is forgotten then.</summary>
    /// <param name="instrument">Its number.</param>
    /// <param name="midTwice">Best bid + best ask, raw; positive.</param>
    /// <param name="nowNs">Engine time; not before the last call's.</param>
    /// <param name="windowMs">Length of the window.</param>
    public void Add(int instrument, ulong midTwice, long nowNs, long windowMs)
    {
        var number = NumberOf(nowNs, windowMs);
        ref var slice = ref _slices[instrument * Slices + (int)(number & (Slices - 1))];
        if (slice.Number == number)
        {
            if (midTwice < slice.Low) slice.Low = midTwice;
            if (midTwice > slice.High) slice.High = midTwice;
        }
        else
        {
            _leaving[instrument] = slice;
            slice = new PriceSlice { Number = number, Low = midTwice, High = midTwice };
        }

        ref var extremes = ref _extremes[instrument];
        if (extremes.Number != number)
        {
            extremes = Collect(instrument, number);
            return;
        }

        if (midTwice < extremes.Low) extremes.Low = midTwice;
        if (midTwice > extremes.High) extremes.High = midTwice;
    }

    /// <summary>How far the price went, from low to high, as of its last: highest − lowest, and the lowest. Both 0 before the first price.</summary>
    public (ulong Move, ulong Low) MoveOf(int instrument)
    {
        ref readonly var extremes = ref _extremes[instrument];
        return (extremes.High - extremes.Low, extremes.Low);
    }

    /// <summary>As <see cref="MoveOf"/>, of the window that ends now: since the last price some may have left it. Never more than that.</summary>
    public (ulong Move, ulong Low) MoveAt(int instrument, long nowNs, long windowMs)
    {
        var number = NumberOf(nowNs, windowMs);
        var extremes = _extremes[instrument].Number == number ? _extremes[instrument] : Collect(instrument, number);
        return extremes.High == 0 ? default : (extremes.High - extremes.Low, extremes.Low);
    }

    /// <summary>The next price begins a new window.</summary>
    public void Forget(int instrument)
    {
        _leaving[instrument] = default;
        Array.Clear(_slices, instrument * Slices, Slices);
        _extremes[instrument] = default;
    }

    /// <summary>Another time base has begun.</summary>
    public void Clear()
    {
        Array.Clear(_slices);
        Array.Clear(_leaving);
        Array.Clear(_extremes);
    }

    private static long NumberOf(long nowNs, long windowMs) => nowNs / Math.Max(1, windowMs * 1_000_000 / Slices) + 1;

    private Extremes Collect(int instrument, long number)
    {
        var extremes = new Extremes { Number = number, Low = ulong.MaxValue };
        if (IsWhole) Take(_leaving[instrument], number, Slices, ref extremes);
        for (var i = 0; i < Slices; i++) Take(_slices[instrument * Slices + i], number, IsWhole ? Slices : Slices - 1, ref extremes);
        return extremes;
    }

    private static void Take(in PriceSlice slice, long number, int ageMax, ref Extremes extremes)
    {
        if (slice.Number == 0 || slice.Number > number || number - slice.Number > ageMax) return;
        if (slice.Low < extremes.Low) extremes.Low = slice.Low;
        if (slice.High > extremes.High) extremes.High = slice.High;
    }
}
