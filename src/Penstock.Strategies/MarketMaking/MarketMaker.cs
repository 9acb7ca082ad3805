using System.ComponentModel.DataAnnotations;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Strategies;
using Penstock.Strategies.MarketMaking;

[assembly: Strategy<MarketMaker>("market-making")]

namespace Penstock.Strategies.MarketMaking;

/// <summary>How the market maker quotes. Decimals are exact to 1e-8.</summary>
public sealed record MarketMakerConfig
{
    /// <summary>Bid to ask, in 1/100 % of the fair price.</summary>
    [Range(0.0, 1_000.0)]
    public decimal SpreadBps { get; init; } = 4m;

    /// <summary>Quantity of each quote, in the base asset.</summary>
    [Range(0.00000001, 1_000_000_000.0)]
    public decimal Size { get; init; } = 0.01m;

    /// <summary>Position in either direction beyond which the side that adds to it is not quoted.</summary>
    [Range(0.0, 1_000_000_000.0)]
    public decimal InventoryMax { get; init; } = 0.1m;

    /// <summary>Price units per unit of imbalance: the seed's constant (R97).</summary>
    [Range(0.0, 1_000.0)]
    public decimal SkewFactor { get; init; } = 0.0001m;

    /// <summary>Levels of each side the imbalance is taken over.</summary>
    [Range(1, 32)]
    public int ImbalanceLevels { get; init; } = 5;

    /// <summary>Resting quotes follow only from this many ticks on.</summary>
    [Range(1, 100_000)]
    public int RequoteTicks { get; init; } = 2;
}

/// <summary>
/// The market maker of the seed (R97): fair price = mid + (bid volume − ask volume) × skew factor, quoted on both sides at
/// half the spread; never through the market, never beyond the inventory, never on a book that is not tradable.
/// </summary>
public sealed class MarketMaker : Strategy<MarketMakerConfig>
{
    private const long BpsScale = 10_000L * FixedPoint.Scale;

    private Quantity _size;
    private Quantity _inventoryMax;
    private long _skewRaw;
    private long _halfSpreadBpsRaw;

    protected override void OnConfigured()
    {
        _size = Rounded(Config.Size);
        _inventoryMax = Rounded(Config.InventoryMax);
        _skewRaw = Rounded(Config.SkewFactor).Raw;
        _halfSpreadBpsRaw = Rounded(Config.SpreadBps / 2).Raw;
        foreach (var instrument in Context.Instruments)
        {
            Bid(instrument).RequoteTicks = Config.RequoteTicks;
            Ask(instrument).RequoteTicks = Config.RequoteTicks;
        }
    }

    protected override void OnBook(in BookView book) => Quote(book);

    /// <summary>A fill moves the inventory: the old wish must not be sent again before the next book.</summary>
    protected override void OnOrder(in OrderEvent order)
    {
        if (order.IsFill) Quote(Context.Book(order.Order.Instrument));
    }

    protected override void OnStop()
    {
        foreach (var instrument in Context.Instruments) Clear(instrument);
    }

    private void Quote(in BookView book)
    {
        var id = book.Id;
        if (!book.IsTradable)
        {
            Clear(id);
            return;
        }

        var fair = FairPrice(book);
        if (fair <= 0)
        {
            Clear(id);
            return;
        }

        var half = (long)((Int128)fair * _halfSpreadBpsRaw / BpsScale);
        var tick = book.Instrument.Tick;
        var bid = Math.Min(fair - half, book.Ask.Price.Raw - tick.Raw);
        var ask = Math.Max(fair + half, book.Bid.Price.Raw + tick.Raw);
        var held = Context.Position(id).Quantity;
        SetOrClear(Bid(id), bid, _inventoryMax.Raw - held.Raw);
        SetOrClear(Ask(id), ask, _inventoryMax.Raw + held.Raw);
    }

    /// <summary>mid + (bid volume − ask volume) × skew factor, raw.</summary>
    private long FairPrice(in BookView book)
    {
        var imbalance = book.Volume(Side.Buy, Config.ImbalanceLevels).Raw - book.Volume(Side.Sell, Config.ImbalanceLevels).Raw;
        return book.MidTwiceRaw / 2 + (long)((Int128)imbalance * _skewRaw / FixedPoint.Scale);
    }

    private void SetOrClear(QuoteSlot slot, long priceRaw, long roomRaw)
    {
        if (roomRaw <= 0) slot.Clear();
        else slot.Set(new Price(priceRaw), new Quantity(Math.Min(_size.Raw, roomRaw)));
    }

    private void Clear(InstrumentId instrument)
    {
        Bid(instrument).Clear();
        Ask(instrument).Clear();
    }

    private static Quantity Rounded(decimal value) => Quantity.From(decimal.Round(value, FixedPoint.Decimals));
}
