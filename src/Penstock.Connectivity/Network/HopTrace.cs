using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Penstock.Infrastructure.Time;

namespace Penstock.Connectivity.Network;

/// <summary>One station on the way; null where it does not say who it is.</summary>
public readonly record struct Hop(int Number, IPAddress? Address, long RoundTripNs);

/// <summary>The way to a host, as far as it shows itself.</summary>
/// <param name="Hops">In order; the last one is the host when <paramref name="Reached"/>.</param>
/// <param name="Reached">The host answered.</param>
/// <param name="Refusal">Why nothing could be asked; null when it could.</param>
public sealed record HopListing(IReadOnlyList<Hop> Hops, bool Reached, string? Refusal);

/// <summary>
/// Lists the hops to a host by ICMP echoes whose time to live ends one station later each time (as traceroute -I). Takes seconds and waits: for a
/// command, never for an agent. Sends to the given address only. Needs leave to open a raw socket; without it says so and sends nothing.
/// </summary>
public static class HopTrace
{
    public const int HopsMax = 30;

    /// <summary>A way that stays silent for so long is not followed further: a firewall eats the echoes.</summary>
    private const int SilentMax = 5;

    private const int PatienceMs = 800;

    /// <summary>Never throws on what the network does.</summary>
    public static HopListing To(IPAddress address, IMonotonicClock clock, int hopsMax = HopsMax)
    {
        if (Refusal(address) is { } refusal) return new HopListing([], false, refusal);
        var hops = new List<Hop>();
        using var ping = new Ping();
        var payload = new byte[32];
        for (var (number, silent) = (1, 0); number <= hopsMax && silent < SilentMax; number++)
        {
            var startNs = clock.NowNs;
            try
            {
                var reply = ping.Send(address, PatienceMs, payload, new PingOptions(number, dontFragment: false));
                var isKnown = reply.Status is IPStatus.Success or IPStatus.TtlExpired or IPStatus.TimeExceeded;
                silent = isKnown ? 0 : silent + 1;
                hops.Add(new Hop(number, isKnown ? reply.Address : null, isKnown ? clock.NowNs - startNs : 0));
                if (reply.Status == IPStatus.Success) return new HopListing(hops, true, null);
            }
            catch (Exception e) when (e is PingException or SocketException or PlatformNotSupportedException)
            {
                return new HopListing(hops, false, e.InnerException?.Message ?? e.Message);
            }
        }

        return new HopListing(hops, false, null);
    }

    /// <summary>
    /// Null when raw sockets are permitted. Without them the framework would start the ping program, which does not tell who answered.
    /// </summary>
    private static string? Refusal(IPAddress address)
    {
        try
        {
            using var raw = new Socket(address.AddressFamily, SocketType.Raw,
                address.AddressFamily == AddressFamily.InterNetworkV6 ? ProtocolType.IcmpV6 : ProtocolType.Icmp);
            return null;
        }
        catch (SocketException e)
        {
            return $"raw ICMP sockets are not permitted here ({e.SocketErrorCode})";
        }
    }
}
