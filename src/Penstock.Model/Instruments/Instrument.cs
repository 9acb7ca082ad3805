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

/// <summary>How a trade of the instrument is settled.</summary>
public enum InstrumentKind : byte
{
    /// <summary>The assets themselves change hands.</summary>
    Spot,
    /// <summary>A contract without expiry whose profit is paid in <see cref="Instrument.Settle"/>, and funding with it.</summary>
    LinearPerpetual,
    /// <summary>As <see cref="LinearPerpetual"/>, settled in its base asset. Market data only.</summary>
    InversePerpetual,
    /// <summary>A contract with a delivery date, settled in its quote asset. Market data only.</summary>
    LinearFuture,
    /// <summary>A contract with a delivery date, settled in its base asset. Market data only.</summary>
    InverseFuture,
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

    public InstrumentKind Kind { get; init; }

    /// <summary>Of a contract: the asset its profit, its fees and its funding are paid in. Not used by spot.</summary>
    public Text16 Settle { get; init; }

    /// <summary>How much of the base asset one unit of quantity is; 1 for spot and where a venue counts contracts in the base asset.</summary>
    public Quantity ContractSize { get; init; } = new(FixedPoint.Scale);

    /// <summary>The asset a trade is paid in.</summary>
    public Text16 PaidIn => Kind == InstrumentKind.Spot ? Quote : Settle;

    /// <summary>
    /// Of a contract: the asset its position is in ledgers and in what venues tell of accounts, one unit per unit of quantity: the venue's
    /// spelling where that is short enough. Allocates.
    /// </summary>
    public Text16 PositionAsset() =>
        Text16.TryCreate(System.Text.Encoding.UTF8.GetBytes(VenueSymbol), out var asset) ? asset : Text16.From($"contract-{Id.Value}");

    /// <summary>Price × quantity × contract size; truncated to 1e-16 where the contract size is no whole number.</summary>
    public Notional ValueOf(Price price, Quantity quantity) => ContractSize.Raw == FixedPoint.Scale
        ? Notional.Of(price, quantity)
        : new(Notional.Of(price, quantity).Raw * ContractSize.Raw / FixedPoint.Scale);
}
