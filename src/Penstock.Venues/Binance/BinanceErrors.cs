using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Orders;
using Penstock.Model.Orders;

namespace Penstock.Venues.Binance;

/// <summary>Error codes of REST and WebSocket API in our vocabulary (venues/binance.md §4.2). Some codes are told apart by text only.</summary>
internal static class BinanceErrors
{
    public const int NoSuchOrder = -2013;

    /// <param name="status">HTTP status, also inside WebSocket responses; 5xx means that the venue itself does not know.</param>
    public static RejectReason ReasonOf(long status, long code, ReadOnlySpan<byte> message)
    {
        if (status >= 500) return RejectReason.UnknownOutcome;
        return code switch
        {
            // -1000 and -1001 say "internal error" without saying whether before or after the engine: ask, never assume.
            -1000 or -1001 or -1006 or -1007 => RejectReason.UnknownOutcome,
            -1003 or -1015 or -1034 => RejectReason.RateLimited,
            -1008 => RejectReason.Transient,
            -1016 => RejectReason.Maintenance,
            -1002 or -1022 or -2014 or -2015 => RejectReason.Authentication,
            -1021 => RejectReason.ClockSkew,
            -1013 => OfFilter(message),
            -2010 => OfRejection(message),
            -2011 or NoSuchOrder => RejectReason.OrderNotFound,
            -1121 or (<= -1100 and >= -1199) => RejectReason.InvalidParameter,
            _ => status is 418 or 429 ? RejectReason.RateLimited : RejectReason.Rejected,
        };
    }

    /// <summary>The field `r` of an execution report.</summary>
    public static RejectReason ReasonOf(JsonValue text)
    {
        Span<byte> scratch = stackalloc byte[64];
        var reason = text.GetText(scratch);
        if (reason.SequenceEqual("NONE"u8) || reason.IsEmpty) return RejectReason.None;
        if (reason.StartsWith("INSUFFICIENT_BALANCE"u8)) return RejectReason.InsufficientFunds;
        if (reason.SequenceEqual("DUPLICATE_ORDER"u8)) return RejectReason.DuplicateClientOrderId;
        if (reason.SequenceEqual("WOULD_MATCH_IMMEDIATELY"u8)) return RejectReason.WouldTakeLiquidity;
        if (reason.SequenceEqual("UNKNOWN_ORDER"u8)) return RejectReason.OrderNotFound;
        if (reason.SequenceEqual("MARKET_CLOSED"u8)) return RejectReason.InstrumentNotTrading;
        if (reason.SequenceEqual("PRICE_QTY_EXCEED_HARD_LIMITS"u8)) return RejectReason.PriceOutOfRange;
        return RejectReason.Rejected;
    }

    private static RejectReason OfFilter(ReadOnlySpan<byte> message)
    {
        if (Has(message, "LOT_SIZE"u8) || Has(message, "NOTIONAL"u8) || Has(message, "MAX_POSITION"u8)) return RejectReason.QuantityOutOfRange;
        if (Has(message, "PRICE"u8)) return RejectReason.PriceOutOfRange;
        return Has(message, "MAX_NUM"u8) ? RejectReason.RateLimited : RejectReason.InvalidParameter;
    }

    private static RejectReason OfRejection(ReadOnlySpan<byte> message)
    {
        if (Has(message, "insufficient balance"u8)) return RejectReason.InsufficientFunds;
        if (Has(message, "Duplicate"u8)) return RejectReason.DuplicateClientOrderId;
        if (Has(message, "immediately match"u8)) return RejectReason.WouldTakeLiquidity;
        if (Has(message, "Market is closed"u8)) return RejectReason.InstrumentNotTrading;
        return RejectReason.Rejected;
    }

    private static bool Has(ReadOnlySpan<byte> message, ReadOnlySpan<byte> words) => message.IndexOf(words) >= 0;
}
