using Penstock.Model.Orders;

namespace Penstock.Venues.Bybit;

/// <summary>Codes of REST and of the trade socket in our vocabulary (venues/bybit.md §4.2): 11xxxx derivatives, 17xxxx spot.</summary>
internal static class BybitErrors
{
    /// <summary>The trade service restarts: what is under way is finished, new requests need a new connection.</summary>
    public const int ServiceRestarts = 10019;

    public static RejectReason ReasonOf(long code) => code switch
    {
        // A timeout or an internal error does not say whether the engine had the order: ask, never assume. Nor does a request id
        // the venue has seen before.
        10000 or 10016 or 20006 => RejectReason.UnknownOutcome,
        10001 => RejectReason.InvalidParameter,
        10002 => RejectReason.ClockSkew,
        10003 or 10004 or 10005 or 10010 or 20001 => RejectReason.Authentication,
        10006 or 10018 or 10429 or 20003 => RejectReason.RateLimited,
        ServiceRestarts => RejectReason.Maintenance,
        110001 or 110008 or 110010 or 170142 or 170143 or 170213 => RejectReason.OrderNotFound,
        110003 or 170133 or 170134 => RejectReason.PriceOutOfRange,
        110004 or 110007 or 170124 or 170131 => RejectReason.InsufficientFunds,
        110072 or 170141 => RejectReason.DuplicateClientOrderId,
        110079 => RejectReason.Transient,
        110094 or 170136 or 170137 or 170140 => RejectReason.QuantityOutOfRange,
        _ => RejectReason.Rejected,
    };
}
