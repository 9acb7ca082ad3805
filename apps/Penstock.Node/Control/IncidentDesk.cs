using System.Text.Json.Nodes;
using Penstock.Infrastructure.Logging;
using Penstock.Node.Configuration;
using Penstock.Node.Logging;
using Penstock.Node.Wiring;
using Penstock.Trading.Recovery;

namespace Penstock.Node.Control;

/// <summary>
/// What the command socket says about things that go wrong: others report the death of a process that watches this node, and in simulation a
/// reader or the answers of venues are held up on purpose (R62, R63, R65).
/// </summary>
internal sealed class IncidentDesk(Pipeline pipeline, NodeEnvironment environment, LogRing log)
{
    /// <summary>Long enough for a busy ring to lap a reader, and well below the ten seconds in which it has to be named.</summary>
    private const int StallMs = 8_000;

    /// <summary>Answers are late after a quarter of a second; orders are given up much later.</summary>
    private const int AnswersMs = 1_500;

    public static IReadOnlyList<string> Commands { get; } = ["incident", "stall"];

    /// <summary>Null for a command that is not one of these.</summary>
    public JsonObject? Answer(JsonObject command, string who, string why)
    {
        var name = (string?)command["command"] ?? "";
        if (!Commands.Contains(name)) return null;
        if (who.Length == 0 || why.Length == 0) return ControlEndpoint.Refusal("who and why are needed");
        var answer = name == "incident" ? Report((string?)command["subject"] ?? "") : Stall(command);
        log.Write(NodeMessages.CommandTaken, name, who, why, (string?)(answer["result"] ?? answer["error"]) ?? "");
        return answer;
    }

    private JsonObject Report(string subject) => pipeline.Incidents.TryReport(IncidentKind.ObserverLost, subject)
        ? new JsonObject { ["result"] = $"The death of the {subject} is journaled." }
        : ControlEndpoint.Refusal($"nobody watches a process '{subject}'");

    private JsonObject Stall(JsonObject command)
    {
        if (environment != NodeEnvironment.Sim) return ControlEndpoint.Refusal("nothing is held up on purpose outside of simulation");
        if ((string?)command["what"] == "answers")
        {
            pipeline.Trading.Stalls.HoldAnswers(AnswersMs);
            return new JsonObject { ["result"] = $"Answers of venues wait for {AnswersMs} ms." };
        }

        if ((string?)command["what"] != "reader") return ControlEndpoint.Refusal("what is reader or answers");
        var index = pipeline.Venues.FindIndex(v => v.Name.Equals((string?)command["venue"], StringComparison.OrdinalIgnoreCase));
        if (index < 0) return ControlEndpoint.Refusal($"there is no venue '{(string?)command["venue"]}' here");
        var venue = pipeline.Venues[index];
        pipeline.Trading.Stalls.HoldReader(index, venue.Ring.Capacity, StallMs);
        return new JsonObject { ["result"] = $"The trading thread does not read {venue.Name} until its ring laps it, {StallMs} ms at most." };
    }
}
