using System.Runtime.CompilerServices;
using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
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
    private readonly BinanceOrderQueries _queries;

    public BinanceOrders(OrderContext context)
    {
        var signer = new BinanceSigner(context.Credentials);
        _encoder = new BinanceOrderEncoder(context, signer);
        _decoder = new BinanceExecutionDecoder(context, Statistics);
        _queries = new BinanceOrderQueries(context, signer, _decoder, Statistics);
    }

    public OrderProtocolStatistics Statistics { get; } = new();

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
