using System.Text.Json.Nodes;
using Penstock.Connectivity.Network;
using Penstock.Infrastructure.Counters;
using Penstock.Infrastructure.Journal;
using Penstock.Infrastructure.Locations;
using Penstock.Infrastructure.Services;
using Penstock.Infrastructure.Threads;
using Penstock.Infrastructure.Time;
using Penstock.Model.Instruments;
using Penstock.Node.Configuration;
using Penstock.Node.Control;
using Penstock.Node.Lifecycle;
using Penstock.Node.Logging;
using Penstock.Node.Reporting;
using Penstock.Node.Wiring;
using Penstock.Strategies;
using Penstock.Trading.Recovery;

namespace Penstock.Node.Hosting;

/// <summary>
/// A running node: the pipeline's agents on their threads, the lifecycle and the command socket beside them, and the order in
/// which everything starts and stops.
/// </summary>
internal sealed class NodeHost : IDisposable
{
    private static readonly TimeSpan ThreadPatience = TimeSpan.FromSeconds(5);

    /// <summary>Between two looks at what the service manager should know.</summary>
    private static readonly TimeSpan ServiceInterval = TimeSpan.FromSeconds(1);

    private readonly IMonotonicClock _clock;
    private readonly NodeLog _log;
    private readonly CounterFile _counters;
    private readonly NodeThreads _threads;
    private readonly ControlEndpoint _endpoint;
    private readonly OrderDoor _orders;
    private readonly NodeRegistration _registration;
    private readonly ShadowEngine? _shadow;
    private readonly KillPress _kill;
    private readonly ControlWatch _watch;
    private readonly HangGuard? _guard;
    private readonly RiskDesk _risk;
    private readonly StrategyDesk _strategies;
    private readonly DiagnosticsDesk _diagnostics;
    private readonly IncidentDesk _incidents;
    private readonly long _startedNs;
    private readonly TaskCompletionSource _stopRequested = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Dictionary<string, VenueStates>? _finalStates;
    private string? _finalState;
    private bool _threadsEnded = true;
    private string _stopWho = "node";
    private string _stopWhy = "stop";

    /// <param name="setup">What the pipeline is made of.</param>
    /// <param name="journalFolder">Named in the report.</param>
    /// <param name="log">Everything that happens is told there.</param>
    /// <param name="services">Is told how the node stands, where there is one.</param>
    public NodeHost(PipelineSetup setup, string journalFolder, NodeLog log, ServiceManager services)
    {
        Configuration = setup.Configuration;
        Journal = setup.Journal;
        JournalFolder = journalFolder;
        _shadow = setup.Shadow;
        _clock = setup.Clock;
        _log = log;
        _startedNs = _clock.NowNs;
        _counters = CounterFile.Create(Path.Combine(setup.Data, "counters"), NodeCounters.All, counterCapacity: 4095, histogramCapacity: 64);
        // Read once: what the venues' clocks are compared with.
        var unixAtZeroNs = ClockPair.UnixAtZeroNs(setup.WallClock, _clock);
        Pipeline = new Pipeline(setup with
        {
            Latencies = new Latencies(
                _counters.AddHistogram(NodeCounters.DecisionNs.Id), _counters.AddHistogram(NodeCounters.ExecutionNs.Id),
                _counters.AddHistogram(NodeCounters.TickToDecisionNs.Id)),
            CreatePath = venue => new PathObserver(
                unixAtZeroNs, _counters.AddHistogram(NodeCounters.PathRoundTrips.Id, venue),
                    _counters.AddHistogram(NodeCounters.PathArrivalGaps.Id, venue)),
        });
        Lifecycle = new LifecycleAgent(new PipelineVitals(Pipeline, setup.Journal), setup.Configuration.Readiness, Enqueue, Trust, log.Ring);
        _orders = new OrderDoor(Pipeline, Send, Ask);
        _kill = new KillPress(Pipeline.Kill, [.. Pipeline.Venues.Select(v => v.Name)], Pipeline.Engine.Strategies.Count,
            Pipeline.Engine.Risk.Kills.List(), Enqueue, log.Ring);
        _watch = new ControlWatch(setup.Data, _kill, setup.WallClock, Enqueue, log.Ring);
        if (Configuration.Watchdog.CallMaxMs > 0)
        {
            _guard = new HangGuard(
                Configuration.Watchdog, () => Pipeline.Engine, HangGuard.LinesOf(Pipeline), journalFolder, ReactionToHang(), _clock, log.Ring);
        }

        _risk = new RiskDesk(Pipeline, _clock, Send, _kill, _watch, log.Ring);
        _strategies = new StrategyDesk(Pipeline, Send, Ask, log.Ring);
        _diagnostics = new DiagnosticsDesk(Configuration.Environment, log.Ring, Send);
        _incidents = new IncidentDesk(Pipeline, Configuration.Environment, log.Ring);
        _endpoint = new ControlEndpoint(ControlEndpoint.PathFor(setup.Data), Answer);
        var plan = Configuration.Threads.ToPlan(Environment.ProcessorCount, [.. Pipeline.Venues.Select(v => v.Role)]);
        _threads = new NodeThreads(plan, Pipeline, [Lifecycle, .. Beside(services)], Journal, _counters, log, _clock);
        CountNode(_threads.PublisherBeside(Lifecycle));
        _registration = new NodeRegistration(PenstockHome.Folder, Configuration.Name, setup.Data, _endpoint.SocketPath);
    }

    public NodeConfiguration Configuration { get; }

    public Pipeline Pipeline { get; }

    public LifecycleAgent Lifecycle { get; }

    public JournalWriter Journal { get; }

    public string JournalFolder { get; }

    public IReadOnlyList<AllocationMeter> Meters => _threads.Meters;

    /// <summary>Known when the session has ended.</summary>
    public ulong? FinalHash { get; private set; }

    /// <summary>From the start of the process to the moment all books were synchronised for the first time; null before.</summary>
    public long? SyncedAfterMs
    {
        get
        {
            if (Pipeline.Venues.Any(v => v.SyncedNs == 0)) return null;
            using var process = System.Diagnostics.Process.GetCurrentProcess();
            var age = DateTime.UtcNow - process.StartTime.ToUniversalTime();
            return (long)age.TotalMilliseconds - (_clock.NowNs - Pipeline.Venues.Max(v => v.SyncedNs)) / 1_000_000;
        }
    }

    public long UptimeMs => (_clock.NowNs - _startedNs) / 1_000_000;

    /// <summary>The lifecycle's state; after the stop, the state in which the stop found the node.</summary>
    public string StateText => _finalState ?? Lifecycle.State.ToText();

    /// <summary>Completes when somebody asked the node to stop through the command socket.</summary>
    public Task StopRequested => _stopRequested.Task;

    /// <summary>The strategy that has not returned, in words; null while each does.</summary>
    public string? Hung => _guard?.Hung;

    /// <summary>Watches strategies from here on. Before the first of them is called.</summary>
    public void Watch() => _guard?.Start();

    public IEnumerable<string> ThreadNames => _threads.Runners.Select(r => r.Name);

    /// <summary>How a venue's sessions stand; after the stop, how the stop found them.</summary>
    public VenueStates StatesOf(VenueWires venue) => _finalStates is { } states ? states[venue.Name] : VenueStates.Of(venue);

    /// <summary>Everything is wired; from here on the threads run.</summary>
    public void Start()
    {
        foreach (var strategy in Pipeline.Engine.Strategies)
        {
            if (strategy.IsEnabled) continue;
            _log.Write(NodeMessages.StrategyOff, strategy.Context.Id, strategy.Context.Setup.Kind, StrategyDesk.Reason(strategy));
        }

        _watch.Start();
        foreach (var runner in _threads.Runners) runner.Start();
    }

    /// <summary>
    /// Stops in the order that loses nothing: measuring ends, orders are cancelled and their answers awaited, threads end,
    /// the session's last record is written. Returns the final report.
    /// </summary>
    public JsonObject Stop()
    {
        _finalState = Lifecycle.State.ToText();
        _finalStates = Pipeline.Venues.ToDictionary(v => v.Name, VenueStates.Of);
        Lifecycle.Stop();
        foreach (var meter in Meters) meter.Freeze();
        WaitUntil(() => Meters.All(m => m.IsFrozen), 1_000);
        Send(new EngineCommand { Kind = EngineCommandKind.Drain, Who = _stopWho, Why = _stopWhy, NowNs = 0 });
        // Fills, too: where the venue tells them by REST only, the last ones are still on their way when the last order has ended.
        WaitUntil(() => Pipeline.Engine.Orders.Live.Count == 0 && Pipeline.Engine.Orders.Statistics.FillsMissing == 0, 5_000);
        foreach (var runner in _threads.Runners) Stop(runner);
        foreach (var venue in Pipeline.Venues) venue.Ingest.ShedPending();
        FinalHash = Pipeline.Engine.EndSession();
        if (_threadsEnded) FinishShadow();
        // Their threads have ended: what the file says last is what the report says.
        if (_threadsEnded) _threads.Publish();
        return NodeReport.Build(this);
    }

    public void Dispose()
    {
        _registration.Dispose();
        _endpoint.Dispose();
        _watch.Dispose();
        _guard?.Dispose();
        // A thread that is stuck may come back: the memory it writes to stays until the process ends.
        if (!_threadsEnded) return;
        Pipeline.Dispose();
        _counters.Dispose();
    }

    /// <summary>The last snapshot holds the whole session: the next start replays nothing.</summary>
    private void FinishShadow()
    {
        _shadow?.Finish();
        if (_shadow?.Difference is { } difference) _log.Write(NodeMessages.ShadowDiffers, difference);
    }

    /// <summary>Nobody where no service manager started the node: then it costs nothing.</summary>
    private IEnumerable<IAgent> Beside(ServiceManager services)
    {
        if (!services.IsThere) return [];
        var agent = new ServiceAgent(services, () => Lifecycle.State.ToText(), () => Pipeline.Trading.Window.Number);
        return [new PacedAgent(agent, services.PingInterval is { } ping && ping < ServiceInterval ? ping : ServiceInterval, _clock)];
    }

    private void CountNode(CounterPublisher to)
    {
        to.Add(NodeCounters.Trusted, "", () => Lifecycle.IsTrusted ? 1 : 0);
        to.Add(NodeCounters.State, "", () => (long)Lifecycle.State);
        to.Add(NodeCounters.UptimeMs, "", () => UptimeMs);
        to.Add(NodeCounters.WorkingSetBytes, "", () => Environment.WorkingSet);
        to.Add(NodeCounters.Gen0Collections, "", () => GC.CollectionCount(0));
        to.Add(NodeCounters.Gen1Collections, "", () => GC.CollectionCount(1));
        to.Add(NodeCounters.Gen2Collections, "", () => GC.CollectionCount(2));
        to.Add(NodeCounters.GcPauseNs, "", () => (long)GC.GetTotalPauseDuration().TotalNanoseconds);
        to.Add(NodeCounters.GcHeapBytes, "", () => GC.GetTotalMemory(forceFullCollection: false));
        to.Add(NodeCounters.GcAllocatedBytes, "", () => GC.GetTotalAllocatedBytes());
        to.Add(NodeCounters.ControlCommands, "", () => _endpoint.Commands);
        to.Add(NodeCounters.ControlRefused, "", () => _endpoint.Refused);
        to.Add(NodeCounters.ControlConnectionsRefused, "", () => _endpoint.ConnectionsRefused);
        to.Add(NodeCounters.LogsFrom, "", () => (long)_log.Ring.LevelOf(NodeMessages.CommandTaken.Area));
        to.Add(NodeCounters.VersionsLoaded, "", () => Catalogs.Versions.LoadedNow);
        to.Add(NodeCounters.CountersDropped, "", () => _counters.Dropped);
    }

    /// <summary>From the first READY on, what hot threads allocate is measured, and counts.</summary>
    private void Trust()
    {
        foreach (var meter in Meters) meter.Start();
    }

    private void Stop(AgentRunner runner)
    {
        if (runner.Stop(ThreadPatience)) return;
        _threadsEnded = false;
        _log.Write(NodeMessages.ThreadStuck, runner.Name, ThreadPatience.TotalSeconds);
    }

    private JsonObject Answer(JsonObject command)
    {
        var who = (string?)command["who"] ?? "";
        var why = (string?)command["why"] ?? "";
        switch ((string?)command["command"])
        {
            case "status":
                return NodeReport.Build(this);
            case "approve":
                return Approve((string?)command["instrument"] ?? "", who, why, checks: false);
            case "approve.check":
                return Approve((string?)command["instrument"] ?? "", who, why, checks: true);
            case "order":
                return _orders.Answer(command, who, why);
            // A name that is none must not come out as "everything".
            case "cancel-all" when command["strategy"] is not null
                && (Strategy(command) is 0 || Strategy(command) > Pipeline.Engine.Strategies.Count):
                return ControlEndpoint.Refusal($"there is no such strategy; this node has 1 to {Pipeline.Engine.Strategies.Count}");
            case "cancel-all":
                return Order(EngineCommandKind.CancelAll, who, why, strategy: Strategy(command));
            case "strategy" when (string?)command["action"] is "enable" or "disable":
                return Strategy(command) is var number && number >= 1 && number <= Pipeline.Engine.Strategies.Count
                    ? Order((string?)command["action"] == "enable" ? EngineCommandKind.EnableStrategy : EngineCommandKind.DisableStrategy,
                        who, why, strategy: number)
                    : ControlEndpoint.Refusal($"there is no such strategy; this node has 1 to {Pipeline.Engine.Strategies.Count}");
            case "venue.swap":
                return VenueSwap((string?)command["venue"] ?? "");
            case "drain":
                if (who.Length > 0) (_stopWho, _stopWhy) = (who, why.Length > 0 ? why : "no reason given");
                _stopRequested.TrySetResult();
                return new JsonObject { ["result"] = "The node cancels its orders and stops." };
            default:
                return _risk.Answer(command, who, why) ?? _strategies.Answer(command, who, why) ?? _diagnostics.Answer(command, who, why) ?? _incidents.Answer(command, who, why)
                    ?? ControlEndpoint.Refusal(
                        $"there is no command '{(string?)command["command"]}'; "
                        + "known: status, approve, approve.check, order, cancel-all, strategy, drain, "
                        + string.Join(", ", [.. RiskDesk.Commands, .. StrategyDesk.Commands, .. DiagnosticsDesk.Commands, .. IncidentDesk.Commands]));
        }
    }

    /// <param name="name">An instrument as people write it: BTC-USDT.BINANCE.</param>
    /// <param name="who">Journaled.</param>
    /// <param name="why">Journaled.</param>
    /// <param name="checks">True: only says whether it could be done.</param>
    private JsonObject Approve(string name, string who, string why, bool checks)
    {
        var instrument = Pipeline.Engine.Instruments.All.FirstOrDefault(
            i => $"{i.Symbol}.{Pipeline.Venues[i.Venue.Value - 1].Name}".Equals(name, StringComparison.OrdinalIgnoreCase));
        if (instrument is null) return ControlEndpoint.Refusal($"there is no instrument '{name}' here; written like BTC-USDT.BINANCE");
        if (!checks) return Order(EngineCommandKind.ApproveDifference, who, why, instrument.Id);
        return Pipeline.Engine.Desk.Venues.IsBlockedByDifference(instrument.Id) ? new JsonObject { ["result"] = "A difference waits for approval." }
            : ControlEndpoint.Refusal($"{instrument.Symbol} has no difference that waits for approval");
    }

    /// <summary>
    /// A venue's adapter holds sockets, books and the fate of orders: it changes in a node that does not trade, which is one that is stopped.
    /// </summary>
    private JsonObject VenueSwap(string name)
    {
        if (Pipeline.Venues.Find(v => v.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) is not { } venue)
            return ControlEndpoint.Refusal($"there is no venue '{name}'; this node has {string.Join(", ", Pipeline.Venues.Select(v => v.Name))}");
        var states = StatesOf(venue);
        return ControlEndpoint.Refusal(
            $"{venue.Name} is in use (feed {states.Feed}, orders {states.Orders}, {Pipeline.Engine.Orders.Live.Count} orders live in this node): "
            + "a venue is swapped in a node that does not trade. penstock ctl drain, put the new version into the plugin folder, start the node "
            + "again: it goes on where it was");
    }

    /// <summary>0 where none is named.</summary>
    private static ushort Strategy(JsonObject command) =>
        ushort.TryParse((string?)command["strategy"], System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : (ushort)0;

    private JsonObject Order(EngineCommandKind kind, string who, string why, InstrumentId instrument = default, ushort strategy = 0)
    {
        if (who.Length == 0 || why.Length == 0) return ControlEndpoint.Refusal("who and why are needed: both are journaled");
        var result = Send(new EngineCommand { Kind = kind, Who = who, Why = why, Instrument = instrument, Strategy = strategy, NowNs = 0 });
        _log.Write(NodeMessages.CommandTaken, kind.ToString(), who, why, result?.Message ?? "not taken");
        return result is { Done: true } done ? new JsonObject { ["result"] = done.Message }
            : ControlEndpoint.Refusal(result?.Message ?? "the trading thread did not take the command within 2 s");
    }

    private HangReaction ReactionToHang() => new(
        why => _kill.Press(Trading.Risk.LimitScope.Node, "watchdog", why),
        (strategy, why) => Enqueue(new EngineCommand
        {
            Kind = EngineCommandKind.DisableStrategy, Strategy = strategy, Who = "watchdog", Why = why, NowNs = 0,
        }));

    /// <summary>Hands a command to the trading thread and waits for its answer; null when none came in time.</summary>
    private CommandResult? Send(EngineCommand command)
    {
        var answer = Enqueue(command);
        return answer.Wait(TimeSpan.FromSeconds(2)) ? answer.Result : null;
    }

    /// <summary>Looks at the engine on its own thread, between two events; null when it did not come to it in time.</summary>
    private JsonNode? Ask(Func<TradingEngine, JsonNode> question)
    {
        var answer = new TaskCompletionSource<JsonNode>(TaskCreationOptions.RunContinuationsAsynchronously);
        Pipeline.Trading.Questions.Enqueue(new PendingQuestion(question, answer));
        return answer.Task.Wait(TimeSpan.FromSeconds(2)) ? answer.Task.Result : null;
    }

    private Task<CommandResult> Enqueue(EngineCommand command)
    {
        var answer = new TaskCompletionSource<CommandResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        Pipeline.Trading.Commands.Enqueue(new PendingCommand(command, answer));
        return answer.Task;
    }

    private void WaitUntil(Func<bool> condition, int milliseconds)
    {
        var end = _clock.NowNs + milliseconds * 1_000_000L;
        while (!condition() && _clock.NowNs < end) Thread.Sleep(1);
    }
}
