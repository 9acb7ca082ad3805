using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;
using Penstock.Infrastructure.Time;

namespace Penstock.Connectivity.Sessions;

/// <summary>The second socket of venues that take orders on another one than the private stream (Bybit, HTX). Part of its session; its thread.</summary>
internal sealed class OrderEntrySocket : ISocketLinkOwner
{
    private readonly OrderSession _session;
    private readonly Uri _target;
    private readonly FrameWriter _writer = new();
    private readonly Action<FrameWriter, long> _writeLogin;
    private readonly Action<FrameWriter, long> _writePending;
    private long _openedNs;

    public OrderEntrySocket(OrderSession session, IEntryProtocol protocol, Uri target, SocketLinkOptions options, IMonotonicClock clock)
    {
        _session = session;
        Protocol = protocol;
        _target = target;
        (_writeLogin, _writePending) = (protocol.WriteLogin, protocol.WritePending);
        // Without a tap: frames here contain signatures, which no capture may hold.
        Link = new SocketLink(options, this, clock);
    }

    public IEntryProtocol Protocol { get; }

    public SocketLink Link { get; }

    /// <summary>Open, and logged in where the venue wants that.</summary>
    public bool IsReady { get; set; }

    public int Step(long nowNs)
    {
        var work = Link.Step(nowNs);
        if (Link.IsOpen && !IsReady && _session.IsLoginOverdue(_openedNs, nowNs)) Link.Reconnect();
        return work;
    }

    public LinkPreparation Prepare(long nowNs, out Uri target)
    {
        target = _target;
        return LinkPreparation.Ready;
    }

    public void OnOpen(int connection, long nowNs)
    {
        _openedNs = nowNs;
        Protocol.Reset();
        Write(_writeLogin, nowNs);
    }

    public void OnFrame(ReadOnlySpan<byte> frame, long receivedNs)
    {
        _session.OnEntryFrame(this, frame, receivedNs);
        if (Link.IsOpen) Write(_writePending, receivedNs);
    }

    public void OnReadComplete(long nowNs)
    {
    }

    public void OnClosed(SocketFailure failure, bool wasOpen, long nowNs)
    {
        IsReady = false;
        _session.OnEntryClosed(FeedSession.Reason(failure), nowNs);
    }

    public bool TryWritePing(FrameWriter writer) => Protocol.TryWritePing(writer);

    private void Write(Action<FrameWriter, long> write, long nowNs)
    {
        _writer.Clear();
        write(_writer, _session.UnixNs);
        if (_writer.FrameCount > 0) Link.Enqueue(_writer, nowNs);
    }
}
