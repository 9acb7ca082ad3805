using System.Runtime.InteropServices;
using Penstock.Infrastructure.Journal;
using Penstock.Model.Markets;
using Penstock.Model.Orders;
using Penstock.Trading.Recovery;

namespace Penstock.Node.Backtesting;

/// <summary>Engine time as the records of a journal tell it, without an engine.</summary>
internal static class SessionClock
{
    /// <summary>The time after this record, ns; a session start sets it, all others only bring it forward.</summary>
    public static long Advance(long nowNs, in JournalRecord record)
    {
        switch ((EngineRecordType)record.Type)
        {
            case EngineRecordType.SessionStart when EngineRecords.DecodeSession(record.Payload) is { } session:
                return session.NowNs;
            case EngineRecordType.MarketBatch:
                foreach (ref readonly var e in MemoryMarshal.Cast<byte, MarketEvent>(record.Payload)) nowNs = Math.Max(nowNs, e.Received.Ns);
                return nowNs;
            case EngineRecordType.Report when EngineRecords.TryRead<ExecutionReport>(record.Payload, out var report):
                return Math.Max(nowNs, report.Received.Ns);
            case EngineRecordType.Timer when EngineRecords.TryRead<long>(record.Payload, out var timerNs):
                return Math.Max(nowNs, timerNs);
            case EngineRecordType.Command or EngineRecordType.StateChange when EngineRecords.DecodeCommand(record.Payload) is { } command:
                return Math.Max(nowNs, command.NowNs);
            default:
                return nowNs;
        }
    }
}
