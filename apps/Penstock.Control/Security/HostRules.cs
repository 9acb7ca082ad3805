using System.Net;

namespace Penstock.Control.Security;

/// <summary>
/// Which names this server answers to, and which pages may talk to it. A page of another site can make a browser send requests to 127.0.0.1
/// (and, by rebinding a name, even read the answers): the Host header and the Origin header give it away.
/// </summary>
internal sealed class HostRules
{
    private readonly HashSet<string> _hosts = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="address">What the server listens on.</param>
    /// <param name="names">Further names people reach it by.</param>
    public HostRules(IPAddress address, params IEnumerable<string> names)
    {
        IsLoopback = IPAddress.IsLoopback(address);
        if (IsLoopback) _hosts.UnionWith(["localhost", "127.0.0.1", "[::1]"]);
        else _hosts.Add(address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString());
        _hosts.UnionWith(names);
    }

    public bool IsLoopback { get; }

    /// <param name="host">The Host header, with or without a port.</param>
    public bool IsOurs(string? host) => host is { Length: > 0 and <= 255 } && _hosts.Contains(WithoutPort(host));

    /// <summary>No Origin comes from programs; a browser always sends one with a WebSocket and with a POST.</summary>
    /// <param name="origin">The Origin header.</param>
    /// <param name="host">The Host header of the same request.</param>
    public bool MayTalk(string? origin, string? host) =>
        origin is null || (host is not null && IsOurs(host)
            && (origin.Equals("http://" + host, StringComparison.OrdinalIgnoreCase)
                || origin.Equals("https://" + host, StringComparison.OrdinalIgnoreCase)));

    private static string WithoutPort(string host)
    {
        var colon = host.LastIndexOf(':');
        return colon > host.LastIndexOf(']') && colon > 0 ? host[..colon] : host;
    }
}
