using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;

namespace Penstock.Venues.Kraken;

/// <summary>What a Kraken market-data connection sends; what it receives is <see cref="KrakenFeedDecoder"/>'s business.</summary>
internal sealed class KrakenFeed(FeedContext context) : IFeedProtocol
{
    private const int SymbolsPerFrameMax = 100;

    private readonly KrakenFeedDecoder _decoder = new(context);
    private long _requestId;

    public void Reset() => _decoder.Reset();

    public string ConnectPath(IReadOnlyList<Instrument> instruments) => "";

    public void WriteSubscribe(IReadOnlyList<Instrument> instruments, FrameWriter writer)
    {
        for (var first = 0; first < instruments.Count; first += SymbolsPerFrameMax)
        {
            var end = Math.Min(instruments.Count, first + SymbolsPerFrameMax);
            WriteBook("subscribe"u8, instruments, first, end, writer);
            BeginRequest("subscribe"u8, "trade"u8, instruments, first, end, writer);
            EndRequest(",\"snapshot\":false"u8, writer);

            // The venue's default trigger is trades: the best bid and ask would be stale between them.
            BeginRequest("subscribe"u8, "ticker"u8, instruments, first, end, writer);
            EndRequest(",\"event_trigger\":\"bbo\",\"snapshot\":true"u8, writer);
        }
    }

    public void WriteResubscribe(Instrument instrument, FrameWriter writer)
    {
        Instrument[] one = [instrument];
        WriteBook("unsubscribe"u8, one, 0, 1, writer);
        WriteBook("subscribe"u8, one, 0, 1, writer);
    }

    public bool TryWritePing(FrameWriter writer)
    {
        writer.Append("{\"method\":\"ping\",\"req_id\":"u8).Append(++_requestId).Append("}"u8);
        writer.EndFrame();
        return true;
    }

    public QuarantineCause Decode(ReadOnlySpan<byte> frame, FeedBatch batch) => _decoder.Decode(frame, batch);

    /// <summary>The REST book has no relation to the stream; the snapshot comes on the socket.</summary>
    public RestRequest? SnapshotRequest(Instrument instrument) => null;

    public QuarantineCause DecodeSnapshot(Instrument instrument, ReadOnlySpan<byte> body, FeedBatch batch)
    {
        batch.Reset();
        return QuarantineCause.UnknownChannel;
    }

    private void WriteBook(ReadOnlySpan<byte> method, IReadOnlyList<Instrument> instruments, int first, int end, FrameWriter writer)
    {
        BeginRequest(method, "book"u8, instruments, first, end, writer);
        writer.Append(",\"depth\":"u8).Append(KrakenBookSync.Depth);
        EndRequest(method.SequenceEqual("subscribe"u8) ? ",\"snapshot\":true"u8 : ""u8, writer);
    }

    private static void BeginRequest(
        ReadOnlySpan<byte> method, ReadOnlySpan<byte> channel, IReadOnlyList<Instrument> instruments, int first, int end,
        FrameWriter writer)
    {
        writer.Append("{\"method\":\""u8).Append(method)
            .Append("\",\"params\":{\"channel\":\""u8).Append(channel).Append("\",\"symbol\":["u8);
        for (var index = first; index < end; index++)
            writer.Append(index == first ? "\""u8 : ",\""u8).Append(instruments[index].VenueSymbol).Append("\""u8);
        writer.Append("]"u8);
    }

    private void EndRequest(ReadOnlySpan<byte> parameters, FrameWriter writer)
    {
        writer.Append(parameters).Append("},\"req_id\":"u8).Append(++_requestId).Append("}"u8);
        writer.EndFrame();
    }
}
