using Penstock.Connectivity.Feeds;
using Penstock.Infrastructure.Time;
using Penstock.MarketData.Books;
using Penstock.MarketData.Ingest;
using Penstock.MarketData.Quality;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Tests.MarketData.Books;

namespace Penstock.Tests.MarketData.Ingest;

/// <summary>One venue's ingest with a reader's books behind it, and time under control.</summary>
internal sealed class IngestBench : IQuarantineSink
{
    private int _epoch;

    public IngestBench(BookSyncRule rule, int instruments = 1, IngestOptions? options = null, bool connect = true)
    {
        var expected = new List<Instrument>();
        for (var i = 1; i <= instruments; i++)
        {
            // Both forms of a book take part.
            var instrument = OrderBookTests.Instrument(i, "BTC", new Price(1));
            expected.Add(Table.Add(i % 2 == 0 ? instrument with { Base = default } : instrument));
        }

        Keeper = new BookKeeper(Table);
        Publisher.Reader = e => Keeper.Apply(in e);
        Ingest = new FeedIngest(
            new IngestSetup
            {
                Venue = new VenueId(1), Protocol = Protocol, Instruments = Table, Rule = rule, Control = Control,
                Publisher = Publisher, Quarantine = this, Options = options ?? new IngestOptions(),
            },
            expected);
        if (connect) Connect();
    }

    public ManualClock Clock { get; } = new();
    public InstrumentTable Table { get; } = new();
    public FakeProtocol Protocol { get; } = new();
    public FakeControl Control { get; } = new();
    public FakePublisher Publisher { get; } = new();
    public BookKeeper Keeper { get; }
    public FeedIngest Ingest { get; }
    public IngestStatistics Statistics => Ingest.Statistics;
    public List<(QuarantineCause Cause, byte[] Bytes)> Quarantine { get; } = [];

    public void Add(QuarantineCause cause, long receivedNs, ReadOnlySpan<byte> bytes) => Quarantine.Add((cause, bytes.ToArray()));

    public void Connect() => Ingest.OnConnected(++_epoch, Clock.NowNs);

    public void Disconnect() => Ingest.OnDisconnected(DisconnectReason.ClosedByVenue, Clock.NowNs);

    public void Receive(FakeMessage message) => Receive(Protocol.Frame(message));

    public void Receive(byte[] frame)
    {
        Ingest.OnFrame(frame, Clock.NowNs);
        Ingest.OnReadComplete(Clock.NowNs);
        AssertAccounted();
    }

    public void ReceiveSnapshot(FakeMessage message)
    {
        Ingest.OnSnapshot(message.Instrument, succeeded: true, Protocol.Frame(message), Clock.NowNs);
        AssertAccounted();
    }

    public void AdvanceMs(long ms)
    {
        Clock.AdvanceMs(ms);
        Ingest.Step(Clock.NowNs);
    }

    public BookFlags FlagsOf(int instrument) => Keeper[new InstrumentId(instrument)]?.Flags ?? BookFlags.None;

    public static FakeMessage Trade(int instrument, long id, long price, long timeMs) => new(FeedMessageKind.Trade, new InstrumentId(instrument))
    {
        TimeNs = timeMs * 1_000_000,
        Events = [new MarketEvent { Kind = MarketEventKind.Trade, Side = Side.Buy, Price = new Price(price), Quantity = new Quantity(1), UpdateId = id }],
    };

    public static FakeMessage Delta(int instrument, long first, long last, long previous, Side side = Side.Buy, long price = 100, long quantity = 7) =>
        new(FeedMessageKind.BookDelta, new InstrumentId(instrument))
        {
            First = first, Last = last, Previous = previous,
            Events = [new MarketEvent { Kind = MarketEventKind.BookDelta, Side = side, Price = new Price(price), Quantity = new Quantity(quantity) }],
        };

    public static FakeMessage Snapshot(int instrument, long id, params (Side Side, long Price, long Quantity)[] levels) =>
        new(FeedMessageKind.BookSnapshot, new InstrumentId(instrument))
        {
            Last = id,
            Events =
            [
                .. (levels.Length == 0 ? [(Side.Buy, 90L, 1L), (Side.Sell, 110L, 1L)] : levels).Select(l => new MarketEvent
                {
                    Kind = MarketEventKind.BookSnapshot, Side = l.Side, Price = new Price(l.Price), Quantity = new Quantity(l.Quantity),
                }),
            ],
        };

    private void AssertAccounted() => Assert.Equal(0, Statistics.Unaccounted);
}
