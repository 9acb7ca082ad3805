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
using Penstock.Tests.Conformance;
using Penstock.Venues.Htx;
using static Penstock.Tests.Venues.OrdersTestKit;

namespace Penstock.Tests.Venues.Htx;

public class HtxOrdersTests
{
    private static readonly Credentials Keys = new() { ApiKey = "access", Secret = "secret" };

    private static HtxOrders Create()
    {
        var orders = new HtxOrders(Context("btcusdt", "USDT", Keys));
        Assert.True(orders.AcceptToken(File.ReadAllBytes(FeedFixtures.Fixture("Htx", "token.json"))));
        return orders;
    }

    private static string State(string happening, string status, string extra, string type = "sell-limit", string symbol = "btcusdt", string? id = null) =>
        $$$"""{"action":"push","ch":"orders#*","data":{"orderId":27163533,"type":"{{{type}}}","clientOrderId":"{{{id ?? Id.ToString()}}}","orderSource":"spot-api","orderStatus":"{{{status}}}","symbol":"{{{symbol}}}",{{{extra}}}"eventType":"{{{happening}}}"}}""";

    private static string Clearing(string volume = "0.96", string fee = "\"transactFee\":\"19.88\",\"feeCurrency\":\"btc\",\"feeDeduct\":\"0\",\"feeDeductType\":\"\"", string happening = "trade") =>
        $$$"""{"ch":"trade.clearing#*#0","data":{"eventType":"{{{happening}}}","symbol":"btcusdt","orderId":99998888,"tradePrice":"9999.99","tradeVolume":"{{{volume}}}","orderSide":"buy","aggressor":true,"tradeId":919219323232,"tradeTime":998787897878,{{{fee}}},"clientOrderId":"{{{Id}}}","orderStatus":"partial-filled"}}""";

    [Theory, Trait("requirement", "R79")]
    [InlineData("limit", "buy-limit", "\"price\":\"23416.1\",")]
    [InlineData("post", "buy-limit-maker", "\"price\":\"23416.1\",")]
    [InlineData("ioc", "buy-ioc", "\"price\":\"23416.1\",")]
    [InlineData("fok", "buy-limit-fok", "\"price\":\"23416.1\",")]
    [InlineData("market", "sell-market", "")]
    public void Every_variety_of_order_is_written_as_documented(string variety, string type, string price)
    {
        var side = type.StartsWith("buy", StringComparison.Ordinal) ? Side.Buy : Side.Sell;
        Assert.Equal(
            $$$"""{"cid":"n{{{Id}}}","ch":"create-order","params":{"account-id":"31276149","symbol":"btcusdt","type":"{{{type}}}","amount":"0.00847",{{{price}}}"source":"spot-api","client-order-id":"{{{Id}}}"}}""",
            Placed(Create(), Order(variety, side)));
    }

    [Fact, Trait("requirement", "R86")]
    public void A_market_buy_counts_in_quote_currency_and_is_refused()
    {
        var writer = new FrameWriter();
        Assert.Equal(RejectReason.NotSupported, Create().WritePlace(Order("market"), writer, UnixNs));
        Assert.Equal(RejectReason.NotSupported, ((IOrderProtocol)Create()).WriteAmend(default, writer, UnixNs));
        Assert.True(writer.FrameCount == 0 && writer.Open.IsEmpty);
    }

    [Fact]
    public void Cancels_name_the_venues_id_where_it_is_known_and_ours_where_not()
    {
        Assert.Equal($$$"""{"cid":"c{{{Id}}}","ch":"cancel","params":{"client-order-ids":["{{{Id}}}"]}}""", Cancelled(Create(), Cancel()));
        Assert.Equal(
            $$$"""{"cid":"c{{{Id}}}","ch":"cancel","params":{"order-ids":["1180298630694875"]}}""",
            Cancelled(Create(), Cancel() with { VenueOrderId = Text40.From("1180298630694875") }));
        var writer = new FrameWriter();
        var orders = Create();
        Assert.Equal(RejectReason.None, orders.WriteCancelAll(OrderFixtures.Instrument("Htx"), writer, UnixNs));
        Assert.Equal("""{"cid":"all","ch":"cancelall","params":{"account-id":"31276149","symbol":"btcusdt"}}""", Only(writer));
        Assert.Equal(OrderSignal.None, Signal(orders, """{"status":"ok","data":{"success-count":4,"failed-count":0,"next-id":-1},"cid":"all"}"""));
    }

    [Fact, Trait("requirement", "R144")]
    public void Rest_and_login_are_signed_as_the_venues_own_examples()
    {
        var official = new HtxSigner(new Credentials { ApiKey = "abcdefg-hijklmn-opqrst-uvwxyz", Secret = "12345-67890-12345-67890" });
        Assert.Equal(
            "/v1/account/accounts?AccessKeyId=abcdefg-hijklmn-opqrst-uvwxyz&SignatureMethod=HmacSHA256&SignatureVersion=2&Timestamp=2020-04-01T12%3A34%3A56&Signature=3IUZcEak4IIRrh7%2FidFrP2Jj77MaWGXR%2FoQbe9gL4%2BI%3D",
            official.Get("/v1/account/accounts", "", 1_585_744_496_000_000_000).PathAndQuery);
        var masked = new HtxSigner(new Credentials { ApiKey = "e2xxxxxx-99xxxxxx-84xxxxxx-7xxxx", Secret = "XXXXXXXXXX" });
        Assert.EndsWith(
            "&order-id=1234567890&Signature=2ZQ7%2FroKBjdnAv8z5DymwzgSaOPyPgJl0BIlq9fa94w%3D",
            masked.Get("/v1/order/orders", "order-id=1234567890", 1_494_515_970_000_000_000).PathAndQuery);

        var writer = new FrameWriter();
        Create().WriteLogin(writer, 1_574_330_400_123_456_789);
        Assert.Equal(
            """{"action":"req","ch":"auth","params":{"authType":"api","accessKey":"access","signatureMethod":"HmacSHA256","signatureVersion":"2.1","timestamp":"2019-11-21T10:00:00","signature":"1/d+cUIEh4tC0aXho86zu5QAxVzJaTe56mUiB275T0E="}}""",
            Only(writer));
        AssertAllocatesNothing(() =>
        {
            writer.Clear();
            masked.WriteLogin("/ws/trade"u8, writer, UnixNs);
        });
    }

    [Fact]
    public void The_account_is_asked_for_until_a_working_spot_account_is_known()
    {
        var orders = new HtxOrders(Context("btcusdt", "USDT", Keys));
        Assert.StartsWith("/v1/account/accounts?", orders.TokenRequest(UnixNs)!.PathAndQuery, StringComparison.Ordinal);
        Assert.False(orders.AcceptToken("""{"status":"error","err-code":"api-signature-not-valid"}"""u8));
        Assert.False(orders.AcceptToken("""{"status":"ok","data":[{"id":1,"type":"otc","state":"working"},{"id":2,"type":"spot","state":"lock"},{"id":-3,"type":"spot","state":"working"}]}"""u8));
        Assert.False(orders.AcceptToken("[]"u8));
        Assert.NotNull(orders.TokenRequest(UnixNs));
        Assert.True(orders.AcceptToken("""{"status":"ok","data":[{"id":7,"type":"spot","state":"working"}]}"""u8));
        Assert.Null(orders.TokenRequest(UnixNs));
    }

    [Fact]
    public void The_private_socket_is_ready_when_orders_and_fills_are_subscribed()
    {
        var orders = Create();
        var writer = new FrameWriter();
        Assert.Equal(OrderSignal.None, Signal(orders, """{"action":"req","code":200,"ch":"auth","data":{}}"""));
        orders.WritePending(writer, UnixNs);
        orders.WritePending(writer, UnixNs);
        Assert.Equal(
            ["""{"action":"sub","ch":"orders#*"}""", """{"action":"sub","ch":"trade.clearing#*#0"}""", """{"action":"sub","ch":"accounts.update#2"}"""],
            Enumerable.Range(0, writer.FrameCount).Select(i => Encoding.UTF8.GetString(writer.Frame(i))));
        Assert.Equal(OrderSignal.None, Signal(orders, """{"action":"sub","code":200,"ch":"orders#*","data":{}}"""));
        Assert.Equal(OrderSignal.SessionReady, Signal(orders, """{"action":"sub","code":200,"ch":"trade.clearing#*#0","data":{}}"""));
        Assert.Equal(OrderSignal.None, Signal(orders, """{"action":"sub","code":200,"ch":"accounts.update#2","data":{}}"""));
        Assert.Equal(QuarantineCause.VenueError, Decode(orders, """{"action":"sub","code":2001,"ch":"x","message":"invalid.ch"}""", new ExecutionBatch()));
        orders.Reset();
        Assert.Equal(OrderSignal.LoginRefused, Signal(orders, """{"action":"req","code":2002,"ch":"auth","message":"invalid.auth.state"}"""));
    }

    [Fact]
    public void The_order_socket_has_its_own_login_and_its_own_pings()
    {
        var orders = Create();
        var entry = orders.Entry;
        var (writer, batch) = (new FrameWriter(), new ExecutionBatch());
        entry.WriteLogin(writer, UnixNs);
        using var login = JsonDocument.Parse(Only(writer));
        var expected = Convert.ToBase64String(System.Security.Cryptography.HMACSHA256.HashData(
            "secret"u8, "GET\napi.huobi.pro\n/ws/trade\naccessKey=access&signatureMethod=HmacSHA256&signatureVersion=2.1&timestamp=2023-11-14T22%3A13%3A20"u8));
        Assert.Equal(expected, login.RootElement.GetProperty("params").GetProperty("signature").GetString());
        Assert.Equal(QuarantineCause.None, entry.Decode("""{"action":"req","code":200,"ch":"auth","data":{}}"""u8, batch));
        Assert.Equal(OrderSignal.SessionReady, batch.Signal);
        batch.Reset();
        Assert.Equal(QuarantineCause.None, entry.Decode("""{"action":"req","code":2002,"ch":"auth","message":"invalid.auth.state"}"""u8, batch));
        Assert.Equal(OrderSignal.LoginRefused, batch.Signal);

        const string Ping = """{"action":"ping","data":{"ts":1575537778295}}""";
        writer.Clear();
        Assert.Equal(OrderSignal.None, Signal(orders, Ping));
        entry.WritePending(writer, UnixNs);
        Assert.Equal(0, writer.FrameCount);
        orders.WritePending(writer, UnixNs);
        Assert.Equal(QuarantineCause.None, entry.Decode(Encoding.UTF8.GetBytes(Ping.Replace("295", "296", StringComparison.Ordinal)), batch));
        entry.WritePending(writer, UnixNs);
        entry.WritePending(writer, UnixNs);
        Assert.Equal(2, writer.FrameCount);
        Assert.Equal("""{"action":"pong","data":{"ts":1575537778295}}""", Encoding.UTF8.GetString(writer.Frame(0)));
        Assert.Equal("""{"action":"pong","data":{"ts":1575537778296}}""", Encoding.UTF8.GetString(writer.Frame(1)));
        Assert.False(entry.TryWritePing(writer) || orders.TryWritePing(writer));
    }

    [Theory, Trait("requirement", "R93")]
    [InlineData("creation", "submitted", "", ExecutionKind.Accepted, OrderState.Working, "0")]
    [InlineData("creation", "created", "", ExecutionKind.Acked, OrderState.Acked, "0")]
    [InlineData("trade", "partial-filled", "\"execAmt\":\"0.5\",", ExecutionKind.OrderStatus, OrderState.PartiallyFilled, "0.5")]
    [InlineData("trade", "filled", "\"execAmt\":\"2.000000000000000000\",", ExecutionKind.OrderStatus, OrderState.Filled, "2")]
    [InlineData("cancellation", "canceled", "\"execAmt\":\"0\",", ExecutionKind.Cancelled, OrderState.Cancelled, "0")]
    [InlineData("cancellation", "partial-canceled", "\"execAmt\":\"1.5\",", ExecutionKind.Cancelled, OrderState.Cancelled, "1.5")]
    [InlineData("deletion", "canceled", "", ExecutionKind.Cancelled, OrderState.Cancelled, "0")]
    public void States_come_from_the_orders_channel(string happening, string status, string extra, ExecutionKind kind, OrderState state, string filled)
    {
        var report = Report(Create(), State(happening, status, extra));
        Assert.Equal((kind, state, Id, Side.Sell), (report.Kind, report.State, report.ClientOrderId, report.Side));
        Assert.Equal((filled, "27163533", new InstrumentId(1)), (report.CumulativeQuantity.ToString(), report.VenueOrderId.ToString(), report.Instrument));
        Assert.Equal(0, report.TradeId);
    }

    [Fact]
    public void Why_an_order_ended_is_kept()
    {
        Assert.Equal(RejectReason.WouldTakeLiquidity, Report(Create(), State("cancellation", "canceled", "\"canceledSourceDesc\":\"limit_maker\",")).Reason);
        Assert.Equal(RejectReason.None, Report(Create(), State("cancellation", "canceled", "\"canceledSourceDesc\":\"api\",")).Reason);
        var rejected = Report(Create(), State("trigger", "rejected", "\"errCode\":2002,\"orderSide\":\"buy\","));
        Assert.Equal((ExecutionKind.Rejected, RejectReason.InvalidParameter, 2002, Side.Buy), (rejected.Kind, rejected.Reason, rejected.RawCode, rejected.Side));
    }

    [Fact]
    public void Orders_that_are_not_ours_are_counted_and_ours_on_an_unknown_instrument_are_set_aside()
    {
        var orders = Create();
        var batch = new ExecutionBatch();
        Assert.Equal(QuarantineCause.None, Decode(orders, State("creation", "submitted", "", symbol: "dogeusdt", id: ""), batch));
        Assert.Equal((0, 1L), (batch.Reports.Length, orders.Statistics.ReportsForeign));
        Assert.Equal(QuarantineCause.UnknownInstrument, Decode(orders, State("creation", "submitted", "", symbol: "dogeusdt"), batch));
        Assert.Equal(QuarantineCause.Malformed, Decode(orders, State("creation", "surprising", ""), batch));
        // What somebody bought for an amount of quote currency is counted in that.
        Assert.Equal(QuarantineCause.None, Decode(orders, State("trade", "filled", "\"execAmt\":\"9999\",", type: "buy-market", id: "web"), batch));
        Assert.Equal(Quantity.Zero, batch.Reports[0].CumulativeQuantity);
    }

    [Fact, Trait("requirement", "R90")]
    public void Fills_come_from_clearing_with_their_fee()
    {
        var fill = Report(Create(), Clearing());
        Assert.Equal((ExecutionKind.Fill, OrderState.PartiallyFilled, Side.Buy, false), (fill.Kind, fill.State, fill.Side, fill.IsMaker));
        Assert.Equal((Price.From(9999.99m), Quantity.From(0.96m), 919219323232), (fill.LastPrice, fill.LastQuantity, fill.TradeId));
        Assert.Equal((Quantity.From(19.88m).Raw, "BTC"), (fill.FeeRaw, fill.FeeAsset.ToString()));
        var rebate = Report(Create(), Clearing(fee: "\"transactFee\":\"-0.000000001\",\"feeCurrency\":\"usdt\""));
        Assert.Equal((0L, "USDT"), (rebate.FeeRaw, rebate.FeeAsset.ToString())); // towards our disadvantage
        var points = Report(Create(), Clearing(fee: "\"transactFee\":\"0\",\"feeCurrency\":\"btc\",\"feeDeduct\":\"0.1\",\"feeDeductType\":\"ht\""));
        Assert.Equal((Quantity.From(0.1m).Raw, "HT"), (points.FeeRaw, points.FeeAsset.ToString()));
        var batch = new ExecutionBatch();
        Assert.Equal(QuarantineCause.None, Decode(Create(), Clearing(happening: "cancellation"), batch));
        Assert.True(batch.Reports.IsEmpty);
        Assert.Equal(QuarantineCause.NumberOutOfRange, Decode(Create(), Clearing(volume: "0"), batch));
    }

    [Fact]
    public void A_fill_finer_than_our_scale_is_cut_and_counted_never_lost()
    {
        var orders = Create();
        Assert.Equal(Quantity.From(1.47928994m), Report(orders, Clearing(volume: "1.479289940828402366")).LastQuantity);
        Assert.Equal(1, orders.Statistics.QuantitiesCut);
        Assert.Equal(Quantity.From(2m), Report(orders, Clearing(volume: "2.000000000000000000")).LastQuantity);
        Assert.Equal(1, orders.Statistics.QuantitiesCut);
    }

    [Fact]
    public void Balances_of_the_spot_account_come_with_what_is_locked()
    {
        const string Change = """{"action":"push","ch":"accounts.update#2","data":{"currency":"btc","accountId":31276149,"balance":"3.5","available":"1.500000000000000001","changeType":null,"accountType":"trade","seqNum":"1","changeTime":null}}""";
        var orders = Create();
        var batch = new ExecutionBatch();
        Assert.Equal(QuarantineCause.None, Decode(orders, Change, batch));
        Assert.Equal(("BTC", Quantity.From(1.5m).Raw, Quantity.From(2m).Raw), (batch.Balances[0].Asset.ToString(), batch.Balances[0].FreeRaw, batch.Balances[0].LockedRaw));
        foreach (var other in (string[])[Change.Replace("31276149", "31276150", StringComparison.Ordinal), Change.Replace("\"trade\"", "\"loan\"", StringComparison.Ordinal)])
        {
            Assert.Equal(QuarantineCause.None, Decode(orders, other, batch));
            Assert.True(batch.Balances.IsEmpty);
        }

        Assert.Equal(QuarantineCause.None, Decode(orders, Change.Replace("\"balance\":\"3.5\",", "", StringComparison.Ordinal), batch));
        Assert.Equal((0, 1L), (batch.Balances.Length, orders.Statistics.BalancesSkipped));
    }

    [Fact, Trait("requirement", "R90")]
    public void Queries_resolve_orders_by_either_id_and_know_both_spellings()
    {
        var orders = Create();
        var (instrument, batch) = (OrderFixtures.Instrument("Htx"), new ExecutionBatch());
        Assert.Contains(
            $"/v1/order/orders/getClientOrder?", orders.Queries.QueryOrder(Id, default, instrument, UnixNs).PathAndQuery, StringComparison.Ordinal);
        Assert.Contains($"&clientOrderId={Id}&Signature=", orders.Queries.QueryOrder(Id, default, instrument, UnixNs).PathAndQuery,
            StringComparison.Ordinal);
        Assert.StartsWith(
            "/v1/order/orders/357632718898331?",
            orders.Queries.QueryOrder(Id, Text40.From("357632718898331"), instrument, UnixNs).PathAndQuery, StringComparison.Ordinal);
        Assert.Contains(
            "&account-id=31276149&size=500&symbol=btcusdt&Signature=",
            orders.Queries.OpenOrders(instrument, UnixNs).PathAndQuery, StringComparison.Ordinal);
        Assert.Contains("&start-time=1699830800123&", orders.Queries.Fills(instrument, default, UnixNs).PathAndQuery, StringComparison.Ordinal);
        Assert.Contains(
            "&start-time=1700000000000&",
            orders.Queries.Fills(instrument, ExchangeTime.FromMs(1_700_000_000_000), UnixNs).PathAndQuery, StringComparison.Ordinal);

        string Row(string word, string id) => $$"""{"id":357632718898331,"symbol":"btcusdt","account-id":31276149,"client-order-id":"{{id}}","amount":"5.000000000000000000","price":"1.0","created-at":1630649406687,"type":"buy-limit-maker","{{word}}-amount":"0.5","{{word}}-cash-amount":"0.5","{{word}}-fees":"0.0","source":"spot-api","state":"partial-filled"}""";
        Assert.Equal(
            QuarantineCause.None,
            orders.Queries.DecodeQuery(Id, instrument, 200, Bytes($$"""{"status":"ok","data":{{Row("field", Id.ToString())}}}"""), batch));
        Assert.Equal((ExecutionKind.OrderStatus, OrderState.PartiallyFilled, "0.5"), (batch.Reports[0].Kind, batch.Reports[0].State, batch.Reports[0].CumulativeQuantity.ToString()));
        Assert.Equal(QuarantineCause.Malformed,
            orders.Queries.DecodeQuery(ClientOrderId.Of(1, 8), instrument, 200, Bytes($$"""{"status":"ok","data":{{Row("field", Id.ToString())}}}"""),
            batch));
        batch.Reset();
        Assert.Equal(QuarantineCause.None,
            orders.Queries.DecodeOpenOrders(instrument, 200,
            Bytes($$"""{"status":"ok","data":[{{Row("filled", Id.ToString())}},{{Row("filled", "web")}}]}"""), batch));
        Assert.Equal([Id, ClientOrderId.None], batch.Reports.ToArray().Select(r => r.ClientOrderId));
        batch.Reset();
        Assert.Equal(QuarantineCause.None,
            orders.Queries.DecodeQuery(Id, instrument, 200,
            """{"status":"error","err-code":"base-record-invalid","err-msg":"record invalid","data":null}"""u8, batch));
        Assert.Equal(ExecutionKind.OrderNotFound, batch.Reports[0].Kind);
        batch.Reset();
        Assert.Equal(QuarantineCause.VenueError,
            orders.Queries.DecodeQuery(Id, instrument, 200, """{"status":"error","err-code":"base-system-error","err-msg":"x","data":null}"""u8,
            batch));
        Assert.Equal(QuarantineCause.VenueError, orders.Queries.DecodeOpenOrders(instrument, 503, "<html>"u8, batch));
        Assert.True(batch.Reports.IsEmpty);
    }

    [Fact, Trait("requirement", "R90")]
    public void Fills_and_balances_by_rest_are_read_whole_or_not_at_all()
    {
        var orders = Create().Queries;
        var (instrument, batch) = (OrderFixtures.Instrument("Htx"), new ExecutionBatch());
        const string Fill = """{"symbol":"btcusdt","fee-currency":"btc","source":"spot-web","price":"0.338","created-at":1629443051839,"role":"taker","order-id":345487249132375,"match-id":5014,"trade-id":1085,"filled-amount":"147.928994082840236","filled-fees":"0","filled-points":"0.1","fee-deduct-currency":"hbpoint","fee-deduct-state":"done","id":313288753120940,"type":"buy-market"}""";
        Assert.Equal(QuarantineCause.None, orders.DecodeFills(instrument, 200, Bytes($$"""{"status":"ok","data":[{{Fill}}]}"""), batch));
        var fill = batch.Reports[0];
        Assert.Equal((ExecutionKind.Fill, Side.Buy, 1085L, "345487249132375", false), (fill.Kind, fill.Side, fill.TradeId, fill.VenueOrderId.ToString(), fill.IsMaker));
        Assert.Equal((Quantity.From(147.92899408m), "HBPOINT", Quantity.From(0.1m).Raw), (fill.LastQuantity, fill.FeeAsset.ToString(), fill.FeeRaw));
        batch.Reset();
        Assert.Equal(QuarantineCause.UnknownInstrument, orders.DecodeFills(instrument, 200, Bytes($$"""{"status":"ok","data":[{{Fill}},{{Fill.Replace("btcusdt", "ethusdt", StringComparison.Ordinal)}}]}"""), batch));
        Assert.True(batch.Reports.IsEmpty);

        const string Balances = """{"status":"ok","data":{"id":31276149,"type":"spot","state":"working","list":[{"currency":"usdt","type":"trade","balance":"91.850043797676510303"},{"currency":"btc","type":"frozen","balance":"0"},{"currency":"usdt","type":"frozen","balance":"5.16"},{"currency":"btc","type":"trade","balance":"0"},{"currency":"doge","type":"trade","balance":"0"},{"currency":"usdt","type":"interest","balance":"7"}]}}""";
        Assert.Equal(QuarantineCause.None, orders.DecodeBalances(200, Bytes(Balances), batch));
        Assert.Equal(
            [("USDT", 91_85004379L, 5_16000000L), ("BTC", 0L, 0L)],
            batch.Balances.ToArray().Select(b => (b.Asset.ToString(), b.FreeRaw, b.LockedRaw)));
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
