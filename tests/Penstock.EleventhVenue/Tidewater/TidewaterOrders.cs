using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.EleventhVenue.Tidewater;

/// <summary>Order entry and private stream on one connection, which is ready when it is logged in.</summary>
internal sealed class TidewaterOrders : IOrderProtocol
{
    private readonly TidewaterOrderEncoder _encoder;
    private readonly TidewaterExecutionDecoder _decoder;
    private readonly TidewaterOrderQueries _queries;

    public TidewaterOrders(OrderContext context)
    {
        var signer = new TidewaterSigner(context.Credentials);
        _encoder = new TidewaterOrderEncoder(context, signer);
        _decoder = new TidewaterExecutionDecoder(context);
        _queries = new TidewaterOrderQueries(context, signer);
    }

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

    public RestRequest QueryOrder(ClientOrderId id, Text40 venueOrderId, Instrument instrument, long unixNs) => _queries.QueryOrder(id, venueOrderId, unixNs);

    public QuarantineCause DecodeQuery(ClientOrderId id, Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch) =>
        _queries.DecodeQuery(id, instrument, body, batch);

    public RestRequest OpenOrders(Instrument instrument, long unixNs) => _queries.OpenOrders(instrument, unixNs);

    public QuarantineCause DecodeOpenOrders(Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch) =>
        _queries.DecodeOpenOrders(body, batch);

    public RestRequest Fills(Instrument instrument, ExchangeTime since, long unixNs) => _queries.Fills(instrument, since, unixNs);

    public QuarantineCause DecodeFills(Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch) => _queries.DecodeFills(body, batch);

    public RestRequest Balances(long unixNs) => _queries.Balances(unixNs);

    public QuarantineCause DecodeBalances(int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch) => _queries.DecodeBalances(body, batch);
}
