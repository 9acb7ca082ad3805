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

/// <summary>
/// Changes of resting orders: the answer says that a request was taken, the row what came of it. Frames in the venue's documented form, in every
/// order that two messages can arrive, and again.
/// </summary>
[Trait("requirement", "R79")]
public class OkxAmendTests
{
    private const long First = UnixNs / 1_000;

    private static readonly Credentials Keys = new() { ApiKey = "985d5b66", Secret = "secret", Passphrase = "phrase" };

    private static readonly AmendRequest Change = new()
    {
        ClientOrderId = Id, Instrument = new InstrumentId(1), Side = Side.Buy, Price = Price.From(70.5m), Quantity = Quantity.From(2m),
    };

    private readonly OkxOrders _orders = new(Context("BTC-USDT", "USDT", Keys, venueCode: 10459));
    private readonly ExecutionBatch _batch = new();

    private static string Name(long number = First, ClientOrderId? order = null) => $"a{order ?? Id}{number}";

    /// <summary>As documented for "WS / Amend order"; sCode 0 is an acknowledgement.</summary>
    private static string Answer(string code = "0", long number = First) =>
        $$"""{"id":"{{Name(number)}}","op":"amend-order","data":[{"clOrdId":"{{Id}}","ordId":"2510789768709120","ts":"1695190491421","reqId":"{{Name(number)}}","sCode":"{{code}}","sMsg":"text","subCode":""}],"code":"{{(code == "0" ? 0 : 1)}}","msg":"","inTime":"1695190491421339","outTime":"1695190491423240"}""";

    private static string Row(
        string result, string? name = null, string price = "70.5", string total = "2", string state = "live", string filled = "0",
        string trade = "", string code = "0", long at = 1746947317499, string? id = null) =>
        $$"""{"arg":{"channel":"orders","instType":"SPOT","uid":"1"},"data":[{"instId":"BTC-USDT","ordId":"2510789768709120","clOrdId":"{{id ?? Id.ToString()}}","side":"buy","ordType":"post_only","px":"{{price}}","sz":"{{total}}","state":"{{state}}","accFillSz":"{{filled}}","tradeId":"{{trade}}","fillPx":"70.5","fillSz":"0.5","fillFee":"-0.01","fillFeeCcy":"BTC","fillTime":"1746947317402","execType":"M","cancelSource":"","amendSource":"1","reqId":"{{name ?? Name()}}","amendResult":"{{result}}","code":"{{code}}","msg":"","uTime":"{{at}}"}]}""";

    private string Asked()
    {
        var writer = new FrameWriter();
        Assert.Equal(RejectReason.None, _orders.WriteAmend(Change, writer, UnixNs));
        return Only(writer);
    }

    private string Told(params string[] frames)
    {
        List<ExecutionKind> kinds = [];
        foreach (var frame in frames)
        {
            Assert.Equal(QuarantineCause.None, Decode(_orders, frame, _batch));
            kinds.AddRange(_batch.Reports.ToArray().Select(r => r.Kind));
        }

        return string.Join(' ', kinds);
    }

    [Fact]
    public void A_change_is_written_as_documented_and_no_two_have_the_same_name()
    {
        Assert.Equal(
            $$"""{"id":"{{Name()}}","op":"amend-order","args":[{"instIdCode":10459,"clOrdId":"{{Id}}","reqId":"{{Name()}}","newSz":"2","newPx":"70.5"}]}""",
            Asked());
        Assert.Contains($"\"reqId\":\"{Name(First + 1)}\"", Asked());
        Assert.True(Name().Length <= 32 && Name().All(char.IsAsciiLetterOrDigit));
        var withoutCode = new OkxOrders(Context("BTC-USDT", "USDT", Keys));
        var writer = new FrameWriter();
        withoutCode.WriteAmend(Change, writer, UnixNs);
        Assert.Contains("\"args\":[{\"instId\":\"BTC-USDT\",\"clOrdId\"", Only(writer));
        JsonDocument.Parse(Only(writer)).Dispose();
    }

    [Fact]
    public void A_change_that_cannot_be_written_says_why_and_leaves_no_byte()
    {
        var writer = new FrameWriter();
        Assert.Equal(RejectReason.PriceOutOfRange, _orders.WriteAmend(Change with { Price = Price.Zero }, writer, UnixNs));
        Assert.Equal(RejectReason.QuantityOutOfRange, _orders.WriteAmend(Change with { Quantity = Quantity.Zero }, writer, UnixNs));
        Assert.Equal(RejectReason.InvalidParameter, _orders.WriteAmend(Change with { ClientOrderId = ClientOrderId.None }, writer, UnixNs));
        Assert.Equal(RejectReason.InvalidParameter, _orders.WriteAmend(Change with { Instrument = new InstrumentId(9) }, writer, UnixNs));
        var context = Context("BTC-USDT", "USDT", Keys);
        context.Instruments.Add(context.Instruments[new InstrumentId(1)] with { PriceScale = 11 });
        Assert.Equal(RejectReason.NotSupported, new OkxOrders(context).WriteAmend(Change, writer, UnixNs));
        Assert.Equal(RejectReason.NotSupported, new OkxOrders(context).WritePlace(Order("limit"), writer, UnixNs));
        Assert.True(writer.FrameCount == 0 && writer.Open.IsEmpty);
    }

    [Fact]
    public void The_row_confirms_a_change_and_the_answer_does_not()
    {
        Asked();
        Assert.Empty(Told(Answer()));
        // Before the change took place.
        Assert.Equal("Accepted", Told(Row("", name: "")));
        Assert.Equal("Amended OrderStatus", Told(Row("0", state: "partially_filled", filled: "0.5")));
        var amended = _batch.Reports[0];
        Assert.Equal((Change.Price, Change.Quantity, Quantity.From(0.5m)), (amended.LastPrice, amended.LastQuantity, amended.CumulativeQuantity));
        Assert.Equal((Id, new InstrumentId(1), "2510789768709120"), (amended.ClientOrderId, amended.Instrument, amended.VenueOrderId.ToString()));
        Assert.Equal(ExchangeTime.FromMs(1746947317499), amended.ExchangeTime);
    }

    [Fact]
    public void A_row_before_the_answer_and_a_row_that_comes_again_are_one_change()
    {
        Asked();
        Assert.Equal("Amended Accepted", Told(Row("0"), Answer()));
        Assert.Equal("Accepted Accepted", Told(Row("0"), Row("0", at: 1746947319999)));
        // The next change of the order is another one.
        Asked();
        Assert.Equal("Amended Accepted", Told(Answer(number: First + 1), Row("0", Name(First + 1), price: "71")));
        Assert.Equal(Price.From(71m), _batch.Reports[0].LastPrice);
    }

    [Fact]
    public void A_row_of_an_earlier_change_that_comes_after_that_of_a_later_one_says_nothing_of_what_rests()
    {
        Asked();
        Asked();
        Assert.Equal("Amended Accepted", Told(Row("0", Name(First + 1), price: "71")));
        Assert.Equal("Accepted", Told(Row("0", Name(First), price: "70.5", at: 1746947319999)));
        Assert.Empty(Told(Answer("51503", First)));
    }

    [Theory]
    [InlineData("answer")]
    [InlineData("row")]
    [InlineData("answer row")]
    [InlineData("row answer")]
    [InlineData("row row")]
    [InlineData("ack row")]
    [InlineData("row ack")]
    public void A_change_that_failed_is_refused_once_however_it_is_told(string order)
    {
        Asked();
        string Frame(string part) => part == "row" ? Row("-1", code: "51511") : Answer(part == "ack" ? "0" : "51511");
        var told = Told([.. order.Split(' ').Select(Frame)]);
        Assert.Equal(1, told.Split(' ').Count(kind => kind == "AmendRejected"));
        Assert.DoesNotContain("Amended", told);
        // The order is as it was; the next change is judged by itself.
        Asked();
        Assert.Equal("Amended Accepted", Told(Row("0", Name(First + 1))));
    }

    [Fact]
    public void A_refusal_says_why_whether_the_answer_or_the_row_tells_it()
    {
        Asked();
        var refused = Report(_orders, Answer("51503"));
        Assert.Equal((ExecutionKind.AmendRejected, RejectReason.OrderNotFound), (refused.Kind, refused.Reason));
        Assert.Equal((51503, Id), (refused.RawCode, refused.ClientOrderId));
        Asked();
        Told(Row("-1", Name(First + 1), code: "51511"));
        refused = _batch.Reports[0];
        Assert.Equal((ExecutionKind.AmendRejected, RejectReason.WouldTakeLiquidity, 51511), (refused.Kind, refused.Reason, refused.RawCode));
        Assert.Equal(("2510789768709120", new InstrumentId(1)), (refused.VenueOrderId.ToString(), refused.Instrument));
        // The row is the outcome, even where its code would leave an answer open, or is none.
        Asked();
        Told(Row("-1", Name(First + 2), code: "50026"));
        Assert.Equal((ExecutionKind.AmendRejected, RejectReason.Rejected), (_batch.Reports[0].Kind, _batch.Reports[0].Reason));
        Asked();
        Told(Row("-1", Name(First + 3), code: "?"));
        Assert.Equal((RejectReason.Rejected, 0), (_batch.Reports[0].Reason, _batch.Reports[0].RawCode));
    }

    [Fact]
    public void What_the_answer_leaves_open_or_gets_wrong_the_row_tells()
    {
        Asked();
        Assert.Equal("OutcomeUnknown Amended Accepted", Told(Answer("50004"), Row("0")));
        // After the row there is nothing to ask: the refusal of the same change is out of date.
        Assert.Empty(Told(Answer("50013")));
        Asked();
        // What rests counts, whatever the answer said.
        var row = Row("0", Name(First + 1));
        Assert.Equal("AmendRejected Amended Accepted Accepted", Told(Answer("50013", First + 1), row, row));
    }

    [Fact]
    public void An_answer_without_an_order_is_known_by_its_id()
    {
        Asked();
        var refused = Report(_orders, $$"""{"id":"{{Name()}}","op":"amend-order","data":[],"code":"60013","msg":"Invalid args"}""");
        Assert.Equal((ExecutionKind.AmendRejected, RejectReason.InvalidParameter, 60013), (refused.Kind, refused.Reason, refused.RawCode));
        // A change of ours always has a number.
        var unnumbered = $$"""{"id":"a{{Id}}","op":"amend-order","data":[],"code":"60013","msg":""}""";
        Assert.Equal(QuarantineCause.VenueError, Decode(_orders, unnumbered, _batch));
        Assert.Equal(1, _orders.Statistics.ResponsesUnmatched);
    }

    [Fact, Trait("requirement", "R93")]
    public void A_trade_told_in_the_row_of_a_change_comes_after_it_and_is_not_counted_twice()
    {
        Asked();
        Assert.Equal("Amended Fill", Told(Row("0", state: "partially_filled", filled: "0.5", trade: "7")));
        Assert.Equal((Quantity.Zero, Quantity.From(0.5m)), (_batch.Reports[0].CumulativeQuantity, _batch.Reports[1].CumulativeQuantity));
        Assert.Equal((Quantity.From(2m), Quantity.From(0.5m)), (_batch.Reports[0].LastQuantity, _batch.Reports[1].LastQuantity));
        // A total made smaller, and with it the last trade.
        Asked();
        Assert.Equal("Amended Fill", Told(Row("0", Name(First + 1), total: "1", state: "filled", filled: "1", trade: "8")));
    }

    [Fact, Trait("requirement", "R93")]
    public void The_last_trade_of_an_order_whose_total_is_in_the_air_is_told_to_be_the_last()
    {
        Asked();
        Assert.Equal("Fill", Told(Row("", name: "", state: "partially_filled", filled: "0.5", trade: "7")));
        Assert.Equal("Fill Filled", Told(Row("", name: "", state: "filled", filled: "1", trade: "8")));
        var end = _batch.Reports[1];
        Assert.Equal((OrderState.Filled, Quantity.From(1m), Id), (end.State, end.CumulativeQuantity, end.ClientOrderId));
        Assert.Equal((0L, 0L, Quantity.Zero), (end.TradeId, end.FeeRaw, end.LastQuantity));
        Assert.Equal("AmendRejected", Told(Answer("51503")));
        // Where the total is known a trade is enough.
        Assert.Equal("Fill", Told(Row("", name: "", state: "filled", filled: "1", trade: "9")));
    }

    [Theory]
    [InlineData("1", "canceled", "Cancelled")]
    [InlineData("0", "canceled", "Cancelled")]
    [InlineData("-1", "canceled", "Cancelled")]
    [InlineData("0", "filled", "Filled")]
    public void An_order_that_ended_is_changed_no_more(string result, string state, string kind)
    {
        Asked();
        Assert.Equal(kind, Told(Row(result, state: state, filled: "0.5")));
    }

    [Fact]
    public void What_somebody_else_changed_rests_so_and_is_told_so_once()
    {
        Assert.Equal("Amended Accepted", Told(Row("0", name: "", price: "69", total: "5")));
        Assert.Equal((Price.From(69m), Quantity.From(5m)), (_batch.Reports[0].LastPrice, _batch.Reports[0].LastQuantity));
        Assert.Equal("Accepted", Told(Row("0", name: "", price: "69", total: "5")));
        Assert.Equal("Amended Accepted", Told(Row("0", name: "", price: "68", at: 1746947317500)));
        Assert.Equal("Accepted", Told(Row("-1", name: "", at: 1746947317501)));
        // By a process of ours that ended, or by a name of another order.
        Assert.Equal("Amended Accepted", Told(Row("0", Name(First - 5_000_000), at: 1746947317502)));
        Asked();
        Assert.Equal("Amended Accepted", Told(Row("0", Name(First, ClientOrderId.Of(1, 8)), at: 1746947317503)));
        Assert.Equal("Accepted", Told(Row("-1", Name(First, ClientOrderId.Of(1, 8)), at: 1746947317504)));
        // Ours is still to be told of, and what was before it stays behind it.
        Assert.Equal("Amended Accepted", Told(Row("0", at: 1746947317505)));
        Assert.Equal("Accepted", Told(Row("0", name: "", price: "1", at: 1746947317504)));
        // Orders of no process of ours are nobody's here.
        Assert.Equal("Accepted", Told(Row("0", name: "", id: "web", at: 1746947317600)));
    }

    [Fact, Trait("requirement", "R20")]
    public void A_row_that_makes_no_sense_is_refused_whole_and_hides_no_change_to_come()
    {
        Asked();
        ReadOnlySpan<(string From, string To)> damages =
        [
            ("\"amendResult\":\"0\"", "\"amendResult\":{}"), ("\"amendResult\":\"0\"", "\"amendResult\":\"zero\""),
            ("\"amendResult\":\"0\"", "\"amendResult\":true"), ("\"reqId\"", "\"amendResult\":\"0\",\"reqId\""),
            ("\"px\":\"70.5\"", "\"px\":\"\""), ("\"px\":\"70.5\"", "\"px\":\"-70.5\""), ("\"px\":\"70.5\"", "\"px\":\"0.000000001\""),
            ("\"sz\":\"2\"", "\"sz\":\"0\""), ("\"sz\":\"2\"", "\"sz\":[2]"),
        ];
        foreach (var (from, to) in damages)
        {
            Assert.NotEqual(QuarantineCause.None, Decode(_orders, Row("0").Replace(from, to), _batch));
            Assert.True(_batch.Reports.IsEmpty);
        }

        // A number nobody gave yet, and one beyond what fits.
        Assert.Equal("Amended Accepted", Told(Row("0", Name(long.MaxValue / 100), at: 1746947317400)));
        Assert.Equal("Accepted", Told(Row("-1", Name(long.MaxValue / 100))));
        Assert.Equal("Amended Accepted", Told(Row("0", $"a{Id}999999999999999999", at: 1746947317401)));
        Assert.Equal("AmendRejected AmendRejected", Told(Answer("51503", long.MaxValue / 100), Answer("51503", long.MaxValue / 100)));
        // Results of options and results to come are none of ours.
        Assert.Equal("Accepted", Told(Row("2")));
        Assert.Equal("Accepted", Told(Row("7")));
        Assert.Equal("Amended Accepted", Told(Row("0")));
        AssertSurvivesDamage(() => new OkxOrders(Context("BTC-USDT", "USDT", Keys)), Row("0"), Row("-1", code: "51511"), Answer(), Answer("51503"));
    }

    [Fact, Trait("requirement", "R90")]
    public void A_question_is_answered_with_what_rests()
    {
        var instrument = Context("BTC-USDT", "USDT", Keys).Instruments[new InstrumentId(1)];
        ExecutionReport Status(string price, string total, string state = "live")
        {
            _batch.Reset();
            var body = $$"""{"code":"0","msg":"","data":[{"accFillSz":"0","clOrdId":"{{Id}}","instId":"BTC-USDT","ordId":"301835739059335168","side":"buy","state":"{{state}}","px":"{{price}}","sz":"{{total}}","tradeId":"","uTime":"1618235248028"}]}""";
            Assert.Equal(QuarantineCause.None, _orders.Queries.DecodeQuery(Id, instrument, 200, Encoding.UTF8.GetBytes(body), _batch));
            return Assert.Single(_batch.Reports.ToArray());
        }

        var status = Status("70.5", "2");
        Assert.Equal((ExecutionKind.OrderStatus, OrderState.Working), (status.Kind, status.State));
        Assert.Equal((Change.Price, Change.Quantity), (status.LastPrice, status.LastQuantity));
        // A market order has no price; what cannot be read says nothing of a change, and the rest counts.
        foreach (var other in (ExecutionReport[])[Status("", "2", "filled"), Status("70.5", "0.000000001")])
            Assert.Equal((ExecutionKind.OrderStatus, Price.Zero, Quantity.Zero), (other.Kind, other.LastPrice, other.LastQuantity));
    }

    [Fact, Trait("requirement", "R18")]
    public void Changes_of_more_orders_than_are_remembered_are_told_all_the_same()
    {
        var writer = new FrameWriter();
        for (var n = 1; n <= 3_000; n++)
        {
            var order = ClientOrderId.Of(2, n);
            writer.Clear();
            _orders.WriteAmend(Change with { ClientOrderId = order }, writer, UnixNs + n * 1_000_000L);
            Assert.Equal("Amended Accepted", Told(Row("0", Name(First + n * 1_000, order), id: order.ToString())));
            Assert.Equal("Accepted", Told(Row("0", Name(First + n * 1_000, order), id: order.ToString())));
        }
    }

    [Fact, Trait("requirement", "R85")]
    public void Writing_a_change_and_reading_what_came_of_it_allocate_nothing()
    {
        var writer = new FrameWriter();
        // As many as the check runs through: a change is told of once.
        byte[][] rows = [.. Enumerable.Range(0, 1_000).Select(n => Encoding.UTF8.GetBytes(Row(n % 2 == 0 ? "0" : "-1", Name(First + n))))];
        byte[][] answers = [.. Enumerable.Range(0, 1_000).Select(n => Encoding.UTF8.GetBytes(Answer(n % 3 == 0 ? "0" : "51503", First + n)))];
        var (at, told) = (0, 0);
        AssertAllocatesNothing(() =>
        {
            writer.Clear();
            _orders.WriteAmend(Change, writer, UnixNs);
            _batch.Reset();
            _orders.Decode(rows[at], _batch);
            told += _batch.Reports.Length;
            _batch.Reset();
            _orders.Decode(answers[at++], _batch);
        });
        Assert.Equal(2 * at, told);
    }
}
