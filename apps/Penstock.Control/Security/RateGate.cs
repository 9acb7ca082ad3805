using Penstock.Infrastructure.Time;

namespace Penstock.Control.Security;

/// <summary>At most so many a second, with a burst; one gate per key, and a bounded number of keys. Any thread.</summary>
/// <param name="clock">Passed in.</param>
/// <param name="perSecond">Refilled evenly.</param>
/// <param name="burst">At most at once.</param>
/// <param name="keysMax">Beyond it all new keys share one gate: whoever invents names gains nothing.</param>
internal sealed class RateGate(IMonotonicClock clock, double perSecond, double burst, int keysMax = 4_096)
{
    private const string Shared = "";

    private readonly Dictionary<string, (double Left, long AtNs)> _gates = [];
    private readonly Lock _lock = new();

    public bool TryPass(string key)
    {
        lock (_lock)
        {
            if (!_gates.ContainsKey(key) && _gates.Count >= keysMax) key = Shared;
            var now = clock.NowNs;
            var (left, at) = _gates.GetValueOrDefault(key, (burst, now));
            left = Math.Min(burst, left + (now - at) * perSecond / 1e9);
            var passes = left >= 1;
            _gates[key] = (passes ? left - 1 : left, now);
            return passes;
        }
    }
}
