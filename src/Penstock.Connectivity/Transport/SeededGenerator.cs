namespace Penstock.Connectivity.Transport;

/// <summary>
/// SplitMix64: mask keys, handshake nonces and back-off jitter from a seed that is passed in, so that a simulation repeats
/// bit for bit. Not for secrets. One thread.
/// </summary>
public sealed class SeededGenerator(ulong seed)
{
    private ulong _state = seed;

    public ulong NextUInt64()
    {
        _state += 0x9E3779B97F4A7C15;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    public uint NextUInt32() => (uint)(NextUInt64() >> 32);

    /// <summary>Uniform in 0 .. <paramref name="exclusiveMax"/> − 1.</summary>
    public long NextInt64(long exclusiveMax)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(exclusiveMax, 1);
        return (long)Math.BigMul(NextUInt64(), (ulong)exclusiveMax, out _);
    }
}
