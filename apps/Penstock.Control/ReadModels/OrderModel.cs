using System.Runtime.InteropServices;
using System.Text.Json;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading.Recovery;

namespace Penstock.Control.ReadModels;

/// <summary>
/// Orders as the journal tells them: intents and what the venues said. A view for people, not the order manager: it folds the same reports, and
/// where a venue contradicts itself the node's own figures count. All live orders and the last ended ones are kept.
/// </summary>
internal sealed class OrderModel : ITopic
{
    public const int EndedKept = 2_000;

    public const int LiveMax = 20_000;

    private const int SnapshotEnded = 500;
    private const int StepsMax = 40;

    private readonly Dictionary<long, OrderRow> _rows = [];
    private readonly Queue<long> _ended = [];
    private long _evictedVersion;

    public string Name => "orders";

    public long Version { get; private set; }

    public int HzMax => 4;

    public bool IsList => true;

    public int Count => _rows.Count;

    /// <summary>Names instruments; of the session being read.</summary>
    public SessionBlueprint? Blueprint { get; set; }

    /// <summary>Adds the offset of the wall clock to engine time.</summary>
    public Func<long, long> ToUnixNs { get; set; } = ns => ns;

    public bool CanUpdate(long since) => since >= _evictedVersion;

    public void Clear()
    {
        _rows.Clear();
        _ended.Clear();
        _evictedVersion = ++Version;
    }

    public void OnIntent(in OrderIntentRecord intent, long nowNs, bool isHeld = false)
    {
        if (_rows.TryGetValue(intent.ClientOrderId, out var known))
        {
            // A stop order that was held is journaled again when it leaves.
            if (known.State == "Held") OnHeldEnded(intent.ClientOrderId, OrderState.PendingNew, nowNs);
            return;
        }

        if (_rows.Count - _ended.Count >= LiveMax) return;
        var row = new OrderRow
        {
            Id = new ClientOrderId(intent.ClientOrderId), Instrument = new InstrumentId(intent.Instrument), Strategy = intent.Strategy,
            Side = intent.Side,
            Type = intent.Type, TimeInForce = intent.TimeInForce, PriceRaw = intent.PriceRaw, QuantityRaw = intent.QuantityRaw,
            TriggerNs = intent.TriggerNs, CreatedNs = nowNs, State = isHeld ? "Held" : nameof(OrderState.PendingNew),
        };
        _rows.Add(intent.ClientOrderId, row);
        if (intent.TriggerNs != 0) row.Step("tick", intent.TriggerNs, "the event the strategy decided on");
        row.Step("decide", nowNs, $"strategy {intent.Strategy}: {intent.Side} {new Quantity(intent.QuantityRaw)} @ {new Price(intent.PriceRaw)}");
        row.Step("risk", nowNs, isHeld ? "approved and held until its stop price" : "approved, journaled, handed to execution");
        Touch(row, nowNs);
    }

    public void OnCancelIntent(long id, long nowNs)
    {
        if (!_rows.TryGetValue(id, out var row)) return;
        row.Step("cancel", nowNs, "cancel asked for");
        Touch(row, nowNs);
    }

    /// <summary>A held order left for its venue, or ended without.</summary>
    public void OnHeldEnded(long id, OrderState state, long nowNs)
    {
        if (!_rows.TryGetValue(id, out var row)) return;
        row.State = state.ToString();
        row.Step(state == OrderState.PendingNew ? "wake" : "end", nowNs, state == OrderState.PendingNew ? "its stop price was reached"
            : state.ToString());
        Touch(row, nowNs);
    }

    /// <summary>A report of a venue; also for orders nobody knows, which then have no row.</summary>
    /// <returns>The row, when it is a fill of one of ours.</returns>
    public OrderRow? OnReport(in ExecutionReport report, long nowNs)
    {
        if (!_rows.TryGetValue(report.ClientOrderId.Value, out var row)) return null;
        if (!report.VenueOrderId.IsEmpty) row.VenueOrderId = report.VenueOrderId.ToString();
        if (row.AckNs == 0) row.AckNs = nowNs;
        var isFill = false;
        switch (report.Kind)
        {
            case ExecutionKind.Acked:
                if (row.State == nameof(OrderState.PendingNew)) row.State = nameof(OrderState.Acked);
                break;
            case ExecutionKind.Accepted:
                if (row.IsLive && row.FilledRaw == 0) row.State = nameof(OrderState.Working);
                break;
            case ExecutionKind.Fill:
                isFill = row.AddFill(in report);
                if (isFill) row.State = row.FilledRaw >= row.QuantityRaw ? nameof(OrderState.Filled) : row.IsLive
                    ? nameof(OrderState.PartiallyFilled) : row.State;
                break;
            case ExecutionKind.Filled:
                row.State = nameof(OrderState.Filled);
                break;
            case ExecutionKind.Cancelled:
                row.State = nameof(OrderState.Cancelled);
                break;
            case ExecutionKind.Expired:
                row.State = nameof(OrderState.Expired);
                break;
            case ExecutionKind.Rejected or ExecutionKind.NotSent:
                if (row.IsLive) row.State = nameof(OrderState.Rejected);
                break;
            case ExecutionKind.OutcomeUnknown:
                if (row.IsLive) row.State = nameof(OrderState.Unknown);
                break;
            case ExecutionKind.OrderStatus:
                if (row.IsLive && report.State != OrderState.None) row.State = report.State.ToString();
                break;
            case ExecutionKind.Amended:
                (row.PriceRaw, row.QuantityRaw) = (report.LastPrice.Raw, report.LastQuantity.Raw);
                break;
        }

        if (report.Reason != RejectReason.None) row.Reason = report.Reason.ToString();
        row.Step(StepOf(report.Kind), nowNs, isFill ? $"{report.LastQuantity} @ {report.LastPrice}" : report.Reason == RejectReason.None
            ? report.Kind.ToString() : $"{report.Kind}: {report.Reason}");
        Touch(row, nowNs);
        return isFill ? row : null;
    }

    public bool TryFind(string id, out OrderRow? row)
    {
        row = null;
        return ClientOrderId.TryParse(System.Text.Encoding.UTF8.GetBytes(id), out var parsed) && _rows.TryGetValue(parsed.Value, out row);
    }

    public void Write(Utf8JsonWriter json, long since)
    {
        var skip = since < 0 ? Math.Max(0, _ended.Count - SnapshotEnded) : 0;
        var left = skip == 0 ? [] : new HashSet<long>(_ended.Take(skip));
        json.WriteStartArray();
        foreach (var row in _rows.Values)
        {
            if (row.Version > since && !left.Contains(row.Id.Value)) WriteRow(json, row);
        }

        json.WriteEndArray();
    }

    public void WriteRow(Utf8JsonWriter json, OrderRow row)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, row.Id.ToString());
        json.WriteString("venueOrderId"u8, row.VenueOrderId);
        json.WriteNumber("strategy"u8, row.Strategy);
        json.WriteString("instrument"u8, Blueprint?.NameOf(row.Instrument) ?? $"instrument {row.Instrument.Value}");
        json.WriteString("side"u8, row.Side == Side.Buy ? "buy"u8 : "sell"u8);
        json.WriteString("type"u8, row.Type switch { OrderType.Limit => "limit", OrderType.Market => "market", var other =>
            other.ToString().ToLowerInvariant() });
        json.WriteString("timeInForce"u8, row.TimeInForce switch
        {
            TimeInForce.GoodTillCancel => "gtc", TimeInForce.ImmediateOrCancel => "ioc", TimeInForce.FillOrKill => "fok", _ => "gtd",
        });
        json.Fixed("price"u8, row.PriceRaw);
        json.Fixed("quantity"u8, row.QuantityRaw);
        json.Fixed("filled"u8, row.FilledRaw);
        if (row.FilledRaw == 0) json.WriteNull("averagePrice"u8);
        else json.WriteString("averagePrice"u8,
            JsonText.Plain(decimal.Round(row.FilledValue.ToDecimal() / new Quantity(row.FilledRaw).ToDecimal(), 8)));
        json.WriteString("state"u8, row.State);
        json.WriteString("reason"u8, row.Reason);
        json.WriteBoolean("live"u8, row.IsLive);
        json.Ms("createdMs"u8, ToUnixNs(row.CreatedNs));
        json.Ms("updatedMs"u8, ToUnixNs(row.UpdatedNs));
        if (row.TriggerNs == 0) json.WriteNull("decisionNs"u8);
        else json.WriteNumber("decisionNs"u8, Math.Max(0, row.CreatedNs - row.TriggerNs));
        if (row.AckNs == 0) json.WriteNull("ackNs"u8);
        else json.WriteNumber("ackNs"u8, row.AckNs - row.CreatedNs);
        json.WriteEndObject();
    }

    public void WriteTrace(Utf8JsonWriter json, OrderRow row)
    {
        json.WriteStartObject();
        json.WritePropertyName("order"u8);
        WriteRow(json, row);
        json.WriteStartArray("steps"u8);
        foreach (var step in row.Steps)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, step.Name);
            json.Ms("atMs"u8, ToUnixNs(step.Ns));
            json.WriteNumber("sinceTickNs"u8, step.Ns - row.Steps[0].Ns);
            json.WriteString("text"u8, step.Text);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static string StepOf(ExecutionKind kind) => kind switch
    {
        ExecutionKind.Acked or ExecutionKind.Accepted => "ack",
        ExecutionKind.Fill or ExecutionKind.Filled => "fill",
        _ => "end",
    };

    private void Touch(OrderRow row, long nowNs)
    {
        row.UpdatedNs = nowNs;
        row.Version = ++Version;
        if (row.IsLive || row.IsQueued) return;
        row.IsQueued = true;
        _ended.Enqueue(row.Id.Value);
        if (_ended.Count <= EndedKept) return;
        if (_rows.Remove(_ended.Dequeue(), out var evicted)) _evictedVersion = Math.Max(_evictedVersion, evicted.Version);
    }

    /// <summary>One order.</summary>
    internal sealed class OrderRow
    {
        private readonly List<long> _trades = [];

        public ClientOrderId Id { get; init; }
        public InstrumentId Instrument { get; init; }
        public int Strategy { get; init; }
        public Side Side { get; init; }
        public OrderType Type { get; init; }
        public TimeInForce TimeInForce { get; init; }
        public long TriggerNs { get; init; }
        public long CreatedNs { get; init; }
        public long PriceRaw { get; set; }
        public long QuantityRaw { get; set; }
        public long FilledRaw { get; private set; }
        public Notional FilledValue { get; private set; }
        public string? VenueOrderId { get; set; }
        public string State { get; set; } = "";
        public string? Reason { get; set; }
        public long AckNs { get; set; }
        public long UpdatedNs { get; set; }
        public long Version { get; set; }
        public bool IsQueued { get; set; }
        public List<(string Name, long Ns, string Text)> Steps { get; } = [];

        public bool IsLive => State is not (nameof(OrderState.Filled) or nameof(OrderState.Cancelled)
            or nameof(OrderState.Rejected) or nameof(OrderState.Expired));

        /// <summary>False for a trade that came before: venues repeat themselves.</summary>
        public bool AddFill(in ExecutionReport report)
        {
            if (_trades.Contains(report.TradeId)) return false;
            _trades.Add(report.TradeId);
            FilledRaw += report.LastQuantity.Raw;
            FilledValue += Notional.Of(report.LastPrice, report.LastQuantity);
            return true;
        }

        public void Step(string name, long ns, string text)
        {
            if (Steps.Count < StepsMax) Steps.Add((name, ns, text));
        }
    }
}
