using Penstock.Model.Numbers;

namespace Penstock.Testing.Matching;

/// <summary>One tradable pair of a simulated venue: the rules the matching engine enforces and the protocols publish.</summary>
public sealed record SimulatedInstrument
{
    /// <summary>BASE-QUOTE, e.g. BTC-USDT, and what follows for a contract (BTC-USDT-PERP); each protocol spells it its own way.</summary>
    public required string Symbol { get; init; }

    public required Price Tick { get; init; }

    public required Quantity Lot { get; init; }

    public required Quantity QuantityMin { get; init; }

    /// <summary>Smallest price × quantity of a limit order.</summary>
    public required Notional NotionalMin { get; init; }

    /// <summary>Digits after the point on the wire where the venue writes fixed precision (Kraken's checksum counts them).</summary>
    public required int PriceDecimals { get; init; }

    public required int QuantityDecimals { get; init; }

    /// <summary>Where the seeded flow starts and what it reverts to.</summary>
    public required Price StartPrice { get; init; }

    /// <summary>A typical order of the seeded flow.</summary>
    public required Quantity TypicalQuantity { get; init; }

    /// <summary>The venue's number for the pair where it has one (OKX instIdCode).</summary>
    public long VenueCode { get; init; }

    public string Base => Symbol[..Symbol.IndexOf('-')];

    public string Quote
    {
        get
        {
            var start = Symbol.IndexOf('-') + 1;
            var end = Symbol.IndexOf('-', start);
            return end < 0 ? Symbol[start..] : Symbol[start..end];
        }
    }
}
