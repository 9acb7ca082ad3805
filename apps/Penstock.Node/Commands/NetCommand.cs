using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Penstock.Connectivity.Network;
using Penstock.Infrastructure.Problems;
using Penstock.Infrastructure.Threads;
using Penstock.Infrastructure.Time;
using Penstock.Node.Configuration;
using Penstock.Node.Reporting;

namespace Penstock.Node.Commands;

/// <summary>
/// The network paths to venues, measured without a node (penstock doctor --net): connects to each, pings, listens for a few seconds, lists the
/// hops, prints one JSON object. Speaks to the addresses of the configuration, or the venues' own, and to nobody else.
/// </summary>
internal static class NetCommand
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(5);

    public static int Execute(Words words)
    {
        var names = words.Values("--venue");
        var symbols = words.Value("--symbols")?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
        var configuration = words.Value("--config") is { } file ? ConfigurationFiles.Load(file, []) : null;
        var durationMs = long.Parse(words.Value("--duration-ms") ?? "8000", CultureInfo.InvariantCulture);
        var hops = !words.Flag("--no-hops");
        words.End();
        if (names.Count == 0) names = [.. configuration?.Venues.Select(v => v.Name) ?? []];
        if (names.Count == 0)
            throw new Problem(ExitCode.Usage, "no venue is named", "penstock doctor --net", $"known: {string.Join(", ", Catalogs.Venues.Names)}",
                "penstock doctor --net --venue binance");

        var venues = new JsonObject();
        var probes = new List<NetProbe>();
        try
        {
            foreach (var name in names.Distinct())
            {
                var configured = configuration?.Venues.FirstOrDefault(v => v.Name == name);
                try
                {
                    probes.Add(new NetProbe(Open(name, symbols.Length > 0 ? symbols : configured?.Symbols ?? [], configured),
                        MonotonicClock.Instance, SystemWallClock.Instance));
                }
                catch (Problem problem) when (names.Count > 1 && problem.Code == ExitCode.Error)
                {
                    // One venue that does not answer is a finding; the others are still looked at.
                    venues[name] = new JsonObject { ["state"] = "DOWN", ["why"] = problem.Message };
                }
            }

            Watch(probes, durationMs);
            foreach (var probe in probes) venues[probe.Venue.Venue.Profile.Name] = Describe(probe, hops);
            Console.WriteLine(new JsonObject { ["venues"] = venues }.ToJsonString());
            return (int)ExitCode.Ok;
        }
        finally
        {
            foreach (var probe in probes) probe.Dispose();
        }
    }

    /// <summary>Any instrument will do: where none is named, the one every venue has, in the venue's quote.</summary>
    private static CaptureVenue Open(string name, IReadOnlyList<string> symbols, VenueConfiguration? configured)
    {
        if (symbols.Count > 0) return CaptureVenue.Open(name, symbols, configured, testnet: false);
        try
        {
            return CaptureVenue.Open(name, ["BTC-USDT"], configured, testnet: false);
        }
        catch (Problem problem) when (problem.Code == ExitCode.NotFound && problem.Message.Contains("BTC-USDT", StringComparison.Ordinal))
        {
            return CaptureVenue.Open(name, ["BTC-USD"], configured, testnet: false);
        }
    }

    private static void Watch(IReadOnlyList<NetProbe> probes, long durationMs)
    {
        if (probes.Count == 0) return;
        var runner = new AgentRunner("net", probes, new BackOffIdle());
        var clock = MonotonicClock.Instance;
        var endNs = clock.NowNs + durationMs * 1_000_000;
        using var never = new ManualResetEventSlim();
        runner.Start();
        while (clock.NowNs < endNs && !probes.All(p => p.IsDone)) never.Wait(100);
        if (!runner.Stop(StopPatience))
            throw new Problem(ExitCode.Timeout, "the probing thread does not end", "penstock doctor --net",
                $"it had {StopPatience.TotalSeconds:0} s", "try again with one --venue");
    }

    private static JsonObject Describe(NetProbe probe, bool hops)
    {
        var address = probe.Venue.Endpoints.PublicStream;
        var link = probe.Session.LinkStatistics;
        var venue = new JsonObject
        {
            ["host"] = address.Host, ["state"] = link.Connects > 0 ? "OPEN" : "DOWN", ["attempts"] = link.Attempts,
            ["refused"] = link.HandshakesRefused,
            ["frames"] = link.Frames, ["network"] = PathReport.Of(probe.Path),
        };
        if (hops) venue["hops"] = Hops(address.DnsSafeHost);
        return venue;
    }

    private static JsonObject Hops(string host)
    {
        var listing = Resolve(host) is { } address 
            ? HopTrace.To(address, MonotonicClock.Instance)
            : new HopListing([], false, "the name has no address");
        return new JsonObject
        {
            ["reached"] = listing.Reached,
            ["refused"] = listing.Refusal,
            ["instead"] = listing.Refusal is null ? null : $"traceroute -T -p 443 {host}   (or, as root: setcap cap_net_raw+ep \"$(readlink -f \"$(command -v dotnet)\")\")",
            ["list"] = new JsonArray([.. listing.Hops.Select(h => new JsonObject
            {
                ["hop"] = h.Number, ["address"] = h.Address?.ToString(), ["pingNs"] = h.Address is null ? null : h.RoundTripNs,
            })]),
        };
    }

    private static IPAddress? Resolve(string host)
    {
        try
        {
            return IPAddress.TryParse(host, out var literal) ? literal : Dns.GetHostAddresses(host).FirstOrDefault();
        }
        catch (SocketException)
        {
            return null;
        }
    }
}
