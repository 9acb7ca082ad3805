using System.Diagnostics;
using System.Text.Json.Nodes;
using Penstock.Infrastructure.Counters;
using Penstock.Infrastructure.Memory;
using Penstock.Infrastructure.Time;

namespace Penstock.Control.ReadModels;

/// <summary>
/// The pipeline as one picture, from the node's counter file alone: stages, venues, readers, resources, latencies. The same words that
/// Prometheus and the ledger show, so the counts are the same. Also turns what grew since the last look into events.
/// </summary>
internal sealed class PipelineModel(string counterFile, IMonotonicClock clock, EventLog events, Func<long, long> toUnixNs) : IDisposable
{
    /// <summary>What is told as an event when it grows: counter, kind, severity, sentence.</summary>
    private static readonly Dictionary<string, (string Kind, string Severity, string Text)> Told =
        new (string Counter, string Kind, string Severity, string Text)[]
    {
        ("feed_gaps", "gap", "warning", "book updates are missing; the book is not used until it is loaded anew"),
        ("feed_resyncs", "resync", "info", "snapshots asked for"),
        ("feed_disconnects", "session", "warning", "market data connections lost"),
        ("feed_inputs_quarantined", "quarantine", "warning", "inputs set aside with their bytes"),
        ("feed_inputs_shed", "shed", "warning", "inputs dropped because a bound was reached"),
        ("capture_frames_dropped", "shed", "warning", "raw frames not captured"),
        ("execution_pending_shed", "shed", "alarm", "answers of venues lost; the venue is reconciled"),
        ("log_messages_dropped", "shed", "info", "log messages dropped"),
        ("quarantine_frames_dropped", "shed", "info", "quarantined frames not kept"),
    }.ToDictionary(t => t.Counter, t => (t.Kind, t.Severity, t.Text));

    /// <summary>From 1 ns to a quarter of an hour.</summary>
    private static readonly long[] PowersOfTwo = [.. Enumerable.Range(0, 41).Select(i => 1L << i)];

    private const long LookEveryNs = 200_000_000;
    private const long RateWindowNs = 1_000_000_000;

    private readonly Dictionary<(string, string), long> _told = [];
    private readonly Queue<CounterSnapshot> _last = [];
    private readonly Histogram[] _latencies = [.. LatencyNames.Select(_ => new Histogram())];
    private CounterFile? _file;
    private CounterIndex? _index;
    private CounterSnapshot? _before;
    private (int Pid, TimeSpan Cpu, long AtNs) _cpu;
    private double _cpuPercent;
    private long _generation;
    private int _gonePid;

    public CounterSnapshot? Latest { get; private set; }

    /// <summary>Of the process that wrote the file; 0 before there is one.</summary>
    public int NodePid => _file?.ProducerPid ?? 0;

    /// <summary>The node has closed the file, or a new one has its name.</summary>
    public bool NodeGone => _file is null || _file.ProducerGone;

    /// <summary>Reads the file; at most as often as somebody looks.</summary>
    public void Read()
    {
        if (_file is null || _file.ProducerGone) Open();
        if (_file is null || (Latest is not null && clock.NowNs - Latest.AtNs < LookEveryNs)) return;
        var now = CounterSnapshot.Take(_file, clock.NowNs, ref _index);
        Latest = now;
        _last.Enqueue(now);
        // Rates are over a second: the node itself writes ten times in it.
        while (_last.Count > 1 && now.AtNs - _last.Peek().AtNs >= RateWindowNs) _before = _last.Dequeue();
        TellWhatGrew(now);
        MeasureProcess();
    }

    /// <param name="readers">The gateway's own readers of the rings.</param>
    /// <param name="gateway">Figures of this process.</param>
    public JsonObject? Picture(IReadOnlyList<string> venues, IEnumerable<(string Venue, long Lag, long Lost, long Laps)> readers, JsonObject gateway)
    {
        if (Latest is not { } now || _file is null) return null;
        var latencies = new Dictionary<string, (Histogram Histogram, HistogramSummary Summary)>();
        foreach (var ((key, name), into) in LatencyNames.Zip(_latencies))
        {
            if (_file.TryCopyHistogram(name, into)) latencies.Add(key, (into, into.Summarize()));
        }

        var resources = new JsonObject
        {
            ["cpuPercent"] = _cpuPercent, ["workingSetBytes"] = now.Sum("working_set_bytes"), ["gen0"] = now.Sum("gc_gen0_collections"),
            ["gen1"] = now.Sum("gc_gen1_collections"), ["gen2"] = now.Sum("gc_gen2_collections"),
            ["hotAllocatedBytes"] = now.Sum("hot_allocated_bytes"),
            ["journalBytesPerSecond"] = now.Rate(_before, "journal_bytes"),
        };
        foreach (var (key, value) in gateway) resources[key] = value?.DeepClone();
        return new JsonObject
        {
            ["state"] = NodeGone ? "DOWN" : JournalModel.StateText((Trading.Risk.NodeState)now.Sum("node_state")),
            ["trusted"] = now.Sum("trusted") == 1,
            ["uptimeMs"] = now.Sum("uptime_ms"),
            ["stages"] = Stages(now, key => latencies.TryGetValue(key, out var latency) ? latency.Summary : null),
            ["venues"] = new JsonArray([.. venues.Select(v => (JsonNode)Venue(now, v))]),
            ["readers"] = Readers(now, venues, readers), ["resources"] = resources,
            ["latency"] = Objects(latencies, l => Figures(l.Summary)), ["histograms"] = Objects(latencies, l => Bins(l.Histogram)),
        };
    }

    public void Dispose() => _file?.Dispose();

    private void Open()
    {
        try
        {
            var opened = CounterFile.Open(counterFile);
            if (opened.Generation == _generation && _file is not null)
            {
                opened.Dispose();
                return;
            }

            _file?.Dispose();
            (_file, _generation) = (opened, opened.Generation);
            (Latest, _before, _index) = (null, null, null);
            _told.Clear();
            _last.Clear();
        }
        catch (Exception e) when (e is MappedFileException or IOException)
        {
            // No node has run here yet.
        }
    }

    private JsonArray Stages(CounterSnapshot now, Func<string, HistogramSummary?> latency)
    {
        var decision = latency("decisionNs");
        var execution = latency("executionNs");
        var tick = latency("tickToDecisionNs");
        return
        [
            Stage(now, "ingress", "feed_frames", null, null, null, 0, 0, null, $"{now.Sum("link_open")} connections open"),
            Stage(now, "normalise", "feed_inputs_received", now.Sum("feed_inputs_pending"), null, null,
                now.Sum("feed_inputs_shed") + now.Sum("feed_inputs_quarantined"), 0, null,
                    $"{now.Sum("feed_inputs_quarantined")} set aside, {now.Sum("feed_inputs_shed")} shed"),
            Stage(now, "ring", "ring_published", now.Sum("reader_lag"), now.Sum("ring_capacity"), now.Sum("reader_lag"),
                now.Sum("reader_events_lost"), 0, null,
                "lag and loss of the trading thread"),
            Stage(now, "books", "feed_deltas", null, null, null, now.Sum("feed_gaps"), 0, null,
                $"{now.Sum("feed_books_synced")} synchronised, {now.Sum("feed_gaps")} gaps, {now.Sum("feed_resyncs")} resyncs"),
            Stage(now, "strategy", "engine_market_events", null, null, null, 0, 0, tick, $"{now.Sum("strategy_faults")} faults"),
            Stage(now, "risk", "order_placed", null, null, null, 0, now.Sum("risk_rejects"), decision, $"{now.Sum("risk_rejects")} refused"),
            Stage(now, "execution", "execution_orders_sent", now.Sum("order_live"), null, null, 0,
                now.Sum("execution_throttled") + now.Sum("execution_not_connected") + now.Sum("execution_backlogged"), execution,
                $"{now.Sum("order_live")} live, {now.Sum("order_unknown")} unknown"),
            Stage(now, "ack", "order_acked", now.Sum("execution_pending"), null, null, now.Sum("execution_pending_shed"), 0, execution,
                $"{now.Sum("order_fills")} fills"),
            Stage(now, "journal", "journal_records", now.Sum("journal_uncommitted_records"), null, null, now.Sum("journal_appends_refused"), 0, null,
                $"{now.Sum("journal_commits")} commits"),
        ];
    }

    private JsonObject Stage(CounterSnapshot now, string name, string counter, long? depth, long? capacity, long? lag, long drops, long refused,
        HistogramSummary? latency, string detail) => new()
    {
        ["name"] = name, ["ratePerSecond"] = now.Rate(_before, counter), ["total"] = now.Sum(counter), ["depth"] = depth,
        ["capacity"] = capacity, ["lag"] = lag,
        ["drops"] = drops, ["refused"] = refused,
        ["p50Ns"] = latency?.P50, ["p99Ns"] = latency?.P99, ["p999Ns"] = latency?.P999, ["maxNs"] = latency?.Max,
        ["detail"] = detail,
    };

    private JsonObject Venue(CounterSnapshot now, string venue) => new()
    {
        ["name"] = venue,
        ["state"] = now.Of("feed_stale", venue) == 1 ? "SILENT" : IsOpen(now, venue) ? "OPEN" : "DOWN",
        ["framesPerSecond"] = now.Rate(_before, "feed_frames", venue), ["eventsPerSecond"] = now.Rate(_before, "feed_events_published", venue),
        ["ageMs"] = null, ["synced"] = now.Of("feed_books_synced", venue), ["gaps"] = now.Of("feed_gaps", venue),
        ["resyncs"] = now.Of("feed_resyncs", venue),
        ["quarantined"] = now.Of("feed_inputs_quarantined", venue), ["shed"] = now.Of("feed_inputs_shed", venue),
        ["disconnects"] = now.Of("feed_disconnects", venue),
        ["orderSession"] = now.Of("link_open", venue + " orders") == 1 ? "READY" : "DOWN",
    };

    private static bool IsOpen(CounterSnapshot now, string venue) => now.Of("feed_books_synced", venue) > 0 || now.Of("link_open", venue) == 1;

    private static JsonArray Readers(CounterSnapshot now, IReadOnlyList<string> venues,
        IEnumerable<(string Venue, long Lag, long Lost, long Laps)> own) =>
    [
        .. venues.Select(v => (JsonNode)Reader("trading", v, now.Of("reader_lag", v), now.Of("reader_events_lost", v), now.Of("reader_laps", v))),
        .. own.Select(r => (JsonNode)Reader("gateway", r.Venue, r.Lag, r.Lost, r.Laps)),
    ];

    private static JsonObject Reader(string name, string ring, long lag, long lost, long laps) =>
        new() { ["name"] = name, ["ring"] = ring, ["lag"] = lag, ["lost"] = lost, ["laps"] = laps };

    private static JsonObject Objects<T>(Dictionary<string, T> latencies, Func<T, JsonNode> show) =>
        new(latencies.Select(l => KeyValuePair.Create<string, JsonNode?>(l.Key, show(l.Value))));

    private static JsonObject Figures(HistogramSummary h) =>
        new() { ["count"] = h.Count, ["p50"] = h.P50, ["p99"] = h.P99, ["p999"] = h.P999, ["max"] = h.Max };

    /// <summary>By powers of two, in one pass over the buckets; empty ones left out.</summary>
    private static JsonArray Bins(Histogram histogram)
    {
        Span<long> upTo = stackalloc long[PowersOfTwo.Length];
        histogram.CountsUpTo(PowersOfTwo, upTo);
        var bins = new JsonArray();
        for (var i = 0; i < upTo.Length; i++)
        {
            var count = upTo[i] - (i == 0 ? 0 : upTo[i - 1]);
            if (count > 0) bins.Add(new JsonArray(PowersOfTwo[i], count));
        }

        return bins;
    }

    private static readonly (string Key, string Name)[] LatencyNames =
        [("decisionNs", "decision_latency_ns"), ("executionNs", "execution_latency_ns"), ("tickToDecisionNs", "tick_to_decision_ns")];

    private void TellWhatGrew(CounterSnapshot now)
    {
        foreach (var (name, (kind, severity, text)) in Told)
        {
            foreach (var (label, value) in now.All(name))
            {
                var known = _told.GetValueOrDefault((name, label), -1);
                _told[(name, label)] = value;
                // What a node counted before this process came is history, not news.
                if (known < 0 || value <= known) continue;
                var of = label.Length > 0 ? label : null;
                events.Add(severity, kind, $"{(of is null ? "" : of + ": ")}{value - known} {text}", toUnixNs(now.AtNs), of, null, value - known);
            }
        }
    }

    /// <summary>Once for each process that ended without closing its file: what comes after it is told by the journal.</summary>
    private void TellDeath()
    {
        if (_gonePid == NodePid || NodeGone) return;
        _gonePid = NodePid;
        events.Add("alarm", "node", $"the node's process {NodePid} ended without a word", toUnixNs(clock.NowNs));
    }

    private void MeasureProcess()
    {
        try
        {
            using var process = Process.GetProcessById(NodePid);
            var (cpu, now) = (process.TotalProcessorTime, clock.NowNs);
            if (_cpu.Pid == NodePid && now - _cpu.AtNs > 200_000_000)
                _cpuPercent = Math.Round((cpu - _cpu.Cpu).TotalNanoseconds * 100 / (now - _cpu.AtNs), 1);
            if (_cpu.Pid != NodePid || now - _cpu.AtNs > 200_000_000) _cpu = (NodePid, cpu, now);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            _cpuPercent = 0;
            TellDeath();
        }
    }
}
