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

/// <summary>Changes of resting orders: the row of the executions channel confirms them, once, whatever became of the answer to the request.</summary>
[Trait("requirement", "R79")]
public class KrakenAmendTests
{
    private static readonly Credentials Keys = new() { ApiKey = "key", Secret = "kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg==" };

    private static readonly string Resting =
        $$$"""{"order_id":"OVN7VD-7VYHS-APBKHA","symbol":"BTC/USD","order_qty":0.00100000,"cum_cost":0.00000,"time_in_force":"GTC","exec_type":"pending_new","side":"buy","order_type":"limit","cl_ord_id":"{{{Id}}}","limit_price_type":"static","limit_price":80000.0,"stop_price":0.0,"order_status":"pending_new","fee_usd_equiv":0.0000,"fee_ccy_pref":"fciq","timestamp":"2026-01-22T06:06:19.833306Z"}""";

    private long _sequence;

    [Theory]
    [InlineData(OrderFlags.PostOnly, ",\"post_only\":true")]
    [InlineData(OrderFlags.None, "")]
    public void A_change_names_our_id_the_new_total_and_price_and_is_post_only_where_the_order_is(OrderFlags flags, string postOnly)
    {
        var orders = Create(out _);
        Assert.Equal(
            $$$"""{"method":"amend_order","params":{"cl_ord_id":"{{{Id}}}","order_qty":0.002,"limit_price":81818{{{postOnly}}},"token":"TESTTOKEN"},"req_id":16}""",
            Sent(orders, Amend() with { Flags = flags }));
    }

    [Fact]
    public void What_the_venue_would_take_for_a_cancel_or_not_understand_is_not_written()
    {
        var orders = Create(out _);
        var writer = new FrameWriter();
        void Refused(RejectReason reason, AmendRequest amend)
        {
            Assert.Equal(reason, orders.WriteAmend(amend, writer, UnixNs));
            Assert.True(writer.FrameCount == 0 && writer.Open.IsEmpty);
        }

        Refused(RejectReason.InvalidParameter, Amend() with { ClientOrderId = ClientOrderId.None });
        Refused(RejectReason.InvalidParameter, Amend() with { Instrument = new InstrumentId(9) });
        Refused(RejectReason.QuantityOutOfRange, Amend() with { FilledQuantity = Quantity.From(0.002m) });
        Refused(RejectReason.QuantityOutOfRange, Amend() with { Quantity = Quantity.Zero });
        Refused(RejectReason.PriceOutOfRange, Amend() with { Price = Price.Zero });
        orders = new KrakenOrders(Context("BTC/USD", "USD", Keys));
        Refused(RejectReason.Authentication, Amend());
    }

    [Theory]
    [InlineData("answer row")]
    [InlineData("row answer")]
    [InlineData("row")]
    [InlineData("answer row row")]
    [InlineData("row row answer row")]
    public void The_row_confirms_once_before_after_and_without_the_answer(string frames)
    {
        var orders = Create(out var batch);
        Sent(orders, Amend());
        var amended = new List<ExecutionReport>();
        foreach (var frame in frames.Split(' '))
        {
            Assert.Equal(QuarantineCause.None, Decode(orders, frame == "row" ? Row(Amended(81818.0m, 0.002m)) : Answer, batch));
            amended.AddRange(batch.Reports.ToArray().Where(r => r.Kind == ExecutionKind.Amended));
        }

        var report = Assert.Single(amended);
        Assert.Equal((Id, new InstrumentId(1), Side.Buy, OrderState.Working), (report.ClientOrderId, report.Instrument, report.Side, report.State));
        Assert.Equal((Price.From(81818m), Quantity.From(0.002m), Quantity.Zero), (report.LastPrice, report.LastQuantity, report.CumulativeQuantity));
        Assert.Equal(("OVN7VD-7VYHS-APBKHA", 1769061987552281000L), (report.VenueOrderId.ToString(), report.ExchangeTime.UnixNs));
    }

    [Theory]
    [InlineData("EOrder:Post only order", ExecutionKind.AmendRejected, RejectReason.WouldTakeLiquidity)]
    [InlineData("EOrder:Unknown order", ExecutionKind.AmendRejected, RejectReason.OrderNotFound)]
    [InlineData("EOrder:Rate limit exceeded", ExecutionKind.AmendRejected, RejectReason.RateLimited)]
    [InlineData("EService:Timeout", ExecutionKind.OutcomeUnknown, RejectReason.UnknownOutcome)]
    public void An_error_leaves_the_order_as_it_was_and_the_next_change_is_confirmed(string error, ExecutionKind kind, RejectReason reason)
    {
        var orders = Create(out _);
        Sent(orders, Amend());
        var refused = Report(orders, $$"""{"error":"{{error}}","method":"amend_order","req_id":16,"success":false,"time_in":"2026-01-22T05:02:09.671470Z","time_out":"2026-01-22T05:02:09.672399Z"}""");
        Assert.Equal((kind, reason, Id), (refused.Kind, refused.Reason, refused.ClientOrderId));
        Assert.Equal(ExecutionKind.OrderStatus, Report(orders, Row(Amended(80000m, 0.001m))).Kind);
        Sent(orders, Amend(82000m, 0.003m));
        Assert.Equal((ExecutionKind.Amended, Price.From(82000m)), Told(Report(orders, Row(Amended(82000m, 0.003m)))));
    }

    [Fact]
    public void What_is_filled_meanwhile_is_part_of_the_total_and_told_with_it()
    {
        var orders = Create(out _);
        Sent(orders, Amend());
        Report(orders, Row("""{"order_id":"OVN7VD-7VYHS-APBKHA","exec_type":"trade","exec_id":"T","trade_id":7,"last_qty":0.0004,"last_price":80000.0,"order_status":"partially_filled","fees":[],"cum_qty":0.0004}"""));
        var amended = Report(orders, Row(Amended(81818m, 0.002m, "partially_filled", 0.0004m)));
        Assert.Equal((ExecutionKind.Amended, Quantity.From(0.002m), Quantity.From(0.0004m)), (amended.Kind, amended.LastQuantity, amended.CumulativeQuantity));
        // Changed to less than was filled when it arrived: the rest was cancelled.
        var ended = Report(orders, Row(Amended(81818m, 0.0004m, "canceled", 0.0004m)));
        Assert.Equal((ExecutionKind.OrderStatus, OrderState.Cancelled, Quantity.From(0.0004m)), (ended.Kind, ended.State, ended.CumulativeQuantity));
    }

    [Fact]
    public void A_row_that_was_lost_is_made_up_for_by_the_row_of_the_next_change_to_the_same()
    {
        var orders = Create(out var batch);
        Sent(orders, Amend());
        _sequence++;
        // A row that tells the new figures without saying that they are new.
        Assert.Equal(QuarantineCause.None, Decode(orders, Row(Amended(81818m, 0.002m).Replace("\"amended\",", "\"status\",")), batch));
        Assert.Equal((OrderSignal.PrivateStreamGap, ExecutionKind.OrderStatus), (batch.Signal, Assert.Single(batch.Reports.ToArray()).Kind));
        Sent(orders, Amend());
        Assert.Equal((ExecutionKind.Amended, Price.From(81818m)), Told(Report(orders, Row(Amended(81818m, 0.002m)))));
    }

    [Fact]
    public void Changes_by_another_client_or_the_engine_are_told_as_they_are_also_of_an_earlier_processs_orders()
    {
        var orders = Create(out _);
        orders.Reset();
        _sequence = 0;
        var listed = Report(orders, Row(Resting.Replace("pending_new", "new"), "snapshot"));
        Assert.Equal((ExecutionKind.OrderStatus, Price.From(80000m), Quantity.From(0.001m)), (listed.Kind, listed.LastPrice, listed.LastQuantity));
        Assert.Equal((ExecutionKind.Amended, Price.From(79000m)), Told(Report(orders, Row(Amended(79000m, 0.001m)))));
        Sent(orders, Amend());
        Assert.Equal((ExecutionKind.Amended, Price.From(78000m)), Told(Report(orders, Row(Amended(78000m, 0.001m)))));
        Assert.Equal((ExecutionKind.Amended, Price.From(81818m)), Told(Report(orders, Row(Amended(81818m, 0.002m)))));
        Assert.Equal((ExecutionKind.Amended, Price.From(81818m)), Told(Report(orders, Row(Amended(81818m, 0.0015m).Replace("\"amended\",", "\"restated\",")))));
        var status = Report(orders, Row(Amended(81818m, 0.0015m), "snapshot"));
        Assert.Equal((ExecutionKind.OrderStatus, Quantity.From(0.0015m)), (status.Kind, status.LastQuantity));
    }

    [Fact]
    public void A_row_without_price_or_total_means_the_ones_known_and_one_without_news_is_a_status()
    {
        var orders = Create(out _);
        Assert.Equal(ExecutionKind.OrderStatus, Report(orders, Row("""{"order_id":"OVN7VD-7VYHS-APBKHA","exec_type":"amended","order_status":"new"}""")).Kind);
        var amended = Report(orders, Row("""{"order_id":"OVN7VD-7VYHS-APBKHA","exec_type":"amended","order_status":"new","order_qty":0.003}"""));
        Assert.Equal((ExecutionKind.Amended, Price.From(80000m), Quantity.From(0.003m)), (amended.Kind, amended.LastPrice, amended.LastQuantity));
        // A market order has no price.
        Report(orders, Row(Resting.Replace("OVN7VD", "OTHER1").Replace("80000.0", "0.0")));
        Assert.Equal(ExecutionKind.OrderStatus, Report(orders, Row(Amended(1m, 1m).Replace("OVN7VD", "OTHER1").Replace(",\"limit_price\":1", ""))).Kind);
    }

    [Theory]
    [InlineData("\"limit_price\":81818", "\"limit_price\":{}")]
    [InlineData("\"limit_price\":81818", "\"limit_price\":\"x\"")]
    [InlineData("\"limit_price\":81818", "\"limit_price\":-1")]
    [InlineData("\"limit_price\":81818", "\"limit_price\":1e30")]
    [InlineData("\"order_qty\":0.002", "\"order_qty\":true")]
    [InlineData("\"order_qty\":0.002", "\"order_qty\":0")]
    [InlineData("\"order_status\":\"new\"", "\"order_status\":[]")]
    [InlineData("\"exec_type\":\"amended\"", "\"exec_type\":7")]
    public void A_row_that_makes_no_sense_is_refused_whole_and_shows_as_a_gap(string good, string bad)
    {
        var orders = Create(out var batch);
        Sent(orders, Amend());
        Assert.NotEqual(QuarantineCause.None, Decode(orders, Row(Amended(81818m, 0.002m).Replace(good, bad)), batch));
        Assert.True(batch.Reports.IsEmpty);
        Assert.Equal(QuarantineCause.None, Decode(orders, Row(Amended(81818m, 0.002m)), batch));
        Assert.Equal((OrderSignal.PrivateStreamGap, ExecutionKind.Amended), (batch.Signal, Assert.Single(batch.Reports.ToArray()).Kind));
    }

    [Fact]
    public void Damaged_rows_and_answers_throw_nothing_and_leave_nothing() =>
        AssertSurvivesDamage(() => { _sequence = 0; return Create(out _); }, $$"""{"channel":"executions","type":"update","data":[{{Amended(81818m, 0.002m)}}],"sequence":2}""", Answer);

    [Fact, Trait("requirement", "R90")]
    public void Rest_answers_tell_price_and_total_of_what_rests()
    {
        var orders = Create(out var batch);
        var instrument = Context("BTC/USD", "USD", Keys).Instruments[new InstrumentId(1)];
        string Order(string price) => $$$"""{"error":[],"result":{"OVN7VD-7VYHS-APBKHA":{"cl_ord_id":"{{{Id}}}","status":"open","opentm":1688583840.8648,"descr":{"pair":"XBTUSD","type":"buy","ordertype":"limit","price":"{{{price}}}"},"vol":"0.00200000","vol_exec":"0.00000000"} } }""";
        batch.Reset();
        Assert.Equal(QuarantineCause.None, orders.Queries.DecodeQuery(Id, instrument, 200, Encoding.UTF8.GetBytes(Order("81818.0")), batch));
        Assert.Equal(QuarantineCause.None, orders.Queries.DecodeQuery(Id, instrument, 200, Encoding.UTF8.GetBytes(Order("0")), batch));
        Assert.Equal([(Price.From(81818m), Quantity.From(0.002m)), default], batch.Reports.ToArray().Select(r => (r.LastPrice, r.LastQuantity)));
    }

    [Fact, Trait("requirement", "R36")]
    public void Changing_and_hearing_of_it_allocates_nothing()
    {
        var orders = Create(out var batch);
        var writer = new FrameWriter();
        byte[][] rows = [Encoding.UTF8.GetBytes(Row(Amended(81818m, 0.002m))), Encoding.UTF8.GetBytes(Row(Amended(81819m, 0.002m)))];
        AmendRequest[] amends = [Amend(), Amend(81819m)];
        var turn = 0;
        var amended = 0;
        AssertAllocatesNothing(() =>
        {
            writer.Clear();
            orders.WriteAmend(amends[turn], writer, UnixNs);
            batch.Reset();
            orders.Decode(rows[turn], batch);
            if (batch.Reports[0].Kind == ExecutionKind.Amended) amended++;
            turn ^= 1;
        });
        Assert.Equal(700, amended);
    }

    private static string Answer =>
        $$$"""{"method":"amend_order","req_id":16,"result":{"amend_id":"TTW6PD-RC36L-ZZSWNU","cl_ord_id":"{{{Id}}}"},"success":true,"time_in":"2026-01-22T06:06:27.551281Z","time_out":"2026-01-22T06:06:27.552281Z"}""";

    private static string Amended(decimal price, decimal total, string status = "new", decimal filled = 0m) => FormattableString.Invariant(
        $$$"""{"timestamp":"2026-01-22T06:06:27.552281Z","exec_type":"amended","order_status":"{{{status}}}","cum_qty":{{{filled}}},"reason":"User requested","amended":true,"order_qty":{{{total}}},"limit_price":{{{price}}},"limit_price_type":"static","cl_ord_id":"{{{Id}}}","order_id":"OVN7VD-7VYHS-APBKHA"}""");

    private string Row(string row, string type = "update") => $$"""{"channel":"executions","type":"{{type}}","data":[{{row}}],"sequence":{{++_sequence}}}""";

    private static AmendRequest Amend(decimal price = 81818m, decimal total = 0.002m) => new()
    {
        ClientOrderId = Id, Instrument = new InstrumentId(1), VenueOrderId = Text40.From("OVN7VD-7VYHS-APBKHA"), Side = Side.Buy,
        Price = Price.From(price), Quantity = Quantity.From(total),
    };

    private static string Sent(KrakenOrders orders, AmendRequest amend)
    {
        var writer = new FrameWriter();
        Assert.Equal(RejectReason.None, orders.WriteAmend(amend, writer, UnixNs));
        return Only(writer);
    }

    private static (ExecutionKind Kind, Price Price) Told(ExecutionReport report) => (report.Kind, report.LastPrice);

    /// <summary>With one order that rests.</summary>
    private KrakenOrders Create(out ExecutionBatch batch)
    {
        batch = new ExecutionBatch();
        var orders = new KrakenOrders(Context("BTC/USD", "USD", Keys));
        Assert.True(orders.AcceptToken("""{"error":[],"result":{"token":"TESTTOKEN","expires":900}}"""u8));
        Assert.Equal(QuarantineCause.None, Decode(orders, Row(Resting), batch));
        return orders;
    }
}
