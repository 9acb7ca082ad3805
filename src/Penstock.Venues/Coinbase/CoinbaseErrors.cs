using System.Collections.Frozen;
using System.Text;
using Penstock.Connectivity.Decoding;
using Penstock.Model.Orders;

namespace Penstock.Venues.Coinbase;

/// <summary>
/// The venue's words for refusals in our vocabulary (venues/coinbase.md §A5). Most refusals come with HTTP 200 and up to three
/// words, of which some may be "unknown": the first that says something counts.
/// </summary>
internal static class CoinbaseErrors
{
    private static readonly FrozenDictionary<string, RejectReason>.AlternateLookup<ReadOnlySpan<char>> Reasons = new Dictionary<string, RejectReason>
    {
        ["INSUFFICIENT_FUND"] = RejectReason.InsufficientFunds,
        ["INSUFFICIENT_FUNDS"] = RejectReason.InsufficientFunds,
        ["INVALID_LEDGER_BALANCE"] = RejectReason.InsufficientFunds,
        ["INVALID_LIMIT_PRICE_POST_ONLY"] = RejectReason.WouldTakeLiquidity,
        ["POST_ONLY_MODE_REJECTED"] = RejectReason.WouldTakeLiquidity,
        ["INVALID_LIMIT_PRICE"] = RejectReason.PriceOutOfRange,
        ["INVALID_PRICE_PRECISION"] = RejectReason.PriceOutOfRange,
        ["INVALID_PRICE_TOO_LARGE"] = RejectReason.PriceOutOfRange,
        ["BREACHED_PRICE_LIMIT"] = RejectReason.PriceOutOfRange,
        ["INVALID_EDITED_PRICE"] = RejectReason.PriceOutOfRange,
        ["INVALID_SIZE_PRECISION"] = RejectReason.QuantityOutOfRange,
        ["INVALID_BASE_SIZE"] = RejectReason.QuantityOutOfRange,
        ["INVALID_BASE_SIZE_TOO_SMALL"] = RejectReason.QuantityOutOfRange,
        ["INVALID_BASE_SIZE_TOO_LARGE"] = RejectReason.QuantityOutOfRange,
        ["INVALID_QUOTE_SIZE_TOO_SMALL"] = RejectReason.QuantityOutOfRange,
        ["INVALID_QUOTE_SIZE_TOO_LARGE"] = RejectReason.QuantityOutOfRange,
        ["INVALID_QUOTE_SIZE_PRECISION"] = RejectReason.QuantityOutOfRange,
        ["INVALID_EDITED_SIZE"] = RejectReason.QuantityOutOfRange,
        ["CANNOT_EDIT_TO_BELOW_FILLED_SIZE"] = RejectReason.QuantityOutOfRange,
        ["UNSUPPORTED_ORDER_CONFIGURATION"] = RejectReason.InvalidParameter,
        ["INVALID_SIDE"] = RejectReason.InvalidParameter,
        ["INVALID_PRODUCT_ID"] = RejectReason.InvalidParameter,
        ["INVALID_REQUEST"] = RejectReason.InvalidParameter,
        ["INVALID_ARGUMENT"] = RejectReason.InvalidParameter,
        ["INVALID_CANCEL_REQUEST"] = RejectReason.InvalidParameter,
        ["INVALID_CANCEL_PRODUCT_ID"] = RejectReason.InvalidParameter,
        ["ONLY_LIMIT_ORDER_EDITS_SUPPORTED"] = RejectReason.InvalidParameter,
        ["ORDER_ENTRY_DISABLED"] = RejectReason.InstrumentNotTrading,
        ["UNTRADABLE_PRODUCT"] = RejectReason.InstrumentNotTrading,
        ["TRADING_DISABLED"] = RejectReason.InstrumentNotTrading,
        ["INELIGIBLE_PAIR"] = RejectReason.InstrumentNotTrading,
        ["UNKNOWN_CANCEL_ORDER"] = RejectReason.OrderNotFound,
        ["ORDER_IS_FULLY_FILLED"] = RejectReason.OrderNotFound,
        ["ORDER_NOT_FOUND"] = RejectReason.OrderNotFound,
        ["NOT_FOUND"] = RejectReason.OrderNotFound,
        ["DUPLICATE_CANCEL_REQUEST"] = RejectReason.Transient,
        ["ORDER_IS_BEING_REPLACED"] = RejectReason.Transient,
        ["UNAUTHENTICATED"] = RejectReason.Authentication,
        ["PERMISSION_DENIED"] = RejectReason.Authentication,
        ["RATE_LIMIT_EXCEEDED"] = RejectReason.RateLimited,
        ["INTERNAL"] = RejectReason.UnknownOutcome,
        ["DEADLINE_EXCEEDED"] = RejectReason.UnknownOutcome,
    }.ToFrozenDictionary(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Rejected for a word that says nothing, or nothing to us.</summary>
    public static RejectReason ReasonOf(JsonValue word)
    {
        var text = word.Text;
        if (text.StartsWith("PREVIEW_"u8)) text = text["PREVIEW_"u8.Length..];
        Span<char> name = stackalloc char[64];
        if (text.Length > name.Length) return RejectReason.Rejected;
        return Reasons.TryGetValue(name[..Encoding.Latin1.GetChars(text, name)], out var reason) ? reason : RejectReason.Rejected;
    }

    /// <summary>The first of the words that says something.</summary>
    public static RejectReason ReasonOf(JsonValue first, JsonValue second, JsonValue third)
    {
        var reason = ReasonOf(first);
        if (reason == RejectReason.Rejected) reason = ReasonOf(second);
        return reason == RejectReason.Rejected ? ReasonOf(third) : reason;
    }

    /// <summary>What an HTTP status says by itself; None for those whose body decides.</summary>
    public static RejectReason ReasonOf(int httpStatus) => httpStatus switch
    {
        // Somewhere between the door and the engine something broke: the order may be there.
        >= 500 or 408 or 0 => RejectReason.UnknownOutcome,
        429 => RejectReason.RateLimited,
        401 or 403 => RejectReason.Authentication,
        _ => RejectReason.None,
    };
}
