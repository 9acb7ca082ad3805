using System.ComponentModel.DataAnnotations;
using Penstock.Infrastructure.Plugins;
using Penstock.Infrastructure.Snapshots;
using Penstock.Model.Numbers;
using Penstock.Strategies;
using Penstock.SwapPlugin;

[assembly: PluginContract(PluginContractAttribute.Current)]
[assembly: Strategy<SwapMaker>("swap-maker")]

namespace Penstock.SwapPlugin;

public enum Sides
{
    Both,
    Bids,
}

public sealed record SwapMakerConfig
{
    /// <summary>Quantity of each quote, in the base asset.</summary>
    [Range(0.00000001, 1_000_000.0)]
    public decimal Size { get; init; } = 0.01m;

    /// <summary>Half the spread.</summary>
    [Range(0.1, 1_000.0)]
    public decimal HalfBps { get; init; } = 3m;

    public Sides Sides { get; init; }

    /// <summary>The book at which it throws; 0 for never.</summary>
    [Range(0, int.MaxValue)]
    public int ThrowAt { get; init; }

    /// <summary>Takes the old version's resting orders instead of having them cancelled.</summary>
    public bool Adopts { get; init; }
}

/// <summary>Quotes around the mid price. The next version quotes with twice the distance, and remembers one figure more.</summary>
public sealed class SwapMaker : Strategy<SwapMakerConfig>
{
#if NEXT
    private const int Widening = 2;
    private long _trades;
#else
    private const int Widening = 1;
#endif
    private long _books;

    protected override bool AdoptsOrders => Config.Adopts;

    protected override void OnBook(in BookView book)
    {
        if (++_books == Config.ThrowAt) throw new InvalidOperationException("planted");
        if (!book.IsTradable)
        {
            Bid(book.Id).Clear();
            Ask(book.Id).Clear();
            return;
        }

        var half = Bps.From(Config.HalfBps * Widening);
        Bid(book.Id).Set(book.Mid - half, Quantity.From(Config.Size));
        if (Config.Sides == Sides.Both) Ask(book.Id).Set(book.Mid + half, Quantity.From(Config.Size));
    }

#if NEXT
    protected override int StateVersion => 2;

    protected override void OnTrade(in Model.Markets.MarketEvent trade) => _trades++;

    protected override void OnState(StateArchive state)
    {
        _books = state.Value(_books);
        if (state.Version >= 2) _trades = state.Value(_trades);
    }
#else
    protected override int StateVersion => 1;

    protected override void OnState(StateArchive state) => _books = state.Value(_books);
#endif
}
