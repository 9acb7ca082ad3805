using System.CommandLine;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Penstock.Control.Family;
using Penstock.Control.Logging;
using Penstock.Control.Nodes;
using Penstock.Control.Security;
using Penstock.Control.Sidecar;
using Penstock.Control.Telemetry;
using Penstock.Infrastructure.Problems;
using Penstock.Infrastructure.Services;
using Penstock.Infrastructure.Threads;
using Penstock.Infrastructure.Time;

namespace Penstock.Control.Verbs;

/// <summary>
/// penstock sidecar: a node's counters for Prometheus, and for an OTLP collector where one is named (R52, R55). A process of its own
/// that only reads a mapped file: it may lag, crash or be killed, and the node cannot notice (R53).
/// </summary>
internal static class SidecarVerb
{
    public static Command Create()
    {
        var node = VerbOptions.Node();
        var port = VerbOptions.Port("Port; 0 picks a free one.", 7071);
        var listen = new Option<string>("--listen")
        {
            Description = "Address to listen on; anybody who reaches it may read the figures.", DefaultValueFactory = _ => "127.0.0.1",
        };
        var wait = new Option<bool>("--wait")
        {
            Description = "Serve at once and wait for the node's counters, instead of ending when there are none. --node is a folder then.",
        };
        var otlp = new Option<string?>("--otlp")
        {
            Description = "Push figures and spans to this " + OtlpCollector.Help,
        };
        var keepPace = VerbOptions.KeepPace();
        var supervised = VerbOptions.Supervised();
        var interval = new Option<string>("--otlp-interval") { Description = "How often to push.", DefaultValueFactory = _ => "10s" };
        var command = new Command("sidecar", "Serves a node's counters to Prometheus; the node does not notice.")
        {
            node, port, listen, wait, otlp, interval, keepPace, supervised,
        };
        command.SetAction((parsed, cancel) => RunAsync(
            Folder(parsed.GetValue(node)), parsed.GetValue(wait), Address(parsed.GetValue(listen)!), parsed.GetValue(port),
            OtlpCollector.Of(parsed.GetValue(otlp), "sidecar"), Interval(parsed.GetValue(interval)!),
            parsed.GetValue(keepPace) ? null : new GivingWay(), parsed.GetValue(supervised), cancel));
        return command;
    }

    private static async Task<int> RunAsync(
        string data, bool wait, IPAddress address, int port, Uri? collector, TimeSpan interval, GivingWay? way, bool supervised,
        CancellationToken cancel)
    {
        foreach (var shortfall in way?.Begin() ?? []) Console.Error.WriteLine(shortfall);
        using var services = ServiceManager.FromEnvironment();
        using var follower = new CounterFollower(data, MonotonicClock.Instance);
        if (!wait) follower.Require();
        using var log = new ControlLog(follower.Glance, Console.Error, MonotonicClock.Instance, SystemWallClock.Instance, way);
        var following = new AgentRunner("sidecar", log.Agents, new ParkIdle(250_000_000));
        var figures = new OtlpFigures();
        await using var web = await StartAsync(follower, figures, address, port, cancel);
        using var announced = ObserverFile.Announce(data, ObserverFile.Sidecar);
        Console.WriteLine($"Metrics on {web.Urls.First()}/metrics");
        using var spans = collector is null ? null : new SpanPush(collector, "penstock-sidecar");
        using var push = collector is null ? null : new OtlpPush(collector, follower, figures);
        var pushing = push?.RunAsync(interval, cancel) ?? Task.CompletedTask;
        following.Start();
        // A look is what every page begins with: while it comes back, pages do.
        await ServiceLoop.RunAsync(services, $"serves the figures of {data}", stop => Task.Run(() => follower.Look() is not null, stop),
            supervised ? Supervision.ParentGone() : Task.Delay(Timeout.Infinite, cancel));
        await pushing;
        following.Stop(TimeSpan.FromSeconds(1));
        return (int)ExitCode.Ok;
    }

    private static async Task<WebApplication> StartAsync(
        CounterFollower follower, OtlpFigures figures, IPAddress address, int port, CancellationToken cancel)
    {
        var builder = BareServer.CreateBuilder();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(address, port);
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = 64;
        });
        var web = builder.Build();
        MetricsEndpoint.Map(web, follower, figures);
        try
        {
            await web.StartAsync(cancel);
            return web;
        }
        catch (IOException e)
        {
            await web.DisposeAsync();
            throw new Problem(ExitCode.Error, $"port {port} cannot be used", $"{address}:{port}", e.Message,
                "penstock sidecar --port 0, or end what listens there");
        }
    }

    /// <summary>A folder needs no running node: it may start later, or again.</summary>
    private static string Folder(string? node) =>
        node is not null && (Directory.Exists(node) || node.Contains('/', StringComparison.Ordinal)) ? node : NodeRegistry.Find(node).Data;

    private static IPAddress Address(string text) => IPAddress.TryParse(text, out var address) ? address
        : throw new Problem(ExitCode.Usage, $"'{text}' is not an address", "penstock sidecar --listen", "expected an IP address",
            "penstock sidecar --listen 127.0.0.1");

    private static TimeSpan Interval(string text) => VerbOptions.TryParseDuration(text, out var interval) ? interval
        : throw new Problem(ExitCode.Usage, $"'{text}' is not a duration", "penstock sidecar --otlp-interval",
            "expected a number with ms, s, m or h", "penstock sidecar --otlp-interval 10s");
}
