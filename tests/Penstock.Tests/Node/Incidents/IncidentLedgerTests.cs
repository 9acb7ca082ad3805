using Penstock.Node.Incidents;
using Penstock.Tests.Trading;
using Penstock.Trading.Recovery;

namespace Penstock.Tests.Node.Incidents;

public class IncidentLedgerTests
{
    private const long Second = 1_000_000_000;

    [Fact]
    [Trait("requirement", "R62")]
    public void What_is_counted_between_two_looks_is_one_record_and_their_sum_is_the_counter()
    {
        var journal = new MemoryJournal();
        var ledger = new IncidentLedger(journal);
        var lost = 0L;
        ledger.Watch(IncidentKind.SlowReader, "okx", () => lost);
        ledger.Step(Second);
        Assert.Empty(journal.Records);
        lost = 7;
        ledger.Step(Second + 1);
        Assert.Empty(journal.Records);
        ledger.Step(2 * Second);
        lost = 12;
        ledger.Step(3 * Second);
        ledger.Step(4 * Second);
        Assert.Equal(
            [(7L, 7L, 2 * Second, "okx"), (5L, 12L, 3 * Second, "okx")],
            Read(journal).Select(r => (r.Count, r.Total, r.NowNs, r.Subject.ToString())));
        Assert.Equal(12, Assert.Single(ledger.All).Total);
    }

    [Fact]
    [Trait("requirement", "R65")]
    public void A_death_is_reported_by_name_and_only_for_whom_is_watched()
    {
        var journal = new MemoryJournal();
        var ledger = new IncidentLedger(journal);
        ledger.Watch(IncidentKind.ObserverLost, "sidecar");
        Assert.True(ledger.TryReport(IncidentKind.ObserverLost, "sidecar"));
        Assert.False(ledger.TryReport(IncidentKind.ObserverLost, "stranger"));
        ledger.Step(Second);
        Assert.Equal((IncidentKind.ObserverLost, 1L), (Read(journal).Single().Kind, Read(journal).Single().Total));
    }

    [Theory]
    [Trait("requirement", "R66")]
    [InlineData(1, null)]
    [InlineData(2, 1L)]
    [InlineData(5, 4L)]
    public void Every_session_after_the_first_is_one_restart_and_says_how_many_there_were(int session, long? total)
    {
        var journal = new MemoryJournal();
        var ledger = new IncidentLedger(journal);
        ledger.Watch(IncidentKind.Restart, IncidentRecord.NodeSubject);
        ledger.Begin(session);
        ledger.Step(Second);
        ledger.Step(2 * Second);
        Assert.Equal(total is { } t ? [(1L, t)] : [], Read(journal).Select(r => (r.Count, r.Total)));
    }

    [Fact]
    public void A_look_and_a_record_allocate_nothing()
    {
        var ledger = new IncidentLedger(new NullJournal());
        var (lost, frames) = (0L, 0L);
        ledger.Watch(IncidentKind.SlowReader, "okx", () => lost);
        ledger.WatchBursts("okx", () => frames);
        for (var i = 0; i < 20; i++) ledger.Step(i * Second);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 20; i < 1_000; i++)
        {
            (lost, frames) = (lost + 1, frames + 10_000 * (i % 7));
            ledger.Step(i * Second);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(980, ledger.All[0].Total);
    }

    [Fact]
    [Trait("requirement", "R64")]
    public void A_pace_far_beyond_the_usual_is_one_burst_until_it_is_over_and_a_lasting_one_becomes_usual()
    {
        var frames = 0L;
        var detector = new BurstDetector(() => frames);
        var now = 0L;
        Run(perSecond: 200, seconds: 30);
        Assert.Equal(0, detector.Bursts);
        Run(perSecond: 900, seconds: 5);
        Assert.Equal(0, detector.Bursts);
        Run(perSecond: 200, seconds: 60);
        Run(perSecond: 4_000, seconds: 2);
        Assert.Equal(1, detector.Bursts);
        Run(perSecond: 200, seconds: 60);
        Run(perSecond: 4_000, seconds: 600);
        Assert.Equal(2, detector.Bursts);
        Run(perSecond: 0, seconds: 5);
        Run(perSecond: 4_000, seconds: 60);
        Assert.Equal(2, detector.Bursts);

        void Run(int perSecond, int seconds)
        {
            for (var look = 0; look < seconds * 4; look++)
            {
                now += Second / 4;
                frames += perSecond / 4;
                detector.Look(now);
            }
        }
    }

    private static List<IncidentRecord> Read(MemoryJournal journal) =>
    [
        .. journal.Records.Select(r =>
        {
            Assert.Equal((ushort)EngineRecordType.Incident, r.Type);
            Assert.True(EngineRecords.TryRead<IncidentRecord>(r.Payload, out var record));
            return record;
        }),
    ];
}
