using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Penstock.Infrastructure.Counters;
using Penstock.Infrastructure.Rings;
using Penstock.Infrastructure.Threads;
using Penstock.Infrastructure.Time;
using Penstock.MarketData.Books;
using Penstock.MarketData.Validation;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Node.Incidents;
using Penstock.Strategies;
using Penstock.Strategies.Paper;
using Penstock.Trading.Execution;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;

namespace Penstock.Node.Wiring;

/// <summary>A command on its way to the trading thread, and where its answer goes.</summary>
internal sealed record PendingCommand(EngineCommand Command, TaskCompletionSource<CommandResult> Answer);

/// <summary>A look at the engine, to be taken on its thread, and where what was seen goes. Changes nothing and is not journaled.</summary>
internal sealed record PendingQuestion(Func<TradingEngine, JsonNode> Look, TaskCompletionSource<JsonNode> Answer);

/// <summary>What one observation window of the trading thread saw; written by that thread, read by the lifecycle.</summary>
internal readonly record struct DecisionWindow(long Number, long Count, long P50Ns, long P99Ns);

/// <summary>
/// Steps 6 to 11: reads every venue's ring at its own pace and feeds the engine, together with reports, commands and time.
/// The only thread that touches the engine.
/// </summary>
internal sealed class TradingAgent : IAgent
{
    private const int EventsPerRead = 512;

    /// <summary>
    /// A feed on this thread brings what its socket holds in one step: more than one read takes, and the ring must be empty again before the
    /// next step, or a burst laps a reader that was never slow. Bounded, for a feed on a thread of its own never ends.
    /// </summary>
    private const int ReadsMax = 128;

    /// <summary>Fine enough for ack timeouts and requotes, coarse enough not to fill the journal.</summary>
    private const long TimerIntervalNs = 20_000_000;

    private readonly TradingEngine _engine;
    private readonly ExecutionRouter _router;
    private readonly IMonotonicClock _clock;
    private readonly RingReader<MarketEvent>[] _readers;
    private readonly VenueId[] _venues;
    private readonly Histogram _tickToDecision;
    private readonly Action<VenueId> _onLapped;
    private readonly MarketEvent[] _buffer = new MarketEvent[EventsPerRead];
    private readonly long[] _oldestAgeNs;
    private readonly Histogram _window = new();
    private readonly long _windowNs;
    private long _windowEndsNs;
    private long _nextTimerNs;
    private long _windowNumber;
    private long _windowCount;
    private long _windowP50Ns;
    private long _windowP99Ns;
    private readonly InstrumentId[] _instruments;
    private readonly Func<InstrumentId, IOrderBook?> _bookOf;
    private bool _trusted;
    private long _commandBytes;

    /// <param name="window">Length of the windows the lifecycle looks at.</param>
    /// <param name="tickToDecision">Receive stamp → every strategy has decided, over all events; orders or not.</param>
    /// <param name="onLapped">Tells the venue's feed that this reader lost events and needs its books again.</param>
    public TradingAgent(
        TradingEngine engine, ExecutionRouter router, IMonotonicClock clock, IReadOnlyList<(VenueId Venue, RingReader<MarketEvent> Reader)> rings,
        TimeSpan window, Histogram tickToDecision, Action<VenueId> onLapped)
    {
        _engine = engine;
        _router = router;
        _clock = clock;
        _readers = [.. rings.Select(r => r.Reader)];
        _venues = [.. rings.Select(r => r.Venue)];
        Stalls = new DeliberateStalls(_readers, clock);
        _oldestAgeNs = new long[_readers.Length];
        _tickToDecision = tickToDecision;
        _onLapped = onLapped;
        _windowNs = (long)window.TotalNanoseconds;
        _instruments = [.. engine.Instruments.All.Select(i => i.Id)];
        _bookOf = engine.BookOf;
        foreach (var strategy in engine.Strategies) strategy.Measure(clock);
    }

    public string Role => "trading";

    /// <summary>Compares the engine's books over the venues at every timer; no input of the engine, so no part of its decisions.</summary>
    public CrossVenueValidator? Validator { get; init; }

    public CrossedBooks? Crossed { get; init; }

    /// <summary>Takes the venues' place on paper; null where orders go to them.</summary>
    public PaperVenues? Paper { get; init; }

    /// <summary>Journals what goes wrong around the engine; null where nobody asks for it.</summary>
    public IncidentLedger? Incidents { get; init; }

    /// <summary>Slowness on purpose.</summary>
    public DeliberateStalls Stalls { get; }

    /// <summary>Commands of people and of the lifecycle; any thread may enqueue.</summary>
    public ConcurrentQueue<PendingCommand> Commands { get; } = new();

    /// <summary>Looks at the engine; any thread may enqueue.</summary>
    public ConcurrentQueue<PendingQuestion> Questions { get; } = new();

    /// <summary>This thread's own reader of each venue's ring.</summary>
    public IEnumerable<(VenueId Venue, RingReader<MarketEvent> Reader)> Readers => _venues.Zip(_readers);

    /// <summary>Events this reader lost because it was lapped, all venues together.</summary>
    public long Lost
    {
        get
        {
            var lost = 0L;
            foreach (var reader in _readers) lost += reader.LostTotal;
            return lost;
        }
    }

    /// <summary>Allocated by commands on this thread, bytes; every event in between costs none.</summary>
    public long CommandBytes => Volatile.Read(ref _commandBytes);

    /// <summary>The last complete window. Torn only if read across two windows, half a second apart.</summary>
    public DecisionWindow Window => new(
        Volatile.Read(ref _windowNumber), Volatile.Read(ref _windowCount), Volatile.Read(ref _windowP50Ns), Volatile.Read(ref _windowP99Ns));

    /// <summary>How old the oldest event of the last read of this reader was when it had been decided on; 0 while nothing waits.</summary>
    /// <param name="index">In the order of <see cref="Readers"/>.</param>
    public long OldestAgeNs(int index) => Volatile.Read(ref _oldestAgeNs[index]);

    public int DoWork()
    {
        var work = 0;
        for (var i = 0; i < _readers.Length; i++) work += Decide(i);
        if (Paper is not null) work += Paper.Step(_clock.NowNs);
        if (!Stalls.HoldsAnswers()) work += _router.Drain(_engine);
        work += ReconcileWhatWasShed();
        work += SwitchOffWhatIsSlow();
        work += StepSwaps();
        while (Commands.TryDequeue(out var pending))
        {
            pending.Answer.SetResult(Command(pending.Command));
            if (!_trusted && _engine.State == NodeState.Ready) TrustFromHere();
            work++;
        }

        while (Questions.TryDequeue(out var question))
        {
            question.Answer.SetResult(Look(question));
            work++;
        }

        var now = _clock.NowNs;
        if (now >= _nextTimerNs)
        {
            _nextTimerNs = now + TimerIntervalNs;
            _engine.OnTimer(now);
            CompareVenues(now);
            Incidents?.Step(now);
            work++;
        }

        if (now >= _windowEndsNs) CloseWindow(now);
        return work;
    }

    private void CompareVenues(long now)
    {
        Crossed?.Look(_bookOf, now);
        if (Validator is null) return;
        foreach (var instrument in _instruments) Validator.Observe(instrument, _bookOf(instrument), now);
        Validator.Compare(now);
    }

    /// <summary>Where a venue stands among <see cref="Readers"/>.</summary>
    public int IndexOf(VenueId venue) => Array.IndexOf(_venues, venue);

    /// <summary>Decides on what waits in one venue's ring. This thread only.</summary>
    /// <param name="index">In the order of <see cref="Readers"/>.</param>
    /// <returns>Events decided on.</returns>
    public int Decide(int index)
    {
        if (Stalls.HoldsReader(index)) return 0;
        var work = 0;
        for (var reads = 0; reads < ReadsMax; reads++)
        {
            var count = ReadRing(index);
            work += count;
            if (count < EventsPerRead) break;
        }

        return work;
    }

    private int ReadRing(int index)
    {
        var count = _readers[index].Read(_buffer, out var lost);
        if (lost > 0) OnLapped(_venues[index]);
        if (count == 0)
        {
            Volatile.Write(ref _oldestAgeNs[index], 0);
            return 0;
        }

        // An order that arrived before these events meets the book of before them, as it does in a back test.
        Paper?.Step(_buffer[0].Received.Ns);
        _engine.OnMarketEvents(_buffer.AsSpan(0, count));
        var now = _clock.NowNs;
        Paper?.OnMarketEvents(_buffer.AsSpan(0, count), now);
        Volatile.Write(ref _oldestAgeNs[index], now - _buffer[0].Received.Ns);
        var latency = now - _buffer[count - 1].Received.Ns;
        _tickToDecision.Record(latency);
        _window.Record(latency);
        return count;
    }

    /// <summary>Events are missing: until the venue's books come again, none of them may be used. An input like any other, so it replays.</summary>
    private void OnLapped(VenueId venue)
    {
        foreach (var instrument in _engine.Instruments.All)
        {
            if (instrument.Venue != venue) continue;
            var invalid = new MarketEvent
            {
                Kind = MarketEventKind.BookInvalid, Venue = venue, Instrument = instrument.Id, Received = new MonotonicTime(_clock.NowNs),
                Flags = MarketEventFlags.FirstOfMessage | MarketEventFlags.LastOfMessage | MarketEventFlags.Gap,
            };
            _engine.OnMarketEvents(new ReadOnlySpan<MarketEvent>(in invalid));
        }

        _onLapped(venue);
    }

    /// <summary>Inputs of a venue were dropped because too many waited: what it believes has to be asked for. Journaled as a command.</summary>
    private int ReconcileWhatWasShed()
    {
        var asked = 0;
        foreach (var venue in _venues)
        {
            if (!_router.TakeNeedsReconciliation(venue)) continue;
            Reconcile(venue);
            asked++;
        }

        return asked;
    }

    // A method of its own, or the lambda would cost every step an allocation per venue, asked or not.
    private void Reconcile(VenueId venue) => Command(new EngineCommand
    {
        Kind = EngineCommandKind.Reconcile, Who = "node", Why = "reports were shed", NowNs = 0,
        Instrument = _engine.Instruments.All.First(i => i.Venue == venue).Id,
    });

    /// <summary>A strategy that holds the others up too often. Time decides nothing in the engine: the command does, and it is journaled.</summary>
    private int SwitchOffWhatIsSlow()
    {
        var strategies = _engine.Strategies;
        var done = 0;
        for (var i = 0; i < strategies.Count; i++)
        {
            if (strategies[i].Budget?.TakeVerdict() is not { } why || !strategies[i].IsEnabled) continue;
            Command(OfNode(EngineCommandKind.DisableStrategy, strategies[i].Context.Id, why));
            done++;
        }

        return done;
    }

    /// <summary>When a new version is due is what the engine says; that it happens now is a command, and so is part of the journal.</summary>
    private int StepSwaps()
    {
        var strategies = _engine.Strategies;
        var done = 0;
        for (var i = 0; i < strategies.Count; i++)
        {
            if (strategies[i].Swap is not { } swap) continue;
            var slow = swap.Budget?.TakeVerdict();
            if (slow is null && swap.Step == SwapStep.None) continue;
            var before = GC.GetAllocatedBytesForCurrentThread();
            _engine.OnCommand(StepOf(swap, strategies[i].Context.Id, slow) with { NowNs = _clock.NowNs });
            CountCommand(before);
            done++;
        }

        return done;
    }

    private static EngineCommand StepOf(StrategySwap swap, ushort id, string? slow) =>
        slow is not null ? OfNode(EngineCommandKind.CancelSwap, id, slow)
        : swap.Step == SwapStep.TakeOver ? OfNode(EngineCommandKind.TakeOverStrategy, id, $"it was shown {swap.Events} events in {swap.WarmedMs} ms")
        : OfNode(EngineCommandKind.FinishSwap, id, "the old version's last order has ended");

    private static EngineCommand OfNode(EngineCommandKind kind, ushort strategy, string why) =>
        new() { Kind = kind, Strategy = strategy, Who = "node", Why = why, NowNs = 0 };

    /// <summary>Between events. May allocate, and what it does is counted apart from what the events cost (R36).</summary>
    private CommandResult Command(EngineCommand command)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var result = _engine.OnCommand(command with { NowNs = _clock.NowNs });
        CountCommand(before);
        return result;
    }

    /// <summary>Answers of people cost memory, too.</summary>
    private JsonNode Look(PendingQuestion question)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var answer = question.Look(_engine);
        CountCommand(before);
        return answer;
    }

    private void CountCommand(long before) => Volatile.Write(ref _commandBytes, _commandBytes + GC.GetAllocatedBytesForCurrentThread() - before);

    /// <summary>What was measured while the node warmed up says nothing about it (R59).</summary>
    private void TrustFromHere()
    {
        _trusted = true;
        _tickToDecision.Reset();
    }

    private void CloseWindow(long now)
    {
        _windowEndsNs = now + _windowNs;
        Volatile.Write(ref _windowCount, _window.Count);
        Volatile.Write(ref _windowP50Ns, _window.ValueAt(0.5));
        Volatile.Write(ref _windowP99Ns, _window.ValueAt(0.99));
        Volatile.Write(ref _windowNumber, _windowNumber + 1);
        _window.Reset();
    }
}
