using System.Runtime.InteropServices;
using Penstock.Infrastructure.Journal;
using Penstock.Infrastructure.Problems;
using Penstock.MarketData.Books;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Node.Wiring;
using Penstock.Strategies.Backtesting;
using Penstock.Trading;
using Penstock.Trading.Recovery;

namespace Penstock.Node.Backtesting;

/// <summary>
/// The orders of a session once more, one by one, against the simulated execution and the market data of the same journal (P6): how far
/// is the model from what happened? The orders are those that were sent, at the times they were sent, so that each has its twin.
/// The recorded books hold our own live orders too: the simulated queue is longer by them, never shorter.
/// </summary>
internal sealed class LiveComparison
{
    private readonly SimulatedExecution _execution;
    private readonly BookKeeperSource _books;
    private readonly InstrumentTable _instruments;
    private readonly Dictionary<ClientOrderId, OrderComparison> _byId = [];
    private readonly RecordedFills _fills;
    private readonly HashSet<(InstrumentId, long)> _paid = [];
    private readonly Int128[] _midTwice;
    private readonly MarketEvent[] _events = new MarketEvent[1024];
    private long _nowNs;
    private long _shiftNs;
    private int _sessions;

    private LiveComparison(EngineBlueprint blueprint, SimulationOptions options)
    {
        Blueprint = blueprint;
        Options = options;
        _instruments = blueprint.Table();
        _books = new BookKeeperSource(new BookKeeper(_instruments));
        _execution = new SimulatedExecution(new SimulatedExchange(_instruments, _books, options), options);
        _fills = new RecordedFills(_instruments);
        _midTwice = new Int128[_instruments.Count + 1];
        Live = new FateTotals(_instruments);
        Simulated = new FateTotals(_instruments);
    }

    public EngineBlueprint Blueprint { get; }

    public SimulationOptions Options { get; }

    public InstrumentTable Instruments => _instruments;

    /// <summary>In the order they were sent.</summary>
    public List<OrderComparison> Orders { get; } = [];

    public FateTotals Live { get; }

    public FateTotals Simulated { get; }

    /// <summary>Of the last good book; zero before the first.</summary>
    public Int128 MidTwice(InstrumentId instrument) => _midTwice[instrument.Value];

    /// <param name="options">Queue model and seed; latency and fees too where asked for.</param>
    /// <param name="withLatency">Take the latency from the session.</param>
    /// <param name="withFees">Take the fees from the session.</param>
    public static LiveComparison Run(string folder, SimulationOptions options, bool withLatency, bool withFees)
    {
        EngineBlueprint blueprint;
        using (var markets = JournaledMarkets.Open(folder)) blueprint = markets.Blueprint;
        if (blueprint.Simulation is not null)
            throw new Problem(ExitCode.Usage, "this session was simulated itself", folder, "there is nothing live to compare with", $"penstock report {folder}");
        var comparison = new LiveComparison(blueprint, LiveHabits.Of(folder, blueprint.Table()).Apply(options, withLatency, withFees));
        using var reader = JournalReader.Open(folder);
        while (reader.TryRead(out var record)) comparison.OnRecord(record);
        // What is under way arrives; what still rests, rests.
        while (comparison._execution.NextDueNs != long.MaxValue) comparison.Step();
        return comparison;
    }

    private void OnRecord(in JournalRecord record)
    {
        var type = (EngineRecordType)record.Type;
        if (type == EngineRecordType.SessionStart)
        {
            if (EngineRecords.DecodeSession(record.Payload) is { } session && ++_sessions > 1) _shiftNs = Math.Max(0, _nowNs + 1 - session.NowNs);
            return;
        }

        var timeNs = SessionClock.Advance(_nowNs - _shiftNs, record) + _shiftNs;
        while (_execution.NextDueNs <= timeNs) Step();
        _nowNs = _execution.NowNs = Math.Max(_nowNs, timeNs);
        switch (type)
        {
            case EngineRecordType.MarketBatch:
                OnMarket(record.Payload);
                break;
            case EngineRecordType.OrderIntent when EngineRecords.TryRead<OrderIntentRecord>(record.Payload, out var intent):
                OnIntent(intent);
                break;
            case EngineRecordType.AmendIntent when EngineRecords.TryRead<AmendIntentRecord>(record.Payload, out var amend):
                OnAmend(amend);
                break;
            case EngineRecordType.CancelIntent when EngineRecords.TryRead<CancelIntentRecord>(record.Payload, out var cancel):
                _execution.Cancel(new CancelRequest { ClientOrderId = new ClientOrderId(cancel.ClientOrderId), Instrument = new InstrumentId(cancel.Instrument) });
                break;
            case EngineRecordType.Report when EngineRecords.TryRead<ExecutionReport>(record.Payload, out var report):
                OnLive(report);
                break;
            case EngineRecordType.Funding when EngineRecords.TryRead<FundingReport>(record.Payload, out var funding):
                OnFunding(funding);
                break;
            default:
                break;
        }
    }

    private void OnMarket(ReadOnlySpan<byte> payload)
    {
        var count = Math.Min(payload.Length / MarketEvent.SizeBytes, _events.Length);
        payload[..(count * MarketEvent.SizeBytes)].CopyTo(MemoryMarshal.AsBytes(_events.AsSpan()));
        var events = _events.AsSpan(0, count);
        foreach (ref readonly var e in events) _books.Apply(e);
        foreach (ref readonly var e in events)
        {
            if (!e.IsLast || !_instruments.Contains(e.Instrument) || _books.Find(e.Instrument) is not { IsTradable: true } book) continue;
            if (book.TryBest(Side.Buy, out var bid) && book.TryBest(Side.Sell, out var ask)) _midTwice[e.Instrument.Value] = (Int128)bid.Price.Raw + ask.Price.Raw;
        }

        _execution.Exchange.OnMarketEvents(events, _nowNs);
        _execution.Collect(_nowNs);
    }

    private void OnIntent(in OrderIntentRecord intent)
    {
        var request = new OrderRequest
        {
            ClientOrderId = new ClientOrderId(intent.ClientOrderId), Instrument = new InstrumentId(intent.Instrument), Strategy = intent.Strategy, Side = intent.Side,
            Type = intent.Type, TimeInForce = intent.TimeInForce, Flags = intent.Flags, Price = new Price(intent.PriceRaw), Quantity = new Quantity(intent.QuantityRaw),
        };
        var midTwice = MidNow(request.Instrument);
        var order = new OrderComparison
        {
            Id = request.ClientOrderId, Instrument = request.Instrument, Side = request.Side, Price = request.Price, Quantity = request.Quantity, IntentNs = _nowNs,
            Live = new OrderFate(request.Side, request.Quantity, midTwice), Simulated = new OrderFate(request.Side, request.Quantity, midTwice),
        };
        Orders.Add(order);
        _fills.OnIntent(intent);
        _byId[order.Id] = order;
        _execution.Place(request);
    }

    /// <summary>The twin moves when the order was told to move; what either venue makes of it is its own.</summary>
    private void OnAmend(in AmendIntentRecord amend)
    {
        var (id, instrument) = (new ClientOrderId(amend.ClientOrderId), new InstrumentId(amend.Instrument));
        if (_byId.TryGetValue(id, out var order))
        {
            order.Amends++;
            order.Live.Amend(amend, MidNow(instrument));
            order.Simulated.Amend(amend, MidNow(instrument));
        }

        _execution.Amend(new AmendRequest
        {
            ClientOrderId = id, Instrument = instrument, Side = order?.Side ?? Side.None, Price = new Price(amend.PriceRaw),
            Quantity = new Quantity(amend.QuantityRaw),
        });
    }

    private Int128 MidNow(InstrumentId instrument) => _instruments.Contains(instrument) ? _midTwice[instrument.Value] : 0;

    private void OnLive(in ExecutionReport report)
    {
        if (!_byId.TryGetValue(_fills.OrderOf(report), out var order)) return;
        order.Live.IsAcked = true;
        if (report.Kind != ExecutionKind.Fill)
        {
            order.Live.Note(report);
            return;
        }

        if (!_fills.TryTake(report, out var fill)) return;
        order.Live.Fill(fill, _nowNs - order.IntentNs);
        Live.Fill(fill);
    }

    /// <summary>The simulated side gets what its own position would have got.</summary>
    private void OnFunding(in FundingReport funding)
    {
        if (!_instruments.Contains(funding.Instrument) || !_paid.Add((funding.Instrument, funding.PaymentId))) return;
        Simulated.Fund(new PaidFunding(funding, Live.PositionRaw(funding.Instrument)).For(Simulated.PositionRaw(funding.Instrument)));
        Live.Fund(funding);
    }

    private void Step()
    {
        if (!_execution.Step(null, out var report) || !_byId.TryGetValue(report.ClientOrderId, out var order)) return;
        order.Simulated.IsAcked = true;
        if (report.Kind == ExecutionKind.Fill)
        {
            order.Simulated.Fill(report, report.Received.Ns - order.IntentNs);
            Simulated.Fill(report);
            return;
        }

        if (report.Kind == ExecutionKind.Accepted) order.QueueAheadRaw = _execution.Exchange.QueueAhead(order.Id);
        order.Simulated.Note(report);
    }
}
