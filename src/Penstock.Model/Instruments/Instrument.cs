using Penstock.Model.Numbers;

namespace Penstock.Model.Instruments;

public enum InstrumentStatus : byte
{
    Unknown,
    Trading,
    CancelOnly,
    PostOnly,
    LimitOnly,
    Halted,
    Delisted,
    /// <summary>Outside its trading hours, by the calendar.</summary>
    Closed,
    /// <summary>Orders are collected and none is matched, by the calendar.</summary>
    PreOpen,
}

/// <summary>
/// What a venue says of one instrument (R23, E5), taken from its own endpoint, never from splitting a name.
/// Immutable; a refresh replaces the record.
/// </summary>
public sealed record Instrument
{
    public InstrumentId Id { get; init; }

    public required VenueId Venue { get; init; }

    /// <summary>BASE-QUOTE in our spelling, e.g. BTC-USDT.</summary>
    public required string Symbol { get; init; }

    /// <summary>The venue's spelling on its market-data feed, e.g. BTCUSDT, BTC/USD, BTC-USDT.</summary>
    public required string VenueSymbol { get; init; }

    public required Text16 Base { get; init; }

    public required Text16 Quote { get; init; }

    public required Price Tick { get; init; }

    public required Quantity Lot { get; init; }

    public Quantity QuantityMin { get; init; }

    /// <summary>Smallest price × quantity of an order, zero where the venue has no such rule.</summary>
    public Notional NotionalMin { get; init; }

    /// <summary>Digits after the point the venue writes prices with (checksums, order text).</summary>
    public int PriceDecimals { get; init; } = FixedPoint.Decimals;

    public int QuantityDecimals { get; init; } = FixedPoint.Decimals;

    /// <summary>
    /// Decimals the raw form of this instrument's prices is kept with (tick included): 8, or up to <see cref="FixedPoint.ScaleMax"/> where
    /// the venue quotes finer. An instrument with another scale than 8 is market data only: orders and positions count in 1e-8.
    /// </summary>
    public int PriceScale { get; init; } = FixedPoint.Decimals;

    /// <summary>As <see cref="PriceScale"/>, of quantities and the lot.</summary>
    public int QuantityScale { get; init; } = FixedPoint.Decimals;

    /// <summary>Prices and quantities are in the platform's own scale.</summary>
    public bool HasUsualScales => PriceScale == FixedPoint.Decimals && QuantityScale == FixedPoint.Decimals;

    /// <summary>The venue's numeric instrument code where order entry wants one instead of the name (OKX instIdCode); 0 if none.</summary>
    public long VenueCode { get; init; }

    /// <summary>The venue's spelling on its REST interface where it differs from <see cref="VenueSymbol"/>.</summary>
    public string RestSymbol { get; init; } = "";

    public InstrumentStatus Status { get; init; } = InstrumentStatus.Trading;
}
