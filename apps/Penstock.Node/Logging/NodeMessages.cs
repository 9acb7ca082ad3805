using Penstock.Infrastructure.Logging;

namespace Penstock.Node.Logging;

/// <summary>All messages of the node; area 2. What agents and threads report of themselves is Infrastructure's (area 1).</summary>
internal static class NodeMessages
{
    public static readonly LogMessage Recovered =
        new("PS2001", LogLevel.Information, "RECOVERED: {records} records, {live} live orders, {fills} fills, {ended}");

    public static readonly LogMessage Wired =
        new("PS2002", LogLevel.Information, "INIT: session {session}, {instruments} instruments on {venues} venues, threads {threads}");

    public static readonly LogMessage StateChanged =
        new("PS2003", LogLevel.Information, "{state}: {why}");

    public static readonly LogMessage Degraded =
        new("PS2004", LogLevel.Warning, "{state}: {why}");

    public static readonly LogMessage Stopped =
        new("PS2005", LogLevel.Information, "STOPPED: state hash {hash}, journal {journal}");

    public static readonly LogMessage ThreadStuck =
        new("PS2006", LogLevel.Error, "Thread {thread} did not end within {seconds} s");

    public static readonly LogMessage CommandTaken =
        new("PS2007", LogLevel.Information, "COMMAND: {command} by {who}: {why} ({outcome})");

    public static readonly LogMessage SnapshotRefused =
        new("PS2020", LogLevel.Warning, "Snapshot not used: {why}");

    public static readonly LogMessage RecoveredFrom =
        new("PS2021", LogLevel.Information, "State from {source}, {records} records replayed, {ms} ms");

    public static readonly LogMessage ShadowDiffers =
        new("PS2022", LogLevel.Error, "The shadow engine came to another result and stopped; no snapshot is taken any more: {difference}");

    public static readonly LogMessage AnchorDiffers =
        new("PS2023", LogLevel.Warning, "The journal does not reach its anchor: {why}");

    /// <summary>Where logs leave the machine, so does the anchor: penstock verify --anchor FILE takes the line.</summary>
    public static readonly LogMessage Anchored =
        new("PS2025", LogLevel.Information, "Anchored: {anchor}");

    public static readonly LogMessage StrategyOff =
        new("PS2024", LogLevel.Warning, "Strategy {id} ({name}) is switched off: {why}");

    public static readonly LogMessage OrdersGo =
        new("PS2030", LogLevel.Information, "ORDERS: {where}");

    public static readonly LogMessage Killed =
        new("PS2008", LogLevel.Warning, "KILLED: {scope} by {who}: {why}");

    public static readonly LogMessage StrategyHung =
        new("PS2025", LogLevel.Error, "Strategy {id} ({name}) has not returned from a call for {ms} ms: everything is killed, "
            + "{cancels} live orders are cancelled past it");

    public static readonly LogMessage StrategyHungEnd =
        new("PS2026", LogLevel.Error, "{sent} cancels left, {lost} could not; {next}");

    public static readonly LogMessage KillFileUnreadable =
        new("PS2009", LogLevel.Error, "The file {file} names no venue and no strategy of this node ({content}): everything is killed");

    public static readonly LogMessage WatchFailed =
        new("PS2010", LogLevel.Error, "The KILL file cannot be watched by events ({why}); it is looked for every {milliseconds} ms");
}
