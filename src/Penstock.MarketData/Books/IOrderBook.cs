using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.MarketData.Books;

[Flags]
public enum BookFlags : byte
{
    None = 0,
    /// <summary>A snapshot was applied and every delta since followed it.</summary>
    Synced = 1,
    /// <summary>The feed is silent or suspected to be old.</summary>
    Stale = 2,
    /// <summary>Something is missing: the book must not be used until the next snapshot.</summary>
    Gap = 4,
    /// <summary>Best bid at or above best ask.</summary>
    Crossed = 8,
}

public readonly record struct BookLevel(Price Price, Quantity Quantity);

/// <summary>
/// One instrument's book, rebuilt from canonical events (R21). Single thread. Two fast forms (tick-indexed arrays with a
/// bitmap; sorted arrays) and a naive twin in the tests run under the same property tests.
/// </summary>
public interface IOrderBook
{
    InstrumentId Instrument { get; }

    BookFlags Flags { get; }

    /// <summary>True between messages: the last applied event was the last of its message.</summary>
    bool IsConsistent { get; }

    long LastUpdateId { get; }

    /// <summary>Receive stamp of the last applied event.</summary>
    MonotonicTime LastReceived { get; }

    /// <summary>
    /// Applies book events (BookSnapshot, BookDelta, BookInvalid, and Stale flags); others are ignored. Allocates nothing
    /// in the steady state.
    /// </summary>
    void Apply(in MarketEvent marketEvent);

    /// <param name="side">Buy for the bid.</param>
    bool TryBest(Side side, out BookLevel level);

    int Count(Side side);

    /// <summary>Copies the best levels, best first; returns how many.</summary>
    int CopyTop(Side side, Span<BookLevel> destination);

    /// <summary>Synced, not stale, no gap, not crossed, both sides present: what a strategy may trade on.</summary>
    bool IsTradable => Flags == BookFlags.Synced && Count(Side.Buy) > 0 && Count(Side.Sell) > 0;
}
