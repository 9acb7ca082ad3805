using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;

namespace Penstock.Venues.Htx;

/// <summary>What an HTX market-data connection sends; what it receives is <see cref="HtxFeedDecoder"/>'s business.</summary>
internal sealed class HtxFeed(FeedContext context) : IFeedProtocol
{
    private readonly HtxFeedDecoder _decoder = new(context);

    private static ReadOnlySpan<byte> Book => "mbp.150"u8;

    public void Reset() => _decoder.Reset();

    public string ConnectPath(IReadOnlyList<Instrument> instruments) => "";

    /// <summary>The book first: the images asked for after its first delta then wait behind nothing.</summary>
    public void WriteSubscribe(IReadOnlyList<Instrument> instruments, FrameWriter writer)
    {
        foreach (var instrument in instruments) Write("sub"u8, instrument, Book, writer);
        foreach (var instrument in instruments)
        {
            Write("sub"u8, instrument, "trade.detail"u8, writer);
            Write("sub"u8, instrument, "bbo"u8, writer);
        }
    }

    public void WriteResubscribe(Instrument instrument, FrameWriter writer)
    {
        Write("unsub"u8, instrument, Book, writer);
        Write("sub"u8, instrument, Book, writer);
    }

    /// <summary>Image and deltas share their numbers only on one socket (venues/htx.md §2).</summary>
    public bool WriteSnapshotRequest(Instrument instrument, FrameWriter writer)
    {
        Write("req"u8, instrument, Book, writer);
        return true;
    }

    /// <summary>Only the venue pings.</summary>
    public bool TryWritePing(FrameWriter writer) => false;

    /// <summary>The answer carries the number of the venue's ping.</summary>
    public void WritePending(FrameWriter writer)
    {
        if (!_decoder.TryTakePing(out var number)) return;
        writer.Append("{\"pong\":"u8).Append(number).Append("}"u8).EndFrame();
    }

    public QuarantineCause Decode(ReadOnlySpan<byte> frame, FeedBatch batch) => _decoder.Decode(frame, batch);

    /// <summary>The REST book has no number to connect deltas to.</summary>
    public RestRequest? SnapshotRequest(Instrument instrument) => null;

    public QuarantineCause DecodeSnapshot(Instrument instrument, ReadOnlySpan<byte> body, FeedBatch batch)
    {
        batch.Reset();
        return QuarantineCause.UnknownChannel;
    }

    /// <summary>The id is the symbol: an error names nothing else.</summary>
    private static void Write(ReadOnlySpan<byte> verb, Instrument instrument, ReadOnlySpan<byte> channel, FrameWriter writer) => writer
        .Append("{\""u8).Append(verb).Append("\":\"market."u8).Append(instrument.VenueSymbol).Append("."u8).Append(channel)
        .Append("\",\"id\":\""u8).Append(instrument.VenueSymbol).Append("\"}"u8).EndFrame();
}
