using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;

namespace Penstock.Venues.Bitfinex;

/// <summary>What a Bitfinex market-data connection sends; what it receives is <see cref="BitfinexFeedDecoder"/>'s business.</summary>
internal sealed class BitfinexFeed(FeedContext context) : IFeedProtocol
{
    private readonly BitfinexFeedDecoder _decoder = new(context);
    private long _pings;

    public void Reset() => _decoder.Reset();

    public string ConnectPath(IReadOnlyList<Instrument> instruments) => "";

    /// <summary>The flags first: the count has to cover every frame of every channel.</summary>
    public void WriteSubscribe(IReadOnlyList<Instrument> instruments, FrameWriter writer)
    {
        writer.Append("{\"event\":\"conf\",\"flags\":"u8).Append(BitfinexFeedDecoder.SequenceFlag | BitfinexFeedDecoder.ChecksumFlag)
            .Append("}"u8).EndFrame();
        foreach (var instrument in instruments)
        {
            WriteBook(instrument, writer);
            writer.Append("{\"event\":\"subscribe\",\"channel\":\"trades\",\"symbol\":\""u8).Append(instrument.VenueSymbol)
                .Append("\"}"u8).EndFrame();
        }
    }

    public void WriteResubscribe(Instrument instrument, FrameWriter writer)
    {
        if (_decoder.Channels.TryFind(BitfinexChannelKind.Book, instrument.Id, out var channel))
            writer.Append("{\"event\":\"unsubscribe\",\"chanId\":"u8).Append(channel.Id).Append("}"u8).EndFrame();
        WriteBook(instrument, writer);
    }

    public bool TryWritePing(FrameWriter writer)
    {
        writer.Append("{\"event\":\"ping\",\"cid\":"u8).Append(++_pings).Append("}"u8).EndFrame();
        return true;
    }

    public QuarantineCause Decode(ReadOnlySpan<byte> frame, FeedBatch batch) => _decoder.Decode(frame, batch);

    /// <summary>The REST book has no place in the connection's count; the snapshot comes on the socket.</summary>
    public RestRequest? SnapshotRequest(Instrument instrument) => null;

    public QuarantineCause DecodeSnapshot(Instrument instrument, ReadOnlySpan<byte> body, FeedBatch batch)
    {
        batch.Reset();
        return QuarantineCause.UnknownChannel;
    }

    private static void WriteBook(Instrument instrument, FrameWriter writer) =>
        writer.Append("{\"event\":\"subscribe\",\"channel\":\"book\",\"symbol\":\""u8).Append(instrument.VenueSymbol)
            .Append("\",\"prec\":\"P0\",\"freq\":\"F0\",\"len\":\""u8).Append(BitfinexBookSync.Depth).Append("\"}"u8).EndFrame();
}
