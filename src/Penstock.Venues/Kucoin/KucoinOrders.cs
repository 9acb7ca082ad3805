using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Orders;

namespace Penstock.Venues.Kucoin;

/// <summary>
/// Order entry by REST and the private stream of KuCoin: a signed token call, a connection to where it says, a greeting, two
/// subscriptions, and ready when the orders topic is acknowledged.
/// </summary>
internal sealed class KucoinOrders : IOrderProtocol, IRestOrderEntry
{
    private readonly KucoinSigner _signer;
    private readonly KucoinAlterations _alterations = new();
    private readonly KucoinOrderEncoder _encoder;
    private readonly KucoinExecutionDecoder _decoder;
    private long _pings;
    private long _connects;

    public KucoinOrders(OrderContext context)
    {
        _signer = new KucoinSigner(context.Credentials);
        _encoder = new KucoinOrderEncoder(context, _signer, _alterations);
        _decoder = new KucoinExecutionDecoder(context, _alterations, Statistics);
        Queries = new KucoinOrderQueries(context, _signer, _decoder, _alterations, Statistics);
    }

    public OrderProtocolStatistics Statistics { get; } = new();

    public IAccountQueries Queries { get; }

    /// <summary>The whole URL, from the token call.</summary>
    public string ConnectPath { get; private set; } = "";

    public void Reset()
    {
        _decoder.Reset();
        _alterations.OnReconnected();
        ConnectPath = "";
    }

    public RestRequest? TokenRequest(long unixNs) => _signer.Post("/api/v1/bullet-private", null, 10, unixNs);

    public bool AcceptToken(ReadOnlySpan<byte> body)
    {
        var accepted = KucoinBullet.TryReadUrl(body, ++_connects, out var url);
        ConnectPath = url;
        return accepted;
    }

    /// <summary>Nothing: the token was the login, and the venue speaks first.</summary>
    public void WriteLogin(FrameWriter writer, long unixNs)
    {
    }

    public void WritePending(FrameWriter writer, long unixNs)
    {
        if (!_decoder.AwaitsSubscription) return;
        _decoder.AwaitsSubscription = false;
        WriteTopic("2"u8, "/account/balance"u8, writer);
        WriteTopic(KucoinExecutionDecoder.OrdersRequest, "/spotMarket/tradeOrdersV2"u8, writer);
    }

    public bool TryWritePing(FrameWriter writer)
    {
        writer.Append("{\"id\":\"p"u8).Append(++_pings).Append("\",\"type\":\"ping\"}"u8).EndFrame();
        return true;
    }

    public RejectReason WritePlace(in OrderRequest order, FrameWriter writer, long unixNs) => RejectReason.NotSupported;

    public RejectReason WriteCancel(in CancelRequest cancel, FrameWriter writer, long unixNs) => RejectReason.NotSupported;

    public RejectReason FormPlace(in OrderRequest order, long unixNs, out RestRequest? request) => _encoder.FormPlace(order, unixNs, out request);

    public QuarantineCause DecodePlace(in OrderRequest order, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch) =>
        _encoder.DecodePlace(order, httpStatus, body, batch);

    public RejectReason FormCancel(in CancelRequest cancel, long unixNs, out RestRequest? request) =>
        _encoder.FormCancel(cancel, unixNs, out request);

    public QuarantineCause DecodeCancel(in CancelRequest cancel, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch) =>
        _encoder.DecodeCancel(cancel, httpStatus, body, batch);

    public RejectReason FormAmend(in AmendRequest amend, long unixNs, out RestRequest? request) => _encoder.FormAmend(amend, unixNs, out request);

    public QuarantineCause DecodeAmend(in AmendRequest amend, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch) =>
        _encoder.DecodeAmend(amend, httpStatus, body, batch);

    public RejectReason FormCancelAll(Instrument instrument, long unixNs, out RestRequest? request)
    {
        request = _encoder.CancelAll(instrument, unixNs);
        return RejectReason.None;
    }

    public QuarantineCause DecodeCancelAll(Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch) =>
        KucoinOrderEncoder.DecodeCancelAll(httpStatus, body);

    public QuarantineCause Decode(ReadOnlySpan<byte> frame, ExecutionBatch batch) => _decoder.Decode(frame, batch);

    private static void WriteTopic(ReadOnlySpan<byte> id, ReadOnlySpan<byte> topic, FrameWriter writer) => writer
        .Append("{\"id\":\""u8).Append(id).Append("\",\"type\":\"subscribe\",\"topic\":\""u8).Append(topic)
        .Append("\",\"privateChannel\":true,\"response\":true}"u8).EndFrame();
}
