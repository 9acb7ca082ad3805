using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Orders;

namespace Penstock.Venues.Bybit;

/// <summary>
/// Order side of Bybit on two connections: the private stream logs in, subscribes when the login is confirmed, and is ready when
/// the topics are; the trade socket logs in and is ready.
/// </summary>
internal sealed class BybitOrders : IOrderProtocol, IRestCancelAll
{
    private readonly BybitOrderEncoder _encoder;
    private readonly BybitExecutionDecoder _decoder;
    private readonly BybitOrderQueries _queries;
    private readonly BybitEntry _entry;

    public BybitOrders(OrderContext context)
    {
        var signer = new BybitSigner(context.Credentials);
        var amends = new BybitAmendTable(Statistics);
        _encoder = new BybitOrderEncoder(context, signer, amends);
        _decoder = new BybitExecutionDecoder(context, Statistics, amends);
        _entry = new BybitEntry(_encoder, _decoder);
        _queries = new BybitOrderQueries(context, signer, _decoder, Statistics);
    }

    public OrderProtocolStatistics Statistics { get; } = new();

    public IAccountQueries Queries => _queries;

    public string ConnectPath => "";

    public IEntryProtocol Entry => _entry;

    public void Reset() => _decoder.Reset();

    public RestRequest? TokenRequest(long unixNs) => null;

    public bool AcceptToken(ReadOnlySpan<byte> body) => true;

    public void WriteLogin(FrameWriter writer, long unixNs) => _encoder.WriteLogin(writer, unixNs);

    public void WritePending(FrameWriter writer, long unixNs)
    {
        if (!_decoder.AwaitsSubscription) return;
        _decoder.AwaitsSubscription = false;
        BybitOrderEncoder.WriteSubscribe(writer);
    }

    public bool TryWritePing(FrameWriter writer)
    {
        BybitOrderEncoder.WritePing(writer);
        return true;
    }

    public RejectReason WritePlace(in OrderRequest order, FrameWriter writer, long unixNs) => _encoder.WritePlace(order, writer, unixNs);

    public RejectReason WriteCancel(in CancelRequest cancel, FrameWriter writer, long unixNs) => _encoder.WriteCancel(cancel, writer, unixNs);

    public RejectReason WriteAmend(in AmendRequest amend, FrameWriter writer, long unixNs) => _encoder.WriteAmend(amend, writer, unixNs);

    public QuarantineCause Decode(ReadOnlySpan<byte> frame, ExecutionBatch batch) => _decoder.Decode(frame, batch);

    public RejectReason FormCancelAll(Instrument instrument, long unixNs, out RestRequest? request)
    {
        request = _queries.CancelAll(instrument, unixNs);
        return RejectReason.None;
    }

    public QuarantineCause DecodeCancelAll(Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch) =>
        BybitOrderQueries.DecodeCancelAll(httpStatus, body);
}
