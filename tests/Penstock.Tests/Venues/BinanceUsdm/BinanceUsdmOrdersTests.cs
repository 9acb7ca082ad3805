using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Signing;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Venues.BinanceUsdm;
using static Penstock.Tests.Venues.OrdersTestKit;

namespace Penstock.Tests.Venues.BinanceUsdm;

public class BinanceUsdmOrdersTests
{
    private const string ApiKey = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A";
    private const string Secret = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";

    private static BinanceUsdmOrders Create() => new(Context("BTCUSDT", "USDT", new Credentials { ApiKey = ApiKey, Secret = Secret }));

    private static string Event(string x, string status, string extra = "", string id = "$", string lifetime = "GTC") =>
        $$$"""{"e":"ORDER_TRADE_UPDATE","T":1568879465651,"E":1568879465652,"o":{"s":"BTCUSDT","c":"{{{(id == "$" ? Id.ToString() : id)}}}","S":"SELL","o":"LIMIT","f":"{{{lifetime}}}","q":"0.002","p":"7100.50","x":"{{{x}}}","X":"{{{status}}}","i":8886774,"z":"0.001","T":1568879465651{{{extra}}}}}""";

    [Theory, Trait("requirement", "R79")]
    [InlineData("limit", "GTC", "LIMIT")]
    [InlineData("post", "GTX", "LIMIT")]
    [InlineData("ioc", "IOC", "LIMIT")]
    [InlineData("fok", "FOK", "LIMIT")]
    public void Post_only_is_a_time_in_force_and_every_order_is_signed_over_its_sorted_parameters(string variety, string lifetime, string type)
    {
        var frame = Placed(Create(), Order(variety));
        Assert.StartsWith($$"""{"id":"n{{Id}}","method":"order.place","params":{"apiKey":"{{ApiKey}}","newClientOrderId":"{{Id}}","newOrderRespType":"ACK","price":"23416.1","quantity":"0.00847","side":"BUY","symbol":"BTCUSDT","timeInForce":"{{lifetime}}","timestamp":1700000000123,"type":"{{type}}","signature":""", frame);
        AssertSigned(frame);
        AssertSigned(Placed(Create(), Order("market")));
        AssertSigned(Cancelled(Create(), Cancel()));
        AssertSigned(Cancelled(Create(), Cancel("28")));
    }

    [Theory, Trait("requirement", "R79")]
    [InlineData("limit")]
    [InlineData("market")]
    public void An_order_that_may_only_reduce_says_so(string variety)
    {
        var frame = Placed(Create(), Order(variety) with { Flags = OrderFlags.ReduceOnly });
        Assert.Contains("\"quantity\":\"0.00847\",\"reduceOnly\":\"true\",\"side\":\"BUY\"", frame);
        AssertSigned(frame);
    }

    [Fact, Trait("requirement", "R79")]
    public void A_change_names_price_and_quantity_and_the_stream_tells_that_it_happened()
    {
        var orders = Create();
        var writer = new FrameWriter();
        var amend = new AmendRequest { ClientOrderId = Id, Instrument = new InstrumentId(1), Side = Side.Sell, Price = Price.From(7100.5m), Quantity = Quantity.From(0.002m) };
        Assert.Equal(RejectReason.None, orders.WriteAmend(amend, writer, UnixNs));
        var frame = Only(writer);
        Assert.StartsWith($$"""{"id":"a{{Id}}","method":"order.modify","params":{"apiKey":"{{ApiKey}}","origClientOrderId":"{{Id}}","price":"7100.5","quantity":"0.002","side":"SELL","symbol":"BTCUSDT","timestamp":1700000000123,"signature":""", frame);
        AssertSigned(frame);
        Assert.Equal(OrderSignal.None, Signal(orders, $$"""{"id":"a{{Id}}","status":200,"result":{"orderId":8886774} }"""));
        var report = Report(orders, Event("AMENDMENT", "PARTIALLY_FILLED"));
        Assert.Equal((ExecutionKind.Amended, OrderState.PartiallyFilled, Price.From(7100.5m), Quantity.From(0.002m), Quantity.From(0.001m)),
            (report.Kind, report.State, report.LastPrice, report.LastQuantity, report.CumulativeQuantity));
        writer.Clear();
        Assert.Equal(RejectReason.InvalidParameter, orders.WriteAmend(amend with { Side = Side.None }, writer, UnixNs));
        Assert.Equal(RejectReason.PriceOutOfRange, orders.WriteAmend(amend with { Price = Price.Zero }, writer, UnixNs));
        Assert.Equal(RejectReason.QuantityOutOfRange, orders.WriteAmend(amend with { Quantity = Quantity.Zero }, writer, UnixNs));
        Assert.Equal(0, writer.FrameCount);
    }

    [Fact, Trait("requirement", "R106")]
    public void The_listen_key_opens_the_stream_and_an_answer_makes_it_ready()
    {
        var orders = Create();
        var request = orders.TokenRequest(UnixNs)!;
        Assert.Equal((HttpMethod.Post, "/fapi/v1/listenKey"), (request.Method, request.PathAndQuery));
        Assert.Equal([new("X-MBX-APIKEY", ApiKey)], request.Headers);
        Assert.False(orders.AcceptToken("""{"code":-2015,"msg":"Invalid API-key"}"""u8));
        Assert.False(orders.AcceptToken("""{"listenKey":"a&b=c"}"""u8));
        Assert.True(orders.AcceptToken("""{"listenKey":"pqia91ma19a5s61c"}"""u8));
        Assert.Equal("?listenKey=pqia91ma19a5s61c", orders.ConnectPath);
        var writer = new FrameWriter();
        orders.WriteLogin(writer, UnixNs);
        Assert.Equal("""{"method":"LIST_SUBSCRIPTIONS","id":1}""", Only(writer));
        Assert.Equal(OrderSignal.SessionReady, Signal(orders, """{"result":["pqia91ma19a5s61c"],"id":1}"""));
        Assert.Equal(OrderSignal.SessionReady, Signal(orders, """{"result":[],"id":1}"""));
        Assert.Equal(OrderSignal.LoginRefused, Signal(orders, """{"error":{"code":2,"msg":"Invalid request"},"id":1}"""));
        Assert.Equal(OrderSignal.ReconnectRequested, Signal(orders, """{"e":"listenKeyExpired","E":1736996475556,"listenKey":"pqia91ma19a5s61c"}"""));
    }

    [Fact, Trait("requirement", "R106")]
    public void The_order_socket_keeps_the_key_in_silence_and_when_busy_and_says_when_it_is_gone()
    {
        var entry = Create().Entry;
        var writer = new FrameWriter();
        entry.Reset();
        entry.WriteLogin(writer, UnixNs);
        Assert.Equal($$$"""{"id":"login","method":"userDataStream.start","params":{"apiKey":"{{{ApiKey}}}"}}""", Only(writer));
        var batch = new ExecutionBatch();
        OrderSignal Answer(string frame)
        {
            batch.Reset();
            Assert.Equal(QuarantineCause.None, entry.Decode(Encoding.UTF8.GetBytes(frame), batch));
            return batch.Signal;
        }

        Assert.Equal(OrderSignal.SessionReady, Answer("""{"id":"login","status":200,"result":{"listenKey":"x"},"rateLimits":[]}"""));
        Assert.Equal(OrderSignal.LoginRefused, Answer("""{"id":"login","status":401,"error":{"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."}}"""));
        writer.Clear();
        entry.WritePending(writer, UnixNs + 19 * 60 * 1_000_000_000L);
        Assert.Equal(0, writer.FrameCount);
        entry.WritePending(writer, UnixNs + 20 * 60 * 1_000_000_000L);
        Assert.Contains("\"userDataStream.ping\"", Only(writer), StringComparison.Ordinal);
        writer.Clear();
        entry.WritePending(writer, UnixNs + 21 * 60 * 1_000_000_000L);
        Assert.Equal(0, writer.FrameCount);
        Assert.True(entry.TryWritePing(writer));
        Assert.Contains("\"userDataStream.ping\"", Only(writer), StringComparison.Ordinal);
        Assert.Equal(OrderSignal.None, Answer("""{"id":"keep","status":200,"result":{"listenKey":"x"}}"""));
        Assert.Equal(OrderSignal.PrivateStreamGap, Answer("""{"id":"keep","status":400,"error":{"code":-1125,"msg":"This listenKey does not exist."}}"""));
    }

    [Fact, Trait("requirement", "R93")]
    public void A_fill_has_its_fee_where_there_is_one_and_the_early_word_of_it_is_passed_over()
    {
        var report = Report(Create(), Event("TRADE", "PARTIALLY_FILLED", ",\"l\":\"0.001\",\"L\":\"7100.50\",\"N\":\"USDT\",\"n\":\"0.010000001\",\"t\":77,\"m\":true"));
        Assert.Equal((ExecutionKind.Fill, Side.Sell, 77L, true), (report.Kind, report.Side, report.TradeId, report.IsMaker));
        Assert.Equal((Price.From(7100.5m), Quantity.From(0.001m), 1_000_001L, "USDT"), (report.LastPrice, report.LastQuantity, report.FeeRaw, report.FeeAsset.ToString()));
        var free = Report(Create(), Event("TRADE", "FILLED", ",\"l\":\"0.001\",\"L\":\"7100.50\",\"t\":78,\"m\":false"));
        Assert.Equal((0L, ""), (free.FeeRaw, free.FeeAsset.ToString()));
        Assert.Equal(OrderSignal.None, Signal(Create(), $$"""{"e":"TRADE_LITE","E":1,"T":1,"s":"BTCUSDT","c":"{{Id}}","S":"SELL","L":"7100.50","l":"0.001","t":77,"i":8886774}"""));
    }

    [Fact]
    public void A_post_only_order_that_would_take_expires_and_others_just_expire()
    {
        Assert.Equal((ExecutionKind.Expired, RejectReason.WouldTakeLiquidity), Kind(Event("EXPIRED", "EXPIRED", lifetime: "GTX")));
        Assert.Equal((ExecutionKind.Expired, RejectReason.None), Kind(Event("EXPIRED", "EXPIRED", lifetime: "IOC")));
        Assert.Equal((ExecutionKind.Expired, RejectReason.None), Kind(Event("EXPIRED", "EXPIRED_IN_MATCH")));
        Assert.Equal((ExecutionKind.Cancelled, RejectReason.None), Kind(Event("CANCELED", "CANCELED")));
        static (ExecutionKind, RejectReason) Kind(string frame) => Report(Create(), frame) is var r ? (r.Kind, r.Reason) : default;
    }

    [Fact]
    public void A_liquidation_is_a_fill_of_nobodys_order()
    {
        var report = Report(Create(), Event("CALCULATED", "FILLED", ",\"l\":\"0.001\",\"L\":\"7000\",\"N\":\"USDT\",\"n\":\"1\",\"t\":79", id: "autoclose-1568879465651000001"));
        Assert.Equal((ExecutionKind.Fill, ClientOrderId.None, 79L), (report.Kind, report.ClientOrderId, report.TradeId));
        Assert.Equal(ExecutionKind.OrderStatus, Report(Create(), Event("CALCULATED", "NEW", ",\"t\":0", id: "adl_autoclose")).Kind);
    }

    [Theory]
    [InlineData("-0.0781")]
    [InlineData("0.0781")]
    public void A_commission_of_user_trades_was_paid_whatever_its_sign(string commission)
    {
        var orders = Create().Queries;
        var batch = new ExecutionBatch();
        var body = $$"""[{"buyer":false,"commission":"{{commission}}","commissionAsset":"USDT","id":698759,"maker":true,"orderId":25851813,"price":"7819.01","qty":"0.002","quoteQty":"15.63802","realizedPnl":"-0.91539999","side":"SELL","positionSide":"BOTH","symbol":"BTCUSDT","time":1569514978020}]""";
        Assert.Equal(QuarantineCause.None, orders.DecodeFills(Table()[new InstrumentId(1)], 200, Encoding.UTF8.GetBytes(body), batch));
        var report = Assert.Single(batch.Reports.ToArray());
        Assert.Equal((Side.Sell, true, 698759L, 7_810_000L), (report.Side, report.IsMaker, report.TradeId, report.FeeRaw));
    }

    [Fact, Trait("requirement", "R93")]
    public void Balances_are_the_position_and_the_wallet_less_its_cost()
    {
        var orders = Create();
        var batch = new ExecutionBatch();
        // Nothing is told before the whole account was heard once.
        var update = """{"e":"ACCOUNT_UPDATE","E":1,"T":1,"a":{"m":"ORDER","B":[{"a":"USDT","wb":"999.5","cw":"0","bc":"0"}],"P":[{"s":"BTCUSDT","pa":"-0.020","ep":"60000.5","ps":"BOTH"}]}}""";
        Assert.Equal(QuarantineCause.None, Decode(orders, update, batch));
        Assert.True(batch.Balances.IsEmpty);

        // Long 0.010 at 60,000: marked at 61,000 that is 610 with 10 of profit, and the wallet's 1,000 less 600 are left.
        var whole = """{"assets":[{"asset":"USDT","walletBalance":"1000.00000000"},{"asset":"BNB","walletBalance":"0"}],"positions":[{"symbol":"BTCUSDT","positionSide":"BOTH","positionAmt":"0.010","unrealizedProfit":"10.00000000","notional":"610.00000000"},{"symbol":"ETHUSDT","positionSide":"BOTH","positionAmt":"1","unrealizedProfit":"0","notional":"3000"}]}""";
        batch.Reset();
        Assert.Equal(QuarantineCause.None, orders.Queries.DecodeBalances(200, Encoding.UTF8.GetBytes(whole), batch));
        Assert.Equal([("BTCUSDT", 0.010m), ("USDT", 400m), ("BNB", 0m)], Told(batch));

        Assert.Equal(QuarantineCause.None, Decode(orders, update, batch));
        Assert.Equal([("BTCUSDT", -0.020m), ("USDT", 999.5m + 1_200.01m)], Told(batch));
        var bytes = Encoding.UTF8.GetBytes(update);
        AssertAllocatesNothing(() =>
        {
            batch.Reset();
            orders.Decode(bytes, batch);
        });

        // What a message with a mistake said is forgotten whole, and a flat position is one that is not listed.
        Assert.NotEqual(QuarantineCause.None, Decode(orders, update.Replace("999.5", "1", StringComparison.Ordinal).Replace("\"pa\":\"-0.020\"", "\"pa\":\"x\"", StringComparison.Ordinal), batch));
        Assert.True(batch.Balances.IsEmpty);
        batch.Reset();
        Assert.Equal(
            QuarantineCause.None,
            orders.Queries.DecodeBalances(200, """{"assets":[{"asset":"USDT","walletBalance":"1010"}],"positions":[]}"""u8, batch));
        Assert.Equal([("BTCUSDT", 0m), ("USDT", 1010m), ("BNB", 0m)], Told(batch));
        static IEnumerable<(string, decimal)> Told(ExecutionBatch batch) => batch.Balances.ToArray().Select(b => (b.Asset.ToString(), new Quantity(b.FreeRaw).ToDecimal()));
    }

    [Fact]
    public void Cancel_all_goes_by_rest_and_its_success_has_a_code()
    {
        var orders = Create();
        var btc = Table()[new InstrumentId(1)];
        Assert.Equal(RejectReason.NotSupported, ((IOrderProtocol)orders).WriteCancelAll(btc, new FrameWriter(), UnixNs));
        Assert.Equal(RejectReason.None, orders.FormCancelAll(btc, UnixNs, out var request));
        Assert.Equal(HttpMethod.Delete, request!.Method);
        Assert.StartsWith("/fapi/v1/allOpenOrders?symbol=BTCUSDT&timestamp=1700000000123&signature=", request.PathAndQuery, StringComparison.Ordinal);
        Assert.Equal(QuarantineCause.None, orders.DecodeCancelAll(btc, 200, """{"code":200,"msg":"The operation of cancel all open order is done."}"""u8, new ExecutionBatch()));
        Assert.Equal(QuarantineCause.VenueError, orders.DecodeCancelAll(btc, 400, """{"code":-1121,"msg":"Invalid symbol."}"""u8, new ExecutionBatch()));
    }

    private static InstrumentTable Table() => Context("BTCUSDT", "USDT", new Credentials { ApiKey = ApiKey, Secret = Secret }).Instruments;

    /// <summary>A naive twin of the signer: parses the frame, sorts, joins, signs.</summary>
    private static void AssertSigned(string frame)
    {
        using var document = JsonDocument.Parse(frame);
        var parameters = document.RootElement.GetProperty("params").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.ToString());
        var signature = parameters["signature"];
        parameters.Remove("signature");
        var payload = string.Join('&', parameters.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => p.Key + "=" + p.Value));
        Assert.Equal(Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes(payload))), signature);
    }
}
