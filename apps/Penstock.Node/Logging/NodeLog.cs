using Penstock.Infrastructure.Logging;
using Penstock.Infrastructure.Time;

namespace Penstock.Node.Logging;

/// <summary>
/// The node's messages: a queue that never makes its writer wait, and the agent that empties it into DATA/node.jsonl and onto
/// the console. Until the node's threads run, and after they have ended, <see cref="Flush"/> does the agent's work.
/// </summary>
internal sealed class NodeLog : IDisposable
{
    public NodeLog(string? file, TextWriter? console, IMonotonicClock clock, IWallClock wallClock)
    {
        Ring = new LogRing(clock);
        // People see bare sentences; time, level and id are in the file.
        Writer = new LogWriterAgent(Ring, new LogWriterOptions { Path = file, Console = console, ConsolePrefix = false }, clock, wallClock);
    }

    /// <summary>Any thread; on a hot one only when something has failed.</summary>
    public LogRing Ring { get; }

    public LogWriterAgent Writer { get; }

    public void Write(LogMessage message, LogValue first = default, LogValue second = default, LogValue third = default, LogValue fourth = default) =>
        Ring.Write(message, first, second, third, fourth);

    /// <summary>Only while no thread steps the writer.</summary>
    public void Flush() => Writer.OnStop();

    public void Dispose()
    {
        Flush();
        Writer.Dispose();
    }
}
