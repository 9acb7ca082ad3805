using System.Runtime.CompilerServices;
using Penstock.Connectivity.Feeds;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.Connectivity.Decoding;

/// <summary>Adds prices and quantities to a batch; the one place where their sign is judged.</summary>
public static class FeedLevels
{
    /// <summary>Adds one event unless price or quantity is impossible.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static QuarantineCause Add(
        FeedBatch batch, MarketEventKind kind, Side side, long price, int priceDecimals, long quantity, int quantityDecimals)
    {
        if (price <= 0 || quantity < 0) return QuarantineCause.NumberOutOfRange;
        ref var added = ref batch.AddEvent();
        added.Kind = kind;
        added.Side = side;
        added.Price = new Price(price);
        added.Quantity = new Quantity(quantity);
        added.PriceDecimals = (byte)Math.Min(priceDecimals, byte.MaxValue);
        added.QuantityDecimals = (byte)Math.Min(quantityDecimals, byte.MaxValue);
        return QuarantineCause.None;
    }

    /// <summary>Adds one event of two values, in the scales of the open message's instrument.</summary>
    public static QuarantineCause Add(FeedBatch batch, MarketEventKind kind, Side side, JsonValue price, JsonValue quantity)
    {
        var cause = price.GetDecimal(batch.PriceScale, out var priceRaw, out var priceDecimals);
        if (cause == QuarantineCause.NumberUnrepresentable) batch.ScaleObserver?.OnPriceTooFine(batch.Instrument, TextOf(price));
        if (cause != QuarantineCause.None) return cause;
        cause = quantity.GetDecimal(batch.QuantityScale, out var quantityRaw, out var quantityDecimals);
        if (cause == QuarantineCause.NumberUnrepresentable && batch.CutsQuantities)
        {
            cause = JsonValue.CauseOf(FixedPoint.TryParseCut(TextOf(quantity), batch.QuantityScale, out quantityRaw));
            batch.QuantitiesCut++;
            batch.ScaleObserver?.OnQuantityCut(batch.Instrument, side, priceRaw, quantityRaw, TextOf(quantity));
        }

        return cause != QuarantineCause.None
            ? cause
            : Add(batch, kind, side, priceRaw, priceDecimals, quantityRaw, quantityDecimals);
    }

    private static ReadOnlySpan<byte> TextOf(JsonValue number) => number.IsString ? number.Text : number.Raw;

    /// <summary>Adds <c>[["price","quantity", …], …]</c>; further elements of a level are passed over.</summary>
    public static QuarantineCause AddPairs(FeedBatch batch, MarketEventKind kind, Side side, JsonValue levels)
    {
        var scanner = new JsonScanner(levels);
        scanner.BeginArray();
        while (scanner.NextElement(out var level))
        {
            var cause = SplitPair(level, out var price, out var quantity);
            if (cause == QuarantineCause.None) cause = Add(batch, kind, side, price, quantity);
            if (cause != QuarantineCause.None) return cause;
        }

        return scanner.Finish();
    }

    /// <summary>The first two elements of <c>["price","quantity", …]</c>.</summary>
    public static QuarantineCause SplitPair(JsonValue level, out JsonValue price, out JsonValue quantity)
    {
        var scanner = new JsonScanner(level);
        scanner.BeginArray();
        scanner.NextElement(out price);
        scanner.NextElement(out quantity);
        while (scanner.NextElement(out _))
        {
        }

        var cause = scanner.Finish();
        return cause == QuarantineCause.None && !quantity.IsPresent ? QuarantineCause.Malformed : cause;
    }
}
