using Penstock.Infrastructure.Logging;
using Penstock.Infrastructure.Threads;

namespace Penstock.Control.Logging;

/// <summary>What a server of the control plane needs to know of the node to log as it does and to keep out of its way.</summary>
/// <param name="Pid">Its process; 0 when there is none.</param>
/// <param name="Generation">Rises by one with every start.</param>
/// <param name="LogsFrom">Its log level; null where it publishes none.</param>
/// <param name="Why">Why there is nothing to see; empty when there is.</param>
/// <param name="PinnedCores">Cores its threads are pinned to, rising.</param>
internal readonly record struct NodeGlance(int Pid, long Generation, long? LogsFrom, string Why, IReadOnlyList<int> PinnedCores)
{
    public static NodeGlance Nothing(string why) => new(0, 0, null, why, []);
}

/// <summary>
/// Follows the log level people gave the node: it stands in the counter file, so that a server without a way to the node has it, too. A
/// node that ends takes its level with it. Tells of the node's coming and going on the way, and keeps off the cores its threads are pinned to.
/// </summary>
internal sealed class NodeFollower(Func<NodeGlance> look, LogRing log, GivingWay? way = null) : IAgent
{
    private const LogLevel Default = LogLevel.Information;

    private NodeGlance _seen = new(-1, 0, null, "", []);
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

        if (way is not null && !now.PinnedCores.SequenceEqual(_seen.PinnedCores)) KeepOff(way, now.PinnedCores);
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

    private void KeepOff(GivingWay way, IReadOnlyList<int> cores)
    {
        foreach (var shortfall in way.KeepOff(cores)) log.Write(ControlMessages.NoWay, shortfall);
        log.Write(ControlMessages.KeepsOff, cores.Count == 0 ? "none" : string.Join(", ", cores));
    }

    public void OnStop()
    {
    }
}
