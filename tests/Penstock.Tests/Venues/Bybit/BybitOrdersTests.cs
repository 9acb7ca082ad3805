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
using Penstock.Venues.Bybit;
using static Penstock.Tests.Venues.OrdersTestKit;

namespace Penstock.Tests.Venues.Bybit;

public class BybitOrdersTests
{
    private const string Header = "\"header\":{\"X-BAPI-TIMESTAMP\":\"1700000000123\",\"X-BAPI-RECV-WINDOW\":\"5000\"}";

    private static readonly Credentials Keys = new() { ApiKey = "XXXXXXXXXX", Secret = "a secret" };

    private static BybitOrders Create() => new(Context("BTCUSDT", "USDT", Keys));

    private static Instrument Instrument => Context("BTCUSDT", "USDT", Keys).Instruments[new InstrumentId(1)];

    private static string Row(string status, string filled = "0", string reason = "EC_NoError", string symbol = "BTCUSDT", string? id = null, string category = "spot") =>
        $$"""{"category":"{{category}}","symbol":"{{symbol}}","orderId":"1321003749386327552","orderLinkId":"{{id ?? Id.ToString()}}","side":"Buy","orderType":"Limit","price":"72.5","qty":"1","timeInForce":"IOC","orderStatus":"{{status}}","leavesQty":"","cumExecQty":"{{filled}}","createdTime":"1672364262444","updatedTime":"1672364262457","rejectReason":"{{reason}}","cumFeeDetail":null}""";

    private static string Fill(string kind = "Trade", string fee = "0.358635", string asset = "USDT", string trade = "e0cbe81d-0f18-5866-9415-cf319b5dab3b", string side = "Sell", string extra = "\"\"", string symbol = "BTCUSDT", string? id = null) =>
        $$"""{"category":"spot","symbol":"{{symbol}}","orderId":"1321003749386327552","orderLinkId":"{{id ?? Id.ToString()}}","side":"{{side}}","execType":"{{kind}}","execId":"{{trade}}","execPrice":"1190.15","execQty":"0.1","orderQty":"0.5","leavesQty":"0","execFee":"{{fee}}","feeCurrency":"{{asset}}","isMaker":true,"execTime":"1672282722429","extraFees":{{extra}},"seq":4688002127}""";

    private static string Push(string topic, string rows) => $$"""{"id":"1","topic":"{{topic}}","creationTime":1672364262474,"data":[{{rows}}]}""";

    private static string Answer(char kind, int code = 0, string operation = "order.create") =>
        $$"""{"reqId":"{{kind}}{{Id}}-1700000000123456","retCode":{{code}},"retMsg":"","op":"{{operation}}","data":{"orderId":"a4c1718e-fe53-4659-a118-1f6ecce04ad9","orderLinkId":""},"retExtInfo":{},"header":{"X-Bapi-Limit":"10","Timenow":"1711001595209"},"connId":"1"}""";

    [Theory, Trait("requirement", "R79")]
    [InlineData("limit", "\"orderType\":\"Limit\"", "\"price\":\"23416.1\",", "GTC")]
    [InlineData("post", "\"orderType\":\"Limit\"", "\"price\":\"23416.1\",", "PostOnly")]
    [InlineData("ioc", "\"orderType\":\"Limit\"", "\"price\":\"23416.1\",", "IOC")]
    [InlineData("fok", "\"orderType\":\"Limit\"", "\"price\":\"23416.1\",", "FOK")]
    [InlineData("market", "\"orderType\":\"Market\",\"marketUnit\":\"baseCoin\"", "", "IOC")]
    public void Every_variety_of_order_is_written_as_documented(string variety, string type, string price, string timeInForce) => Assert.Equal(
        $$"""{"reqId":"n{{Id}}-1700000000123456",{{Header}},"op":"order.create","args":[{"category":"spot","symbol":"BTCUSDT","side":"Sell",{{type}},"qty":"0.00847",{{price}}"timeInForce":"{{timeInForce}}","orderLinkId":"{{Id}}"}]}""",
        Placed(Create(), Order(variety, Side.Sell)));

    [Fact, Trait("requirement", "R90")]
    public void Cancels_name_our_id_or_the_venues_and_no_request_id_comes_twice()
    {
        var orders = Create();
        Assert.Equal($$"""{"reqId":"c{{Id}}-1700000000123456",{{Header}},"op":"order.cancel","args":[{"category":"spot","symbol":"BTCUSDT","orderLinkId":"{{Id}}"}]}""", Cancelled(orders, Cancel()));
        Assert.Contains($"c{Id}-1700000000123457\"", Cancelled(orders, Cancel()));
        Assert.EndsWith("""[{"category":"spot","symbol":"BTCUSDT","orderId":"2510789768709120"}]}""", Cancelled(orders, Cancel("2510789768709120")));
        Assert.True(BybitRequestId.TryParse(Encoding.ASCII.GetBytes($"c{Id}-1700000000123457"), out var kind, out var order));
        Assert.Equal((RequestKind.Cancel, Id), (kind, order));
        Assert.True($"c{Id}-1700000000123457".Length <= 36);
        Assert.False(BybitRequestId.TryParse(Encoding.ASCII.GetBytes($"x{Id}-1"), out _, out _));
        Assert.False(BybitRequestId.TryParse(Encoding.ASCII.GetBytes($"c{Id}"), out _, out _));
    }

    [Fact, Trait("requirement", "R79")]
    public void A_changed_order_is_told_when_the_topic_shows_it_as_asked_and_not_by_the_answer()
    {
        var orders = Create();
        var writer = new FrameWriter();
        var amend = new AmendRequest { ClientOrderId = Id, Instrument = new InstrumentId(1), Side = Side.Buy, Price = Price.From(70.5m), Quantity = Quantity.From(2m) };
        Assert.Equal(RejectReason.None, orders.WriteAmend(amend, writer, UnixNs));
        Assert.Equal($$"""{"reqId":"a{{Id}}-1700000000123456",{{Header}},"op":"order.amend","args":[{"category":"spot","symbol":"BTCUSDT","orderLinkId":"{{Id}}","qty":"2","price":"70.5"}]}""", Only(writer));
        Assert.Equal(OrderSignal.None, Signal(orders, Answer('a', operation: "order.amend")));
        Assert.Equal(ExecutionKind.Accepted, Report(orders, Push("order", Row("New"))).Kind);

        var batch = new ExecutionBatch();
        var changed = Push("order", Row("PartiallyFilled", "0.5").Replace("72.5", "70.50").Replace("\"qty\":\"1\"", "\"qty\":\"2.00\""));
        Assert.Equal(QuarantineCause.None, Decode(orders, changed, batch));
        Assert.Equal([ExecutionKind.Amended, ExecutionKind.OrderStatus], batch.Reports.ToArray().Select(r => r.Kind));
        Assert.Equal((amend.Price, amend.Quantity, Id), (batch.Reports[0].LastPrice, batch.Reports[0].LastQuantity, batch.Reports[0].ClientOrderId));
        Assert.Equal(ExecutionKind.OrderStatus, Report(orders, changed).Kind);

        orders.WriteAmend(amend, writer, UnixNs);
        Assert.Equal((ExecutionKind.AmendRejected, RejectReason.OrderNotFound), Report(orders, Answer('a', 170213, "order.amend")) is var r ? (r.Kind, r.Reason) : default);
        Assert.Equal(ExecutionKind.OrderStatus, Report(orders, changed).Kind);
        writer.Clear();
        Assert.Equal(RejectReason.PriceOutOfRange, orders.WriteAmend(amend with { Price = Price.Zero }, writer, UnixNs));
        Assert.Equal(RejectReason.QuantityOutOfRange, orders.WriteAmend(amend with { Quantity = Quantity.Zero }, writer, UnixNs));
        Assert.Equal(RejectReason.InvalidParameter, orders.WriteAmend(amend with { ClientOrderId = ClientOrderId.None }, writer, UnixNs));
        Assert.True(writer.FrameCount == 0 && writer.Open.IsEmpty);
        AssertAllocatesNothing(() =>
        {
            writer.Clear();
            orders.WriteAmend(amend, writer, UnixNs);
        });
    }

    [Fact, Trait("requirement", "R18")]
    public void More_changes_than_the_table_holds_forget_the_oldest_and_are_counted()
    {
        var orders = Create();
        var writer = new FrameWriter();
        for (var n = 1; n <= 70; n++)
        {
            writer.Clear();
            orders.WriteAmend(new AmendRequest { ClientOrderId = ClientOrderId.Of(2, n), Instrument = new InstrumentId(1), Price = Price.From(1m), Quantity = Quantity.From(1m) }, writer, UnixNs);
        }

        Assert.Equal(6, orders.Statistics.TableOverflows);
    }

    [Fact]
    public void Cancelling_all_is_one_signed_rest_call_and_the_topic_tells_the_rest()
    {
        var orders = Create();
        Assert.Equal(RejectReason.None, orders.FormCancelAll(Instrument, UnixNs, out var request));
        Assert.Equal(("/v5/order/cancel-all", """{"category":"spot","symbol":"BTCUSDT"}""", "application/json"), (request!.PathAndQuery, request.Body, request.ContentType));
        Assert.Contains(new("X-BAPI-SIGN", new BybitSigner(Keys).Sign("1700000000123XXXXXXXXXX5000" + request.Body)), request.Headers);
        var batch = new ExecutionBatch();
        Assert.Equal(QuarantineCause.None, orders.DecodeCancelAll(Instrument, 200, """{"retCode":0,"retMsg":"OK","result":{"list":[{"orderId":"1","orderLinkId":""}],"success":"1"}}"""u8, batch));
        Assert.Equal(QuarantineCause.VenueError, orders.DecodeCancelAll(Instrument, 200, """{"retCode":10016,"retMsg":"","result":{}}"""u8, batch));
        Assert.True(batch.Reports.IsEmpty);
    }

    [Fact]
    public void The_trade_socket_has_a_login_of_its_own_and_no_subscription()
    {
        var entry = Create().Entry;
        var writer = new FrameWriter();
        entry.WriteLogin(writer, UnixNs);
        Assert.StartsWith("""{"op":"auth","args":["XXXXXXXXXX",1700000010123,""", Only(writer));
        var batch = new ExecutionBatch();
        Assert.Equal(QuarantineCause.None, entry.Decode("""{"retCode":0,"retMsg":"OK","op":"auth","connId":"1"}"""u8, batch));
        Assert.Equal(OrderSignal.SessionReady, batch.Signal);
        writer.Clear();
        entry.WritePending(writer, UnixNs);
        Assert.Equal(0, writer.FrameCount);
        Assert.True(entry.TryWritePing(writer));
        Assert.Equal("""{"op":"ping"}""", Only(writer));
    }

    [Fact, Trait("requirement", "R17")]
    public void An_instrument_of_another_scale_is_not_traded()
    {
        var context = Context("BTCUSDT", "USDT", Keys);
        context.Instruments.Add(Instrument with { PriceScale = 11 });
        var writer = new FrameWriter();
        Assert.Equal(RejectReason.InvalidParameter, new BybitOrders(context).WritePlace(Order("limit"), writer, UnixNs));
        Assert.True(writer.FrameCount == 0 && writer.Open.IsEmpty);
    }

    [Fact, Trait("requirement", "R144")]
    public void Login_signs_a_time_ahead_and_subscribes_once_before_it_is_ready()
    {
        var orders = Create();
        var writer = new FrameWriter();
        orders.WriteLogin(writer, UnixNs);
        var sign = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.ASCII.GetBytes(Keys.Secret), "GET/realtime1700000010123"u8));
        Assert.Equal($$"""{"op":"auth","args":["XXXXXXXXXX",1700000010123,"{{sign}}"]}""", Only(writer));
        writer.Clear();
        orders.WritePending(writer, UnixNs);
        Assert.Equal(0, writer.FrameCount);
        Assert.Equal(OrderSignal.None, Signal(orders, """{"success":true,"ret_msg":"","op":"auth","conn_id":"cejreaspqfh3sjdnldmg-p"}"""));
        orders.WritePending(writer, UnixNs);
        Assert.Equal("""{"op":"subscribe","args":["order.spot","execution.spot","wallet"]}""", Only(writer));
        orders.WritePending(writer, UnixNs);
        Assert.Equal(1, writer.FrameCount);
        Assert.Equal(OrderSignal.SessionReady, Signal(orders, """{"success":true,"ret_msg":"","op":"subscribe","conn_id":"1"}"""));
        Assert.Equal(QuarantineCause.VenueError, Decode(orders, """{"success":false,"ret_msg":"error","op":"subscribe","conn_id":"1"}""", new ExecutionBatch()));
        orders.Reset();
        Assert.Equal(OrderSignal.LoginRefused, Signal(orders, """{"success":false,"ret_msg":"Params Error","op":"auth","conn_id":"1"}"""));
        Assert.Equal(OrderSignal.LoginRefused, Signal(orders, """{"success":false,"ret_msg":"error:handler not found","op":"subscribe","conn_id":"1"}"""));
    }

    [Fact]
    public void Every_shape_of_pong_is_one()
    {
        var orders = Create();
        var writer = new FrameWriter();
        Assert.True(orders.TryWritePing(writer));
        Assert.Equal("""{"op":"ping"}""", Only(writer));
        Assert.Equal(OrderSignal.Pong, Signal(orders, """{"req_id":"test","op":"pong","args":["1675418560633"],"conn_id":"cfcb4ocsvfriu23r3er0-1b"}"""));
        Assert.Equal(OrderSignal.Pong, Signal(orders, """{"retCode":0,"retMsg":"OK","op":"pong","data":["1711002002529"],"connId":"cnt5leec0hvan15eukcg-2v"}"""));
        Assert.Equal(OrderSignal.Pong, Signal(orders, """{"success":true,"ret_msg":"pong","conn_id":"1","op":"ping"}"""));
        Assert.Equal(QuarantineCause.UnknownChannel, Decode(orders, """{"op":"novelty","success":true}""", new ExecutionBatch()));
    }

    [Fact, Trait("requirement", "R144")]
    public void Rest_calls_are_signed_over_exactly_what_is_sent()
    {
        var documented = new BybitSigner(new Credentials { ApiKey = "XXXXXXXXXX", Secret = "XXXXXXXXXX" });
        Assert.Equal("b3a13cbd6f9de0ad7ece696645a98000281be3558716624cfca03debd2f24574", documented.Sign("1658384313791XXXXXXXXXX5000category=option&symbol=BTC-29JUL22-25000-C"));
        var get = documented.Get("/v5/order/realtime", "category=option&symbol=BTC-29JUL22-25000-C", 1658384313791 * 1_000_000);
        Assert.Equal("/v5/order/realtime?category=option&symbol=BTC-29JUL22-25000-C", get.PathAndQuery);
        Assert.Contains(new("X-BAPI-SIGN", "b3a13cbd6f9de0ad7ece696645a98000281be3558716624cfca03debd2f24574"), get.Headers);
        var post = documented.Post("/v5/order/cancel-all", """{"category":"spot"}""", 1658384313791 * 1_000_000);
        Assert.Contains(new("X-BAPI-SIGN", documented.Sign("1658384313791XXXXXXXXXX5000" + post.Body)), post.Headers);
        Assert.Equal($"/v5/order/realtime?category=spot&symbol=BTCUSDT&orderLinkId={Id}",
            Create().Queries.QueryOrder(Id, default, Instrument, UnixNs).PathAndQuery);
        Assert.Equal(
            "/v5/order/realtime?category=spot&symbol=BTCUSDT&orderId=77",
            Create().Queries.QueryOrder(ClientOrderId.None, Text40.From("77"), Instrument, UnixNs).PathAndQuery);
        Assert.Equal(
            "/v5/order/realtime?category=spot&symbol=BTCUSDT&openOnly=0&limit=50", Create().Queries.OpenOrders(Instrument, UnixNs).PathAndQuery);
        Assert.Equal(
            "/v5/execution/list?category=spot&symbol=BTCUSDT&startTime=1699999999123&limit=100",
            Create().Queries.Fills(Instrument, ExchangeTime.FromMs(1699999999123), UnixNs).PathAndQuery);
        // The venue answers with seven days from the start: an older start would leave out the latest fills.
        const string SevenDaysAgo = "/v5/execution/list?category=spot&symbol=BTCUSDT&startTime=1699395260123&limit=100";
        Assert.Equal(SevenDaysAgo, Create().Queries.Fills(Instrument, ExchangeTime.FromMs(1234), UnixNs).PathAndQuery);
        Assert.Equal(SevenDaysAgo, Create().Queries.Fills(Instrument, default, UnixNs).PathAndQuery);
    }

    [Fact, Trait("requirement", "R85")]
    public void An_answer_on_the_trade_socket_is_an_ack_and_says_nothing_of_a_cancel()
    {
        var report = Report(Create(), Answer('n'));
        Assert.Equal((ExecutionKind.Acked, OrderState.Acked, Id, "a4c1718e-fe53-4659-a118-1f6ecce04ad9"), (report.Kind, report.State, report.ClientOrderId, report.VenueOrderId.ToString()));
        Assert.Equal(ExchangeTime.FromMs(1711001595209), report.ExchangeTime);
        Assert.Equal(OrderSignal.None, Signal(Create(), Answer('c', operation: "order.cancel")));
        Assert.Equal(OrderSignal.SessionReady, Signal(Create(), """{"retCode":0,"retMsg":"OK","op":"auth","connId":"cnt5leec0hvan15eukcg-2t"}"""));
        Assert.Equal(OrderSignal.LoginRefused, Signal(Create(), """{"retCode":10004,"retMsg":"Invalid sign","op":"auth","connId":"cnt5leec0hvan15eukcg-2t"}"""));
        var orders = Create();
        Assert.Equal(OrderSignal.None, Signal(orders, """{"reqId":"web-1","retCode":0,"retMsg":"OK","op":"order.create","data":{}}"""));
        Assert.Equal(1, orders.Statistics.ResponsesUnmatched);
    }

    [Fact, Trait("requirement", "R86")]
    public void A_restarting_trade_service_refuses_the_order_and_asks_for_a_new_connection()
    {
        var batch = new ExecutionBatch();
        Assert.Equal(QuarantineCause.None, Decode(Create(), Answer('n', 10019), batch));
        Assert.Equal(OrderSignal.ReconnectRequested, batch.Signal);
        Assert.Equal((ExecutionKind.Rejected, RejectReason.Maintenance), (batch.Reports[0].Kind, batch.Reports[0].Reason));
    }

    [Fact, Trait("requirement", "R93")]
    public void The_order_topic_tells_acceptance_progress_and_end_apart()
    {
        var live = Report(Create(), Push("order.spot", Row("New")));
        Assert.Equal((ExecutionKind.Accepted, OrderState.Working, Id, "1321003749386327552", Side.Buy), (live.Kind, live.State, live.ClientOrderId, live.VenueOrderId.ToString(), live.Side));
        Assert.Equal(ExchangeTime.FromMs(1672364262457), live.ExchangeTime);
        var part = Report(Create(), Push("order", Row("PartiallyFilled", "0.4")));
        Assert.Equal((ExecutionKind.OrderStatus, OrderState.PartiallyFilled, Quantity.From(0.4m)), (part.Kind, part.State, part.CumulativeQuantity));
        Assert.Equal(ExecutionKind.Filled, Report(Create(), Push("order", Row("Filled", "1"))).Kind);
        foreach (var status in (string[])["Cancelled", "PartiallyFilledCanceled", "Deactivated"])
        {
            var cancelled = Report(Create(), Push("order", Row(status, "0.4", "EC_NoImmediateQtyToFill")));
            Assert.Equal((ExecutionKind.Cancelled, RejectReason.None, Quantity.From(0.4m)), (cancelled.Kind, cancelled.Reason, cancelled.CumulativeQuantity));
        }

        Assert.Equal((ExecutionKind.Cancelled, RejectReason.WouldTakeLiquidity), KindAndReason(Row("Cancelled", reason: "EC_PostOnlyWillTakeLiquidity")));
        Assert.Equal((ExecutionKind.Rejected, RejectReason.WouldTakeLiquidity), KindAndReason(Row("Rejected", reason: "EC_PostOnlyWillTakeLiquidity")));
        Assert.Equal((ExecutionKind.Rejected, RejectReason.Rejected), KindAndReason(Row("Rejected", reason: "EC_Others")));
        Assert.Equal(QuarantineCause.Malformed, Decode(Create(), Push("order", Row("Novel")), new ExecutionBatch()));

        static (ExecutionKind, RejectReason) KindAndReason(string row) => Report(Create(), Push("order", row)) is var r ? (r.Kind, r.Reason) : default;
    }

    [Fact, Trait("requirement", "R93")]
    public void Fills_come_by_the_execution_topic_alone()
    {
        var fill = Report(Create(), Push("execution.spot", Fill()));
        Assert.Equal((ExecutionKind.Fill, Side.Sell, true, Id), (fill.Kind, fill.Side, fill.IsMaker, fill.ClientOrderId));
        Assert.Equal((Price.From(1190.15m), Quantity.From(0.1m), Quantity.Zero), (fill.LastPrice, fill.LastQuantity, fill.CumulativeQuantity));
        Assert.Equal((35_863_500L, "USDT", ExchangeTime.FromMs(1672282722429)), (fill.FeeRaw, fill.FeeAsset.ToString(), fill.ExchangeTime));
        Assert.Equal(TradeIdNumber.Of("e0cbe81d-0f18-5866-9415-cf319b5dab3b"u8), fill.TradeId);
        Assert.Equal(2290000000067563321L, Report(Create(), Push("execution", Fill(trade: "2290000000067563321"))).TradeId);
        Assert.Equal(-1L, Report(Create(), Push("execution", Fill(fee: "-0.00000001"))).FeeRaw);
        Assert.Equal("USDT", Report(Create(), Push("execution", Fill(asset: ""))).FeeAsset.ToString());
        Assert.Equal("BTC", Report(Create(), Push("execution", Fill(asset: "", side: "Buy"))).FeeAsset.ToString());
        Assert.Equal(QuarantineCause.Malformed, Decode(Create(), Push("execution", Fill(trade: "")), new ExecutionBatch()));
        Assert.Equal(QuarantineCause.UnknownChannel, Decode(Create(), Push("execution.fast", Fill()), new ExecutionBatch()));
    }

    [Fact, Trait("requirement", "R93")]
    public void Funding_and_settlement_are_no_fills_and_a_tax_beside_the_fee_is_counted()
    {
        var orders = Create();
        foreach (var kind in (string[])["Funding", "Settle", "Delivery", "SessionSettlePnL"]) Assert.Equal(OrderSignal.None, Signal(orders, Push("execution", Fill(kind))));
        foreach (var kind in (string[])["AdlTrade", "BustTrade", "BlockTrade"]) Assert.Equal(ExecutionKind.Fill, Report(orders, Push("execution", Fill(kind))).Kind);
        Assert.Equal(0, orders.Statistics.FeesIncomplete);
        Assert.Equal(35_863_500L, Report(orders, Push("execution", Fill(extra: """[{"feeCoin":"USDT","feeType":"GST","fee":"0.006403779"}]"""))).FeeRaw);
        Assert.Equal(1, orders.Statistics.FeesIncomplete);
    }

    [Fact]
    public void Other_categories_and_foreign_orders_are_counted_and_own_ones_on_unknown_instruments_refused()
    {
        var orders = Create();
        Assert.Equal(OrderSignal.None, Signal(orders, Push("order", Row("New", category: "linear"))));
        Assert.Equal(OrderSignal.None, Signal(orders, Push("order", Row("New", symbol: "ETHUSDT", id: "web"))));
        Assert.Equal(OrderSignal.None, Signal(orders, Push("execution", Fill(symbol: "ETHUSDT", id: ""))));
        Assert.Equal(3, orders.Statistics.ReportsForeign);
        Assert.Equal(QuarantineCause.UnknownInstrument, Decode(orders, Push("order", Row("New", symbol: "ETHUSDT")), new ExecutionBatch()));
        Assert.True(Report(orders, Push("order", Row("New", id: "web"))).ClientOrderId.IsNone);
    }

    [Fact]
    public void Balances_come_from_the_topic_and_from_rest_alike()
    {
        const string Coins = """[{"coin":"USDT","equity":"100.5","walletBalance":"100.5","locked":"10"},{"coin":"BTC","walletBalance":"0.123456789","locked":""},{"coin":"ACOINWITHAVERYLONGNAME","walletBalance":"1","locked":"0"}]""";
        var batch = new ExecutionBatch();
        var orders = Create();
        Assert.Equal(QuarantineCause.None, Decode(orders, $$"""{"topic":"wallet","creationTime":1700034722104,"data":[{"accountType":"UNIFIED","coin":{{Coins}}}]}""", batch));
        Assert.Equal(QuarantineCause.None,
            Create().Queries.DecodeBalances(200,
            Encoding.ASCII.GetBytes($$"""{"retCode":0,"retMsg":"OK","result":{"list":[{"accountType":"UNIFIED","coin":{{Coins}}}]},"time":1}"""),
            batch));
        Assert.Equal("USDT BTC USDT BTC", string.Join(' ', batch.Balances.ToArray().Select(b => b.Asset)));
        Assert.Equal((9_050_000_000L, 1_000_000_000L), (batch.Balances[0].FreeRaw, batch.Balances[0].LockedRaw));
        Assert.Equal((12_345_678L, 0L), (batch.Balances[3].FreeRaw, batch.Balances[3].LockedRaw));
        Assert.Equal(1, orders.Statistics.BalancesSkipped);
    }

    [Fact, Trait("requirement", "R90")]
    public void Rest_answers_become_status_not_found_and_fills()
    {
        var orders = Create().Queries;
        var batch = new ExecutionBatch();
        static byte[] List(string rows) => Encoding.UTF8.GetBytes($$"""{"retCode":0,"retMsg":"OK","result":{"list":[{{rows}}],"nextPageCursor":"","category":"spot"},"retExtInfo":{},"time":1684765770483}""");
        Assert.Equal(QuarantineCause.None, orders.DecodeQuery(Id, Instrument, 200, List(Row("New")), batch));
        Assert.Equal(QuarantineCause.None, orders.DecodeOpenOrders(Instrument, 200, List(Row("New") + "," + Row("PartiallyFilled", "0.1", id: "web")), batch));
        Assert.Equal(QuarantineCause.None, orders.DecodeQuery(Id, Instrument, 200, List(""), batch));
        Assert.Equal(QuarantineCause.None, orders.DecodeQuery(Id, Instrument, 200, """{"retCode":170213,"retMsg":"Order does not exist.","result":{}}"""u8, batch));
        Assert.Equal(QuarantineCause.None, orders.DecodeFills(Instrument, 200, List(Fill() + "," + Fill("Funding")), batch));
        Assert.Equal(
            [ExecutionKind.OrderStatus, ExecutionKind.OrderStatus, ExecutionKind.OrderStatus, ExecutionKind.OrderNotFound, ExecutionKind.OrderNotFound, ExecutionKind.Fill],
            batch.Reports.ToArray().Select(r => r.Kind));
        Assert.Equal((OrderState.Working, Id), (batch.Reports[1].State, batch.Reports[1].ClientOrderId));
        Assert.Equal(QuarantineCause.VenueError, orders.DecodeQuery(Id, Instrument, 200, """{"retCode":10016,"retMsg":"Server error","result":{}}"""u8, batch));
        Assert.Equal(QuarantineCause.VenueError, orders.DecodeOpenOrders(Instrument, 502, "<html>"u8, batch));
        Assert.Equal(QuarantineCause.UnknownInstrument, orders.DecodeOpenOrders(Instrument, 200, List(Row("New", symbol: "ETHUSDT")), batch));
        Assert.Equal(QuarantineCause.Malformed, orders.DecodeQuery(ClientOrderId.Of(1, 8), Instrument, 200, List(Row("New")), batch));
        Assert.Equal(6, batch.Reports.Length);
    }

    [Fact]
    public void A_bad_row_late_in_a_message_takes_the_rows_before_it_back()
    {
        var batch = new ExecutionBatch();
        Assert.Equal(QuarantineCause.Malformed, Decode(Create(), Push("order", Row("New") + "," + Row("New").Replace("\"Buy\"", "\"bye\"")), batch));
        Assert.True(batch.Reports.IsEmpty);
        Assert.Equal(QuarantineCause.None, Decode(Create(), Push("order", Row("New") + "," + Row("New")), batch));
        Assert.Equal(2, batch.Reports.Length);
    }
}
