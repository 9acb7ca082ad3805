using Penstock.Infrastructure.Logging;

namespace Penstock.Control.Logging;

/// <summary>All messages of the control plane's servers; area 3.</summary>
internal static class ControlMessages
{
    public static readonly LogMessage LevelFollowed =
        new("PS3001", LogLevel.Warning, "Logged is from {level} on, as the node's people said");

    public static readonly LogMessage NodeSeen =
        new("PS3002", LogLevel.Information, "The node runs: process {pid}, start {generation}");

    public static readonly LogMessage NodeGone =
        new("PS3003", LogLevel.Warning, "No node to be seen: {why}");

    public static readonly LogMessage CommandCarried =
        new("PS3004", LogLevel.Information, "COMMAND: {command} by {who}: {outcome}");

    public static readonly LogMessage RequestRefused =
        new("PS3005", LogLevel.Debug, "Refused: {method} {route}: {problem}");

    public static readonly LogMessage KeepsOff =
        new("PS3006", LogLevel.Information, "Cores kept off because the node's threads are pinned to them: {cores}");

    public static readonly LogMessage NoWay =
        new("PS3007", LogLevel.Warning, "Runs beside the node: {shortfall}");
}
