namespace Penstock.Model.Numbers;

/// <summary>What one unit costs, in the quote asset. Exact 64-bit fixed point, 1e-8 (R17). Raw units.</summary>
public readonly record struct Price(long Raw) : IComparable<Price>
{
    public static readonly Price Zero = default;

    /// <summary>From a literal; throws on what 1e-8 cannot hold, so only for values a programmer wrote.</summary>
    public static Price From(decimal value)
    {
        var scaled = value * FixedPoint.Scale;
        if (decimal.Truncate(scaled) != scaled)
            throw new ArgumentOutOfRangeException(nameof(value), value, "A Price has at most 8 decimals.");
        return new Price((long)scaled);
    }

    public static DecimalStatus TryParse(ReadOnlySpan<byte> text, out Price value)
    {
        var status = FixedPoint.TryParse(text, out var raw);
        value = new Price(raw);
        return status;
    }

    public bool IsPositive => Raw > 0;

    public bool IsMultipleOf(Price step) => step.Raw > 0 && Raw % step.Raw == 0;

    /// <summary>The largest multiple of <paramref name="step"/> not above this value (towards negative infinity).</summary>
    public Price FloorTo(Price step)
    {
        var remainder = Raw % step.Raw;
        return new Price(Raw - (remainder < 0 ? remainder + step.Raw : remainder));
    }

    /// <summary>The smallest multiple of <paramref name="step"/> not below this value.</summary>
    public Price CeilingTo(Price step)
    {
        var floor = FloorTo(step);
        return floor.Raw == Raw ? floor : new Price(floor.Raw + step.Raw);
    }

    public int CompareTo(Price other) => Raw.CompareTo(other.Raw);

    public static Price operator +(Price left, Price right) => new(checked(left.Raw + right.Raw));

    public static Price operator -(Price left, Price right) => new(checked(left.Raw - right.Raw));

    public static Price operator -(Price value) => new(-value.Raw);

    public static Price operator *(Price value, long times) => new(checked(value.Raw * times));

    public static bool operator <(Price left, Price right) => left.Raw < right.Raw;

    public static bool operator >(Price left, Price right) => left.Raw > right.Raw;

    public static bool operator <=(Price left, Price right) => left.Raw <= right.Raw;

    public static bool operator >=(Price left, Price right) => left.Raw >= right.Raw;

    public decimal ToDecimal() => (decimal)Raw / FixedPoint.Scale;

    public override string ToString() => FixedPoint.ToText(Raw);
}
