using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;

namespace Penstock.EleventhVenue.Tidewater;

/// <summary>What a market-data connection sends.</summary>
internal sealed class TidewaterFeed(FeedContext context) : IFeedProtocol
{
    private readonly TidewaterFeedDecoder _decoder = new(context);

    public void Reset()
    {
    }

    public string ConnectPath(IReadOnlyList<Instrument> instruments) => "";

    public void WriteSubscribe(IReadOnlyList<Instrument> instruments, FrameWriter writer)
    {
        foreach (var instrument in instruments) Write("sub"u8, instrument, writer);
    }

    public void WriteResubscribe(Instrument instrument, FrameWriter writer)
    {
        Write("unsub"u8, instrument, writer);
        Write("sub"u8, instrument, writer);
    }

    public bool TryWritePing(FrameWriter writer)
    {
        writer.Append("{\"do\":\"ping\"}"u8).EndFrame();
        return true;
    }

    public QuarantineCause Decode(ReadOnlySpan<byte> frame, FeedBatch batch) => _decoder.Decode(frame, batch);

    public RestRequest? SnapshotRequest(Instrument instrument) => null;

    public QuarantineCause DecodeSnapshot(Instrument instrument, ReadOnlySpan<byte> body, FeedBatch batch)
    {
        batch.Reset();
        return QuarantineCause.UnknownChannel;
    }

    private static void Write(ReadOnlySpan<byte> what, Instrument instrument, FrameWriter writer) =>
        writer.Append("{\"do\":\""u8).Append(what).Append("\",\"symbol\":\""u8).Append(instrument.VenueSymbol).Append("\"}"u8).EndFrame();
}
