using System.Text;
using Penstock.Model.Orders;

namespace Penstock.Venues.Kraken;

/// <summary>Error texts "ECategory:Message[:detail]" in our vocabulary (venues/kraken.md §4.4). First matching prefix wins.</summary>
internal static class KrakenErrors
{
    private static readonly (byte[] Prefix, RejectReason Reason)[] Reasons =
    [
        Of("EOrder:Insufficient funds", RejectReason.InsufficientFunds),
        Of("EOrder:Insufficient margin", RejectReason.InsufficientFunds),
        Of("EOrder:Order minimum not met", RejectReason.QuantityOutOfRange),
        Of("EOrder:Cost minimum not met", RejectReason.QuantityOutOfRange),
        Of("EOrder:Tick size check failed", RejectReason.PriceOutOfRange),
        Of("EOrder:Invalid price", RejectReason.PriceOutOfRange),
        Of("EOrder:Post only order", RejectReason.WouldTakeLiquidity),
        Of("EOrder:Orders limit exceeded", RejectReason.RateLimited),
        Of("EOrder:Rate limit exceeded", RejectReason.RateLimited),
        Of("EOrder:Domain rate limit exceeded", RejectReason.RateLimited),
        Of("EOrder:Unknown order", RejectReason.OrderNotFound),
        Of("EOrder:Invalid order", RejectReason.OrderNotFound),
        Of("EOrder:Duplicate", RejectReason.DuplicateClientOrderId),
        Of("EAPI:Invalid key", RejectReason.Authentication),
        Of("EAPI:Invalid signature", RejectReason.Authentication),
        Of("EAPI:Invalid nonce", RejectReason.Authentication),
        Of("EAPI:Rate limit exceeded", RejectReason.RateLimited),
        Of("ESession:", RejectReason.Authentication),
        Of("EGeneral:Permission denied", RejectReason.Authentication),
        Of("EGeneral:Invalid arguments", RejectReason.InvalidParameter),
        Of("EGeneral:Temporary lockout", RejectReason.RateLimited),
        Of("EGeneral:Too many requests", RejectReason.RateLimited),
        // "Internal error" and "Timeout" do not say whether the engine had the order: ask, never assume.
        Of("EGeneral:Internal error", RejectReason.UnknownOutcome),
        Of("EService:Timeout", RejectReason.UnknownOutcome),
        Of("EService:Unavailable", RejectReason.Maintenance),
        Of("EService:Market in cancel_only mode", RejectReason.InstrumentNotTrading),
        Of("EService:Market in", RejectReason.InstrumentNotTrading),
        Of("EService:Deadline elapsed", RejectReason.Transient),
        Of("EService:Busy", RejectReason.Transient),
        Of("EService:Throttled", RejectReason.RateLimited),
        Of("EQuery:Unknown asset pair", RejectReason.InvalidParameter),
    ];

    public static RejectReason ReasonOf(ReadOnlySpan<byte> error)
    {
        foreach (var (prefix, reason) in Reasons)
        {
            if (error.StartsWith(prefix)) return reason;
        }

        return RejectReason.Rejected;
    }

    private static (byte[], RejectReason) Of(string prefix, RejectReason reason) => (Encoding.ASCII.GetBytes(prefix), reason);
}
