using System.Text.Json.Nodes;
using Penstock.Infrastructure.Logging;
using Penstock.Node.Logging;
using Penstock.Node.Wiring;
using Penstock.Strategies;
using Penstock.Trading.Execution;
using Penstock.Trading.Recovery;

namespace Penstock.Node.Control;

/// <summary>
/// What the command socket says about strategies: how they stand, their settings, pause and resume. A change is a command the trading
/// thread applies between two events and journals with who and why (R95, R145).
/// </summary>
internal sealed class StrategyDesk(Pipeline pipeline, Func<EngineCommand, CommandResult?> send, Func<Func<TradingEngine, JsonNode>, JsonNode?> ask, LogRing log)
{
    public static IReadOnlyList<string> Commands { get; } = ["strategy.list", "strategy.set", "strategy.pause", "strategy.resume"];

    /// <summary>Null for a command that is not one of these.</summary>
    public JsonObject? Answer(JsonObject command, string who, string why)
    {
        var name = (string?)command["command"] ?? "";
        if (name == "strategy.list")
            return ask(_ => List(pipeline)) is { } list ? new JsonObject { ["strategies"] = list } : ControlEndpoint.Refusal("the trading thread did not answer within 2 s");
        if (!Commands.Contains(name)) return null;
        if (who.Length == 0 || why.Length == 0) return ControlEndpoint.Refusal("who and why are needed: both are journaled");
        var count = pipeline.Engine.Strategies.Count;
        if (!ushort.TryParse((string?)command["name"], out var id) || id < 1 || id > count)
            return ControlEndpoint.Refusal($"there is no strategy '{(string?)command["name"]}'; this node has 1 to {count}");
        var kind = name switch
        {
            "strategy.set" => EngineCommandKind.ConfigureStrategy, "strategy.pause" => EngineCommandKind.DisableStrategy, _ => EngineCommandKind.EnableStrategy,
        };
        var settings = command["settings"] as JsonObject ?? [];
        var text = kind == EngineCommandKind.ConfigureStrategy
            ? EngineFactory.Settings(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value ?? ""))) : "";
        var result = send(new EngineCommand { Kind = kind, Strategy = id, Text = text, Who = who, Why = why, NowNs = 0 });
        log.Write(NodeMessages.CommandTaken, $"{kind} {id}", who, why, result?.Message ?? "not taken");
        return result is { Done: true } done ? new JsonObject { ["result"] = done.Message }
            : ControlEndpoint.Refusal(result?.Message ?? "the trading thread did not take the command within 2 s");
    }

    /// <summary>Every strategy: what it is, whether it trades, and if not, why. Read beside the running engine.</summary>
    public static JsonArray List(Pipeline pipeline) =>
    [
        .. pipeline.Engine.Strategies.Select(s => new JsonObject
        {
            ["id"] = s.Context.Id, ["name"] = s.Context.Setup.Kind,
            ["instruments"] = string.Join(' ', s.Context.Instruments.Select(i => PeoplesNames.Of(pipeline, pipeline.Engine.Instruments[i]))),
            ["state"] = s.IsEnabled ? "running" : !s.IsStarted ? "not started" : s.Faults > 0 ? "isolated" : "off", ["why"] = s.IsEnabled ? "" : Reason(s),
            ["events"] = s.Events, ["faults"] = s.Faults, ["overruns"] = s.Budget?.Overruns ?? 0, ["longestCallUs"] = (s.Budget?.LongestNs ?? 0) / 1_000,
            ["settings"] = s.Configuration,
        }),
    ];

    /// <summary>The first line of what it threw; a pause has none, its reason is in the audit trail.</summary>
    public static string Reason(StrategyRunner strategy) => strategy.LastFault.Split('\n')[0].TrimEnd();
}
