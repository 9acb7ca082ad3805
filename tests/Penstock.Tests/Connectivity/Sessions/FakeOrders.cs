using System.Text;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Tests.Connectivity.Sessions;

/// <summary>The smallest order protocol: words instead of JSON.</summary>
internal class FakeOrders(bool needsToken = false) : IOrderProtocol, IAccountQueries
{
    private bool _subscribe;

    public string ConnectPath => "/private";

    public IAccountQueries Queries => this;

    public IEntryProtocol? Entry { get; init; }

    public bool AnswersForAllInstruments { get; init; }

    public void Reset() => _subscribe = false;

    public RestRequest? TokenRequest(long unixNs) =>
        needsToken ? new RestRequest { Method = HttpMethod.Post, PathAndQuery = $"/token?ts={unixNs}" } : null;

    public bool AcceptToken(ReadOnlySpan<byte> body) => body.SequenceEqual("token"u8);

    public void WriteLogin(FrameWriter writer, long unixNs) => Write(writer, "login");

    public void WritePending(FrameWriter writer, long unixNs)
    {
        if (!_subscribe) return;
        _subscribe = false;
        Write(writer, "subscribe");
    }

    public bool TryWritePing(FrameWriter writer) => false;

    public RejectReason WritePlace(in OrderRequest order, FrameWriter writer, long unixNs)
    {
        if (order.Type == OrderType.Market) return RejectReason.InvalidParameter;
        writer.Append("place "u8).Append(order.ClientOrderId);
        writer.EndFrame();
        return RejectReason.None;
    }

    public RejectReason WriteCancel(in CancelRequest cancel, FrameWriter writer, long unixNs)
    {
        writer.Append("cancel "u8).Append(cancel.ClientOrderId);
        writer.EndFrame();
        return RejectReason.None;
    }

    public QuarantineCause Decode(ReadOnlySpan<byte> frame, ExecutionBatch batch)
    {
        if (frame.SequenceEqual("welcome"u8)) _subscribe = true;
        else if (frame.SequenceEqual("ready"u8)) batch.Signal = OrderSignal.SessionReady;
        else if (frame.SequenceEqual("refused"u8)) batch.Signal = OrderSignal.LoginRefused;
        else if (frame.SequenceEqual("gap"u8)) batch.Signal = OrderSignal.PrivateStreamGap;
        else if (frame.SequenceEqual("ack"u8)) batch.AddReport(ExecutionKind.Acked);
        else return QuarantineCause.Malformed;
        return QuarantineCause.None;
    }

    public RestRequest QueryOrder(ClientOrderId id, Text40 venueOrderId, Instrument instrument, long unixNs) => Get($"/query?id={id}&ts={unixNs}");

    public QuarantineCause DecodeQuery(ClientOrderId id, Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        if (httpStatus == 200 && !body.SequenceEqual("found"u8)) return QuarantineCause.Malformed;
        batch.AddReport(httpStatus == 200 ? ExecutionKind.OrderStatus : ExecutionKind.OrderNotFound).ClientOrderId = id;
        return QuarantineCause.None;
    }

    public RestRequest OpenOrders(Instrument instrument, long unixNs) => Get($"/open?s={instrument.VenueSymbol}");

    public QuarantineCause DecodeOpenOrders(Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        batch.AddReport(ExecutionKind.OrderStatus).Instrument = instrument.Id;
        return QuarantineCause.None;
    }

    public RestRequest Fills(Instrument instrument, ExchangeTime since, long unixNs) => Get($"/fills?s={instrument.VenueSymbol}&since={since.UnixNs}");

    public QuarantineCause DecodeFills(Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        batch.AddReport(ExecutionKind.Fill).Instrument = instrument.Id;
        return QuarantineCause.None;
    }

    public RestRequest Balances(long unixNs) => Get("/balances");

    public QuarantineCause DecodeBalances(int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        batch.AddBalance().FreeRaw = 5;
        return QuarantineCause.None;
    }

    private static RestRequest Get(string path) => new() { Method = HttpMethod.Get, PathAndQuery = path };

    private static void Write(FrameWriter writer, string text)
    {
        writer.Append(Encoding.ASCII.GetBytes(text));
        writer.EndFrame();
    }
}

internal sealed class OrderLog : IExecutionListener
{
    public List<string> Lines { get; } = [];

    public ExecutionReport Last { get; private set; }

    public bool Keep { get; set; } = true;

    public long Reports { get; private set; }

    public void OnReport(in ExecutionReport report)
    {
        Last = report;
        Reports++;
        if (Keep) Lines.Add($"report {report.Kind} {report.Instrument.Value}");
    }

    public void OnBalance(in BalanceReport balance) => Lines.Add($"balance {balance.Venue.Value} {balance.FreeRaw}");

    public void OnSession(VenueId venue, bool ready, DisconnectReason reason, long nowNs) => Lines.Add($"session {venue.Value} {ready} {reason}");

    public void OnReconciled(VenueId venue, bool succeeded, long nowNs) => Lines.Add($"reconciled {succeeded}");
}
