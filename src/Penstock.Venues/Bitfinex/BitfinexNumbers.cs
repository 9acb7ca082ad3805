using System.Buffers.Text;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Model.Numbers;

namespace Penstock.Venues.Bitfinex;

/// <summary>Numbers as this venue writes them: JSON numbers whose sign means a side, some with the tail of a binary float.</summary>
internal static class BitfinexNumbers
{
    /// <summary>
    /// An amount, signed. The venue's amounts have eight decimals ("anything exceeding this will be rounded"); one that was added
    /// up as a float and sent as 43.358118629999986 is therefore 43.35811863, by the venue's own rule and not by our rounding.
    /// </summary>
    public static QuarantineCause GetAmount(JsonValue value, out long raw, out int decimals)
    {
        raw = decimals = 0;
        if (!value.IsNumber) return QuarantineCause.Malformed;
        var cause = value.GetDecimal(out raw, out decimals);
        if (cause != QuarantineCause.NumberUnrepresentable) return cause;
        // Not Overflow, so the value is small enough for the product; more digits than a decimal holds are cut far behind the eighth.
        if (!Utf8Parser.TryParse(value.Raw, out decimal exact, out var used, 'E') && !Utf8Parser.TryParse(value.Raw, out exact, out used)) return cause;
        if (used != value.Raw.Length) return cause;
        raw = (long)(decimal.Round(exact, FixedPoint.Decimals, MidpointRounding.AwayFromZero) * FixedPoint.Scale);
        decimals = FixedPoint.Decimals;
        return QuarantineCause.None;
    }

    /// <summary>The amount's size, zero allowed, and its sign's side; a cause where it is none.</summary>
    public static Quantity RequireAmount(JsonValue value, ref QuarantineCause cause, out Model.Markets.Side side)
    {
        cause.KeepFirst(GetAmount(value, out var raw, out _));
        side = raw > 0 ? Model.Markets.Side.Buy : raw < 0 ? Model.Markets.Side.Sell : Model.Markets.Side.None;
        return new Quantity(Math.Abs(raw));
    }

    /// <summary>True for a price the venue takes as it is: at most five significant digits, or it cuts the rest off.</summary>
    public static bool IsPrice(long raw)
    {
        if (raw <= 0) return false;
        while (raw % 10 == 0) raw /= 10;
        return raw < 100_000;
    }
}
