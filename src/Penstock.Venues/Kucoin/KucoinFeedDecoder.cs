using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;

namespace Penstock.Venues.Kucoin;

/// <summary>
/// KuCoin frames to events. <c>.Fast.cs</c> reads increments and best bid and ask in the layouts seen and documented; this file
/// and <c>.Ticks.cs</c> read everything in any order and alone decide what is wrong with a frame.
/// </summary>
internal sealed partial class KucoinFeedDecoder(FeedContext context)
{
    private const int Type = 0, Topic = 1, Subject = 2, Data = 3;
    private const int Changes = 0, First = 1, Last = 2, Symbol = 3, Time = 4;

    /// <summary>A topic of one symbol; a longer one is of none we know.</summary>
    private const int TopicBytesMax = 256;

    private static readonly JsonFields EnvelopeFields = new("type", "topic", "subject", "data");
    private static readonly JsonFields IncrementFields = new("changes", "sequenceStart", "sequenceEnd", "symbol", "time");
    private static readonly JsonFields BookFields = new("asks", "bids", "timestamp", "time", "sequence");

    private readonly VenueId _venue = context.Venue;
    private readonly InstrumentTable _instruments = context.Instruments;

    /// <summary>The venue has greeted: it listens from here on.</summary>
    public bool IsWelcome { get; private set; }

    /// <summary>Sequences continue across connections; the greeting does not.</summary>
    public void Reset() => IsWelcome = false;

    public QuarantineCause Decode(ReadOnlySpan<byte> frame, FeedBatch batch)
    {
        batch.Reset();
        if (TryDecodeFast(frame, batch) && batch is { IsFull: false, HasUsualScales: true }) return QuarantineCause.None;
        batch.Reset();
        return batch.Finish(DecodeAny(frame, batch));
    }

    /// <summary>The body of a REST order book, part or full: one BookSnapshot, or the venue's error object.</summary>
    public QuarantineCause DecodeSnapshot(Instrument instrument, ReadOnlySpan<byte> body, FeedBatch batch)
    {
        batch.Reset();
        return batch.Finish(DecodeBookBody(instrument, body, batch));
    }

    private static QuarantineCause DecodeBookBody(Instrument instrument, ReadOnlySpan<byte> body, FeedBatch batch)
    {
        var cause = JsonValue.Parse(body, out var root);
        if (cause != QuarantineCause.None) return cause;
        var code = root["code"u8];
        if (!code.Is("200000"u8)) return code.IsPresent ? QuarantineCause.VenueError : QuarantineCause.Malformed;
        Span<JsonRange> ranges = stackalloc JsonRange[BookFields.Count];
        cause = BookFields.Pick(root["data"u8], ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        ref var message = ref batch.BeginMessage(FeedMessageKind.BookSnapshot, instrument.Id);
        cause = fields[4].GetInt64(out message.LastUpdateId);
        if (cause == QuarantineCause.None) cause = KucoinTime.Read(fields[3], out message.Time);
        return AddLevels(fields, batch, cause);
    }

    private QuarantineCause DecodeAny(ReadOnlySpan<byte> frame, FeedBatch batch)
    {
        var cause = JsonValue.Parse(frame, out var root);
        if (cause != QuarantineCause.None) return cause;
        Span<JsonRange> ranges = stackalloc JsonRange[EnvelopeFields.Count];
        cause = EnvelopeFields.Pick(root, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        return fields[Type].Is("message"u8) ? DecodeMessage(fields, batch) : DecodeControl(fields[Type], batch);
    }

    private QuarantineCause DecodeControl(JsonValue type, FeedBatch batch)
    {
        var kind =
            type.Is("ack"u8) ? FeedMessageKind.Subscribed
            : type.Is("pong"u8) ? FeedMessageKind.Pong
            : type.Is("error"u8) ? FeedMessageKind.SubscribeRejected
            : type.Is("welcome"u8) ? FeedMessageKind.Ignored
            : FeedMessageKind.None;
        if (kind == FeedMessageKind.None) return QuarantineCause.UnknownChannel;
        IsWelcome |= kind == FeedMessageKind.Ignored;
        batch.AddControl(kind);
        return QuarantineCause.None;
    }

    private QuarantineCause DecodeMessage(in JsonPicked fields, FeedBatch batch)
    {
        Span<byte> scratch = stackalloc byte[TopicBytesMax];
        if (!fields[Topic].TryGetText(scratch, out var topic)) return QuarantineCause.UnknownChannel;
        var colon = topic.IndexOf((byte)':');
        var channel = colon < 0 ? topic : topic[..colon];
        var symbol = colon < 0 ? default : topic[(colon + 1)..];
        if (channel.SequenceEqual("/market/level2"u8)) return DecodeIncrement(fields[Data], symbol, batch);
        if (channel.SequenceEqual("/market/match"u8)) return DecodeTrade(fields[Data], symbol, batch);
        if (channel.SequenceEqual("/spotMarket/level1"u8)) return DecodeBest(fields[Data], symbol, batch);
        if (channel.SequenceEqual("/market/ticker"u8)) return DecodeTicker(fields[Data], fields[Subject], symbol, batch);
        if (channel.SequenceEqual("/spotMarket/level2Depth5"u8) || channel.SequenceEqual("/spotMarket/level2Depth50"u8))
            return DecodeFullBook(fields[Data], symbol, batch);
        if (!IsKnownButUnused(channel)) return QuarantineCause.UnknownChannel;
        batch.AddControl(FeedMessageKind.Ignored);
        return QuarantineCause.None;
    }

    /// <summary>Documented public topics this platform does not subscribe to.</summary>
    private static bool IsKnownButUnused(ReadOnlySpan<byte> channel) =>
        channel.SequenceEqual("/market/candles"u8) || channel.SequenceEqual("/market/snapshot"u8)
        || channel.StartsWith("/indicator/"u8) || channel.StartsWith("/callauction/"u8) || channel.StartsWith("/margin/"u8);

    private QuarantineCause DecodeIncrement(JsonValue data, ReadOnlySpan<byte> symbol, FeedBatch batch)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[IncrementFields.Count];
        var cause = IncrementFields.Pick(data, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        if (!TryFind(fields[Symbol], symbol, out var instrument)) return QuarantineCause.UnknownInstrument;
        ref var message = ref batch.BeginMessage(FeedMessageKind.BookDelta, instrument);
        message.HasEventIds = true;
        cause = fields[First].GetInt64(out message.FirstUpdateId);
        if (cause == QuarantineCause.None) cause = fields[Last].GetInt64(out message.LastUpdateId);
        if (cause == QuarantineCause.None && message.FirstUpdateId > message.LastUpdateId) cause = QuarantineCause.NumberOutOfRange;
        // Captures from before 2022 carry no time.
        if (cause == QuarantineCause.None && fields[Time].IsPresent) cause = KucoinTime.Read(fields[Time], out message.Time);
        if (cause == QuarantineCause.None) cause = AddChanges(fields[Changes]["asks"u8], Side.Sell, batch);
        if (cause == QuarantineCause.None) cause = AddChanges(fields[Changes]["bids"u8], Side.Buy, batch);
        batch.EndMessage();
        return cause;
    }

    /// <summary><c>[["price","size","sequence"], …]</c>: each change knows its own place in the sequence.</summary>
    private static QuarantineCause AddChanges(JsonValue changes, Side side, FeedBatch batch)
    {
        var scanner = new JsonScanner(changes);
        scanner.BeginArray();
        while (scanner.NextElement(out var change))
        {
            var elements = new JsonScanner(change);
            elements.BeginArray();
            elements.NextElement(out var price);
            elements.NextElement(out var size);
            elements.NextElement(out var sequence);
            while (elements.NextElement(out _))
            {
            }

            if (elements.Finish() is var syntax and not QuarantineCause.None) return syntax;
            var cause = sequence.GetInt64(out var id);
            if (cause == QuarantineCause.None) cause = AddChange(side, price, size, id, batch);
            if (cause != QuarantineCause.None) return cause;
        }

        return scanner.Finish();
    }

    private static QuarantineCause AddChange(Side side, JsonValue price, JsonValue size, long id, FeedBatch batch)
    {
        // Price zero changes no level; it stands for an event that only moves the sequence on.
        if (price.GetDecimal(out var priceRaw, out _) == QuarantineCause.None && priceRaw == 0) return size.GetDecimal(out _, out _);
        var cause = FeedLevels.Add(batch, MarketEventKind.BookDelta, side, price, size);
        if (cause == QuarantineCause.None) batch.Events[^1].UpdateId = id;
        return cause;
    }

    /// <summary>The 5 or 50 best levels, whole, a hundred milliseconds apart; the time orders them, there is no sequence.</summary>
    private QuarantineCause DecodeFullBook(JsonValue data, ReadOnlySpan<byte> symbol, FeedBatch batch)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[BookFields.Count];
        var cause = BookFields.Pick(data, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        if (!_instruments.TryFind(_venue, symbol, out var instrument)) return QuarantineCause.UnknownInstrument;
        ref var message = ref batch.BeginMessage(FeedMessageKind.FullBook, instrument);
        cause = fields[2].GetInt64(out message.LastUpdateId);
        if (cause == QuarantineCause.None) cause = KucoinTime.Read(fields[2], out message.Time);
        return AddLevels(fields, batch, cause);
    }

    private static QuarantineCause AddLevels(in JsonPicked fields, FeedBatch batch, QuarantineCause cause)
    {
        if (cause == QuarantineCause.None) cause = FeedLevels.AddPairs(batch, MarketEventKind.BookSnapshot, Side.Sell, fields[0]);
        if (cause == QuarantineCause.None) cause = FeedLevels.AddPairs(batch, MarketEventKind.BookSnapshot, Side.Buy, fields[1]);
        batch.EndMessage();
        return cause;
    }

    /// <summary>A topic may name several symbols, so the message's own word goes first.</summary>
    private bool TryFind(JsonValue own, ReadOnlySpan<byte> ofTopic, out InstrumentId instrument) => own.IsPresent
        ? _instruments.TryFind(_venue, own, out instrument)
        : _instruments.TryFind(_venue, ofTopic, out instrument);
}
