using System.Runtime.InteropServices;
using Penstock.Control.Tracing;
using Penstock.Infrastructure.Journal;
using Penstock.Infrastructure.Problems;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading.Recovery;

namespace Penstock.Tests.Tracing;

/// <summary>A handmade journal of one order: tick, decision, send, ack, two fills (one told twice), and another order beside it.</summary>
[Trait("requirement", "R58")]
public sealed class OrderTracerTests : IDisposable
{
    private const long TickNs = 5_000_000_000;

    private static readonly ClientOrderId Order = ClientOrderId.Of(1, 7);
    private static readonly ClientOrderId Other = ClientOrderId.Of(1, 8);

    private readonly string _folder = Directory.CreateTempSubdirectory("penstock-trace").FullName;

    public OrderTracerTests() => Write();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Every_moment_is_told_with_its_nanoseconds_and_its_clock()
    {
        var trace = OrderTracer.Trace(_folder, Order.ToString());
        Assert.Equal(["venue", "tick", "book", "decision", "risk", "send", "ack", "fill", "cancel", "fill"], trace.Steps.Select(s => s.Name));
        Assert.Equal([null, 0L, 40L, null, null, 9_000L, 700_000L, 900_000L, 900_000L, 990_000L], trace.Steps.Select(s => s.SinceTickNs));
        Assert.Equal(1_700_000_000_123_456_789, trace.Steps[0].VenueUnixNs);
        Assert.Equal((TickNs, TickNs + 9_000), (trace.Steps[3].NotBeforeNs, trace.Steps[3].NotAfterNs));
        Assert.All(trace.Steps, s => Assert.NotEmpty(s.Source));
        Assert.Contains("BTC-USDT.OKX", trace.Steps[1].Text, StringComparison.Ordinal);
        Assert.Equal(("BTC-USDT.OKX", "Filled", "quoter (strategy 1)", 1), (trace.Instrument, trace.Outcome, trace.Strategy, trace.Session));
        Assert.Equal(["V-77"], trace.VenueOrderIds);
        Assert.Contains(OrderTraceText.Lines(trace), l => l.Contains("+9,000 ns", StringComparison.Ordinal));
    }

    [Fact]
    public void An_order_is_found_by_every_id_people_see()
    {
        foreach (var id in (string[])[Order.ToString(), "V-77", $"{Order.Value}"])
            Assert.Equal(Order.ToString(), OrderTracer.Trace(Path.Combine(_folder, "journal"), id).ClientOrderId);
        Assert.Equal("working", OrderTracer.Trace(_folder, Other.ToString()).Outcome);
    }

    [Fact]
    public void An_unknown_id_is_answered_with_the_nearest_known_one()
    {
        var problem = Assert.Throws<Problem>(() => OrderTracer.Trace(_folder, Order.ToString()[..^1] + "9"));
        Assert.Equal(ExitCode.NotFound, problem.Code);
        Assert.Contains("did you mean", Printed(problem), StringComparison.Ordinal);
        Assert.Contains("--orders", Printed(Assert.Throws<Problem>(() => OrderTracer.Trace(_folder, "something else entirely"))),
            StringComparison.Ordinal);
        Assert.Equal(ExitCode.NotFound, Assert.Throws<Problem>(() => OrderTracer.Trace(Path.Combine(_folder, "nowhere"), "x")).Code);
    }

    private static string Printed(Problem problem)
    {
        var text = new StringWriter();
        problem.Print(text);
        return text.ToString();
    }

    private void Write()
    {
        var options = new JournalOptions { Directory = Path.Combine(_folder, "journal"), SegmentBytes = 1 << 16, CreatedBy = "test" };
        using var journal = JournalWriter.Open(options);
        journal.Append((ushort)EngineRecordType.SessionStart, EngineRecords.Encode(new SessionInfo(1, 1, 1_000, """
            {"venues":["okx"],"instruments":[{"venue":1,"symbol":"BTC-USDT"}],"strategies":[{"name":"quoter"}]}
            """)));
        var tick = new MarketEvent
        {
            Kind = MarketEventKind.Trade, Side = Side.Buy, Instrument = new InstrumentId(1), Venue = new VenueId(1), UpdateId = 5, Sequence = 44,
            Received = new MonotonicTime(TickNs), ExchangeTime = new ExchangeTime(1_700_000_000_123_456_789),
            Price = Price.From(100), Quantity = Quantity.From(2),
        };
        var next = tick with { Received = new MonotonicTime(TickNs + 40), Kind = MarketEventKind.BestBidAsk };
        Append(journal, EngineRecordType.MarketBatch, [tick, next]);
        var intent = new OrderIntentRecord
        {
            ClientOrderId = Order.Value, Instrument = 1, Strategy = 1, Side = Side.Sell, TriggerNs = TickNs,
            PriceRaw = Price.From(100).Raw, QuantityRaw = Quantity.From(2).Raw,
        };
        Append(journal, EngineRecordType.OrderIntent, [intent]);
        Append(journal, EngineRecordType.OrderSent, [new OrderSentRecord { ClientOrderId = Order.Value, SentNs = TickNs + 9_000 }]);
        Append(journal, EngineRecordType.OrderIntent, [intent with { ClientOrderId = Other.Value }]);
        Append(journal, EngineRecordType.Report, [Report(ExecutionKind.Accepted, 700_000)]);
        Append(journal, EngineRecordType.Report, [Report(ExecutionKind.Fill, 900_000) with { LastQuantity = Quantity.From(1), TradeId = 1 }]);
        Append(journal, EngineRecordType.CancelIntent, [new CancelIntentRecord { ClientOrderId = Order.Value, Instrument = 1 }]);
        Append(journal, EngineRecordType.Report, [Report(ExecutionKind.Fill, 990_000) with { LastQuantity = Quantity.From(1), TradeId = 2 }]);
    }

    private static ExecutionReport Report(ExecutionKind kind, long afterNs) => new()
    {
        Kind = kind, ClientOrderId = Order, Venue = new VenueId(1), Instrument = new InstrumentId(1),
        Received = new MonotonicTime(TickNs + afterNs), VenueOrderId = Text40.From("V-77"),
    };

    private static void Append<T>(JournalWriter journal, EngineRecordType type, T[] records)
        where T : unmanaged => journal.Append((ushort)type, MemoryMarshal.AsBytes(records.AsSpan()));
}
