using Penstock.Infrastructure.Snapshots;
using Penstock.Model.Numbers;

namespace Penstock.Strategies;

/// <summary>What a strategy asked to be called for now and then. Engine time, so a replay calls at the same events.</summary>
internal sealed class IntervalTimers
{
    private readonly List<(long IntervalNs, Action Action)> _timers = [];
    private readonly List<long> _nextNs = [];

    public void Add(TimeSpan interval, Action action, MonotonicTime now)
    {
        var intervalNs = interval.Ticks * TimeSpan.NanosecondsPerTick;
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(intervalNs, nameof(interval));
        _timers.Add((intervalNs, action));
        _nextNs.Add(now.Ns + intervalNs);
    }

    /// <summary>The intervals, in words.</summary>
    public string Shape => string.Join(", ", _timers.Select(t => $"every {t.IntervalNs} ns"));

    /// <summary>Intervals that were missed are not caught up with.</summary>
    public void OnTimer(MonotonicTime now)
    {
        for (var i = 0; i < _timers.Count; i++)
        {
            if (now.Ns < _nextNs[i]) continue;
            _nextNs[i] = Math.Max(_nextNs[i] + _timers[i].IntervalNs, now.Ns + 1);
            _timers[i].Action();
        }
    }

    /// <summary>Another session, another time base.</summary>
    public void OnSession(MonotonicTime now)
    {
        for (var i = 0; i < _timers.Count; i++) _nextNs[i] = now.Ns + _timers[i].IntervalNs;
    }

    public void Archive(StateArchive state)
    {
        var saved = state.List<long>(_nextNs.ToArray());
        if (saved.Length != _nextNs.Count) throw new InvalidDataException($"{saved.Length} timers were saved, the strategy has {_nextNs.Count}.");
        for (var i = 0; i < saved.Length; i++) _nextNs[i] = saved[i];
    }
}
