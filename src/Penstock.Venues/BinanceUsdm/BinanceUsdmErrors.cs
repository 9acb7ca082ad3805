using Penstock.Model.Orders;
using Penstock.Venues.Binance;

namespace Penstock.Venues.BinanceUsdm;

/// <summary>Error codes that only futures have, in our vocabulary; the others are spot's (venues/binance.md §4.2).</summary>
internal static class BinanceUsdmErrors
{
    public const long NoListenKey = -1125;

    /// <param name="status">HTTP status, also inside WebSocket responses; 5xx means that the venue itself does not know.</param>
    public static RejectReason ReasonOf(long status, long code, ReadOnlySpan<byte> message)
    {
        if (status >= 500) return RejectReason.UnknownOutcome;
        return code switch
        {
            // Margin, leverage brackets, and positions too large or too small for what was asked.
            -2018 or -2019 or -2024 or -2027 or -2028 or -4050 or -4051 => RejectReason.InsufficientFunds,
            -4116 => RejectReason.DuplicateClientOrderId,
            -5022 => RejectReason.WouldTakeLiquidity,
            // Of price, tick, and distance to the mark price.
            -4001 or -4002 or -4013 or -4014 or -4016 or -4024 or -4131 => RejectReason.PriceOutOfRange,
            -4003 or -4004 or -4005 or -4023 or -4164 => RejectReason.QuantityOutOfRange,
            -4108 or -4140 or -4141 or -4192 => RejectReason.InstrumentNotTrading,
            // Hedge mode, and a change that changes nothing.
            -4061 or -5027 => RejectReason.InvalidParameter,
            -5041 => RejectReason.Transient,
            _ => BinanceErrors.ReasonOf(status, code, message),
        };
    }
}
