using Penstock.Model.Orders;

namespace Penstock.EleventhVenue.Tidewater;

/// <summary>The venue's codes in our vocabulary.</summary>
internal static class TidewaterErrors
{
    public const int NoSuchOrder = 2004;

    public static RejectReason ReasonOf(long code) => code switch
    {
        1001 => RejectReason.Authentication,
        1002 => RejectReason.ClockSkew,
        2001 => RejectReason.InsufficientFunds,
        2002 => RejectReason.PriceOutOfRange,
        2003 => RejectReason.QuantityOutOfRange,
        NoSuchOrder => RejectReason.OrderNotFound,
        2005 => RejectReason.DuplicateClientOrderId,
        2006 => RejectReason.WouldTakeLiquidity,
        3001 => RejectReason.RateLimited,
        4001 => RejectReason.Maintenance,
        5001 => RejectReason.UnknownOutcome,
        _ => RejectReason.Rejected,
    };
}
