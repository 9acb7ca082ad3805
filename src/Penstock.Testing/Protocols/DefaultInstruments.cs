using Penstock.Model.Numbers;
using Penstock.Testing.Matching;

namespace Penstock.Testing.Protocols;

/// <summary>The three pairs every simulated venue lists unless told otherwise.</summary>
public static class DefaultInstruments
{
    /// <param name="priceDecimals">Price digits of BTC, ETH and SOL.</param>
    /// <param name="quantityDecimals">Digits quantities are written with.</param>
    /// <param name="lots">Lot sizes of BTC, ETH and SOL.</param>
    public static IReadOnlyList<SimulatedInstrument> Of(int[] priceDecimals, int quantityDecimals, decimal[] lots) =>
    [
        Pair("BTC-USDT", 60_000m, 0.02m, priceDecimals[0], quantityDecimals, lots[0], 10459),
        Pair("ETH-USDT", 3_000m, 0.4m, priceDecimals[1], quantityDecimals, lots[1], 10460),
        Pair("SOL-USDT", 150m, 8m, priceDecimals[2], quantityDecimals, lots[2], 10461),
    ];

    /// <summary>The same where the venue has no smallest order value; its list has no field for one.</summary>
    public static IReadOnlyList<SimulatedInstrument> WithoutNotionalMin(int[] priceDecimals, int quantityDecimals, decimal[] lots) =>
        [.. Of(priceDecimals, quantityDecimals, lots).Select(i => i with { NotionalMin = default })];

    private static SimulatedInstrument Pair(
        string symbol, decimal price, decimal typical, int priceDecimals, int quantityDecimals, decimal lot, long code) => new()
    {
        Symbol = symbol,
        Tick = new Price(FixedPoint.PowerOfTen(FixedPoint.Decimals - priceDecimals)),
        Lot = Quantity.From(lot),
        QuantityMin = Quantity.From(lot),
        NotionalMin = Notional.From(1m),
        PriceDecimals = priceDecimals,
        QuantityDecimals = quantityDecimals,
        StartPrice = Price.From(price),
        TypicalQuantity = Quantity.From(typical),
        VenueCode = code,
    };
}
