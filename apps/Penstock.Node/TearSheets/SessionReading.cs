using System.Globalization;
using System.Runtime.InteropServices;
using Penstock.Infrastructure.Journal;
using Penstock.Infrastructure.Problems;
using Penstock.MarketData.Books;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Node.Backtesting;
using Penstock.Node.Wiring;
using Penstock.Strategies;
using Penstock.Trading;
using Penstock.Trading.Positions;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;

namespace Penstock.Node.TearSheets;

/// <summary>
/// Reads a journal once, through the engine that wrote it, and keeps what a tear sheet shows. Memory does not grow with the run: series
/// are thinned, distributions are histograms, an order is forgotten when it ended.
/// </summary>
internal sealed class SessionReading
{
    private const int MarksMax = 1_500;
    private const int TroublesMax = 200;
    private const int CommandsMax = 200;

    /// <summary>Fills listed one by one; the figures are over all.</summary>
    private const int ListedMax = 100_000;

    private const long SampleNs = 100_000_000;

    private readonly SessionFigures _figures;
    private readonly TradingEngine _engine;
    private readonly IBookSource _books;
    private readonly EngineReplay _replay;
    private readonly Dictionary<long, OrderTimes> _orders = [];
    private readonly PriorityQueue<(int Instrument, Side Side, double Price, bool IsLong), long> _due = new();
    private readonly Dictionary<(byte Venue, int Instrument), (long Ns, string Kind)> _open = [];
    private readonly Instrument[] _summed;
    private readonly long[] _ordersOf;
    private readonly int _main;
    private long? _unixAtZeroNs;
    private readonly int _venueCount;
    private long _nextSampleNs;
    private long _rateFromNs;
    private long _rateCount;
    private int _markStride = 1;
    private long _marks;
    private double _peak = double.NegativeInfinity;

    private sealed class OrderTimes
    {
        public long IntentNs;
        public long TriggerNs;
        public long CancelNs;
        public bool IsAcked;
        public bool HasFill;
        public required DecidedTerms Decided;
        public double MidAtArrival;
    }

    private SessionReading(string folder, EngineBlueprint blueprint, (int Main, string Quote, int Venues) first)
    {
        _engine = EngineFactory.Create(blueprint, out _books);
        _replay = new EngineReplay(_ => _engine, HungCall.Load(folder));
        _figures = new SessionFigures { Source = folder, Blueprint = blueprint, Quote = first.Quote };
        _summed = [.. _engine.Instruments.All.Where(i => i.PaidIn.ToString() == first.Quote)];
        _ordersOf = new long[_engine.Instruments.Count + 1];
        _main = first.Main;
        _venueCount = first.Venues;
        if (_main > 0) _figures.MainInstrument = NameOf(_main);
    }

    /// <exception cref="Problem">No journal, or one this build cannot read.</exception>
    public static SessionFigures Read(string folder)
    {
        if (Directory.Exists(Path.Combine(folder, "journal"))) folder = Path.Combine(folder, "journal");
        if (!Directory.Exists(folder))
            throw new Problem(ExitCode.NotFound, "there is no such journal", folder, "the folder does not exist", "penstock replay … --strategy NAME and penstock demo print theirs");
        var blueprint = Blueprint(folder);
        var reading = new SessionReading(folder, blueprint, Busiest(folder, blueprint));
        using var reader = JournalReader.Open(folder);
        while (reader.TryRead(out var record)) reading.OnRecord(record);
        return reading.End(reader);
    }

    private static EngineBlueprint Blueprint(string folder)
    {
        using var reader = JournalReader.Open(folder);
        while (reader.TryRead(out var record))
        {
            if ((EngineRecordType)record.Type == EngineRecordType.SessionStart && EngineRecords.DecodeSession(record.Payload) is { } session)
                return EngineBlueprint.FromJson(session.Configuration);
        }

        throw new Problem(ExitCode.Error, "the journal holds no session", folder, $"{reader.Records} records were read; reading ended: {reader.State} {reader.Fault}", $"penstock verify {folder}");
    }

    /// <summary>What the charts are about is known only at the end, so the reports are counted first; nothing is run.</summary>
    private static (int Main, string Quote, int Venues) Busiest(string folder, EngineBlueprint blueprint)
    {
        var table = blueprint.Table();
        var fills = new long[blueprint.Instruments.Count + 1];
        var value = new Dictionary<string, decimal>();
        using var reader = JournalReader.Open(folder);
        while (reader.TryRead(out var record))
        {
            if ((EngineRecordType)record.Type != EngineRecordType.Report || !EngineRecords.TryRead<ExecutionReport>(record.Payload, out var report)) continue;
            if (report.Kind != ExecutionKind.Fill || (uint)(report.Instrument.Value - 1) >= (uint)blueprint.Instruments.Count) continue;
            fills[report.Instrument.Value]++;
            var instrument = table[report.Instrument];
            var paidIn = instrument.PaidIn.ToString();
            value[paidIn] = value.GetValueOrDefault(paidIn) + instrument.ValueOf(report.LastPrice, report.LastQuantity).ToDecimal();
        }

        var main = Array.IndexOf(fills, fills.Max());
        if (main == 0) main = Math.Min(1, blueprint.Instruments.Count);
        return (main, value.Count > 0 ? value.MaxBy(v => v.Value).Key : main > 0 ? table[new InstrumentId(main)].PaidIn.ToString() : "",
            blueprint.Venues.Count);
    }

    private void OnRecord(in JournalRecord record)
    {
        var type = (EngineRecordType)record.Type;
        var fillsBefore = _engine.Positions.Statistics.Fills;
        var named = NamedByVenue(type, record.Payload);
        _replay.OnRecord(record.Sequence, record.Type, record.Payload);
        var nowNs = _engine.Now.Ns;
        switch (type)
        {
            case EngineRecordType.SessionStart:
                _figures.Sessions++;
                if (_figures.StartNs == 0) _figures.StartNs = nowNs;
                _unixAtZeroNs = EngineRecords.DecodeSession(record.Payload)?.UnixAtZeroNs;
                if (_figures.Sessions == 1) _figures.UnixAtZeroNs = _unixAtZeroNs;
                _figures.Ratios.Begin(nowNs, (double)Profit().Profit.Net.ToDecimal());
                // Another boot may have another clock: what was waited for is not found by it.
                _due.Clear();
                _nextSampleNs = _rateFromNs = nowNs;
                break;
            case EngineRecordType.MarketBatch:
                OnMarket(record.Payload, nowNs);
                break;
            case EngineRecordType.OrderIntent when EngineRecords.TryRead<OrderIntentRecord>(record.Payload, out var intent):
                OnIntent(intent, nowNs);
                break;
            case EngineRecordType.OrderSent when EngineRecords.TryRead<OrderSentRecord>(record.Payload, out var sent):
                // Engine time is a batch's receive stamp: what a decision took, only the clock read behind it knows.
                if (_orders.TryGetValue(sent.ClientOrderId, out var left) && left.TriggerNs > 0)
                    _figures.DecisionNs.Record(Math.Max(0, sent.SentNs - left.TriggerNs));
                break;
            case EngineRecordType.AmendIntent when EngineRecords.TryRead<AmendIntentRecord>(record.Payload, out var amend):
                _figures.Amends++;
                _rateCount++;
                if (_orders.TryGetValue(amend.ClientOrderId, out var amended))
                    amended.Decided.Amend(new Price(amend.PriceRaw), MidTwice(amend.Instrument));
                break;
            case EngineRecordType.CancelIntent when EngineRecords.TryRead<CancelIntentRecord>(record.Payload, out var cancel):
                _figures.Cancels++;
                _rateCount++;
                if (_orders.TryGetValue(cancel.ClientOrderId, out var cancelled)) cancelled.CancelNs = nowNs;
                break;
            case EngineRecordType.Report when EngineRecords.TryRead<ExecutionReport>(record.Payload, out var report):
                if (!named.IsNone) report.ClientOrderId = named;
                OnReport(report, nowNs, _engine.Positions.Statistics.Fills > fillsBefore);
                break;
            case EngineRecordType.Command or EngineRecordType.StateChange when EngineRecords.DecodeCommand(record.Payload) is { } command:
                if (_figures.Commands.Count < CommandsMax)
                    _figures.Commands.Add((nowNs, command.Kind == EngineCommandKind.SetState ? $"{command.Kind} {command.State}" : $"{command.Kind}", command.Who, command.Why));
                break;
            default:
                break;
        }

        if (nowNs > _figures.EndNs) _figures.EndNs = nowNs;
        if (nowNs >= _figures.Ratios.NextNs) _figures.Ratios.Add(nowNs, (double)Profit().Profit.Net.ToDecimal());
        while (_due.TryPeek(out _, out var dueNs) && dueNs <= nowNs) Mark(_due.Dequeue());
        if (nowNs >= _nextSampleNs) Sample(nowNs);
    }

    /// <summary>Whose a fill is that names its order by the venue's id only: asked before the fill is known, as the desk does.</summary>
    private ClientOrderId NamedByVenue(EngineRecordType type, ReadOnlySpan<byte> payload) =>
        type == EngineRecordType.Report && EngineRecords.TryRead<ExecutionReport>(payload, out var report)
        && report.Kind == ExecutionKind.Fill && report.ClientOrderId.IsNone
            ? _engine.Orders.FindByVenueOrderId(report)?.ClientOrderId ?? ClientOrderId.None : ClientOrderId.None;

    private void Mark((int Instrument, Side Side, double Price, bool IsLong) markout)
    {
        var mid = Mid(markout.Instrument);
        if (mid <= 0 || markout.Price <= 0) return;
        (markout.IsLong ? _figures.MarkoutTenSeconds : _figures.MarkoutOneSecond).Add(-Against(markout.Side, mid, markout.Price));
    }

    private void OnMarket(ReadOnlySpan<byte> payload, long nowNs)
    {
        foreach (ref readonly var e in MemoryMarshal.Cast<byte, MarketEvent>(payload))
        {
            _figures.MarketEvents++;
            var kind = e.Kind switch { MarketEventKind.BookInvalid => "gap", MarketEventKind.FeedHealth => "stale", _ => "" };
            if (kind.Length > 0) OnTrouble(e, kind, nowNs);
            else if (e.Kind == MarketEventKind.BookSnapshot && e.IsFirst) Over((e.Venue.Value, e.Instrument.Value), "gap", nowNs);
        }
    }

    private void OnTrouble(in MarketEvent e, string kind, long nowNs)
    {
        var key = (e.Venue.Value, e.Instrument.Value);
        if (kind == "stale" && (e.Flags & MarketEventFlags.Stale) == 0)
        {
            Over(key, "stale", nowNs);
            return;
        }

        if (kind == "gap") _figures.Gaps++;
        else _figures.Stale++;
        _open.TryAdd(key, (nowNs, kind));
    }

    private void Over((byte Venue, int Instrument) key, string kind, long nowNs)
    {
        if (!_open.TryGetValue(key, out var open) || open.Kind != kind) return;
        _open.Remove(key);
        _figures.TroubleNs += nowNs - open.Ns;
        var where = key.Instrument > 0 && key.Instrument <= _engine.Instruments.Count ? NameOf(key.Instrument) : VenueOf(key.Venue);
        if (_figures.Troubles.Count < TroublesMax) _figures.Troubles.Add(new Trouble(open.Ns, kind, where, nowNs - open.Ns));
    }

    private void OnIntent(in OrderIntentRecord intent, long nowNs)
    {
        _figures.Orders++;
        _rateCount++;
        if ((uint)intent.Instrument < (uint)_ordersOf.Length) _ordersOf[intent.Instrument]++;
        _orders[intent.ClientOrderId] = new OrderTimes
        {
            IntentNs = nowNs, TriggerNs = intent.TriggerNs, Decided = new DecidedTerms(MidTwice(intent.Instrument)),
        };
    }

    private void OnReport(in ExecutionReport report, long nowNs, bool isFill)
    {
        _orders.TryGetValue(report.ClientOrderId.Value, out var trace);
        trace?.Decided.OnReport(report);
        if (trace is { IsAcked: false })
        {
            trace.IsAcked = true;
            trace.MidAtArrival = Mid(report.Instrument.Value);
            _figures.AckNs.Record(Math.Max(0, nowNs - trace.IntentNs));
        }
        else if (trace is not null && report.Kind == ExecutionKind.Amended)
        {
            trace.MidAtArrival = Mid(report.Instrument.Value);
        }

        if (isFill) OnFill(report, trace, nowNs);
        if (report.Kind is ExecutionKind.Rejected or ExecutionKind.CancelRejected or ExecutionKind.AmendRejected or ExecutionKind.NotSent)
            Count(_figures.VenueRejects, $"{report.Kind}: {report.Reason}");
        if (trace is null || _engine.Orders.Find(report.ClientOrderId) is { IsLive: true }) return;
        var state = _engine.Orders.Find(report.ClientOrderId)?.State ?? OrderState.None;
        Count(_figures.Outcomes, $"{state}");
        if (state == OrderState.Filled) _figures.FilledOrders++;
        if (trace.CancelNs > 0 && state == OrderState.Cancelled) _figures.CancelNs.Record(Math.Max(0, nowNs - trace.CancelNs));
        _figures.LifeNs.Record(Math.Max(0, nowNs - trace.IntentNs));
        _orders.Remove(report.ClientOrderId.Value);
    }

    private void OnFill(in ExecutionReport fill, OrderTimes? trace, long nowNs)
    {
        _figures.Fills++;
        if (fill.IsMaker) _figures.MakerFills++;
        List(fill, nowNs);
        var price = (double)fill.LastPrice.Raw;
        var instrument = fill.Instrument.Value;
        if (trace is not null)
        {
            if (!trace.HasFill) _figures.FirstFillNs.Record(Math.Max(0, nowNs - trace.IntentNs));
            trace.HasFill = true;
            if (trace.Decided.AgainstBps(fill.Side, fill.LastPrice) is { } against) _figures.SlippageAtDecision.Add(against);
            if (trace.MidAtArrival > 0) _figures.SlippageAtArrival.Add(Against(fill.Side, price, trace.MidAtArrival));
        }

        _due.Enqueue((instrument, fill.Side, price, false), nowNs + 1_000_000_000);
        _due.Enqueue((instrument, fill.Side, price, true), nowNs + 10_000_000_000);
        // Few fills are each a step of the curve; of many, the regular samples show it.
        if (_figures.Fills < 5_000) _nextSampleNs = Math.Min(_nextSampleNs, nowNs);
        if (instrument != _main || _marks++ % _markStride != 0) return;
        _figures.FillMarks.Add(new FillMark(nowNs, price / FixedPoint.Scale, fill.Side == Side.Buy, fill.IsMaker));
        if (_figures.FillMarks.Count < MarksMax) return;
        // Every second one goes; from here on only every second comes.
        _markStride *= 2;
        for (var i = _figures.FillMarks.Count - 1; i >= 0; i -= 2) _figures.FillMarks.RemoveAt(i);
    }

    private void List(in ExecutionReport fill, long nowNs)
    {
        if (_figures.FillList.Count == ListedMax)
        {
            _figures.FillsLeftOut++;
            return;
        }

        // Some streams name neither market nor side again; the order does.
        var order = _engine.Orders.Find(fill.ClientOrderId);
        var id = order?.Instrument ?? fill.Instrument;
        var instrument = _engine.Instruments.Contains(id) ? _engine.Instruments[id] : null;
        _figures.FillList.Add(new FillLine(
            nowNs, _unixAtZeroNs is { } zero ? nowNs + zero : 0, instrument is null ? "?" : NameOf(id.Value), fill.ClientOrderId.ToString(),
            order?.Request.Strategy ?? 0, fill.TradeId,
            (order?.Side ?? fill.Side) == Side.Buy, fill.LastPrice.ToDecimal(), fill.LastQuantity.ToDecimal(),
            instrument?.ValueOf(fill.LastPrice, fill.LastQuantity).ToDecimal() ?? 0, new Quantity(fill.FeeRaw).ToDecimal(),
            fill.FeeAsset.ToString(), fill.IsMaker));
    }

    private void Sample(long nowNs)
    {
        _nextSampleNs = nowNs + SampleNs;
        (_figures.Profit, var turnover) = Profit();
        _figures.Turnover = turnover.ToDecimal();
        var equity = (double)_figures.Net;
        _peak = Math.Max(_peak, equity);
        _figures.DrawdownMax = Math.Max(_figures.DrawdownMax, _peak - equity);
        _figures.Equity.Add(nowNs, equity);
        _figures.Drawdown.Add(nowNs, equity - _peak);
        _figures.FeesPaid.Add(nowNs, (double)_figures.Fees);
        _figures.TurnedOver.Add(nowNs, (double)_figures.Turnover);
        _figures.Exposure.Add(nowNs, (double)_engine.Desk.GrossExposure.ToDecimal());
        _figures.OpenOrders.Add(nowNs, _engine.Orders.Live.Count);
        if (nowNs - _rateFromNs >= 1_000_000_000)
        {
            _figures.OrderRate.Add(nowNs, _rateCount * 1e9 / (nowNs - _rateFromNs));
            (_rateFromNs, _rateCount) = (nowNs, 0);
        }

        if (_main == 0) return;
        var id = new InstrumentId(_main);
        var price = Mid(_main) / FixedPoint.Scale;
        if (price > 0) _figures.Price.Add(nowNs, price);
        _figures.Inventory.Add(nowNs, (double)_engine.Positions.Total(id).ToDecimal());
        if (_books.Find(id) is { IsTradable: true } book && book.TryBest(Side.Buy, out var bid) && book.TryBest(Side.Sell, out var ask))
            _figures.Spread.Add(nowNs, (ask.Price.Raw - bid.Price.Raw) * 2e4 / ((double)ask.Price.Raw + bid.Price.Raw));
    }

    private (ProfitFigures Profit, Notional Turnover) Profit()
    {
        var (profit, turnover) = (default(ProfitFigures), Notional.Zero);
        foreach (var instrument in _summed)
        {
            var totals = EngineViews.Totals(_engine, instrument);
            profit += totals.Profit;
            turnover += totals.Turnover;
        }

        return (profit, turnover);
    }

    private SessionFigures End(JournalReader reader)
    {
        Sample(_figures.EndNs);
        foreach (var key in _open.Keys.ToList()) Over(key, _open[key].Kind, _figures.EndNs);
        _figures.Records = _replay.Records;
        _figures.StateHash = _engine.StateHash.ToString("x16", CultureInfo.InvariantCulture);
        _figures.IsEqual = _replay.FirstDifference is null && reader.State != JournalReaderState.Bad;
        _figures.Difference = _replay.FirstDifference is { } d ? $"record {d.Sequence}: recorded {d.Recorded}; replayed {d.Replayed}" : reader.State == JournalReaderState.Bad ? $"{reader.Fault}" : null;
        foreach (var rule in Enum.GetValues<RiskRule>())
        {
            if (_engine.Risk.Rejects[(int)rule] > 0) _figures.RiskRefusals[$"{rule}"] = _engine.Risk.Rejects[(int)rule];
        }

        foreach (var instrument in _engine.Instruments.All) AddInstrument(instrument);
        _figures.PositionList = EngineViews.Positions(_engine);
        return _figures;
    }

    private void AddInstrument(Instrument instrument)
    {
        var totals = EngineViews.Totals(_engine, instrument);
        if (totals.Fills == 0 && totals.Profit.Funding.Raw == 0 && _ordersOf[instrument.Id.Value] == 0) return;
        _figures.Instruments.Add(new InstrumentFigures
        {
            Name = NameOf(instrument.Id.Value), Venue = VenueOf(instrument.Venue.Value), Quote = instrument.PaidIn.ToString(),
            Position = totals.Quantity.ToDecimal(),
            Realised = totals.Profit.Realised.ToDecimal(), Unrealised = totals.Profit.Unrealised.ToDecimal(), Fees = totals.Profit.Fees.ToDecimal(),
            Funding = totals.Profit.Funding.ToDecimal(), Net = totals.Profit.Net.ToDecimal(), Turnover = totals.Turnover.ToDecimal(),
            Orders = _ordersOf[instrument.Id.Value], Fills = totals.Fills,
        });
    }

    /// <summary>Raw; zero before the first good book.</summary>
    private double Mid(int instrument) => (double)MidTwice(instrument) / 2;

    /// <summary>Best bid + best ask, raw; zero before the first good book.</summary>
    private Int128 MidTwice(int instrument) =>
        (uint)(instrument - 1) < (uint)_engine.Instruments.Count ? _engine.Desk.MidTwice(new InstrumentId(instrument)) : 0;

    /// <summary>How much worse than the reference, bps of it: positive is against us.</summary>
    private static double Against(Side side, double price, double reference) => (side == Side.Buy ? price - reference : reference - price) / reference * 1e4;

    private static void Count(Dictionary<string, long> counts, string key) => counts[key] = counts.GetValueOrDefault(key) + 1;

    private string NameOf(int instrument)
    {
        var known = _engine.Instruments[new InstrumentId(instrument)];
        return $"{known.Symbol}.{VenueOf(known.Venue.Value).ToUpperInvariant()}";
    }

    private string VenueOf(byte venue) => venue >= 1 && venue <= _venueCount ? _figures.Blueprint.Venues[venue - 1] : "?";
}
