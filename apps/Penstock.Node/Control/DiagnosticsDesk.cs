using System.Text.Json.Nodes;
using Penstock.Infrastructure.Logging;
using Penstock.Node.Configuration;
using Penstock.Node.Logging;
using Penstock.Trading.Recovery;

namespace Penstock.Node.Control;

/// <summary>
/// What the command socket says about looking and testing: from which level on is logged, and that a simulation is made to misbehave. Neither
/// decides about an order, yet both belong to what happened: they are journaled with who and why before they take effect (R75, R145).
/// </summary>
/// <param name="environment">Faults are for simulations only.</param>
/// <param name="log">Whose level changes. Sidecar and control plane take theirs from the counter that publishes it (R41).</param>
/// <param name="send">Hands a command to the trading thread, which journals it; null when it did not come to it in time.</param>
internal sealed class DiagnosticsDesk(NodeEnvironment environment, LogRing log, Func<EngineCommand, CommandResult?> send)
{
    private const string Levels = "trace, debug, information, warning, error, critical";

    public static IReadOnlyList<string> Commands { get; } = ["log-level", "fault"];

    /// <summary>Null for a command that is not one of these.</summary>
    public JsonObject? Answer(JsonObject command, string who, string why)
    {
        var name = (string?)command["command"] ?? "";
        if (!Commands.Contains(name)) return null;
        if (who.Length == 0 || why.Length == 0) return ControlEndpoint.Refusal("who and why are needed: both are journaled");
        return name == "log-level" ? SetLevel((string?)command["level"] ?? "", who, why) : Fault((string?)command["text"] ?? "", who, why);
    }

    private JsonObject SetLevel(string name, string who, string why)
    {
        // A number would parse as well, and mean nothing to whoever reads the journal.
        if (Array.Find(Enum.GetNames<LogLevel>(), n => n.Equals(name, StringComparison.OrdinalIgnoreCase)) is not { } known)
            return ControlEndpoint.Refusal($"there is no level '{name}'; known: {Levels}");
        var level = Enum.Parse<LogLevel>(known);
        var result = Journal(EngineCommandKind.SetLogLevel, known, who, why);
        if (result is not { Done: true }) return Refused(result);
        log.SetLevel(level);
        return new JsonObject { ["result"] = $"Logged is from {level} on, by the node at once, by sidecar and control plane within a second." };
    }

    private JsonObject Fault(string text, string who, string why)
    {
        if (environment != NodeEnvironment.Sim)
            return ControlEndpoint.Refusal($"faults are injected into simulations only; this node's environment is {environment}");
        if (text.Length == 0) return ControlEndpoint.Refusal("text is needed: which fault, where");
        var result = Journal(EngineCommandKind.InjectFault, text, who, why);
        return result is { Done: true } ? new JsonObject { ["result"] = "Journaled." } : Refused(result);
    }

    private CommandResult? Journal(EngineCommandKind kind, string text, string who, string why)
    {
        var result = send(new EngineCommand { Kind = kind, Text = text, Who = who, Why = why, NowNs = 0 });
        log.Write(NodeMessages.CommandTaken, kind.ToString(), who, why, result?.Message ?? "not taken");
        return result;
    }

    private static JsonObject Refused(CommandResult? result) =>
        ControlEndpoint.Refusal(result?.Message ?? "the trading thread did not take the command within 2 s; nothing was changed");
}
