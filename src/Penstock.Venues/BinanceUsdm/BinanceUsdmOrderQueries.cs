using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Venues.Binance;

namespace Penstock.Venues.BinanceUsdm;

/// <summary>
/// The signed REST calls that resolve unknown outcomes and reconcile, the listen key, and cancel-all, which the WebSocket API does not have
/// (venues/binance.md §4.2). Off the hot path.
/// </summary>
internal sealed class BinanceUsdmOrderQueries(
    OrderContext context, BinanceSigner signer, BinanceUsdmAccount account, OrderProtocolStatistics statistics)
    : BinanceAccountQueries(context, signer, statistics, Calls), IFundingHistory
{
    private static readonly BinanceCalls Calls = new()
    {
        Order = "/fapi/v1/order", OrderWeight = 1, OpenOrders = "/fapi/v1/openOrders", OpenOrdersWeight = 1,
        Fills = "/fapi/v1/userTrades", FillsWeight = 5, Buyer = "buyer", Maker = "maker",
    };

    /// <summary>By the API key alone: nothing is signed.</summary>
    public RestRequest ListenKey() => new()
    {
        Method = HttpMethod.Post, PathAndQuery = "/fapi/v1/listenKey", Headers = [new("X-MBX-APIKEY", Context.Credentials.ApiKey)],
    };

    public override RestRequest Balances(long unixNs) => Get("/fapi/v3/account", "", 5, unixNs);

    public RestRequest CancelAll(Instrument instrument, long unixNs) =>
        Get("/fapi/v1/allOpenOrders", $"symbol={instrument.VenueSymbol}&", 1, unixNs) with { Method = HttpMethod.Delete };

    public RestRequest Fundings(ExchangeTime since, long unixNs) =>
        Get("/fapi/v1/income", $"incomeType=FUNDING_FEE&{PageSince(since)}", 30, unixNs);

    public QuarantineCause DecodeFundings(int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        var cause = BinanceOrderRow.ParseList(httpStatus, body, out var root);
        if (cause != QuarantineCause.None) return cause;
        var rows = 0;
        foreach (var payment in root.Elements)
        {
            rows++;
            cause.KeepFirst(AddFunding(payment, batch));
        }

        if (rows >= PageMax) Statistics.PagesCut++;
        return batch.IsFull ? QuarantineCause.TooLarge : cause;
    }

    /// <summary>The whole account; read twice, so that an answer with a mistake changes nothing.</summary>
    public override QuarantineCause DecodeBalances(int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        var cause = JsonValue.Parse(body, out var root);
        if (httpStatus != 200) return QuarantineCause.VenueError;
        if (cause == QuarantineCause.None) cause = ReadAccount(root, sets: false);
        if (cause != QuarantineCause.None) return cause;
        account.BeginWhole();
        ReadAccount(root, sets: true);
        var start = batch.Mark();
        account.Tell(batch);
        return batch.Finish(QuarantineCause.None, start);
    }

    /// <summary>What went well has a code too: 200.</summary>
    public static QuarantineCause DecodeCancelAll(int httpStatus, ReadOnlySpan<byte> body)
    {
        var cause = JsonValue.Parse(body, out var root);
        if (httpStatus != 200) return QuarantineCause.VenueError;
        if (cause != QuarantineCause.None) return cause;
        return root["code"u8].TryInt64(out var code) && code == 200 ? QuarantineCause.None : QuarantineCause.VenueError;
    }

    public static bool TryReadListenKey(ReadOnlySpan<byte> body, out string key)
    {
        key = JsonValue.Parse(body, out var root) == QuarantineCause.None ? root["listenKey"u8].ToText() : "";
        // It becomes part of an address.
        return key.Length > 0 && key.All(char.IsAsciiLetterOrDigit);
    }

    private QuarantineCause ReadAccount(JsonValue root, bool sets)
    {
        var assets = root["assets"u8];
        var positions = root["positions"u8];
        if (!assets.IsArray || !positions.IsArray) return QuarantineCause.Malformed;
        var cause = QuarantineCause.None;
        Span<byte> scratch = stackalloc byte[64];
        foreach (var item in assets.Elements)
        {
            var raw = item["walletBalance"u8].AmountOrZero(ref cause);
            if (!item["asset"u8].IsString || item["walletBalance"u8].IsEmpty) cause.KeepFirst(QuarantineCause.Malformed);
            else if (!item["asset"u8].TryText16(out var asset)) Statistics.BalancesSkipped += sets ? 1 : 0;
            else if (sets) account.SetWallet(asset, raw);
        }

        foreach (var item in positions.Elements)
        {
            var quantity = item["positionAmt"u8].AmountOrZero(ref cause);
            // At the mark price both, so the difference is what the position cost; the entry price itself is not told here.
            var cost = (Int128)item["notional"u8].AmountOrZero(ref cause) - item["unrealizedProfit"u8].AmountOrZero(ref cause);
            if (!item["symbol"u8].IsString || item["positionAmt"u8].IsEmpty) cause.KeepFirst(QuarantineCause.Malformed);
            if (sets && Context.Instruments.TryFind(Context.Venue, item["symbol"u8].GetText(scratch), out var instrument))
                account.SetPosition(instrument, quantity, cost * FixedPoint.Scale);
        }

        return cause;
    }

    /// <summary>Of contracts that are not ours, and in another asset than the contract's, nothing is told.</summary>
    private QuarantineCause AddFunding(JsonValue payment, ExecutionBatch batch)
    {
        if (!payment["incomeType"u8].Is("FUNDING_FEE"u8)) return payment["incomeType"u8].IsString ? QuarantineCause.None : QuarantineCause.Malformed;
        var cause = QuarantineCause.None;
        Span<byte> scratch = stackalloc byte[64];
        FundingReport report = default;
        report.Venue = Context.Venue;
        report.AmountRaw = payment["income"u8].AmountOrZero(ref cause);
        report.ExchangeTime = payment["time"u8].UnixMsOrZero(ref cause);
        if (payment["income"u8].IsEmpty || !payment["symbol"u8].IsString) return QuarantineCause.Malformed;
        if (!payment["asset"u8].TryText16(out var asset)) return QuarantineCause.Malformed;
        // A number now, text in older answers.
        if (!payment["tranId"u8].TryInt64(out report.PaymentId) || report.PaymentId == 0) return QuarantineCause.Malformed;
        if (cause != QuarantineCause.None) return cause;
        if (Context.Instruments.TryFind(Context.Venue, payment["symbol"u8].GetText(scratch), out report.Instrument)
            && Context.Instruments[report.Instrument].Quote.Equals(asset)) batch.AddFunding(report);
        else Statistics.ReportsForeign++;
        return QuarantineCause.None;
    }

    /// <summary>The documented example is negative for what was paid, what others see is positive: either way it was paid, rounded up.</summary>
    private protected override long FeeOf(JsonValue commission, ref QuarantineCause cause)
    {
        var raw = commission.AmountOrZero(ref cause);
        return raw < 0 ? -raw : commission.FeeOrZero(ref cause);
    }
}
