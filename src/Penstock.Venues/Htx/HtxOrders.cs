using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Orders;

namespace Penstock.Venues.Htx;

/// <summary>
/// Private stream and order entry of HTX, each on its own socket with its own login; the account's number is asked for first, by
/// REST, where others ask for a token.
/// </summary>
internal sealed class HtxOrders : IOrderProtocol
{
    private readonly HtxAccount _account = new();
    private readonly HtxSigner _signer;
    private readonly HtxOrderEncoder _encoder;
    private readonly HtxExecutionDecoder _decoder;
    private readonly HtxOrderQueries _queries;

    public HtxOrders(OrderContext context)
    {
        _signer = new HtxSigner(context.Credentials);
        _encoder = new HtxOrderEncoder(context, _account);
        var answers = new HtxEntryDecoder(context, Statistics);
        _decoder = new HtxExecutionDecoder(context, _account, answers, Statistics);
        _queries = new HtxOrderQueries(context, _signer, _account, Statistics);
        Entry = new HtxEntry(_signer, answers);
    }

    public OrderProtocolStatistics Statistics { get; } = new();

    public IAccountQueries Queries => _queries;

    public string ConnectPath => "";

    public IEntryProtocol Entry { get; }

    public void Reset() => _decoder.Reset();

    public RestRequest? TokenRequest(long unixNs) => _account.Id == 0 ? _queries.Accounts(unixNs) : null;

    public bool AcceptToken(ReadOnlySpan<byte> body) => _account.TryRead(body);

    public void WriteLogin(FrameWriter writer, long unixNs) => _signer.WriteLogin("/ws/v2"u8, writer, unixNs);

    public void WritePending(FrameWriter writer, long unixNs)
    {
        if (_decoder.TryTakePing(out var time)) HtxPong.Write(time, writer);
        if (!_decoder.AwaitsSubscription) return;
        _decoder.AwaitsSubscription = false;
        writer.Append("{\"action\":\"sub\",\"ch\":\"orders#*\"}"u8).EndFrame();
        writer.Append("{\"action\":\"sub\",\"ch\":\"trade.clearing#*#0\"}"u8).EndFrame();
        writer.Append("{\"action\":\"sub\",\"ch\":\"accounts.update#2\"}"u8).EndFrame();
    }

    /// <summary>Only the venue pings.</summary>
    public bool TryWritePing(FrameWriter writer) => false;

    public RejectReason WritePlace(in OrderRequest order, FrameWriter writer, long unixNs) => _encoder.WritePlace(order, writer);

    public RejectReason WriteCancel(in CancelRequest cancel, FrameWriter writer, long unixNs) => _encoder.WriteCancel(cancel, writer);

    public RejectReason WriteCancelAll(Instrument instrument, FrameWriter writer, long unixNs) => _encoder.WriteCancelAll(instrument, writer);

    public QuarantineCause Decode(ReadOnlySpan<byte> frame, ExecutionBatch batch) => _decoder.Decode(frame, batch);
}
