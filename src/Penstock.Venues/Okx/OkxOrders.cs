using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;
using Penstock.Model.Orders;

namespace Penstock.Venues.Okx;

/// <summary>
/// Order entry and private stream of OKX on one connection: log in, subscribe when the login is confirmed, and be ready
/// when the orders channel is.
/// </summary>
internal sealed class OkxOrders : IOrderProtocol
{
    private readonly OkxOrderEncoder _encoder;
    private readonly OkxExecutionDecoder _decoder;

    public OkxOrders(OrderContext context)
    {
        var signer = new OkxSigner(context.Credentials);
        var amendments = new OkxAmendments();
        _encoder = new OkxOrderEncoder(context, signer, amendments);
        _decoder = new OkxExecutionDecoder(context, amendments, Statistics);
        Queries = new OkxOrderQueries(context, signer, _decoder, Statistics);
    }

    public OrderProtocolStatistics Statistics { get; } = new();

    public IAccountQueries Queries { get; }

    public string ConnectPath => "";

    public void Reset() => _decoder.Reset();

    public RestRequest? TokenRequest(long unixNs) => null;

    public bool AcceptToken(ReadOnlySpan<byte> body) => true;

    public void WriteLogin(FrameWriter writer, long unixNs) => _encoder.WriteLogin(writer, unixNs);

    public void WritePending(FrameWriter writer, long unixNs)
    {
        if (!_decoder.AwaitsSubscription) return;
        _decoder.AwaitsSubscription = false;
        OkxOrderEncoder.WriteSubscribe(writer);
    }

    public bool TryWritePing(FrameWriter writer)
    {
        writer.Append("ping"u8).EndFrame();
        return true;
    }

    public RejectReason WritePlace(in OrderRequest order, FrameWriter writer, long unixNs) => _encoder.WritePlace(order, writer);

    public RejectReason WriteCancel(in CancelRequest cancel, FrameWriter writer, long unixNs) => _encoder.WriteCancel(cancel, writer);

    public RejectReason WriteAmend(in AmendRequest amend, FrameWriter writer, long unixNs) => _encoder.WriteAmend(amend, writer, unixNs);

    public QuarantineCause Decode(ReadOnlySpan<byte> frame, ExecutionBatch batch) => _decoder.Decode(frame, batch);
}
