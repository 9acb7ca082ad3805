using Penstock.Connectivity.Feeds;
using Penstock.MarketData.Books;
using Penstock.MarketData.Ingest;
using Penstock.Model.Instruments;

namespace Penstock.Tests.MarketData.Ingest;

/// <summary>
/// Goal: whatever the network does, a book that calls itself synced equals the venue's book at that book's update id, and
/// once the network behaves every book comes back. Method: three books under one connection, seeded faults between venue
/// and ingest, comparison with the truth after every frame.
/// </summary>
public sealed class BookSyncFaultTests
{
    private const int Instruments = 3;
    private const int StepMs = 10;

    private static readonly IngestOptions Impatient = new()
    {
        ResyncPauseMin = TimeSpan.FromMilliseconds(20), ResyncPauseMax = TimeSpan.FromMilliseconds(200),
        ResyncForgiveAfter = TimeSpan.FromMilliseconds(500), ResyncSpacing = TimeSpan.FromMilliseconds(1),
        ResyncTimeout = TimeSpan.FromMilliseconds(400),
    };

    [Theory]
    [Trait("requirement", "R6")]
    [InlineData("Spot", 1)]
    [InlineData("Spot", 2)]
    [InlineData("Futures", 3)]
    [InlineData("Futures", 4)]
    [InlineData("PreviousId", 5)]
    [InlineData("PreviousId", 6)]
    [InlineData("PlusOne", 7)]
    [InlineData("Checksum", 8)]
    [InlineData("Checksum", 9)]
    [InlineData("SocketRequest", 10)]
    [InlineData("SocketRequest", 11)]
    [InlineData("Overlap", 12)]
    [InlineData("Counter", 13)]
    [InlineData("Counter", 14)]
    public void A_book_is_never_silently_wrong_and_always_comes_back(string ruleName, int seed)
    {
        var rule = Rules.Of(ruleName);
        var bench = new IngestBench(rule, Instruments, Impatient);
        var venues = Enumerable.Range(1, Instruments).Select(i => new FakeVenue(new InstrumentId(i), rule, i)).ToArray();
        var network = new FaultyNetwork(seed, rule.Checksum is not null, rule.Continuity == Continuity.ConnectionCounter);
        Start(bench, rule, venues, network);

        for (var step = 0; step < 1_800; step++)
        {
            network.IsFaulty = step < 1_400;
            var venue = venues[step % Instruments];
            foreach (var frame in network.Send(bench.Protocol, venue.Delta()))
            {
                bench.Receive(frame);
                AssertSyncedMeansRight(bench, venues);
            }

            if (step % 7 == 0) Answer(bench, rule, venues, network);
            AssertSyncedMeansRight(bench, venues);
            bench.AdvanceMs(StepMs);
        }

        var statistics = bench.Statistics;
        Assert.True(statistics.Resyncs + statistics.Disconnects > 5, "The faults never hurt: the test proves nothing.");
        Assert.True(statistics.Deltas > 300, "Hardly any delta was applied.");
        for (var i = 1; i <= Instruments; i++)
        {
            Assert.Equal(BookFlags.Synced, bench.FlagsOf(i));
            Assert.Equal(venues[i - 1].At(venues[i - 1].Id), FakeVenue.LevelsOf(bench.Keeper[new InstrumentId(i)]!));
        }
    }

    private static void Start(IngestBench bench, BookSyncRule rule, FakeVenue[] venues, FaultyNetwork network)
    {
        if (rule.Source != SnapshotSource.Socket) return;
        foreach (var venue in venues)
        {
            foreach (var frame in network.Send(bench.Protocol, venue.Snapshot())) bench.Receive(frame);
        }
    }

    private static void Answer(IngestBench bench, BookSyncRule rule, FakeVenue[] venues, FaultyNetwork network)
    {
        if (bench.Control.Reconnects.Count > 0)
        {
            bench.Control.Reconnects.Clear();
            network.Reconnect();
            bench.Disconnect();
            bench.Connect();
            Start(bench, rule, venues, network);
        }

        while (bench.Control.Wanted.TryDequeue(out var wanted))
        {
            var snapshot = venues[wanted.Value - 1].Snapshot();
            if (rule.Source == SnapshotSource.Rest)
            {
                if (network.Fails()) bench.Ingest.OnSnapshot(wanted, succeeded: false, [], bench.Clock.NowNs);
                else bench.ReceiveSnapshot(snapshot);
            }
            else
            {
                foreach (var frame in network.Send(bench.Protocol, snapshot)) bench.Receive(frame);
            }
        }
    }

    private static void AssertSyncedMeansRight(IngestBench bench, FakeVenue[] venues)
    {
        for (var i = 1; i <= Instruments; i++)
        {
            var book = bench.Keeper[new InstrumentId(i)];
            if (book is null || book.Flags != BookFlags.Synced) continue;
            var truth = venues[i - 1].At(book.LastUpdateId);
            Assert.True(truth.AsSpan().SequenceEqual(FakeVenue.LevelsOf(book)), $"instrument {i} is synced and wrong at {book.LastUpdateId}");
        }
    }

    /// <summary>Drops, doubles, delays past the next and damages frames.</summary>
    private sealed class FaultyNetwork(int seed, bool maySpoilContent, bool counts)
    {
        private readonly Random _random = new(seed);
        private byte[]? _late;
        private long _sequence;

        public bool IsFaulty { get; set; }

        public bool Fails() => IsFaulty && _random.Next(4) == 0;

        public void Reconnect() => (_late, _sequence) = (null, 0);

        public List<byte[]> Send(FakeProtocol protocol, FakeMessage message)
        {
            if (counts) message = message with { Sequence = ++_sequence };
            var frames = new List<byte[]>();
            var roll = IsFaulty ? _random.Next(200) : 200;
            var frame = protocol.Frame(message);
            switch (roll)
            {
                case < 2: break;
                case < 5: frames.AddRange([frame, frame]); break;
                case < 7: _late = frame; return frames;
                case < 8: frames.Add([1, 2, 3]); break;
                case < 10 when maySpoilContent: frames.Add(protocol.Frame(Spoil(message))); break;
                default: frames.Add(frame); break;
            }

            if (_late is not null) frames.Add(_late);
            _late = null;
            return frames;
        }

        private FakeMessage Spoil(FakeMessage message)
        {
            var events = message.Events.ToArray();
            if (events.Length > 0)
            {
                ref var victim = ref events[_random.Next(events.Length)];
                victim.Quantity = new Penstock.Model.Numbers.Quantity(victim.Quantity.Raw + 1);
            }

            return message with { Events = events };
        }
    }
}
