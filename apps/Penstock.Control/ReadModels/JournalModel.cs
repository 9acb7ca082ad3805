using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Penstock.Infrastructure.Journal;
using Penstock.Infrastructure.Time;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Orders;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;

namespace Penstock.Control.ReadModels;

/// <summary>
/// Follows the node's journal from its oldest segment and folds it into what people ask for: orders, fills, audit, rejects, events, lifecycle.
/// The writer does not know it is there. Whatever becomes of the node or of this process, the same files give the same rows again.
/// </summary>
internal sealed partial class JournalModel : IDisposable
{
    private const int RecordsPerPoll = 4_096;
    private const long ReopenAfterNs = 1_000_000_000;

    private readonly string _folder;
    private readonly MarketModel _market;
    private readonly IMonotonicClock _clock;
    private readonly long _offsetNs;
    private readonly List<JsonObject> _states = [];
    private AuditTrail _audit = new();
    private JournalReader? _reader;
    private long _lookAgainNs;
    private long _nowNs;
    private long _ordersSent;

    public JournalModel(string folder, MarketModel market, IMonotonicClock clock, IWallClock wall)
    {
        (_folder, _market, _clock) = (folder, market, clock);
        _offsetNs = ClockPair.UnixAtZeroNs(wall, clock);
        Orders.ToUnixNs = ToUnixNs;
    }

    public OrderModel Orders { get; } = new();

    public RowLog Fills { get; } = new("fills", 5_000, 500, 4);

    public RowLog Audit { get; } = new("audit", 5_000, 500, 4);

    public RowLog Rejects { get; } = new("rejects", 2_000, 200, 4);

    public EventLog Events { get; } = new();

    public SessionBlueprint? Blueprint { get; private set; }

    public int Session { get; private set; }

    /// <summary>Engine time at which the session began, monotonic ns.</summary>
    public long SessionStartNs { get; private set; }

    /// <summary>The session has been ended in order.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Everything written so far was read.</summary>
    public bool IsAtEnd { get; private set; }

    public long Records => _reader?.Records ?? 0;

    /// <summary>Orders, fills and rejects of each strategy, this session.</summary>
    public Dictionary<int, (long Orders, long Fills, long Rejects)> ByStrategy { get; } = [];

    /// <summary>What went wrong in this session, by class and subject as the counter's label has them.</summary>
    public Dictionary<string, LedgerLine> Incidents { get; } = [];

    /// <summary>Numbers of strategies people have switched off.</summary>
    public HashSet<int> StrategiesDisabled { get; } = [];

    /// <summary>The lifecycle's last moves, oldest first.</summary>
    public IReadOnlyList<JsonObject> States => _states;

    /// <summary>Grows with <see cref="States"/>.</summary>
    public long StatesVersion { get; private set; }

    public long ToUnixNs(long engineNs) => engineNs == 0 ? 0 : engineNs + _offsetNs;

    /// <summary>Reads on; bounded. Returns how many records were taken.</summary>
    public int Poll()
    {
        if (_reader is null)
        {
            if (_clock.NowNs < _lookAgainNs) return 0;
            _lookAgainNs = _clock.NowNs + ReopenAfterNs;
            if (!Directory.Exists(_folder)) return 0;
            _reader = JournalReader.Open(_folder);
        }

        var work = 0;
        while (work < RecordsPerPoll && _reader.TryRead(out var record))
        {
            Take((EngineRecordType)record.Type, record.Payload);
            work++;
        }

        IsAtEnd = work < RecordsPerPoll;
        if (_reader.State != JournalReaderState.Bad) return work;
        // The end of a killed writer, seen before the next one repaired it; or damage, which verify names. Either way: once more from the start.
        Events.Add("alarm", "node", $"the journal cannot be read on: {_reader.Fault}; it is read again from its start", ToUnixNs(_clock.NowNs));
        Restart();
        return work;
    }

    /// <summary>Forgets everything and begins at the oldest segment.</summary>
    public void Restart()
    {
        _reader?.Dispose();
        _reader = null;
        _lookAgainNs = _clock.NowNs + ReopenAfterNs;
        _audit = new AuditTrail();
        _rebuilding = (Fills.Version, Audit.Version, Rejects.Version);
        (_seenFills, _seenAudit, _seenRejects) = (0, 0, 0);
        Orders.Clear();
        _states.Clear();
        IsAtEnd = false;
    }

    public void Dispose() => _reader?.Dispose();

    private void Take(EngineRecordType type, ReadOnlySpan<byte> payload)
    {
        switch (type)
        {
            case EngineRecordType.SessionStart:
                OnSession(payload);
                break;
            case EngineRecordType.MarketBatch:
                var events = MemoryMarshal.Cast<byte, MarketEvent>(payload);
                if (events.Length > 0) _nowNs = Math.Max(_nowNs, events[^1].Received.Ns);
                _market.OnJournaled(events);
                break;
            case EngineRecordType.Timer when payload.Length >= 8:
                _nowNs = MemoryMarshal.Read<long>(payload);
                break;
            case EngineRecordType.OrderIntent when EngineRecords.TryRead<OrderIntentRecord>(payload, out var intent):
                OnOrder(in intent, isHeld: false);
                break;
            case EngineRecordType.CancelIntent when EngineRecords.TryRead<CancelIntentRecord>(payload, out var cancel):
                Orders.OnCancelIntent(cancel.ClientOrderId, _nowNs);
                break;
            case EngineRecordType.Report when EngineRecords.TryRead<ExecutionReport>(payload, out var report):
                OnReport(in report);
                break;
            case EngineRecordType.Audit:
                OnAudit(payload);
                break;
            case EngineRecordType.StateChange when EngineRecords.DecodeCommand(payload) is { } change:
                OnState(change);
                break;
            case EngineRecordType.VenueSession when EngineRecords.TryRead<VenueRecord>(payload, out var session):
                OnVenueSession(in session);
                break;
            case EngineRecordType.SessionEnd:
                HasEnded = true;
                Events.Add("info", "node", $"session {Session} ended", ToUnixNs(_nowNs));
                break;
            default:
                TakeControls(type, payload);
                break;
        }
    }

    /// <summary>What risk and the order types journal.</summary>
    partial void TakeControls(EngineRecordType type, ReadOnlySpan<byte> payload);

    private void OnSession(ReadOnlySpan<byte> payload)
    {
        if (EngineRecords.DecodeSession(payload) is not { } info || SessionBlueprint.Parse(info.Configuration) is not { } blueprint)
        {
            Events.Add("alarm", "node", "a session began that this build cannot read", ToUnixNs(_nowNs));
            return;
        }

        (Session, SessionStartNs, HasEnded, _nowNs) = (info.Session, info.NowNs, false, info.NowNs);
        Blueprint = Orders.Blueprint = blueprint;
        ByStrategy.Clear();
        Incidents.Clear();
        _market.Begin(blueprint);
        Events.Add("info", "node", $"session {info.Session} began: {blueprint.Venues.Count} venues, {blueprint.Instruments.Count} instruments",
            ToUnixNs(info.NowNs));
    }

    private void OnOrder(in OrderIntentRecord intent, bool isHeld)
    {
        Orders.OnIntent(in intent, _nowNs, isHeld);
        _ordersSent++;
        Count(intent.Strategy, orders: 1);
    }

    private void OnReport(in ExecutionReport report)
    {
        var now = Math.Max(_nowNs, report.Received.Ns);
        if (Orders.OnReport(in report, now) is not { } row) return;
        Count(row.Strategy, fills: 1);
        var (fill, name) = (report, Blueprint?.NameOf(report.Instrument) ?? "");
        if (IsRepeated(ref _seenFills, _rebuilding.Fills)) return;
        Fills.Add(json =>
        {
            json.Ms("atMs"u8, ToUnixNs(now));
            json.WriteString("order"u8, row.Id.ToString());
            json.WriteNumber("strategy"u8, row.Strategy);
            json.WriteString("instrument"u8, name);
            json.WriteString("side"u8, row.Side == Side.Buy ? "buy"u8 : "sell"u8);
            json.Fixed("price"u8, fill.LastPrice.Raw);
            json.Fixed("quantity"u8, fill.LastQuantity.Raw);
            json.Fixed("fee"u8, fill.FeeRaw);
            json.WriteString("feeAsset"u8, fill.FeeAsset.ToString());
            json.WriteBoolean("maker"u8, fill.IsMaker);
            json.WriteString("tradeId"u8, fill.TradeId.ToString(System.Globalization.CultureInfo.InvariantCulture));
        });
    }

    private void OnAudit(ReadOnlySpan<byte> payload)
    {
        if (_audit.TryFollow(payload, out var entry) is { } wrong)
        {
            // Compaction carries older links elsewhere: the chain is picked up where the journal begins. Anything else verify finds.
            if (payload.Length < 64) return;
            _audit.GoOnFrom(MemoryMarshal.Read<long>(payload[16..]) - 1, payload.Slice(32, AuditTrail.HashBytes));
            if (_audit.TryFollow(payload, out entry) is not null)
            {
                Events.Add("alarm", "command", $"an audit record is wrong: {wrong}", ToUnixNs(_nowNs));
                return;
            }
        }

        if (entry!.Done && entry.Kind == EngineCommandKind.DisableStrategy) StrategiesDisabled.Add(entry.Strategy);
        if (entry.Done && entry.Kind == EngineCommandKind.EnableStrategy) StrategiesDisabled.Remove(entry.Strategy);
        if (IsRepeated(ref _seenAudit, _rebuilding.Audit)) return;
        var link = entry!;
        Audit.Add(json =>
        {
            json.WriteNumber("number"u8, link.Number);
            json.WriteNumber("session"u8, link.Session);
            json.Ms("atMs"u8, ToUnixNs(link.NowNs));
            json.WriteString("kind"u8, link.Kind == EngineCommandKind.None ? "SessionStart" : link.Kind.ToString());
            json.WriteBoolean("done"u8, link.Done);
            json.WriteString("who"u8, JsonText.OneLine(link.Who));
            json.WriteString("why"u8, JsonText.OneLine(link.Why));
            json.WriteString("text"u8, JsonText.OneLine(link.Text));
            json.WriteString("outcome"u8, JsonText.OneLine(link.Outcome));
        });
        if (link.Kind is not (EngineCommandKind.None or EngineCommandKind.SetState))
            Events.Add("info", "command", $"{link.Kind} by {JsonText.OneLine(link.Who)}: {JsonText.OneLine(link.Outcome)}", ToUnixNs(link.NowNs));
    }

    private void OnState(EngineCommand change)
    {
        _nowNs = Math.Max(_nowNs, change.NowNs);
        var state = StateText(change.State);
        _states.Add(new JsonObject { ["atMs"] = ToUnixNs(change.NowNs) / 1_000_000, ["state"] = state,
            ["degradation"] = change.Degradation.ToString(), ["why"] = change.Why });
        if (_states.Count > 50) _states.RemoveAt(0);
        StatesVersion++;
        Events.Add(change.State == NodeState.Degraded ? "warning" : "info", "state",
            $"{state}: {JsonText.OneLine(change.Why)}", ToUnixNs(change.NowNs));
    }

    private void OnVenueSession(in VenueRecord session)
    {
        _nowNs = Math.Max(_nowNs, session.NowNs);
        var venue = Blueprint?.VenueName(new VenueId(session.Venue)) ?? "";
        var ready = session.Flag == 1;
        Events.Add(ready ? "info" : "warning", "session", $"{venue}: the order session is {(ready ? "ready" : "down")}", ToUnixNs(session.NowNs),
            venue);
    }

    private void Count(int strategy, long orders = 0, long fills = 0, long rejects = 0)
    {
        var (o, f, r) = ByStrategy.GetValueOrDefault(strategy);
        ByStrategy[strategy] = (o + orders, f + fills, r + rejects);
    }

    /// <summary>Read again from the start, rows that clients have seen are not told twice.</summary>
    private static bool IsRepeated(ref long seen, long known) => ++seen <= known;

    private (long Fills, long Audit, long Rejects) _rebuilding;
    private long _seenFills;
    private long _seenAudit;
    private long _seenRejects;

    public static string StateText(NodeState state) => state switch
    {
        NodeState.Init => "INIT",
        NodeState.WarmUp => "WARM-UP",
        NodeState.Ready => "READY",
        NodeState.Degraded => "DEGRADED",
        NodeState.Draining => "DRAINING",
        _ => "STOPPED",
    };
}
