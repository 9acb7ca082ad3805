using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
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
    private readonly GateioOrderQueries _queries;
    private long _unixSeconds;

    public GateioOrders(OrderContext context)
    {
        var signer = new GateioSigner(context.Credentials);
        _encoder = new GateioOrderEncoder(context, signer);
        _decoder = new GateioExecutionDecoder(context, Statistics);
        _queries = new GateioOrderQueries(context, signer, _decoder, Statistics);
    }

    public OrderProtocolStatistics Statistics { get; } = new();

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
