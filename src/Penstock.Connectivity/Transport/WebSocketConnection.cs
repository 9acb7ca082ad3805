using Penstock.Connectivity.Network;
using Penstock.Infrastructure.Time;

namespace Penstock.Connectivity.Transport;

/// <summary>
/// RFC 6455 client on a polled channel. Compression is never offered (R108). Receiving and sending allocate nothing once the
/// buffers have grown. One thread.
/// </summary>
public sealed class WebSocketConnection : IWebSocket, IWebSocketSink
{
    private readonly WebSocketOptions _options;
    private readonly IByteChannel _channel;
    private readonly IMonotonicClock _clock;
    private readonly SeededGenerator _random;
    private readonly WebSocketReader _reader;
    private readonly string _key;
    private byte[] _sendBuffer = new byte[16 * 1024];
    private IFrameHandler? _handler;
    private long _deadlineNs;
    private long _receivedNs;
    private bool _upgradeSent;
    private ConnectStage _stage;
    private long _stageNs;
    private ConnectTimes _connectTimes;

    public WebSocketConnection(WebSocketOptions options, IMonotonicClock clock, SeededGenerator random, IByteChannel? channel = null)
    {
        _options = options;
        _clock = clock;
        _random = random;
        _channel = channel ?? CreateChannel(options);
        _reader = new WebSocketReader(options.FrameBytesMax);
        _key = WebSocketHandshake.CreateKey(random);
    }

    public WebSocketState State { get; private set; }

    public SocketFailure Failure { get; private set; }

    public WebSocketViolation Violation { get; private set; }

    public int RefusedStatus { get; private set; }

    public ushort PeerCloseCode { get; private set; }

    public long FramesReceived { get; private set; }

    public long BytesReceived { get; private set; }

    /// <summary>Pings answered; a pong that could not be sent for want of room is not counted.</summary>
    public long PongsSent { get; private set; }

    public ConnectTimes ConnectTimes => _connectTimes;

    public nint PollHandle => _channel.PollHandle;

    public void BeginConnect(long nowNs)
    {
        State = WebSocketState.Connecting;
        _deadlineNs = nowNs + (long)_options.ConnectTimeout.TotalNanoseconds;
        (_stage, _stageNs) = (_channel.Stage, _clock.NowNs);
        _channel.BeginConnect();
        NoteStage(_clock.NowNs);
    }

    public int Step(long nowNs, IFrameHandler handler)
    {
        if (State is WebSocketState.Idle or WebSocketState.Closed) return 0;
        _channel.Step();
        _handler = handler;
        var received = State == WebSocketState.Connecting ? StepConnecting(nowNs) : Receive();
        if (State == WebSocketState.Closing && nowNs >= _deadlineNs) Finish(SocketFailure.Requested);
        if (_channel.State == ChannelState.Closed && State != WebSocketState.Closed)
        {
            Finish(State == WebSocketState.Closing ? SocketFailure.Requested : _channel.Failure);
        }

        return received;
    }

    public bool CanSend(int payloadBytes) =>
        State == WebSocketState.Open && _channel.CanSend(WebSocketFraming.FrameBytes(payloadBytes, masked: true));

    public bool TrySendText(ReadOnlySpan<byte> text) => State == WebSocketState.Open && Send(WebSocketOpcode.Text, text);

    public bool TrySendPing(ReadOnlySpan<byte> payload) =>
        State == WebSocketState.Open && payload.Length <= WebSocketFraming.ControlPayloadMax && Send(WebSocketOpcode.Ping, payload);

    public void Close(ushort code, long nowNs)
    {
        if (State == WebSocketState.Connecting) Finish(SocketFailure.Requested);
        if (State != WebSocketState.Open) return;
        SendClose(code);
        State = WebSocketState.Closing;
        _deadlineNs = nowNs + (long)_options.CloseTimeout.TotalNanoseconds;
    }

    public void Abort(SocketFailure reason) => Finish(reason);

    public void Dispose() => Finish(SocketFailure.Requested);

    bool IWebSocketSink.OnData(ReadOnlySpan<byte> payload, bool isText)
    {
        FramesReceived++;
        if (State != WebSocketState.Open) return State == WebSocketState.Closing;
        _handler!.OnFrame(payload, isText, _receivedNs);
        return State is WebSocketState.Open or WebSocketState.Closing;
    }

    bool IWebSocketSink.OnPing(ReadOnlySpan<byte> payload)
    {
        FramesReceived++;
        if (State == WebSocketState.Open && Send(WebSocketOpcode.Pong, payload)) PongsSent++;
        return State is WebSocketState.Open or WebSocketState.Closing;
    }

    bool IWebSocketSink.OnPong(ReadOnlySpan<byte> payload)
    {
        FramesReceived++;
        _handler?.OnPong(payload, _receivedNs);
        return true;
    }

    bool IWebSocketSink.OnClose(ushort code, ReadOnlySpan<byte> reason)
    {
        FramesReceived++;
        PeerCloseCode = code;
        var ours = State == WebSocketState.Closing;
        if (!ours) SendClose(code == WebSocketCloseCode.NoStatus ? WebSocketCloseCode.Normal : code);
        Finish(ours ? SocketFailure.Requested : SocketFailure.ClosedByPeer);
        return false;
    }

    private static IByteChannel CreateChannel(WebSocketOptions options)
    {
        var target = options.Target;
        return target.Scheme switch
        {
            "ws" => new PolledSocket(target.DnsSafeHost, target.Port),
            "wss" => new TlsChannel(target.DnsSafeHost, target.Port, options.TrustedThumbprint),
            _ => throw new ArgumentException($"Expected a ws or wss address, found '{target}'."),
        };
    }

    private int StepConnecting(long nowNs)
    {
        if (nowNs >= _deadlineNs)
        {
            Finish(SocketFailure.ConnectTimeout);
            return 0;
        }

        NoteStage(_clock.NowNs);
        if (_channel.State != ChannelState.Open) return 0;
        if (!_upgradeSent)
        {
            _upgradeSent = true;
            _channel.TrySend(WebSocketHandshake.Request(_options.Target, _key, _options.Headers));
        }

        var received = Fill();
        if (received > 0) ReadUpgrade();
        return received;
    }

    private void NoteStage(long nowNs)
    {
        var stage = _channel.Stage;
        if (stage == _stage) return;
        var tookNs = nowNs - _stageNs;
        if (_stage == ConnectStage.Resolve) _connectTimes.ResolveNs = tookNs;
        else if (_stage == ConnectStage.Connect) _connectTimes.ConnectNs = tookNs;
        else if (_stage == ConnectStage.Secure) _connectTimes.SecureNs = tookNs;
        (_stage, _stageNs) = (stage, nowNs);
    }

    private void ReadUpgrade()
    {
        switch (WebSocketHandshake.Parse(_reader.Buffered, WebSocketHandshake.AcceptFor(_key), out var consumed, out var status))
        {
            case UpgradeResult.Accepted:
                _reader.Skip(consumed);
                State = WebSocketState.Open;
                _connectTimes.UpgradeNs = _receivedNs - _stageNs;
                // Frames that came with the answer are read by the next step, when the owner knows the connection is open.
                break;
            case UpgradeResult.Refused:
                RefusedStatus = status;
                Finish(SocketFailure.HandshakeRefused);
                break;
            case UpgradeResult.Malformed:
                Finish(SocketFailure.HandshakeRefused);
                break;
        }
    }

    private int Receive()
    {
        var received = Fill();
        if (received == 0 && _reader.Buffered.Length == 0) return 0;
        var violation = _reader.Read(this);
        if (violation == WebSocketViolation.None || State == WebSocketState.Closed) return received;
        Violation = violation;
        SendClose(violation switch
        {
            WebSocketViolation.TooLarge => WebSocketCloseCode.TooBig,
            WebSocketViolation.InvalidUtf8 => WebSocketCloseCode.InvalidPayload,
            _ => WebSocketCloseCode.ProtocolError,
        });
        Finish(SocketFailure.ProtocolViolation);
        return received;
    }

    private int Fill()
    {
        var received = _channel.Receive(_reader.Free(IByteChannel.ReceiveBytesMin));
        if (received == 0) return 0;
        _receivedNs = _clock.NowNs;
        _reader.Commit(received);
        BytesReceived += received;
        return received;
    }

    private bool Send(WebSocketOpcode opcode, ReadOnlySpan<byte> payload)
    {
        var bytes = WebSocketFraming.FrameBytes(payload.Length, masked: true);
        if (!_channel.CanSend(bytes)) return false;
        if (_sendBuffer.Length < bytes) _sendBuffer = new byte[bytes * 2];
        WebSocketFraming.WriteFrame(_sendBuffer, opcode, payload, _random.NextUInt32());
        return _channel.TrySend(_sendBuffer.AsSpan(0, bytes));
    }

    private void SendClose(ushort code)
    {
        Span<byte> payload = stackalloc byte[2];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(payload, code);
        Send(WebSocketOpcode.Close, payload);
    }

    private void Finish(SocketFailure failure)
    {
        if (State == WebSocketState.Closed) return;
        State = WebSocketState.Closed;
        Failure = failure;
        _channel.Close(failure);
    }
}
