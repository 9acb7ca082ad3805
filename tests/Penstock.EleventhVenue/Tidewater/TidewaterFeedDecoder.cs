using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;

namespace Penstock.EleventhVenue.Tidewater;

/// <summary>Frames to events, in any order of keys. A venue worth it adds a <c>.Fast.cs</c> for its frequent frames.</summary>
internal sealed class TidewaterFeedDecoder(FeedContext context)
{
    private const int Event = 0, Symbol = 1, Full = 2, Sequence = 3, Previous = 4, Time = 5, Bids = 6, Asks = 7, Id = 8, AggressorSide = 9, Price = 10,
        Quantity = 11, Bid = 12, Ask = 13;

    private static readonly JsonFields Fields = new(
        "ev", "symbol", "full", "seq", "prev", "time", "bids", "asks", "id", "side", "price", "quantity", "bid", "ask");

    public QuarantineCause Decode(ReadOnlySpan<byte> frame, FeedBatch batch)
    {
        batch.Reset();
        return batch.Finish(DecodeAny(frame, batch));
    }

    private QuarantineCause DecodeAny(ReadOnlySpan<byte> frame, FeedBatch batch)
    {
        var cause = JsonValue.Parse(frame, out var root);
        if (cause != QuarantineCause.None) return cause;
        Span<JsonRange> ranges = stackalloc JsonRange[Fields.Count];
        cause = Fields.Pick(root, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;

        var kind = fields[Event];
        if (kind.Is("pong"u8)) return Control(FeedMessageKind.Pong, default, batch);
        if (kind.Is("refused"u8)) return Control(FeedMessageKind.SubscribeRejected, default, batch);
        if (!kind.Is("book"u8) && !kind.Is("trade"u8) && !kind.Is("best"u8) && !kind.Is("subscribed"u8)) return QuarantineCause.UnknownChannel;
        if (!context.Instruments.TryFind(context.Venue, fields[Symbol], out var instrument)) return QuarantineCause.UnknownInstrument;
        if (kind.Is("subscribed"u8)) return Control(FeedMessageKind.Subscribed, instrument, batch);
        return kind.Is("book"u8) ? Book(instrument, fields, batch) : kind.Is("trade"u8) ? Trade(instrument, fields, batch) : Best(instrument, fields, batch);
    }

    private static QuarantineCause Control(FeedMessageKind kind, InstrumentId instrument, FeedBatch batch)
    {
        batch.AddControl(kind, instrument);
        return QuarantineCause.None;
    }

    private static QuarantineCause Book(InstrumentId instrument, in JsonPicked fields, FeedBatch batch)
    {
        var full = fields[Full].IsTrue;
        ref var message = ref batch.BeginMessage(full ? FeedMessageKind.BookSnapshot : FeedMessageKind.BookDelta, instrument);
        var cause = fields[Time].GetUnixMs(out message.Time);
        cause.KeepFirst(fields[Sequence].GetInt64(out message.LastUpdateId));
        if (!full) cause.KeepFirst(fields[Previous].GetInt64(out message.PreviousUpdateId));
        var kind = full ? MarketEventKind.BookSnapshot : MarketEventKind.BookDelta;
        if (cause == QuarantineCause.None) cause = FeedLevels.AddPairs(batch, kind, Side.Buy, fields[Bids]);
        if (cause == QuarantineCause.None) cause = FeedLevels.AddPairs(batch, kind, Side.Sell, fields[Asks]);
        batch.EndMessage();
        return cause;
    }

    private static QuarantineCause Trade(InstrumentId instrument, in JsonPicked fields, FeedBatch batch)
    {
        var side = fields[AggressorSide].Is("buy"u8) ? Side.Buy : fields[AggressorSide].Is("sell"u8) ? Side.Sell : Side.None;
        if (side == Side.None) return QuarantineCause.NumberOutOfRange;
        ref var message = ref batch.BeginMessage(FeedMessageKind.Trade, instrument);
        var cause = fields[Time].GetUnixMs(out message.Time);
        if (cause == QuarantineCause.None) cause = FeedLevels.Add(batch, MarketEventKind.Trade, side, fields[Price], fields[Quantity]);
        if (cause == QuarantineCause.None) cause = fields[Id].GetInt64(out batch.Events[^1].UpdateId);
        batch.EndMessage();
        return cause;
    }

    private static QuarantineCause Best(InstrumentId instrument, in JsonPicked fields, FeedBatch batch)
    {
        var cause = FeedLevels.SplitPair(fields[Bid], out var bid, out var bidSize);
        cause.KeepFirst(FeedLevels.SplitPair(fields[Ask], out var ask, out var askSize));
        if (cause != QuarantineCause.None) return cause;
        ref var message = ref batch.BeginMessage(FeedMessageKind.BestBidAsk, instrument);
        cause = fields[Time].GetUnixMs(out message.Time);
        cause.KeepFirst(fields[Sequence].GetInt64(out message.LastUpdateId));
        if (cause == QuarantineCause.None) cause = FeedLevels.Add(batch, MarketEventKind.BestBidAsk, Side.Buy, bid, bidSize);
        if (cause == QuarantineCause.None) cause = FeedLevels.Add(batch, MarketEventKind.BestBidAsk, Side.Sell, ask, askSize);
        batch.EndMessage();
        return cause;
    }
}
