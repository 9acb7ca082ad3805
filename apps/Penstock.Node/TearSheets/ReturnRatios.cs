namespace Penstock.Node.TearSheets;

/// <summary>
/// Sharpe and Sortino ratio of a session. A return is the change of net profit over one whole interval, in the asset the profit is in:
/// with a constant capital the capital cancels out. No interest rate is taken off. The interval is the longest of a day, an hour and a
/// minute of which there are at least <see cref="ReturnsMin"/>; annualised by the root of the intervals of 365 days of 24 hours.
/// The profit at a boundary is that after the first record at or behind it; boundaries nothing happened between had no return.
/// </summary>
internal sealed class ReturnRatios
{
    /// <summary>Below it a ratio would be chance.</summary>
    public const int ReturnsMin = 30;

    private static readonly (string Name, long Ns)[] Intervals = [("1 d", 86_400_000_000_000), ("1 h", 3_600_000_000_000), ("1 min", 60_000_000_000)];

    private readonly Moments[] _moments = [.. Intervals.Select(i => new Moments(i.Ns))];

    /// <summary>Engine time from which on <see cref="Add"/> wants to know the profit.</summary>
    public long NextNs { get; private set; } = long.MaxValue;

    /// <summary>The interval the ratios are of; the shortest while there is not enough data.</summary>
    public string Interval => Intervals[Chosen].Name;

    public long Returns => _moments[Chosen].Count;

    public bool IsEnough => Returns >= ReturnsMin;

    public double PerYear => 365.0 * 86_400e9 / Intervals[Chosen].Ns;

    /// <summary>Mean over the standard deviation (n − 1), annualised; null without enough data, or where nothing varied.</summary>
    public double? Sharpe => IsEnough ? Ratio(_moments[Chosen].Deviation) : null;

    /// <summary>Mean over the root of the mean squared loss (below zero), annualised; null without enough data, or without a loss.</summary>
    public double? Sortino => IsEnough ? Ratio(_moments[Chosen].Downside) : null;

    private int Chosen
    {
        get
        {
            var found = Array.FindIndex(_moments, m => m.Count >= ReturnsMin);
            return found < 0 ? _moments.Length - 1 : found;
        }
    }

    /// <summary>A session begins: its clock may be another one, so what was begun of an interval is dropped.</summary>
    public void Begin(long nowNs, double profit)
    {
        foreach (var moments in _moments) moments.Begin(nowNs, profit);
        NextNs = _moments.Min(m => m.NextNs);
    }

    public void Add(long nowNs, double profit)
    {
        foreach (var moments in _moments) moments.Add(nowNs, profit);
        NextNs = _moments.Min(m => m.NextNs);
    }

    private double? Ratio(double risk) => risk > 0 ? _moments[Chosen].Mean / risk * Math.Sqrt(PerYear) : null;

    /// <summary>Sums by Welford's way: many small returns on a large mean keep their digits.</summary>
    private sealed class Moments(long intervalNs)
    {
        private double _last;
        private double _squares;
        private double _losses;

        public long NextNs { get; private set; } = long.MaxValue;

        public long Count { get; private set; }

        public double Mean { get; private set; }

        public double Deviation => Count < 2 ? 0 : Math.Sqrt(_squares / (Count - 1));

        public double Downside => Count == 0 ? 0 : Math.Sqrt(_losses / Count);

        public void Begin(long nowNs, double profit) => (NextNs, _last) = (nowNs + intervalNs, profit);

        public void Add(long nowNs, double profit)
        {
            for (; nowNs >= NextNs; NextNs += intervalNs)
            {
                var change = profit - _last;
                _last = profit;
                Count++;
                var off = change - Mean;
                Mean += off / Count;
                _squares += off * (change - Mean);
                if (change < 0) _losses += change * change;
            }
        }
    }
}
