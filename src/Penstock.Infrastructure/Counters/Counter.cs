namespace Penstock.Infrastructure.Counters;

/// <summary>
/// A handle on one 64-bit word of a <see cref="CounterFile"/>, on a line pair of its own. One thread writes it, with plain
/// loads and a store: no lock, no interlocked instruction, no allocation (R51). Whoever reads sees each value whole and may see
/// it late (R53).
/// </summary>
/// <remarks>The file must outlive its handles: it is disposed when the writing threads have stopped.</remarks>
public readonly unsafe struct Counter
{
    private readonly long* _word;

    internal Counter(long* word) => _word = word;

    public long Value => Volatile.Read(ref *_word);

    public void Increment() => Volatile.Write(ref *_word, *_word + 1);

    public void Add(long amount) => Volatile.Write(ref *_word, *_word + amount);

    public void Set(long value) => Volatile.Write(ref *_word, value);

    /// <summary>Raises the value to this one if it is larger.</summary>
    public void Max(long value)
    {
        if (value > *_word) Volatile.Write(ref *_word, value);
    }
}
