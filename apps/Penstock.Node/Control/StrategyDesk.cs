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
    public static IReadOnlyList<string> Commands { get; } = 
    [
        "strategy.list", "strategy.set", "strategy.pause", "strategy.resume", "strategy.swap", "strategy.cancel-swap",
    ];

    private readonly SwapDesk _swaps = new(pipeline, send);

    /// <summary>Null for a command that is not one of these.</summary>
    public JsonObject? Answer(JsonObject command, string who, string why)
    {
        var name = (string?)command["command"] ?? "";
        if (name == "strategy.list")
            return ask(_ => List(pipeline)) is { } list ? new JsonObject { ["strategies"] = list } : ControlEndpoint.Refusal("the trading thread did not answer within 2 s");
        if (!Commands.Contains(name)) return null;
        if (who.Length == 0 || why.Length == 0) return ControlEndpoint.Refusal("who and why are needed: both are journaled");
        if (IdOf((string?)command["name"] ?? "", out var unknown) is not { } id) return ControlEndpoint.Refusal(unknown);
        var (result, said) = name == "strategy.swap" ? (_swaps.Swap(id, command, who, why), "SwapStrategy") : Send(name, id, command, who, why);
        log.Write(NodeMessages.CommandTaken, $"{said} {id}", who, why, result?.Message ?? "not taken");
        return result is { Done: true } done ? new JsonObject { ["result"] = done.Message }
            : ControlEndpoint.Refusal(result?.Message ?? "the trading thread did not take the command within 2 s");
    }

    private (CommandResult? Result, string Said) Send(string name, ushort id, JsonObject command, string who, string why)
    {
        var kind = name switch
        {
            "strategy.set" => EngineCommandKind.ConfigureStrategy, "strategy.pause" => EngineCommandKind.DisableStrategy,
            "strategy.cancel-swap" => EngineCommandKind.CancelSwap, _ => EngineCommandKind.EnableStrategy,
        };
        var settings = command["settings"] as JsonObject ?? [];
        var text = kind == EngineCommandKind.ConfigureStrategy
            ? EngineFactory.Settings(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value ?? ""))) : "";
        return (send(new EngineCommand { Kind = kind, Strategy = id, Text = text, Who = who, Why = why, NowNs = 0 }), kind.ToString());
    }

    /// <summary>A strategy by its number, or by its name where only one has it.</summary>
    private ushort? IdOf(string name, out string wrong)
    {
        var strategies = pipeline.Engine.Strategies;
        var named = strategies.Where(s => s.Context.Setup.Kind == name).Select(s => s.Context.Id).ToList();
        wrong = named.Count > 1 ? $"{named.Count} strategies are named '{name}': use the number, {string.Join(" or ", named)}"
            : $"there is no strategy '{name}'; this node has 1 to {strategies.Count}";
        if (named.Count == 1) return named[0];
        return ushort.TryParse(name, out var id) && id >= 1 && id <= strategies.Count ? id : null;
    }

    /// <summary>Every strategy: what it is, whether it trades, and if not, why. Read beside the running engine.</summary>
    public static JsonArray List(Pipeline pipeline) =>
    [
        .. pipeline.Engine.Strategies.Select(s => new JsonObject
        {
            ["id"] = s.Context.Id, ["name"] = s.Context.Setup.Kind,
            ["instruments"] = string.Join(' ', s.Context.Instruments.Select(i => PeoplesNames.Of(pipeline, pipeline.Engine.Instruments[i]))),
            ["state"] = s.IsEnabled ? "running" : !s.IsStarted ? "not started" : s.LastFault.Length > 0 ? "isolated" : "off",
            ["why"] = s.IsEnabled ? "" : Reason(s),
            ["events"] = s.Events, ["faults"] = s.Faults, ["overruns"] = s.Budget?.Overruns ?? 0, ["longestCallUs"] = (s.Budget?.LongestNs ?? 0) / 1_000,
            ["books"] = s.Books, ["trades"] = s.Trades, ["settings"] = s.Configuration,
            ["version"] = s.Version.ToString(), ["sha256"] = s.Version.Sha256,
            ["phase"] = PhaseOf(s), ["swap"] = Swap(s.Swap), ["lastSwap"] = s.LastSwap,
        }),
    ];

    private static string PhaseOf(StrategyRunner strategy) => strategy.Swap?.Phase switch
    {
        SwapPhase.Loaded => "loaded", SwapPhase.Warming => "warming", SwapPhase.TakingOver => "taking over", _ => "active",
    };

    private static JsonObject? Swap(StrategySwap? swap) => swap is null ? null : new JsonObject
    {
        ["version"] = swap.Order.Version.ToString(), ["sha256"] = swap.Order.Version.Sha256, ["settings"] = swap.Order.Settings,
        ["events"] = swap.Events,
        ["eventsWanted"] = swap.Order.WarmUpEvents, ["warmedMs"] = swap.WarmedMs, ["warmUpMs"] = swap.Order.WarmUpMs, ["withheld"] = swap.Withheld,
    };

    /// <summary>The first line of what it threw; a pause has none, its reason is in the audit trail.</summary>
    public static string Reason(StrategyRunner strategy) => strategy.LastFault.Split('\n')[0].TrimEnd();
}
