using System.Runtime.InteropServices;
using Penstock.Infrastructure.Journal;
using Penstock.Infrastructure.Problems;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Node.Wiring;
using Penstock.Strategies;
using Penstock.Trading.Positions;
using Penstock.Trading.Recovery;

namespace Penstock.Node.Backtesting;

/// <summary>
/// The market events of a journal, and the payments its account got. A journal of several sessions is one stream: a later session's clock is moved
/// behind the one before, and its books wait for snapshots, as they did live.
/// </summary>
internal sealed class JournaledMarkets : IMarketSource
{
    /// <summary>No machine has been up for that long: larger stamps are nanoseconds since the Unix epoch (2001 and later).</summary>
    private const long UnixTimesFromNs = 1_000_000_000_000_000_000;

    private readonly JournalReader _reader;
    private readonly int _instruments;
    private readonly MarketEvent[] _events = new MarketEvent[TradingEngine.EventsPerRecord];
    private readonly RecordedFills _fills;
    private readonly PositionKeeper _positions;
    private int _count;
    private long _shiftNs;
    private int _sessions;
    private long? _unixAtZeroNs;
    private bool _isTold;

    private JournaledMarkets(JournalReader reader, EngineBlueprint blueprint)
    {
        _reader = reader;
        Blueprint = blueprint;
        _instruments = blueprint.Instruments.Count;
        var table = blueprint.Table();
        _fills = new RecordedFills(table);
        _positions = new PositionKeeper(table, 0);
    }

    /// <summary>Of the journal's first session.</summary>
    public EngineBlueprint Blueprint { get; }

    public ReadOnlySpan<MarketEvent> Events => _events.AsSpan(0, _count);

    public PaidFunding? Funding { get; private set; }

    public long TimeNs { get; private set; }

    public long UnixNs => _unixAtZeroNs is { } zero ? TimeNs - _shiftNs + zero : 0;

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
        Funding = null;
        while (_reader.TryRead(out var record))
        {
            switch ((EngineRecordType)record.Type)
            {
                case EngineRecordType.OrderIntent when EngineRecords.TryRead<OrderIntentRecord>(record.Payload, out var intent)
                    && IsFunded(intent.Instrument):
                    _fills.OnIntent(intent);
                    break;
                case EngineRecordType.Report when EngineRecords.TryRead<ExecutionReport>(record.Payload, out var report)
                    && (report.Instrument == InstrumentId.None || IsFunded(report.Instrument.Value)):
                    if (_fills.TryTake(report, out var fill)) _positions.Apply(0, fill);
                    break;
                case EngineRecordType.Funding when EngineRecords.TryRead<FundingReport>(record.Payload, out var funding):
                    if (TryTake(funding)) return true;
                    break;
                case EngineRecordType.SessionStart when EngineRecords.DecodeSession(record.Payload) is { } session:
                    _unixAtZeroNs = session.UnixAtZeroNs;
                    _isTold = _unixAtZeroNs is not null;
                    if (++_sessions == 1) break;
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
            if (!_isTold) Estimate(e);
            if (_shiftNs != 0) e.Received = new MonotonicTime(e.Received.Ns + _shiftNs);
            if (e.Kind == MarketEventKind.BookInvalid) Gaps++;
        }

        TimeNs = Math.Max(TimeNs, _events[_count - 1].Received.Ns);
        return true;
    }

    /// <summary>
    /// A journal of before sessions wrote their wall time: an event cannot be received before the venue sent it, so the latest the venues' clocks
    /// allow is the nearest. As good as these clocks, less the fastest way here. A back test of recordings counts in time of day itself.
    /// </summary>
    private void Estimate(in MarketEvent e)
    {
        if (e.Received.Ns > UnixTimesFromNs) (_unixAtZeroNs, _isTold) = (0, true);
        else if (e.ExchangeTime.UnixNs > 0) _unixAtZeroNs = Math.Max(_unixAtZeroNs ?? long.MinValue, e.ExchangeTime.UnixNs - e.Received.Ns);
    }

    /// <summary>Spot gets no funding: its orders, of which there may be millions, need not be remembered.</summary>
    private bool IsFunded(int instrument) => (uint)(instrument - 1) < (uint)_instruments
        && Blueprint.Instruments[instrument - 1].Kind != InstrumentKind.Spot;

    private bool TryTake(in FundingReport funding)
    {
        if ((uint)(funding.Instrument.Value - 1) >= (uint)_instruments) return false;
        _count = 0;
        TimeNs = Math.Max(TimeNs, funding.Received.Ns + _shiftNs);
        Funding = new PaidFunding(funding, _positions.Total(funding.Instrument).Raw);
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
