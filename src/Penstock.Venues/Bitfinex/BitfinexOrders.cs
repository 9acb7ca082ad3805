using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Signing;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Orders;

namespace Penstock.Venues.Bitfinex;

/// <summary>
/// Order entry and private stream of Bitfinex on one authenticated connection: channel 0 needs no subscription, so the login's
/// confirmation makes the session ready.
/// </summary>
internal sealed class BitfinexOrders : IOrderProtocol
{
    private readonly BitfinexOrderEncoder _encoder;
    private readonly BitfinexExecutionDecoder _decoder;
    private long _pings;

    public BitfinexOrders(OrderContext context)
    {
        var signer = new BitfinexSigner(context.Credentials, new NonceSource());
        var requests = new BitfinexRequests(Statistics);
        var currencies = new BitfinexCurrencies(context);
        var rows = new BitfinexOrderRow(context, currencies, requests, Statistics);
        _encoder = new BitfinexOrderEncoder(context, signer, requests);
        _decoder = new BitfinexExecutionDecoder(context, rows, currencies, requests, Statistics);
        Queries = new BitfinexOrderQueries(context, signer, rows, _decoder, Statistics);
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

    public bool TryWritePing(FrameWriter writer)
    {
        writer.Append("{\"event\":\"ping\",\"cid\":"u8).Append(++_pings).Append("}"u8).EndFrame();
        return true;
    }

    public RejectReason WritePlace(in OrderRequest order, FrameWriter writer, long unixNs) =>
        _decoder.IsMaintained ? RejectReason.Maintenance : _encoder.WritePlace(order, writer);

    /// <summary>Getting out is tried even during a maintenance.</summary>
    public RejectReason WriteCancel(in CancelRequest cancel, FrameWriter writer, long unixNs) => _encoder.WriteCancel(cancel, writer, unixNs);

    public RejectReason WriteAmend(in AmendRequest amend, FrameWriter writer, long unixNs) =>
        _decoder.IsMaintained ? RejectReason.Maintenance : _encoder.WriteAmend(amend, writer);

    public RejectReason WriteCancelAll(Instrument instrument, FrameWriter writer, long unixNs) => BitfinexOrderEncoder.WriteCancelAll(instrument, writer);

    public QuarantineCause Decode(ReadOnlySpan<byte> frame, ExecutionBatch batch) => _decoder.Decode(frame, batch);
}
