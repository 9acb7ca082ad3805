using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Model.Numbers;

namespace Penstock.Venues.Htx;

/// <summary>
/// Traded quantities have up to eighteen decimals: a market buy spends an amount of quote currency, and what that buys is divided, not
/// counted in lots. A fill that is refused would be a position nobody knows of, so these, and only these, are cut to 1e-8 and counted.
/// </summary>
internal static class HtxQuantities
{
    /// <summary>A quantity above zero: what was traded.</summary>
    public static Quantity RequireTraded(this JsonValue value, OrderProtocolStatistics statistics, ref QuarantineCause cause)
    {
        var traded = value.TradedOrZero(statistics, ref cause);
        if (traded.Raw <= 0) cause.KeepFirst(QuarantineCause.NumberOutOfRange);
        return traded;
    }

    /// <summary>What has been traded so far; zero where the field is empty.</summary>
    public static Quantity TradedOrZero(this JsonValue value, OrderProtocolStatistics statistics, ref QuarantineCause cause)
    {
        if (value.IsEmpty) return default;
        var found = value.GetDecimal(out var raw, out _);
        if (found is QuarantineCause.NumberUnrepresentable or QuarantineCause.NumberOverflow)
        {
            found = JsonValue.CauseOf(FeeText.TryParseRoundedDown(value.IsString ? value.Text : value.Raw, out raw));
            if (found == QuarantineCause.None) statistics.QuantitiesCut++;
        }

        cause.KeepFirst(found);
        if (raw < 0) cause.KeepFirst(QuarantineCause.NumberOutOfRange);
        return new Quantity(raw);
    }
}
