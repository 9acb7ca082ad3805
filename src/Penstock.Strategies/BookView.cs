using Penstock.MarketData.Books;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.Strategies;

/// <summary>A book as a strategy sees it during one call. Nothing of it may be kept.</summary>
public readonly ref struct BookView
{
    private readonly IOrderBook? _book;

    internal BookView(Instrument instrument, IOrderBook? book)
    {
        Instrument = instrument;
        _book = book;
        IsTradable = book is { IsTradable: true };
        if (!IsTradable) return;
        book!.TryBest(Side.Buy, out var bid);
        book.TryBest(Side.Sell, out var ask);
        Bid = bid;
        Ask = ask;
    }

    public Instrument Instrument { get; }

    public InstrumentId Id => Instrument.Id;

    /// <summary>Synced, fresh, complete, not crossed, two sides. When false the levels are empty: do not quote.</summary>
    public bool IsTradable { get; }

    public BookFlags Flags => _book?.Flags ?? BookFlags.None;

    public BookLevel Bid { get; }

    public BookLevel Ask { get; }

    /// <summary>Best bid + best ask: twice the mid without rounding.</summary>
    public long MidTwiceRaw => Bid.Price.Raw + Ask.Price.Raw;

    /// <summary>The mid price, rounded down to 1e-8; zero while not tradable.</summary>
    public Price Mid => new(MidTwiceRaw / 2);

    /// <summary>Quantity over the best levels of a side, at most 32 levels.</summary>
    public Quantity Volume(Side side, int levels)
    {
        if (!IsTradable) return Quantity.Zero;
        Span<BookLevel> top = stackalloc BookLevel[Math.Min(levels, 32)];
        var count = _book!.CopyTop(side, top);
        long sum = 0;
        foreach (ref readonly var level in top[..count]) sum += level.Quantity.Raw;
        return new Quantity(sum);
    }
}
