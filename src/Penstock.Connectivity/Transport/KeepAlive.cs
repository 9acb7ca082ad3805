namespace Penstock.Connectivity.Transport;

/// <summary>How a connection is kept alive and when it counts as dead (R108).</summary>
/// <param name="PingInterval">A client ping after this much silence from us; zero where only the server pings.</param>
/// <param name="SilenceMax">No byte at all for this long closes the connection.</param>
public sealed record KeepAlive(TimeSpan PingInterval, TimeSpan SilenceMax);
