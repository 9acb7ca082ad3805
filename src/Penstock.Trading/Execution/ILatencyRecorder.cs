namespace Penstock.Trading.Execution;

/// <summary>Takes the two latencies that are always told apart: ours and theirs (DESIGN §3).</summary>
public interface ILatencyRecorder
{
    /// <summary>From the socket read of the event that led to the order, to the order handed to the socket.</summary>
    void RecordDecision(long ns);

    /// <summary>From the order handed to the socket, to the venue's first word about it.</summary>
    void RecordExecution(long ns);
}
