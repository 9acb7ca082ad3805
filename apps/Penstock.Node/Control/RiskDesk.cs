using System.Text.Json.Nodes;
using Penstock.Infrastructure.Logging;
using Penstock.Infrastructure.Time;
using Penstock.Model.Instruments;
using Penstock.Node.Logging;
using Penstock.Node.Wiring;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;

namespace Penstock.Node.Control;

/// <summary>
/// What the command socket says about risk: kill and resume, limits, breakers, positions, balances, profit and loss. Reading is done here,
/// beside the running engine; changing is a command the trading thread applies and journals with who and why.
/// </summary>
internal sealed class RiskDesk(
    Pipeline pipeline, IMonotonicClock clock, Func<EngineCommand, CommandResult?> send, KillPress kill, ControlWatch watch, LogRing log)
{
    public static IReadOnlyList<string> Commands { get; } =
        ["kill", "resume", "limits.list", "limits.set", "breaker.list", "breaker.arm", "positions", "balances", "pnl", "scope.check"];

    /// <summary>Null for a command that is not one of these.</summary>
    public JsonObject? Answer(JsonObject command, string who, string why)
    {
        switch ((string?)command["command"])
        {
            case "limits.list":
                return LimitViews.List(pipeline, clock.NowNs);
            case "breaker.list":
                return LimitViews.Breakers(pipeline, clock.NowNs);
            case "positions":
                return AccountViews.Positions(pipeline);
            case "balances":
                return AccountViews.Balances(pipeline, clock.NowNs);
            case "pnl":
                return AccountViews.ProfitAndLoss(pipeline);
            case "scope.check":
                return TryScope(command, out _, out var unknown) ? new JsonObject { ["result"] = "It exists." } : ControlEndpoint.Refusal(unknown);
            case "kill" or "resume" or "limits.set" or "breaker.arm":
                if (who.Length == 0 || why.Length == 0) return ControlEndpoint.Refusal("who and why are needed: both are journaled");
                if (!TryScope(command, out var scope, out var wrong)) return ControlEndpoint.Refusal(wrong);
                return Change(command, scope, who, why);
            default:
                return null;
        }
    }

    private JsonObject Change(JsonObject command, LimitScope scope, string who, string why)
    {
        var name = (string?)command["name"] ?? "";
        switch ((string?)command["command"])
        {
            case "kill":
                var pressed = kill.Press(scope, who, why);
                return Told("Kill", who, why, pressed.Wait(TimeSpan.FromSeconds(2)) ? pressed.Result
                    : new CommandResult(true,
                        "No order leaves any more. The trading thread has not answered within 2 s: nothing is known of the cancels."));
            case "resume":
                if (watch.IsFileThere) return ControlEndpoint.Refusal($"the file {watch.KillFile} lies there: remove it first");
                return Told("Resume", who, why, kill.Release(scope, who, why, send));
            case "limits.set":
                return Told("SetLimit", who, why, Send(EngineCommandKind.SetLimit, $"{name} {scope} {(string?)command["value"]}", who, why));
            default:
                if (LimitCatalog.Find(name) is null)
                    return ControlEndpoint.Refusal(
                        $"there is no breaker '{name}'; known: volatility, daily-loss, error-rate, repeated-fills, venue-failures");
                return Told("ArmBreaker", who, why, Send(EngineCommandKind.ArmBreaker, $"{name} {scope}", who, why));
        }
    }

    private CommandResult? Send(EngineCommandKind kind, string text, string who, string why) =>
        send(new EngineCommand { Kind = kind, Text = text, Who = who, Why = why, NowNs = 0 });

    private JsonObject Told(string what, string who, string why, CommandResult? result)
    {
        log.Write(NodeMessages.CommandTaken, what, who, why, result?.Message ?? "not taken");
        return result is { Done: true } done ? new JsonObject { ["result"] = done.Message }
            : ControlEndpoint.Refusal(result?.Message ?? "the trading thread did not take the command within 2 s");
    }

    private bool TryScope(JsonObject command, out LimitScope scope, out string wrong)
    {
        (scope, wrong) = (LimitScope.Node, "");
        var named = 0;
        if ((string?)command["venue"] is { Length: > 0 } venue)
        {
            named++;
            if (kill.Venue(venue) is { } found) scope = found;
            else wrong = $"there is no venue '{venue}'; this node has {string.Join(", ", pipeline.Venues.Select(v => v.Name))}";
        }

        if ((string?)command["strategy"] is { Length: > 0 } strategy)
        {
            named++;
            if (kill.Strategy(strategy) is { } found) scope = found;
            else wrong = $"there is no strategy '{strategy}'; this node has 1 to {pipeline.Engine.Strategies.Count}";
        }

        if ((string?)command["instrument"] is { Length: > 0 } instrument)
        {
            named++;
            if (Instrument(instrument) is { } found) scope = LimitScope.Of(found.Id);
            else wrong = $"there is no instrument '{instrument}'; expected one as BTC-USDT.OKX";
        }

        if (named > 1) wrong = "name one of instrument, strategy and venue";
        return wrong.Length == 0;
    }

    private Instrument? Instrument(string text) =>
        pipeline.Engine.Instruments.All.FirstOrDefault(i => PeoplesNames.Of(pipeline, i).Equals(text, StringComparison.OrdinalIgnoreCase));
}
