using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Model.Instruments;

namespace Penstock.Venues.Bitfinex;

/// <summary>Events: what opens and closes channels, and what the platform says of itself.</summary>
internal sealed partial class BitfinexFeedDecoder
{
    private const int Event = 0, Channel = 1, ChannelId = 2, Symbol = 3, Precision = 4, Code = 5, Flags = 6, Status = 7, Platform = 8;

    private const long Stopping = 20051, MaintenanceBegins = 20060, MaintenanceEnds = 20061;

    private static readonly JsonFields EventFields =
        new("event", "channel", "chanId", "symbol", "prec", "code", "flags", "status", "platform");

    private QuarantineCause DecodeEvent(JsonValue root, FeedBatch batch)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[EventFields.Count];
        var cause = EventFields.Pick(root, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        var name = fields[Event];
        if (name.Is("subscribed"u8)) return OpenChannel(fields, batch);
        if (name.Is("unsubscribed"u8)) return CloseChannel(fields, batch);
        if (name.Is("conf"u8)) return AcceptFlags(fields, batch);
        if (name.Is("info"u8)) return DecodeInfo(fields, batch);
        var kind = name.Is("pong"u8) ? FeedMessageKind.Pong
            : name.Is("error"u8) ? FeedMessageKind.SubscribeRejected
            : name.Is("auth"u8) ? FeedMessageKind.Ignored
            : FeedMessageKind.None;
        if (kind == FeedMessageKind.None) return QuarantineCause.UnknownChannel;
        _instruments.TryFind(_venue, fields[Symbol], out var instrument);
        batch.AddControl(kind, instrument);
        return QuarantineCause.None;
    }

    private QuarantineCause OpenChannel(in JsonPicked fields, FeedBatch batch)
    {
        var cause = RequireInt64(fields[ChannelId], out var id);
        if (cause != QuarantineCause.None) return cause;
        var kind = fields[Channel].Is("trades"u8) ? BitfinexChannelKind.Trades
            : fields[Channel].Is("book"u8) && !fields[Precision].Is("R0"u8) ? BitfinexChannelKind.Book
            : BitfinexChannelKind.Other;
        var isKnown = _instruments.TryFind(_venue, fields[Symbol], out var instrument);
        if (!isKnown && kind != BitfinexChannelKind.Other) return QuarantineCause.UnknownInstrument;
        if (!Channels.TryOpen(new BitfinexChannel(id, kind, instrument))) return QuarantineCause.TooLarge;
        batch.AddControl(FeedMessageKind.Subscribed, instrument);
        return QuarantineCause.None;
    }

    private QuarantineCause CloseChannel(in JsonPicked fields, FeedBatch batch)
    {
        var cause = RequireInt64(fields[ChannelId], out var id);
        if (cause != QuarantineCause.None) return cause;
        Channels.TryFind(id, out var channel);
        Channels.Close(id);
        batch.AddControl(FeedMessageKind.Subscribed, channel.Instrument);
        return QuarantineCause.None;
    }

    /// <summary>What the venue confirms counts, not what was asked for: the shape of all arrays follows from it.</summary>
    private QuarantineCause AcceptFlags(in JsonPicked fields, FeedBatch batch)
    {
        if (!fields[Status].Is("OK"u8))
        {
            batch.AddControl(FeedMessageKind.SubscribeRejected);
            return QuarantineCause.None;
        }

        var cause = RequireInt64(fields[Flags], out var flags);
        if (cause != QuarantineCause.None) return cause;
        _flags = flags;
        batch.AddControl(FeedMessageKind.Ignored);
        return QuarantineCause.None;
    }

    /// <summary>
    /// The first of a connection says whether the platform works; later ones announce that the server stops, that a maintenance
    /// begins (books stand still for minutes without any other sign), and that it is over and nothing held is current.
    /// </summary>
    private QuarantineCause DecodeInfo(in JsonPicked fields, FeedBatch batch)
    {
        var cause = QuarantineCause.None;
        long code = 0, status = -1;
        if (!fields[Code].IsEmpty) cause = RequireInt64(fields[Code], out code);
        if (fields[Platform].IsObject) cause.KeepFirst(RequireInt64(fields[Platform]["status"u8], out status));
        if (cause != QuarantineCause.None) return cause;
        if (code == MaintenanceBegins || status == 0) SetStatus(InstrumentStatus.Halted, batch);
        else if (code == MaintenanceEnds || status == 1) SetStatus(InstrumentStatus.Trading, batch);
        if (code is Stopping or MaintenanceEnds) batch.AddControl(FeedMessageKind.ReconnectRequested);
        if (batch.Messages.IsEmpty) batch.AddControl(FeedMessageKind.Ignored);
        return QuarantineCause.None;
    }

    private void SetStatus(InstrumentStatus status, FeedBatch batch)
    {
        if (status == _platformStatus) return;
        _platformStatus = status;
        for (var index = 0; index < _instruments.All.Count; index++)
        {
            if (_instruments.All[index].Venue == _venue) batch.AddStatus(_instruments.All[index].Id, status);
        }
    }
}
