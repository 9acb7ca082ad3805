using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;

namespace Penstock.MarketData.Importing;

/// <summary>
/// Reads the frames that imports of normalised data consist of: <c>trade</c> and <c>book_change</c> in the shape of tardis-machine
/// (docs.tardis.dev, tardis-machine output data types). No venue sends them; there is nothing to subscribe.
/// </summary>
internal sealed class NormalisedFeed(FeedContext context) : IFeedProtocol
{
    public void Reset()
    {
    }

    public string ConnectPath(IReadOnlyList<Instrument> instruments) => "";

    public void WriteSubscribe(IReadOnlyList<Instrument> instruments, FrameWriter writer)
    {
    }

    public void WriteResubscribe(Instrument instrument, FrameWriter writer)
    {
    }

    public bool TryWritePing(FrameWriter writer) => false;

    public RestRequest? SnapshotRequest(Instrument instrument) => null;

    public QuarantineCause DecodeSnapshot(Instrument instrument, ReadOnlySpan<byte> body, FeedBatch batch) => QuarantineCause.UnknownChannel;

    public QuarantineCause Decode(ReadOnlySpan<byte> frame, FeedBatch batch)
    {
        batch.Reset();
        var cause = JsonValue.Parse(frame, out var root);
        if (cause == QuarantineCause.None && !root.IsObject) cause = QuarantineCause.Malformed;
        return batch.Finish(cause != QuarantineCause.None ? cause : DecodeMessage(root, batch));
    }

    private QuarantineCause DecodeMessage(JsonValue root, FeedBatch batch)
    {
        var type = root["type"u8];
        var isBook = type.Is("book_change"u8);
        if (!isBook && !type.Is("trade"u8)) return QuarantineCause.UnknownChannel;
        Span<byte> scratch = stackalloc byte[64];
        if (!root["symbol"u8].TryGetText(scratch, out var symbol) || symbol.IsEmpty) return QuarantineCause.Malformed;
        if (!context.Instruments.TryFind(context.Venue, symbol, out var instrument)) return QuarantineCause.UnknownInstrument;
        return isBook ? DecodeBook(root, instrument, batch) : DecodeTrade(root, instrument, batch);
    }

    private static QuarantineCause DecodeTrade(JsonValue root, InstrumentId instrument, FeedBatch batch)
    {
        var side = root["side"u8];
        var aggressor = side.Is("buy"u8) ? Side.Buy : side.Is("sell"u8) ? Side.Sell : Side.None;
        if (aggressor == Side.None && !side.Is("unknown"u8)) return QuarantineCause.Malformed;
        ref var message = ref batch.BeginMessage(FeedMessageKind.Trade, instrument);
        if (!IsoTime.TryParse(root["timestamp"u8].Text, out message.Time)) return QuarantineCause.Malformed;
        var cause = FeedLevels.Add(batch, MarketEventKind.Trade, aggressor, root["price"u8], root["amount"u8]);
        if (cause == QuarantineCause.None && root["id"u8].IsString) batch.Events[^1].UpdateId = TradeIdNumber.Of(root["id"u8].Text);
        batch.EndMessage();
        return cause;
    }

    private static QuarantineCause DecodeBook(JsonValue root, InstrumentId instrument, FeedBatch batch)
    {
        var flag = root["isSnapshot"u8];
        if (!flag.IsTrue && !flag.IsFalse) return QuarantineCause.Malformed;
        ref var message = ref batch.BeginMessage(flag.IsTrue ? FeedMessageKind.BookSnapshot : FeedMessageKind.BookDelta, instrument);
        if (!IsoTime.TryParse(root["timestamp"u8].Text, out message.Time)) return QuarantineCause.Malformed;
        var cause = AddLevels(root["bids"u8], Side.Buy, flag.IsTrue, batch);
        if (cause == QuarantineCause.None) cause = AddLevels(root["asks"u8], Side.Sell, flag.IsTrue, batch);
        batch.EndMessage();
        return cause;
    }

    private static QuarantineCause AddLevels(JsonValue levels, Side side, bool snapshot, FeedBatch batch)
    {
        if (!levels.IsArray) return QuarantineCause.Malformed;
        foreach (var level in levels.Elements)
        {
            if (!level.IsObject) return QuarantineCause.Malformed;
            var cause = FeedLevels.Add(batch, snapshot ? MarketEventKind.BookSnapshot : MarketEventKind.BookDelta, side, level["price"u8], level["amount"u8]);
            if (cause != QuarantineCause.None) return cause;
        }

        return QuarantineCause.None;
    }
}
