using Penstock.Connectivity.Feeds;
using Penstock.Infrastructure.Time;
using Penstock.MarketData.Books;
using Penstock.MarketData.Ingest;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Tests.MarketData.Books;

namespace Penstock.Tests.MarketData.Ingest;

/// <summary>One venue over several connections with a reader's books behind the merge, and time under control.</summary>
internal sealed class MergedBench
{
    private readonly int[] _epochs;

    public MergedBench(BookSyncRule rule, int lines = 2, int instruments = 1, IngestOptions? options = null)
    {
        var expected = new List<Instrument>();
        for (var i = 1; i <= instruments; i++) expected.Add(Table.Add(OrderBookTests.Instrument(i, "BTC", new Price(1))));
        Keeper = new BookKeeper(Table);
        Publisher.Reader = e => Keeper.Apply(in e);
        Lines = [.. Enumerable.Range(0, lines).Select(i => new Line(new FakeProtocol(), new FakeControl()))];
        _epochs = new int[lines];
        Ingest = new MergedIngest(
            new IngestSetup
            {
                Venue = new VenueId(1), Protocol = Lines[0].Protocol, Instruments = Table, Rule = rule, Control = Lines[0].Control,
                Publisher = Publisher, Options = options ?? new IngestOptions(),
            },
            [.. Lines.Select(l => new IngestLine(l.Protocol, l.Control))], expected);
        for (var i = 0; i < lines; i++) Connect(i);
    }

    public sealed record Line(FakeProtocol Protocol, FakeControl Control);

    public ManualClock Clock { get; } = new();
    public InstrumentTable Table { get; } = new();
    public FakePublisher Publisher { get; } = new();
    public BookKeeper Keeper { get; }
    public List<Line> Lines { get; }
    public MergedIngest Ingest { get; }
    public IngestStatistics Statistics => Ingest.Statistics;

    public FeedLineStatistics Of(int line) => Ingest.Lines[line].LineStatistics!;

    public void Connect(int line) => Ingest.Lines[line].OnConnected(++_epochs[line], Clock.NowNs);

    public void Disconnect(int line) => Ingest.Lines[line].OnDisconnected(DisconnectReason.ClosedByVenue, Clock.NowNs);

    public void Receive(int line, FakeMessage message) => Receive(line, Lines[line].Protocol.Frame(message));

    public void Receive(int line, byte[] frame)
    {
        Ingest.Lines[line].OnFrame(frame, Clock.NowNs);
        Ingest.Lines[line].OnReadComplete(Clock.NowNs);
        Assert.Equal(0, Statistics.Unaccounted);
    }

    public void ReceiveSnapshot(int line, FakeMessage message)
    {
        Ingest.Lines[line].OnSnapshot(message.Instrument, succeeded: true, Lines[line].Protocol.Frame(message), Clock.NowNs);
        Assert.Equal(0, Statistics.Unaccounted);
    }

    public void AdvanceMs(long ms)
    {
        Clock.AdvanceMs(ms);
        Ingest.Step(Clock.NowNs);
    }

    public IOrderBook Book(int instrument = 1) => Keeper[new InstrumentId(instrument)]!;

    public IEnumerable<long> TradeIds => Publisher.Events.Where(e => e.Kind == MarketEventKind.Trade).Select(e => e.UpdateId);
}

/// <summary>The way of one connection: its frames in order, each some time later, some never, some twice, some after the next.</summary>
internal sealed class FaultyLine(MergedBench bench, int line, int seed, int delayStepsMax, bool counts)
{
    private readonly Random _random = new(seed);
    private readonly Queue<(long Due, FakeMessage Message, bool IsOld)> _under = new();
    private FakeMessage? _late;
    private long _sequence;
    private long _due;

    public int LossPerMille { get; set; }

    public int OtherPerMille { get; set; }

    /// <summary>Frames that will not be delivered; null to ask chance.</summary>
    public Func<bool>? Loses { get; set; }

    /// <summary>Hears of what arrives, unless a counter over the connection calls it old.</summary>
    public Action<FakeMessage> Arrived { get; set; } = _ => { };

    public bool IsConnected { get; private set; } = true;

    public int Lost { get; private set; }

    public long NextSequence() => ++_sequence;

    public void Send(FakeMessage message, long step)
    {
        if (!IsConnected) return;
        if (counts) message = message with { Sequence = ++_sequence };
        if (Loses?.Invoke() ?? _random.Next(1000) < LossPerMille)
        {
            Lost++;
            return;
        }

        var roll = _random.Next(1000);
        if (roll < OtherPerMille / 2 && _late is null)
        {
            _late = message;
            return;
        }

        Enqueue(message, step, isOld: false);
        if (roll < OtherPerMille) Enqueue(message, step, isOld: true);
        if (_late is not null) Enqueue(_late, step, isOld: true);
        _late = null;
    }

    public void Deliver(long step)
    {
        while (IsConnected && _under.Count > 0 && _under.Peek().Due <= step)
        {
            var (_, message, isOld) = _under.Dequeue();
            if (!isOld || !counts) Arrived(message);
            bench.Receive(line, message);
        }
    }

    public void Cut()
    {
        IsConnected = false;
        _under.Clear();
        (_late, _sequence) = (null, 0);
        bench.Disconnect(line);
    }

    public void Connect()
    {
        IsConnected = true;
        bench.Connect(line);
    }

    private void Enqueue(FakeMessage message, long step, bool isOld)
    {
        // A connection keeps its order: nothing arrives before what was sent before it.
        _due = Math.Max(_due, step + _random.Next(delayStepsMax + 1));
        _under.Enqueue((_due, message, isOld));
    }
}
