using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Penstock.Control.Nodes;
using Penstock.Infrastructure.Problems;
using Penstock.Infrastructure.Time;

namespace Penstock.Control.ReadModels;

/// <summary>
/// What only the node itself knows, asked over its command socket: at most once a second for everybody together, and only while somebody looks.
/// The answers come from the node's admin threads; the trading thread is not asked.
/// </summary>
/// <param name="data">The node's data folder.</param>
/// <param name="clock">Monotonic.</param>
/// <param name="ask">Stands in for the command socket in tests; null: the socket of the node that runs on the folder.</param>
internal sealed class NodeModel(string data, IMonotonicClock clock, Func<JsonObject, Task<JsonObject?>>? ask = null)
{
    private const long IntervalNs = 1_000_000_000;
    private const long UnwatchedIntervalNs = 5_000_000_000;

    private static readonly string[] Asked = ["positions", "balances", "pnl", "limits.list", "breaker.list"];

    private readonly string _data = Path.GetFullPath(data);
    private readonly ConcurrentQueue<Action> _answers = new();
    private long _nextNs;
    private bool _asking;

    public StateTopic Positions { get; } = new("positions", 1);

    public StateTopic Balances { get; } = new("balances", 1);

    public StateTopic ProfitAndLoss { get; } = new("pnl", 1);

    public StateTopic Limits { get; } = new("limits", 1);

    public StateTopic Breakers { get; } = new("breakers", 1);

    /// <summary>Null while no node answers.</summary>
    public JsonObject? Status { get; private set; }

    public JsonObject? Profit { get; private set; }

    /// <summary>The last list of limits, as the node wrote it: what a new value is compared with.</summary>
    public JsonObject? LimitList { get; private set; }

    /// <summary>Total profit over time: Unix ms and text, one a second, the last hour.</summary>
    private readonly Queue<(long Ms, string Total)> _history = [];

    public NodeEntry? Entry() => NodeRegistry.Running().FirstOrDefault(n => Path.GetFullPath(n.Data) == _data);

    /// <summary>Steps on the read models' thread: takes answers, asks again when it is time.</summary>
    /// <param name="watched">Somebody looks at one of the topics.</param>
    /// <param name="unixNs">Now.</param>
    public void Poll(bool watched, long unixNs)
    {
        while (_answers.TryDequeue(out var answer)) answer();
        if (_asking || clock.NowNs < _nextNs) return;
        _nextNs = clock.NowNs + (watched ? IntervalNs : UnwatchedIntervalNs);
        _asking = true;
        _ = AskAllAsync(watched, unixNs);
    }

    /// <summary>One question to the node; null when there is none or it does not answer.</summary>
    public async Task<JsonObject?> AskAsync(JsonObject command, CancellationToken cancel)
    {
        if (ask is not null) return await ask(command).ConfigureAwait(false);
        if (Entry() is not { } entry) return null;
        try
        {
            return await NodeClient.AskAsync(entry, command, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is Problem or IOException)
        {
            return null;
        }
    }

    private async Task AskAllAsync(bool watched, long unixNs)
    {
        try
        {
            var status = await AskAsync(new JsonObject { ["command"] = "status" }, CancellationToken.None).ConfigureAwait(false);
            _answers.Enqueue(() => Status = status);
            foreach (var name in watched && status is not null ? Asked : [])
            {
                var answer = await AskAsync(new JsonObject { ["command"] = name }, CancellationToken.None).ConfigureAwait(false);
                if (answer is not null && !answer.ContainsKey("error")) _answers.Enqueue(() => Take(name, answer, unixNs));
            }
        }
        finally
        {
            _answers.Enqueue(() => _asking = false);
        }
    }

    private void Take(string name, JsonObject answer, long unixNs)
    {
        switch (name)
        {
            case "positions":
                Positions.Set(answer["positions"]!);
                break;
            case "balances":
                Balances.Set(answer["balances"]!);
                break;
            case "pnl":
                Profit = answer;
                if ((string?)answer["total"] is { } total) _history.Enqueue((unixNs / 1_000_000, total));
                if (_history.Count > 3_600) _history.Dequeue();
                ProfitAndLoss.Set(new JsonObject
                {
                    ["total"] = answer["total"]?.DeepClone(), ["today"] = answer["today"]?.DeepClone(), ["day"] = answer["day"]?.DeepClone(),
                    ["rows"] = answer["pnl"]?.DeepClone(),
                    ["history"] = new JsonArray([.. _history.TakeLast(600).Select(h => (JsonNode)new JsonArray(h.Ms, h.Total))]),
                });
                break;
            case "limits.list":
                LimitList = answer;
                Limits.Set(WithPercent(answer));
                break;
            case "breaker.list":
                Breakers.Set(answer);
                break;
        }
    }

    private static JsonObject WithPercent(JsonObject answer)
    {
        var limits = (JsonArray)answer["limits"]!.DeepClone();
        foreach (var limit in limits)
        {
            limit!["percent"] = TryNumber(limit["used"], out var used) && TryNumber(limit["cap"], out var cap) && cap > 0
                ? Math.Round((double)(used / cap * 100), 1) : null;
        }

        return new JsonObject { ["killed"] = answer["killed"]!.DeepClone(), ["limits"] = limits };
    }

    private static bool TryNumber(JsonNode? node, out decimal value)
    {
        value = 0;
        return node is JsonValue text && text.TryGetValue<string>(out var written)
            && decimal.TryParse(written, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out value);
    }
}
