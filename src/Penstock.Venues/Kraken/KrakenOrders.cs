using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Signing;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Venues.Kraken;

/// <summary>
/// Order entry and private stream of Kraken on the authenticated WebSocket. A token, fetched by a signed REST call, stands in
/// for signatures; the session is ready when the executions channel is.
/// </summary>
internal sealed class KrakenOrders : IOrderProtocol
{
    private readonly KrakenRequestTable _requests;
    private readonly KrakenOrderEncoder _encoder;
    private readonly KrakenExecutionDecoder _decoder;
    private readonly KrakenOrderQueries _queries;

    public KrakenOrders(OrderContext context)
    {
        var signer = new KrakenSigner(context.Credentials, new NonceSource());
        _requests = new KrakenRequestTable(Statistics);
        _encoder = new KrakenOrderEncoder(context, _requests);
        _decoder = new KrakenExecutionDecoder(context, _requests, Statistics);
        _queries = new KrakenOrderQueries(context, signer, Statistics);
    }

    public OrderProtocolStatistics Statistics { get; } = new();

    public string ConnectPath => "";

    public void Reset()
    {
        _requests.Clear();
        _decoder.Reset();
    }

    public RestRequest? TokenRequest(long unixNs) => _queries.Token(unixNs);

    public bool AcceptToken(ReadOnlySpan<byte> body)
    {
        var token = KrakenOrderQueries.ReadToken(body);
        _encoder.SetToken(token ?? "");
        return token is not null;
    }

    public void WriteLogin(FrameWriter writer, long unixNs) => _encoder.WriteLogin(writer);

    public void WritePending(FrameWriter writer, long unixNs)
    {
    }

    public bool TryWritePing(FrameWriter writer)
    {
        KrakenOrderEncoder.WritePing(writer);
        return true;
    }

    public RejectReason WritePlace(in OrderRequest order, FrameWriter writer, long unixNs) => _encoder.WritePlace(order, writer);

    public RejectReason WriteCancel(in CancelRequest cancel, FrameWriter writer, long unixNs) => _encoder.WriteCancel(cancel, writer);

    public QuarantineCause Decode(ReadOnlySpan<byte> frame, ExecutionBatch batch) => _decoder.Decode(frame, batch);

    public RestRequest QueryOrder(ClientOrderId id, Text40 venueOrderId, Instrument instrument, long unixNs) =>
        _queries.QueryOrder(id, venueOrderId, unixNs);

    public QuarantineCause DecodeQuery(ClientOrderId id, Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch) =>
        _queries.DecodeQuery(id, instrument, httpStatus, body, batch);

    /// <summary>Neither call takes a pair, and calls are few here: asking for each instrument made a restart wait for most of a minute.</summary>
    public bool AnswersForAllInstruments => true;

    public RestRequest OpenOrders(Instrument instrument, long unixNs) => _queries.OpenOrders(unixNs);

    public QuarantineCause DecodeOpenOrders(Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch) =>
        _queries.DecodeOpenOrders(instrument, httpStatus, body, batch);

    public RestRequest Fills(Instrument instrument, ExchangeTime since, long unixNs) => _queries.Fills(since, unixNs);

    public QuarantineCause DecodeFills(Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch) =>
        _queries.DecodeFills(instrument, httpStatus, body, batch);

    public RestRequest Balances(long unixNs) => _queries.Balances(unixNs);

    public QuarantineCause DecodeBalances(int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch) =>
        _queries.DecodeBalances(httpStatus, body, batch);
}
