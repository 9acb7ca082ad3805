using Penstock.Infrastructure.Logging;
using Penstock.Infrastructure.Threads;

namespace Penstock.Control.Logging;

/// <summary>What a server of the control plane needs to know of the node to log as it does.</summary>
/// <param name="Pid">Its process; 0 when there is none.</param>
/// <param name="Generation">Rises by one with every start.</param>
/// <param name="LogsFrom">Its log level; null where it publishes none.</param>
/// <param name="Why">Why there is nothing to see; empty when there is.</param>
internal readonly record struct NodeGlance(int Pid, long Generation, long? LogsFrom, string Why);

/// <summary>
/// Follows the log level people gave the node: it stands in the counter file, so that a server without a way to the node has it, too. A
/// node that ends takes its level with it. Tells of the node's coming and going on the way.
/// </summary>
internal sealed class NodeFollower(Func<NodeGlance> look, LogRing log) : IAgent
{
    private const LogLevel Default = LogLevel.Information;

    private NodeGlance _seen = new(-1, 0, null, "");
    private LogLevel _level = Default;

    public string Role => "node-follower";

    public int DoWork()
    {
        var now = look();
        var work = 0;
        if ((now.Pid, now.Generation) != (_seen.Pid, _seen.Generation))
        {
            if (now.Pid > 0) log.Write(ControlMessages.NodeSeen, now.Pid, now.Generation);
            else log.Write(ControlMessages.NodeGone, now.Why);
            work++;
        }

        _seen = now;
        var level = now.LogsFrom is { } number and >= (long)LogLevel.Trace and <= (long)LogLevel.Critical ? (LogLevel)number : Default;
        if (level == _level) return work;
        // Said at the more talkative of both levels: whoever reads the log sees where it changes.
        if (level > _level) log.Write(ControlMessages.LevelFollowed, level.ToString());
        log.SetLevel(level);
        if (level < _level) log.Write(ControlMessages.LevelFollowed, level.ToString());
        _level = level;
        return work + 1;
    }

    public void OnStop()
    {
    }
}
