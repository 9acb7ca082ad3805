using System.Runtime.CompilerServices;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.MarketData.Books;

/// <summary>
/// The fast book: a price is an array index. A window of 65536 ticks follows the market; levels outside it, and prices
/// that are no multiple of the tick, live in a sorted overflow that is empty or untouched most of the time.
/// <code>
///   overflow ──┤ base                    base + 65536 ticks ├── overflow
///              │ bids ▂▃▅█            █▅▃▂ asks              │
/// </code>
/// When the best level of a side lies in the overflow the window moves to it, but at most once per
/// <see cref="UpdatesBetweenRebases"/> updates: a book wider than the window must not move it at every update.
/// Right without any rebase, fast with it.
/// </summary>
public sealed class FlatBook : OrderBook
{
    private const int UpdatesBetweenRebases = 1024;

    private readonly long _tick;
    private readonly ulong _reciprocal;
    private readonly ulong _span;
    // Bids, then asks; the asks' slots are mirrored, so that the best of either is the highest.
    private readonly TickWindow[] _windows = [new(), new()];
    private readonly SortedLevels _farBids = new(Side.Buy);
    private readonly SortedLevels _farAsks = new(Side.Sell);
    private (Side Side, BookLevel Level)[] _moving = new (Side, BookLevel)[256];
    private long _base;
    // Zero until the window has a place, so that one comparison sends every price to the slow path.
    private ulong _placedSpan;
    private bool _placed;
    private int _sinceRebase;

    /// <param name="instrument">Whose book.</param>
    /// <param name="tick">Step of its prices; the window covers 65536 of them, so it has to be below 2^46 raw.</param>
    public FlatBook(InstrumentId instrument, Price tick)
        : base(instrument)
    {
        if (!IsUsableTick(tick)) throw new ArgumentOutOfRangeException(nameof(tick), tick, "The tick must be positive and below 2^46 raw.");
        _tick = tick.Raw;
        _span = (ulong)_tick * TickWindow.Ticks;
        // Division by a constant as a multiplication; the product is checked, so an inexact reciprocal costs time, not truth.
        _reciprocal = _tick == 1 ? 0 : ulong.MaxValue / (ulong)_tick + 1;
    }

    /// <summary>How often the window moved; often means the window is too small for the instrument.</summary>
    public long Rebases { get; private set; }

    public static bool IsUsableTick(Price tick) => tick.Raw is > 0 and < 1L << 46;

    public override bool TryBest(Side side, out BookLevel level)
    {
        if (_farBids.Count + _farAsks.Count != 0) return TryBestOfBoth(side, out level);
        var index = IndexOf(side);
        var best = _windows[index].Best;
        if (best < 0)
        {
            level = default;
            return false;
        }

        level = LevelAt(index, best);
        return true;
    }

    public override int Count(Side side) => _windows[IndexOf(side)].Count + Far(side).Count;

    public override int CopyTop(Side side, Span<BookLevel> destination)
    {
        var index = IndexOf(side);
        var window = _windows[index];
        var far = Far(side);
        int slot = window.Best, rank = 0, copied = 0;
        while (copied < destination.Length)
        {
            var hasFar = rank < far.Count;
            if (slot < 0 && !hasFar) break;
            if (slot < 0 || (hasFar && IsBetter(side, far.At(rank).Price.Raw, PriceOf(index, slot))))
            {
                destination[copied++] = far.At(rank++);
            }
            else
            {
                destination[copied++] = LevelAt(index, slot);
                slot = window.Next(slot);
            }
        }

        return copied;
    }

    protected override bool SetLevel(Side side, long priceRaw, long quantityRaw)
    {
        if (_sinceRebase < UpdatesBetweenRebases) _sinceRebase++;
        if (TryTick(priceRaw, out var tick))
        {
            SetInside(side, tick, quantityRaw);
            return true;
        }

        return SetOutside(side, priceRaw, quantityRaw);
    }

    // A bid at slot b and an ask at the same tick, mirrored, add up to the last slot; an empty side (-1) never gets there.
    protected override bool IsCrossed() => _farBids.Count + _farAsks.Count == 0
        ? _windows[0].Best + _windows[1].Best >= TickWindow.Ticks - 1
        : base.IsCrossed();

    protected override void Clear()
    {
        foreach (var window in _windows) window.Clear();
        _farBids.Clear();
        _farAsks.Clear();
        _placed = false;
        _placedSpan = 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryTick(long priceRaw, out int tick)
    {
        var offset = (ulong)(priceRaw - _base);
        tick = 0;
        if (offset >= _placedSpan) return false;
        var quotient = _reciprocal == 0 ? offset : Math.BigMul(offset, _reciprocal, out _);
        if (quotient * (ulong)_tick != offset)
        {
            quotient = offset / (ulong)_tick;
            if (quotient * (ulong)_tick != offset) return false;
        }

        tick = (int)quotient;
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool SetOutside(Side side, long priceRaw, long quantityRaw)
    {
        if (!_placed && quantityRaw > 0 && priceRaw > 0 && priceRaw % _tick == 0)
        {
            Place(priceRaw);
            if (TryTick(priceRaw, out var tick))
            {
                SetInside(side, tick, quantityRaw);
                return true;
            }
        }

        var far = Far(side);
        if (!far.Set(priceRaw, quantityRaw)) return false;
        if (quantityRaw > 0 && _sinceRebase >= UpdatesBetweenRebases && priceRaw > 0 && priceRaw % _tick == 0
            && far.At(0).Price.Raw == priceRaw && IsBestOfSide(side, priceRaw))
            Rebase(priceRaw);
        return true;
    }

    private bool IsBestOfSide(Side side, long priceRaw)
    {
        var index = IndexOf(side);
        var best = _windows[index].Best;
        return best < 0 || IsBetter(side, priceRaw, PriceOf(index, best));
    }

    private void Place(long priceRaw)
    {
        var half = _tick * (TickWindow.Ticks / 2);
        var lowest = priceRaw - half;
        // The base is a multiple of the tick, and the window must not reach beyond the numbers themselves.
        lowest -= lowest % _tick;
        if (lowest < 0) lowest = 0;
        if (lowest > long.MaxValue - (long)_span) lowest = (long.MaxValue - (long)_span) / _tick * _tick;
        _base = lowest;
        _placedSpan = _span;
        _placed = true;
    }

    /// <summary>Moves the window; every level is taken out and put back where it now belongs.</summary>
    private void Rebase(long priceRaw)
    {
        Rebases++;
        _sinceRebase = 0;
        var count = 0;
        TakeOut(Side.Buy, ref count);
        TakeOut(Side.Sell, ref count);
        Place(priceRaw);
        foreach (ref readonly var moved in _moving.AsSpan(0, count))
        {
            var (side, level) = (moved.Side, moved.Level);
            if (TryTick(level.Price.Raw, out var tick)) SetInside(side, tick, level.Quantity.Raw);
            else Far(side).Set(level.Price.Raw, level.Quantity.Raw);
        }
    }

    private void TakeOut(Side side, ref int count)
    {
        var index = IndexOf(side);
        var window = _windows[index];
        var far = Far(side);
        var needed = count + window.Count + far.Count;
        if (needed > _moving.Length) Array.Resize(ref _moving, Math.Max(needed, _moving.Length * 2));
        // Worst first, so that putting back appends to the sorted overflow instead of shifting it.
        for (var rank = far.Count - 1; rank >= 0; rank--) _moving[count++] = (side, far.At(rank));
        for (var slot = window.Best; slot >= 0; slot = window.Next(slot)) _moving[count++] = (side, LevelAt(index, slot));
        window.Clear();
        far.Clear();
    }

    private bool TryBestOfBoth(Side side, out BookLevel level)
    {
        var index = IndexOf(side);
        var best = _windows[index].Best;
        var far = Far(side);
        level = far.Count > 0 ? far.At(0) : default;
        if (best >= 0 && (far.Count == 0 || !IsBetter(side, level.Price.Raw, PriceOf(index, best)))) level = LevelAt(index, best);
        return best >= 0 || far.Count > 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void SetInside(Side side, int tick, long quantityRaw)
    {
        var index = IndexOf(side);
        _windows[index].Set(tick ^ Mirror(index), quantityRaw);
    }

    private long PriceOf(int index, int slot) => _base + (slot ^ Mirror(index)) * _tick;

    private BookLevel LevelAt(int index, int slot) => new(new Price(PriceOf(index, slot)), new Quantity(_windows[index].QuantityAt(slot)));

    /// <summary>Turns a tick into a slot and back: nothing for bids, the other end of the window for asks.</summary>
    private static int Mirror(int index) => -index & (TickWindow.Ticks - 1);

    private static int IndexOf(Side side) => side == Side.Buy ? 0 : 1;

    private static bool IsBetter(Side side, long price, long than) => side == Side.Buy ? price > than : price < than;

    private SortedLevels Far(Side side) => side == Side.Buy ? _farBids : _farAsks;
}
