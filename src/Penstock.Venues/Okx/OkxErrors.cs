using Penstock.Model.Orders;

namespace Penstock.Venues.Okx;

/// <summary>Codes of REST, WebSocket and `sCode` in our vocabulary (venues/okx.md §4.2).</summary>
internal static class OkxErrors
{
    public const int NoSuchOrder = 51603;

    public static RejectReason ReasonOf(long code) => code switch
    {
        // 50026, "system error", does not say whether the engine had the order: ask, never assume.
        50004 or 50026 => RejectReason.UnknownOutcome,
        50001 => RejectReason.Maintenance,
        // 51513: three changes of the order are under way.
        50011 or 50061 or 51513 => RejectReason.RateLimited,
        50013 => RejectReason.Transient,
        50102 => RejectReason.ClockSkew,
        (>= 50103 and <= 50114) or 60009 or 60011 => RejectReason.Authentication,
        51000 or 51001 or 51500 or 60013 => RejectReason.InvalidParameter,
        51004 or 51006 => RejectReason.PriceOutOfRange,
        51008 or 51502 => RejectReason.InsufficientFunds,
        51016 => RejectReason.DuplicateClientOrderId,
        51019 or 51511 => RejectReason.WouldTakeLiquidity,
        51020 or 51121 => RejectReason.QuantityOutOfRange,
        51400 or 51401 or 51402 or 51410 or 51503 or 51509 or 51510 or NoSuchOrder => RejectReason.OrderNotFound,
        51506 => RejectReason.NotSupported,
        51508 => RejectReason.InstrumentNotTrading,
        _ => RejectReason.Rejected,
    };
}
