using System.Buffers;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Connectivity.Orders;

/// <summary>
/// Fields of an order message as values. What cannot be read becomes the message's cause, and zero: a decoder reads all its
/// fields in one go and looks at the cause once, at the end.
/// </summary>
public static class OrderFields
{
    /// <summary>
    /// What venues' order ids are made of. They are written into requests again, so what could end a JSON text or a query
    /// parameter is none.
    /// </summary>
    private static readonly SearchValues<byte> IdBytes =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:"u8);

    /// <summary>A price, which is above zero.</summary>
    public static Price RequirePrice(this JsonValue value, ref QuarantineCause cause) => new(AtLeast(1, value, ref cause));

    /// <summary>A quantity above zero: what was traded.</summary>
    public static Quantity RequireQuantity(this JsonValue value, ref QuarantineCause cause) => new(AtLeast(1, value, ref cause));

    /// <summary>A quantity that may be zero: what has been traded so far.</summary>
    public static Quantity RequireCumulative(this JsonValue value, ref QuarantineCause cause) => new(AtLeast(0, value, ref cause));

    /// <summary>As <see cref="RequireCumulative"/>; zero where the field is empty.</summary>
    public static Quantity QuantityOrZero(this JsonValue value, ref QuarantineCause cause) =>
        value.IsEmpty ? default : value.RequireCumulative(ref cause);

    /// <summary>A fee of which a positive amount is paid; zero where the field is empty.</summary>
    public static long FeeOrZero(this JsonValue value, ref QuarantineCause cause)
    {
        if (value.IsEmpty) return 0;
        cause.KeepFirst(JsonValue.CauseOf(FeeText.TryParseRoundedUp(NumberText(value), out var raw)));
        return raw;
    }

    /// <summary>An amount rounded towards negative infinity: balances, and fees of which a negative amount is paid.</summary>
    public static long AmountOrZero(this JsonValue value, ref QuarantineCause cause)
    {
        if (value.IsEmpty) return 0;
        cause.KeepFirst(JsonValue.CauseOf(FeeText.TryParseRoundedDown(NumberText(value), out var raw)));
        return raw;
    }

    /// <summary>A whole number; zero where it is none.</summary>
    public static bool TryInt64(this JsonValue value, out long number) => value.GetInt64(out number) == QuarantineCause.None;

    /// <summary>Milliseconds since the Unix epoch; zero where the field is empty.</summary>
    public static ExchangeTime UnixMsOrZero(this JsonValue value, ref QuarantineCause cause)
    {
        if (value.IsEmpty) return default;
        cause.KeepFirst(value.GetUnixMs(out var time));
        return time;
    }

    /// <summary>RFC 3339 in UTC; zero where the field is empty.</summary>
    public static ExchangeTime IsoTimeOrZero(this JsonValue value, ref QuarantineCause cause)
    {
        if (value.IsEmpty) return default;
        if (!IsoTime.TryParse(value.Text, out var time)) cause.KeepFirst(QuarantineCause.Malformed);
        return time;
    }

    /// <summary>The venue's id of an order, written as a string or as a number; empty where the field is.</summary>
    public static Text40 VenueOrderIdOrEmpty(this JsonValue value, ref QuarantineCause cause)
    {
        if (value.IsEmpty) return default;
        Span<byte> scratch = stackalloc byte[64];
        if ((value.IsString || value.IsNumber) && TryVenueOrderId(value.GetText(scratch), out var text)) return text;
        cause.KeepFirst(QuarantineCause.Malformed);
        return default;
    }

    /// <summary>Takes our id out of a row; where one was asked for, a row that names another of ours is no answer.</summary>
    public static QuarantineCause Identify(JsonValue value, ref ClientOrderId asked)
    {
        Span<byte> scratch = stackalloc byte[64];
        if (!ClientOrderId.TryParse(value.GetText(scratch), out var named)) return QuarantineCause.None;
        if (!asked.IsNone && named != asked) return QuarantineCause.Malformed;
        asked = named;
        return QuarantineCause.None;
    }

    /// <summary>False for anything but 1 to 39 letters, digits, '-', '_', '.' and ':'.</summary>
    public static bool TryVenueOrderId(ReadOnlySpan<byte> text, out Text40 id)
    {
        id = default;
        return !text.IsEmpty && !text.ContainsAnyExcept(IdBytes) && Text40.TryCreate(text, out id);
    }

    /// <summary>False when it is no text of 1 to 15 bytes.</summary>
    public static bool TryText16(this JsonValue value, out Text16 text)
    {
        text = default;
        if (!value.IsString || value.IsEmpty) return false;
        Span<byte> scratch = stackalloc byte[64];
        return Text16.TryCreate(value.GetText(scratch), out text) && !text.IsEmpty;
    }

    private static long AtLeast(long least, JsonValue value, ref QuarantineCause cause)
    {
        cause.KeepFirst(value.GetDecimal(out var raw, out _));
        if (raw < least) cause.KeepFirst(QuarantineCause.NumberOutOfRange);
        return raw;
    }

    private static ReadOnlySpan<byte> NumberText(JsonValue value) =>
        value.IsString ? value.Text : value.IsNumber ? value.Raw : "?"u8;
}
