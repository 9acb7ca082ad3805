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
using Penstock.Venues.Okx;
using static Penstock.Tests.Venues.OrdersTestKit;

namespace Penstock.Tests.Venues.Okx;

public class OkxOrdersTests
{
    private static readonly Credentials Keys = new() { ApiKey = "985d5b66", Secret = "chNOOS4KvNXR_Xq4k4c9qsfoKWvnDecLATCRlcBwyKDYnWgO", Passphrase = "12\"3\\4+é" };

    private static OkxOrders Create() => new(Context("BTC-USDT", "USDT", Keys, venueCode: 10459));

    private static string Push(string state, string filled = "0", string trade = "", string extra = "", string symbol = "BTC-USDT", string? id = null) =>
        $$"""
        {"arg":{"channel":"orders","instType":"SPOT"},"data":[{"accFillSz":"{{filled}}","algoClOrdId":"","attachAlgoOrds":[],"avgPx":"","cTime":"1746947317401",
        "clOrdId":"{{id ?? Id.ToString()}}","execType":"M","fee":"-0.5","feeCcy":"USDT","fillPx":"103698.9","fillSz":"0.03","fillTime":"1746947317402","instId":"{{symbol}}",
        "linkedAlgoOrd":{"algoId":""},"ordId":"2497956918703120384","ordType":"limit","px":"","reduceOnly":"false","side":"buy","state":"{{state}}","sz":"0.05",
        "tradeId":"{{trade}}",{{extra}}"uTime":"1746947317499"}]}
        """.ReplaceLineEndings("");

    private static string Answer(char kind, string item, string code = "1") =>
        $$"""{"id":"{{kind}}{{Id}}","op":"order","data":[{{item}}],"code":"{{code}}","msg":"","inTime":"1695190491421339","outTime":"1695190491423240"}""";

    [Theory, Trait("requirement", "R79")]
    [InlineData("limit", "limit", "\"px\":\"23416.1\"")]
    [InlineData("post", "post_only", "\"px\":\"23416.1\"")]
    [InlineData("ioc", "ioc", "\"px\":\"23416.1\"")]
    [InlineData("fok", "fok", "\"px\":\"23416.1\"")]
    [InlineData("market", "market", "\"tgtCcy\":\"base_ccy\"")]
    public void Every_variety_of_order_is_written_as_documented(string variety, string type, string price)
    {
        Assert.Equal($$"""{"id":"n{{Id}}","op":"order","args":[{"side":"sell","instIdCode":10459,"tdMode":"cash","ordType":"{{type}}",{{price}},"sz":"0.00847","clOrdId":"{{Id}}"}]}""",
            Placed(Create(), Order(variety, Side.Sell)));
        var withoutCode = new OkxOrders(Context("BTC-USDT", "USDT", Keys));
        Assert.Contains("\"side\":\"buy\",\"instId\":\"BTC-USDT\",\"tdMode\"", Placed(withoutCode, Order(variety)));
    }

    [Fact]
    public void Cancels_name_our_id_or_the_venues()
    {
        Assert.Equal($$"""{"id":"c{{Id}}","op":"cancel-order","args":[{"instIdCode":10459,"clOrdId":"{{Id}}"}]}""", Cancelled(Create(), Cancel()));
        Assert.EndsWith("""[{"instIdCode":10459,"ordId":"2510789768709120"}]}""", Cancelled(Create(), Cancel("2510789768709120")));
    }

    [Fact, Trait("requirement", "R144")]
    public void Login_signs_the_seconds_and_subscribes_once_before_it_is_ready()
    {
        var orders = Create();
        var writer = new FrameWriter();
        orders.WriteLogin(writer, UnixNs);
        using var login = JsonDocument.Parse(Only(writer));
        var argument = login.RootElement.GetProperty("args")[0];
        var sign = Convert.ToBase64String(System.Security.Cryptography.HMACSHA256.HashData(Encoding.ASCII.GetBytes(Keys.Secret), "1700000000GET/users/self/verify"u8));
        Assert.Equal(("login", Keys.ApiKey, Keys.Passphrase, "1700000000", sign), (login.RootElement.GetProperty("op").GetString(), argument.GetProperty("apiKey").GetString(),
            argument.GetProperty("passphrase").GetString(), argument.GetProperty("timestamp").GetString(), argument.GetProperty("sign").GetString()));

        writer.Clear();
        orders.WritePending(writer, UnixNs);
        Assert.Equal(0, writer.FrameCount);
        Assert.Equal(OrderSignal.None, Signal(orders, """{"event":"login","code":"0","msg":"","connId":"a4d3ae55"}"""));
        orders.WritePending(writer, UnixNs);
        Assert.Equal("""{"op":"subscribe","args":[{"channel":"orders","instType":"SPOT"},{"channel":"account"}]}""", Only(writer));
        orders.WritePending(writer, UnixNs);
        Assert.Equal(1, writer.FrameCount);
        Assert.Equal(OrderSignal.None, Signal(orders, """{"event":"subscribe","arg":{"channel":"account"},"connId":"a4d3ae55"}"""));
        Assert.Equal(OrderSignal.SessionReady, Signal(orders, """{"event":"subscribe","arg":{"channel":"orders","instType":"SPOT"},"connId":"a4d3ae55"}"""));
        Assert.Equal(QuarantineCause.VenueError, Decode(orders, """{"event":"error","code":"60012","msg":"Invalid request"}""", new ExecutionBatch()));
        orders.Reset();
        Assert.Equal(OrderSignal.LoginRefused, Signal(orders, """{"event":"error","code":"60009","msg":"Login failed.","connId":"a4d3ae55"}"""));
    }

    [Fact]
    public void Text_pings_notices_and_connection_counts_are_understood()
    {
        var orders = Create();
        var writer = new FrameWriter();
        Assert.True(orders.TryWritePing(writer));
        Assert.Equal("ping", Only(writer));
        Assert.Equal(OrderSignal.Pong, Signal(orders, "pong"));
        Assert.Equal(OrderSignal.ReconnectRequested, Signal(orders, """{"event":"notice","code":"64008","msg":"The connection will soon be closed for a service upgrade. Please reconnect.","connId":"1"}"""));
        Assert.Equal(OrderSignal.None, Signal(orders, """{"event":"channel-conn-count","channel":"orders","connCount":"2","connId":"abcd1234"}"""));
        Assert.Equal(QuarantineCause.UnknownChannel, Decode(orders, """{"event":"novelty"}""", new ExecutionBatch()));
    }

    [Fact, Trait("requirement", "R144")]
    public void Rest_calls_are_signed_with_time_method_and_path()
    {
        Assert.Equal("PJ61e1nb2F2Qd7D8SPiaIcx2gjdELc+o0ygzre9z33k=", new OkxSigner(Keys).Sign("2020-12-08T09:08:57.715ZGET/api/v5/account/balance"));
        var example = Create().Queries.Balances(1607418537715 * 1_000_000);
        Assert.Contains(new("OK-ACCESS-SIGN", "PJ61e1nb2F2Qd7D8SPiaIcx2gjdELc+o0ygzre9z33k="), example.Headers);
        Assert.Contains(new("OK-ACCESS-TIMESTAMP", "2020-12-08T09:08:57.715Z"), example.Headers);
        Assert.Contains(new("OK-ACCESS-PASSPHRASE", Keys.Passphrase), example.Headers);
        var instrument = Context("BTC-USDT", "USDT", Keys).Instruments[new InstrumentId(1)];
        Assert.Equal($"/api/v5/trade/order?instId=BTC-USDT&clOrdId={Id}", Create().Queries.QueryOrder(Id, default, instrument, UnixNs).PathAndQuery);
        Assert.Equal("/api/v5/trade/orders-pending?instType=SPOT&instId=BTC-USDT", Create().Queries.OpenOrders(instrument, UnixNs).PathAndQuery);
        Assert.Equal(
            "/api/v5/trade/fills?instType=SPOT&instId=BTC-USDT&begin=1234",
            Create().Queries.Fills(instrument, ExchangeTime.FromMs(1234), UnixNs).PathAndQuery);
    }

    [Fact, Trait("requirement", "R85")]
    public void An_ack_is_an_ack_and_an_accepted_cancel_says_nothing_yet()
    {
        var report = Report(Create(), Answer('n', """{"clOrdId":"","ordId":"12345689","tag":"","ts":"1695190491421","sCode":"0","sMsg":""}""", "0"));
        Assert.Equal((ExecutionKind.Acked, OrderState.Acked, Id, "12345689"), (report.Kind, report.State, report.ClientOrderId, report.VenueOrderId.ToString()));
        Assert.Equal(ExchangeTime.FromMs(1695190491421), report.ExchangeTime);
        Assert.Equal(OrderSignal.None, Signal(Create(), Answer('c', """{"clOrdId":"","ordId":"1","ts":"1","sCode":"0","sMsg":""}""", "0")));
    }

    [Fact, Trait("requirement", "R93")]
    public void The_orders_channel_tells_acceptance_fill_and_end_apart()
    {
        var live = Report(Create(), Push("live"));
        Assert.Equal((ExecutionKind.Accepted, OrderState.Working, Id, "2497956918703120384"), (live.Kind, live.State, live.ClientOrderId, live.VenueOrderId.ToString()));
        Assert.Equal(ExchangeTime.FromMs(1746947317499), live.ExchangeTime);

        var fill = Report(Create(), Push("partially_filled", "0.04", "1518905529", "\"fillFee\":\"-0.021776769123\",\"fillFeeCcy\":\"USDT\","));
        Assert.Equal((ExecutionKind.Fill, OrderState.PartiallyFilled, Side.Buy, true), (fill.Kind, fill.State, fill.Side, fill.IsMaker));
        Assert.Equal((Price.From(103698.9m), Quantity.From(0.03m), Quantity.From(0.04m)), (fill.LastPrice, fill.LastQuantity, fill.CumulativeQuantity));
        Assert.Equal((1518905529L, 2_177_677L, "USDT"), (fill.TradeId, fill.FeeRaw, fill.FeeAsset.ToString()));
        Assert.Equal(ExchangeTime.FromMs(1746947317402), fill.ExchangeTime);
        Assert.Equal(-1L, Report(Create(), Push("filled", "0.05", "2", "\"fillFee\":\"0.00000001\",\"fillFeeCcy\":\"USDT\",")).FeeRaw);

        var cancelled = Report(Create(), Push("canceled", "0.01", extra: "\"cancelSource\":\"31\","));
        Assert.Equal((ExecutionKind.Cancelled, RejectReason.WouldTakeLiquidity, 31), (cancelled.Kind, cancelled.Reason, cancelled.RawCode));
        Assert.Equal(RejectReason.None, Report(Create(), Push("canceled", extra: "\"cancelSource\":\"1\",")).Reason);
        Assert.Equal(ExecutionKind.Filled, Report(Create(), Push("filled", "0.05")).Kind);
    }

    [Fact]
    public void A_fill_without_a_fee_of_its_own_takes_the_orders_only_while_it_is_the_first()
    {
        var orders = Create();
        Assert.Equal(50_000_000L, Report(orders, Push("partially_filled", "0.03", "1")).FeeRaw);
        Assert.Equal(0, orders.Statistics.FeesIncomplete);
        Assert.Equal(0L, Report(orders, Push("partially_filled", "0.04", "2")).FeeRaw);
        Assert.Equal(1, orders.Statistics.FeesIncomplete);
    }

    [Fact]
    public void Foreign_orders_on_unknown_instruments_are_counted_and_own_ones_refused()
    {
        var orders = Create();
        Assert.Equal(OrderSignal.None, Signal(orders, Push("live", symbol: "ETH-USDT", id: "web")));
        Assert.Equal(1, orders.Statistics.ReportsForeign);
        Assert.Equal(QuarantineCause.UnknownInstrument, Decode(orders, Push("live", symbol: "ETH-USDT"), new ExecutionBatch()));
        Assert.Equal(QuarantineCause.Malformed, Decode(orders, Push("novel"), new ExecutionBatch()));
        Assert.True(Report(orders, Push("live", id: "web")).ClientOrderId.IsNone);
    }

    [Fact]
    public void Balances_come_from_the_channel_and_from_rest_alike()
    {
        const string Details = """[{"ccy":"USDT","cashBal":"100.5","availBal":"90.5","frozenBal":"10","ordFrozen":"0","eq":"100.5"},{"ccy":"BTC","availBal":"0.123456789","frozenBal":""}]""";
        var batch = new ExecutionBatch();
        Assert.Equal(QuarantineCause.None, Decode(Create(), $$"""{"arg":{"channel":"account"},"data":[{"uTime":"1","details":{{Details}}}]}""", batch));
        Assert.Equal(
            QuarantineCause.None,
            Create().Queries.DecodeBalances(200, Encoding.ASCII.GetBytes($$"""{"code":"0","msg":"","data":[{"details":{{Details}}}]}"""), batch));
        Assert.Equal("USDT BTC USDT BTC", string.Join(' ', batch.Balances.ToArray().Select(b => b.Asset)));
        Assert.Equal((9_050_000_000L, 1_000_000_000L), (batch.Balances[0].FreeRaw, batch.Balances[0].LockedRaw));
        Assert.Equal((12_345_678L, 0L), (batch.Balances[3].FreeRaw, batch.Balances[3].LockedRaw));
    }

    [Fact, Trait("requirement", "R90")]
    public void Rest_answers_become_status_not_found_and_fills()
    {
        var orders = Create().Queries;
        var batch = new ExecutionBatch();
        var instrument = Context("BTC-USDT", "USDT", Keys).Instruments[new InstrumentId(1)];
        var body = Encoding.UTF8.GetBytes($$"""{"code":"0","msg":"","data":[{"accFillSz":"0","avgPx":"","clOrdId":"{{Id}}","fillPx":"","fillSz":"0","instId":"BTC-USDT","ordId":"301835739059335168","side":"buy","state":"live","sz":"1","tradeId":"","uTime":"1618235248028"}]}""");
        Assert.Equal(QuarantineCause.None, orders.DecodeQuery(Id, instrument, 200, body, batch));
        Assert.Equal(QuarantineCause.None, orders.DecodeOpenOrders(instrument, 200, body, batch));
        Assert.Equal(QuarantineCause.None, orders.DecodeQuery(Id, instrument, 200, """{"code":"51603","msg":"Order does not exist","data":[]}"""u8, batch));
        Assert.Equal(QuarantineCause.None, orders.DecodeFills(instrument, 200, """{"code":"0","msg":"","data":[{"side":"buy","fillSz":"0.00192834","fillPx":"51858","fee":"-0.00000192834","ordId":"680800019749904384","instType":"SPOT","instId":"BTC-USDT","clOrdId":"","fillTime":"1708587373361","execType":"T","tradeId":"744876980","feeCcy":"BTC","ts":"1708587373362"}]}"""u8, batch));
        Assert.Equal([ExecutionKind.OrderStatus, ExecutionKind.OrderStatus, ExecutionKind.OrderNotFound, ExecutionKind.Fill], batch.Reports.ToArray().Select(r => r.Kind));
        Assert.Equal((OrderState.Working, Id), (batch.Reports[1].State, batch.Reports[1].ClientOrderId));
        var fill = batch.Reports[3];
        Assert.Equal((744876980L, 193L, "BTC", false), (fill.TradeId, fill.FeeRaw, fill.FeeAsset.ToString(), fill.IsMaker));
        Assert.Equal(QuarantineCause.VenueError, orders.DecodeQuery(Id, instrument, 200, """{"code":"50004","msg":"timeout","data":[]}"""u8, batch));
        Assert.Equal(QuarantineCause.VenueError, orders.DecodeOpenOrders(instrument, 502, "<html>"u8, batch));
    }

    [Fact]
    public void A_bad_row_late_in_a_message_takes_the_rows_before_it_back()
    {
        var batch = new ExecutionBatch();
        var good = Push("live");
        var row = good[(good.IndexOf("[{", StringComparison.Ordinal) + 1)..^2];
        Assert.Equal(QuarantineCause.Malformed, Decode(Create(), good[..^2] + "," + row.Replace("\"buy\"", "\"bye\"") + "]}", batch));
        Assert.True(batch.Reports.IsEmpty);
        Assert.Equal(QuarantineCause.None, Decode(Create(), good[..^2] + "," + row + "]}", batch));
        Assert.Equal(2, batch.Reports.Length);
    }
}
