using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Signing;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Venues.Binance;
using static Penstock.Tests.Venues.OrdersTestKit;

namespace Penstock.Tests.Venues.Binance;

public class BinanceOrdersTests
{
    private const string ApiKey = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A";
    private const string Secret = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";

    private static BinanceOrders Create() => new(Context("BTCUSDT", "USDT", new Credentials { ApiKey = ApiKey, Secret = Secret }));

    private static string ReportFrame(string execution, string status, string own = "", string original = "", string last = "0", string price = "0",
        string cumulative = "0.00000000", string fee = "0", string feeAsset = "null", string trade = "-1", string maker = "false",
        string reason = "NONE", string symbol = "BTCUSDT") =>
        $$"""
        {"subscriptionId":0,"event":{"e":"executionReport","E":1499405658658,"s":"{{symbol}}","c":"{{own}}","S":"BUY","o":"LIMIT","f":"GTC",
        "q":"1.00000000","p":"0.10264410","P":"0.00000000","F":"0.00000000","g":-1,"C":"{{original}}","x":"{{execution}}","X":"{{status}}","r":"{{reason}}",
        "i":4293153,"l":"{{last}}","z":"{{cumulative}}","L":"{{price}}","n":"{{fee}}","N":{{feeAsset}},"T":1499405658657,"t":{{trade}},"v":3,
        "I":8641984,"w":true,"m":{{maker}},"M":false,"O":1499405658657,"Z":"0.00000000","Y":"0.00000000","Q":"0.00000000","W":1499405658657,"V":"NONE"} }
        """.ReplaceLineEndings("");

    private static string Refusal(char kind, int status, int code, string message) =>
        $$"""{"id":"{{kind}}{{Id}}","status":{{status}},"error":{"code":{{code}},"msg":"{{message}}"},"rateLimits":[]}""";

    [Theory, Trait("requirement", "R79")]
    [InlineData("limit", ""","price":"23416.1","quantity":"0.00847","side":"BUY","symbol":"BTCUSDT","timeInForce":"GTC","timestamp":1700000000123,"type":"LIMIT" """)]
    [InlineData("post", ""","price":"23416.1","quantity":"0.00847","side":"BUY","symbol":"BTCUSDT","timestamp":1700000000123,"type":"LIMIT_MAKER" """)]
    [InlineData("ioc", ""","price":"23416.1","quantity":"0.00847","side":"BUY","symbol":"BTCUSDT","timeInForce":"IOC","timestamp":1700000000123,"type":"LIMIT" """)]
    [InlineData("fok", ""","price":"23416.1","quantity":"0.00847","side":"BUY","symbol":"BTCUSDT","timeInForce":"FOK","timestamp":1700000000123,"type":"LIMIT" """)]
    [InlineData("market", ""","quantity":"0.00847","side":"BUY","symbol":"BTCUSDT","timestamp":1700000000123,"type":"MARKET" """)]
    public void Every_variety_of_order_is_written_as_documented_and_signed_over_its_sorted_parameters(string variety, string middle)
    {
        var frame = Placed(Create(), Order(variety));
        Assert.StartsWith($$"""{"id":"n{{Id}}","method":"order.place","params":{"apiKey":"{{ApiKey}}","newClientOrderId":"{{Id}}","newOrderRespType":"ACK"{{middle.TrimEnd()}},"signature":""", frame);
        AssertSigned(frame);
    }

    [Fact]
    public void A_cancel_names_our_id_and_the_venues_only_where_ours_is_unknown()
    {
        var own = Cancelled(Create(), Cancel());
        Assert.StartsWith($$"""{"id":"c{{Id}}","method":"order.cancel","params":{"apiKey":"{{ApiKey}}","origClientOrderId":"{{Id}}","symbol":"BTCUSDT","timestamp":1700000000123,"signature":""", own);
        AssertSigned(own);
        var foreign = Cancelled(Create(), Cancel("28"));
        Assert.Contains(""","orderId":28,"symbol":"BTCUSDT",""", foreign);
        AssertSigned(foreign);
    }

    [Fact]
    public void The_session_is_ready_when_the_signed_subscription_is_confirmed()
    {
        var orders = Create();
        var writer = new FrameWriter();
        Assert.Null(orders.TokenRequest(UnixNs));
        orders.WriteLogin(writer, UnixNs);
        var frame = Only(writer);
        Assert.StartsWith($$"""{"id":"login","method":"userDataStream.subscribe.signature","params":{"apiKey":"{{ApiKey}}","timestamp":1700000000123,"signature":""", frame);
        AssertSigned(frame);
        Assert.Equal(OrderSignal.SessionReady, Signal(orders, """{"id":"login","status":200,"result":{"subscriptionId":0}}"""));
        Assert.Equal(OrderSignal.LoginRefused, Signal(orders, """{"id":"login","status":401,"error":{"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."}}"""));
    }

    [Fact, Trait("requirement", "R85")]
    public void An_ack_is_an_ack_and_nothing_more()
    {
        var report = Report(Create(), $$"""{"id":"n{{Id}}","status":200,"result":{"symbol":"BTCUSDT","orderId":12569099453,"orderListId":-1,"clientOrderId":"{{Id}}","transactTime":1660801715639},"rateLimits":[]}""");
        Assert.Equal((ExecutionKind.Acked, OrderState.Acked), (report.Kind, report.State));
        Assert.Equal((Id, "12569099453"), (report.ClientOrderId, report.VenueOrderId.ToString()));
        Assert.Equal(ExchangeTime.FromMs(1660801715639), report.ExchangeTime);
        Assert.Equal((new VenueId(3), new InstrumentId(1)), (report.Venue, report.Instrument));
        Assert.Equal(OrderSignal.None, Signal(Create(), $$"""{"id":"c{{Id}}","status":200,"result":{"symbol":"BTCUSDT","status":"CANCELED"} }"""));
    }

    [Fact]
    public void Answers_to_requests_of_others_are_counted_and_errors_among_them_quarantined()
    {
        var orders = Create();
        Assert.Equal(OrderSignal.None, Signal(orders, """{"id":"56374a46","status":200,"result":{}}"""));
        Assert.Equal(QuarantineCause.VenueError, Decode(orders, """{"id":null,"status":400,"error":{"code":-1102,"msg":"x"}}""", new ExecutionBatch()));
        Assert.Equal(2, orders.Statistics.ResponsesUnmatched);
    }

    [Fact, Trait("requirement", "R93")]
    public void The_documented_report_of_a_new_order_is_an_acceptance()
    {
        var report = Report(Create(), ReportFrame("NEW", "NEW", own: Id.ToString()));
        Assert.Equal((ExecutionKind.Accepted, OrderState.Working, Side.Buy), (report.Kind, report.State, report.Side));
        Assert.Equal((Id, "4293153", 0L), (report.ClientOrderId, report.VenueOrderId.ToString(), report.TradeId));
        Assert.Equal(ExchangeTime.FromMs(1499405658657), report.ExchangeTime);
    }

    [Fact, Trait("requirement", "R93")]
    public void A_trade_is_a_fill_with_its_price_quantity_fee_and_id_also_without_the_envelope()
    {
        var frame = ReportFrame("TRADE", "PARTIALLY_FILLED", own: Id.ToString(), last: "0.50000000", price: "23416.10000000",
            cumulative: "0.75000000", fee: "0.000000011", feeAsset: "\"BNB\"", trade: "77", maker: "true");
        foreach (var text in new[] { frame, frame["{\"subscriptionId\":0,\"event\":".Length..^1] })
        {
            var fill = Report(Create(), text);
            Assert.Equal((ExecutionKind.Fill, OrderState.PartiallyFilled, true), (fill.Kind, fill.State, fill.IsMaker));
            Assert.Equal((Price.From(23416.1m), Quantity.From(0.5m), Quantity.From(0.75m)), (fill.LastPrice, fill.LastQuantity, fill.CumulativeQuantity));
            // Finer than 1e-8: rounded up.
            Assert.Equal((2L, "BNB", 77L), (fill.FeeRaw, fill.FeeAsset.ToString(), fill.TradeId));
        }

        Assert.Equal(OrderState.Filled, Report(Create(), frame.Replace("PARTIALLY_FILLED", "FILLED")).State);
    }

    [Fact]
    public void A_cancel_report_is_about_the_original_id_and_an_expiry_about_its_own()
    {
        var cancelled = Report(Create(), ReportFrame("CANCELED", "CANCELED", own: "cancelMyOrder1", original: Id.ToString(), cumulative: "0.25"));
        Assert.Equal((ExecutionKind.Cancelled, OrderState.Cancelled, Id), (cancelled.Kind, cancelled.State, cancelled.ClientOrderId));
        Assert.Equal(Quantity.From(0.25m), cancelled.CumulativeQuantity);
        var expired = Report(Create(), ReportFrame("EXPIRED", "EXPIRED_IN_MATCH", own: Id.ToString()));
        Assert.Equal((ExecutionKind.Expired, OrderState.Expired, Id), (expired.Kind, expired.State, expired.ClientOrderId));
        var rejected = Report(Create(), ReportFrame("REJECTED", "REJECTED", own: Id.ToString(), reason: "INSUFFICIENT_BALANCES"));
        Assert.Equal((ExecutionKind.Rejected, RejectReason.InsufficientFunds), (rejected.Kind, rejected.Reason));
        Assert.Equal(ExecutionKind.OrderStatus, Report(Create(), ReportFrame("REPLACED", "NEW", own: Id.ToString())).Kind);
    }

    [Fact]
    public void Foreign_orders_have_no_id_of_ours_and_on_unknown_instruments_are_only_counted()
    {
        Assert.True(Report(Create(), ReportFrame("NEW", "NEW", own: "mUvoqJxFIILMdfAW5iGSOW")).ClientOrderId.IsNone);
        var orders = Create();
        Assert.Equal(OrderSignal.None, Signal(orders, ReportFrame("NEW", "NEW", own: "web_1", symbol: "ETHBTC")));
        Assert.Equal(1, orders.Statistics.ReportsForeign);
        Assert.Equal(QuarantineCause.UnknownInstrument, Decode(orders, ReportFrame("NEW", "NEW", own: Id.ToString(), symbol: "ETHBTC"), new ExecutionBatch()));
    }

    [Theory]
    [InlineData("0.000000001", "1", "0", QuarantineCause.NumberUnrepresentable)]
    [InlineData("1", "99999999999999", "0", QuarantineCause.NumberOverflow)]
    [InlineData("0", "1", "0", QuarantineCause.NumberOutOfRange)]
    [InlineData("x", "1", "0", QuarantineCause.Malformed)]
    [InlineData("1", "1", "5", QuarantineCause.Malformed)]
    public void A_fill_with_unusable_numbers_is_refused_whole(string last, string price, string fee, QuarantineCause expected)
    {
        var batch = new ExecutionBatch();
        Assert.Equal(expected, Decode(Create(), ReportFrame("TRADE", "FILLED", own: Id.ToString(), last: last, price: price, fee: fee, trade: "5"), batch));
        Assert.True(batch.Reports.IsEmpty);
    }

    [Fact]
    public void Balances_and_stream_events_are_understood()
    {
        var batch = new ExecutionBatch();
        Assert.Equal(QuarantineCause.None, Decode(Create(), """{"subscriptionId":0,"event":{"e":"outboundAccountPosition","E":1,"u":1,"B":[{"a":"ETH","f":"10000.000000","l":"1.5"},{"a":"ANASSETLONGERTHANFIFTEEN","f":"1","l":"0"}]}}""", batch));
        Assert.Equal(1, batch.Balances.Length);
        Assert.Equal(("ETH", 1_000_000_000_000L, 150_000_000L), (batch.Balances[0].Asset.ToString(), batch.Balances[0].FreeRaw, batch.Balances[0].LockedRaw));
        Assert.Equal(OrderSignal.PrivateStreamGap, Signal(Create(), """{"subscriptionId":0,"event":{"e":"eventStreamTerminated","E":1728973001334}}"""));
        Assert.Equal(OrderSignal.ReconnectRequested, Signal(Create(), """{"e":"serverShutdown","E":1770123456789}"""));
        Assert.Equal(OrderSignal.None, Signal(Create(), """{"subscriptionId":0,"event":{"e":"balanceUpdate","E":1,"a":"BTC","d":"100.0","T":1}}"""));
        Assert.Equal(QuarantineCause.UnknownChannel, Decode(Create(), """{"subscriptionId":0,"event":{"e":"somethingNew"}}""", batch));
    }

    [Fact]
    public void Rest_calls_are_signed_over_the_query_as_sent()
    {
        var orders = Create().Queries;
        var instrument = Context("BTCUSDT", "USDT", new Credentials { ApiKey = "", Secret = "" }).Instruments[new InstrumentId(1)];
        var query = orders.QueryOrder(Id, default, instrument, UnixNs);
        AssertSigned(query, $"/api/v3/order?symbol=BTCUSDT&origClientOrderId={Id}&timestamp=1700000000123", 4);
        AssertSigned(orders.OpenOrders(instrument, UnixNs), "/api/v3/openOrders?symbol=BTCUSDT&timestamp=1700000000123", 6);
        AssertSigned(orders.Fills(instrument, ExchangeTime.FromMs(1234), UnixNs), "/api/v3/myTrades?symbol=BTCUSDT&startTime=1234&limit=1000&timestamp=1700000000123", 20);
        AssertSigned(orders.Balances(UnixNs), "/api/v3/account?omitZeroBalances=true&timestamp=1700000000123", 20);
        Assert.Equal("c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71",
            new BinanceSigner(new Credentials { ApiKey = ApiKey, Secret = Secret }).Sign(
                "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559"));
    }

    [Fact, Trait("requirement", "R90")]
    public void Rest_answers_become_status_not_found_fills_and_balances()
    {
        var orders = Create().Queries;
        var batch = new ExecutionBatch();
        var instrument = Context("BTCUSDT", "USDT", new Credentials { ApiKey = "", Secret = "" }).Instruments[new InstrumentId(1)];
        var order = $$"""{"symbol":"BTCUSDT","orderId":1,"clientOrderId":"{{Id}}","price":"0.1","origQty":"1.0","executedQty":"0.4","status":"PARTIALLY_FILLED","timeInForce":"GTC","type":"LIMIT","side":"SELL","time":1499827319559,"updateTime":1499827319560}""";
        Assert.Equal(QuarantineCause.None, orders.DecodeQuery(Id, instrument, 200, Encoding.UTF8.GetBytes(order), batch));
        Assert.Equal(QuarantineCause.None, orders.DecodeOpenOrders(instrument, 200, Encoding.UTF8.GetBytes($"[{order}]"), batch));
        Assert.Equal(QuarantineCause.None, orders.DecodeQuery(Id, instrument, 400, """{"code":-2013,"msg":"Order does not exist."}"""u8, batch));
        Assert.Equal(QuarantineCause.None, orders.DecodeFills(instrument, 200, """[{"symbol":"BTCUSDT","id":28457,"orderId":100234,"orderListId":-1,"price":"4.00000100","qty":"12.00000000","quoteQty":"48.000012","commission":"10.10000000","commissionAsset":"BNB","time":1499865549590,"isBuyer":true,"isMaker":false,"isBestMatch":true}]"""u8, batch));
        Assert.Equal([ExecutionKind.OrderStatus, ExecutionKind.OrderStatus, ExecutionKind.OrderNotFound, ExecutionKind.Fill], batch.Reports.ToArray().Select(r => r.Kind));
        for (var i = 0; i < 2; i++)
        {
            var status = batch.Reports[i];
            Assert.Equal((OrderState.PartiallyFilled, Side.Sell, Id, "1"), (status.State, status.Side, status.ClientOrderId, status.VenueOrderId.ToString()));
            Assert.Equal(Quantity.From(0.4m), status.CumulativeQuantity);
        }

        var fill = batch.Reports[3];
        Assert.Equal((28457L, "100234", 1_010_000_000L, "BNB"), (fill.TradeId, fill.VenueOrderId.ToString(), fill.FeeRaw, fill.FeeAsset.ToString()));
        Assert.Equal(QuarantineCause.None, orders.DecodeBalances(200, """{"balances":[{"asset":"BTC","free":"4723846.89208129","locked":"0.00000000"}],"accountType":"SPOT"}"""u8, batch));
        Assert.Equal(472384689208129L, batch.Balances[0].FreeRaw);
        Assert.Equal(QuarantineCause.VenueError, orders.DecodeQuery(Id, instrument, 503, "<html>"u8, batch));
        Assert.Equal(QuarantineCause.VenueError, orders.DecodeFills(instrument, 400, """{"code":-1121,"msg":"Invalid symbol."}"""u8, batch));
        Assert.Equal(4, batch.Reports.Length);
    }

    [Fact]
    public void A_bad_row_late_in_an_answer_takes_the_rows_before_it_back()
    {
        var orders = Create().Queries;
        var batch = new ExecutionBatch();
        var instrument = Context("BTCUSDT", "USDT", new Credentials { ApiKey = "", Secret = "" }).Instruments[new InstrumentId(1)];
        var good = """{"symbol":"BTCUSDT","id":1,"orderId":2,"price":"4","qty":"12","commission":"0","commissionAsset":"BNB","time":1,"isBuyer":true,"isMaker":false}""";
        Assert.Equal(QuarantineCause.NumberOutOfRange, orders.DecodeFills(instrument, 200, Encoding.UTF8.GetBytes($"[{good},{good.Replace("\"12\"", "\"0\"")}]"), batch));
        Assert.True(batch.Reports.IsEmpty);
    }

    /// <summary>Recomputes the signature from the JSON itself: parameters sorted by name, texts as on the wire.</summary>
    private static void AssertSigned(string frame)
    {
        using var document = JsonDocument.Parse(frame);
        var parameters = document.RootElement.GetProperty("params").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.ToString());
        var payload = string.Join('&', parameters.Where(p => p.Key != "signature").OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}={p.Value}"));
        Assert.Equal(Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes(payload))), parameters["signature"]);
    }

    private static void AssertSigned(RestRequest request, string expected, int weight)
    {
        var payload = expected[(expected.IndexOf('?') + 1)..];
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes(payload)));
        Assert.Equal($"{expected}&signature={signature}", request.PathAndQuery);
        Assert.Equal(new KeyValuePair<string, string>("X-MBX-APIKEY", ApiKey), Assert.Single(request.Headers));
        Assert.Equal((HttpMethod.Get, weight), (request.Method, request.Weight));
        Assert.Null(request.Body);
    }
}
