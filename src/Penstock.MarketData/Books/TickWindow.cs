using System.Numerics;
using System.Runtime.CompilerServices;

namespace Penstock.MarketData.Books;

/// <summary>
/// One side of a <see cref="FlatBook"/>: a quantity per slot of a window, and two bitmaps that say which slots hold one.
/// <code>
///   quantity  [ 0 0 7 0 0 … 3 0 ]      one long per slot, 65536 of them
///   bits      [ 0010 0000 … 0010 ]     one bit per slot,  1024 words
///   words     [ 1… ]                   one bit per word,    16 words
/// </code>
/// The best slot is always the highest: a side whose best price is the lowest is kept mirrored by its owner, so that both
/// sides run the same instructions. Updates of both sides come in any order, and a branch on the side would be guessed wrong
/// every second time; for the same reason a set and a removal write the same words, and only the best slot is asked about.
/// The best slot is remembered; only removing it searches, and then three lzcnt steps find the next one.
/// </summary>
internal sealed class TickWindow
{
    public const int Ticks = 1 << 16;

    private const int WordShift = 6;
    private const int WordMask = 63;

    private readonly long[] _quantities = new long[Ticks];
    private readonly ulong[] _bits = new ulong[Ticks >> WordShift];
    private readonly ulong[] _words = new ulong[Ticks >> (2 * WordShift)];
    private int _best = -1;
    private int _count;

    /// <summary>The highest occupied slot, -1 when empty.</summary>
    public int Best => _best;

    public int Count => _count;

    public long QuantityAt(int slot) => _quantities[slot];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Set(int slot, long quantity)
    {
        // Zero or less removes.
        quantity &= ~(quantity >> 63);
        ref var held = ref _quantities[slot];
        var isHeld = IsNotZero((ulong)held);
        var isKept = IsNotZero((ulong)quantity);
        held = quantity;
        _count += (int)isKept - (int)isHeld;
        var word = slot >> WordShift;
        ref var bits = ref _bits[word];
        bits = (bits & ~(1UL << (slot & WordMask))) | (isKept << (slot & WordMask));
        ref var words = ref _words[word >> WordShift];
        words = (words & ~(1UL << (word & WordMask))) | (IsNotZero(bits) << (word & WordMask));
        if (slot >= _best) _best = quantity != 0 ? slot : slot == _best ? Next(slot) : _best;
    }

    public void Clear()
    {
        for (var slot = _best; slot >= 0; slot = Next(slot)) _quantities[slot] = 0;
        Array.Clear(_bits);
        Array.Clear(_words);
        _best = -1;
        _count = 0;
    }

    /// <summary>The next lower occupied slot, -1 when there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Next(int slot)
    {
        var word = slot >> WordShift;
        var below = _bits[word] & ((1UL << (slot & WordMask)) - 1);
        return below != 0 ? (word << WordShift) + HighestBit(below) : NextWord(word);
    }

    private int NextWord(int word)
    {
        var group = word >> WordShift;
        var words = _words[group] & ((1UL << (word & WordMask)) - 1);
        while (words == 0)
        {
            if (--group < 0) return -1;
            words = _words[group];
        }

        word = (group << WordShift) + HighestBit(words);
        return (word << WordShift) + HighestBit(_bits[word]);
    }

    /// <summary>1 or 0: a setcc, no branch.</summary>
    private static ulong IsNotZero(ulong value) => value != 0 ? 1UL : 0UL;

    private static int HighestBit(ulong bits) => WordMask - BitOperations.LeadingZeroCount(bits);
}
