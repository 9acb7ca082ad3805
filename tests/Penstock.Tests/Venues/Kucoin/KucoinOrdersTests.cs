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
using Penstock.Venues.Kucoin;
using static Penstock.Tests.Venues.OrdersTestKit;

namespace Penstock.Tests.Venues.Kucoin;

public class KucoinOrdersTests
{
    private static readonly Credentials Keys = new() { ApiKey = "5c2db93503aa674c74a31734", Secret = "f03a5284-5c39-4aaa-9b20-dea10bdcf8e3", Passphrase = "QWIxMjM0NTY3OCkoKiZeJSQjQA==" };

    private static readonly InstrumentId Btc = new(1);

    private static KucoinOrders Create() => new(Context("BTC-USDT", "USDT", Keys));

    private static string Push(string type, string filled = "0", string orderId = "5efab07953bdea00089965fa", string? id = null, string symbol = "BTC-USDT", string more = "") =>
        $$$"""{"topic":"/spotMarket/tradeOrdersV2","type":"message","subject":"orderChange","channelType":"private","data":{"symbol":"{{{symbol}}}","orderType":"limit","side":"buy","orderId":"{{{orderId}}}","type":"{{{type}}}","orderTime":1593487482038,"size":"0.5","filledSize":"{{{filled}}}","price":"0.938","clientOid":"{{{id ?? Id.ToString()}}}","status":"open",{{{more}}}"ts":1593487482038606180}}""";

    [Fact, Trait("requirement", "R144")]
    public void The_published_vector_is_reproduced_and_the_passphrase_is_signed()
    {
        var signer = new KucoinSigner(Keys);
        Assert.Equal("7QP/oM0ykidMdrfNEUmng8eZjg/ZvPafjIqmxiVfYu4=", signer.Sign("1547015186532POST/api/v1/deposit-addresses{\"currency\":\"BTC\"}"));
        var request = signer.Post("/api/v1/deposit-addresses", "{\"currency\":\"BTC\"}", 1, 1547015186532_999_999);
        string Header(string name) => request.Headers.Single(h => h.Key == name).Value;
        Assert.Equal("7QP/oM0ykidMdrfNEUmng8eZjg/ZvPafjIqmxiVfYu4=", Header("KC-API-SIGN"));
        Assert.Equal(("1547015186532", "2", "application/json"), (Header("KC-API-TIMESTAMP"), Header("KC-API-KEY-VERSION"), request.ContentType));
        Assert.Equal(signer.Sign(Keys.Passphrase), Header("KC-API-PASSPHRASE"));
        Assert.DoesNotContain(request.Headers, h => h.Value.Contains(Keys.Passphrase, StringComparison.Ordinal) || h.Value.Contains(Keys.Secret, StringComparison.Ordinal));
    }

    [Theory, Trait("requirement", "R79")]
    [InlineData("limit", ",\"type\":\"limit\",\"price\":\"23416.1\",\"size\":\"0.00847\",\"timeInForce\":\"GTC\"")]
    [InlineData("post", ",\"type\":\"limit\",\"price\":\"23416.1\",\"size\":\"0.00847\",\"timeInForce\":\"GTC\",\"postOnly\":true")]
    [InlineData("ioc", ",\"type\":\"limit\",\"price\":\"23416.1\",\"size\":\"0.00847\",\"timeInForce\":\"IOC\"")]
    [InlineData("fok", ",\"type\":\"limit\",\"price\":\"23416.1\",\"size\":\"0.00847\",\"timeInForce\":\"FOK\"")]
    [InlineData("market", ",\"type\":\"market\",\"size\":\"0.00847\"")]
    public void Every_variety_has_the_venues_own_spelling(string variety, string expected)
    {
        foreach (var (side, word) in new[] { (Side.Buy, "buy"), (Side.Sell, "sell") })
        {
            Assert.Equal(RejectReason.None, Create().FormPlace(Order(variety, side), UnixNs, out var request));
            Assert.Equal((HttpMethod.Post, "/api/v1/hf/orders", 1), (request!.Method, request.PathAndQuery, request.Weight));
            Assert.Equal($"{{\"clientOid\":\"{Id}\",\"symbol\":\"BTC-USDT\",\"side\":\"{word}\"{expected}}}", request.Body);
            JsonDocument.Parse(request.Body!).Dispose();
        }
    }

    [Fact, Trait("requirement", "R79")]
    public void A_cancel_goes_by_our_id_or_by_the_venues_and_all_of_a_market_in_one_call()
    {
        var orders = Create();
        Assert.Equal(RejectReason.None, orders.FormCancel(Cancel(), UnixNs, out var byOurs));
        Assert.Equal((HttpMethod.Delete, $"/api/v1/hf/orders/client-order/{Id}?symbol=BTC-USDT"), (byOurs!.Method, byOurs.PathAndQuery));
        orders.FormCancel(Cancel("5bd6e9286d99522a52e458de"), UnixNs, out var byTheirs);
        Assert.Equal("/api/v1/hf/orders/5bd6e9286d99522a52e458de?symbol=BTC-USDT", byTheirs!.PathAndQuery);
        Assert.Equal(RejectReason.InvalidParameter, orders.FormCancel(Cancel() with { Instrument = new InstrumentId(9) }, UnixNs, out _));
        Assert.Equal(RejectReason.None, orders.FormCancelAll(Context("BTC-USDT", "USDT", Keys).Instruments[Btc], UnixNs, out var all));
        Assert.Equal((HttpMethod.Delete, "/api/v1/hf/orders?symbol=BTC-USDT", null), (all!.Method, all.PathAndQuery, all.Body));
        Assert.Equal(QuarantineCause.None, orders.DecodeCancelAll(null!, 200, """{"code":"200000","data":"success"}"""u8, new ExecutionBatch()));
    }

    [Fact, Trait("requirement", "R79")]
    public void A_pair_priced_finer_than_the_platform_counts_is_not_traded()
    {
        var context = Context("DAPPT-BTC", "BTC", Keys, baseAsset: "DAPPT");
        var table = new InstrumentTable();
        table.Add(context.Instruments[Btc] with { PriceScale = 10 });
        var orders = new KucoinOrders(context with { Instruments = table });
        Assert.Equal(RejectReason.NotSupported, orders.FormPlace(Order("limit"), UnixNs, out _));
        Assert.Equal(RejectReason.NotSupported, orders.FormAmend(Amend(), UnixNs, out _));
    }

    [Fact, Trait("requirement", "R90")]
    public void An_acknowledgement_is_no_acceptance_and_what_cannot_be_read_is_no_reject()
    {
        var batch = new ExecutionBatch();
        var acked = Answer(Create(), ExecutionKind.Acked, 200, """{"code":"200000","data":{"orderId":"5bd6e9286d99522a52e458de"}}""");
        Assert.Equal((ExecutionKind.Acked, OrderState.Acked, Id, "5bd6e9286d99522a52e458de", Btc), (acked.Kind, acked.State, acked.ClientOrderId, acked.VenueOrderId.ToString(), acked.Instrument));
        foreach (var body in (string[])["", "{", "{\"code\":\"200000\"}", "{\"code\":\"200000\",\"data\":{}}", "{\"code\":200000,\"data\":{\"orderId\":\"1\"}}", "{\"code\":\"200000\",\"data\":{\"orderId\":\"a b\"}}"])
        {
            Assert.NotEqual(QuarantineCause.None, Create().DecodePlace(Order("limit"), 200, Encoding.ASCII.GetBytes(body), batch));
            Assert.True(batch.Reports.IsEmpty);
        }

        Assert.Equal(RejectReason.UnknownOutcome, Answer(Create(), ExecutionKind.OutcomeUnknown, 502, "<html>").Reason);
        Assert.Equal(ExecutionKind.OutcomeUnknown, Answer(Create(), ExecutionKind.OutcomeUnknown, 500, """{"code":"300000","msg":"?"}""").Kind);
        Assert.Equal((ExecutionKind.Rejected, 0), (Answer(Create(), ExecutionKind.Rejected, 403, "<html>").Kind, Answer(Create(), ExecutionKind.Rejected, 403, "<html>").RawCode));
        Assert.Equal(QuarantineCause.None, Create().DecodeCancel(Cancel(), 200, """{"code":"200000","data":{"clientOid":"x"}}"""u8, batch));
        Assert.True(batch.Reports.IsEmpty); // whether the cancel took place is told by the stream
    }

    [Fact, Trait("requirement", "R93")]
    public void The_session_is_a_token_a_greeting_two_topics_and_an_acknowledgement()
    {
        var orders = Create();
        var token = orders.TokenRequest(UnixNs)!;
        Assert.Equal((HttpMethod.Post, "/api/v1/bullet-private"), (token.Method, token.PathAndQuery));
        Assert.True(orders.AcceptToken(File.ReadAllBytes(FeedFixtures.Fixture("Kucoin", "token.json"))));
        Assert.StartsWith("wss://ws-api-spot.kucoin.com/?token=2neAiuYv", orders.ConnectPath, StringComparison.Ordinal);
        orders.Reset();
        var writer = new FrameWriter();
        orders.WriteLogin(writer, UnixNs);
        orders.WritePending(writer, UnixNs);
        Assert.Equal(0, writer.FrameCount);
        Assert.Equal(OrderSignal.None, Signal(orders, """{"id":"hQvf8jkno","type":"welcome"}"""));
        orders.WritePending(writer, UnixNs);
        Assert.Equal("""{"id":"2","type":"subscribe","topic":"/account/balance","privateChannel":true,"response":true}""", Encoding.UTF8.GetString(writer.Frame(0)));
        Assert.Equal("""{"id":"1","type":"subscribe","topic":"/spotMarket/tradeOrdersV2","privateChannel":true,"response":true}""", Encoding.UTF8.GetString(writer.Frame(1)));
        writer.Clear();
        orders.WritePending(writer, UnixNs);
        Assert.Equal(0, writer.FrameCount);
        Assert.Equal(OrderSignal.None, Signal(orders, """{"id":"2","type":"ack"}"""));
        Assert.Equal(OrderSignal.SessionReady, Signal(orders, """{"id":"1","type":"ack"}"""));
        Assert.Equal(OrderSignal.Pong, Signal(orders, """{"id":"p1","type":"pong"}"""));
        Assert.True(orders.TryWritePing(writer));
        Assert.Equal("""{"id":"p1","type":"ping"}""", Only(writer));
        Assert.Equal(QuarantineCause.VenueError, Decode(orders, """{"id":"9","type":"error","code":404,"data":"x"}""", new ExecutionBatch()));
        Assert.Equal(OrderSignal.LoginRefused, Signal(Create(), """{"id":"1","type":"error","code":403,"data":"x"}"""));
    }

    [Fact, Trait("requirement", "R93")]
    public void The_stream_tells_acceptance_progress_and_end_and_every_fill_is_fetched_for_its_fee()
    {
        var open = Report(Create(), Push("open"));
        Assert.Equal((ExecutionKind.Accepted, OrderState.Working, Id, Side.Buy, 1593487482038606180L), (open.Kind, open.State, open.ClientOrderId, open.Side, open.ExchangeTime.UnixNs));
        Assert.Equal(ExecutionKind.Accepted, Report(Create(), Push("received")).Kind);
        var cases = new[]
        {
            ("match", ExecutionKind.OrderStatus, OrderState.PartiallyFilled), ("open", ExecutionKind.OrderStatus, OrderState.PartiallyFilled),
            ("update", ExecutionKind.OrderStatus, OrderState.PartiallyFilled), ("filled", ExecutionKind.Filled, OrderState.Filled),
            ("canceled", ExecutionKind.Cancelled, OrderState.Cancelled),
        };
        foreach (var (type, kind, state) in cases)
        {
            var batch = new ExecutionBatch();
            Assert.Equal(QuarantineCause.None, Decode(Create(), Push(type, "0.1"), batch));
            var report = Assert.Single(batch.Reports.ToArray());
            Assert.Equal((kind, state, Quantity.From(0.1m), 0L), (report.Kind, report.State, report.CumulativeQuantity, report.TradeId));
            Assert.Equal([Btc], batch.FillsWanted.ToArray());
            batch.Reset();
            Decode(Create(), Push(type), batch);
            Assert.Empty(batch.FillsWanted.ToArray());
        }

        Assert.Equal(QuarantineCause.Malformed, Decode(Create(), Push("novel"), new ExecutionBatch()));
        Assert.Equal(1593487482038000000L, Report(Create(), Push("open").Replace("1593487482038606180", "1593487482038", StringComparison.Ordinal)).ExchangeTime.UnixNs);
    }

    [Fact]
    public void Foreign_orders_on_unknown_instruments_are_counted_and_own_ones_refused()
    {
        var orders = Create();
        Assert.Equal(OrderSignal.None, Signal(orders, Push("open", symbol: "ETH-USDT", id: "web")));
        Assert.Equal(1, orders.Statistics.ReportsForeign);
        Assert.Equal(QuarantineCause.UnknownInstrument, Decode(orders, Push("open", symbol: "ETH-USDT"), new ExecutionBatch()));
        Assert.True(Report(orders, Push("open", id: "web")).ClientOrderId.IsNone);
    }

    [Fact, Trait("requirement", "R90")]
    public void Rest_answers_become_status_not_found_and_fills_with_fees()
    {
        var orders = Create().Queries;
        var batch = new ExecutionBatch();
        var instrument = OrderFixtures.Instrument("Kucoin");
        string Row(string more) => $$"""{"id":"5c35c02703aa673ceec2a168","symbol":"BTC-USDT","side":"buy","size":"2","dealSize":"0","clientOid":"{{Id}}","cancelExist":false,"createdAt":1547026471000,"lastUpdatedAt":1547026471001{{more}}}""";
        ExecutionReport Query(string row)
        {
            batch.Reset();
            Assert.Equal(QuarantineCause.None, orders.DecodeQuery(Id, instrument, 200, Body(row), batch));
            return Assert.Single(batch.Reports.ToArray());
        }

        Assert.Equal((OrderState.Working, 1547026471001000000L), (Query(Row(",\"active\":true")).State, Query(Row(",\"active\":true")).ExchangeTime.UnixNs));
        Assert.Equal(OrderState.PartiallyFilled, Query(Row(",\"active\":true").Replace("\"dealSize\":\"0\"", "\"dealSize\":\"1\"", StringComparison.Ordinal)).State);
        Assert.Equal(OrderState.Filled, Query(Row(",\"active\":false").Replace("\"dealSize\":\"0\"", "\"dealSize\":\"2\"", StringComparison.Ordinal)).State);
        Assert.Equal(OrderState.Cancelled, Query(Row(",\"active\":false")).State); // not all of it was dealt
        Assert.Equal(OrderState.Cancelled, Query(Row(",\"active\":false").Replace("Exist\":false", "Exist\":true", StringComparison.Ordinal)).State);
        Assert.Equal(ExecutionKind.OrderNotFound, Query("null").Kind);
        batch.Reset();
        Assert.Equal(QuarantineCause.None, orders.DecodeQuery(Id, instrument, 400, """{"code":"400100","msg":"order not exist."}"""u8, batch));
        Assert.Equal((ExecutionKind.OrderNotFound, 400100), (batch.Reports[0].Kind, batch.Reports[0].RawCode));
        batch.Reset();
        Assert.Equal(QuarantineCause.VenueError, orders.DecodeQuery(Id, instrument, 400, """{"code":"400100","msg":"symbol"}"""u8, batch));
        Assert.Equal(QuarantineCause.Malformed, orders.DecodeQuery(Id, instrument, 200, Body(Row("")), batch));
        Assert.Equal(QuarantineCause.Malformed, orders.DecodeQuery(ClientOrderId.Of(1, 8), instrument, 200, Body(Row(",\"active\":true")), batch));
        Assert.True(batch.Reports.IsEmpty);

        foreach (var data in (string[])["[" + Row(",\"active\":true") + "]", "{\"currentPage\":1,\"items\":[" + Row(",\"isActive\":true") + "]}"])
            Assert.Equal(QuarantineCause.None, orders.DecodeOpenOrders(instrument, 200, Body(data), batch));
        Assert.Equal([Id, Id], batch.Reports.ToArray().Select(r => r.ClientOrderId));

        batch.Reset();
        const string Fill = """{"code":"200000","data":{"items":[{"id":2678765568,"symbol":"BTC-USDT","tradeId":616179312641,"orderId":"6306cf6e27ecbe0001e1e03a","side":"sell","liquidity":"maker","price":"1.5","size":"2","fee":"0.000210001","feeCurrency":"USDT","createdAt":1661390702919}],"lastId":2678765568}}""";
        Assert.Equal(QuarantineCause.None, orders.DecodeFills(instrument, 200, Encoding.ASCII.GetBytes(Fill), batch));
        var fill = Assert.Single(batch.Reports.ToArray());
        Assert.Equal((ExecutionKind.Fill, Side.Sell, 616179312641L, 21_001L, "USDT", true, "6306cf6e27ecbe0001e1e03a"),
            (fill.Kind, fill.Side, fill.TradeId, fill.FeeRaw, fill.FeeAsset.ToString(), fill.IsMaker, fill.VenueOrderId.ToString()));
        Assert.Equal(QuarantineCause.UnknownInstrument, orders.DecodeFills(instrument, 200, Encoding.ASCII.GetBytes(Fill.Replace("BTC-USDT", "ETH-USDT", StringComparison.Ordinal)), batch));
        Assert.Single(batch.Reports.ToArray());
    }

    [Fact, Trait("requirement", "R90")]
    public void Requests_of_the_reconciliation_name_market_time_and_page()
    {
        var orders = Create();
        var instrument = OrderFixtures.Instrument("Kucoin");
        Assert.Equal(
            "/api/v1/hf/fills?symbol=BTC-USDT&limit=100&startAt=1661390702919",
            orders.Queries.Fills(instrument, ExchangeTime.FromMs(1661390702919), UnixNs).PathAndQuery);
        Assert.Equal("/api/v1/hf/fills?symbol=BTC-USDT&limit=100", orders.Queries.Fills(instrument, default, UnixNs).PathAndQuery);
        Assert.Equal(
            "/api/v1/hf/orders/active/page?symbol=BTC-USDT&pageNum=1&pageSize=100", orders.Queries.OpenOrders(instrument, UnixNs).PathAndQuery);
        Assert.Equal($"/api/v1/hf/orders/client-order/{Id}?symbol=BTC-USDT", orders.Queries.QueryOrder(Id, default, instrument, UnixNs).PathAndQuery);
        Assert.Equal(
            "/api/v1/hf/orders/abc?symbol=BTC-USDT",
            orders.Queries.QueryOrder(ClientOrderId.None, Text40.From("abc"), instrument, UnixNs).PathAndQuery);
    }

    [Fact]
    public void Balances_of_the_trading_account_only_come_from_the_topic_and_from_rest()
    {
        var batch = new ExecutionBatch();
        string Topic(string happened) => $$$"""{"topic":"/account/balance","type":"message","subject":"account.balance","data":{"available":"80.5","currency":"KCS","hold":"7.123456789","relationEvent":"{{{happened}}}"}}""";
        foreach (var happened in (string[])["trade.setted", "trade_hf.hold", "main.deposit", "margin.transfer"])
            Assert.Equal(QuarantineCause.None, Create().Decode(Encoding.ASCII.GetBytes(Topic(happened)), batch));
        Assert.Equal(QuarantineCause.None, Create().Queries.DecodeBalances(200, """{"code":"200000","data":[{"id":"1","currency":"BTC","type":"trade","balance":"2","available":"1.5","holds":"0.5"},{"currency":"BTC","type":"main","available":"9","holds":"0"}]}"""u8, batch));
        Assert.Equal("KCS KCS BTC", string.Join(' ', batch.Balances.ToArray().Select(b => b.Asset)));
        Assert.Equal((8_050_000_000L, 712_345_678L), (batch.Balances[0].FreeRaw, batch.Balances[0].LockedRaw));
        Assert.Equal((150_000_000L, 50_000_000L), (batch.Balances[2].FreeRaw, batch.Balances[2].LockedRaw));
    }

    [Fact, Trait("requirement", "R93")]
    public void An_altered_order_lives_on_under_its_new_id_whatever_comes_first()
    {
        const string Answered = """{"code":"200000","data":{"newOrderId":"bbb"}}""";
        var messages = new[] { Push("canceled", "0.1", "aaa"), Push("received", "0", "bbb"), Push("open", "0", "bbb"), Push("match", "0.2", "bbb") };
        for (var answerAt = 0; answerAt <= messages.Length; answerAt++)
        {
            var orders = Create();
            var batch = new ExecutionBatch();
            Decode(orders, Push("open", "0.1", "aaa"), batch);
            Assert.Equal(RejectReason.None, orders.FormAmend(Amend("aaa"), UnixNs, out var request));
            Assert.Equal(RejectReason.None, orders.FormAmend(Amend("aaa"), UnixNs, out _));
            Assert.Equal($$"""{"symbol":"BTC-USDT","clientOid":"{{Id}}","newPrice":"23000","newSize":"0.4"}""", request!.Body);
            List<ExecutionReport> reports = [];
            for (var index = 0; index <= messages.Length; index++)
            {
                batch.Reset();
                if (index == answerAt)
                {
                    Assert.Equal(QuarantineCause.None, orders.DecodeAmend(Amend("aaa"), 200, Encoding.ASCII.GetBytes(Answered), batch));
                    reports.AddRange(batch.Reports);
                }

                if (index == messages.Length) break;
                Assert.Equal(QuarantineCause.None, Decode(orders, messages[index], batch));
                reports.AddRange(batch.Reports);
            }

            Assert.DoesNotContain(reports, r => r.Kind == ExecutionKind.Cancelled);
            var amended = Assert.Single(reports, r => r.Kind == ExecutionKind.Amended);
            Assert.Equal(("bbb", Price.From(23000m), Quantity.From(0.4m), Id), (amended.VenueOrderId.ToString(), amended.LastPrice, amended.LastQuantity, amended.ClientOrderId));
            Assert.Equal(Quantity.From(0.3m), reports.Max(r => r.CumulativeQuantity)); // 0.1 of the old form, 0.2 of the new
            Assert.Equal(Quantity.From(0.3m), Report(orders, Push("canceled", "0.2", "bbb")).CumulativeQuantity);
        }
    }

    [Fact, Trait("requirement", "R93")]
    public void A_cancel_held_back_during_an_alteration_is_told_when_that_is_refused()
    {
        var orders = Create();
        var batch = new ExecutionBatch();
        orders.FormAmend(Amend("aaa"), UnixNs, out _);
        Decode(orders, Push("canceled", "0.1", "aaa"), batch);
        Assert.True(batch.Reports.IsEmpty);
        batch.Reset();
        Assert.Equal(QuarantineCause.None, orders.DecodeAmend(Amend("aaa"), 400, """{"code":"400100","msg":"order not exist."}"""u8, batch));
        Assert.Equal([(ExecutionKind.Cancelled, RejectReason.None), (ExecutionKind.AmendRejected, RejectReason.OrderNotFound)], batch.Reports.ToArray().Select(r => (r.Kind, r.Reason)));
        Assert.Equal(ExecutionKind.Cancelled, Report(orders, Push("canceled", "0.1", "aaa")).Kind); // nothing is remembered

        orders.FormAmend(Amend("aaa"), UnixNs, out _);
        batch.Reset();
        orders.DecodeAmend(Amend("aaa"), 400, """{"code":"200004","msg":"Balance insufficient!"}"""u8, batch);
        Assert.Equal(ExecutionKind.AmendRejected, Assert.Single(batch.Reports.ToArray()).Kind);
        Assert.Equal(ExecutionKind.Cancelled, Report(orders, Push("canceled", "0.1", "aaa")).Kind);
    }

    [Fact, Trait("requirement", "R90")]
    public void What_an_alteration_of_unknown_outcome_left_open_is_settled_by_the_query()
    {
        var orders = Create();
        var batch = new ExecutionBatch();
        orders.FormAmend(Amend("aaa"), UnixNs, out _);
        Decode(orders, Push("canceled", "0.1", "aaa"), batch);
        batch.Reset();
        var body = $$"""{"id":"bbb","symbol":"BTC-USDT","side":"buy","size":"0.3","dealSize":"0","clientOid":"{{Id}}","cancelExist":false,"active":true,"createdAt":1}""";
        Assert.Equal(QuarantineCause.None, orders.Queries.DecodeQuery(Id, OrderFixtures.Instrument("Kucoin"), 200, Body(body), batch));
        Assert.Equal(OrderState.Working, Assert.Single(batch.Reports.ToArray()).State);
        batch.Reset();
        Assert.Equal(QuarantineCause.None, Decode(orders, Push("canceled", "0.1", "aaa"), batch));
        Assert.True(batch.Reports.IsEmpty); // the old form, once more
        Assert.Equal((ExecutionKind.Cancelled, Quantity.From(0.1m)), (Report(orders, Push("canceled", "0", "bbb")) is var end ? end.Kind : default, end.CumulativeQuantity));
    }

    [Fact, Trait("requirement", "R93")]
    public void A_new_connection_forgets_alterations_that_were_answered_and_no_other()
    {
        var orders = Create();
        var batch = new ExecutionBatch();
        orders.FormAmend(Amend("aaa"), UnixNs, out _);
        orders.Reset();
        Decode(orders, Push("canceled", "0.1", "aaa"), batch);
        Assert.True(batch.Reports.IsEmpty); // the call is still under way
        orders.DecodeAmend(Amend("aaa"), 200, """{"code":"200000","data":{"newOrderId":"bbb"}}"""u8, batch);
        Decode(orders, Push("canceled", "0.1", "aaa"), batch);
        Assert.True(batch.Reports.IsEmpty);
        orders.Reset();
        Assert.Equal(Quantity.From(0.2m), Report(orders, Push("canceled", "0.2", "bbb")).CumulativeQuantity);
    }

    [Fact, Trait("requirement", "R86")]
    public void Alterations_that_cannot_be_are_refused_and_remembered_orders_are_bounded()
    {
        var orders = Create();
        Assert.Equal(RejectReason.InvalidParameter, orders.FormAmend(default, UnixNs, out _));
        Assert.Equal(RejectReason.PriceOutOfRange, orders.FormAmend(Amend() with { Price = Price.Zero }, UnixNs, out _));
        Assert.Equal(RejectReason.QuantityOutOfRange, orders.FormAmend(Amend() with { FilledQuantity = Quantity.From(0.4m) }, UnixNs, out _));
        for (var n = 1; n <= KucoinAlterations.EntriesMax; n++)
            Assert.Equal(RejectReason.None, orders.FormAmend(Amend() with { ClientOrderId = ClientOrderId.Of(2, n) }, UnixNs, out _));
        Assert.Equal(RejectReason.Transient, orders.FormAmend(Amend(), UnixNs, out var none));
        Assert.Null(none);
    }

    private static byte[] Body(string data) => Encoding.ASCII.GetBytes("{\"code\":\"200000\",\"data\":" + data + "}");

    private static AmendRequest Amend(string venueOrderId = "") => new()
    {
        ClientOrderId = Id, Instrument = Btc, VenueOrderId = venueOrderId.Length == 0 ? default : Text40.From(venueOrderId), Side = Side.Buy,
        Price = Price.From(23000m), Quantity = Quantity.From(0.4m), FilledQuantity = Quantity.From(0.1m),
    };
}
