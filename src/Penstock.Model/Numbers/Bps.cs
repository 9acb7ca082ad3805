namespace Penstock.Model.Numbers;

/// <summary>A share in basis points, 1/100 %, exact to 1e-8 of one. Added to a price it moves the price by that share.</summary>
public readonly record struct Bps(long Raw) : IComparable<Bps>
{
    private const long UnitRaw = 10_000 * FixedPoint.Scale;

    /// <summary>From a literal or a configured value; throws on what 1e-8 cannot hold.</summary>
    public static Bps From(decimal value)
    {
        var scaled = value * FixedPoint.Scale;
        return decimal.Truncate(scaled) == scaled ? new Bps((long)scaled) : throw new ArgumentOutOfRangeException(nameof(value), value, "Bps have at most 8 decimals.");
    }

    /// <summary>This share of a price, rounded towards zero.</summary>
    public Price Of(Price price) => new((long)((Int128)price.Raw * Raw / UnitRaw));

    public int CompareTo(Bps other) => Raw.CompareTo(other.Raw);

    public static Bps operator +(Bps left, Bps right) => new(checked(left.Raw + right.Raw));

    public static Bps operator -(Bps left, Bps right) => new(checked(left.Raw - right.Raw));

    public static Bps operator /(Bps value, long by) => new(value.Raw / by);

    public static Price operator +(Price price, Bps share) => price + share.Of(price);

    public static Price operator -(Price price, Bps share) => price - share.Of(price);

    public decimal ToDecimal() => (decimal)Raw / FixedPoint.Scale;

    public override string ToString() => FixedPoint.ToText(Raw);
}
