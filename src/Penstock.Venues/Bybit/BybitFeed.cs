using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;

namespace Penstock.Venues.Bybit;

/// <summary>What a Bybit market-data connection sends; what it receives is <see cref="BybitFeedDecoder"/>'s business.</summary>
internal sealed class BybitFeed(FeedContext context) : IFeedProtocol
{
    /// <summary>Spot takes ten topics a request; three times three are below that, and the other markets take more.</summary>
    private const int InstrumentsPerFrameMax = 3;

    private readonly BybitFeedDecoder _decoder = new(context);
    private long _requestId;

    /// <summary>Fifty levels every 20 ms: the fastest of the deep books.</summary>
    private static ReadOnlySpan<byte> Book => "orderbook.50."u8;

    /// <summary>The best level every 10 ms; the spot ticker has no bid and ask.</summary>
    private static ReadOnlySpan<byte> Best => "orderbook.1."u8;

    private static ReadOnlySpan<byte> Trades => "publicTrade."u8;

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
                WriteTopic(Book, instruments[index], writer);
                writer.Append(","u8);
                WriteTopic(Trades, instruments[index], writer);
                writer.Append(","u8);
                WriteTopic(Best, instruments[index], writer);
            }

            EndRequest(writer);
        }
    }

    public void WriteResubscribe(Instrument instrument, FrameWriter writer)
    {
        BeginRequest("unsubscribe"u8, writer);
        WriteTopic(Book, instrument, writer);
        EndRequest(writer);
        BeginRequest("subscribe"u8, writer);
        WriteTopic(Book, instrument, writer);
        EndRequest(writer);
    }

    public bool TryWritePing(FrameWriter writer)
    {
        writer.Append("{\"req_id\":\""u8).Append(++_requestId).Append("\",\"op\":\"ping\"}"u8).EndFrame();
        return true;
    }

    public QuarantineCause Decode(ReadOnlySpan<byte> frame, FeedBatch batch) => _decoder.Decode(frame, batch);

    /// <summary>The REST book counts its ids in the space of the 1000-level topic; the snapshot comes on the socket.</summary>
    public RestRequest? SnapshotRequest(Instrument instrument) => null;

    public QuarantineCause DecodeSnapshot(Instrument instrument, ReadOnlySpan<byte> body, FeedBatch batch)
    {
        batch.Reset();
        return QuarantineCause.UnknownChannel;
    }

    private void BeginRequest(ReadOnlySpan<byte> operation, FrameWriter writer) =>
        writer.Append("{\"req_id\":\""u8).Append(++_requestId).Append("\",\"op\":\""u8).Append(operation).Append("\",\"args\":["u8);

    private static void WriteTopic(ReadOnlySpan<byte> topic, Instrument instrument, FrameWriter writer) =>
        writer.Append("\""u8).Append(topic).Append(instrument.VenueSymbol).Append("\""u8);

    private static void EndRequest(FrameWriter writer) => writer.Append("]}"u8).EndFrame();
}
