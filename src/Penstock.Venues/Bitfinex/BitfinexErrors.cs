using System.Text;
using Penstock.Model.Orders;

namespace Penstock.Venues.Bitfinex;

/// <summary>
/// Numbers and texts of errors in our vocabulary (venues/bitfinex.md §4.3, §4.4). A refused order comes with a text and no number; the
/// first text it contains decides.
/// </summary>
internal static class BitfinexErrors
{
    private static readonly (byte[] Part, RejectReason Reason)[] Texts =
    [
        Of("not enough", RejectReason.InsufficientFunds),
        Of("nsufficient", RejectReason.InsufficientFunds),
        Of("minimum size", RejectReason.QuantityOutOfRange),
        Of("maximum size", RejectReason.QuantityOutOfRange),
        Of("nvalid amount", RejectReason.QuantityOutOfRange),
        Of("amount: invalid", RejectReason.QuantityOutOfRange),
        Of("nvalid price", RejectReason.PriceOutOfRange),
        Of("price: invalid", RejectReason.PriceOutOfRange),
        Of("rice too", RejectReason.PriceOutOfRange),
        Of("uplicate", RejectReason.DuplicateClientOrderId),
        Of("rder not found", RejectReason.OrderNotFound),
        Of("ratelimit", RejectReason.RateLimited),
        Of("nonce", RejectReason.Authentication),
        Of("apikey", RejectReason.Authentication),
        Of("maintenance", RejectReason.Maintenance),
        Of("rading is disabled", RejectReason.InstrumentNotTrading),
        Of("rading halted", RejectReason.InstrumentNotTrading),
        Of("symbol: invalid", RejectReason.InvalidParameter),
        Of("nvalid symbol", RejectReason.InvalidParameter),
        Of("post only", RejectReason.WouldTakeLiquidity),
        Of("imeout", RejectReason.UnknownOutcome),
    ];

    /// <param name="code">0 where the venue gave none.</param>
    /// <param name="text">Its text; may be empty.</param>
    public static RejectReason ReasonOf(long code, ReadOnlySpan<byte> text) => code switch
    {
        // "Unknown error" does not say whether the engine had the order: ask, never assume.
        10000 => RejectReason.UnknownOutcome,
        10008 or 11000 => RejectReason.Transient,
        10020 => RejectReason.InvalidParameter,
        10100 or (>= 10111 and <= 10114) or 10200 => RejectReason.Authentication,
        11010 => RejectReason.RateLimited,
        20051 or 20060 => RejectReason.Maintenance,
        _ => OfText(text),
    };

    private static RejectReason OfText(ReadOnlySpan<byte> text)
    {
        foreach (var (part, reason) in Texts)
        {
            if (text.IndexOf(part) >= 0) return reason;
        }

        return RejectReason.Rejected;
    }

    private static (byte[], RejectReason) Of(string part, RejectReason reason) => (Encoding.ASCII.GetBytes(part), reason);
}
