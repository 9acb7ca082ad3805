using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Orders;

namespace Penstock.Venues.Bitstamp;

/// <summary>
/// Orders by REST, what becomes of them on a socket: a token, fetched by a signed call, opens two private channels for each
/// market, and the session is ready when all are confirmed.
/// </summary>
internal sealed class BitstampOrders : IOrderProtocol, IRestOrderEntry
{
    private readonly BitstampOrderEncoder _encoder;
    private readonly BitstampExecutionDecoder _decoder;
    private readonly BitstampOrderAnswers _answers;
    private readonly BitstampOrderQueries _queries;

    public BitstampOrders(OrderContext context)
    {
        var signer = new BitstampSigner(context.Credentials);
        _decoder = new BitstampExecutionDecoder(context, Statistics);
        _answers = new BitstampOrderAnswers(context, _decoder);
        _encoder = new BitstampOrderEncoder(context, signer);
        _queries = new BitstampOrderQueries(context, signer, Statistics);
    }

    public OrderProtocolStatistics Statistics { get; } = new();

    public IAccountQueries Queries => _queries;

    public string ConnectPath => "";

    public void Reset() => _decoder.Reset();

    public RestRequest? TokenRequest(long unixNs) => _queries.Token(unixNs);

    public bool AcceptToken(ReadOnlySpan<byte> body) => _encoder.TryTakeToken(body);

    public void WriteLogin(FrameWriter writer, long unixNs) => _encoder.WriteSubscribe(writer, _decoder);

    public void WritePending(FrameWriter writer, long unixNs)
    {
    }

    public bool TryWritePing(FrameWriter writer)
    {
        writer.Append("{\"event\":\"bts:heartbeat\"}"u8).EndFrame();
        return true;
    }

    /// <summary>The socket takes no orders.</summary>
    public RejectReason WritePlace(in OrderRequest order, FrameWriter writer, long unixNs) => RejectReason.NotSupported;

    public RejectReason WriteCancel(in CancelRequest cancel, FrameWriter writer, long unixNs) => RejectReason.NotSupported;

    public RejectReason FormPlace(in OrderRequest order, long unixNs, out RestRequest? request) => _encoder.FormPlace(order, unixNs, out request);

    public QuarantineCause DecodePlace(in OrderRequest order, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch) =>
        _answers.DecodePlace(order, body, batch);

    public RejectReason FormCancel(in CancelRequest cancel, long unixNs, out RestRequest? request) => _encoder.FormCancel(cancel, unixNs, out request);

    public QuarantineCause DecodeCancel(in CancelRequest cancel, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch) =>
        _answers.DecodeCancel(cancel, body, batch);

    public RejectReason FormAmend(in AmendRequest amend, long unixNs, out RestRequest? request) => _encoder.FormAmend(amend, unixNs, out request);

    public QuarantineCause DecodeAmend(in AmendRequest amend, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch) =>
        _answers.DecodeAmend(amend, body, batch);

    public RejectReason FormCancelAll(Instrument instrument, long unixNs, out RestRequest? request) =>
        _encoder.FormCancelAll(instrument, unixNs, out request);

    public QuarantineCause DecodeCancelAll(Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch) =>
        BitstampOrderAnswers.DecodeCancelAll(body);

    public QuarantineCause Decode(ReadOnlySpan<byte> frame, ExecutionBatch batch) => _decoder.Decode(frame, batch);
}
