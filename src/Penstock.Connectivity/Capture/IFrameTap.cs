namespace Penstock.Connectivity.Capture;

/// <summary>What a captured record is; the names of the recording format.</summary>
public enum CaptureKind : byte
{
    Open,
    Close,
    Sent,
    Received,
    Rest,
}

/// <summary>
/// Sees the raw bytes of a connection before anything is made of them. Called on the connection's thread for every frame:
/// must return at once and keep no reference.
/// </summary>
public interface IFrameTap
{
    /// <param name="connection">Counts connections from 1.</param>
    /// <param name="url">Address, UTF-8.</param>
    /// <param name="nowNs">Monotonic.</param>
    void OnOpen(int connection, ReadOnlySpan<byte> url, long nowNs);

    void OnClose(int connection, long nowNs);

    /// <param name="kind">Sent or Received.</param>
    /// <param name="connection">As in <see cref="OnOpen"/>.</param>
    /// <param name="stampNs">Receive (or send) stamp, monotonic.</param>
    /// <param name="frame">Valid during the call only.</param>
    void OnFrame(CaptureKind kind, int connection, long stampNs, ReadOnlySpan<byte> frame);

    /// <summary>A REST answer the feed used (book snapshots): a replay needs it where it arrived.</summary>
    void OnRest(ReadOnlySpan<byte> url, long receivedNs, ReadOnlySpan<byte> body);
}
