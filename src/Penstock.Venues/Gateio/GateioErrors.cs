using Penstock.Connectivity.Decoding;
using Penstock.Model.Orders;

namespace Penstock.Venues.Gateio;

/// <summary>
/// Labels of REST and WebSocket answers in our vocabulary. The venue has no error numbers: what is kept as the raw code is
/// the status, an HTTP one on both.
/// </summary>
internal static class GateioErrors
{
    public static bool IsNoSuchOrder(JsonValue label) => label.Is("ORDER_NOT_FOUND"u8);

    public static RejectReason ReasonOf(JsonValue label, long status)
    {
        // Whatever the label says, a fault of the server does not tell whether the engine had the order: ask, never assume.
        if (status >= 500 || label.Is("SERVER_ERROR"u8) || label.Is("INTERNAL"u8) || label.Is("TOO_BUSY"u8)) return RejectReason.UnknownOutcome;
        if (label.Is("BALANCE_NOT_ENOUGH"u8) || label.Is("MARGIN_BALANCE_NOT_ENOUGH"u8) || label.Is("QUANTITY_NOT_ENOUGH"u8)) return RejectReason.InsufficientFunds;
        if (label.Is("POC_FILL_IMMEDIATELY"u8)) return RejectReason.WouldTakeLiquidity;
        if (IsNoSuchOrder(label) || label.Is("ORDER_CLOSED"u8) || label.Is("ORDER_CANCELLED"u8)) return RejectReason.OrderNotFound;
        if (label.Is("TOO_MANY_REQUESTS"u8) || label.Is("TOO_FAST"u8) || status == 429) return RejectReason.RateLimited;
        if (label.Is("AMOUNT_TOO_LITTLE"u8) || label.Is("AMOUNT_TOO_MUCH"u8)) return RejectReason.QuantityOutOfRange;
        if (label.Is("REPEATED_CREATION"u8) || label.Is("ORDER_EXISTS"u8)) return RejectReason.DuplicateClientOrderId;
        if (label.Is("REQUEST_EXPIRED"u8)) return RejectReason.ClockSkew;
        if (label.Is("TRADE_RESTRICTED"u8)) return RejectReason.InstrumentNotTrading;
        if (IsAuthentication(label)) return RejectReason.Authentication;
        return IsParameter(label) ? RejectReason.InvalidParameter : RejectReason.Rejected;
    }

    private static bool IsAuthentication(JsonValue label) =>
        label.Is("INVALID_KEY"u8) || label.Is("INVALID_SIGNATURE"u8) || label.Is("INVALID_CREDENTIALS"u8) || label.Is("IP_FORBIDDEN"u8)
        || label.Is("READ_ONLY"u8) || label.Is("MISSING_REQUIRED_HEADER"u8) || label.Is("ACCOUNT_LOCKED"u8) || label.Is("FORBIDDEN"u8);

    private static bool IsParameter(JsonValue label) =>
        label.Is("INVALID_PARAM_VALUE"u8) || label.Is("INVALID_PROTOCOL"u8) || label.Is("INVALID_ARGUMENT"u8) || label.Is("INVALID_REQUEST_BODY"u8)
        || label.Is("MISSING_REQUIRED_PARAM"u8) || label.Is("BAD_REQUEST"u8) || label.Is("INVALID_PRECISION"u8)
        || label.Is("INVALID_CURRENCY"u8) || label.Is("INVALID_CURRENCY_PAIR"u8);
}
