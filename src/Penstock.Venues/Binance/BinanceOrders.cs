using System.Runtime.CompilerServices;
using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;
using Penstock.Model.Orders;

[assembly: InternalsVisibleTo("Penstock.Tests")]

namespace Penstock.Venues.Binance;

/// <summary>
/// Order entry and private stream of Binance spot on one WebSocket API connection. With HMAC keys there is no login: the
/// private subscription is itself a signed request, and so is every order.
/// </summary>
internal sealed class BinanceOrders : IOrderProtocol
{
    private readonly BinanceOrderEncoder _encoder;
    private readonly BinanceExecutionDecoder _decoder;

    public BinanceOrders(OrderContext context)
    {
        var signer = new BinanceSigner(context.Credentials);
        _encoder = new BinanceOrderEncoder(context, signer);
        _decoder = new BinanceExecutionDecoder(context, Statistics);
        Queries = new BinanceOrderQueries(context, signer, _decoder, Statistics);
    }

    public OrderProtocolStatistics Statistics { get; } = new();

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

    public bool TryWritePing(FrameWriter writer) => false;

    public RejectReason WritePlace(in OrderRequest order, FrameWriter writer, long unixNs) => _encoder.WritePlace(order, writer, unixNs);

    public RejectReason WriteCancel(in CancelRequest cancel, FrameWriter writer, long unixNs) => _encoder.WriteCancel(cancel, writer, unixNs);

    public QuarantineCause Decode(ReadOnlySpan<byte> frame, ExecutionBatch batch) => _decoder.Decode(frame, batch);
}
