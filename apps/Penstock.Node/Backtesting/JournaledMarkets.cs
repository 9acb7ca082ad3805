using System.Runtime.InteropServices;
using Penstock.Infrastructure.Journal;
using Penstock.Infrastructure.Problems;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Node.Wiring;
using Penstock.Strategies;
using Penstock.Trading.Recovery;

namespace Penstock.Node.Backtesting;

/// <summary>
/// The market events of a journal. A journal of several sessions is one stream: a later session's clock is moved behind the one before,
/// and its books wait for snapshots, as they did live.
/// </summary>
internal sealed class JournaledMarkets : IMarketSource
{
    private readonly JournalReader _reader;
    private readonly int _instruments;
    private readonly MarketEvent[] _events = new MarketEvent[TradingEngine.EventsPerRecord];
    private int _count;
    private long _shiftNs;
    private int _sessions;

    private JournaledMarkets(JournalReader reader, EngineBlueprint blueprint)
    {
        _reader = reader;
        Blueprint = blueprint;
        _instruments = blueprint.Instruments.Count;
    }

    /// <summary>Of the journal's first session.</summary>
    public EngineBlueprint Blueprint { get; }

    public ReadOnlySpan<MarketEvent> Events => _events.AsSpan(0, _count);

    public long TimeNs { get; private set; }

    public long Gaps { get; private set; }

    public long Crossed => 0; // counted by the books of the run

    public string? Problem => _reader.State == JournalReaderState.Bad ? $"{_reader.Fault} in segment {_reader.Segment} at {_reader.Offset}" : null;

    public static JournaledMarkets Open(string folder)
    {
        using (var reader = JournalReader.Open(folder))
        {
            while (reader.TryRead(out var record))
            {
                if ((EngineRecordType)record.Type != EngineRecordType.SessionStart || EngineRecords.DecodeSession(record.Payload) is not { } session) continue;
                return new JournaledMarkets(JournalReader.Open(folder), EngineBlueprint.FromJson(session.Configuration));
            }
        }

        throw new Problem(ExitCode.Error, "the journal holds no session", folder, "no session start could be read", $"penstock verify {folder}");
    }

    public bool TryRead()
    {
        while (_reader.TryRead(out var record))
        {
            switch ((EngineRecordType)record.Type)
            {
                case EngineRecordType.SessionStart when EngineRecords.DecodeSession(record.Payload) is { } session && ++_sessions > 1:
                    _shiftNs = Math.Max(0, TimeNs + 1 - session.NowNs);
                    BreakOff(session.NowNs + _shiftNs);
                    return true;
                case EngineRecordType.MarketBatch when TryTake(record.Payload):
                    return true;
                default:
                    break;
            }
        }

        return false;
    }

    public void Dispose() => _reader.Dispose();

    private bool TryTake(ReadOnlySpan<byte> payload)
    {
        _count = payload.Length / MarketEvent.SizeBytes;
        if (_count == 0 || _count > _events.Length || payload.Length % MarketEvent.SizeBytes != 0) return false;
        payload.CopyTo(MemoryMarshal.AsBytes(_events.AsSpan()));
        foreach (ref var e in Events.Length == 0 ? [] : _events.AsSpan(0, _count))
        {
            if (_shiftNs != 0) e.Received = new MonotonicTime(e.Received.Ns + _shiftNs);
            if (e.Kind == MarketEventKind.BookInvalid) Gaps++;
        }

        TimeNs = Math.Max(TimeNs, _events[_count - 1].Received.Ns);
        return true;
    }

    private void BreakOff(long nowNs)
    {
        _count = Math.Min(_instruments, _events.Length);
        for (var i = 0; i < _count; i++)
        {
            _events[i] = new MarketEvent
            {
                Kind = MarketEventKind.BookInvalid, Venue = new(Blueprint.Instruments[i].Venue), Instrument = new(i + 1), Received = new MonotonicTime(nowNs),
                Flags = MarketEventFlags.FirstOfMessage | MarketEventFlags.LastOfMessage | MarketEventFlags.Gap,
            };
        }

        TimeNs = Math.Max(TimeNs, nowNs);
    }
}
