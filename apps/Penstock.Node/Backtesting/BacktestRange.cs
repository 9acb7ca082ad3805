using System.Globalization;
using Penstock.Infrastructure.Problems;

namespace Penstock.Node.Backtesting;

/// <summary>Where an event lies to the range a person asked for.</summary>
internal enum RangePlace
{
    Before,
    Within,
    After,
}

/// <summary>
/// The part of a source in which a back test trades. Offsets count from the source's first event; times of day need a source that knows
/// its own. Watches what goes by, so that a range without a record can say what there is instead.
/// </summary>
internal sealed class BacktestRange
{
    private readonly BacktestTime? _from;
    private readonly BacktestTime? _to;
    private long _startNs = long.MinValue;
    private long _lastNs;
    private long _firstUnixNs;
    private long _lastUnixNs;

    public BacktestRange(BacktestTime? from, BacktestTime? to)
    {
        (_from, _to) = (from, to);
        if (from is { } a && to is { } b && a.IsOffset == b.IsOffset && b.Ns < a.Ns)
            throw new Problem(ExitCode.Usage, "--to lies before --from", "penstock replay", $"{Text(a)} is later than {Text(b)}", "exchange the two");
    }

    /// <summary>Reads that lay within.</summary>
    public long Within { get; private set; }

    /// <param name="timeNs">The source's own clock; never goes back.</param>
    /// <param name="unixNs">Time of day; 0 where nobody knows.</param>
    public RangePlace See(long timeNs, long unixNs)
    {
        if (_startNs == long.MinValue) _startNs = timeNs;
        _lastNs = timeNs;
        if (unixNs > 0)
        {
            if (_firstUnixNs == 0) _firstUnixNs = unixNs;
            _lastUnixNs = unixNs;
        }

        // Of what lies in the unknown only the books are of use.
        if (unixNs <= 0 && IsOfDay) return RangePlace.Before;
        if (_from is { } from && !IsReached(from, timeNs, unixNs)) return RangePlace.Before;
        if (_to is { } to && IsPassed(to, timeNs, unixNs)) return RangePlace.After;
        Within++;
        return RangePlace.Within;
    }

    /// <summary>For a range in which nothing lay.</summary>
    public Problem Nothing(string source)
    {
        if (IsOfDay && _firstUnixNs == 0)
            return new Problem(ExitCode.Usage, "the source does not say what time of day it was", source,
                "its build recorded no wall time, and none of its events has the venue's time",
                "give --from and --to as offsets from its start, such as 30s");
        var covers = _firstUnixNs == 0 ? "" : $"{Utc(_firstUnixNs)} to {Utc(_lastUnixNs)}, ";
        return new Problem(ExitCode.NotFound, $"no record lies between {(_from is { } f ? Text(f) : "the start")} and {(_to is { } t ? Text(t) : "the end")}", source,
            string.Create(CultureInfo.InvariantCulture, $"the source covers {covers}{(_lastNs - _startNs) / 1e9:0.###} s from its first event on"),
            "choose --from and --to within that");
    }

    private bool IsOfDay => _from is { IsOffset: false } || _to is { IsOffset: false };

    private bool IsReached(BacktestTime time, long timeNs, long unixNs) => (time.IsOffset ? timeNs - _startNs : unixNs) >= time.Ns;

    private bool IsPassed(BacktestTime time, long timeNs, long unixNs) => (time.IsOffset ? timeNs - _startNs : unixNs) > time.Ns;

    private static string Text(BacktestTime time) => time.IsOffset ? string.Create(CultureInfo.InvariantCulture, $"{time.Ns / 1e9:0.######} s")
        : Utc(time.Ns);

    private static string Utc(long unixNs) =>
        DateTimeOffset.UnixEpoch.AddTicks(unixNs / 100).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
