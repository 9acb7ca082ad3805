using System.Buffers.Text;
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
using Penstock.Venues.Coinbase;
using static Penstock.Tests.Venues.OrdersTestKit;

namespace Penstock.Tests.Venues.Coinbase;

public class CoinbaseOrdersTests
{
    private const string VenueId = "e4a2a2c5-1f5c-4d5b-9d6c-5d0f8f3a7b11";

    private static readonly ECDsa Key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private static readonly Credentials Keys = new() { ApiKey = "organizations/o\"1/apiKeys/k1", Secret = Key.ExportECPrivateKeyPem() };

    private static CoinbaseOrders Create() => new(Context("BTC-USD", "USD", Keys));

    private static Instrument Bitcoin => Context("BTC-USD", "USD", Keys).Instruments[new InstrumentId(1)];

    private static string Push(string status, string filled = "0", int sequence = 7, string extra = "", string product = "BTC-USD", string? id = null) =>
        $$"""{"channel":"user","client_id":"","timestamp":"2023-02-09T20:33:57.609931463Z","sequence_num":{{sequence}},"events":[{"type":"update","orders":[{{Row(status, filled, extra, product, id)}}]}]}""";

    private static string Row(string status, string filled = "0", string extra = "", string product = "BTC-USD", string? id = null) =>
        $$"""{"avg_price":"","client_order_id":"{{id ?? Id.ToString()}}","cumulative_quantity":"{{filled}}",{{extra}}"order_id":"{{VenueId}}","order_side":"BUY","product_id":"{{product}}","status":"{{status}}","total_fees":"2"}""";

    private static string RestRow(string status, string filled, ClientOrderId id, string venueId = VenueId) =>
        $$"""{"order_id":"{{venueId}}","product_id":"BTC-USD","side":"SELL","client_order_id":"{{id}}","status":"{{status}}","filled_size":"{{filled}}","reject_reason":"REJECT_REASON_UNSPECIFIED","fee":""}""";

    private static ExecutionBatch Answered(Func<CoinbaseOrders, ExecutionBatch, QuarantineCause> decode)
    {
        var batch = new ExecutionBatch();
        Assert.Equal(QuarantineCause.None, decode(Create(), batch));
        return batch;
    }

    [Theory, Trait("requirement", "R79")]
    [InlineData("limit", """{"limit_limit_gtc":{"base_size":"0.00847","limit_price":"23416.1","post_only":false}}""")]
    [InlineData("post", """{"limit_limit_gtc":{"base_size":"0.00847","limit_price":"23416.1","post_only":true}}""")]
    [InlineData("ioc", """{"sor_limit_ioc":{"base_size":"0.00847","limit_price":"23416.1"}}""")]
    [InlineData("fok", """{"limit_limit_fok":{"base_size":"0.00847","limit_price":"23416.1"}}""")]
    [InlineData("market", """{"market_market_ioc":{"base_size":"0.00847"}}""")]
    public void Every_variety_of_order_is_a_call_with_its_own_configuration(string variety, string configuration)
    {
        Assert.Equal(RejectReason.None, Create().FormPlace(Order(variety, Side.Sell), UnixNs, out var request));
        Assert.Equal(("POST", "/api/v3/brokerage/orders", "application/json"), (request!.Method.ToString(), request.PathAndQuery, request.ContentType));
        Assert.Equal($$"""{"client_order_id":"{{Id}}","product_id":"BTC-USD","side":"SELL","order_configuration":{{configuration}}}""", request.Body);
        Assert.Equal("POST api.coinbase.com/api/v3/brokerage/orders", ClaimsOf(request).GetProperty("uri").GetString());
        var writer = new FrameWriter();
        Assert.Equal(RejectReason.NotSupported, Create().WritePlace(Order(variety), writer, UnixNs));
        Assert.Equal(RejectReason.NotSupported, Create().WriteCancel(Cancel(), writer, UnixNs));
        Assert.True(writer.FrameCount == 0 && writer.Open.IsEmpty);
    }

    [Fact, Trait("requirement", "R79")]
    public void Cancels_and_edits_need_the_venues_id_which_is_remembered_from_the_ack_or_the_stream()
    {
        var orders = Create();
        Assert.Equal(RejectReason.Transient, orders.FormCancel(Cancel(), UnixNs, out var none));
        Assert.Null(none);
        Assert.Equal(RejectReason.None, orders.FormCancel(Cancel(VenueId), UnixNs, out var request));
        Assert.Equal(("/api/v3/brokerage/orders/batch_cancel", $$"""{"order_ids":["{{VenueId}}"]}"""), (request!.PathAndQuery, request.Body));

        orders.DecodePlace(Order("limit"), 200, Encoding.UTF8.GetBytes(Taken()), new ExecutionBatch());
        Assert.Equal(RejectReason.None, orders.FormCancel(Cancel(), UnixNs, out request));
        Assert.Equal($$"""{"order_ids":["{{VenueId}}"]}""", request!.Body);
        Assert.Equal(RejectReason.None, orders.FormAmend(Amend(), UnixNs, out request));
        Assert.Equal(("/api/v3/brokerage/orders/edit", $$"""{"order_id":"{{VenueId}}","price":"100.5","size":"0.7"}"""), (request!.PathAndQuery, request.Body));
        Assert.Equal(RejectReason.QuantityOutOfRange, orders.FormAmend(Amend() with { FilledQuantity = Quantity.From(0.7m) }, UnixNs, out _));
        Assert.Equal(RejectReason.PriceOutOfRange, orders.FormAmend(Amend() with { Price = Price.Zero }, UnixNs, out _));
        Assert.Equal(RejectReason.InvalidParameter, orders.FormAmend(default, UnixNs, out _));

        orders = Create();
        Report(orders, Push("OPEN"));
        Assert.Equal(RejectReason.None, orders.FormCancel(Cancel(), UnixNs, out _));
    }

    [Fact]
    public void Cancel_all_names_what_lives_and_can_be_formed_again_after_that_has_ended()
    {
        var orders = Create();
        Assert.Equal(RejectReason.OrderNotFound, orders.FormCancelAll(Bitcoin, UnixNs, out _));
        Report(orders, Push("OPEN"));
        Assert.Equal(RejectReason.None, orders.FormCancelAll(Bitcoin, UnixNs, out var request));
        Assert.Equal($$"""{"order_ids":["{{VenueId}}"]}""", request!.Body);
        Report(orders, Push("CANCELLED", sequence: 8));
        Assert.Equal(RejectReason.None, orders.FormCancelAll(Bitcoin, UnixNs, out request));
        Assert.Equal($$"""{"order_ids":["{{VenueId}}"]}""", request!.Body);
        Assert.Equal(QuarantineCause.None, orders.DecodeCancelAll(Bitcoin, 200, "{\"results\":[]}"u8, new ExecutionBatch()));
        Assert.Equal(QuarantineCause.Malformed, orders.DecodeCancelAll(Bitcoin, 200, "{}"u8, new ExecutionBatch()));
        Assert.Equal(QuarantineCause.VenueError, orders.DecodeCancelAll(Bitcoin, 400, "{}"u8, new ExecutionBatch()));
    }

    [Fact, Trait("requirement", "R144")]
    public void Every_subscription_has_a_token_of_its_own_that_names_no_address()
    {
        var orders = Create();
        var writer = new FrameWriter();
        orders.WriteLogin(writer, UnixNs);
        List<string> nonces = [];
        foreach (var (index, channel) in (ReadOnlySpan<(int, string)>)[(0, "heartbeats"), (1, "user")])
        {
            using var frame = JsonDocument.Parse(writer.Frame(index).ToArray());
            Assert.Equal(("subscribe", channel), (frame.RootElement.GetProperty("type").GetString(), frame.RootElement.GetProperty("channel").GetString()));
            var (header, claims) = Verified(frame.RootElement.GetProperty("jwt").GetString()!);
            Assert.Equal((Keys.ApiKey, "cdp", 1_700_000_000L, 1_700_000_120L), (claims.GetProperty("sub").GetString(), claims.GetProperty("iss").GetString(),
                claims.GetProperty("nbf").GetInt64(), claims.GetProperty("exp").GetInt64()));
            Assert.False(claims.TryGetProperty("uri", out _));
            Assert.Equal(("ES256", "JWT", Keys.ApiKey), (header.GetProperty("alg").GetString(), header.GetProperty("typ").GetString(), header.GetProperty("kid").GetString()));
            nonces.Add(header.GetProperty("nonce").GetString()!);
        }

        Assert.Equal(2, writer.FrameCount);
        Assert.Equal(2, nonces.Distinct().Count());
    }

    [Fact, Trait("requirement", "R144")]
    public void A_token_names_the_path_without_its_query_and_keys_pasted_with_escaped_line_ends_work()
    {
        var orders = new CoinbaseOrders(Context("BTC-USD", "USD", new Credentials { ApiKey = Keys.ApiKey, Secret = Keys.Secret.Replace("\n", "\\n", StringComparison.Ordinal) }));
        foreach (var (request, path) in (ReadOnlySpan<(RestRequest, string)>)
            [
                (orders.Queries.QueryOrder(Id, Text40.From(VenueId), Bitcoin, UnixNs), $"/orders/historical/{VenueId}"),
                (orders.Queries.QueryOrder(Id, default, Bitcoin, UnixNs), "/orders/historical/batch?product_ids=BTC-USD&limit=250"),
                (orders.Queries.OpenOrders(Bitcoin, UnixNs), "/orders/historical/batch?product_ids=BTC-USD&order_status=OPEN&limit=250"),
                (orders.Queries.Fills(Bitcoin, ExchangeTime.FromMs(1_700_000_000_123), UnixNs),
                    "/orders/historical/fills?product_ids=BTC-USD&start_sequence_timestamp=2023-11-14T22:13:20.123Z&limit=250"),
                (orders.Queries.Fills(Bitcoin, default, UnixNs), "/orders/historical/fills?product_ids=BTC-USD&limit=250"),
                (orders.Queries.Balances(UnixNs), "/accounts?limit=250"),
            ])
        {
            Assert.Equal("/api/v3/brokerage" + path, request.PathAndQuery);
            Assert.Equal("GET api.coinbase.com/api/v3/brokerage" + path.Split('?')[0], ClaimsOf(request).GetProperty("uri").GetString());
        }
    }

    [Theory, Trait("requirement", "R144")]
    [InlineData("")]
    [InlineData("not a key")]
    [InlineData("-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----")]
    public void A_secret_that_is_no_EC_key_is_refused_without_being_quoted(string secret)
    {
        var e = Assert.Throws<ArgumentException>(() => new CoinbaseOrders(Context("BTC-USD", "USD", new Credentials { ApiKey = "k", Secret = secret })));
        Assert.Contains("P-256", e.Message, StringComparison.Ordinal);
        Assert.Null(e.InnerException);
        if (secret.Length > 0) Assert.DoesNotContain(secret, e.ToString(), StringComparison.Ordinal);
    }

    [Fact, Trait("requirement", "R144")]
    public void A_token_costs_what_the_platforms_own_signature_costs_and_not_a_byte_more()
    {
        var signer = new CoinbaseSigner(Keys);
        var data = new byte[300];
        var signature = new byte[64];
        long Allocated(Action action)
        {
            for (var i = 0; i < 50; i++) action();
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 50; i++) action();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(
            Allocated(() => Key.TrySignData(data, signature, HashAlgorithmName.SHA256, out _)),
            Allocated(() => signer.SignRest("POST", "/api/v3/brokerage/orders", UnixNs)));
    }

    [Fact, Trait("requirement", "R90")]
    public void The_session_is_ready_with_the_confirmation_or_the_snapshot_and_an_error_before_refuses_the_login()
    {
        const string Confirmed = """{"channel":"subscriptions","client_id":"","timestamp":"2023-02-09T20:33:57Z","sequence_num":2,"events":[{"subscriptions":{"user":["u"],"heartbeats":["heartbeats"]}}]}""";
        const string Snapshot = """{"channel":"user","client_id":"","timestamp":"2023-02-09T20:33:57Z","sequence_num":1,"events":[{"type":"snapshot","orders":[]}]}""";
        const string Heartbeat = """{"channel":"subscriptions","client_id":"","timestamp":"2023-02-09T20:33:57Z","sequence_num":0,"events":[{"subscriptions":{"heartbeats":["heartbeats"]}}]}""";
        const string Error = """{"type":"error","message":"authentication failure"}""";
        var orders = Create();
        Assert.Equal(OrderSignal.None, Signal(orders, Heartbeat));
        Assert.Equal(OrderSignal.SessionReady, Signal(orders, Snapshot));
        Assert.Equal(OrderSignal.None, Signal(orders, Confirmed));
        Assert.Equal(QuarantineCause.VenueError, Decode(orders, Error, new ExecutionBatch()));
        orders.Reset();
        Assert.Equal(OrderSignal.LoginRefused, Signal(orders, Error));
        Assert.Equal(OrderSignal.SessionReady, Signal(orders, Confirmed));
        Assert.Equal(QuarantineCause.UnknownChannel, Decode(orders, """{"type":"novelty"}""", new ExecutionBatch()));
    }

    [Fact, Trait("requirement", "R90")]
    public void A_hole_in_the_private_count_asks_for_everything_and_a_repeat_is_passed_over()
    {
        var orders = Create();
        Assert.Equal(OrderSignal.SessionReady, Decoded(orders, Push("OPEN", sequence: 10)).Signal);
        Assert.Equal(0, Decoded(orders, Push("OPEN", sequence: 10)).Reports.Length);
        Assert.Equal(OrderSignal.None, Decoded(orders, Push("OPEN", sequence: 11)).Signal);
        Assert.Equal(OrderSignal.PrivateStreamGap, Decoded(orders, Push("OPEN", sequence: 13)).Signal);
        Assert.Equal(0, Decoded(orders, Push("OPEN", sequence: 12)).Reports.Length);
        Assert.Equal(1, orders.Statistics.SequenceGaps);
        // A frame that cannot be read is not counted: the next one shows the hole. A channel that is not ours leaves none.
        Assert.Equal(QuarantineCause.Malformed, Decode(orders, Push("NOVEL", sequence: 14), new ExecutionBatch()));
        Assert.Equal(OrderSignal.PrivateStreamGap, Decoded(orders, Push("OPEN", sequence: 15)).Signal);
        Assert.Equal(QuarantineCause.UnknownChannel, Decode(orders, Push("OPEN", sequence: 16).Replace("\"user\"", "\"novel\"", StringComparison.Ordinal), new ExecutionBatch()));
        Assert.Equal(OrderSignal.None, Decoded(orders, Push("OPEN", sequence: 17)).Signal);
        orders.Reset();
        Assert.Equal(OrderSignal.SessionReady, Decoded(orders, Push("OPEN", sequence: 0)).Signal);
    }

    [Theory, Trait("requirement", "R93")]
    [InlineData("PENDING", "0", ExecutionKind.Acked, OrderState.Acked)]
    [InlineData("QUEUED", "0", ExecutionKind.Acked, OrderState.Acked)]
    [InlineData("OPEN", "0", ExecutionKind.Accepted, OrderState.Working)]
    [InlineData("OPEN", "0.1", ExecutionKind.OrderStatus, OrderState.PartiallyFilled)]
    [InlineData("CANCEL_QUEUED", "0", ExecutionKind.OrderStatus, OrderState.Working)]
    [InlineData("EDIT_QUEUED", "0.1", ExecutionKind.OrderStatus, OrderState.PartiallyFilled)]
    [InlineData("FILLED", "0.5", ExecutionKind.Filled, OrderState.Filled)]
    [InlineData("CANCELLED", "0.1", ExecutionKind.Cancelled, OrderState.Cancelled)]
    [InlineData("EXPIRED", "0", ExecutionKind.Expired, OrderState.Expired)]
    [InlineData("FAILED", "0", ExecutionKind.Rejected, OrderState.Rejected)]
    public void Every_status_of_the_stream_has_its_meaning(string status, string filled, ExecutionKind kind, OrderState state)
    {
        var report = Report(Create(), Push(status, filled));
        Assert.Equal((kind, state, Id, VenueId, Side.Buy), (report.Kind, report.State, report.ClientOrderId, report.VenueOrderId.ToString(), report.Side));
        Assert.Equal((1_675_974_837_609_931_463, filled), (report.ExchangeTime.UnixNs, report.CumulativeQuantity.ToString()));
    }

    [Fact, Trait("requirement", "R93")]
    public void A_total_that_grew_asks_for_the_fills_once()
    {
        var orders = Create();
        int Wanted(string frame) => Decoded(orders, frame).FillsWanted.Length;
        Assert.Equal(0, Wanted(Push("OPEN", sequence: 1)));
        Assert.Equal(1, Wanted(Push("OPEN", "0.1", 2)));
        Assert.Equal(0, Wanted(Push("OPEN", "0.1", 3)));
        Assert.Equal(1, Wanted(Push("CANCELLED", "0.2", 4)));
        Assert.Equal(0, Wanted(Push("CANCELLED", "0.2", 5)));
        Assert.Equal(1, Wanted(Push("FILLED", "0.2", 6, id: "web")));
    }

    [Fact, Trait("requirement", "R85")]
    public void An_ack_that_comes_after_the_end_does_not_bring_the_order_back()
    {
        var orders = Create();
        Report(orders, Push("FILLED", "0.00847"));
        Assert.Equal(QuarantineCause.None, orders.DecodePlace(Order("ioc"), 200, Encoding.UTF8.GetBytes(Taken()), new ExecutionBatch()));
        Assert.Equal(RejectReason.OrderNotFound, orders.FormCancelAll(Bitcoin, UnixNs, out _));
    }

    [Fact, Trait("requirement", "R85")]
    public void HTTP_200_is_an_ack_only_with_success_and_never_an_acceptance()
    {
        var report = Assert.Single(Answered((o, b) => o.DecodePlace(Order("limit"), 200, Encoding.UTF8.GetBytes(Taken()), b)).Reports.ToArray());
        Assert.Equal((ExecutionKind.Acked, OrderState.Acked, Id, VenueId), (report.Kind, report.State, report.ClientOrderId, report.VenueOrderId.ToString()));
        var batch = new ExecutionBatch();
        foreach (var wrong in (string[])
            ["{}", "{\"success\":true}", "{\"success\":\"true\"}", Taken().Replace(VenueId, "a\\\"b", StringComparison.Ordinal), Taken().Replace(Id.ToString(), ClientOrderId.Of(1, 8).ToString(), StringComparison.Ordinal), Taken()[..^1], Taken() + "x"])
            Assert.NotEqual(QuarantineCause.None, Create().DecodePlace(Order("limit"), 200, Encoding.UTF8.GetBytes(wrong), batch));
        Assert.True(batch.Reports.IsEmpty);
        Assert.True(Answered((o, b) => o.DecodeCancel(Cancel(VenueId), 200, "{\"results\":[{\"success\":true,\"failure_reason\":\"UNKNOWN_CANCEL_FAILURE_REASON\",\"order_id\":\"x\"}]}"u8, b)).Reports.IsEmpty);
        Assert.Equal(QuarantineCause.Malformed, Create().DecodeCancel(Cancel(VenueId), 200, "{\"results\":[]}"u8, batch));
        var amended = Assert.Single(Answered((o, b) => o.DecodeAmend(Amend(), 200, "{\"success\":true,\"errors\":[]}"u8, b)).Reports.ToArray());
        Assert.Equal((ExecutionKind.Amended, Id, Price.From(100.5m), Quantity.From(0.7m)), (amended.Kind, amended.ClientOrderId, amended.LastPrice, amended.LastQuantity));
    }

    [Theory, Trait("requirement", "R86"), Trait("requirement", "R90")]
    [InlineData(200, """{"success":false,"error_response":{"error":"INSUFFICIENT_FUND","message":"m","preview_failure_reason":"PREVIEW_INSUFFICIENT_FUND","new_order_failure_reason":"UNKNOWN_FAILURE_REASON"}}""", RejectReason.InsufficientFunds, 0)]
    [InlineData(200, """{"success":false,"error_response":{"error":"UNKNOWN_FAILURE_REASON","preview_failure_reason":"PREVIEW_INVALID_SIZE_PRECISION"}}""", RejectReason.QuantityOutOfRange, 0)]
    [InlineData(200, """{"success":false,"error_response":{"error":"UNKNOWN_FAILURE_REASON","preview_failure_reason":"UNKNOWN_PREVIEW_FAILURE_REASON","new_order_failure_reason":"INVALID_LIMIT_PRICE_POST_ONLY"}}""", RejectReason.WouldTakeLiquidity, 0)]
    [InlineData(200, """{"success":false,"error_response":{"error":"SOMETHING_NEW"}}""", RejectReason.Rejected, 0)]
    [InlineData(200, """{"success":false}""", RejectReason.Rejected, 0)]
    [InlineData(400, """{"error":"INVALID_ARGUMENT","message":"m"}""", RejectReason.InvalidParameter, 400)]
    [InlineData(400, "<html>", RejectReason.InvalidParameter, 400)]
    [InlineData(401, "Unauthorized", RejectReason.Authentication, 401)]
    [InlineData(403, """{"error":"PERMISSION_DENIED"}""", RejectReason.Authentication, 403)]
    [InlineData(408, "", RejectReason.UnknownOutcome, 408)]
    [InlineData(503, "", RejectReason.UnknownOutcome, 503)]
    public void Refusals_have_a_reason_and_what_the_venue_does_not_know_is_no_refusal(int status, string body, RejectReason reason, int rawCode)
    {
        var report = Assert.Single(Answered((o, b) => o.DecodePlace(Order("limit"), status, Encoding.UTF8.GetBytes(body), b)).Reports.ToArray());
        var kind = reason == RejectReason.UnknownOutcome ? ExecutionKind.OutcomeUnknown : ExecutionKind.Rejected;
        Assert.Equal((kind, reason, rawCode, Id), (report.Kind, report.Reason, report.RawCode, report.ClientOrderId));
    }

    [Fact, Trait("requirement", "R86")]
    public void Cancels_and_edits_are_refused_in_words_of_their_own()
    {
        RejectReason Cancelled(string word) => Answered((o, b) =>
            o.DecodeCancel(Cancel(VenueId) with { ClientOrderId = Id }, 200, Encoding.UTF8.GetBytes($$"""{"results":[{"success":false,"failure_reason":"{{word}}","order_id":"x"}]}"""), b)).Reports[0].Reason;
        Assert.Equal(RejectReason.OrderNotFound, Cancelled("UNKNOWN_CANCEL_ORDER"));
        Assert.Equal(RejectReason.OrderNotFound, Cancelled("ORDER_IS_FULLY_FILLED"));
        Assert.Equal(RejectReason.Transient, Cancelled("DUPLICATE_CANCEL_REQUEST"));
        Assert.Equal(RejectReason.Rejected, Cancelled("COMMANDER_REJECTED_CANCEL_ORDER"));
        foreach (var errors in (string[])["""{"edit_failure_reason":"CANNOT_EDIT_TO_BELOW_FILLED_SIZE"}""", """[{"edit_failure_reason":"UNKNOWN","preview_failure_reason":"PREVIEW_INVALID_BASE_SIZE_TOO_SMALL"}]"""])
        {
            var report = Answered((o, b) => o.DecodeAmend(Amend(), 200, Encoding.UTF8.GetBytes($$"""{"success":false,"errors":{{errors}}}"""), b)).Reports[0];
            Assert.Equal((ExecutionKind.AmendRejected, RejectReason.QuantityOutOfRange), (report.Kind, report.Reason));
        }
    }

    [Fact, Trait("requirement", "R90")]
    public void A_query_by_the_venues_id_answers_with_the_order_or_that_there_is_none()
    {
        var report = Assert.Single(Answered((o, b) => o.Queries.DecodeQuery(Id, Bitcoin, 200,
            Encoding.UTF8.GetBytes($$"""{"order":{{RestRow("OPEN", "0.2", Id)}}}"""), b)).Reports.ToArray());
        Assert.Equal((ExecutionKind.OrderStatus, OrderState.PartiallyFilled, Quantity.From(0.2m), Side.Sell), (report.Kind, report.State, report.CumulativeQuantity, report.Side));
        Assert.Equal(ExecutionKind.OrderNotFound,
            Answered((o, b) => o.Queries.DecodeQuery(Id, Bitcoin, 404, "{\"error\":\"NOT_FOUND\",\"message\":\"m\"}"u8, b)).Reports[0].Kind);
        var batch = new ExecutionBatch();
        Assert.Equal(QuarantineCause.VenueError, Create().Queries.DecodeQuery(Id, Bitcoin, 404, "<html>"u8, batch));
        Assert.Equal(QuarantineCause.VenueError, Create().Queries.DecodeQuery(Id, Bitcoin, 503, "{\"error\":\"NOT_FOUND\"}"u8, batch));
        Assert.Equal(QuarantineCause.Malformed,
            Create().Queries.DecodeQuery(Id, Bitcoin, 200,
            Encoding.UTF8.GetBytes($$"""{"order":{{RestRow("OPEN", "0.2", ClientOrderId.Of(1, 9))}}}"""), batch));
        Assert.True(batch.Reports.IsEmpty);
    }

    [Fact, Trait("requirement", "R90")]
    public void A_search_proves_absence_only_by_a_whole_list_or_an_older_order_of_ours()
    {
        var (older, newer) = (ClientOrderId.Of(1, 3), ClientOrderId.Of(1, 9));
        string List(bool more, params string[] rows) => $$"""{"orders":[{{string.Join(',', rows)}}],"has_next":{{(more ? "true" : "false")}},"cursor":""}""";
        ExecutionKind KindOf(string body) =>
            Answered((o, b) => o.Queries.DecodeQuery(Id, Bitcoin, 200, Encoding.UTF8.GetBytes(body), b)).Reports[0].Kind;
        Assert.Equal(ExecutionKind.OrderStatus, KindOf(List(true, RestRow("OPEN", "0", newer), RestRow("FILLED", "0.1", Id))));
        Assert.Equal(ExecutionKind.OrderNotFound, KindOf(List(false, RestRow("OPEN", "0", newer))));
        Assert.Equal(ExecutionKind.OrderNotFound, KindOf(List(false)));
        Assert.Equal(ExecutionKind.OrderNotFound, KindOf(List(true, RestRow("OPEN", "0", newer), RestRow("OPEN", "0", older))));
        var orders = Create();
        Assert.Equal(
            QuarantineCause.VenueError,
            orders.Queries.DecodeQuery(Id, Bitcoin, 200, Encoding.UTF8.GetBytes(List(true, RestRow("OPEN", "0", newer))), new ExecutionBatch()));
        Assert.Equal(1, orders.Statistics.PagesCut);
    }

    [Fact, Trait("requirement", "R90")]
    public void Open_orders_fills_and_balances_reconcile()
    {
        var batch = Answered((o, b) => o.Queries.DecodeOpenOrders(Bitcoin, 200, Encoding.UTF8.GetBytes($$"""{"orders":[{{RestRow("OPEN", "0", Id)}},{{RestRow("OPEN", "0.1", ClientOrderId.Of(1, 8))}}],"has_next":false}"""), b));
        Assert.Equal([OrderState.Working, OrderState.PartiallyFilled], batch.Reports.ToArray().Select(r => r.State));
        const string Fill = """{"entry_id":"22222","trade_id":"1111-11111-111111","order_id":"e4a2a2c5-1f5c-4d5b-9d6c-5d0f8f3a7b11","trade_time":"2024-01-15T10:30:00Z","trade_type":"FILL","price":"45123.45","size":"0.005","commission":"1.140000000001","product_id":"BTC-USD","sequence_timestamp":"2024-01-15T10:30:00.123456Z","liquidity_indicator":"MAKER","size_in_quote":false,"user_id":"3333","side":"BUY","retail_portfolio_id":""}""";
        var orders = Create();
        batch = new ExecutionBatch();
        var correction = Fill.Replace("\"FILL\"", "\"CORRECTION\"", StringComparison.Ordinal);
        var quoted = Fill.Replace("\"size_in_quote\":false", "\"size_in_quote\":true", StringComparison.Ordinal);
        Assert.Equal(QuarantineCause.None,
            orders.Queries.DecodeFills(Bitcoin, 200, Encoding.UTF8.GetBytes($$"""{"fills":[{{Fill}},{{correction}},{{quoted}}],"cursor":""}"""),
            batch));
        var fill = Assert.Single(batch.Reports.ToArray());
        Assert.Equal(2, orders.Statistics.ReportsForeign);
        Assert.Equal((ExecutionKind.Fill, Side.Buy, true, "USD", 114_000_001L), (fill.Kind, fill.Side, fill.IsMaker, fill.FeeAsset.ToString(), fill.FeeRaw));
        Assert.Equal((Price.From(45123.45m), Quantity.From(0.005m), VenueId, ClientOrderId.None), (fill.LastPrice, fill.LastQuantity, fill.VenueOrderId.ToString(), fill.ClientOrderId));
        Assert.Equal(TradeIdNumber.Of("1111-11111-111111"u8), fill.TradeId);
        batch.Reset();
        Assert.NotEqual(QuarantineCause.None,
            orders.Queries.DecodeFills(Bitcoin, 200,
            Encoding.UTF8.GetBytes($$"""{"fills":[{{Fill}},{{Fill.Replace("45123.45", "-1", StringComparison.Ordinal)}}],"cursor":""}"""), batch));
        Assert.True(batch.Reports.IsEmpty);
        Assert.Equal(QuarantineCause.None, orders.Queries.DecodeBalances(200, """{"accounts":[{"uuid":"8bfc20d7","currency":"BTC","available_balance":{"value":"1.234567891","currency":"BTC"},"hold":{"value":"0.00500000","currency":"BTC"}},{"currency":"A-VERY-LONG-ASSET-NAME","available_balance":{"value":"1"},"hold":{"value":"0"}}],"has_next":true}"""u8, batch));
        var balance = Assert.Single(batch.Balances.ToArray());
        Assert.Equal(("BTC", 123_456_789L, 500_000L), (balance.Asset.ToString(), balance.FreeRaw, balance.LockedRaw));
        Assert.Equal((1L, 1L), (orders.Statistics.BalancesSkipped, orders.Statistics.PagesCut));
    }

    [Fact]
    public void Foreign_orders_on_unknown_products_are_counted_and_own_ones_refused()
    {
        var orders = Create();
        Assert.Equal(0, Decoded(orders, Push("OPEN", sequence: 1, product: "ETH-USD", id: "web")).Reports.Length);
        Assert.Equal(1, orders.Statistics.ReportsForeign);
        Assert.Equal(QuarantineCause.UnknownInstrument, Decode(orders, Push("OPEN", sequence: 2, product: "ETH-USD"), new ExecutionBatch()));
        Assert.True(Report(orders, Push("OPEN", sequence: 3, id: "web")).ClientOrderId.IsNone);
    }

    [Fact]
    public void A_bad_row_late_in_a_message_takes_the_rows_before_it_back()
    {
        var batch = new ExecutionBatch();
        var good = Push("OPEN");
        Assert.Equal(QuarantineCause.Malformed, Decode(Create(), good.Replace("]}]}", "," + Row("OPEN").Replace("\"BUY\"", "\"BYE\"", StringComparison.Ordinal) + "]}]}", StringComparison.Ordinal), batch));
        Assert.True(batch.Reports.IsEmpty);
        Assert.Equal(QuarantineCause.None, Decode(Create(), good.Replace("]}]}", "," + Row("OPEN") + "]}]}", StringComparison.Ordinal), batch));
        Assert.Equal(2, batch.Reports.Length);
    }

    [Fact, Trait("requirement", "R85")]
    public void Updates_that_count_on_decode_without_allocating()
    {
        var orders = Create();
        var batch = new ExecutionBatch();
        var next = 0;
        byte[][] frames = [.. Enumerable.Range(1, 700).Select(i => Encoding.UTF8.GetBytes(Push(i % 2 == 0 ? "OPEN" : "PENDING", $"0.{i:D4}", i)))];
        AssertAllocatesNothing(() =>
        {
            batch.Reset();
            orders.Decode(frames[next++], batch);
        });
        Assert.Equal((700, 1), (next, batch.Reports.Length));
    }

    private static AmendRequest Amend() => new()
    {
        ClientOrderId = Id, Instrument = new InstrumentId(1), Side = Side.Buy, Price = Price.From(100.5m), Quantity = Quantity.From(0.7m), FilledQuantity = Quantity.From(0.1m),
    };

    private static string Taken() =>
        $$"""{"success":true,"success_response":{"order_id":"{{VenueId}}","product_id":"BTC-USD","side":"BUY","client_order_id":"{{Id}}"},"order_configuration":null}""";

    private static ExecutionBatch Decoded(CoinbaseOrders orders, string frame)
    {
        var batch = new ExecutionBatch();
        Assert.Equal(QuarantineCause.None, Decode(orders, frame, batch));
        return batch;
    }

    private static JsonElement ClaimsOf(RestRequest request)
    {
        var header = Assert.Single(request.Headers);
        Assert.Equal("Authorization", header.Key);
        Assert.StartsWith("Bearer ", header.Value, StringComparison.Ordinal);
        return Verified(header.Value["Bearer ".Length..]).Claims;
    }

    private static (JsonElement Header, JsonElement Claims) Verified(string token)
    {
        var parts = token.Split('.');
        Assert.Equal(3, parts.Length);
        Assert.True(Key.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256));
        return (JsonDocument.Parse(Base64Url.DecodeFromChars(parts[0])).RootElement, JsonDocument.Parse(Base64Url.DecodeFromChars(parts[1])).RootElement);
    }
}
