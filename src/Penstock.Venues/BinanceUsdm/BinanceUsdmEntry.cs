using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;

namespace Penstock.Venues.BinanceUsdm;

/// <summary>
/// The conversation on the WebSocket API beside the orders themselves: no login, for every order is signed; the listen key of the private
/// stream is kept from here.
/// </summary>
internal sealed class BinanceUsdmEntry(BinanceUsdmOrderEncoder encoder, BinanceUsdmExecutionDecoder decoder) : IEntryProtocol
{
    /// <summary>A third of the key's hour, for a connection too busy to be pinged.</summary>
    private const long KeepIntervalNs = 20L * 60 * 1_000_000_000;

    private long _keptUnixNs;

    public void Reset() => _keptUnixNs = 0;

    public void WriteLogin(FrameWriter writer, long unixNs)
    {
        _keptUnixNs = unixNs;
        encoder.WriteStart(writer);
    }

    public void WritePending(FrameWriter writer, long unixNs)
    {
        if (unixNs - _keptUnixNs < KeepIntervalNs) return;
        _keptUnixNs = unixNs;
        encoder.WriteKeep(writer);
    }

    public bool TryWritePing(FrameWriter writer)
    {
        encoder.WriteKeep(writer);
        return true;
    }

    public QuarantineCause Decode(ReadOnlySpan<byte> frame, ExecutionBatch batch) => decoder.Decode(frame, batch);
}
