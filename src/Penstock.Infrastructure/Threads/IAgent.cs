namespace Penstock.Infrastructure.Threads;

/// <summary>
/// A stage of the pipeline: an object with a role and a step. It never waits inside; idling is somebody else's business, so
/// a test steps it by hand and a thread plan decides which thread runs it (R129).
/// </summary>
public interface IAgent
{
    /// <summary>Short and stable: names the thread, its counters and its line on the screen.</summary>
    string Role { get; }

    /// <summary>One duty cycle. Returns how much was done; zero lets the idle strategy rest.</summary>
    int DoWork();

    /// <summary>Called once, on the agent's thread, after the last step.</summary>
    void OnStop()
    {
    }
}
