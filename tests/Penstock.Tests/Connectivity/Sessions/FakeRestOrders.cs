using System.Text;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;
using Penstock.Model.Orders;

namespace Penstock.Tests.Connectivity.Sessions;

/// <summary>As <see cref="FakeOrders"/>, taking orders by REST.</summary>
internal sealed class FakeRestOrders : FakeOrders, IRestOrderEntry
{
    public RejectReason FormPlace(in OrderRequest order, long unixNs, out RestRequest? request)
    {
        request = order.Type == OrderType.Market ? null : Post($"/place?id={order.ClientOrderId}");
        return request is null ? RejectReason.InvalidParameter : RejectReason.None;
    }

    public QuarantineCause DecodePlace(in OrderRequest order, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        if (httpStatus == 400) batch.AddRefusal(RequestKind.Place, default, order.ClientOrderId, RejectReason.InsufficientFunds, 7);
        else if (body.SequenceEqual("placed"u8)) batch.AddReport(ExecutionKind.Acked).ClientOrderId = order.ClientOrderId;
        else return QuarantineCause.Malformed;
        return QuarantineCause.None;
    }

    public RejectReason FormCancel(in CancelRequest cancel, long unixNs, out RestRequest? request)
    {
        request = Post($"/cancel?id={cancel.ClientOrderId}");
        return RejectReason.None;
    }

    public QuarantineCause DecodeCancel(in CancelRequest cancel, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        batch.AddReport(ExecutionKind.Cancelled).ClientOrderId = cancel.ClientOrderId;
        return QuarantineCause.None;
    }

    public RejectReason FormAmend(in AmendRequest amend, long unixNs, out RestRequest? request)
    {
        request = Post($"/amend?id={amend.ClientOrderId}");
        return RejectReason.None;
    }

    private static RestRequest Post(string path) => new() { Method = HttpMethod.Post, PathAndQuery = path };
}

/// <summary>A second socket of words: "hello" in, "entry-ready" back, and "ack" for orders.</summary>
internal sealed class FakeEntry : IEntryProtocol
{
    public void Reset()
    {
    }

    public void WriteLogin(FrameWriter writer, long unixNs)
    {
        writer.Append(Encoding.ASCII.GetBytes("hello"));
        writer.EndFrame();
    }

    public void WritePending(FrameWriter writer, long unixNs)
    {
    }

    public bool TryWritePing(FrameWriter writer) => false;

    public QuarantineCause Decode(ReadOnlySpan<byte> frame, ExecutionBatch batch)
    {
        if (frame.SequenceEqual("entry-ready"u8)) batch.Signal = OrderSignal.SessionReady;
        else if (frame.SequenceEqual("ack"u8)) batch.AddReport(ExecutionKind.Acked);
        else return QuarantineCause.Malformed;
        return QuarantineCause.None;
    }
}
