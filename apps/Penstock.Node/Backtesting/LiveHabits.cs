using Penstock.Infrastructure.Counters;
using Penstock.Infrastructure.Journal;
using Penstock.MarketData.Reference;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Strategies.Backtesting;
using Penstock.Trading.Recovery;

namespace Penstock.Node.Backtesting;

/// <summary>How a session's venues behaved: the time to their first answer and the fees they took, for a simulation that is compared with it.</summary>
internal sealed class LiveHabits
{
    private readonly Dictionary<long, long> _waiting = [];
    private readonly Histogram _ackNs = new();
    private readonly Dictionary<(VenueId Venue, bool IsMaker), (decimal Fees, decimal Value)> _fees = [];

    /// <summary>Decision → first answer, median, ns; zero without orders.</summary>
    public long AckNs => _ackNs.Count == 0 ? 0 : _ackNs.ValueAt(0.5);

    public static LiveHabits Of(string folder, InstrumentTable instruments)
    {
        var habits = new LiveHabits();
        using var reader = JournalReader.Open(folder);
        long nowNs = 0;
        while (reader.TryRead(out var record))
        {
            nowNs = SessionClock.Advance(nowNs, record);
            if ((EngineRecordType)record.Type == EngineRecordType.OrderIntent && EngineRecords.TryRead<OrderIntentRecord>(record.Payload, out var intent))
                habits._waiting[intent.ClientOrderId] = nowNs;
            else if ((EngineRecordType)record.Type == EngineRecordType.Report && EngineRecords.TryRead<ExecutionReport>(record.Payload, out var report))
                habits.Take(report, nowNs, instruments);
        }

        return habits;
    }

    /// <summary>Half the round trip each way; fees as they were, by role, where any were taken.</summary>
    public SimulationOptions Apply(SimulationOptions options, bool withLatency, bool withFees)
    {
        if (withLatency && AckNs > 0) options = options with { OrderLatencyNs = AckNs / 2, AckLatencyNs = AckNs - AckNs / 2, JitterNs = 0 };
        if (!withFees) return options;
        var fees = new Dictionary<VenueId, FeeRates>();
        foreach (var venue in _fees.Keys.Select(k => k.Venue).Distinct()) fees[venue] = FeeRates.FromBps(Bps(venue, true), Bps(venue, false));
        return options with { FeesByVenue = fees };
    }

    private decimal Bps(VenueId venue, bool isMaker)
    {
        if (!_fees.TryGetValue((venue, isMaker), out var sums) && !_fees.TryGetValue((venue, !isMaker), out sums)) return 0;
        return sums.Value == 0 ? 0 : Math.Round(sums.Fees / sums.Value * 10_000, 4);
    }

    private void Take(in ExecutionReport report, long nowNs, InstrumentTable instruments)
    {
        if (_waiting.Remove(report.ClientOrderId.Value, out var sinceNs)) _ackNs.Record(Math.Max(0, nowNs - sinceNs));
        if (report.Kind != ExecutionKind.Fill || !instruments.Contains(report.Instrument)) return;
        var instrument = instruments[report.Instrument];
        var fee = new Quantity(report.FeeRaw).ToDecimal();
        if (instrument.Kind == InstrumentKind.Spot && report.FeeAsset.Equals(instrument.Base)) fee *= report.LastPrice.ToDecimal();
        else if (!report.FeeAsset.Equals(instrument.PaidIn)) return;
        var (fees, value) = _fees.GetValueOrDefault((instrument.Venue, report.IsMaker));
        _fees[(instrument.Venue, report.IsMaker)] = (fees + fee, value + instrument.ValueOf(report.LastPrice, report.LastQuantity).ToDecimal());
    }
}
