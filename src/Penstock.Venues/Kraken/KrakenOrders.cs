using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Signing;
using Penstock.Connectivity.Transport;
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

    public IAccountQueries Queries => _queries;

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

    public RejectReason WriteAmend(in AmendRequest amend, FrameWriter writer, long unixNs)
    {
        var reason = _encoder.WriteAmend(amend, writer);
        if (reason == RejectReason.None) _decoder.Orders.Ask(amend.VenueOrderId, amend.Price, amend.Quantity);
        return reason;
    }

    public QuarantineCause Decode(ReadOnlySpan<byte> frame, ExecutionBatch batch) => _decoder.Decode(frame, batch);
}
