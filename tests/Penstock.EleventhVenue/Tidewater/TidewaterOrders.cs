using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;
using Penstock.Model.Orders;

namespace Penstock.EleventhVenue.Tidewater;

/// <summary>Order entry and private stream on one connection, which is ready when it is logged in.</summary>
internal sealed class TidewaterOrders : IOrderProtocol
{
    private readonly TidewaterOrderEncoder _encoder;
    private readonly TidewaterExecutionDecoder _decoder;

    public TidewaterOrders(OrderContext context)
    {
        var signer = new TidewaterSigner(context.Credentials);
        _encoder = new TidewaterOrderEncoder(context, signer);
        _decoder = new TidewaterExecutionDecoder(context);
        Queries = new TidewaterOrderQueries(context, signer);
    }

    public IAccountQueries Queries { get; }

    public string ConnectPath => "";

    public void Reset()
    {
    }

    public RestRequest? TokenRequest(long unixNs) => null;

    public bool AcceptToken(ReadOnlySpan<byte> body) => true;

    public void WriteLogin(FrameWriter writer, long unixNs) => _encoder.WriteLogin(writer, unixNs);

    public void WritePending(FrameWriter writer, long unixNs)
    {
    }

    public bool TryWritePing(FrameWriter writer)
    {
        writer.Append("{\"do\":\"ping\"}"u8).EndFrame();
        return true;
    }

    public RejectReason WritePlace(in OrderRequest order, FrameWriter writer, long unixNs) => _encoder.WritePlace(order, writer);

    public RejectReason WriteCancel(in CancelRequest cancel, FrameWriter writer, long unixNs) => TidewaterOrderEncoder.WriteCancel(cancel, writer);

    public QuarantineCause Decode(ReadOnlySpan<byte> frame, ExecutionBatch batch) => _decoder.Decode(frame, batch);
}
