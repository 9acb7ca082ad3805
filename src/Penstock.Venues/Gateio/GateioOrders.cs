using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Orders;

namespace Penstock.Venues.Gateio;

/// <summary>
/// Order entry and private channels of Gate on one connection: log in and subscribe in one go, and be ready when all of it
/// is confirmed.
/// </summary>
internal sealed class GateioOrders : IOrderProtocol
{
    private readonly GateioOrderEncoder _encoder;
    private readonly GateioExecutionDecoder _decoder;
    private long _unixSeconds;

    public GateioOrders(OrderContext context)
    {
        var signer = new GateioSigner(context.Credentials);
        _encoder = new GateioOrderEncoder(context, signer);
        _decoder = new GateioExecutionDecoder(context, Statistics);
        Queries = new GateioOrderQueries(context, signer, _decoder, Statistics);
    }

    public OrderProtocolStatistics Statistics { get; } = new();

    public IAccountQueries Queries { get; }

    public string ConnectPath => "";

    public void Reset() => _decoder.Reset();

    public RestRequest? TokenRequest(long unixNs) => null;

    public bool AcceptToken(ReadOnlySpan<byte> body) => true;

    public void WriteLogin(FrameWriter writer, long unixNs)
    {
        _unixSeconds = unixNs / 1_000_000_000;
        _encoder.WriteLogin(writer, unixNs);
    }

    /// <summary>Nothing follows; the time is kept for the next ping, which has to name one.</summary>
    public void WritePending(FrameWriter writer, long unixNs) => _unixSeconds = unixNs / 1_000_000_000;

    public bool TryWritePing(FrameWriter writer)
    {
        GateioOrderEncoder.WritePing(writer, _unixSeconds);
        return true;
    }

    public RejectReason WritePlace(in OrderRequest order, FrameWriter writer, long unixNs) => _encoder.WritePlace(order, writer, unixNs);

    public RejectReason WriteCancel(in CancelRequest cancel, FrameWriter writer, long unixNs) => _encoder.WriteCancel(cancel, writer, unixNs);

    public RejectReason WriteAmend(in AmendRequest amend, FrameWriter writer, long unixNs) => _encoder.WriteAmend(amend, writer, unixNs);

    public RejectReason WriteCancelAll(Instrument instrument, FrameWriter writer, long unixNs) =>
        GateioOrderEncoder.WriteCancelAll(instrument, writer, unixNs);

    public QuarantineCause Decode(ReadOnlySpan<byte> frame, ExecutionBatch batch) => _decoder.Decode(frame, batch);
}
