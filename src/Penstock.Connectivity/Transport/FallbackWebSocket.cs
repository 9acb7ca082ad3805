using System.Buffers;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Threading.Channels;
using Penstock.Infrastructure.Time;

namespace Penstock.Connectivity.Transport;

/// <summary>
/// The framework's ClientWebSocket behind the same interface: slower (a wake-up per read, a copy per message) but needs
/// nothing of ours, for networks that want a proxy, say. Messages cross from the thread pool in a bounded queue; when it
/// is full the socket is not read and TCP slows the venue down.
/// </summary>
public sealed class FallbackWebSocket : IWebSocket
{
    private const int QueuedMessagesMax = 4096;

    private readonly WebSocketOptions _options;
    private readonly IMonotonicClock _clock;
    private readonly ClientWebSocket _socket = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<ReceivedFrame> _received = Channel.CreateBounded<ReceivedFrame>(
        new BoundedChannelOptions(QueuedMessagesMax) { SingleReader = true, SingleWriter = true });
    private readonly Channel<byte[]> _outgoing = Channel.CreateBounded<byte[]>(
        new BoundedChannelOptions(QueuedMessagesMax) { SingleReader = true });
    private Task? _connect;
    private Task? _receive;
    private Task? _send;
    private SocketFailure _receiveFailure = SocketFailure.ClosedByPeer;
    private long _deadlineNs;

    public FallbackWebSocket(WebSocketOptions options, IMonotonicClock clock)
    {
        _options = options;
        _clock = clock;
        _socket.Options.KeepAliveInterval = options.PingInterval;
        _socket.Options.CollectHttpResponseDetails = true;
        foreach (var (name, value) in options.Headers) _socket.Options.SetRequestHeader(name, value);
        if (options.TrustedThumbprint is not { } trusted) return;
        _socket.Options.RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
            errors == System.Net.Security.SslPolicyErrors.None || certificate is not null &&
            certificate.GetCertHashString(HashAlgorithmName.SHA256).Equals(trusted, StringComparison.OrdinalIgnoreCase);
    }

    private readonly record struct ReceivedFrame(byte[] Buffer, int Length, bool IsText, long ReceivedNs);

    public WebSocketState State { get; private set; }

    public SocketFailure Failure { get; private set; }

    public int RefusedStatus { get; private set; }

    public ushort PeerCloseCode { get; private set; }

    public long FramesReceived { get; private set; }

    public long BytesReceived { get; private set; }

    // The framework answers pings by itself and does not tell.
    public long PongsSent => 0;

    // The thread pool reads this socket.
    public nint PollHandle => -1;

    public void BeginConnect(long nowNs)
    {
        State = WebSocketState.Connecting;
        _deadlineNs = nowNs + (long)_options.ConnectTimeout.TotalNanoseconds;
        _connect = Task.Run(() => _socket.ConnectAsync(_options.Target, _stop.Token));
    }

    public int Step(long nowNs, IFrameHandler handler)
    {
        if (State == WebSocketState.Connecting) StepConnecting(nowNs);
        if (State is not (WebSocketState.Open or WebSocketState.Closing)) return 0;
        // The queue's end is looked at before its items: what was written before the end is not lost.
        var ended = _receive!.IsCompleted;
        var bytes = 0;
        for (var i = 0; i < 64 && State is WebSocketState.Open or WebSocketState.Closing && _received.Reader.TryRead(out var message); i++)
        {
            FramesReceived++;
            BytesReceived += message.Length;
            bytes += Math.Max(1, message.Length);
            if (State == WebSocketState.Open) handler.OnFrame(message.Buffer.AsSpan(0, message.Length), message.IsText, message.ReceivedNs);
            ArrayPool<byte>.Shared.Return(message.Buffer);
        }

        if (bytes > 0 || State == WebSocketState.Closed) return bytes;
        if (State == WebSocketState.Closing && (ended || nowNs >= _deadlineNs)) Finish(SocketFailure.Requested);
        else if (ended) Finish(_receiveFailure);
        return 0;
    }

    public bool CanSend(int payloadBytes) => State == WebSocketState.Open && _outgoing.Reader.Count < QueuedMessagesMax;

    public bool TrySendText(ReadOnlySpan<byte> text) => State == WebSocketState.Open && _outgoing.Writer.TryWrite(text.ToArray());

    public bool TrySendPing(ReadOnlySpan<byte> payload) => false;

    public void Close(ushort code, long nowNs)
    {
        if (State == WebSocketState.Connecting) Finish(SocketFailure.Requested);
        if (State != WebSocketState.Open) return;
        State = WebSocketState.Closing;
        _deadlineNs = nowNs + (long)_options.CloseTimeout.TotalNanoseconds;
        // The send loop says good-bye after what was queued before.
        _outgoing.Writer.TryComplete();
    }

    public void Abort(SocketFailure reason) => Finish(reason);

    public void Dispose() => Finish(SocketFailure.Requested);

    private void StepConnecting(long nowNs)
    {
        if (!_connect!.IsCompleted)
        {
            if (nowNs >= _deadlineNs) Finish(SocketFailure.ConnectTimeout);
            return;
        }

        if (_connect.IsCompletedSuccessfully)
        {
            State = WebSocketState.Open;
            _receive = Task.Run(ReceiveLoop);
            _send = Task.Run(SendLoop);
            return;
        }

        _ = _connect.Exception;
        RefusedStatus = (int)_socket.HttpStatusCode;
        Finish(RefusedStatus != 0 ? SocketFailure.HandshakeRefused : SocketFailure.ConnectFailed);
    }

    private async Task ReceiveLoop()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        var length = 0;
        try
        {
            while (true)
            {
                var result = await _socket.ReceiveAsync(buffer.AsMemory(length), _stop.Token).ConfigureAwait(false);
                var stamp = _clock.NowNs;
                if (result.MessageType == WebSocketMessageType.Close)
                {
                    PeerCloseCode = (ushort)(_socket.CloseStatus ?? 0);
                    return;
                }

                length += result.Count;
                if (length > _options.FrameBytesMax)
                {
                    _receiveFailure = SocketFailure.ProtocolViolation;
                    return;
                }

                if (result.EndOfMessage)
                {
                    var message = new ReceivedFrame(buffer, length, result.MessageType == WebSocketMessageType.Text, stamp);
                    buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
                    length = 0;
                    await _received.Writer.WriteAsync(message, _stop.Token).ConfigureAwait(false);
                }
                else if (length == buffer.Length)
                {
                    var larger = ArrayPool<byte>.Shared.Rent(length * 2);
                    buffer.AsSpan(0, length).CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }
            }
        }
        catch (WebSocketException e)
        {
            _receiveFailure = e.WebSocketErrorCode == WebSocketError.Faulted || e.InnerException is null && e.WebSocketErrorCode != WebSocketError.ConnectionClosedPrematurely
                ? SocketFailure.ProtocolViolation
                : SocketFailure.ClosedByPeer;
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or IOException or InvalidOperationException)
        {
            _receiveFailure = SocketFailure.SocketError;
        }
    }

    private async Task SendLoop()
    {
        try
        {
            await foreach (var text in _outgoing.Reader.ReadAllAsync(_stop.Token).ConfigureAwait(false))
            {
                await _socket.SendAsync(text.AsMemory(), WebSocketMessageType.Text, endOfMessage: true, _stop.Token).ConfigureAwait(false);
            }

            await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, _stop.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException or IOException or InvalidOperationException)
        {
            // The receive loop sees the same end and reports it.
        }
    }

    private void Finish(SocketFailure failure)
    {
        if (State == WebSocketState.Closed) return;
        State = WebSocketState.Closed;
        Failure = failure;
        _stop.Cancel();
        _socket.Dispose();
    }
}
