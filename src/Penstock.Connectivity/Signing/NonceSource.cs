namespace Penstock.Connectivity.Signing;

/// <summary>
/// Strictly increasing nonces of one key. They follow the wall clock in microseconds, so a restarted process continues
/// above its predecessor without storing anything; while the clock stands still or steps back they count up by one.
/// One thread, one key, one process: two sources of the same key would overtake each other.
/// </summary>
/// <param name="floor">Every nonce is above this one: the last known nonce of the key, 0 if unknown.</param>
public sealed class NonceSource(long floor = 0)
{
    public long Last { get; private set; } = floor;

    public long Next(long unixNs) => Last = Math.Max(unixNs / 1000, Last + 1);
}
