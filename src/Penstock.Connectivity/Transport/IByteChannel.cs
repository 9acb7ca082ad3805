namespace Penstock.Connectivity.Transport;

public enum ChannelState : byte
{
    Idle,
    Connecting,
    Open,
    Closed,
}

/// <summary>What a connection under way is busy with; each takes its own round trips.</summary>
public enum ConnectStage : byte
{
    Resolve,
    /// <summary>TCP.</summary>
    Connect,
    /// <summary>TLS.</summary>
    Secure,
    Done,
}

/// <summary>Why a connection ended, or never came to be.</summary>
public enum SocketFailure : byte
{
    None,
    ClosedByPeer,
    ResolveFailed,
    ConnectFailed,
    ConnectTimeout,
    SocketError,
    TlsError,
    /// <summary>The answer to the upgrade was not 101, or not a WebSocket's.</summary>
    HandshakeRefused,
    ProtocolViolation,
    /// <summary>No byte for longer than the keep-alive allows.</summary>
    Silent,
    TooOld,
    /// <summary>We closed it.</summary>
    Requested,
}

/// <summary>
/// A byte stream to one peer, moved on by its owner's steps and never waiting: TCP, or TLS over it. One thread.
/// Failures are states, not exceptions.
/// </summary>
public interface IByteChannel : IPollable, IDisposable
{
    /// <summary>Receive buffers must be at least this long: one whole TLS record fits.</summary>
    const int ReceiveBytesMin = 16 * 1024 + 256;

    ChannelState State { get; }

    SocketFailure Failure { get; }

    ConnectStage Stage { get; }

    /// <summary>Starts to resolve and connect; <see cref="Step"/> moves it on.</summary>
    void BeginConnect();

    /// <summary>Advances a connection attempt, or sends bytes the kernel did not take before.</summary>
    void Step();

    /// <summary>Bytes read now; zero when there are none, or when the channel has just closed.</summary>
    /// <param name="destination">At least <see cref="ReceiveBytesMin"/>.</param>
    int Receive(Span<byte> destination);

    /// <summary>Whether <paramref name="bytes"/> would be accepted by <see cref="TrySend"/> now.</summary>
    bool CanSend(int bytes);

    /// <summary>All or nothing: sent, or kept to be sent by a later step. False when closed or the peer does not read.</summary>
    bool TrySend(ReadOnlySpan<byte> bytes);

    void Close(SocketFailure reason = SocketFailure.Requested);
}
