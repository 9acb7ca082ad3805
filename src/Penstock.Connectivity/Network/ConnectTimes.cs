namespace Penstock.Connectivity.Network;

/// <summary>
/// How long each part of opening a connection took, nanoseconds, as the steps of its agent saw it: never shorter than the truth, longer
/// by at most one idle pause. Zero where there was no such part (an address needs no name look-up, ws:// no TLS).
/// </summary>
public record struct ConnectTimes
{
    public long ResolveNs;

    /// <summary>TCP: one round trip of the network path.</summary>
    public long ConnectNs;

    /// <summary>TLS handshake.</summary>
    public long SecureNs;

    /// <summary>From the WebSocket upgrade request to the read that held the answer.</summary>
    public long UpgradeNs;
}
