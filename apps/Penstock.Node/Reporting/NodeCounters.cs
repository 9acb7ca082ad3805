using Penstock.Infrastructure.Counters;

namespace Penstock.Node.Reporting;

/// <summary>
/// Everything a node counts, said once (R51): the name is the dashboard's name, the sentence is for the person at 3 a.m. What
/// the label of an instance is stands at the head of each group. Ids are part of the file's format: they are never used again.
/// </summary>
internal static partial class NodeCounters
{
    // The node. No label.
    public static readonly CounterDeclaration Trusted =
        Gauge(1, "trusted", "1 once the node has been READY; until then it warms up and no figure of this file is to be believed.");
    public static readonly CounterDeclaration State =
        Gauge(2, "node_state", "Lifecycle: 0 INIT, 1 WARM-UP, 2 READY, 3 DEGRADED, 4 DRAINING, 5 STOPPED.");
    public static readonly CounterDeclaration UptimeMs = Gauge(3, "uptime_ms", "Time since the node was wired, in milliseconds.");
    public static readonly CounterDeclaration WorkingSetBytes = Gauge(4, "working_set_bytes", "Memory of the process that lies in RAM.");
    public static readonly CounterDeclaration Gen0Collections = Total(5, "gc_gen0_collections", "Garbage collections of the youngest generation.");
    public static readonly CounterDeclaration Gen1Collections = Total(6, "gc_gen1_collections", "Garbage collections of the middle generation.");
    public static readonly CounterDeclaration Gen2Collections =
        Total(7, "gc_gen2_collections", "Full garbage collections; one in READY stops every thread.");
    public static readonly CounterDeclaration ControlCommands = Total(8, "control_commands", "Lines answered on the command socket.");
    public static readonly CounterDeclaration ControlRefused = Total(9, "control_refused", "Of these, refused: unknown, malformed or too long.");
    public static readonly CounterDeclaration ControlConnectionsRefused =
        Total(10, "control_connections_refused", "Connections to the command socket closed because too many were open.");
    public static readonly CounterDeclaration CountersDropped = Total(11, "counters_dropped", "Counter instances that found no room in this file.");
    public static readonly CounterDeclaration LogDropped = Total(12, "log_messages_dropped", "Log messages that found the log queue full.");
    public static readonly CounterDeclaration LogWritten = Total(13, "log_messages_written", "Log messages written.");
    public static readonly CounterDeclaration LogErrors =
        Total(14, "log_write_errors", "Log batches or lines lost because file or console refused them.");

    public static readonly CounterDeclaration GcPauseNs = Total(3500, "gc_pause_ns", "Time garbage collections stopped every thread, together.");
    public static readonly CounterDeclaration GcHeapBytes = Gauge(3501, "gc_heap_bytes", "Size of the managed heap, garbage included.");
    public static readonly CounterDeclaration GcAllocatedBytes =
        Total(3502, "gc_allocated_bytes", "Bytes allocated by all threads since the start, hot or not.");

    public static readonly CounterDeclaration LogsFrom =
        Gauge(3530, "log_level",
            "Least level that is logged, by node, sidecar and control plane: 0 trace, 1 debug, 2 information, 3 warning, 4 error.");

    // Threads. Label: the thread.
    public static readonly CounterDeclaration DutyCycles = Total(50, "thread_duty_cycles", "Times all agents of the thread were stepped.");
    public static readonly CounterDeclaration WorkDone = Total(51, "thread_work_done", "What the agents of the thread say they did, summed.");
    public static readonly CounterDeclaration IdleCycles =
        Total(52, "thread_idle_cycles", "Cycles in which no agent of the thread had anything to do.");
    public static readonly CounterDeclaration AgentErrors =
        Total(53, "thread_agent_errors", "Steps of an agent that threw: a defect of this program.");
    public static readonly CounterDeclaration AgentsRetired =
        Total(54, "thread_agents_retired", "Agents that threw too often in a row and are not stepped any more.");
    public static readonly CounterDeclaration ListenerErrors =
        Total(55, "thread_listener_errors", "Listeners to such failures that threw themselves.");
    public static readonly CounterDeclaration PinnedCore =
        Gauge(3540, "thread_core", "Core the thread is pinned to, which sidecar and control plane keep off; -1 while the scheduler chooses.");
    public static readonly CounterDeclaration AllocatedBytesHot =
        Total(56, "hot_allocated_bytes", "Bytes a hot thread allocated since READY; anything but 0 brings a collection nearer.");

    public static IReadOnlyList<CounterDeclaration> All => Everything;

    // Read through a field of this class: that is what makes all its declarations.
    private static readonly List<CounterDeclaration> Everything = Registry.Declared;

    private static CounterDeclaration Total(int id, string name, string sentence) =>
        new CounterDeclaration(id, name, sentence, CounterKind.Total).Declare();

    private static CounterDeclaration Gauge(int id, string name, string sentence) =>
        new CounterDeclaration(id, name, sentence, CounterKind.Gauge).Declare();

    private static CounterDeclaration Distribution(int id, string name, string sentence) =>
        new CounterDeclaration(id, name, sentence, CounterKind.Histogram).Declare();

    private static CounterDeclaration Declare(this CounterDeclaration declaration)
    {
        Registry.Declared.Add(declaration);
        return declaration;
    }

    /// <summary>A class of its own, so that it is there before the first declaration, whichever file that stands in.</summary>
    private static class Registry
    {
        public static readonly List<CounterDeclaration> Declared = [];
    }
}
