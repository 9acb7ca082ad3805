using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;

namespace Penstock.Venues.Okx;

/// <summary>What an OKX market-data connection sends; what it receives is <see cref="OkxFeedDecoder"/>'s business.</summary>
internal sealed class OkxFeed(FeedContext context) : IFeedProtocol
{
    /// <summary>480 requests an hour and 64 KB a request are allowed: few large frames, each well below that size.</summary>
    private const int InstrumentsPerFrameMax = 100;

    private readonly OkxFeedDecoder _decoder = new(context);
    private long _requestId;

    public void Reset() => _decoder.Reset();

    public string ConnectPath(IReadOnlyList<Instrument> instruments) => "";

    public void WriteSubscribe(IReadOnlyList<Instrument> instruments, FrameWriter writer)
    {
        for (var first = 0; first < instruments.Count; first += InstrumentsPerFrameMax)
        {
            BeginRequest("subscribe"u8, writer);
            var end = Math.Min(instruments.Count, first + InstrumentsPerFrameMax);
            for (var index = first; index < end; index++)
            {
                if (index > first) writer.Append(","u8);
                WriteArgument("books"u8, instruments[index], writer);
                WriteArgument(","u8, "trades"u8, instruments[index], writer);
                WriteArgument(","u8, "bbo-tbt"u8, instruments[index], writer);
            }

            EndRequest(writer);
        }
    }

    public void WriteResubscribe(Instrument instrument, FrameWriter writer)
    {
        BeginRequest("unsubscribe"u8, writer);
        WriteArgument("books"u8, instrument, writer);
        EndRequest(writer);
        BeginRequest("subscribe"u8, writer);
        WriteArgument("books"u8, instrument, writer);
        EndRequest(writer);
    }

    /// <summary>Four letters, not JSON.</summary>
    public bool TryWritePing(FrameWriter writer)
    {
        writer.Append("ping"u8);
        writer.EndFrame();
        return true;
    }

    public QuarantineCause Decode(ReadOnlySpan<byte> frame, FeedBatch batch) => _decoder.Decode(frame, batch);

    /// <summary>The REST book has no sequence id; the snapshot comes on the socket.</summary>
    public RestRequest? SnapshotRequest(Instrument instrument) => null;

    public QuarantineCause DecodeSnapshot(Instrument instrument, ReadOnlySpan<byte> body, FeedBatch batch)
    {
        batch.Reset();
        return QuarantineCause.UnknownChannel;
    }

    private void BeginRequest(ReadOnlySpan<byte> operation, FrameWriter writer) =>
        writer.Append("{\"id\":\""u8).Append(++_requestId).Append("\",\"op\":\""u8).Append(operation).Append("\",\"args\":["u8);

    private static void WriteArgument(ReadOnlySpan<byte> separator, ReadOnlySpan<byte> channel, Instrument instrument, FrameWriter writer)
    {
        writer.Append(separator);
        WriteArgument(channel, instrument, writer);
    }

    private static void WriteArgument(ReadOnlySpan<byte> channel, Instrument instrument, FrameWriter writer) =>
        writer.Append("{\"channel\":\""u8).Append(channel).Append("\",\"instId\":\""u8).Append(instrument.VenueSymbol).Append("\"}"u8);

    private static void EndRequest(FrameWriter writer)
    {
        writer.Append("]}"u8);
        writer.EndFrame();
    }
}
