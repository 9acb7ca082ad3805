using Penstock.Connectivity.Network;

namespace Penstock.Connectivity.Transport;

public enum WebSocketState : byte
{
    Idle,
    /// <summary>Resolving, connecting, TLS, upgrade.</summary>
    Connecting,
    Open,
    /// <summary>We sent a close frame and wait for the peer's.</summary>
    Closing,
    Closed,
}

/// <summary>Takes the messages of a connection, on the thread that steps it.</summary>
public interface IFrameHandler
{
    /// <param name="payload">One complete message; valid during the call only.</param>
    /// <param name="isText">Then it is valid UTF-8.</param>
    /// <param name="receivedNs">Monotonic stamp of the socket read that completed it, taken before anything looked at the bytes (R2).</param>
    void OnFrame(ReadOnlySpan<byte> payload, bool isText, long receivedNs);

    /// <param name="payload">Of the pong frame; valid during the call only.</param>
    /// <param name="receivedNs">As in <see cref="OnFrame"/>.</param>
    void OnPong(ReadOnlySpan<byte> payload, long receivedNs)
    {
    }
}

/// <summary>One WebSocket connection, moved on by steps. A connection is used once; a new one replaces it. One thread.</summary>
public interface IWebSocket : IPollable, IDisposable
{
    WebSocketState State { get; }

    /// <summary>Why it closed.</summary>
    SocketFailure Failure { get; }

    /// <summary>HTTP status of a refused upgrade; 0 otherwise.</summary>
    int RefusedStatus { get; }

    /// <summary>Code of the peer's close frame; 0 when none came.</summary>
    ushort PeerCloseCode { get; }

    /// <summary>Messages and control frames received.</summary>
    long FramesReceived { get; }

    long BytesReceived { get; }

    /// <summary>Pings answered; the answers count in the venue's frame limit.</summary>
    long PongsSent { get; }

    /// <summary>How long opening took, once open; zeros where the implementation cannot tell.</summary>
    ConnectTimes ConnectTimes => default;

    void BeginConnect(long nowNs);

    /// <summary>
    /// Advances the connection and reads the socket at most once, calling <paramref name="handler"/> for every message completed.
    /// </summary>
    /// <returns>Bytes received; zero when there was nothing.</returns>
    int Step(long nowNs, IFrameHandler handler);

    bool CanSend(int payloadBytes);

    /// <summary>All or nothing. False when not open or the peer does not read.</summary>
    bool TrySendText(ReadOnlySpan<byte> text);

    /// <summary>False also where the implementation pings by itself.</summary>
    bool TrySendPing(ReadOnlySpan<byte> payload);

    /// <summary>Starts the closing handshake; <see cref="Step"/> ends it, at the latest after its time limit.</summary>
    void Close(ushort code, long nowNs);

    /// <summary>Gone at once, without a word.</summary>
    void Abort(SocketFailure reason);
}

/// <summary>How to connect one WebSocket.</summary>
public sealed record WebSocketOptions
{
    /// <summary>ws:// or wss://, with path and query.</summary>
    public required Uri Target { get; init; }

    /// <summary>A larger message closes the connection with 1009.</summary>
    public int FrameBytesMax { get; init; } = 4 * 1024 * 1024;

    /// <summary>Resolve, connect, TLS and upgrade together.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>SHA-256 of a certificate to accept although the system does not trust it; null in production.</summary>
    public string? TrustedThumbprint { get; init; }

    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [new("User-Agent", "penstock")];

    /// <summary>For <see cref="FallbackWebSocket"/>, which pings by itself.</summary>
    public TimeSpan PingInterval { get; init; }
}
