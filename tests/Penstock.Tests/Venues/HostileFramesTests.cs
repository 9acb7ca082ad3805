using System.Text;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Model.Instruments;
using Penstock.Model.Orders;
using Penstock.Tests.Conformance;

namespace Penstock.Tests.Venues;

/// <summary>Well-formed frames with values no honest venue sends, byte for byte: each is refused for its own reason, or understood.</summary>
[Trait("requirement", "R148")]
public class HostileFramesTests
{
    private const string Digits26 = "12345678901234567890123456";
    private const string Above63Bits = "17843232920108168701";

    private static readonly Dictionary<string, string> Templates = new()
    {
        ["Binance trade"] = """{"stream":"btcusdt@trade","data":{"e":"trade","E":1,"s":"BTCUSDT","t":7,"p":"1.5","q":"2","T":1,"m":true,"M":true}}""",
        ["Binance depth"] = """{"stream":"btcusdt@depth","data":{"e":"depthUpdate","E":1,"s":"BTCUSDT","U":7,"u":8,"b":[["1.5","2"]],"a":[]}}""",
        ["Kraken trade"] = """{"channel":"trade","type":"update","data":[{"symbol":"BTC/USD","side":"buy","price":1.5,"qty":2,"ord_type":"limit","trade_id":7,"timestamp":"2023-09-25T07:49:37.708706Z"}]}""",
        ["Kraken book"] = """{"channel":"book","type":"update","data":[{"symbol":"BTC/USD","bids":[{"price":1.5,"qty":2}],"asks":[],"checksum":7,"timestamp":"2023-09-25T07:49:37.708706Z"}]}""",
        ["Kraken status"] = """{"channel":"status","type":"update","data":[{"system":"online","api_version":"v2","connection_id":7,"version":"2.0.0"}]}""",
        ["Okx trade"] = """{"arg":{"channel":"trades","instId":"BTC-USDT"},"data":[{"instId":"BTC-USDT","tradeId":"7","px":"1.5","sz":"2","side":"buy","ts":"1","count":"1"}]}""",
        ["Bitfinex trade"] = """[17470,"te",[7,1,2,1.5],1]""",
        ["Bitfinex book"] = """[17082,[1.5,1,2],1]""",
        ["Bitfinex info"] = """{"event":"info","version":2,"serverId":"083bd8d4","platform":{"status":1}}""",
        ["Okx book"] = """{"arg":{"channel":"books","instId":"BTC-USDT"},"action":"update","data":[{"asks":[["1.5","2","0","1"]],"bids":[],"ts":"1","checksum":0,"seqId":8,"prevSeqId":7}]}""",
    };

    [Theory, Trait("requirement", "R20"), Trait("requirement", "R17")]
    [InlineData("Binance trade", "\"t\":7", "\"t\":" + Digits26, QuarantineCause.NumberOverflow)]
    [InlineData("Binance trade", "\"1.5\"", "\"0\"", QuarantineCause.NumberOutOfRange)]
    [InlineData("Binance trade", "\"1.5\"", "\"\"", QuarantineCause.Malformed)]
    [InlineData("Binance trade", "\"1.5\"", "\"1e-9\"", QuarantineCause.NumberUnrepresentable)]
    [InlineData("Binance trade", "\"1.5\"", "\"1e400\"", QuarantineCause.NumberOverflow)]
    [InlineData("Binance trade", "\"1.5\"", "\"1e99999\"", QuarantineCause.Malformed)]
    [InlineData("Binance trade", "\"1.5\"", "\"15e-1\"", QuarantineCause.None)]
    [InlineData("Binance trade", "\"1.5\"", "null", QuarantineCause.Malformed)]
    [InlineData("Binance trade", "\"1.5\"", "{}", QuarantineCause.Malformed)]
    [InlineData("Binance trade", "\"T\":1", "\"T\":9223372036855", QuarantineCause.NumberOutOfRange)]
    [InlineData("Binance trade", "\"T\":1", "\"T\":-1", QuarantineCause.NumberOutOfRange)]
    [InlineData("Binance trade", "BTCUSDT\"", "\"", QuarantineCause.UnknownInstrument)]
    [InlineData("Binance trade", "BTCUSDT\"", "BTC\\u0000USDT\"", QuarantineCause.UnknownInstrument)]
    [InlineData("Binance trade", "\"M\":true", "\"M\":true,\"new\":{\"p\":[1,{}]}", QuarantineCause.None)]
    [InlineData("Binance trade", "\"M\":true", "\"p\":\"2\"", QuarantineCause.Malformed)]
    [InlineData("Binance depth", "\"u\":8", "\"u\":" + Above63Bits, QuarantineCause.NumberOverflow)]
    [InlineData("Binance depth", "[\"1.5\",\"2\"]", "[\"1.5\",\"-2\"]", QuarantineCause.NumberOutOfRange)]
    [InlineData("Binance depth", "[\"1.5\",\"2\"]", "[\"1.5\"]", QuarantineCause.Malformed)]
    [InlineData("Binance depth", "[\"1.5\",\"2\"]", "[]", QuarantineCause.Malformed)]
    [InlineData("Kraken trade", "\"trade_id\":7", "\"trade_id\":" + Digits26, QuarantineCause.NumberOverflow)]
    [InlineData("Kraken trade", "\"price\":1.5", "\"price\":0", QuarantineCause.NumberOutOfRange)]
    [InlineData("Kraken trade", "\"price\":1.5", "\"price\":1e-08", QuarantineCause.None)]
    [InlineData("Kraken trade", "\"price\":1.5", "\"price\":1E+400", QuarantineCause.NumberOverflow)]
    [InlineData("Kraken trade", "\"price\":1.5", "\"price\":01.5", QuarantineCause.Malformed)]
    [InlineData("Kraken trade", "2023-09-25T07:49:37.708706Z", "", QuarantineCause.Malformed)]
    [InlineData("Kraken trade", "2023-09-25T07:49:37.708706Z", "9999-09-25T07:49:37.708706Z", QuarantineCause.Malformed)]
    [InlineData("Kraken book", "\"checksum\":7", "\"checksum\":4294967296", QuarantineCause.NumberOutOfRange)]
    [InlineData("Kraken book", "\"checksum\":7", "\"checksum\":-1", QuarantineCause.NumberOutOfRange)]
    [InlineData("Kraken status", "\"connection_id\":7", "\"connection_id\":" + Above63Bits, QuarantineCause.None)]
    [InlineData("Kraken status", "\"online\"", "\"\"", QuarantineCause.None)]
    [InlineData("Okx trade", "\"tradeId\":\"7\"", "\"tradeId\":\"" + Digits26 + "\"", QuarantineCause.NumberOverflow)]
    [InlineData("Okx trade", "\"px\":\"1.5\"", "\"px\":\"\"", QuarantineCause.Malformed)]
    [InlineData("Okx trade", "\"px\":\"1.5\"", "\"px\":\"0\"", QuarantineCause.NumberOutOfRange)]
    [InlineData("Okx trade", "\"ts\":\"1\"", "\"ts\":\"-1\"", QuarantineCause.NumberOutOfRange)]
    [InlineData("Okx book", "\"seqId\":8", "\"seqId\":" + Above63Bits, QuarantineCause.NumberOverflow)]
    [InlineData("Okx book", "\"checksum\":0", "\"checksum\":2147483648", QuarantineCause.NumberOutOfRange)]
    [InlineData("Okx book", "\"checksum\":0", "\"checksum\":0,\"asks\":[]", QuarantineCause.Malformed)]
    [InlineData("Bitfinex trade", "[7,", "[" + Digits26 + ",", QuarantineCause.None)]
    [InlineData("Bitfinex trade", "1.5]", "0]", QuarantineCause.NumberOutOfRange)]
    [InlineData("Bitfinex trade", "1.5]", "null]", QuarantineCause.Malformed)]
    [InlineData("Bitfinex trade", "1.5]", "1e-9]", QuarantineCause.NumberUnrepresentable)]
    [InlineData("Bitfinex trade", "1.5]", "1e400]", QuarantineCause.NumberOverflow)]
    [InlineData("Bitfinex trade", "[7,1,", "[7,-1,", QuarantineCause.NumberOutOfRange)]
    [InlineData("Bitfinex trade", ",2,", ",-2e-8,", QuarantineCause.None)]
    [InlineData("Bitfinex trade", ",2,", ",1e-9,", QuarantineCause.NumberOutOfRange)]
    [InlineData("Bitfinex trade", "[17470,", "[" + Above63Bits + ",", QuarantineCause.NumberOverflow)]
    [InlineData("Bitfinex trade", "],1]", "]," + Above63Bits + "]", QuarantineCause.NumberOverflow)]
    [InlineData("Bitfinex book", "[1.5,1,2]", "[1.5,1,{}]", QuarantineCause.Malformed)]
    [InlineData("Bitfinex book", "[1.5,1,2]", "[1.5,1]", QuarantineCause.Malformed)]
    [InlineData("Bitfinex book", "[1.5,1,2]", "[[1.5,1,2],7]", QuarantineCause.Malformed)]
    [InlineData("Bitfinex book", "[1.5,1,2]", "[1.5,0,-1]", QuarantineCause.None)]
    [InlineData("Bitfinex book", "[1.5,1,2]", "{}", QuarantineCause.Malformed)]
    [InlineData("Bitfinex book", "],1]", "]]", QuarantineCause.Malformed)]
    [InlineData("Bitfinex info", "\"platform\":{\"status\":1}", "\"platform\":null", QuarantineCause.None)]
    [InlineData("Bitfinex info", "\"version\":2", "\"code\":\"20060\"", QuarantineCause.Malformed)]
    [InlineData("Bitfinex info", "\"version\":2", "\"event\":\"info\"", QuarantineCause.Malformed)]
    public void A_value_no_honest_venue_sends_is_refused_for_its_own_reason(string template, string from, string to, QuarantineCause expected)
    {
        var frame = Templates[template];
        Assert.Contains(from, frame, StringComparison.Ordinal);
        var feed = FeedFixtures.CreateFeed(template.Split(' ')[0]);
        var batch = new FeedBatch();
        Assert.Equal(QuarantineCause.None, feed.Decode(Encoding.UTF8.GetBytes(frame), batch));
        Assert.Equal(expected, feed.Decode(Encoding.UTF8.GetBytes(frame.Replace(from, to, StringComparison.Ordinal)), batch));
        if (expected != QuarantineCause.None) Assert.Equal(0, batch.Messages.Length + batch.Events.Length);
    }

    [Theory, Trait("requirement", "R20")]
    [InlineData(50, QuarantineCause.None)]
    [InlineData(100, QuarantineCause.Malformed)]
    public void An_unknown_field_may_nest_as_deep_as_the_limit_and_no_deeper(int depth, QuarantineCause expected)
    {
        foreach (var (name, frame) in Templates)
        {
            // What a venue may append: a member to an object, an element to an array.
            var deep = frame[..^1] + (frame[0] == '{' ? ",\"zzz\":" : ",") + new string('[', depth) + new string(']', depth) + frame[^1];
            Assert.Equal(expected, FeedFixtures.CreateFeed(name.Split(' ')[0]).Decode(Encoding.ASCII.GetBytes(deep), new FeedBatch()));
        }
    }

    [Theory, Trait("requirement", "R20"), Trait("requirement", "R90")]
    [InlineData("Binance", """{"symbol":"BTCUSDT","orderId":1,"clientOrderId":"$ID","executedQty":"0.4","status":"NEW","side":"SELL","updateTime":1}""")]
    [InlineData("Kraken", """{"error":[],"result":{"OABC-1":{"cl_ord_id":"$ID","descr":{"type":"buy"},"vol_exec":"0","opentm":1,"status":"open"}}}""")]
    [InlineData("Okx", """{"code":"0","data":[{"clOrdId":"$ID","instId":"BTC-USDT","ordId":"1","side":"buy","state":"live","accFillSz":"0","uTime":"1"}]}""")]
    public void An_answer_about_another_of_our_orders_is_neither_a_status_nor_a_proof_of_absence(string venue, string body)
    {
        var orders = OrderFixtures.Create(venue)!;
        var batch = new ExecutionBatch();
        var bytes = Encoding.UTF8.GetBytes(OrderFixtures.Named(body, venue));
        Assert.Equal(QuarantineCause.None, orders.Queries.DecodeQuery(OrdersTestKit.Id, OrderFixtures.Instrument(venue), 200, bytes, batch));
        Assert.Equal(ExecutionKind.OrderStatus, Assert.Single(batch.Reports.ToArray()).Kind);
        batch.Reset();
        Assert.Equal(
            QuarantineCause.Malformed, orders.Queries.DecodeQuery(ClientOrderId.Of(1, 8), OrderFixtures.Instrument(venue), 200, bytes, batch));
        Assert.True(batch.Reports.IsEmpty);
    }
}
