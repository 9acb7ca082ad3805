using System.Collections.Frozen;
using System.Text;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Orders;
using Penstock.Model.Orders;

namespace Penstock.Venues.Htx;

/// <summary>The `err-code` texts of orders, and the numbers that some interfaces send instead, in our vocabulary (venues/htx.md §4.2).</summary>
internal static class HtxErrors
{
    private static readonly (string Code, RejectReason Reason)[] Codes =
    [
        // "Mostly due to a cache issue, try again later": whether the engine had the order, it does not say. Ask, never assume.
        ("base-system-error", RejectReason.UnknownOutcome),
        ("base-request-timeout", RejectReason.UnknownOutcome),
        ("gateway-internal-error", RejectReason.UnknownOutcome),
        ("order-update-error", RejectReason.UnknownOutcome),
        ("order-accountbalance-error", RejectReason.InsufficientFunds),
        ("account-frozen-balance-insufficient-error", RejectReason.InsufficientFunds),
        ("order-holding-limit-failed", RejectReason.InsufficientFunds),
        ("order-limitorder-amount-min-error", RejectReason.QuantityOutOfRange),
        ("order-limitorder-amount-max-error", RejectReason.QuantityOutOfRange),
        ("order-marketorder-amount-min-error", RejectReason.QuantityOutOfRange),
        ("order-marketorder-amount-buy-max-error", RejectReason.QuantityOutOfRange),
        ("order-marketorder-amount-sell-max-error", RejectReason.QuantityOutOfRange),
        ("order-orderamount-precision-error", RejectReason.QuantityOutOfRange),
        ("order-amount-over-limit", RejectReason.QuantityOutOfRange),
        ("order-value-min-error", RejectReason.QuantityOutOfRange),
        ("order-invalid-price", RejectReason.PriceOutOfRange),
        ("order-orderprice-precision-error", RejectReason.PriceOutOfRange),
        ("order-limitorder-price-min-error", RejectReason.PriceOutOfRange),
        ("order-limitorder-price-max-error", RejectReason.PriceOutOfRange),
        ("order-etp-nav-price-min-error", RejectReason.PriceOutOfRange),
        ("order-etp-nav-price-max-error", RejectReason.PriceOutOfRange),
        ("order-price-greater-than-limit", RejectReason.PriceOutOfRange),
        ("order-price-less-than-limit", RejectReason.PriceOutOfRange),
        ("invalid-client-order-id", RejectReason.DuplicateClientOrderId),
        ("not-found", RejectReason.OrderNotFound),
        ("base-not-found", RejectReason.OrderNotFound),
        ("base-record-invalid", RejectReason.OrderNotFound),
        ("order-orderstate-error", RejectReason.OrderNotFound),
        ("order-user-cancel-forbidden", RejectReason.OrderNotFound),
        ("api-signature-not-valid", RejectReason.Authentication),
        ("api-signature-check-failed", RejectReason.Authentication),
        ("login-required", RejectReason.Authentication),
        ("account-account-id-inexistent", RejectReason.Authentication),
        ("account-get-accounts-inexistent-error", RejectReason.Authentication),
        ("base-symbol-trade-disabled", RejectReason.InstrumentNotTrading),
        ("order-disabled", RejectReason.InstrumentNotTrading),
        ("cancel-disabled", RejectReason.InstrumentNotTrading),
        ("forbidden-trade-for-open-protect", RejectReason.InstrumentNotTrading),
        ("market-orders-not-support-during-limit-price-trading", RejectReason.InstrumentNotTrading),
        ("base-symbol-error", RejectReason.InvalidParameter),
        ("base-argument-unsupported", RejectReason.InvalidParameter),
        ("bad-request", RejectReason.InvalidParameter),
        ("order-type-invalid", RejectReason.InvalidParameter),
        ("order-source-invalid", RejectReason.InvalidParameter),
        ("parameter-required", RejectReason.InvalidParameter),
        ("validation-constraints-required", RejectReason.InvalidParameter),
        ("invalid-parameter", RejectReason.InvalidParameter),
        ("frequent-invoke", RejectReason.RateLimited),
        ("too-many-request", RejectReason.RateLimited),
        ("base_request_exceed_number_limit", RejectReason.RateLimited),
        ("system-maintenance", RejectReason.Maintenance),
    ];

    private static readonly FrozenDictionary<byte[], RejectReason> Reasons =
        Codes.ToFrozenDictionary(entry => Encoding.ASCII.GetBytes(entry.Code), entry => entry.Reason, new BytesComparer());

    private static readonly FrozenDictionary<byte[], RejectReason>.AlternateLookup<ReadOnlySpan<byte>> ByBytes =
        Reasons.GetAlternateLookup<ReadOnlySpan<byte>>();

    /// <param name="code">`err-code`, a text or a number.</param>
    /// <param name="rawCode">The number, zero for a text.</param>
    public static RejectReason ReasonOf(JsonValue code, out long rawCode)
    {
        Span<byte> scratch = stackalloc byte[64];
        if (code.TryInt64(out rawCode)) return ReasonOf(rawCode);
        return ByBytes.TryGetValue(code.GetText(scratch), out var reason) ? reason : RejectReason.Rejected;
    }

    private static RejectReason ReasonOf(long code) => code switch
    {
        429 or 510 or 1006 or 40403 => RejectReason.RateLimited,
        500 or 504 => RejectReason.UnknownOutcome,
        503 => RejectReason.Maintenance,
        1002 or 1003 or 2000 => RejectReason.Authentication,
        1007 => RejectReason.OrderNotFound,
        2002 or 400 => RejectReason.InvalidParameter,
        2003 => RejectReason.InstrumentNotTrading,
        3002 or 3004 or 3005 or 3008 or 3009 or 3010 => RejectReason.QuantityOutOfRange,
        3003 or 3006 or 3007 => RejectReason.PriceOutOfRange,
        _ => RejectReason.Rejected,
    };

    /// <summary>Codes as the bytes they are sent in: looked up without a string.</summary>
    private sealed class BytesComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = 2166136261u;
            foreach (var b in alternate) hash = (hash ^ b) * 16777619;
            return (int)hash;
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
