namespace Penstock.Model.Numbers;

/// <summary>
/// Price × quantity, exact: the product of two 1e-8 numbers is a 1e-16 number and does not fit 64 bits, so it is
/// <see cref="Int128"/>. Money (cash, fees, PnL) is kept in this type and rounded only when it is shown.
/// </summary>
public readonly record struct Notional(Int128 Raw) : IComparable<Notional>
{
    public const long RawPerQuantityRaw = FixedPoint.Scale;

    public static readonly Notional Zero = default;

    public static Notional Of(Price price, Quantity quantity) => new((Int128)price.Raw * quantity.Raw);

    /// <summary>An amount of an asset (1e-8) widened to 1e-16.</summary>
    public static Notional OfAmount(long amountRaw) => new((Int128)amountRaw * FixedPoint.Scale);

    public static Notional From(decimal value) => OfAmount(Quantity.From(value).Raw);

    public Notional Abs() => Raw < 0 ? new(-Raw) : this;

    public int CompareTo(Notional other) => Raw.CompareTo(other.Raw);

    public static Notional operator +(Notional left, Notional right) => new(left.Raw + right.Raw);

    public static Notional operator -(Notional left, Notional right) => new(left.Raw - right.Raw);

    public static Notional operator -(Notional value) => new(-value.Raw);

    public static bool operator <(Notional left, Notional right) => left.Raw < right.Raw;

    public static bool operator >(Notional left, Notional right) => left.Raw > right.Raw;

    public static bool operator <=(Notional left, Notional right) => left.Raw <= right.Raw;

    public static bool operator >=(Notional left, Notional right) => left.Raw >= right.Raw;

    /// <summary>Exact while the value fits decimal's 96 bits; for reports, not for arithmetic.</summary>
    public decimal ToDecimal() => (decimal)(Raw / FixedPoint.Scale) / FixedPoint.Scale
        + (decimal)(Raw % FixedPoint.Scale) / FixedPoint.Scale / FixedPoint.Scale;

    public override string ToString() => ToDecimal().ToString(System.Globalization.CultureInfo.InvariantCulture);
}
