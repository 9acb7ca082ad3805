using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Venues.Bitfinex;

/// <summary>
/// Frames of the authenticated WebSocket (venues/bitfinex.md §4.3, §4.5): events, and channel 0 with <c>[0, kind, payload]</c>. A
/// notification ("n") answers a request and is no acceptance; orders ("on", "ou", "oc") and trades ("tu") tell what happened.
/// </summary>
internal sealed class BitfinexExecutionDecoder(
    OrderContext context, BitfinexOrderRow rows, BitfinexCurrencies currencies, BitfinexRequests requests, OrderProtocolStatistics statistics)
{
    private const int Event = 0, Status = 1, Code = 2, Platform = 3;

    private const long Stopping = 20051, MaintenanceBegins = 20060, MaintenanceEnds = 20061;

    /// <summary>Times below are seconds; as milliseconds they would be in 1973.</summary>
    private const long SecondsMax = 100_000_000_000;

    private static readonly JsonFields EventFields = new("event", "status", "code", "platform");

    /// <summary>True while the venue says it is being maintained: orders would wait for nobody knows what.</summary>
    public bool IsMaintained { get; private set; }

    public void Reset()
    {
        IsMaintained = false;
        requests.Clear();
    }

    public QuarantineCause Decode(ReadOnlySpan<byte> frame, ExecutionBatch batch)
    {
        var cause = JsonValue.Parse(frame, out var root);
        if (cause != QuarantineCause.None) return cause;
        if (root.IsObject) return DecodeEvent(root, batch);
        if (!root.IsArray) return QuarantineCause.Malformed;
        Span<JsonRange> ranges = stackalloc JsonRange[3];
        var items = new BitfinexArray(root, ranges);
        if (!items[0].IsNumber) return QuarantineCause.Malformed;
        if (!items[0].Raw.SequenceEqual("0"u8)) return QuarantineCause.UnknownChannel;
        return items[1].IsString ? DecodeMessage(items[1], items[2], batch) : QuarantineCause.Malformed;
    }

    private QuarantineCause DecodeEvent(JsonValue root, ExecutionBatch batch)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[EventFields.Count];
        var cause = EventFields.Pick(root, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        var name = fields[Event];
        if (name.Is("auth"u8))
        {
            batch.Signal = fields[Status].Is("OK"u8) ? OrderSignal.SessionReady : OrderSignal.LoginRefused;
        }
        else if (name.Is("pong"u8))
        {
            batch.Signal = OrderSignal.Pong;
        }
        else if (name.Is("info"u8))
        {
            fields[Code].TryInt64(out var code);
            if (code == MaintenanceBegins || fields[Platform]["status"u8].Raw.SequenceEqual("0"u8)) IsMaintained = true;
            // What happened during the maintenance is not told afterwards: a new connection, and with it reconciliation.
            if (code is Stopping or MaintenanceEnds) batch.Signal = OrderSignal.ReconnectRequested;
        }
        else if (name.Is("error"u8))
        {
            return QuarantineCause.VenueError;
        }
        else if (!name.Is("conf"u8) && !name.Is("unauth"u8))
        {
            return QuarantineCause.UnknownChannel;
        }

        return QuarantineCause.None;
    }

    private QuarantineCause DecodeMessage(JsonValue kind, JsonValue payload, ExecutionBatch batch)
    {
        if (kind.Is("hb"u8)) return QuarantineCause.None;
        var isUpdate = kind.Is("ou"u8);
        if (isUpdate || kind.Is("on"u8) || kind.Is("oc"u8)) return payload.IsArray ? rows.Add(payload, isUpdate, batch) : QuarantineCause.Malformed;
        // The same trade comes twice, the second time with its fee: that one is booked. Should it never come, reconciliation brings it.
        if (kind.Is("tu"u8)) return payload.IsArray ? rows.AddFill(payload, batch) : QuarantineCause.Malformed;
        if (kind.Is("te"u8)) return payload.IsArray ? QuarantineCause.None : QuarantineCause.Malformed;
        if (kind.Is("n"u8)) return DecodeNotification(payload, batch);
        if (kind.Is("wu"u8)) return payload.IsArray ? AddBalance(payload, batch) : QuarantineCause.Malformed;
        if (kind.Is("os"u8) || kind.Is("ws"u8)) return DecodeSnapshot(kind.Is("os"u8), payload, batch);
        return IsKnownButUnused(kind) ? QuarantineCause.None : QuarantineCause.UnknownChannel;
    }

    /// <summary>Positions, funding, margin and balance sums: of no concern to spot trading, and sent without being asked.</summary>
    private static bool IsKnownButUnused(JsonValue kind) =>
        kind.Is("bu"u8) || kind.Is("ps"u8) || kind.Is("pn"u8) || kind.Is("pu"u8) || kind.Is("pc"u8) || kind.Is("miu"u8) || kind.Is("fiu"u8)
        || kind.Is("fos"u8) || kind.Is("fcs"u8) || kind.Is("fls"u8) || kind.Is("fte"u8) || kind.Is("ftu"u8)
        || kind.Is("fon"u8) || kind.Is("fou"u8) || kind.Is("foc"u8) || kind.Is("fcn"u8) || kind.Is("fcu"u8) || kind.Is("fcc"u8)
        || kind.Is("fln"u8) || kind.Is("flu"u8) || kind.Is("flc"u8) || kind.Is("hts"u8);

    private QuarantineCause DecodeSnapshot(bool isOrders, JsonValue payload, ExecutionBatch batch)
    {
        if (!payload.IsArray) return QuarantineCause.Malformed;
        var start = batch.Mark();
        var cause = QuarantineCause.None;
        foreach (var row in payload.Elements)
        {
            cause = !row.IsArray ? QuarantineCause.Malformed : isOrders ? rows.AddStatus(row, batch) : AddBalance(row, batch);
            if (cause != QuarantineCause.None) break;
        }

        return batch.Finish(cause, start);
    }

    /// <summary>
    /// <c>[time, "on-req", id, null, order, code, status, text]</c>. SUCCESS of an order is an acknowledgement, of a cancel or an amendment nothing yet.
    /// The order stands in it as far as it is known: a refused one has our id only, a refused cancel perhaps only the venue's.
    /// </summary>
    private QuarantineCause DecodeNotification(JsonValue payload, ExecutionBatch batch)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[8];
        var fields = new BitfinexArray(payload, ranges);
        if (!fields[1].IsString || !fields[6].IsString) return QuarantineCause.Malformed;
        var kind = fields[1].Is("on-req"u8) ? RequestKind.Place : fields[1].Is("oc-req"u8) ? RequestKind.Cancel
            : fields[1].Is("ou-req"u8) ? RequestKind.Amend : RequestKind.None;
        if (kind == RequestKind.None) return QuarantineCause.None;
        var succeeded = fields[6].Is("SUCCESS"u8);
        BitfinexOrderRow.ReadIds(OrderOf(fields[4]), out var venueOrderId, out var id);
        if (id.IsNone && kind != RequestKind.Place) id = requests.IdOf(venueOrderId);
        if (id.IsNone)
        {
            statistics.ResponsesUnmatched++;
            return succeeded ? QuarantineCause.None : QuarantineCause.VenueError;
        }

        // Whether a cancel or an amendment took place is told by the order itself.
        if (succeeded && kind != RequestKind.Place) return QuarantineCause.None;
        if (kind == RequestKind.Amend) requests.OrderOf(id).IsAmendPending = false;
        Span<byte> scratch = stackalloc byte[256];
        fields[5].TryInt64(out var code);
        ref var report = ref (succeeded
            ? ref batch.AddReport(ExecutionKind.Acked)
            : ref batch.AddRefusal(kind, context.Venue, id, BitfinexErrors.ReasonOf(code, fields[7].IsString ? fields[7].GetText(scratch) : default), code));
        if (succeeded) report.State = OrderState.Acked;
        report.Venue = context.Venue;
        report.ClientOrderId = id;
        report.ExchangeTime = TimeOf(fields[0]);
        if (venueOrderId > 0) report.VenueOrderId = NumberText(venueOrderId);
        return QuarantineCause.None;
    }

    /// <summary>The order itself, or the first of the list that the REST interface makes of it.</summary>
    private static JsonValue OrderOf(JsonValue data)
    {
        foreach (var first in data.Elements)
        {
            return first.IsArray ? first : data;
        }

        return data;
    }

    private static Text40 NumberText(long number)
    {
        Span<byte> digits = stackalloc byte[20];
        System.Buffers.Text.Utf8Formatter.TryFormat(number, digits, out var length);
        Text40.TryCreate(digits[..length], out var text);
        return text;
    }

    /// <summary>Seconds, seconds with a fraction or milliseconds: the venue sends all three. Zero where it is none of them.</summary>
    private static ExchangeTime TimeOf(JsonValue value)
    {
        if (value.TryInt64(out var whole))
            return whole is < 0 or > long.MaxValue / 1_000_000 ? default : ExchangeTime.FromMs(whole < SecondsMax ? whole * 1000 : whole);
        if (!value.IsNumber || value.GetDecimal(out var raw, out _) != QuarantineCause.None || raw is < 0 or > long.MaxValue / 10) return default;
        return new ExchangeTime(raw * (1_000_000_000 / FixedPoint.Scale));
    }

    /// <summary>
    /// <c>[wallet, currency, balance, interest, available, …]</c>, of the wallet that spot trades from. Available may be null until the venue has
    /// computed it; then all is reported as free.
    /// </summary>
    public QuarantineCause AddBalance(JsonValue row, ExecutionBatch batch)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[5];
        var fields = new BitfinexArray(row, ranges);
        if (!fields[0].IsString || !fields[1].IsString || !fields[2].IsNumber) return QuarantineCause.Malformed;
        if (!fields[0].Is("exchange"u8)) return QuarantineCause.None;
        var cause = QuarantineCause.None;
        var balance = fields[2].AmountOrZero(ref cause);
        var free = fields[4].IsEmpty ? balance : fields[4].AmountOrZero(ref cause);
        if (cause != QuarantineCause.None) return cause;
        var locked = (Int128)balance - free;
        if (locked > long.MaxValue || locked < long.MinValue) return QuarantineCause.NumberOverflow;
        if (!currencies.TryFind(fields[1], out var asset))
        {
            statistics.BalancesSkipped++;
            return QuarantineCause.None;
        }

        batch.AddBalance(context.Venue, asset, free, Math.Max(0, (long)locked));
        return QuarantineCause.None;
    }
}
