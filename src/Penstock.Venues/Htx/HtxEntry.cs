using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;

namespace Penstock.Venues.Htx;

/// <summary>The order socket's own conversation: login, and answers to pings.</summary>
internal sealed class HtxEntry(HtxSigner signer, HtxEntryDecoder decoder) : IEntryProtocol
{
    public void Reset() => decoder.Reset();

    public void WriteLogin(FrameWriter writer, long unixNs) => signer.WriteLogin("/ws/trade"u8, writer, unixNs);

    public void WritePending(FrameWriter writer, long unixNs)
    {
        if (decoder.TryTakePing(out var time)) HtxPong.Write(time, writer);
    }

    public bool TryWritePing(FrameWriter writer) => false;

    public QuarantineCause Decode(ReadOnlySpan<byte> frame, ExecutionBatch batch) => decoder.Decode(frame, batch);
}

/// <summary>The answer to a ping of the private sockets: its own time back.</summary>
internal static class HtxPong
{
    public static void Write(long time, FrameWriter writer) =>
        writer.Append("{\"action\":\"pong\",\"data\":{\"ts\":"u8).Append(time).Append("}}"u8).EndFrame();
}
