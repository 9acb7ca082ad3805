using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Orders;
using Penstock.Venues.Binance;

namespace Penstock.Venues.BinanceUsdm;

/// <summary>
/// Order side of Binance USDⓈ-M on two connections: the private stream, opened by a listen key and ready when it answers a question; the
/// WebSocket API, on which every order is signed and the key is kept. A key that expired is replaced with its connection.
/// </summary>
internal sealed class BinanceUsdmOrders : IOrderProtocol, IRestCancelAll
{
    private readonly BinanceUsdmAccount _account;
    private readonly BinanceUsdmOrderEncoder _encoder;
    private readonly BinanceUsdmExecutionDecoder _decoder;
    private readonly BinanceUsdmOrderQueries _queries;
    private readonly BinanceUsdmEntry _entry;

    public BinanceUsdmOrders(OrderContext context)
    {
        var signer = new BinanceSigner(context.Credentials);
        _account = new BinanceUsdmAccount(context);
        _encoder = new BinanceUsdmOrderEncoder(context, signer);
        _decoder = new BinanceUsdmExecutionDecoder(context, _account, Statistics);
        _queries = new BinanceUsdmOrderQueries(context, signer, _account, Statistics);
        _entry = new BinanceUsdmEntry(_encoder, _decoder);
    }

    public OrderProtocolStatistics Statistics { get; } = new();

    public IAccountQueries Queries => _queries;

    /// <summary>The listen key, from the token call.</summary>
    public string ConnectPath { get; private set; } = "";

    public IEntryProtocol Entry => _entry;

    public void Reset() => _account.Reset();

    public RestRequest? TokenRequest(long unixNs) => _queries.ListenKey();

    public bool AcceptToken(ReadOnlySpan<byte> body)
    {
        var accepted = BinanceUsdmOrderQueries.TryReadListenKey(body, out var key);
        ConnectPath = accepted ? $"?listenKey={key}" : "";
        return accepted;
    }

    /// <summary>The key was the login; the stream says nothing by itself, so it is asked something.</summary>
    public void WriteLogin(FrameWriter writer, long unixNs) => writer.Append("{\"method\":\"LIST_SUBSCRIPTIONS\",\"id\":1}"u8).EndFrame();

    public void WritePending(FrameWriter writer, long unixNs)
    {
    }

    public bool TryWritePing(FrameWriter writer) => false;

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
        BinanceUsdmOrderQueries.DecodeCancelAll(httpStatus, body);
}
