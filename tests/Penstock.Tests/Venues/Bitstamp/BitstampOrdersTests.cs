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
using Penstock.Venues.Bitstamp;
using static Penstock.Tests.Venues.OrdersTestKit;

namespace Penstock.Tests.Venues.Bitstamp;

public class BitstampOrdersTests
{
    private static readonly Credentials Keys = new() { ApiKey = "api_key", Secret = "api_key_secret" };

    private static readonly Instrument Traded = Context("btcusd", "USD", Keys).Instruments[new InstrumentId(1)];

    private static BitstampOrders Create() => new(Context("btcusd", "USD", Keys));

    private static string Push(string happening, string traded, string remaining, string total = "0.05", string market = "btcusd", string? id = null) =>
        $$$"""{"data":{"id":1762863651524616,"id_str":"1762863651524616","order_type":1,"datetime":"1719221608","microtimestamp":"1719221607521001","amount":300.0,"amount_str":"{{{remaining}}}","amount_traded":"{{{traded}}}","amount_at_create":"{{{total}}}","price":0.12619,"price_str":"0.12619","trade_account_id":0,"client_order_id":"{{{id ?? Id.ToString()}}}"},"channel":"private-my_orders_{{{market}}}-1234567","event":"{{{happening}}}"}""";

    private static string Trade(string id = "17", string market = "btcusd", string? client = null) =>
        $$$"""{"data":{"id":{{{id}}},"amount":"0.03000000","price":"103698.9","microtimestamp":"1719221608330000","fee":"0.150000001","order_id":1762863651524616,"client_order_id":"{{{client ?? Id.ToString()}}}","trade_account_id":0,"side":"buy"},"channel":"private-my_trades_{{{market}}}-1234567","event":"trade"}""";

    [Theory, Trait("requirement", "R79")]
    [InlineData("limit", "/api/v2/sell/btcusd/", "amount=0.00847&price=23416.1&client_order_id=$ID")]
    [InlineData("post", "/api/v2/sell/btcusd/", "amount=0.00847&price=23416.1&client_order_id=$ID&moc_order=True")]
    [InlineData("ioc", "/api/v2/sell/btcusd/", "amount=0.00847&price=23416.1&client_order_id=$ID&ioc_order=True")]
    [InlineData("fok", "/api/v2/sell/btcusd/", "amount=0.00847&price=23416.1&client_order_id=$ID&fok_order=True")]
    [InlineData("market", "/api/v2/sell/market/btcusd/", "amount=0.00847&client_order_id=$ID")]
    public void Every_variety_of_order_is_a_form_as_documented(string variety, string path, string form)
    {
        Assert.Equal(RejectReason.None, Create().FormPlace(Order(variety, Side.Sell), UnixNs, out var request));
        Assert.Equal(("POST", path, "application/x-www-form-urlencoded"), (request!.Method.Method, request.PathAndQuery, request.ContentType));
        Assert.Equal(form.Replace("$ID", Id.ToString(), StringComparison.Ordinal), request.Body);
        Assert.Equal(RejectReason.None, Create().FormPlace(Order(variety), UnixNs, out request));
        Assert.StartsWith("/api/v2/buy/", request!.PathAndQuery, StringComparison.Ordinal);
    }

    [Fact, Trait("requirement", "R86")]
    public void What_the_venue_cannot_take_is_refused_with_a_reason()
    {
        var orders = Create();
        RejectReason Of(in OrderRequest order)
        {
            var reason = orders.FormPlace(order, UnixNs, out var request);
            Assert.Null(request);
            return reason;
        }

        Assert.Equal(RejectReason.InvalidParameter, Of(Order("limit") with { Flags = OrderFlags.ReduceOnly }));
        Assert.Equal(RejectReason.InvalidParameter, Of(Order("limit") with { Instrument = new InstrumentId(9) }));
        Assert.Equal(RejectReason.InvalidParameter, Of(Order("limit") with { ClientOrderId = ClientOrderId.None }));
        Assert.Equal(RejectReason.QuantityOutOfRange, Of(Order("limit") with { Quantity = Quantity.Zero }));
        Assert.Equal(RejectReason.PriceOutOfRange, Of(Order("limit") with { Price = Price.Zero }));
        Assert.Equal(RejectReason.InvalidParameter, new BitstampOrders(Context("btcusd-perp", "USD", Keys)).FormPlace(Order("limit"), UnixNs, out _));
        var writer = new FrameWriter();
        Assert.Equal(RejectReason.NotSupported, orders.WritePlace(Order("limit"), writer, UnixNs));
        Assert.Equal(RejectReason.NotSupported, orders.WriteCancel(Cancel(), writer, UnixNs));
        Assert.Equal(0, writer.FrameCount);
    }

    [Fact]
    public void Cancels_name_our_id_or_the_venues_and_all_of_a_market_go_with_an_empty_body()
    {
        Create().FormCancel(Cancel(), UnixNs, out var request);
        Assert.Equal(("/api/v2/cancel_order/", $"client_order_id={Id}"), (request!.PathAndQuery, request.Body));
        Create().FormCancel(Cancel("2510789768709120"), UnixNs, out request);
        Assert.Equal("id=2510789768709120", request!.Body);
        Assert.Equal(RejectReason.InvalidParameter, Create().FormCancel(default, UnixNs, out request));
        Create().FormCancelAll(Traded, UnixNs, out request);
        Assert.Equal(("/api/v2/cancel_all_orders/btcusd/", null, null), (request!.PathAndQuery, request.Body, request.ContentType));
        Assert.Equal(QuarantineCause.None, Create().DecodeCancelAll(Traded, 200, """{"canceled":[{"id":1}],"success":true}"""u8, new ExecutionBatch()));
        Assert.Equal(QuarantineCause.VenueError, Create().DecodeCancelAll(Traded, 403, """{"status":"error","reason":"No permission found","code":"API0003"}"""u8, new ExecutionBatch()));
    }

    [Fact, Trait("requirement", "R144")]
    public void Signatures_are_those_of_the_vectors()
    {
        Assert.Equal("98ca6d3238d864fe8356218f8cacd07441c4da5feed493aa7f75f5d11bdb87d0",
            Sign(new BitstampSigner(Keys), "/api/v2/buy/btcusd/", "application/x-www-form-urlencoded", "amount=0.5&price=10000&client_order_id=c1"));
        Assert.Equal("8f3fefb1c2af8e3dd40457b69482f20102f44f89d6c33cf6ae328669c60a123b", Sign(new BitstampSigner(Keys), "/api/v2/account_balances/", "", ""));
        // vectors.json, of another host.
        var test = new BitstampSigner(new Credentials { ApiKey = "XXX", Secret = "XXX" }, "test.test-api.com");
        Assert.Equal("6DCA01A0817446CBC44CD792EF743262A7342A15C2DF805BC89D30DBE099EEFA",
            Sign(test, "/api/v2/buy/ethusd/", "application/x-www-form-urlencoded", "side=0", "123", "1499827318559").ToUpperInvariant());
    }

    [Fact, Trait("requirement", "R144")]
    public void A_nonce_is_a_uuid_and_never_the_same_again()
    {
        var signer = new BitstampSigner(Keys);
        var nonces = Enumerable.Range(0, 100).Select(_ => Header(signer.Post("/api/v2/x/", "", UnixNs), "X-Auth-Nonce")).ToArray();
        Assert.Equal(100, nonces.Distinct().Count());
        Assert.Equal(nonces.Order(StringComparer.Ordinal), nonces);
        Assert.All(nonces, nonce => Assert.True(Guid.TryParseExact(nonce, "D", out _) && nonce[14] == '4' && nonce[19] == '8'));
        // A process that starts later goes on above.
        Assert.True(string.CompareOrdinal(nonces[^1], Header(new BitstampSigner(Keys).Post("/api/v2/x/", "", UnixNs + 1_000_000), "X-Auth-Nonce")) < 0);
    }

    [Fact, Trait("requirement", "R144")]
    public void Signing_into_a_buffer_allocates_nothing()
    {
        var signer = new BitstampSigner(Keys);
        var destination = new byte[BitstampSigner.SignatureBytes];
        AssertAllocatesNothing(() => signer.Sign("POST"u8, "/api/v2/x/"u8, default, "123"u8, "1"u8, default, destination));
    }

    [Fact]
    public void The_token_opens_two_channels_for_each_market_and_all_have_to_be_confirmed()
    {
        var context = Context("btcusd", "USD", Keys);
        context.Instruments.Add(context.Instruments[new InstrumentId(1)] with { VenueSymbol = "ethusd", Symbol = "ETH-USD" });
        context.Instruments.Add(context.Instruments[new InstrumentId(1)] with { VenueSymbol = "btcusd-perp", Symbol = "BTC-USD-PERP" });
        var orders = new BitstampOrders(context);
        Assert.Equal("/api/v2/websockets_token/", orders.TokenRequest(UnixNs)!.PathAndQuery);
        Assert.False(orders.AcceptToken("""{"status":"error","reason":"Invalid signature","code":"API0005"}"""u8));
        Assert.False(orders.AcceptToken("""{"token":"a\"b","user_id":1,"valid_sec":60}"""u8));
        Assert.True(orders.AcceptToken("""{"token":"abc","user_id":1234567,"valid_sec":60}"""u8));
        var writer = new FrameWriter();
        orders.Reset();
        orders.WriteLogin(writer, UnixNs);
        Assert.Equal(4, writer.FrameCount);
        Assert.Equal("""{"event":"bts:subscribe","data":{"channel":"private-my_orders_btcusd-1234567","auth":"abc"}}""", Encoding.UTF8.GetString(writer.Frame(0)));
        Assert.Equal("""{"event":"bts:subscribe","data":{"channel":"private-my_trades_ethusd-1234567","auth":"abc"}}""", Encoding.UTF8.GetString(writer.Frame(3)));
        string[] channels = ["orders_btcusd", "trades_btcusd", "orders_ethusd", "orders_ethusd", "trades_ethusd"];
        var signals = channels.Select(c => Signal(orders, $$$"""{"event":"bts:subscription_succeeded","channel":"private-my_{{{c}}}-1234567","data":{}}""")).ToArray();
        Assert.Equal([OrderSignal.None, OrderSignal.None, OrderSignal.None, OrderSignal.None, OrderSignal.SessionReady], signals);
        Assert.Equal(QuarantineCause.VenueError, Decode(orders, """{"event":"bts:error","channel":"","data":{"code":null,"message":"x"}}""", new ExecutionBatch()));
        orders.Reset();
        Assert.Equal(OrderSignal.LoginRefused, Signal(orders, """{"event":"bts:error","channel":"","data":{"code":4009,"message":"Connection is unauthorized."}}"""));
        Assert.Equal(OrderSignal.ReconnectRequested, Signal(orders, """{"event":"bts:request_reconnect","channel":"","data":""}"""));
        Assert.Equal(OrderSignal.Pong, Signal(orders, """{"event":"bts:heartbeat","channel":"","data":{"status":"success"}}"""));
        Assert.Equal(QuarantineCause.UnknownChannel, Decode(orders, """{"event":"bts:novelty","channel":"","data":{}}""", new ExecutionBatch()));
    }

    [Fact, Trait("requirement", "R93")]
    public void The_orders_channel_tells_acceptance_progress_and_end_apart()
    {
        var created = Report(Create(), Push("order_created", "0", "0.05000000"));
        Assert.Equal((ExecutionKind.Accepted, OrderState.Working, Id, "1762863651524616", Side.Sell), (created.Kind, created.State, created.ClientOrderId, created.VenueOrderId.ToString(), created.Side));
        Assert.Equal(1719221607521001000, created.ExchangeTime.UnixNs);
        var changed = Report(Create(), Push("order_changed", "0.03", "0.02000000"));
        Assert.Equal((ExecutionKind.OrderStatus, OrderState.PartiallyFilled, Quantity.From(0.03m)), (changed.Kind, changed.State, changed.CumulativeQuantity));
        var filled = Report(Create(), Push("order_deleted", "0.05", "0.00000000"));
        Assert.Equal((ExecutionKind.Filled, OrderState.Filled, Quantity.From(0.05m)), (filled.Kind, filled.State, filled.CumulativeQuantity));
        var cancelled = Report(Create(), Push("order_deleted", "0.03", "0.02000000"));
        Assert.Equal((ExecutionKind.Cancelled, OrderState.Cancelled, Quantity.From(0.03m)), (cancelled.Kind, cancelled.State, cancelled.CumulativeQuantity));
        Assert.Equal(ExecutionKind.Cancelled, Report(Create(), Push("order_deleted", "0", "0.05000000")).Kind);
        Assert.Equal(ExecutionKind.Cancelled, Report(Create(), Push("order_deleted", "0", "0", "0")).Kind);
        Assert.Equal(QuarantineCause.UnknownChannel, Decode(Create(), Push("order_novel", "0", "1"), new ExecutionBatch()));
        Assert.Equal(QuarantineCause.NumberOutOfRange, Decode(Create(), Push("order_created", "-1", "1"), new ExecutionBatch()));
        Assert.Equal(QuarantineCause.Malformed, Decode(Create(), Push("order_created", "", "1"), new ExecutionBatch()));
        Assert.Equal(QuarantineCause.Malformed, Decode(Create(), Push("order_created", "0", "1").Replace("\"order_type\":1", "\"order_type\":2", StringComparison.Ordinal), new ExecutionBatch()));
    }

    [Fact, Trait("requirement", "R93")]
    public void A_trade_is_a_fill_whose_fee_is_rounded_against_us()
    {
        var fill = Report(Create(), Trade());
        Assert.Equal((ExecutionKind.Fill, Side.Buy, Id, "1762863651524616"), (fill.Kind, fill.Side, fill.ClientOrderId, fill.VenueOrderId.ToString()));
        Assert.Equal((Price.From(103698.9m), Quantity.From(0.03m), 17L, 15_000_001L, "USD"), (fill.LastPrice, fill.LastQuantity, fill.TradeId, fill.FeeRaw, fill.FeeAsset.ToString()));
        Assert.True(Report(Create(), Trade(client: "HBOT-1")).ClientOrderId.IsNone);
        var huge = Report(Create(), Trade("12345678901234567890123456")).TradeId;
        Assert.Equal(huge, Report(Create(), Trade("12345678901234567890123456")).TradeId);
        Assert.True(huge > 0);
        Assert.Equal(QuarantineCause.UnknownChannel, Decode(Create(), Trade().Replace("\"event\":\"trade\"", "\"event\":\"x\"", StringComparison.Ordinal), new ExecutionBatch()));
    }

    [Fact]
    public void The_market_is_what_stands_before_the_users_number()
    {
        var perpetual = new BitstampOrders(Context("btcusd-perp", "USD", Keys));
        Assert.Equal(new InstrumentId(1), Report(perpetual, Push("order_created", "0", "1", market: "btcusd-perp")).Instrument);
        Assert.Equal(OrderSignal.None, Signal(Create(), Push("order_created", "0", "1", market: "btcusd-perp", id: "web")));
        var orders = Create();
        Assert.Equal(OrderSignal.None, Signal(orders, Trade(market: "ethusd", client: "web")));
        Assert.Equal(1, orders.Statistics.ReportsForeign);
        Assert.Equal(QuarantineCause.UnknownInstrument, Decode(orders, Trade(market: "ethusd"), new ExecutionBatch()));
        Assert.Equal(QuarantineCause.UnknownChannel, Decode(orders, Trade().Replace("-1234567", "", StringComparison.Ordinal).Replace("private-my", "private", StringComparison.Ordinal), new ExecutionBatch()));
    }

    [Fact, Trait("requirement", "R85")]
    public void An_answered_order_is_acknowledged_and_an_answered_cancel_says_nothing_yet()
    {
        var batch = new ExecutionBatch();
        var body = $$"""{"id":"1453282316578816","market":"BTC/USD","datetime":"2022-01-31 14:43:15.796000","type":"0","price":"10000","amount":"100","client_order_id":"{{Id}}"}""";
        Assert.Equal(QuarantineCause.None, Create().DecodePlace(Order("limit"), 200, Encoding.UTF8.GetBytes(body), batch));
        var ack = Assert.Single(batch.Reports.ToArray());
        Assert.Equal((ExecutionKind.Acked, OrderState.Acked, Id, "1453282316578816"), (ack.Kind, ack.State, ack.ClientOrderId, ack.VenueOrderId.ToString()));
        Assert.Equal(1643640195796000000, ack.ExchangeTime.UnixNs);
        batch.Reset();
        Assert.Equal(QuarantineCause.None, Create().DecodeCancel(Cancel(), 200, """{"id":1453282316578816,"amount":"0.02035278","price":"2100.45","type":0,"market":"BTC/USD"}"""u8, batch));
        Assert.True(batch.Reports.IsEmpty);
        foreach (var bad in (string[])["{}", "[]", "", """{"id":""}""", """{"id":1,"client_order_id":"p0000000000009"}""", """{"id":"a b"}"""])
            Assert.NotEqual(QuarantineCause.None, Create().DecodePlace(Order("limit"), 200, Encoding.UTF8.GetBytes(bad), batch));
        Assert.True(batch.Reports.IsEmpty);
    }

    [Fact]
    public void A_replaced_order_goes_on_under_a_new_id()
    {
        var orders = Create();
        var batch = new ExecutionBatch();
        var amend = new AmendRequest
        {
            ClientOrderId = Id, Instrument = new InstrumentId(1), VenueOrderId = Text40.From("1762863651524616"), Side = Side.Sell, Price = Price.From(101.5m),
            Quantity = Quantity.From(0.05m), FilledQuantity = Quantity.From(0.02m),
        };
        Assert.Equal(RejectReason.None, orders.FormAmend(amend, UnixNs, out var request));
        Assert.Equal(("/api/v2/replace_order/", $"id=1762863651524616&amount=0.03&price=101.5&client_order_id={Id}"), (request!.PathAndQuery, request.Body));
        orders.FormAmend(amend with { VenueOrderId = default }, UnixNs, out request);
        Assert.StartsWith($"orig_client_order_id={Id}&", request!.Body, StringComparison.Ordinal);
        Assert.Equal(RejectReason.QuantityOutOfRange, orders.FormAmend(amend with { Quantity = amend.FilledQuantity }, UnixNs, out _));

        Assert.Equal(QuarantineCause.None, orders.DecodeAmend(amend, 200, """{"id":"1762863651524999","type":"1","price":"101.5","amount":"0.03"}"""u8, batch));
        var amended = Assert.Single(batch.Reports.ToArray());
        Assert.Equal((ExecutionKind.Amended, "1762863651524999", Price.From(101.5m), Quantity.From(0.05m)), (amended.Kind, amended.VenueOrderId.ToString(), amended.LastPrice, amended.LastQuantity));
        // The end of the old one is not the end of ours, whichever message comes first.
        Assert.Equal(OrderSignal.None, Signal(orders, Push("order_deleted", "0.02", "0.03000000")));
        Assert.Equal(OrderSignal.None, Signal(Create(), Push("order_replaced", "0.02", "0.03000000")));
        batch.Reset();
        Assert.Equal(QuarantineCause.None, orders.DecodeAmend(amend, 404, """{"status":"error","reason":"Order not found.","response_code":"404.002"}"""u8, batch));
        Assert.Equal((ExecutionKind.AmendRejected, RejectReason.OrderNotFound), (batch.Reports[0].Kind, batch.Reports[0].Reason));
    }

    [Theory, Trait("requirement", "R86"), Trait("requirement", "R90")]
    [InlineData("""{"status":"error","reason":"Invalid signature","code":"API0005"}""", RejectReason.Authentication, 5)]
    [InlineData("""{"status":"error","reason":"Invalid timestamp","code":"API0017"}""", RejectReason.ClockSkew, 17)]
    [InlineData("""{"status":"error","reason":{"__all__":["You need 158338.86 USD to open that order. You have only 99991.52 USD available."]},"response_code":"400.009"}""", RejectReason.InsufficientFunds, 400009)]
    [InlineData("""{"status":"error","reason":{"__all__":["You need 158338.86 USD to open that order. You have only 99991.52 USD available."]}}""", RejectReason.InsufficientFunds, 0)]
    [InlineData("""{"status":"error","reason":{"price":["Ensure that there are no more than 2 decimal places."]},"response_code":"400.021"}""", RejectReason.PriceOutOfRange, 400021)]
    [InlineData("""{"status":"error","reason":"Order with this client order ID already exists.","code":"400.019"}""", RejectReason.DuplicateClientOrderId, 400019)]
    [InlineData("""{"status":"error","reason":"Minimum order size is 10.00 USD.","code":"400.046"}""", RejectReason.QuantityOutOfRange, 400046)]
    [InlineData("""{"status":"error","reason":"Too many requests","code":"400.002"}""", RejectReason.RateLimited, 400002)]
    [InlineData("""{"status":"error","reason":"Internal error","code":"500.001"}""", RejectReason.UnknownOutcome, 500001)]
    [InlineData("""{"error":"Order not found"}""", RejectReason.OrderNotFound, 0)]
    [InlineData("""{"status":"error","reason":"novelty","code":"999.999"}""", RejectReason.Rejected, 999999)]
    public void An_error_is_understood_in_every_form_it_comes_in(string body, RejectReason reason, int code)
    {
        var batch = new ExecutionBatch();
        Assert.Equal(QuarantineCause.None, Create().DecodePlace(Order("limit"), 400, Encoding.UTF8.GetBytes(body), batch));
        Assert.Equal(QuarantineCause.None, Create().DecodeCancel(Cancel(), 200, Encoding.UTF8.GetBytes(body), batch));
        var isUnknown = reason == RejectReason.UnknownOutcome;
        Assert.Equal([isUnknown ? ExecutionKind.OutcomeUnknown : ExecutionKind.Rejected, isUnknown ? ExecutionKind.OutcomeUnknown : ExecutionKind.CancelRejected], batch.Reports.ToArray().Select(r => r.Kind));
        Assert.All(batch.Reports.ToArray(), r => Assert.Equal((reason, code, Id), (r.Reason, r.RawCode, r.ClientOrderId)));
    }

    [Fact, Trait("requirement", "R90")]
    public void A_status_adds_up_its_transactions()
    {
        string Body(string status, string transactions, string type = "\"0\"") =>
            $$"""{"id":1453282316578816,"datetime":"2022-01-31 14:43:15","type":{{type}},"status":"{{status}}","market":"BTC/USD","transactions":[{{transactions}}],"amount_remaining":"0.5","client_order_id":"{{Id}}"}""";
        const string Two = """{"tid":1,"price":"10","usd":"1","btc":"0.10000000","fee":"0","datetime":"2022-01-31 14:43:15","type":2},{"tid":2,"price":"10","usd":"1","btc":"0.05","fee":"0","type":2}""";
        foreach (var (status, rows, state, traded) in new[]
        {
            ("Open", "", OrderState.Working, 0m), ("Open", Two, OrderState.PartiallyFilled, 0.15m), ("Cancel pending", "", OrderState.Working, 0m),
            ("Finished", Two, OrderState.Filled, 0.15m), ("Canceled", Two, OrderState.Cancelled, 0.15m), ("Expired", "", OrderState.Expired, 0m),
        })
        {
            var batch = new ExecutionBatch();
            Assert.Equal(QuarantineCause.None, Create().Queries.DecodeQuery(Id, Traded, 200, Encoding.UTF8.GetBytes(Body(status, rows)), batch));
            var report = Assert.Single(batch.Reports.ToArray());
            Assert.Equal((ExecutionKind.OrderStatus, state, Quantity.From(traded), Id, Side.Buy), (report.Kind, report.State, report.CumulativeQuantity, report.ClientOrderId, report.Side));
        }

        var other = new ExecutionBatch();
        Assert.Equal(
            QuarantineCause.Malformed,
            Create().Queries.DecodeQuery(Id, Traded, 200, Encoding.UTF8.GetBytes(Body("Open", """{"tid":1,"eth":"1"}""")), other));
        Assert.Equal(QuarantineCause.Malformed, Create().Queries.DecodeQuery(Id, Traded, 200, Encoding.UTF8.GetBytes(Body("Novel", "")), other));
        Assert.Equal(
            QuarantineCause.Malformed,
            Create().Queries.DecodeQuery(ClientOrderId.Of(1, 8), Traded, 200, Encoding.UTF8.GetBytes(Body("Open", "")), other));
        Assert.Equal(
            QuarantineCause.None,
            Create().Queries.DecodeQuery(Id, Traded, 404, """{"status":"error","reason":"Order not found.","response_code":"404.002"}"""u8, other));
        Assert.Equal((ExecutionKind.OrderNotFound, 404002), (other.Reports[0].Kind, other.Reports[0].RawCode));
        Assert.Equal(
            QuarantineCause.VenueError,
            Create().Queries.DecodeQuery(Id, Traded, 403, """{"status":"error","reason":"Invalid signature","code":"API0005"}"""u8, other));
        Assert.Equal(1, other.Reports.Length);
    }

    [Fact, Trait("requirement", "R90")]
    public void Open_orders_and_transactions_are_read_row_by_row_or_not_at_all()
    {
        var batch = new ExecutionBatch();
        var open = $$"""[{"id":"7","datetime":"2022-01-31 14:43:15","type":"1","price":"10","amount":"0.02000000","amount_at_create":"0.05000000","market":"BTC/USD","client_order_id":"{{Id}}"},{"id":8,"type":0,"price":"10","amount":"1"}]""";
        Assert.Equal(QuarantineCause.None, Create().Queries.DecodeOpenOrders(Traded, 200, Encoding.UTF8.GetBytes(open), batch));
        Assert.Equal([(Id, OrderState.PartiallyFilled, Side.Sell, 0.03m), (ClientOrderId.None, OrderState.Working, Side.Buy, 0m)],
            batch.Reports.ToArray().Select(r => (r.ClientOrderId, r.State, r.Side, r.CumulativeQuantity.ToDecimal())));
        batch.Reset();
        const string Rows = """[{"id":1,"type":"0","usd":"100"},{"id":209,"datetime":"2022-01-31 14:43:15.796000","type":"2","btc":"-0.50000000","usd":"19600.00","btc_usd":39200.00,"fee":"0.19600","order_id":1453282316578816},{"id":210,"type":2,"btc":0.25,"usd":-1,"btc_usd":"39000","fee":"0","order_id":"9"}]""";
        Assert.Equal(QuarantineCause.None, Create().Queries.DecodeFills(Traded, 200, Encoding.UTF8.GetBytes(Rows), batch));
        Assert.Equal([(209L, Side.Sell, 39200m, 0.5m, 19_600_000L, "1453282316578816"), (210L, Side.Buy, 39000m, 0.25m, 0L, "9")],
            batch.Reports.ToArray().Select(r => (r.TradeId, r.Side, r.LastPrice.ToDecimal(), r.LastQuantity.ToDecimal(), r.FeeRaw, r.VenueOrderId.ToString())));
        Assert.Equal(("USD", 1643640195796000000), (batch.Reports[0].FeeAsset.ToString(), batch.Reports[0].ExchangeTime.UnixNs));
        foreach (var (from, to) in new[] { ("\"-0.50000000\"", "\"0\""), ("39200.00", "0"), ("btc_usd\":\"", "btc_eur\":\""), ("\"2022-01-31 14:43:15.796000\"", "\"soon\""), ("\"order_id\":\"9\"", "\"order_id\":\"\""), ("\"id\":210", "\"id\":null") })
        {
            batch.Reset();
            Assert.Contains(from, Rows, StringComparison.Ordinal);
            Assert.NotEqual(
                QuarantineCause.None,
                Create().Queries.DecodeFills(Traded, 200, Encoding.UTF8.GetBytes(Rows.Replace(from, to, StringComparison.Ordinal)), batch));
            Assert.True(batch.Reports.IsEmpty);
        }
    }

    [Fact]
    public void Balances_are_named_in_our_letters()
    {
        var batch = new ExecutionBatch();
        const string Body = """[{"currency":"usd","total":"100.50","available":"90.50","reserved":"10.00"},{"currency":"btc","total":"1","available":"0.123456789","reserved":"0"},{"currency":"a-very-long-currency","available":"1","reserved":"0"}]""";
        var orders = Create();
        Assert.Equal(QuarantineCause.None, orders.Queries.DecodeBalances(200, Encoding.UTF8.GetBytes(Body), batch));
        Assert.Equal([("USD", 9_050_000_000L, 1_000_000_000L), ("BTC", 12_345_678L, 0L)], batch.Balances.ToArray().Select(b => (b.Asset.ToString(), b.FreeRaw, b.LockedRaw)));
        Assert.Equal(1, orders.Statistics.BalancesSkipped);
        Assert.Equal(
            QuarantineCause.VenueError,
            orders.Queries.DecodeBalances(403, """{"status":"error","reason":"No permission found","code":"API0003"}"""u8, batch));
        Assert.Equal(QuarantineCause.Malformed, orders.Queries.DecodeBalances(200, "[]"u8, batch));
    }

    [Fact]
    public void Questions_are_asked_with_the_venues_words()
    {
        var orders = Create().Queries;
        Assert.Equal(("/api/v2/order_status/", $"client_order_id={Id}"), Of(orders.QueryOrder(Id, default, Traded, UnixNs)));
        Assert.Equal(("/api/v2/order_status/", "id=77"), Of(orders.QueryOrder(ClientOrderId.None, Text40.From("77"), Traded, UnixNs)));
        Assert.Equal(("/api/v2/open_orders/btcusd/", null), Of(orders.OpenOrders(Traded, UnixNs)));
        Assert.Equal(("/api/v2/user_transactions/btcusd/", "limit=1000&sort=desc&since_timestamp=1643640195"), Of(orders.Fills(Traded, new ExchangeTime(1643640195796000000), UnixNs)));
        Assert.Equal(("/api/v2/user_transactions/btcusd/", "limit=1000&sort=desc"), Of(orders.Fills(Traded, default, UnixNs)));
        Assert.Equal(("/api/v2/account_balances/", null), Of(orders.Balances(UnixNs)));
    }

    private static (string, string?) Of(RestRequest request)
    {
        Assert.Equal(request.Body is not null, request.ContentType is not null);
        return (request.PathAndQuery, request.Body);
    }

    private static string Sign(BitstampSigner signer, string path, string type, string body, string nonce = "f93c979d-b00d-43a9-9b9c-fd4cd9547fa6", string ms = "1567755304968")
    {
        var signature = new byte[BitstampSigner.SignatureBytes];
        signer.Sign("POST"u8, B(path), B(type), B(nonce), B(ms), B(body), signature);
        return Encoding.ASCII.GetString(signature);
    }

    private static byte[] B(string text) => Encoding.UTF8.GetBytes(text);

    private static string Header(RestRequest request, string name) => request.Headers.Single(h => h.Key == name).Value;
}
