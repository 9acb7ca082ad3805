using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Model.Orders;

namespace Penstock.Venues.Bitstamp;

/// <summary>
/// The venue's errors in our vocabulary (venues/bitstamp.md §4.2). They come with HTTP 200 or another status, with `reason` as a
/// text or as an object of texts, and with their number in `code` ("API0005"), in `response_code` ("400.009") or not at all.
/// </summary>
internal static class BitstampErrors
{
    private const int Status = 0, Reason = 1, Code = 2, ResponseCode = 3, Error = 4;

    private static readonly JsonFields Fields = new("status", "reason", "code", "response_code", "error");

    /// <summary>True when the answer is an error.</summary>
    /// <param name="answer">Any value.</param>
    /// <param name="reason">Ours.</param>
    /// <param name="code">The digits of the venue's: API0005 is 5, 400.009 is 400009; zero where there is none.</param>
    public static bool TryRead(JsonValue answer, out RejectReason reason, out int code)
    {
        reason = RejectReason.None;
        code = 0;
        Span<JsonRange> ranges = stackalloc JsonRange[Fields.Count];
        if (Fields.Pick(answer, ranges, out var fields) != QuarantineCause.None) return false;
        if (!fields[Status].Is("error"u8) && !fields[Error].IsPresent) return false;
        var number = fields[Code].IsEmpty ? fields[ResponseCode] : fields[Code];
        Span<byte> scratch = stackalloc byte[32];
        var text = number.GetText(scratch);
        code = DigitsOf(text);
        reason = code == 0 ? ReasonOf(fields[Reason].IsPresent ? fields[Reason].Raw : fields[Error].Raw)
            : text.StartsWith("API"u8) ? ReasonOfKey(code) : ReasonOf(code);
        return true;
    }

    private static RejectReason ReasonOfKey(int code) => code switch
    {
        17 => RejectReason.ClockSkew,
        20 => RejectReason.InvalidParameter,
        _ => RejectReason.Authentication, // key, address, permission, nonce, signature, frozen account
    };

    private static RejectReason ReasonOf(int code) => code switch
    {
        400002 => RejectReason.RateLimited,
        400003 or 404003 => RejectReason.InvalidParameter,
        400004 or 400005 or 400006 => RejectReason.InvalidParameter,
        400009 or 400075 => RejectReason.InsufficientFunds,
        400019 => RejectReason.DuplicateClientOrderId,
        400020 or 400046 or 400037 or 400038 or 400039 => RejectReason.QuantityOutOfRange,
        400021 => RejectReason.PriceOutOfRange,
        404001 or 404002 => RejectReason.OrderNotFound,
        // The server failed: whether before or after it took the order is not said. Ask, never assume.
        500001 or 500002 or 500003 => RejectReason.UnknownOutcome,
        _ => RejectReason.Rejected,
    };

    /// <summary>Older forms say it in words only.</summary>
    private static RejectReason ReasonOf(ReadOnlySpan<byte> words) =>
        words.IndexOf("not found"u8) >= 0 ? RejectReason.OrderNotFound
        : words.IndexOf("You have only"u8) >= 0 ? RejectReason.InsufficientFunds
        : words.IndexOf("Minimum order size"u8) >= 0 ? RejectReason.QuantityOutOfRange
        : RejectReason.Rejected;

    private static int DigitsOf(ReadOnlySpan<byte> text)
    {
        var number = 0;
        foreach (var c in text)
        {
            if ((uint)(c - '0') <= 9 && number < 100_000_000) number = number * 10 + (c - '0');
        }

        return number;
    }
}
