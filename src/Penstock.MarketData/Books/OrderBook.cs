using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.MarketData.Books;

/// <summary>
/// What every form of a book shares: which events count, and what the flags say. Forms differ only in how they keep levels.
/// </summary>
public abstract partial class OrderBook(InstrumentId instrument) : IOrderBook
{
    /// <summary>More levels of one side than any venue has; foreign data beyond it makes the book unusable instead of large.</summary>
    public const int LevelsPerSideMax = 1 << 18;

    private bool _loading;
    private int _connectionEpoch;

    public InstrumentId Instrument { get; } = instrument;

    public BookFlags Flags { get; private set; }

    public bool IsConsistent { get; private set; } = true;

    public long LastUpdateId { get; private set; }

    public MonotonicTime LastReceived { get; private set; }

    /// <summary>How often a level could not be taken because <see cref="LevelsPerSideMax"/> was reached.</summary>
    public long LevelOverflows { get; private set; }

    public abstract bool TryBest(Side side, out BookLevel level);

    public abstract int Count(Side side);

    public abstract int CopyTop(Side side, Span<BookLevel> destination);

    public void Apply(in MarketEvent marketEvent)
    {
        switch (marketEvent.Kind)
        {
            case MarketEventKind.BookDelta:
                if (_loading || (Flags & BookFlags.Synced) != 0) ApplyLevel(in marketEvent);
                break;
            case MarketEventKind.BookSnapshot:
                if (marketEvent.IsFirst) BeginSnapshot(in marketEvent);
                if (_loading) ApplyLevel(in marketEvent);
                break;
            case MarketEventKind.BookInvalid:
                Invalidate();
                break;
            case MarketEventKind.FeedHealth:
                SetStale((marketEvent.Flags & MarketEventFlags.Stale) != 0);
                break;
        }
    }

    /// <summary>Something is missing: the levels stay readable, and nothing counts until the next snapshot.</summary>
    public void Invalidate()
    {
        _loading = false;
        IsConsistent = true;
        Flags = (Flags & BookFlags.Stale) | BookFlags.Gap;
    }

    /// <summary>Sets the absolute quantity at a price; zero or less removes it.</summary>
    /// <returns>False when the side is full.</returns>
    protected abstract bool SetLevel(Side side, long priceRaw, long quantityRaw);

    protected abstract void Clear();

    /// <summary>Best bid at or above best ask; a form that can tell faster may override it.</summary>
    protected virtual bool IsCrossed() =>
        TryBest(Side.Buy, out var bid) && TryBest(Side.Sell, out var ask) && bid.Price.Raw >= ask.Price.Raw;

    private void BeginSnapshot(in MarketEvent first)
    {
        Clear();
        _loading = true;
        _connectionEpoch = first.ConnectionEpoch;
        Flags &= BookFlags.Stale;
    }

    private void ApplyLevel(in MarketEvent e)
    {
        if (e.ConnectionEpoch != _connectionEpoch || (e.Flags & MarketEventFlags.Gap) != 0)
        {
            // Levels of another connection must never be mixed in, whatever the publisher promised.
            Invalidate();
            return;
        }

        if (e.Side != Side.None && !SetLevel(e.Side, e.Price.Raw, e.Quantity.Raw))
        {
            LevelOverflows++;
            Invalidate();
            return;
        }

        LastUpdateId = e.UpdateId;
        LastReceived = e.Received;
        if ((e.Flags & MarketEventFlags.Stale) != 0) SetStale(true);
        if (e.IsLast) EndMessage();
        else IsConsistent = false;
    }

    private void EndMessage()
    {
        IsConsistent = true;
        var flags = (Flags & BookFlags.Stale) | BookFlags.Synced;
        _loading = false;
        if (IsCrossed()) flags |= BookFlags.Crossed;
        Flags = flags;
    }

    private void SetStale(bool stale) => Flags = stale ? Flags | BookFlags.Stale : Flags & ~BookFlags.Stale;
}
