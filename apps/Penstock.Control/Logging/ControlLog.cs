using Penstock.Infrastructure.Logging;
using Penstock.Infrastructure.Threads;
using Penstock.Infrastructure.Time;

namespace Penstock.Control.Logging;

/// <summary>
/// The log of one server of the control plane: a bounded queue nobody waits for, and the agents that write it out and keep its level where
/// the node's is (R41, R75). Lines go to one writer, standard error as a rule: whoever runs the server keeps them.
/// </summary>
internal sealed class ControlLog : IDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly LogWriterAgent _writer;

    /// <param name="look">One look at the node's counters.</param>
    /// <param name="lines">Where the lines go; null for nowhere.</param>
    /// <param name="clock">Stamps messages.</param>
    /// <param name="wall">Says when that was.</param>
    /// <param name="way">How this server gives way to the node; null when it does not.</param>
    public ControlLog(Func<NodeGlance> look, TextWriter? lines, IMonotonicClock clock, IWallClock wall, GivingWay? way = null)
    {
        Ring = new LogRing(clock);
        _writer = new LogWriterAgent(Ring, new LogWriterOptions { Console = lines }, clock, wall);
        Agents = [new PacedAgent(new NodeFollower(look, Ring, way), LookEvery, clock), _writer];
    }

    public LogRing Ring { get; }

    /// <summary>To be stepped by one thread, in this order.</summary>
    public IReadOnlyList<IAgent> Agents { get; }

    public void Dispose()
    {
        _writer.OnStop();
        _writer.Dispose();
    }
}
