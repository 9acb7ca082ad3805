namespace Penstock.Node.TearSheets;

/// <summary>
/// A figure over time in bounded memory: when it is full, of every four points the lowest and the highest stay, so no peak is lost
/// however long the run is.
/// </summary>
internal sealed class Series(string name)
{
    public const int PointsMax = 1_200;

    private readonly List<(long Ns, double Value)> _points = new(PointsMax);

    public string Name => name;

    public IReadOnlyList<(long Ns, double Value)> Points => _points;

    public double Last => _points.Count > 0 ? _points[^1].Value : 0;

    public void Add(long ns, double value)
    {
        // Nothing new on a flat stretch but its two ends.
        if (_points.Count > 1 && _points[^1].Value.Equals(value) && _points[^2].Value.Equals(value))
        {
            _points[^1] = (ns, value);
            return;
        }

        if (_points.Count == PointsMax) Thin();
        _points.Add((ns, value));
    }

    private void Thin()
    {
        var kept = 0;
        for (var at = 0; at < _points.Count; at += 4)
        {
            int low = at, high = at;
            for (var i = at; i < Math.Min(at + 4, _points.Count); i++)
            {
                if (_points[i].Value < _points[low].Value) low = i;
                if (_points[i].Value >= _points[high].Value) high = i;
            }

            var (first, second) = (_points[Math.Min(low, high)], _points[Math.Max(low, high)]);
            _points[kept++] = first;
            if (low != high) _points[kept++] = second;
        }

        _points.RemoveRange(kept, _points.Count - kept);
    }
}
