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
using Penstock.Venues.Gateio;
using static Penstock.Tests.Venues.OrdersTestKit;

namespace Penstock.Tests.Venues.Gateio;

public class GateioOrdersTests
{
    private static readonly Credentials Keys = new() { ApiKey = "key", Secret = "secret" };

    private static GateioOrders Create() => new(Context("BTC_USDT", "USDT", Keys));

    private static string Answer(char kind, string data, string status = "200", bool ack = false) =>
        $$"""{"request_id":"{{kind}}{{Id}}",{{(ack ? "\"ack\":true," : "")}}"header":{"response_time":"1681986204784","status":"{{status}}","channel":"spot.order_place","event":"api"},"data":""" + data + "}";

    private static string Order(string status = "open", string left = "0.05", string finishAs = "open", string extra = "", string? text = null, string symbol = "BTC_USDT") =>
        $$"""
        {"id":"1700664330","text":"{{text ?? "t-" + Id}}","create_time":"1681986204","update_time":"1681986204","create_time_ms":1681986204832,"update_time_ms":"1681986204999",
        "status":"{{status}}","currency_pair":"{{symbol}}","type":"limit","account":"spot","side":"buy","amount":"0.05","price":"1",{{extra}}"left":"{{left}}","finish_as":"{{finishAs}}"}
        """.ReplaceLineEndings("");

    private static string Push(string happening, string left = "0.05", string finishAs = "open", string? text = null, string symbol = "BTC_USDT") =>
        """{"time":1694655225,"time_ms":1694655225315,"channel":"spot.orders","event":"update","result":["""
        + Order(left: left, finishAs: finishAs, text: text, symbol: symbol).Replace("\"status\":\"open\"", $"\"event\":\"{happening}\"", StringComparison.Ordinal) + "]}";

    private static string Fill(string extra = "", string fee = "0.002", string feeAsset = "\"fee_currency\":\"BTC\",") =>
        """{"id":5736713,"user_id":1000001,"order_id":"30784428","currency_pair":"BTC_USDT","create_time":1605176741,"create_time_ms":"1605176741123.456","side":"buy","amount":"1.00000000","role":"maker","price":"10000.0","""
        + $"\"fee\":\"{fee}\",{feeAsset}{extra}\"text\":\"t-{Id}\"" + "}";

    private static string Trades(string fill) => """{"time":1605176741,"time_ms":1605176741763,"channel":"spot.usertrades","event":"update","result":[""" + fill + "]}";

    [Theory, Trait("requirement", "R79")]
    [InlineData("limit", "\"type\":\"limit\"", ",\"price\":\"23416.1\"", "gtc")]
    [InlineData("post", "\"type\":\"limit\"", ",\"price\":\"23416.1\"", "poc")]
    [InlineData("ioc", "\"type\":\"limit\"", ",\"price\":\"23416.1\"", "ioc")]
    [InlineData("fok", "\"type\":\"limit\"", ",\"price\":\"23416.1\"", "fok")]
    [InlineData("market", "\"type\":\"market\"", "", "ioc")]
    public void Every_variety_of_order_is_written_as_documented(string variety, string type, string price, string force) =>
        Assert.Equal($$$$"""{"time":1700000000,"channel":"spot.order_place","event":"api","payload":{"req_id":"n{{{{Id}}}}","req_param":{"text":"t-{{{{Id}}}}","currency_pair":"BTC_USDT",{{{{type}}}},"account":"spot","side":"sell","amount":"0.00847"{{{{price}}}},"time_in_force":"{{{{force}}}}"}}}""",
            Placed(Create(), OrdersTestKit.Order(variety, Side.Sell)));

    [Fact, Trait("requirement", "R86")]
    public void A_market_buy_counts_in_money_and_is_refused()
    {
        var writer = new FrameWriter();
        Assert.Equal(RejectReason.NotSupported, Create().WritePlace(OrdersTestKit.Order("market"), writer, UnixNs));
        Assert.True(writer.FrameCount == 0 && writer.Open.IsEmpty);
    }

    [Fact, Trait("requirement", "R79")]
    public void An_amendment_keeps_the_order_and_names_its_new_total()
    {
        var orders = Create();
        var writer = new FrameWriter();
        var amend = new AmendRequest { ClientOrderId = Id, Instrument = new InstrumentId(1), Side = Side.Buy, Price = Price.From(2m), Quantity = Quantity.From(0.07m) };
        Assert.Equal(RejectReason.None, orders.WriteAmend(amend, writer, UnixNs));
        Assert.Equal("{\"time\":1700000000,\"channel\":\"spot.order_amend\",\"event\":\"api\",\"payload\":{\"req_id\":\"a" + Id + "\",\"req_param\":{\"order_id\":\"t-" + Id
            + "\",\"currency_pair\":\"BTC_USDT\",\"amount\":\"0.07\",\"price\":\"2\"}}}", Only(writer));
        foreach (var wrong in new[] { amend with { Price = Price.Zero }, amend with { Quantity = Quantity.Zero }, amend with { Instrument = new InstrumentId(9) }, amend with { ClientOrderId = ClientOrderId.None } })
            Assert.NotEqual(RejectReason.None, orders.WriteAmend(wrong, writer, UnixNs));
        Assert.Equal(1, writer.FrameCount);

        var amended = Report(orders, Answer('a', "{\"result\":" + Order("open", "0.04") + "}"));
        Assert.Equal((ExecutionKind.Amended, OrderState.PartiallyFilled, Id, "1700664330"), (amended.Kind, amended.State, amended.ClientOrderId, amended.VenueOrderId.ToString()));
        Assert.Equal((Price.From(1m), Quantity.From(0.05m), Quantity.From(0.01m)), (amended.LastPrice, amended.LastQuantity, amended.CumulativeQuantity));
        Assert.Equal(OrderSignal.None, Signal(orders, Answer('a', "{\"result\":" + Order("cancelled", "0.04", "cancelled") + "}")));
    }

    [Fact]
    public void A_pairs_orders_are_cancelled_together_and_a_refusal_of_that_is_not_overlooked()
    {
        var orders = Create();
        var writer = new FrameWriter();
        Assert.Equal(RejectReason.None, orders.WriteCancelAll(Context("BTC_USDT", "USDT", Keys).Instruments[new InstrumentId(1)], writer, UnixNs));
        Assert.Equal("{\"time\":1700000000,\"channel\":\"spot.order_cancel_cp\",\"event\":\"api\",\"payload\":{\"req_id\":\"all\",\"req_param\":{\"currency_pair\":\"BTC_USDT\"}}}", Only(writer));
        Assert.Equal(OrderSignal.None, Signal(orders, """{"request_id":"all","header":{"status":"200","channel":"spot.order_cancel_cp"},"data":{"result":[]}}"""));
        Assert.Equal(QuarantineCause.VenueError, Decode(orders, """{"request_id":"all","header":{"status":"400","channel":"spot.order_cancel_cp"},"data":{"errs":{"label":"INVALID_CURRENCY_PAIR"}}}""", new ExecutionBatch()));
        Assert.Equal(0, orders.Statistics.ResponsesUnmatched);
    }

    [Fact]
    public void Cancels_name_our_id_or_the_venues()
    {
        Assert.Equal($$$$"""{"time":1700000000,"channel":"spot.order_cancel","event":"api","payload":{"req_id":"c{{{{Id}}}}","req_param":{"order_id":"t-{{{{Id}}}}","currency_pair":"BTC_USDT"}}}""", Cancelled(Create(), Cancel()));
        Assert.EndsWith("\"req_param\":{\"order_id\":\"1700664330\",\"currency_pair\":\"BTC_USDT\"}}}", Cancelled(Create(), Cancel("1700664330")));
    }

    [Fact, Trait("requirement", "R144")]
    public void The_login_and_each_private_channel_sign_the_time_of_their_own_message()
    {
        // Signed by another program.
        const string Login = "fda6efd05e40791f1059365daecc597f520349bd009ecaa64454e137d73a181e6bcdeb466148db04b38adfc8800a2e46ab4e4ac02eee77a8a2a2ece43d6d720c";
        const string Orders = "0dc17b76097b2726573e30bde2a792ce238bbd452f414d949a5f71d5bf1dd50e8e8166a762af6614f0228360882c6e35df2ac39ed0eba1be8b02d9ca1ec9c6c9";
        var orders = Create();
        var writer = new FrameWriter();
        orders.WriteLogin(writer, UnixNs);
        Assert.Equal(4, writer.FrameCount);
        Assert.Equal($$$"""{"time":1700000000,"channel":"spot.login","event":"api","payload":{"api_key":"key","signature":"{{{Login}}}","timestamp":"1700000000","req_id":"login"}}""", Encoding.ASCII.GetString(writer.Frame(0)));
        Assert.Equal($$$"""{"time":1700000000,"id":1,"channel":"spot.orders","event":"subscribe","payload":["!all"],"auth":{"method":"api_key","KEY":"key","SIGN":"{{{Orders}}}"}}""", Encoding.ASCII.GetString(writer.Frame(1)));
        Assert.StartsWith("""{"time":1700000000,"id":2,"channel":"spot.usertrades","event":"subscribe","payload":["!all"],"auth":""", Encoding.ASCII.GetString(writer.Frame(2)));
        Assert.StartsWith("""{"time":1700000000,"id":3,"channel":"spot.balances","event":"subscribe","auth":""", Encoding.ASCII.GetString(writer.Frame(3)));
    }

    [Fact, Trait("requirement", "R144")]
    public void Every_published_vector_is_reproduced()
    {
        Assert.Equal("55f84ea195d6fe57ce62464daaa7c3c02fa9d1dde954e4c898289c9a2407a3d6fb3faf24deff16790d726b66ac9f74526668b13bd01029199cc4fcc522418b8a",
            new GateioSigner(Keys).Sign("GET", "/api/v4/futures/orders", "contract=BTC_USD&status=finished&limit=50", "", "1541993715"));
        Assert.Equal("de31e211a60623ba2c41e65a3c21e550400ffccfef55578173e09f2b34cf46b426c587f01b4c12474608dc856b1ba226a71004f7989603236c885c23275d5577",
            new GateioSigner(new Credentials { ApiKey = "", Secret = "b" }).Sign("POST", "/a", "?b=c", "{a:1}", "1691707273890"));
    }

    [Fact, Trait("requirement", "R103")]
    public void The_session_is_ready_when_login_and_all_channels_are_confirmed_in_whatever_order()
    {
        static string Subscribed(string channel) => $$$"""{"time":1611541000,"id":1,"channel":"{{{channel}}}","event":"subscribe","error":null,"result":{"status":"success"}}""";
        const string LoggedIn = """{"request_id":"login","header":{"response_time":"1","status":"200","channel":"spot.login","event":"api"},"data":{"result":{"api_key":"key","uid":"110284739"}}}""";
        var orders = Create();
        Assert.Equal(OrderSignal.None, Signal(orders, Subscribed("spot.usertrades")));
        Assert.Equal(OrderSignal.None, Signal(orders, LoggedIn));
        Assert.Equal(OrderSignal.None, Signal(orders, Subscribed("spot.orders")));
        Assert.Equal(OrderSignal.SessionReady, Signal(orders, Subscribed("spot.balances")));
        Assert.Equal(OrderSignal.None, Signal(orders, Subscribed("spot.balances")));
        orders.Reset();
        Assert.Equal(OrderSignal.None, Signal(orders, Subscribed("spot.balances")));
        Assert.Equal(OrderSignal.LoginRefused, Signal(orders, """{"time":1,"channel":"spot.orders","event":"subscribe","error":{"code":4,"message":"Authentication fail"},"result":{"status":"fail"}}"""));
        Assert.Equal(OrderSignal.LoginRefused, Signal(orders, """{"request_id":"login","header":{"status":"401","channel":"spot.login"},"data":{"errs":{"label":"INVALID_KEY","message":"Invalid key provided"}}}"""));
    }

    [Fact]
    public void Pings_name_a_time_and_announced_closes_are_obeyed()
    {
        var orders = Create();
        var writer = new FrameWriter();
        orders.WritePending(writer, UnixNs);
        Assert.True(orders.TryWritePing(writer));
        Assert.Equal("""{"time":1700000000,"channel":"spot.ping"}""", Only(writer));
        Assert.Equal(OrderSignal.Pong, Signal(orders, """{"time":1,"channel":"spot.pong","event":"","error":null,"result":null}"""));
        Assert.Equal(OrderSignal.ReconnectRequested, Signal(orders, """{"type":"service_upgrade","msg":"The connection will soon be closed for a service upgrade. Please reconnect."}"""));
        Assert.Equal(QuarantineCause.UnknownChannel, Decode(orders, """{"channel":"spot.novelty","event":"update","result":[]}""", new ExecutionBatch()));
    }

    [Fact, Trait("requirement", "R85")]
    public void An_ack_is_an_ack_and_the_answer_an_acceptance_only_of_an_order_that_rests_untouched()
    {
        var ack = Report(Create(), Answer('n', """{"result":{"req_id":"x","req_param":{}}}""", ack: true));
        Assert.Equal((ExecutionKind.Acked, OrderState.Acked, Id, true), (ack.Kind, ack.State, ack.ClientOrderId, ack.VenueOrderId.IsEmpty));
        var rests = Report(Create(), Answer('n', "{\"result\":" + Order() + "}"));
        Assert.Equal((ExecutionKind.Accepted, OrderState.Working, Id, "1700664330"), (rests.Kind, rests.State, rests.ClientOrderId, rests.VenueOrderId.ToString()));
        Assert.Equal(ExchangeTime.FromMs(1681986204999), rests.ExchangeTime);
        foreach (var other in new[] { Order("closed", "0", "filled"), Order("open", "0.04"), Order("cancelled", "0.05", "ioc") })
            Assert.Equal((ExecutionKind.Acked, "1700664330"), (Report(Create(), Answer('n', "{\"result\":" + other + "}")) is var r ? r.Kind : default, r.VenueOrderId.ToString()));
        Assert.Equal(ExecutionKind.Acked, Report(Create(), Answer('n', $$$"""{"result":{"id":"12","text":"t-{{{Id}}}","amend_text":"-"}}""")).Kind); // action_mode ACK
        Assert.Equal(OrderSignal.None, Signal(Create(), Answer('c', "{\"result\":" + Order("cancelled", "0.05", "cancelled") + "}")));
        Assert.Equal(QuarantineCause.Malformed, Decode(Create(), Answer('n', "{\"result\":" + Order(text: "t-" + ClientOrderId.Of(1, 8)) + "}"), new ExecutionBatch()));
    }

    [Fact]
    public void Answers_carry_their_id_plain_or_between_bars_and_foreign_ones_are_counted()
    {
        var orders = Create();
        Assert.Equal(ExecutionKind.Accepted, Report(orders, Answer('n', "{\"result\":" + Order() + "}").Replace($"\"n{Id}\"", $"\"|n{Id}|\"", StringComparison.Ordinal)).Kind);
        Assert.Equal(OrderSignal.None, Signal(orders, Answer('n', "{\"result\":{}}").Replace($"n{Id}", "someone", StringComparison.Ordinal)));
        Assert.Equal(QuarantineCause.VenueError, Decode(orders, Answer('n', "{\"errs\":{\"label\":\"X\"}}", "400").Replace($"n{Id}", "someone", StringComparison.Ordinal), new ExecutionBatch()));
        Assert.Equal(2, orders.Statistics.ResponsesUnmatched);
        Assert.Equal(QuarantineCause.Malformed, Decode(orders, Answer('n', "{\"result\":{}}", "ok"), new ExecutionBatch()));
    }

    [Theory, Trait("requirement", "R93")]
    [InlineData("put", "0.05", "open", ExecutionKind.Accepted, OrderState.Working, RejectReason.None)]
    [InlineData("update", "0.04", "open", ExecutionKind.OrderStatus, OrderState.PartiallyFilled, RejectReason.None)]
    [InlineData("update", "0.05", "open", ExecutionKind.Accepted, OrderState.Working, RejectReason.None)]
    [InlineData("finish", "0", "filled", ExecutionKind.Filled, OrderState.Filled, RejectReason.None)]
    [InlineData("finish", "0.04", "cancelled", ExecutionKind.Cancelled, OrderState.Cancelled, RejectReason.None)]
    [InlineData("finish", "0.04", "stp", ExecutionKind.Cancelled, OrderState.Cancelled, RejectReason.None)]
    [InlineData("finish", "0.04", "liquidate_cancelled", ExecutionKind.Cancelled, OrderState.Cancelled, RejectReason.None)]
    [InlineData("finish", "0.04", "something_new", ExecutionKind.Cancelled, OrderState.Cancelled, RejectReason.None)]
    [InlineData("finish", "0.05", "poc", ExecutionKind.OrderStatus, OrderState.Cancelled, RejectReason.WouldTakeLiquidity)]
    [InlineData("finish", "0.05", "ioc", ExecutionKind.OrderStatus, OrderState.Expired, RejectReason.None)]
    [InlineData("finish", "0.05", "fok", ExecutionKind.OrderStatus, OrderState.Expired, RejectReason.None)]
    [InlineData("finish", "0.05", "depth_not_enough", ExecutionKind.OrderStatus, OrderState.Expired, RejectReason.None)]
    [InlineData("finish", "0.05", "trader_not_enough", ExecutionKind.OrderStatus, OrderState.Expired, RejectReason.None)]
    [InlineData("finish", "0.05", "small", ExecutionKind.OrderStatus, OrderState.Expired, RejectReason.None)]
    public void The_orders_channel_tells_beginning_change_and_end(
        string happening, string left, string finishAs, ExecutionKind kind, OrderState state, RejectReason reason)
    {
        var report = Report(Create(), Push(happening, left, finishAs));
        Assert.Equal((kind, state, reason, Id, Side.Buy, "1700664330"), (report.Kind, report.State, report.Reason, report.ClientOrderId, report.Side, report.VenueOrderId.ToString()));
        Assert.Equal(Quantity.From(0.05m - decimal.Parse(left, System.Globalization.CultureInfo.InvariantCulture)), report.CumulativeQuantity);
        Assert.Equal(ExchangeTime.FromMs(1681986204999), report.ExchangeTime);
    }

    [Fact, Trait("requirement", "R93")]
    public void Fills_come_on_their_own_channel_with_their_fee_in_whatever_it_was_taken()
    {
        var orders = Create();
        var fill = Report(orders, Trades(Fill()));
        Assert.Equal((ExecutionKind.Fill, Id, Side.Buy, true, 5736713L, "30784428"), (fill.Kind, fill.ClientOrderId, fill.Side, fill.IsMaker, fill.TradeId, fill.VenueOrderId.ToString()));
        Assert.Equal((Price.From(10000m), Quantity.From(1m), 1605176741123456000L), (fill.LastPrice, fill.LastQuantity, fill.ExchangeTime.UnixNs));
        Assert.Equal((200_000L, "BTC"), (fill.FeeRaw, fill.FeeAsset.ToString()));
        Assert.Equal((200_000L, "BTC"), (Report(orders, Trades(Fill(feeAsset: ""))) is var bought ? bought.FeeRaw : 0, bought.FeeAsset.ToString()));
        Assert.Equal("USDT", Report(orders, Trades(Fill(feeAsset: "").Replace("\"buy\"", "\"sell\"", StringComparison.Ordinal))).FeeAsset.ToString());
        Assert.Equal((3_000_000L, "GT"), (Report(orders, Trades(Fill("\"gt_fee\":\"0.03\",\"point_fee\":\"0\",", "0"))) is var gt ? gt.FeeRaw : 0, gt.FeeAsset.ToString()));
        Assert.Equal((4_000_000L, "POINT"), (Report(orders, Trades(Fill("\"gt_fee\":\"0\",\"point_fee\":\"0.04\",", "0"))) is var point ? point.FeeRaw : 0, point.FeeAsset.ToString()));
        Assert.Equal(0, orders.Statistics.FeesIncomplete);
        Assert.Equal(200_000L, Report(orders, Trades(Fill("\"gt_fee\":\"0.03\","))).FeeRaw);
        Assert.Equal(1, orders.Statistics.FeesIncomplete);
        Assert.Equal(1L, Report(orders, Trades(Fill(fee: "0.0000000001"))).FeeRaw); // never less than was paid
        Assert.Equal(TradeIdNumber.Of("12345678901234567890123456"u8), Report(orders, Trades(Fill().Replace("5736713", "12345678901234567890123456", StringComparison.Ordinal))).TradeId);
        Assert.Equal(QuarantineCause.NumberOutOfRange, Decode(orders, Trades(Fill().Replace("\"1.00000000\"", "\"0\"", StringComparison.Ordinal)), new ExecutionBatch()));
    }

    [Fact]
    public void Foreign_orders_on_unknown_instruments_are_counted_and_own_ones_refused()
    {
        var orders = Create();
        Assert.Equal(OrderSignal.None, Signal(orders, Push("put", symbol: "ETH_USDT", text: "apiv4")));
        Assert.Equal(1, orders.Statistics.ReportsForeign);
        Assert.Equal(QuarantineCause.UnknownInstrument, Decode(orders, Push("put", symbol: "ETH_USDT"), new ExecutionBatch()));
        Assert.Equal(QuarantineCause.Malformed, Decode(orders, Push("novel"), new ExecutionBatch()));
        Assert.Equal(QuarantineCause.NumberOutOfRange, Decode(orders, Push("put", left: "0.06"), new ExecutionBatch()));
        foreach (var text in new[] { "apiv4", "web", "-", Id.ToString(), "t-web" }) Assert.True(Report(orders, Push("put", text: text)).ClientOrderId.IsNone);
        // In somebody's market buy the amount is money, and what is left of it no quantity of coins.
        Assert.Equal(Quantity.From(0.3m), Report(orders, Push("update", text: "web").Replace("\"type\":\"limit\"", "\"type\":\"market\",\"filled_amount\":\"0.3\"", StringComparison.Ordinal)).CumulativeQuantity);
    }

    [Fact]
    public void Balances_come_from_the_channel_and_from_rest_alike()
    {
        var batch = new ExecutionBatch();
        Assert.Equal(QuarantineCause.None, Decode(Create(), """{"time":1,"channel":"spot.balances","event":"update","result":[{"currency":"USDT","total":"100.5","available":"90.5","freeze":"10"},{"currency":"A123456789012345","available":"1","freeze":"0"}]}""", batch));
        Assert.Equal(
            QuarantineCause.None,
            Create().Queries.DecodeBalances(200, """[{"currency":"BTC","available":"0.123456789","locked":"1","update_id":98}]"""u8, batch));
        Assert.Equal("USDT BTC", string.Join(' ', batch.Balances.ToArray().Select(b => b.Asset)));
        Assert.Equal((9_050_000_000L, 1_000_000_000L), (batch.Balances[0].FreeRaw, batch.Balances[0].LockedRaw));
        Assert.Equal((12_345_678L, 100_000_000L), (batch.Balances[1].FreeRaw, batch.Balances[1].LockedRaw));
        Assert.NotEqual(QuarantineCause.None, Create().Queries.DecodeBalances(200, "[]"u8, batch));
        Assert.Equal(QuarantineCause.VenueError, Create().Queries.DecodeBalances(403, """{"label":"FORBIDDEN","message":"x"}"""u8, batch));
    }

    [Fact, Trait("requirement", "R90")]
    public void Rest_answers_become_status_not_found_and_fills()
    {
        var orders = Create();
        var batch = new ExecutionBatch();
        var instrument = Context("BTC_USDT", "USDT", Keys).Instruments[new InstrumentId(1)];
        Assert.Equal($"/api/v4/spot/orders/t-{Id}?currency_pair=BTC_USDT", orders.Queries.QueryOrder(Id, default, instrument, UnixNs).PathAndQuery);
        Assert.Equal(
            "/api/v4/spot/orders/1700664330?currency_pair=BTC_USDT",
            orders.Queries.QueryOrder(Id, Text40.From("1700664330"), instrument, UnixNs).PathAndQuery);
        Assert.Equal("/api/v4/spot/orders?currency_pair=BTC_USDT&status=open&limit=100", orders.Queries.OpenOrders(instrument, UnixNs).PathAndQuery);
        Assert.Equal(
            "/api/v4/spot/my_trades?currency_pair=BTC_USDT&limit=1000&from=1234",
            orders.Queries.Fills(instrument, ExchangeTime.FromMs(1234999), UnixNs).PathAndQuery);
        Assert.Equal("/api/v4/spot/my_trades?currency_pair=BTC_USDT&limit=1000", orders.Queries.Fills(instrument, default, UnixNs).PathAndQuery);

        Assert.Equal(
            QuarantineCause.None, orders.Queries.DecodeQuery(Id, instrument, 200, Encoding.UTF8.GetBytes(Order("closed", "0", "filled")), batch));
        Assert.Equal(
            QuarantineCause.None, orders.Queries.DecodeQuery(Id, instrument, 200, Encoding.UTF8.GetBytes(Order("closed", "0.01", "ioc")), batch));
        Assert.Equal(QuarantineCause.None,
            orders.Queries.DecodeOpenOrders(instrument, 200, Encoding.UTF8.GetBytes($"[{Order("open", "0.04")}]"), batch));
        Assert.Equal(
            QuarantineCause.None,
            orders.Queries.DecodeQuery(Id, instrument, 404, """{"label":"ORDER_NOT_FOUND","message":"Order not found"}"""u8, batch));
        Assert.Equal(QuarantineCause.None,
            orders.Queries.DecodeFills(instrument, 200,
            Encoding.UTF8.GetBytes("[" + Fill().Replace("5736713", "\"5736713\"", StringComparison.Ordinal).Replace("\"currency_pair\":\"BTC_USDT\",",
            "", StringComparison.Ordinal) + "]"), batch));
        Assert.Equal([ExecutionKind.OrderStatus, ExecutionKind.OrderStatus, ExecutionKind.OrderStatus, ExecutionKind.OrderNotFound, ExecutionKind.Fill], batch.Reports.ToArray().Select(r => r.Kind));
        Assert.Equal([OrderState.Filled, OrderState.Expired, OrderState.PartiallyFilled], batch.Reports[..3].ToArray().Select(r => r.State));
        Assert.Equal((5736713L, Id, new InstrumentId(1)), (batch.Reports[4].TradeId, batch.Reports[4].ClientOrderId, batch.Reports[4].Instrument));

        batch.Reset();
        Assert.Equal(QuarantineCause.None,
            orders.Queries.DecodeQuery(Id, instrument, 200,
            Encoding.UTF8.GetBytes(Order("closed", "0").Replace(",\"finish_as\":\"open\"", "", StringComparison.Ordinal)), batch));
        Assert.Equal(OrderState.Filled, batch.Reports[0].State); // "closed" means filled
        batch.Reset();
        Assert.Equal(
            QuarantineCause.Malformed, orders.Queries.DecodeQuery(ClientOrderId.Of(1, 8), instrument, 200, Encoding.UTF8.GetBytes(Order()), batch));
        Assert.Equal(QuarantineCause.UnknownInstrument,
            orders.Queries.DecodeOpenOrders(instrument, 200, Encoding.UTF8.GetBytes($"[{Order(symbol: "ETH_USDT")}]"), batch));
        Assert.Equal(
            QuarantineCause.VenueError,
            orders.Queries.DecodeQuery(Id, instrument, 400, """{"label":"INVALID_PARAM_VALUE","message":"x"}"""u8, batch));
        Assert.Equal(QuarantineCause.VenueError, orders.Queries.DecodeOpenOrders(instrument, 502, "<html>"u8, batch));
        Assert.True(batch.Reports.IsEmpty);
    }

    [Fact]
    public void A_bad_row_late_in_a_message_takes_the_rows_before_it_back()
    {
        var batch = new ExecutionBatch();
        var good = Push("put");
        var row = good[(good.IndexOf("[{", StringComparison.Ordinal) + 1)..^2];
        Assert.Equal(QuarantineCause.Malformed, Decode(Create(), good[..^2] + "," + row.Replace("\"buy\"", "\"bye\"", StringComparison.Ordinal) + "]}", batch));
        Assert.True(batch.Reports.IsEmpty);
        Assert.Equal(QuarantineCause.None, Decode(Create(), good[..^2] + "," + row + "]}", batch));
        Assert.Equal(2, batch.Reports.Length);
    }
}
