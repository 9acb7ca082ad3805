using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;

namespace Penstock.Venues.Bybit;

/// <summary>The conversation on the trade socket beside the orders themselves: one login, pings, answers.</summary>
internal sealed class BybitEntry(BybitOrderEncoder encoder, BybitExecutionDecoder decoder) : IEntryProtocol
{
    /// <summary>Nothing is remembered between frames: an answer names what it answers.</summary>
    public void Reset()
    {
    }

    public void WriteLogin(FrameWriter writer, long unixNs) => encoder.WriteLogin(writer, unixNs);

    public void WritePending(FrameWriter writer, long unixNs)
    {
    }

    public bool TryWritePing(FrameWriter writer)
    {
        BybitOrderEncoder.WritePing(writer);
        return true;
    }

    public QuarantineCause Decode(ReadOnlySpan<byte> frame, ExecutionBatch batch) => decoder.Decode(frame, batch);
}
