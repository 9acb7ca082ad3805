namespace Penstock.Node.TearSheets;

/// <summary>How often a signed figure fell into each of 41 equal bins; what lies beyond counts in the outermost.</summary>
internal sealed class Bins(double width)
{
    private const int Half = 20;

    private readonly long[] _counts = new long[2 * Half + 1];
    private double _sum;

    public long Count { get; private set; }

    public double Mean => Count == 0 ? 0 : _sum / Count;

    public void Add(double value)
    {
        Count++;
        _sum += value;
        _counts[Half + (int)Math.Clamp(Math.Round(value / width), -Half, Half)]++;
    }

    /// <summary>Middle of each bin that holds anything between the first and the last, and its count.</summary>
    public IEnumerable<(double Middle, long Count)> Filled()
    {
        var first = Array.FindIndex(_counts, c => c > 0);
        var last = Array.FindLastIndex(_counts, c => c > 0);
        for (var i = Math.Max(0, first); i <= last; i++) yield return ((i - Half) * width, _counts[i]);
    }
}
