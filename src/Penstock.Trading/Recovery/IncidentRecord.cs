using System.Runtime.InteropServices;
using Penstock.Model.Numbers;

namespace Penstock.Trading.Recovery;

/// <summary>What went wrong around the engine: the classes of failure the node names (R62–R66). Numbers stand in journals.</summary>
public enum IncidentKind : byte
{
    None,
    /// <summary>A reader of a ring was lapped. Subject: the venue; count: events lost.</summary>
    SlowReader = 1,
    /// <summary>Answers of a venue waited too long for the engine. Subject: the venue; count: answers.</summary>
    ExecutionBacklog = 2,
    /// <summary>A venue sends many times what it usually does. Subject: the venue; count: bursts.</summary>
    Burst = 3,
    /// <summary>A process that watches the node ended without a word. Subject: its role; count: deaths.</summary>
    ObserverLost = 4,
    /// <summary>The node started again. Subject: node; count: starts after the first.</summary>
    Restart = 5,
    /// <summary>A venue sends nothing on an open connection. Subject: the venue; count: silences.</summary>
    VenueSilent = 6,
    /// <summary>An input threw while the engine applied it. Subject: engine; count: inputs.</summary>
    InputFault = 7,
}

/// <summary>
/// What was seen, when, and how often: the ledger's side of what counters and screen show. An observation, like
/// <see cref="OrderSentRecord"/>: no state follows from it and a replay passes over it.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct IncidentRecord
{
    public const string NodeSubject = "node";
    public const string EngineSubject = "engine";

    /// <summary>Monotonic ns.</summary>
    public long NowNs;
    /// <summary>How often since the last record of this kind and subject.</summary>
    public long Count;
    /// <summary>How often in this session; of <see cref="IncidentKind.Restart"/> over all sessions.</summary>
    public long Total;
    public Text40 Subject;
    public IncidentKind Kind;

    /// <summary>The class as it stands in counters, metrics, the API and on screen.</summary>
    public static string NameOf(IncidentKind kind) => kind switch
    {
        IncidentKind.SlowReader => "slow-reader",
        IncidentKind.ExecutionBacklog => "execution-backlog",
        IncidentKind.Burst => "burst",
        IncidentKind.ObserverLost => "observer-lost",
        IncidentKind.Restart => "restart",
        IncidentKind.VenueSilent => "venue-silent",
        IncidentKind.InputFault => "input-fault",
        _ => "unknown",
    };

    /// <summary>For people: which one, how often, of what.</summary>
    public override readonly string ToString() => Kind switch
    {
        IncidentKind.SlowReader => $"slow reader: the trading thread lost events of {Subject}, {Count} of them: its ring lapped it",
        IncidentKind.ExecutionBacklog => $"execution backlog: answers of {Subject} waited too long in the queue to the engine, {Count} of them",
        IncidentKind.Burst => $"burst: {Subject} sends many times what it usually does",
        IncidentKind.ObserverLost => $"observer lost: the {Subject} process ended without a word; the node goes on",
        IncidentKind.Restart => $"restart: the node started again; starts after the first: {Total}",
        IncidentKind.VenueSilent => $"venue silent: {Subject} sends nothing on an open connection",
        IncidentKind.InputFault => $"input fault: {Count} inputs threw in the {Subject}; only cancels leave until the node is started again",
        _ => $"{Kind}: {Count} of {Subject}",
    };
}
