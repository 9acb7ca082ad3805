namespace Penstock.Trading.Recovery;

/// <summary>Rolling 64-bit hash, the same in every process and on every machine (I9). Not a defence against an attacker.</summary>
public struct StateHasher
{
    private const ulong Offset = 14695981039346656037;
    private const ulong Prime = 0x9E3779B97F4A7C15;

    private ulong _value;

    public readonly ulong Value => _value;

    public static StateHasher Empty => new() { _value = Offset };

    public void Add(long value)
    {
        var mixed = (_value ^ (ulong)value) * Prime;
        _value = mixed ^ (mixed >> 29);
    }

    public void Add(Int128 value)
    {
        Add((long)(value & ulong.MaxValue));
        Add((long)(value >> 64));
    }

    public void Add(long first, long second, long third)
    {
        Add(first);
        Add(second);
        Add(third);
    }
}
