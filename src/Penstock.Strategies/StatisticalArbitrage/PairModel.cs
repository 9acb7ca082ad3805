using Penstock.Infrastructure.Snapshots;

namespace Penstock.Strategies.StatisticalArbitrage;

/// <summary>
/// The long-run relation of two prices over a sliding window: a = α + β b + e by least squares, the newest residual in
/// standard deviations, and whether the residual returns to its mean at all (Engle &amp; Granger, Co-integration and Error
/// Correction, Econometrica 1987; the Dickey–Fuller regression Δe = γ e₋₁ without lags). Only + − × ÷ √, so the same bits
/// everywhere. One pass over the window per sample; allocates nothing after construction.
/// </summary>
public sealed class PairModel(int window)
{
    private readonly double[] _a = new double[window];
    private readonly double[] _b = new double[window];
    private int _next;
    private int _count;

    public bool IsReady => _count == _a.Length;

    /// <summary>Units of b that move as one unit of a.</summary>
    public double Beta { get; private set; }

    public double Alpha { get; private set; }

    /// <summary>Standard deviation of the residuals, in the price of a.</summary>
    public double Deviation { get; private set; }

    /// <summary>The newest residual in deviations; zero while there is none.</summary>
    public double Z { get; private set; }

    /// <summary>Dickey–Fuller t statistic of the residuals: the more negative, the surer they return.</summary>
    public double Cointegration { get; private set; }

    public void Clear() => _count = _next = 0;

    public void Add(double a, double b)
    {
        _a[_next] = a;
        _b[_next] = b;
        _next = (_next + 1) % _a.Length;
        if (_count < _a.Length) _count++;
        if (IsReady) Fit();
    }

    public void Archive(StateArchive state)
    {
        state.Values(_a.AsSpan());
        state.Values(_b.AsSpan());
        _next = state.Value(_next);
        _count = state.Value(_count);
        Beta = state.Value(Beta);
        Alpha = state.Value(Alpha);
        Deviation = state.Value(Deviation);
        Z = state.Value(Z);
        Cointegration = state.Value(Cointegration);
    }

    private void Fit()
    {
        double meanA = 0, meanB = 0;
        for (var i = 0; i < _a.Length; i++)
        {
            meanA += _a[i];
            meanB += _b[i];
        }

        meanA /= _a.Length;
        meanB /= _b.Length;
        double cross = 0, squares = 0;
        for (var i = 0; i < _a.Length; i++)
        {
            cross += (_a[i] - meanA) * (_b[i] - meanB);
            squares += (_b[i] - meanB) * (_b[i] - meanB);
        }

        Beta = squares > 0 ? cross / squares : 0;
        Alpha = meanA - Beta * meanB;
        Test();
    }

    /// <summary>Residuals in the order of time: their spread, the newest one, and Δe on e₋₁.</summary>
    private void Test()
    {
        double squares = 0, lagSquares = 0, cross = 0, last = 0;
        for (var i = 0; i < _a.Length; i++)
        {
            var e = Residual(i);
            squares += e * e;
            if (i > 0)
            {
                lagSquares += last * last;
                cross += last * (e - last);
            }

            last = e;
        }

        Deviation = Math.Sqrt(squares / (_a.Length - 2));
        Z = Deviation > 0 ? last / Deviation : 0;
        var gamma = lagSquares > 0 ? cross / lagSquares : 0;
        double rest = 0;
        for (var i = 1; i < _a.Length; i++)
        {
            var u = Residual(i) - Residual(i - 1) - gamma * Residual(i - 1);
            rest += u * u;
        }

        var error = lagSquares > 0 ? Math.Sqrt(rest / (_a.Length - 2) / lagSquares) : 0;
        Cointegration = error > 0 ? gamma / error : 0;
    }

    /// <summary>The i-th oldest.</summary>
    private double Residual(int i)
    {
        var at = (_next + i) % _a.Length;
        return _a[at] - Alpha - Beta * _b[at];
    }
}
