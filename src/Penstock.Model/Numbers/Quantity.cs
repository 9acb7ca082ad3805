namespace Penstock.Model.Numbers;

/// <summary>How much, in the base asset (or in contracts); signed where it is a position. Exact 64-bit fixed point, 1e-8 (R17). Raw units.</summary>
public readonly record struct Quantity(long Raw) : IComparable<Quantity>
{
    public static readonly Quantity Zero = default;

    /// <summary>From a literal; throws on what 1e-8 cannot hold, so only for values a programmer wrote.</summary>
    public static Quantity From(decimal value)
    {
        var scaled = value * FixedPoint.Scale;
        if (decimal.Truncate(scaled) != scaled)
            throw new ArgumentOutOfRangeException(nameof(value), value, "A Quantity has at most 8 decimals.");
        return new Quantity((long)scaled);
    }

    public static DecimalStatus TryParse(ReadOnlySpan<byte> text, out Quantity value)
    {
        var status = FixedPoint.TryParse(text, out var raw);
        value = new Quantity(raw);
        return status;
    }

    public bool IsPositive => Raw > 0;

    public bool IsMultipleOf(Quantity step) => step.Raw > 0 && Raw % step.Raw == 0;

    /// <summary>The largest multiple of <paramref name="step"/> not above this value (towards negative infinity).</summary>
    public Quantity FloorTo(Quantity step)
    {
        var remainder = Raw % step.Raw;
        return new Quantity(Raw - (remainder < 0 ? remainder + step.Raw : remainder));
    }

    /// <summary>The smallest multiple of <paramref name="step"/> not below this value.</summary>
    public Quantity CeilingTo(Quantity step)
    {
        var floor = FloorTo(step);
        return floor.Raw == Raw ? floor : new Quantity(floor.Raw + step.Raw);
    }

    public int CompareTo(Quantity other) => Raw.CompareTo(other.Raw);

    public static Quantity operator +(Quantity left, Quantity right) => new(checked(left.Raw + right.Raw));

    public static Quantity operator -(Quantity left, Quantity right) => new(checked(left.Raw - right.Raw));

    public static Quantity operator -(Quantity value) => new(-value.Raw);

    public static Quantity operator *(Quantity value, long times) => new(checked(value.Raw * times));

    public static bool operator <(Quantity left, Quantity right) => left.Raw < right.Raw;

    public static bool operator >(Quantity left, Quantity right) => left.Raw > right.Raw;

    public static bool operator <=(Quantity left, Quantity right) => left.Raw <= right.Raw;

    public static bool operator >=(Quantity left, Quantity right) => left.Raw >= right.Raw;

    public decimal ToDecimal() => (decimal)Raw / FixedPoint.Scale;

    public override string ToString() => FixedPoint.ToText(Raw);
}
