using System.Text;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Signing;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Venues.Kraken;
using static Penstock.Tests.Venues.OrdersTestKit;

namespace Penstock.Tests.Venues.Kraken;

public class KrakenOrdersTests
{
    private static readonly Credentials Keys = new()
    {
        ApiKey = "key",
        Secret = "kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg==",
    };

    private const string PendingNew = """
        {"channel":"executions","type":"update","data":[{"order_id":"OK4GJX-KSTLS-7DZZO5","order_userref":3,"symbol":"BTC/USD","order_qty":0.005,"cum_cost":0.0,"time_in_force":"GTC","exec_type":"pending_new","side":"sell","order_type":"limit","limit_price_type":"static","limit_price":26500.0,"stop_price":0.0,"order_status":"pending_new","fee_usd_equiv":0.0,"fee_ccy_pref":"fciq","cl_ord_id":"OWN","timestamp":"2023-09-22T10:33:05.709950Z"}],"sequence":8}
        """;

    private static string First => PendingNew.Replace("OWN", Id.ToString()).Trim();

    private static string Update(long sequence, string fields) =>
        $$$"""{"channel":"executions","type":"update","data":[{"order_id":"OK4GJX-KSTLS-7DZZO5",{{{fields}}}}],"sequence":{{{sequence}}}}""";

    private static string Trade(long sequence) => Update(sequence, """
        "exec_type":"trade","exec_id":"TKBXXX-AAAAA-BBBBBB","trade_id":36729573,"last_qty":0.003,"last_price":26599.9,"liquidity_ind":"t","cost":79.7997,"order_status":"partially_filled","fees":[{"asset":"USD","qty":0.34580}],"fee_usd_equiv":0.3458,"timestamp":"2023-09-22T10:33:06Z"
        """.Trim());

    private static KrakenOrders Create()
    {
        var orders = new KrakenOrders(Context("BTC/USD", "USD", Keys));
        Assert.True(orders.AcceptToken("""{"error":[],"result":{"token":"TESTTOKEN","expires":900}}"""u8));
        return orders;
    }

    [Theory, Trait("requirement", "R79")]
    [InlineData("limit", "limit", ",\"limit_price\":23416.1,\"time_in_force\":\"GTC\"", "")]
    [InlineData("post", "limit", ",\"limit_price\":23416.1,\"time_in_force\":\"GTC\"", ",\"post_only\":true")]
    [InlineData("ioc", "limit", ",\"limit_price\":23416.1,\"time_in_force\":\"IOC\"", "")]
    [InlineData("fok", "limit", ",\"limit_price\":23416.1,\"time_in_force\":\"FOK\"", "")]
    [InlineData("market", "market", "", "")]
    public void Every_variety_of_order_is_written_as_documented(string variety, string type, string price, string postOnly) => Assert.Equal(
        $$$"""{"method":"add_order","params":{"order_type":"{{{type}}}","side":"buy","order_qty":0.00847,"symbol":"BTC/USD"{{{price}}},"cl_ord_id":"{{{Id}}}"{{{postOnly}}},"token":"TESTTOKEN"},"req_id":16}""",
        Placed(Create(), Order(variety)));

    [Fact]
    public void Cancels_name_our_id_or_the_venues_and_request_ids_count_up()
    {
        var orders = Create();
        Assert.Equal($$$"""{"method":"cancel_order","params":{"cl_ord_id":["{{{Id}}}"],"token":"TESTTOKEN"},"req_id":16}""", Cancelled(orders, Cancel()));
        Assert.Equal("""{"method":"cancel_order","params":{"order_id":["OABCDE-12345-FGHIJ"],"token":"TESTTOKEN"},"req_id":17}""", Cancelled(orders, Cancel("OABCDE-12345-FGHIJ")));
    }

    [Fact]
    public void Login_fetches_a_token_subscribes_and_is_ready_when_executions_are()
    {
        var orders = new KrakenOrders(Context("BTC/USD", "USD", Keys));
        var writer = new FrameWriter();
        Assert.Equal(RejectReason.Authentication, orders.WritePlace(Order("limit"), writer, UnixNs));
        var token = orders.TokenRequest(UnixNs)!;
        Assert.Equal((HttpMethod.Post, "/0/private/GetWebSocketsToken", "nonce=1700000000123456"), (token.Method, token.PathAndQuery, token.Body));
        Assert.Equal("nonce=1700000000123457", orders.TokenRequest(UnixNs)!.Body);
        Assert.False(orders.AcceptToken("""{"error":["EAPI:Invalid key"]}"""u8));
        Assert.True(orders.AcceptToken("""{"error":[],"result":{"token":"TESTTOKEN","expires":900}}"""u8));
        orders.WriteLogin(writer, UnixNs);
        Assert.Equal(2, writer.FrameCount);
        Assert.Equal("""{"method":"subscribe","params":{"channel":"executions","snap_orders":true,"snap_trades":false,"order_status":true,"token":"TESTTOKEN"},"req_id":1}""", Encoding.ASCII.GetString(writer.Frame(0)));
        Assert.Equal("""{"method":"subscribe","params":{"channel":"balances","snapshot":true,"token":"TESTTOKEN"},"req_id":2}""", Encoding.ASCII.GetString(writer.Frame(1)));
        Assert.Equal(OrderSignal.None, Signal(orders, """{"method":"subscribe","req_id":2,"result":{"channel":"balances"},"success":true}"""));
        Assert.Equal(OrderSignal.SessionReady, Signal(orders, """{"method":"subscribe","req_id":1,"result":{"channel":"executions"},"success":true}"""));
        Assert.Equal(OrderSignal.LoginRefused, Signal(orders, """{"error":"ESession:Invalid session","method":"subscribe","success":false,"req_id":1}"""));
        Assert.Equal(OrderSignal.Pong, Signal(orders, """{"method":"pong","req_id":3,"time_in":"2023-09-25T09:05:00.123456Z","time_out":"2023-09-25T09:05:00.123500Z"}"""));
        Assert.Equal(OrderSignal.None, Signal(orders, """{"channel":"heartbeat"}"""));
    }

    [Fact, Trait("requirement", "R144")]
    public void Rest_calls_carry_the_form_and_its_signature()
    {
        var orders = Create().Queries;
        var instrument = Context("BTC/USD", "USD", Keys).Instruments[new InstrumentId(1)];
        var nonce = 1700000000123456;
        void Check(RestRequest request, string path, string form)
        {
            var body = $"nonce={nonce}{form}";
            Assert.Equal((path, body, "application/x-www-form-urlencoded"), (request.PathAndQuery, request.Body, request.ContentType));
            var digest = System.Security.Cryptography.SHA256.HashData(Encoding.ASCII.GetBytes($"{nonce}{body}"));
            var signed = System.Security.Cryptography.HMACSHA512.HashData(Convert.FromBase64String(Keys.Secret), (byte[])[.. Encoding.ASCII.GetBytes(path), .. digest]);
            Assert.Contains(new("API-Sign", Convert.ToBase64String(signed)), request.Headers);
            Assert.Contains(new("API-Key", "key"), request.Headers);
            nonce++;
        }

        Check(orders.QueryOrder(Id, default, instrument, UnixNs), "/0/private/QueryOrders", $"&cl_ord_id={Id}");
        Check(orders.QueryOrder(Id, Text40.From("OABCDE-12345-FGHIJ"), instrument, UnixNs), "/0/private/QueryOrders", "&txid=OABCDE-12345-FGHIJ");
        Check(orders.OpenOrders(instrument, UnixNs), "/0/private/OpenOrders", "");
        Check(orders.Fills(instrument, ExchangeTime.FromMs(1_688_583_840_900), UnixNs), "/0/private/TradesHistory", "&start=1688583840");
        Check(orders.Balances(UnixNs), "/0/private/BalanceEx", "");
    }

    [Fact, Trait("requirement", "R85")]
    public void Responses_are_mapped_back_by_request_id_once()
    {
        var orders = Create();
        Placed(orders, Order("limit"));
        var ack = $$$"""{"method":"add_order","req_id":16,"success":true,"time_in":"2026-05-05T10:00:00.123Z","time_out":"2026-05-05T10:00:00.125Z","result":{"order_id":"OABCDE-12345-FGHIJ","cl_ord_id":"{{{Id}}}","order_userref":0} }""";
        var report = Report(orders, ack);
        Assert.Equal((ExecutionKind.Acked, OrderState.Acked, Id, "OABCDE-12345-FGHIJ"), (report.Kind, report.State, report.ClientOrderId, report.VenueOrderId.ToString()));
        Assert.Equal((new InstrumentId(1), 1777975200125000000L), (report.Instrument, report.ExchangeTime.UnixNs));
        Assert.Equal(OrderSignal.None, Signal(orders, ack));
        Assert.Equal(1, orders.Statistics.ResponsesUnmatched);
        Cancelled(orders, Cancel());
        Assert.Equal(OrderSignal.None, Signal(orders, """{"method":"cancel_order","req_id":17,"result":{"order_id":"OM5CRX-N2HAL-GFGWE9"},"success":true}"""));
        Assert.Equal(QuarantineCause.VenueError, Decode(orders, """{"method":"cancel_order","req_id":17,"success":false,"error":"EOrder:Unknown order"}""", new ExecutionBatch()));
        Placed(orders, Order("limit"));
        orders.Reset();
        Assert.Equal(QuarantineCause.VenueError, Decode(orders, """{"method":"add_order","req_id":18,"success":false,"error":"EOrder:Unknown order"}""", new ExecutionBatch()));
    }

    [Fact, Trait("requirement", "R93")]
    public void Sparse_updates_are_completed_from_what_the_first_one_said()
    {
        var orders = Create();
        var acked = Report(orders, First);
        Assert.Equal((ExecutionKind.Acked, OrderState.Acked, Side.Sell, Id), (acked.Kind, acked.State, acked.Side, acked.ClientOrderId));
        Assert.Equal(1695378785709950000, acked.ExchangeTime.UnixNs);
        var accepted = Report(orders, Update(9, """ "exec_type":"new","order_status":"new","timestamp":"2023-09-22T10:33:05.8Z" """));
        Assert.Equal((ExecutionKind.Accepted, OrderState.Working, Id), (accepted.Kind, accepted.State, accepted.ClientOrderId));
        var fill = Report(orders, Trade(10));
        Assert.Equal((ExecutionKind.Fill, OrderState.PartiallyFilled, Side.Sell, Id), (fill.Kind, fill.State, fill.Side, fill.ClientOrderId));
        Assert.Equal((new InstrumentId(1), 36729573L, false), (fill.Instrument, fill.TradeId, fill.IsMaker));
        Assert.Equal((Price.From(26599.9m), Quantity.From(0.003m), Quantity.From(0.003m)), (fill.LastPrice, fill.LastQuantity, fill.CumulativeQuantity));
        Assert.Equal((34_580_000L, "USD"), (fill.FeeRaw, fill.FeeAsset.ToString()));
        fill = Report(orders, Trade(11).Replace("36729573", "36729574").Replace("0.003", "0.002"));
        Assert.Equal(Quantity.From(0.005m), fill.CumulativeQuantity);
        var filled = Report(orders, Update(12, """ "exec_type":"filled","order_status":"filled","cum_qty":0.005 """));
        Assert.Equal((ExecutionKind.Filled, OrderState.Filled, Id), (filled.Kind, filled.State, filled.ClientOrderId));
        // The order is forgotten with its end; a sparse update after it can no longer be understood.
        Assert.Equal(QuarantineCause.UnknownInstrument, Decode(orders, Update(13, """ "exec_type":"new","order_status":"new" """), new ExecutionBatch()));
    }

    [Fact]
    public void Ends_reasons_and_restatements_are_told_apart()
    {
        var orders = Create();
        Report(orders, First);
        Assert.Equal(ExecutionKind.OrderStatus, Report(orders, Update(9, """ "exec_type":"amended","order_status":"new" """)).Kind);
        Assert.Equal(ExecutionKind.OrderStatus, Report(orders, Update(10, """ "exec_type":"restated","order_status":"partially_filled","cum_qty":0.001 """)).Kind);
        var cancelled = Report(orders, Update(11, """ "exec_type":"canceled","order_status":"canceled","reason":"Post only order" """));
        Assert.Equal((ExecutionKind.Cancelled, RejectReason.WouldTakeLiquidity, Quantity.From(0.001m)), (cancelled.Kind, cancelled.Reason, cancelled.CumulativeQuantity));
        orders = Create();
        Report(orders, First);
        Assert.Equal((ExecutionKind.Expired, OrderState.Expired), (Report(orders, Update(9, """ "exec_type":"expired","order_status":"expired" """)) is var e ? (e.Kind, e.State) : default));
        var snapshot = Report(orders, First.Replace("\"update\"", "\"snapshot\"").Replace("pending_new", "new").Replace("\"sequence\":8", "\"sequence\":10"));
        Assert.Equal((ExecutionKind.OrderStatus, OrderState.Working), (snapshot.Kind, snapshot.State));
        snapshot = Report(orders, First.Replace("\"update\"", "\"snapshot\"").Replace("\"exec_type\":\"pending_new\"", "\"exec_type\":\"trade\",\"cum_qty\":0.002")
            .Replace("pending_new", "partially_filled").Replace("\"sequence\":8", "\"sequence\":11"));
        Assert.Equal((ExecutionKind.OrderStatus, OrderState.PartiallyFilled, Quantity.From(0.002m)), (snapshot.Kind, snapshot.State, snapshot.CumulativeQuantity));
    }

    [Fact, Trait("requirement", "R93")]
    public void A_missing_private_message_is_signalled_and_a_new_connection_starts_afresh()
    {
        var orders = Create();
        var batch = new ExecutionBatch();
        Decode(orders, First, batch);
        Assert.Equal(OrderSignal.None, batch.Signal);
        Decode(orders, Trade(10), batch);
        Assert.Equal((OrderSignal.PrivateStreamGap, 1), (batch.Signal, batch.Reports.Length));
        Decode(orders, Trade(11), batch);
        Assert.Equal(OrderSignal.None, batch.Signal);
        orders.Reset();
        Decode(orders, First.Replace("\"sequence\":8", "\"sequence\":1"), batch);
        Assert.Equal(OrderSignal.None, batch.Signal);
        Assert.Equal(1, orders.Statistics.SequenceGaps);
    }

    [Theory]
    [InlineData("e1 b2 e3 e4 b5", "")]
    [InlineData("e1 b1 e2 e3 b2", "")]
    [InlineData("e1 b2 e4 b5", "e4")]
    [InlineData("e1 b1 e3 b2", "e3")]
    [InlineData("e1 e2 e2 e3", "e2")]
    public void Sequences_per_connection_and_per_channel_are_both_followed(string messages, string gaps)
    {
        var sequence = new KrakenSequence();
        var found = messages.Split(' ').Where(m => !sequence.Accept(m[0] == 'e', m[1] - '0'));
        Assert.Equal(gaps, string.Join(' ', found));
    }

    [Fact]
    public void A_message_that_could_not_be_understood_shows_as_a_gap_at_the_next_one()
    {
        var orders = Create();
        var batch = new ExecutionBatch();
        Decode(orders, First, batch);
        Assert.Equal(QuarantineCause.NumberUnrepresentable, Decode(orders, Trade(9).Replace("26599.9", "26599.000000001"), batch));
        Assert.True(batch.Reports.IsEmpty);
        Decode(orders, Trade(10), batch);
        Assert.Equal(OrderSignal.PrivateStreamGap, batch.Signal);
    }

    [Fact]
    public void Foreign_orders_on_unknown_instruments_are_counted_through_their_sparse_life()
    {
        var orders = Create();
        var foreign = First.Replace("BTC/USD", "ADA/EUR").Replace(Id.ToString(), "web");
        Assert.Equal(OrderSignal.None, Signal(orders, foreign));
        Assert.Equal(OrderSignal.None, Signal(orders, Trade(9)));
        Assert.Equal(OrderSignal.None, Signal(orders, Update(10, """ "exec_type":"canceled","order_status":"canceled" """)));
        Assert.Equal(3, orders.Statistics.ReportsForeign);
        Assert.Equal(QuarantineCause.UnknownInstrument, Decode(orders, First.Replace("BTC/USD", "ADA/EUR"), new ExecutionBatch()));
    }

    [Fact]
    public void Fees_of_one_asset_are_added_up_and_others_counted_and_escaped_symbols_read()
    {
        var orders = Create();
        Report(orders, First.Replace("BTC/USD", "BTC\\/USD"));
        var fill = Report(orders, Trade(9).Replace("""{"asset":"USD","qty":0.34580}""", """{"asset":"USD","qty":0.1},{"asset":"USD","qty":2e-9},{"asset":"BTC","qty":1}"""));
        Assert.Equal((10_000_001L, "USD"), (fill.FeeRaw, fill.FeeAsset.ToString()));
        Assert.Equal(1, orders.Statistics.FeesIncomplete);
        fill = Report(orders, Trade(10).Replace("\"trade_id\":36729573,", ""));
        Assert.Equal(TradeIdNumber.Of("TKBXXX-AAAAA-BBBBBB"u8), fill.TradeId);
    }

    [Fact]
    public void Balances_come_from_the_channel_and_with_holds_and_old_names_from_rest()
    {
        var orders = Create();
        var batch = new ExecutionBatch();
        Assert.Equal(QuarantineCause.None, Decode(orders, """{"channel":"balances","type":"snapshot","data":[{"asset":"BTC","asset_class":"currency","balance":1.2345678912,"wallets":[{"type":"spot","id":"main","balance":1.2}]}],"sequence":1}""", batch));
        Assert.Equal(("BTC", 123_456_789L), (batch.Balances[0].Asset.ToString(), batch.Balances[0].FreeRaw));
        batch.Reset();
        Assert.Equal(QuarantineCause.None, orders.Queries.DecodeBalances(200, """{"error":[],"result":{"XXBT":{"balance":"1.2435","hold_trade":"0.8423"},"ZUSD":{"balance":"10","hold_trade":"0"},"XXDG":{"balance":"1","hold_trade":"0"},"USDT":{"balance":"5","hold_trade":"0"}}}"""u8, batch));
        Assert.Equal("BTC USD DOGE USDT", string.Join(' ', batch.Balances.ToArray().Select(b => b.Asset)));
        Assert.Equal((40_120_000L, 84_230_000L), (batch.Balances[0].FreeRaw, batch.Balances[0].LockedRaw));
        Assert.Equal(QuarantineCause.VenueError, orders.Queries.DecodeBalances(200, """{"error":["EAPI:Invalid nonce"]}"""u8, batch));
    }

    [Fact, Trait("requirement", "R90")]
    public void Rest_answers_become_status_not_found_and_fills_of_the_instrument_only()
    {
        var orders = Create();
        var batch = new ExecutionBatch();
        var instrument = Context("BTC/USD", "USD", Keys).Instruments[new InstrumentId(1)];
        var order = $$$"""{"refid":null,"userref":0,"cl_ord_id":"{{{Id}}}","status":"open","opentm":1688583840.8648,"descr":{"pair":"XBTUSD","type":"buy","ordertype":"limit"},"vol":"0.5","vol_exec":"0.10000000"}""";
        Assert.Equal(QuarantineCause.None,
            orders.Queries.DecodeQuery(Id, instrument, 200,
            Encoding.UTF8.GetBytes($$$"""{"error":[],"result":{"O26VBY-ISGAE-JP5TLU":{{{order}}}} }"""), batch));
        var other = order.Replace("XBTUSD", "XBTUSDT");
        Assert.Equal(QuarantineCause.None,
            orders.Queries.DecodeOpenOrders(instrument, 200,
            Encoding.UTF8.GetBytes($$$"""{"error":[],"result":{"open":{"O26VBY-ISGAE-JP5TLU":{{{order}}},"OTHER":{{{other}}}} } }"""), batch));
        Assert.Equal(2, batch.Reports.Length);
        foreach (var status in batch.Reports)
        {
            Assert.Equal((ExecutionKind.OrderStatus, OrderState.PartiallyFilled, Side.Buy, Id), (status.Kind, status.State, status.Side, status.ClientOrderId));
            Assert.Equal(("O26VBY-ISGAE-JP5TLU", 1688583840864800000L), (status.VenueOrderId.ToString(), status.ExchangeTime.UnixNs));
        }

        batch.Reset();
        Assert.Equal(QuarantineCause.None, orders.Queries.DecodeQuery(Id, instrument, 200, """{"error":["EOrder:Unknown order"]}"""u8, batch));
        Assert.Equal(QuarantineCause.None, orders.Queries.DecodeQuery(Id, instrument, 200, """{"error":[],"result":{}}"""u8, batch));
        Assert.Equal((2, ExecutionKind.OrderNotFound, Id), (batch.Reports.Length, batch.Reports[1].Kind, batch.Reports[1].ClientOrderId));
        Assert.Equal(QuarantineCause.VenueError, orders.Queries.DecodeQuery(Id, instrument, 200, """{"error":["EService:Unavailable"]}"""u8, batch));

        batch.Reset();
        Assert.Equal(QuarantineCause.None, orders.Queries.DecodeFills(instrument, 200, """{"error":[],"result":{"count":75,"trades":{"TCCCTY-WJ6EO-4FP4VZ":{"ordertxid":"O26VBY-ISGAE-JP5TLU","pair":"XXBTZUSD","time":1688585840.8921,"type":"buy","price":"29500.50","cost":"14750.25","fee":"23.60","vol":"0.50000000","trade_id":1001,"maker":true},"T2":{"ordertxid":"O","pair":"XBTUSDT","time":1,"type":"buy","price":"1","fee":"0","vol":"1","trade_id":2}}}}"""u8, batch));
        var fill = Assert.Single(batch.Reports.ToArray());
        Assert.Equal((1001L, true, 2_360_000_000L, "USD"), (fill.TradeId, fill.IsMaker, fill.FeeRaw, fill.FeeAsset.ToString()));
        Assert.Equal((1688585840892100000L, 1L), (fill.ExchangeTime.UnixNs, orders.Statistics.PagesCut));
    }

    [Fact]
    public void The_order_cache_agrees_with_a_dictionary_and_stays_within_its_bound()
    {
        var statistics = new OrderProtocolStatistics();
        var cache = new KrakenOrderCache(statistics);
        var twin = new Dictionary<string, long>();
        var random = new Random(5);
        for (var i = 0; i < 60_000; i++)
        {
            var name = $"O{random.Next(12_000):D5}";
            var key = Text40.From(name);
            if (random.Next(3) == 0)
            {
                cache.Remove(key);
                twin.Remove(name);
            }
            else if (twin.Count < KrakenOrderCache.OrdersMax || twin.ContainsKey(name))
            {
                cache.Put(new KrakenKnownOrder { VenueOrderId = key, CumulativeQuantity = new Quantity(i) });
                twin[name] = i;
            }

            var probe = $"O{random.Next(12_000):D5}";
            Assert.Equal(twin.TryGetValue(probe, out var expected), cache.TryFind(Text40.From(probe), out var found));
            Assert.Equal(expected, found.CumulativeQuantity.Raw);
        }

        Assert.Equal(twin.Count, cache.Count);
        for (var i = 0; i < 20_000; i++) cache.Put(new KrakenKnownOrder { VenueOrderId = Text40.From($"N{i}") });
        Assert.Equal(KrakenOrderCache.OrdersMax, cache.Count);
        Assert.True(statistics.TableOverflows > 0);
    }
}
