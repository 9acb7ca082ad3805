using System.Net;
using System.Net.Sockets;

namespace Penstock.Connectivity.Transport;

/// <summary>
/// A non-blocking TCP socket polled by its agent: a wake-up through epoll and the thread pool costs 28 µs, a polled read
/// costs one system call. Names are resolved off-thread; everything else happens in the owner's steps. Nothing is allocated
/// once connected. Not used through Socket's async methods at all: they would register the handle with the runtime's
/// epoll thread, which then wakes for every packet.
/// </summary>
public sealed class PolledSocket(string host, int port) : IByteChannel
{
    /// <summary>Kernel buffers each way (R107), and the most we keep for a peer that does not read.</summary>
    public const int BufferBytes = 256 * 1024;

    /// <summary>What a read brings beyond this the kernel acknowledges by itself: more than one segment, and room in the window again.</summary>
    private const int BulkBytes = 8 * 1024;

    private const int TcpLevel = 6;
    private const int TcpQuickAck = 12;

    private static readonly byte[] On = BitConverter.GetBytes(1);
    private static readonly byte[] Off = BitConverter.GetBytes(0);

    private byte[] _pending = [];
    private int _pendingStart;
    private int _pendingEnd;
    private Socket? _socket;
    private Task<IPAddress[]>? _resolving;
    private IPAddress[] _addresses = [];
    private int _addressIndex;
    private bool _owesAck;

    public ChannelState State { get; private set; }

    public SocketFailure Failure { get; private set; }

    public ConnectStage Stage => State == ChannelState.Open ? ConnectStage.Done : _resolving is null ? ConnectStage.Connect : ConnectStage.Resolve;

    /// <summary>The operating system's error of the last failed call.</summary>
    public SocketError LastError { get; private set; }

    public int PendingBytes => _pendingEnd - _pendingStart;

    /// <summary>TCP_NODELAY as the kernel has it.</summary>
    public bool IsNoDelay => _socket?.NoDelay ?? false;

    /// <summary>SO_RCVBUF as the kernel granted it.</summary>
    public int KernelReceiveBytes => _socket?.ReceiveBufferSize ?? 0;

    public nint PollHandle => State == ChannelState.Open ? _socket!.Handle : -1;

    public void BeginConnect()
    {
        if (State != ChannelState.Idle) throw new InvalidOperationException($"A channel connects once; its state was {State}.");
        State = ChannelState.Connecting;
        if (IPAddress.TryParse(host.AsSpan().Trim("[]"), out var literal))
        {
            _addresses = [literal];
            ConnectNext();
        }
        else
        {
            // Off-thread from the start: even the synchronous part of a look-up may read files.
            _resolving = Task.Run(() => Dns.GetHostAddressesAsync(host));
        }
    }

    public void Step()
    {
        if (State == ChannelState.Open)
        {
            if (PendingBytes > 0) Flush();
            return;
        }

        if (State != ChannelState.Connecting) return;
        if (_resolving is { } resolving) StepResolve(resolving);
        else StepConnect();
    }

    public int Receive(Span<byte> destination)
    {
        if (State != ChannelState.Open) return 0;
        if (_owesAck) Acknowledge();
        var received = _socket!.Receive(destination, SocketFlags.None, out var error);
        if (error == SocketError.Success)
        {
            if (received == 0) Close(SocketFailure.ClosedByPeer);
            else _owesAck = received < BulkBytes && OperatingSystem.IsLinux();
            return received;
        }

        if (!IsWouldBlock(error)) Fail(error);
        return 0;
    }

    public bool CanSend(int bytes) => State == ChannelState.Open && BufferBytes - PendingBytes >= bytes;

    public bool TrySend(ReadOnlySpan<byte> bytes)
    {
        if (!CanSend(bytes.Length)) return false;
        var sent = 0;
        if (PendingBytes == 0)
        {
            sent = _socket!.Send(bytes, SocketFlags.None, out var error);
            if (error != SocketError.Success)
            {
                if (!IsWouldBlock(error))
                {
                    Fail(error);
                    return false;
                }

                sent = 0;
            }
        }

        if (sent < bytes.Length) Keep(bytes[sent..]);
        return true;
    }

    /// <summary>May wait: for the TLS handshake's helper thread only.</summary>
    public bool AwaitReadable(int milliseconds) => _socket is { } socket && socket.Poll(milliseconds * 1000, SelectMode.SelectRead);

    public void Close(SocketFailure reason = SocketFailure.Requested)
    {
        if (State == ChannelState.Closed) return;
        State = ChannelState.Closed;
        Failure = reason;
        _socket?.Dispose();
        _pendingStart = _pendingEnd = 0;
    }

    public void Dispose() => Close();

    private void StepResolve(Task<IPAddress[]> resolving)
    {
        if (!resolving.IsCompleted) return;
        _resolving = null;
        if (!resolving.IsCompletedSuccessfully || resolving.Result.Length == 0)
        {
            // Looked at, so that the failure does not come back as an unobserved exception.
            _ = resolving.Exception;
            Close(SocketFailure.ResolveFailed);
            return;
        }

        _addresses = resolving.Result;
        ConnectNext();
    }

    private void ConnectNext()
    {
        while (_addressIndex < _addresses.Length)
        {
            var address = _addresses[_addressIndex++];
            try
            {
                _socket = Create(address.AddressFamily);
                _socket.Connect(new IPEndPoint(address, port));
                State = ChannelState.Open;
                return;
            }
            catch (SocketException e) when (IsWouldBlock(e.SocketErrorCode))
            {
                return;
            }
            catch (SocketException e)
            {
                LastError = e.SocketErrorCode;
                _socket?.Dispose();
            }
        }

        Close(SocketFailure.ConnectFailed);
    }

    private void StepConnect()
    {
        if (!_socket!.Poll(0, SelectMode.SelectWrite) && !_socket.Poll(0, SelectMode.SelectError)) return;
        var error = (SocketError)(int)_socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)!;
        if (error == SocketError.Success)
        {
            State = ChannelState.Open;
            return;
        }

        LastError = error;
        _socket.Dispose();
        ConnectNext();
    }

    /// <summary>
    /// Quick acknowledgement, but not within the read: there the kernel would build and send it, 2 µs, between the event and the
    /// decision about it. The read leaves it owed, the next one (the next step, when what had to leave has left) asks for it.
    /// Switching on sends what is owed; switching off keeps the kernel from sending with the next read. If the next step does
    /// not come, the kernel's own timer acknowledges after 40 ms.
    /// </summary>
    private void Acknowledge()
    {
        _owesAck = false;
        try
        {
            _socket!.SetRawSocketOption(TcpLevel, TcpQuickAck, On);
            _socket.SetRawSocketOption(TcpLevel, TcpQuickAck, Off);
        }
        catch (SocketException)
        {
            // The read that follows meets the same broken connection and says so.
        }
    }

    private static Socket Create(AddressFamily family)
    {
        var socket = new Socket(family, SocketType.Stream, ProtocolType.Tcp)
        {
            Blocking = false,
            NoDelay = true,
            ReceiveBufferSize = BufferBytes,
            SendBufferSize = BufferBytes,
        };

        if (OperatingSystem.IsLinux()) socket.SetRawSocketOption(TcpLevel, TcpQuickAck, On);
        return socket;
    }

    private void Flush()
    {
        var sent = _socket!.Send(_pending.AsSpan(_pendingStart, PendingBytes), SocketFlags.None, out var error);
        if (error != SocketError.Success)
        {
            if (!IsWouldBlock(error)) Fail(error);
            return;
        }

        _pendingStart += sent;
        if (PendingBytes == 0) _pendingStart = _pendingEnd = 0;
    }

    private void Keep(ReadOnlySpan<byte> rest)
    {
        if (_pending.Length == 0) _pending = new byte[BufferBytes];
        if (_pending.Length - _pendingEnd < rest.Length)
        {
            _pending.AsSpan(_pendingStart, PendingBytes).CopyTo(_pending);
            _pendingEnd = PendingBytes;
            _pendingStart = 0;
        }

        rest.CopyTo(_pending.AsSpan(_pendingEnd));
        _pendingEnd += rest.Length;
    }

    private void Fail(SocketError error)
    {
        LastError = error;
        Close(error is SocketError.ConnectionReset or SocketError.Shutdown ? SocketFailure.ClosedByPeer : SocketFailure.SocketError);
    }

    private static bool IsWouldBlock(SocketError error) =>
        error is SocketError.WouldBlock or SocketError.InProgress or SocketError.IOPending or SocketError.TryAgain;
}
