namespace Penstock.Testing.Flow;

/// <summary>
/// SplitMix64: the same numbers from the same seed on every machine and every .NET version, integers only, so that a
/// simulation repeats bit for bit.
/// </summary>
public sealed class SeededRandom(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>0 .. <paramref name="bound"/> - 1.</summary>
    public long Below(long bound) => (long)Math.BigMul(Next(), (ulong)bound, out _);

    /// <summary>About normal with a deviation of <paramref name="deviation"/>: twelve uniforms, no floating point.</summary>
    public long Normal(long deviation)
    {
        const long One = 1 << 16;
        long sum = 0;
        for (var i = 0; i < 12; i++) sum += Below(One);
        return (sum - 6 * One) * deviation / One;
    }

    /// <summary>True <paramref name="ppm"/> times in a million.</summary>
    public bool Chance(long ppm) => Below(1_000_000) < ppm;
}
