using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Orders;

namespace Penstock.Venues.Coinbase;

/// <summary>
/// Coinbase's private stream, which only tells, and its REST calls, which do: ready when the user channel is, orders placed,
/// cancelled and edited by signed calls.
/// </summary>
internal sealed class CoinbaseOrders : IOrderProtocol, IRestOrderEntry
{
    private readonly CoinbaseOpenOrders _open;
    private readonly CoinbaseOrderEncoder _encoder;
    private readonly CoinbaseExecutionDecoder _decoder;
    private readonly CoinbaseOrderAnswers _answers;

    public CoinbaseOrders(OrderContext context)
    {
        var signer = new CoinbaseSigner(context.Credentials);
        _open = new CoinbaseOpenOrders(Statistics);
        _encoder = new CoinbaseOrderEncoder(context, signer, _open);
        _decoder = new CoinbaseExecutionDecoder(context, _open, Statistics);
        _answers = new CoinbaseOrderAnswers(context, _open);
        Queries = new CoinbaseOrderQueries(context, signer, _open, Statistics);
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
    }

    public bool TryWritePing(FrameWriter writer) => false;

    public RejectReason WritePlace(in OrderRequest order, FrameWriter writer, long unixNs) => RejectReason.NotSupported;

    public RejectReason WriteCancel(in CancelRequest cancel, FrameWriter writer, long unixNs) => RejectReason.NotSupported;

    public QuarantineCause Decode(ReadOnlySpan<byte> frame, ExecutionBatch batch) => _decoder.Decode(frame, batch);

    public RejectReason FormPlace(in OrderRequest order, long unixNs, out RestRequest? request) => _encoder.FormPlace(order, unixNs, out request);

    public QuarantineCause DecodePlace(in OrderRequest order, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch) =>
        _answers.DecodePlace(order, httpStatus, body, batch);

    public RejectReason FormCancel(in CancelRequest cancel, long unixNs, out RestRequest? request) => _encoder.FormCancel(cancel, unixNs, out request);

    public QuarantineCause DecodeCancel(in CancelRequest cancel, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch) =>
        _answers.DecodeCancel(cancel, httpStatus, body, batch);

    public RejectReason FormAmend(in AmendRequest amend, long unixNs, out RestRequest? request) => _encoder.FormAmend(amend, unixNs, out request);

    public QuarantineCause DecodeAmend(in AmendRequest amend, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch) =>
        _answers.DecodeAmend(amend, httpStatus, body, batch);

    public RejectReason FormCancelAll(Instrument instrument, long unixNs, out RestRequest? request) =>
        _encoder.FormCancelAll(instrument, unixNs, out request);

    public QuarantineCause DecodeCancelAll(Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch) =>
        CoinbaseOrderAnswers.DecodeCancelAll(httpStatus, body);
}
