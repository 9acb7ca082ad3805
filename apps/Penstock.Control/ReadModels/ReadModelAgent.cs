using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Penstock.Infrastructure.Threads;
using Penstock.Infrastructure.Time;

namespace Penstock.Control.ReadModels;

/// <summary>
/// All read models, stepped by one thread: nothing in them needs a lock. It reads mapped files and the journal; nothing it does, or fails to do,
/// reaches the node. Started anew it comes to the same state from the same files.
/// </summary>
internal sealed class ReadModelAgent : IAgent, IDisposable
{
    private const long CounterIntervalNs = 250_000_000;
    private const long SlowIntervalNs = 1_000_000_000;
    /// <summary>Tables that come of the journal change four times a second; asking its files oftener costs more than reading them.</summary>
    private const long JournalIntervalNs = 40_000_000;
    private const int QuestionsMax = 1_024;
    private const long LookNs = 10_000_000_000;

    /// <summary>Topics only the node can fill.</summary>
    private static readonly string[] AskedTopics = ["positions", "balances", "pnl", "limits", "breakers", "strategies"];

    private readonly IMonotonicClock _clock;
    private readonly IWallClock _wall;
    private readonly long _startedNs;
    private readonly ConcurrentQueue<(Action Answer, TaskCompletionSource Done)> _questions = new();
    private readonly Dictionary<string, ITopic> _topics = [];
    private readonly ObserverWatch _observers;
    private IReadOnlyList<InstrumentView>? _indexed;
    private int _indexedCount = -1;
    private long _nextCountersNs;
    private long _nextJournalNs;
    private long _nextSlowNs;
    private long _lookedUntilNs;
    private int _waiting;

    /// <param name="data">The node's data folder.</param>
    /// <param name="clock">Monotonic; the same as the node's on this machine.</param>
    /// <param name="wall">For showing times.</param>
    /// <param name="ask">Stands in for the node's command socket in tests.</param>
    public ReadModelAgent(string data, IMonotonicClock clock, IWallClock wall, Func<JsonObject, Task<JsonObject?>>? ask = null)
    {
        (_clock, _wall, _startedNs) = (clock, wall, clock.NowNs);
        Market = new MarketModel(Path.Combine(data, "rings"), clock);
        Journal = new JournalModel(Path.Combine(data, "journal"), Market, clock, wall);
        Counters = new PipelineModel(Path.Combine(data, "counters"), clock, Journal.Events, Journal.ToUnixNs);
        Node = new NodeModel(data, clock, ask);
        _observers = new ObserverWatch(data, Node.AskAsync);
        foreach (var topic in new ITopic[]
        {
            Market, Journal.Orders, Journal.Fills, Journal.Audit, Journal.Rejects, Journal.Events, Pipeline, Lifecycle, Strategies,
            Node.Positions, Node.Balances, Node.ProfitAndLoss, Node.Limits, Node.Breakers,
        }) _topics.Add(topic.Name, topic);
    }

    public string Role => "read-models";

    public MarketModel Market { get; }

    public JournalModel Journal { get; }

    public PipelineModel Counters { get; }

    public NodeModel Node { get; }

    public StateTopic Pipeline { get; } = new("pipeline", 4);

    public StateTopic Lifecycle { get; } = new("lifecycle", 4);

    public StateTopic Strategies { get; } = new("strategies", 1);

    /// <summary>Whether anybody looks at a topic whose making costs something.</summary>
    public Func<string, bool> IsWatched { get; set; } = _ => true;

    /// <summary>Figures of the gateway beside the node's.</summary>
    public Func<JsonObject> GatewayFigures { get; set; } = () => [];

    /// <summary>Ends the thread's rest.</summary>
    public Action Wake { get; set; } = () => { };

    /// <summary>Another part's topic, before the thread starts.</summary>
    public void AddTopic(ITopic topic) => _topics.Add(topic.Name, topic);

    /// <summary>Null when there is none of that name. The agent's thread.</summary>
    public ITopic? Find(string name)
    {
        if (_topics.TryGetValue(name, out var topic)) return topic;
        Index();
        return _topics.GetValueOrDefault(name);
    }

    /// <summary>Somebody asks for this topic without staying: it is made for a while. True while it has nothing to show yet. The agent's
    /// thread.</summary>
    public bool Look(string name)
    {
        if (!AskedTopics.Contains(name)) return false;
        _lookedUntilNs = _clock.NowNs + LookNs;
        return Find(name) is { Version: 0 };
    }

    /// <summary>Runs a question on the agent's thread, between two steps. False: too many wait.</summary>
    public async Task<bool> AskAsync(Action question, CancellationToken cancel)
    {
        if (Interlocked.Increment(ref _waiting) > QuestionsMax)
        {
            Interlocked.Decrement(ref _waiting);
            return false;
        }

        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _questions.Enqueue((question, done));
        Wake();
        await done.Task.WaitAsync(TimeSpan.FromSeconds(5), cancel).ConfigureAwait(false);
        return true;
    }

    public int DoWork()
    {
        var work = PollJournal();
        if (Market.IsBroken) StartAgain();
        else if (Journal.IsAtEnd && !Market.IsLive && !Journal.HasEnded && SessionRuns()) Market.GoLive(Counters.NodePid);
        work += Market.Poll();
        var now = _clock.NowNs;
        Node.Poll(now < _lookedUntilNs || Array.Exists(AskedTopics, t => IsWatched(t)), _wall.UnixNs);
        if (now >= _nextCountersNs)
        {
            _nextCountersNs = now + CounterIntervalNs;
            ReadCounters(now >= _nextSlowNs, now);
            if (now >= _nextSlowNs) _nextSlowNs = now + SlowIntervalNs;
        }

        while (_questions.TryDequeue(out var question))
        {
            Interlocked.Decrement(ref _waiting);
            try
            {
                question.Answer();
                question.Done.SetResult();
            }
            catch (Exception e)
            {
                question.Done.SetException(e);
            }
        }

        return work;
    }

    private int PollJournal()
    {
        if (Journal.IsAtEnd && _clock.NowNs < _nextJournalNs) return 0;
        _nextJournalNs = _clock.NowNs + JournalIntervalNs;
        return Journal.Poll();
    }

    public void Dispose()
    {
        Journal.Dispose();
        Market.Dispose();
        Counters.Dispose();
    }

    private void StartAgain()
    {
        Journal.Events.Add("warning", "gateway", $"the gateway lost {Market.EventsLost} market events; its books are built again from the journal",
            _wall.UnixNs);
        Market.Dispose();
        Journal.Restart();
        Market.Forget();
    }

    /// <summary>The process that owns the rings is the one whose session the journal is at.</summary>
    private bool SessionRuns()
    {
        if (Counters.NodePid == 0 || Counters.NodeGone) return false;
        try
        {
            using var process = Process.GetProcessById(Counters.NodePid);
            var age = _wall.UnixNs - (process.StartTime.ToUniversalTime() - DateTime.UnixEpoch).Ticks * 100;
            return _clock.NowNs - Journal.SessionStartNs <= age + 1_000_000_000;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            return false;
        }
    }

    private void ReadCounters(bool slow, long now)
    {
        if (slow || IsWatched("pipeline")) Counters.Read();
        if (IsWatched("pipeline") && Journal.Blueprint is { } blueprint
            && Counters.Picture(blueprint.Venues, Market.Readers, GatewayFigures()) is { } picture) Pipeline.Set(WithIncidents(WithAges(picture)));
        if (!slow) return;
        _observers.Look();
        Lifecycle.Set(LifecycleNow());
        if (now < _lookedUntilNs || IsWatched("strategies")) Strategies.Set(StrategiesNow());
    }

    /// <summary>How old each venue's data is, the status of the node says.</summary>
    private JsonObject WithAges(JsonObject picture)
    {
        foreach (var venue in picture["venues"]!.AsArray())
        {
            if (Node.Status?["venueDetails"]?[(string)venue!["name"]!] is not { } known) continue;
            venue["ageMs"] = known["ageMs"]?.DeepClone();
            venue["state"] = known["state"]?.DeepClone();
            venue["orderSession"] = known["orderSession"]?.DeepClone();
        }

        return picture;
    }

    /// <summary>What the counters say went wrong, beside what the journal says of the same.</summary>
    private JsonObject WithIncidents(JsonObject picture)
    {
        var rows = new JsonArray();
        foreach (var (label, count) in Counters.Latest?.All("incidents") ?? [])
        {
            var ledger = Journal.Incidents.GetValueOrDefault(label);
            if (count == 0 && ledger is null) continue;
            var words = label.Split(' ', 2);
            rows.Add(new JsonObject
            {
                ["class"] = words[0], ["subject"] = words[^1], ["count"] = count, ["ledger"] = ledger?.Total ?? 0,
                ["firstMs"] = ledger is null ? null : Journal.ToUnixNs(ledger.FirstNs) / 1_000_000,
                ["lastMs"] = ledger is null ? null : Journal.ToUnixNs(ledger.LastNs) / 1_000_000, ["text"] = ledger?.Text,
            });
        }

        picture["incidents"] = rows;
        return picture;
    }

    private JsonObject LifecycleNow()
    {
        var status = Node.Status;
        return new JsonObject
        {
            ["state"] = (string?)status?["state"] ?? "DOWN", ["waitingFor"] = status?["waitingFor"]?.DeepClone(),
            ["degradation"] = new JsonArray([.. ((string?)status?["degradation"] ?? "")
                .Split(", ", StringSplitOptions.RemoveEmptyEntries).Select(d => (JsonNode)d)]),
            ["trusted"] = status?["trusted"]?.DeepClone() ?? false, ["session"] = Journal.Session,
            ["environment"] = status?["environment"]?.DeepClone(),
            ["name"] = status?["name"]?.DeepClone(), ["pid"] = status?["pid"]?.DeepClone(), ["uptimeMs"] = status?["uptimeMs"]?.DeepClone(),
            ["history"] = new JsonArray([.. Journal.States.Select(s => s.DeepClone())]), ["journal"] = status?["journal"]?.DeepClone(),
            ["build"] = typeof(ReadModelAgent).Assembly.GetName().Version?.ToString(3),
            ["runtime"] = System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription,
            ["gatewayUptimeMs"] = (_clock.NowNs - _startedNs) / 1_000_000,
        };
    }

    private JsonArray StrategiesNow()
    {
        var killed = (Node.LimitList?["killed"]?.AsArray() ?? []).Select(k => (string)k!).ToHashSet();
        var rows = new JsonArray();
        var number = 0;
        foreach (var configured in Journal.Blueprint?.Strategies ?? [])
        {
            number++;
            var (orders, fills, rejects) = Journal.ByStrategy.GetValueOrDefault(number);
            var running = (Node.Status?["strategies"] as JsonArray)?.ElementAtOrDefault(number - 1);
            rows.Add(new JsonObject
            {
                ["number"] = number, ["name"] = configured?["name"]?.DeepClone(),
                ["instrument"] = configured?["instrument"]?.DeepClone(), ["settings"] = configured?.DeepClone(),
                ["state"] = killed.Contains("node") || killed.Contains($"strategy:{number}") ? "killed" : Journal.StrategiesDisabled.Contains(number)
                    ? "disabled" : "running",
                ["orders"] = orders, ["fills"] = fills, ["rejects"] = rejects, ["net"] = NetOf(number),
                ["version"] = running?["version"]?.DeepClone(), ["phase"] = running?["phase"]?.DeepClone(),
                ["lastSwap"] = running?["lastSwap"]?.DeepClone(),
            });
        }

        return rows;
    }

    private string? NetOf(int strategy)
    {
        var rows = (Node.Profit?["pnl"]?.AsArray() ?? []).Where(r => r!["strategy"]!.GetValue<int>() == strategy).ToList();
        return rows.Count == 0 ? null : JsonText.Plain(rows.Sum(r =>
            decimal.Parse((string)r!["net"]!, System.Globalization.CultureInfo.InvariantCulture)));
    }

    private void Index()
    {
        if (ReferenceEquals(_indexed, Market.Instruments) && _indexedCount == Market.InstrumentsVersion) return;
        (_indexed, _indexedCount) = (Market.Instruments, Market.InstrumentsVersion);
        foreach (var view in Market.Instruments)
        {
            _topics[view.Book.Name] = view.Book;
            _topics[view.Trades.Name] = view.Trades;
            foreach (var bars in view.Bars) _topics[bars.Name] = bars;
        }
    }
}
