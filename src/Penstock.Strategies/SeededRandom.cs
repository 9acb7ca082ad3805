using Penstock.Infrastructure.Snapshots;

namespace Penstock.Strategies;

/// <summary>xorshift64*: small, fast, and the same sequence on every runtime for ever, which a replay needs.</summary>
public sealed class SeededRandom
{
    private ulong _state;

    public SeededRandom(ulong seed) => Reseed(seed);

    public ulong NextULong()
    {
        _state ^= _state >> 12;
        _state ^= _state << 25;
        _state ^= _state >> 27;
        return _state * 0x2545F4914F6CDD1D;
    }

    /// <summary>0 .. <paramref name="below"/> − 1.</summary>
    public int Next(int below) => (int)(((NextULong() >> 32) * (ulong)below) >> 32);

    internal void Reseed(ulong seed) => _state = seed * 0x9E3779B97F4A7C15 | 1;

    /// <summary>Goes on where the other one is.</summary>
    internal void Follow(SeededRandom other) => _state = other._state;

    internal void Archive(StateArchive state) => _state = state.Value(_state);
}
