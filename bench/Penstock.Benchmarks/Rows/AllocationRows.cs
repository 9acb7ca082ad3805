using System.Diagnostics;
using Penstock.Benchmarks.Rig;
using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Infrastructure.Journal;
using Penstock.Infrastructure.Time;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading.Execution;
using Penstock.Trading.Risk;
using Penstock.Venues.Binance;

namespace Penstock.Benchmarks.Rows;

/// <summary>
/// Messages from memory through the whole hot path on one thread: decode, ingest, ring, book, strategy, risk, order, and the
/// report that ends it. After the warm-up not one byte may be allocated.
/// </summary>
internal static class AllocationRows
{
    private const int WarmUpMessages = 100_000;

    public static IEnumerable<Row> HotPath(bool quick)
    {
        var messages = quick ? 1_000_000 : 10_000_000;
        var table = NodeRig.Market();
        using var rig = new NodeRig(table, new BinanceVenue().CreateFeed(new FeedContext(new VenueId(1), table)), new NoControl());
        var clock = MonotonicClock.Instance;
        var outbox = new ExpiringOutbox();
        var replay = new DepthReplay(500, 23);
        rig.Begin(new NoJournal(), outbox, clock.NowNs);
        rig.Ingest.OnConnected(1, clock.NowNs);
        rig.LoadBook(clock);
        rig.ReadRing();
        rig.BecomeReady(clock.NowNs);
        Run(rig, replay, outbox, clock, WarmUpMessages);

        var sent = outbox.Placed;
        GC.Collect();
        var collections = GC.CollectionCount(0);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var start = Stopwatch.GetTimestamp();
        Run(rig, replay, outbox, clock, messages);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        var elapsed = Stopwatch.GetElapsedTime(start);
        collections = GC.CollectionCount(0) - collections;
        var orders = outbox.Placed - sent;
        if (orders != messages) throw new InvalidOperationException($"{orders} orders for {messages} messages; risk refused {rig.Refused}.");
        var note = $"{messages / 1e6:F0} M depth messages to orders and back, {elapsed.TotalNanoseconds / messages:F0} ns each, no sockets, no journal";
        yield return new Row("hot path allocation", "bytes", allocated, null, "", 0, Better.Lower, note);
        yield return new Row("hot path collections", "GCs", collections, null, "", 0, Better.Lower, "in the same run");
    }

    private static void Run(NodeRig rig, DepthReplay replay, ExpiringOutbox outbox, MonotonicClock clock, int messages)
    {
        for (var i = 0; i < messages; i++)
        {
            var now = clock.NowNs;
            rig.Ingest.OnFrame(replay.Next(), now);
            rig.Ingest.OnReadComplete(now);
            rig.ReadRing();
            if (outbox.TryTake(out var report)) rig.Engine.OnReport(report);
        }
    }

    private sealed class NoControl : IFeedControl
    {
        public void RequestSnapshot(InstrumentId instrument)
        {
        }

        public void Resubscribe(InstrumentId instrument)
        {
        }

        public void Reconnect(DisconnectReason reason)
        {
        }
    }

    private sealed class NoJournal : IJournalAppender
    {
        public long Sequence { get; private set; }

        public long Append(ushort type, ReadOnlySpan<byte> payload) => ++Sequence;
    }

    /// <summary>Every order expires unfilled in the same step.</summary>
    private sealed class ExpiringOutbox : IOrderOutbox
    {
        private ExecutionReport _report;
        private bool _waits;

        public long Placed { get; private set; }

        public bool TryTake(out ExecutionReport report)
        {
            report = _report;
            var waited = _waits;
            _waits = false;
            return waited;
        }

        public void Place(in RiskApproved<OrderRequest> order)
        {
            Placed++;
            _waits = true;
            var request = order.Value;
            _report = new ExecutionReport
            {
                Kind = ExecutionKind.Expired, State = OrderState.Expired, Side = request.Side, Venue = new VenueId(1), Instrument = request.Instrument,
                ClientOrderId = request.ClientOrderId, Received = request.Trigger,
            };
        }

        public void Cancel(in CancelRequest cancel)
        {
        }

        public void Query(ClientOrderId id, Text40 venueOrderId, InstrumentId instrument)
        {
        }

        public void Reconcile(VenueId venue, ExchangeTime fillsSince)
        {
        }
    }
}
