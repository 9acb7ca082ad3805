namespace Penstock.Infrastructure.Logging;

/// <summary>All messages of Penstock.Infrastructure; area 1. Each project has a class like this one.</summary>
public static class LogMessages
{
    public static readonly LogMessage MessagesDropped =
        new("PS1001", LogLevel.Warning, "{dropped} log messages were dropped because the log queue was full");

    public static readonly LogMessage AgentFailed =
        new("PS1002", LogLevel.Error, "Agent {role} failed, {errors} in a row: {error}");

    public static readonly LogMessage AgentRetired =
        new("PS1003", LogLevel.Critical, "Agent {role} failed {errors} times in a row and is stopped: {error}");

    public static readonly LogMessage ThreadDegraded =
        new("PS1004", LogLevel.Warning, "{text}");

    public static readonly LogMessage JournalRecovered =
        new("PS1005", LogLevel.Warning, "Journal recovered to sequence {sequence}, {bytes} torn bytes cut in segment {segment} at byte {offset}");

    public static readonly LogMessage JournalFailed =
        new("PS1006", LogLevel.Critical, "The journal takes no more records: {reason}");
}
