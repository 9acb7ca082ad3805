using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Model.Orders;

namespace Penstock.Venues.Kucoin;

/// <summary>
/// Codes of the REST interface in our vocabulary (venues/kucoin.md §4.2). 400100 is "a parameter is wrong" and also "no such
/// order": there the message decides.
/// </summary>
internal static class KucoinErrors
{
    private const int Parameter = 400100;

    /// <summary>"200000", a text, is the only success.</summary>
    private const int Success = 200000;

    public static RejectReason ReasonOf(long code, JsonValue message) => code switch
    {
        Parameter when Says("not exist"u8, message) || Says("not_exist"u8, message) => RejectReason.OrderNotFound,
        Parameter when Says("uplicate"u8, message) => RejectReason.DuplicateClientOrderId,
        Parameter => RejectReason.InvalidParameter,
        200001 or 400600 => RejectReason.InstrumentNotTrading,
        200002 or 429000 or 1015 => RejectReason.RateLimited,
        200004 => RejectReason.InsufficientFunds,
        400002 => RejectReason.ClockSkew,
        >= 400001 and <= 400007 => RejectReason.Authentication,
        400370 => RejectReason.PriceOutOfRange,
        900001 => RejectReason.InvalidParameter,
        // The server failed after it had the request: nobody knows how far it came.
        500000 => RejectReason.UnknownOutcome,
        _ => RejectReason.Rejected,
    };

    /// <summary>Splits an answer into its data, or says what stands in place of it.</summary>
    /// <returns>
    /// None with the data; VenueError with the code and reason the venue gives; Malformed, Truncated … where a body that claims
    /// success cannot be read. A body that is no JSON under an error status is the gateway's: VenueError without a code.
    /// </returns>
    public static QuarantineCause Open(int httpStatus, ReadOnlySpan<byte> body, out JsonValue data, out long code, out RejectReason reason)
    {
        data = default;
        code = 0;
        reason = httpStatus == 429 ? RejectReason.RateLimited : httpStatus >= 500 ? RejectReason.UnknownOutcome : RejectReason.Rejected;
        var cause = JsonValue.Parse(body, out var root);
        if (cause != QuarantineCause.None) return httpStatus == 200 ? cause : QuarantineCause.VenueError;
        if (!root["code"u8].IsString || !root["code"u8].TryInt64(out code))
            return httpStatus == 200 ? QuarantineCause.Malformed : QuarantineCause.VenueError;
        data = root["data"u8];
        if (httpStatus == 200 && code == Success) return QuarantineCause.None;
        if (code != Success && httpStatus < 500) reason = ReasonOf(code, root["msg"u8]);
        return QuarantineCause.VenueError;
    }

    private static bool Says(ReadOnlySpan<byte> words, JsonValue message)
    {
        Span<byte> scratch = stackalloc byte[256];
        return message.GetText(scratch).IndexOf(words) >= 0;
    }
}
