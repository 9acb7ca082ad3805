using Penstock.Connectivity.Feeds;

namespace Penstock.Connectivity.Sessions;

/// <summary>
/// Takes what a venue said on a private connection and nobody could read (R19, R20): frames and REST answers. Only what came from the
/// venue, never what we sent: requests are signed. Called on the session's thread; copies at once or counts a drop, never waits.
/// </summary>
/// <param name="cause">Why it could not be read.</param>
/// <param name="receivedNs">Monotonic.</param>
/// <param name="bytes">Valid during the call only.</param>
public delegate void SetAside(QuarantineCause cause, long receivedNs, ReadOnlySpan<byte> bytes);
