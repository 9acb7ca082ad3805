using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
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
    private readonly OkxOrderQueries _queries;

    public OkxOrders(OrderContext context)
    {
        var signer = new OkxSigner(context.Credentials);
        _encoder = new OkxOrderEncoder(context, signer);
        _decoder = new OkxExecutionDecoder(context, Statistics);
        _queries = new OkxOrderQueries(context, signer, _decoder, Statistics);
    }

    public OrderProtocolStatistics Statistics { get; } = new();

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

    public QuarantineCause Decode(ReadOnlySpan<byte> frame, ExecutionBatch batch) => _decoder.Decode(frame, batch);

    public RestRequest QueryOrder(ClientOrderId id, Text40 venueOrderId, Instrument instrument, long unixNs) =>
        _queries.QueryOrder(id, venueOrderId, instrument, unixNs);

    public QuarantineCause DecodeQuery(ClientOrderId id, Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch) =>
        _queries.DecodeQuery(id, instrument, httpStatus, body, batch);

    public RestRequest OpenOrders(Instrument instrument, long unixNs) => _queries.OpenOrders(instrument, unixNs);

    public QuarantineCause DecodeOpenOrders(Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch) =>
        _queries.DecodeOpenOrders(instrument, httpStatus, body, batch);

    public RestRequest Fills(Instrument instrument, ExchangeTime since, long unixNs) => _queries.Fills(instrument, since, unixNs);

    public QuarantineCause DecodeFills(Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch) =>
        _queries.DecodeFills(instrument, httpStatus, body, batch);

    public RestRequest Balances(long unixNs) => _queries.Balances(unixNs);

    public QuarantineCause DecodeBalances(int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch) =>
        _queries.DecodeBalances(httpStatus, body, batch);
}
