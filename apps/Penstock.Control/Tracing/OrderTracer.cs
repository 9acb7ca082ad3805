using System.Runtime.InteropServices;
using System.Text;
using Penstock.Infrastructure.Configuration;
using Penstock.Infrastructure.Journal;
using Penstock.Infrastructure.Problems;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading.Recovery;

namespace Penstock.Control.Tracing;

/// <summary>
/// Finds one order in a journal by any id people see, and tells its causes. The journal is read once, record by record, also while a
/// node writes it; the node does not notice. The engine reads no clock, so decision and risk have no stamp of their own: they
/// happened between the newest stamp of what they were decided on and the moment the order had left.
/// </summary>
internal sealed class OrderTracer
{
    private const string Receive = "our clock, at the socket read";

    /// <summary>More ids than this are not compared for a suggestion.</summary>
    private const int IdsComparedMax = 20_000;

    private readonly ClientOrderId _id;
    private readonly List<TraceStep> _steps = [];
    private readonly List<string> _venueIds = [];
    private readonly HashSet<long> _trades = [];
    private JournalNames _names = new("{}");
    private byte[] _batch = [];
    private int _batchBytes;
    private (EngineRecordType Type, long Record, long Ns, string Text) _input;
    private OrderIntentRecord _intent;
    private int _session;
    private int _orderSession;
    private int _instrument;
    private long _engineNs;
    private long _tickNs;
    private long _sentNs;
    private long _filledRaw;
    private string _outcome = "working";

    private OrderTracer(ClientOrderId id) => _id = id;

    /// <param name="folder">A journal's folder, or a run's with the journal in it.</param>
    /// <param name="id">Our id as text (p and 13 characters) or number, or the venue's.</param>
    /// <exception cref="Problem">No journal, or no such order in it.</exception>
    public static OrderTrace Trace(string folder, string id)
    {
        folder = JournalFolder(folder);
        var ours = Parse(id) is { IsNone: false } parsed ? parsed : FindByVenueId(folder, id);
        if (!ours.IsNone && new OrderTracer(ours).Read(folder) is { Steps.Count: > 0 } trace) return trace;
        throw Unknown(folder, id);
    }

    private static string JournalFolder(string folder)
    {
        folder = Path.GetFullPath(folder);
        if (Directory.Exists(Path.Combine(folder, "journal"))) folder = Path.Combine(folder, "journal");
        return Directory.Exists(folder) ? folder
            : throw new Problem(ExitCode.NotFound, "there is no such journal", folder, "the folder does not exist",
                "penstock demo prints the folder of its run when it ends");
    }

    private static ClientOrderId Parse(string id)
    {
        if (ClientOrderId.TryParse(Encoding.UTF8.GetBytes(id), out var parsed)) return parsed;
        // A bare number is ours only above the first session's first order; the venues' are found by their text.
        return long.TryParse(id, out var number) && number >> 40 is > 0 and < 1 << 16 ? new ClientOrderId(number) : default;
    }

    private static ClientOrderId FindByVenueId(string folder, string venueId)
    {
        var wanted = Text40.From(venueId.Length <= 40 ? venueId : "");
        using var reader = JournalReader.Open(folder);
        while (reader.TryRead(out var record))
        {
            if ((EngineRecordType)record.Type == EngineRecordType.Report && EngineRecords.TryRead<ExecutionReport>(record.Payload, out var report)
                && report.VenueOrderId.Equals(wanted) && !report.ClientOrderId.IsNone) return report.ClientOrderId;
        }

        return default;
    }

    private static Problem Unknown(string folder, string id)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        using var reader = JournalReader.Open(folder);
        while (reader.TryRead(out var record))
        {
            if (ids.Count >= IdsComparedMax) continue;
            var type = (EngineRecordType)record.Type;
            if (type == EngineRecordType.OrderIntent && EngineRecords.TryRead<OrderIntentRecord>(record.Payload, out var intent))
                ids.Add(new ClientOrderId(intent.ClientOrderId).ToString());
            else if (type == EngineRecordType.Report && EngineRecords.TryRead<ExecutionReport>(record.Payload, out var report))
                ids.Add(report.VenueOrderId.ToString());
        }

        var nearest = Suggestions.Nearest(id, ids.Where(i => i.Length > 0));
        return new Problem(ExitCode.NotFound, $"order '{id}' is not in this journal", folder,
            $"{reader.Records:N0} records were read{(reader.Fault is JournalFault.None ? "" : $"; reading ended there: {reader.Fault}")}",
            nearest is null ? $"penstock inspect {folder} --orders lists what is there" : $"did you mean '{nearest}'?");
    }

    private OrderTrace Read(string folder)
    {
        using var reader = JournalReader.Open(folder);
        while (reader.TryRead(out var record)) OnRecord(record.Sequence, (EngineRecordType)record.Type, record.Payload);
        return new OrderTrace
        {
            ClientOrderId = _id.ToString(), VenueOrderIds = _venueIds, Outcome = _outcome,
            Instrument = _instrument > 0 ? _names.InstrumentOf(_instrument) : "",
            Strategy = _intent.Strategy > 0 ? _names.StrategyOf(_intent.Strategy) : "", Session = _orderSession, RecordsRead = reader.Records,
            Order = _intent.ClientOrderId == 0 ? ""
                : $"{_intent.Side} {new Quantity(_intent.QuantityRaw)} @ {new Price(_intent.PriceRaw)} {_intent.Type} {_intent.TimeInForce}",
            Steps = [.. _steps.Select(Bounded)],
        };
    }

    private void OnRecord(long sequence, EngineRecordType type, ReadOnlySpan<byte> payload)
    {
        if (EngineRecords.IsInput(type)) OnInput(sequence, type, payload);
        switch (type)
        {
            case EngineRecordType.OrderIntent when EngineRecords.TryRead<OrderIntentRecord>(payload, out var intent)
                && intent.ClientOrderId == _id.Value:
                OnIntent(sequence, intent);
                break;
            case EngineRecordType.OrderSent when EngineRecords.TryRead<OrderSentRecord>(payload, out var sent) && sent.ClientOrderId == _id.Value:
                _sentNs = sent.SentNs;
                Add("send", sequence, sent.SentNs, "our clock, after the socket had taken the order", "handed to the venue's session");
                break;
            case EngineRecordType.OrderHeld when EngineRecords.TryRead<HeldOrderRecord>(payload, out var held)
                && held.Order.ClientOrderId == _id.Value:
                Add("held", sequence, _engineNs, "engine time: the newest stamp of its inputs",
                    $"the engine waits for its stop price {new Price(held.StopPriceRaw)}");
                break;
            case EngineRecordType.StopMoved when EngineRecords.TryRead<StopMovedRecord>(payload, out var stop) && stop.ClientOrderId == _id.Value:
                Add("stop", sequence, _engineNs, "engine time: the newest stamp of its inputs",
                    $"the engine waits for {new Price(stop.StopPriceRaw)} from here on");
                break;
            case EngineRecordType.AmendIntent when EngineRecords.TryRead<AmendIntentRecord>(payload, out var amend)
                && amend.ClientOrderId == _id.Value:
                Add("amend", sequence, _engineNs, "engine time: the newest stamp of its inputs",
                    $"changed to {new Quantity(amend.QuantityRaw)} @ {new Price(amend.PriceRaw)}");
                break;
            case EngineRecordType.CancelIntent when EngineRecords.TryRead<CancelIntentRecord>(payload, out var cancel)
                && cancel.ClientOrderId == _id.Value:
                Add("cancel", sequence, _engineNs, "engine time: the newest stamp of its inputs", "the cancel was handed to the venue's session");
                break;
            case EngineRecordType.Report when EngineRecords.TryRead<ExecutionReport>(payload, out var report) && report.ClientOrderId == _id:
                OnReport(sequence, report);
                break;
            default:
                break;
        }
    }

    private void OnInput(long sequence, EngineRecordType type, ReadOnlySpan<byte> payload)
    {
        var (stampNs, text) = (0L, "");
        switch (type)
        {
            case EngineRecordType.SessionStart when EngineRecords.DecodeSession(payload) is { } session:
                (_session, _engineNs, _names) = (session.Session, session.NowNs, new JournalNames(session.Configuration));
                break;
            case EngineRecordType.MarketBatch:
                if (_batch.Length < payload.Length) _batch = new byte[payload.Length];
                payload.CopyTo(_batch);
                _batchBytes = payload.Length;
                foreach (ref readonly var e in Events) stampNs = Math.Max(stampNs, e.Received.Ns);
                break;
            case EngineRecordType.Report when EngineRecords.TryRead<ExecutionReport>(payload, out var report):
                (stampNs, text) = (report.Received.Ns,
                    $"{report.Kind} of {(report.ClientOrderId.IsNone ? "an order that is not ours" : $"order {report.ClientOrderId}")}");
                break;
            case EngineRecordType.Timer when EngineRecords.TryRead<long>(payload, out var nowNs):
                (stampNs, text) = (nowNs, "a step of time");
                break;
            case EngineRecordType.Command or EngineRecordType.StateChange when EngineRecords.DecodeCommand(payload) is { } command:
                (stampNs, text) = (command.NowNs, $"{command.Kind} by {command.Who}: {command.Why}");
                break;
            default:
                break;
        }

        _engineNs = Math.Max(_engineNs, stampNs);
        _input = (type, sequence, stampNs, text);
    }

    private ReadOnlySpan<MarketEvent> Events => MemoryMarshal.Cast<byte, MarketEvent>(_batch.AsSpan(0, _batchBytes));

    private void OnIntent(long sequence, in OrderIntentRecord intent)
    {
        (_intent, _instrument, _orderSession) = (intent, intent.Instrument, _session);
        if (_input.Type == EngineRecordType.MarketBatch && TriggerOf(intent) is { } tick) OnTick(tick);
        else Cause();
        Add("decision", sequence, null, "no clock is read between inputs",
            $"{_names.StrategyOf(intent.Strategy)} wants {intent.Side} {new Quantity(intent.QuantityRaw)} @ {new Price(intent.PriceRaw)}");
        Add("risk", sequence, null, "no clock is read between inputs", "approved by every limit; journaled before it leaves");
    }

    /// <summary>The event whose receive stamp the order carries; of several of one socket read, the last of its own instrument.</summary>
    private MarketEvent? TriggerOf(in OrderIntentRecord intent)
    {
        MarketEvent? found = null;
        foreach (ref readonly var e in Events)
        {
            if (e.Received.Ns != intent.TriggerNs) continue;
            if (found is null || e.Instrument.Value == intent.Instrument || found.Value.Instrument.Value != intent.Instrument) found = e;
        }

        return found;
    }

    private void OnTick(in MarketEvent tick)
    {
        _tickNs = tick.Received.Ns;
        var what = $"{tick.Kind} of {_names.InstrumentOf(tick.Instrument.Value)}, {tick.Side} {tick.Quantity} @ {tick.Price}, update {tick.UpdateId}";
        if (tick.ExchangeTime.UnixNs > 0)
            _steps.Add(new TraceStep("venue", _input.Record, null, null, "the venue's clock",
                $"{_names.VenueOf(tick.Venue.Value)} stamped the message") { VenueUnixNs = tick.ExchangeTime.UnixNs });
        Add("tick", _input.Record, tick.Received.Ns, Receive, what);
        Add("book", _input.Record, _engineNs, "engine time: the newest stamp of its inputs",
            $"{Events.Length} events of one read applied to the books, sequence {tick.Sequence}");
    }

    /// <summary>Not a tick: a timer, an answer of a venue, a command.</summary>
    private void Cause()
    {
        _tickNs = _input.Ns;
        var source = _input.Type == EngineRecordType.Report ? Receive : "our clock, read by the trading thread";
        Add("cause", _input.Record, _input.Ns > 0 ? _input.Ns : null, source, _input.Text.Length > 0 ? _input.Text : $"{_input.Type}");
    }

    private void OnReport(long sequence, in ExecutionReport report)
    {
        if (_orderSession == 0) (_orderSession, _instrument) = (_session, report.Instrument.Value);
        var venueId = report.VenueOrderId.ToString();
        if (venueId.Length > 0 && !_venueIds.Contains(venueId)) _venueIds.Add(venueId);
        var text = report.Kind == ExecutionKind.Fill
            ? $"{report.Side} {report.LastQuantity} @ {report.LastPrice}, {(report.IsMaker ? "maker" : "taker")}, trade {report.TradeId}, "
                + $"fee {new Quantity(report.FeeRaw)} {report.FeeAsset}"
            : $"{report.Kind}{(report.Reason == RejectReason.None ? "" : $": {report.Reason}")}"
                + (venueId.Length > 0 ? $", the venue calls it {venueId}" : "");
        var name = report.Kind switch { ExecutionKind.Acked or ExecutionKind.Accepted => "ack", ExecutionKind.Fill => "fill", _ => "report" };
        Add(name, sequence, report.Received.Ns, report.Kind == ExecutionKind.NotSent ? "our clock, where it was refused" : Receive, text,
            report.ExchangeTime.UnixNs);
        if (report.Kind == ExecutionKind.Fill && _trades.Add(report.TradeId)) _filledRaw += report.LastQuantity.Raw;
        if (_intent.QuantityRaw > 0 && _filledRaw >= _intent.QuantityRaw) _outcome = "Filled";
        else if (IsEnd(report.Kind)) _outcome = $"{report.Kind}";
    }

    private void Add(string name, long record, long? ns, string source, string text, long venueUnixNs = 0)
    {
        long? since = ns is { } at && _tickNs > 0 && _session == _orderSession ? at - _tickNs : null;
        _steps.Add(new TraceStep(name, record, ns, since, source, text) { VenueUnixNs = venueUnixNs > 0 ? venueUnixNs : null });
    }

    private static bool IsEnd(ExecutionKind kind) =>
        kind is ExecutionKind.Filled or ExecutionKind.Cancelled or ExecutionKind.Expired or ExecutionKind.Rejected or ExecutionKind.NotSent;

    private TraceStep Bounded(TraceStep step) => step is { Ns: null, Name: "decision" or "risk" }
        ? step with { NotBeforeNs = _tickNs > 0 ? _tickNs : null, NotAfterNs = _sentNs > 0 ? _sentNs : null }
        : step;
}
