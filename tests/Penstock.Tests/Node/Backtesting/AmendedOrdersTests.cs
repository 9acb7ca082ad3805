using Penstock.Infrastructure.Journal;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Node.Backtesting;
using Penstock.Node.TearSheets;
using Penstock.Tests.Trading;
using Penstock.Trading.Recovery;
using static Penstock.Tests.Trading.Fixtures;

namespace Penstock.Tests.Node.Backtesting;

/// <summary>Orders whose price was changed in place, in the comparison with the simulation, in the digest of a run, and in the tear sheet.</summary>
public sealed class AmendedOrdersTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("penstock-amends-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    [Trait("requirement", "R92")]
    public void A_session_whose_venue_was_the_simulation_is_in_the_comparison_equal_to_itself_changes_included()
    {
        // Goal: the twin moves when the order moved. The quotes follow the market up; the trades are at their last price, where a twin
        // that rested at the first one would not be filled.
        using var session = Followed();
        var comparison = LiveComparison.Run(session.Folder, JournaledSession.Venue, withLatency: false, withFees: false);
        Assert.True(comparison.Orders.Sum(o => o.Live.Amended) > 10, "hardly a quote was changed");
        Assert.Contains(comparison.Orders, o => o.Live.IsFilled && o.Live.Amended > 0);
        foreach (var order in comparison.Orders)
        {
            Assert.Equal(
                (order.Live.IsAcked, order.Live.Amended, order.Live.Quantity, order.Live.FilledRaw, order.Live.Value, order.Live.FirstFillNs,
                    order.Live.SlippageBps),
                (order.Simulated.IsAcked, order.Simulated.Amended, order.Simulated.Quantity, order.Simulated.FilledRaw, order.Simulated.Value,
                    order.Simulated.FirstFillNs, order.Simulated.SlippageBps));
        }
    }

    [Fact]
    public void Slippage_at_the_decision_is_against_the_mid_at_the_change_that_gave_the_order_its_price()
    {
        using var session = Followed();
        var figures = SessionReading.Read(session.Folder);
        Assert.True(figures.IsEqual, figures.Difference);
        var counted = Count(session.Folder);
        Assert.True(counted.Amends > 10 && counted.AgainstBps.Count > 2,
            $"{counted.Amends} changes and {counted.AgainstBps.Count} fills prove nothing");
        Assert.Equal(counted.AgainstBps.Average(), figures.SlippageAtDecision.Mean, 9);
        Assert.Equal(counted.AgainstBps.Average(), LiveComparison.Run(session.Folder, JournaledSession.Venue, false, false).Orders
            .SelectMany(o => o.Live.SlippageBps is { } bps ? new[] { bps } : []).Average(), 9);
        // Half of 20 bps, to the tick: what the strategy quotes, whatever the market did since the order was first sent.
        Assert.All(counted.AgainstBps, bps => Assert.InRange(bps, -12, -8));
        Assert.Equal((counted.Orders, counted.Amends, counted.Cancels), (figures.Orders, figures.Amends, figures.Cancels));
        Assert.Equal((double)(counted.Orders + counted.Amends + counted.Cancels) / counted.AgainstBps.Count, figures.MessagesToFill, 9);
        Assert.Equal(counted.Amends, (long)FiguresText.ToJson(figures)["amends"]!);
    }

    [Fact]
    public void The_digest_of_a_run_tells_a_change_of_an_order_from_another()
    {
        string Digest(long priceRaw)
        {
            using var journal = new DigestJournal(new MemoryJournal());
            var amend = new AmendIntentRecord { ClientOrderId = 7, Instrument = 1, PriceRaw = priceRaw, QuantityRaw = 5 };
            journal.Append((ushort)EngineRecordType.AmendIntent,
                System.Runtime.InteropServices.MemoryMarshal.AsBytes(new ReadOnlySpan<AmendIntentRecord>(in amend)));
            Assert.Equal(1, journal.Amends);
            return journal.Digest;
        }

        Assert.Equal(Digest(100), Digest(100));
        Assert.NotEqual(Digest(100), Digest(101));
    }

    /// <summary>The market rises by 5 a step and falls back; at some of the steps somebody trades through the quotes.</summary>
    private JournaledSession Followed()
    {
        var session = new JournaledSession(Path.Combine(_folder, "journal"));
        for (var step = 0; step < 24; step++)
        {
            var mid = 1_000m + (step < 12 ? step : 24 - step) * 5m;
            session.Book(mid - 2m, mid + 2m);
            if (step % 5 == 4) session.Trade(Side.Sell, mid - 1.5m, 0.5m);
            if (step % 7 == 6) session.Trade(Side.Buy, mid + 1.5m, 0.5m);
        }

        return session.End();
    }

    /// <summary>The same once more from the records alone, as plainly as possible: no engine, one open order a side at a time.</summary>
    private static (long Orders, long Amends, long Cancels, List<double> AgainstBps) Count(string folder)
    {
        var (orders, amends, cancels, against) = (0L, 0L, 0L, new List<double>());
        var (mid, decided, asked) = (0.0, new Dictionary<long, double>(), new Dictionary<long, double>());
        using var reader = JournalReader.Open(folder);
        while (reader.TryRead(out var record))
        {
            switch ((EngineRecordType)record.Type)
            {
                case EngineRecordType.MarketBatch:
                    var events = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, MarketEvent>(record.Payload).ToArray();
                    if (events is [{ Kind: MarketEventKind.BookSnapshot }, _])
                        mid = (double)(events[0].Price.ToDecimal() + events[1].Price.ToDecimal()) / 2;
                    break;
                case EngineRecordType.OrderIntent when EngineRecords.TryRead<OrderIntentRecord>(record.Payload, out var intent):
                    orders++;
                    decided[intent.ClientOrderId] = mid;
                    break;
                case EngineRecordType.AmendIntent when EngineRecords.TryRead<AmendIntentRecord>(record.Payload, out var amend):
                    amends++;
                    asked[amend.ClientOrderId] = mid;
                    break;
                case EngineRecordType.CancelIntent:
                    cancels++;
                    break;
                case EngineRecordType.Report when EngineRecords.TryRead<ExecutionReport>(record.Payload, out var report):
                    var id = report.ClientOrderId.Value;
                    if (report.Kind == ExecutionKind.Amended) decided[id] = asked[id];
                    if (report.Kind != ExecutionKind.Fill) break;
                    var price = (double)report.LastPrice.ToDecimal();
                    against.Add((report.Side == Side.Buy ? price - decided[id] : decided[id] - price) / decided[id] * 1e4);
                    break;
                default:
                    break;
            }
        }

        return (orders, amends, cancels, against);
    }
}
