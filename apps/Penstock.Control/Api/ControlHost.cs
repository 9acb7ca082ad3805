using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Penstock.Control.Alerts;
using Penstock.Control.Gateway;
using Penstock.Control.Logging;
using Penstock.Control.ReadModels;
using Penstock.Control.Security;
using Penstock.Control.Sidecar;
using Penstock.Control.Telemetry;
using Penstock.Infrastructure.Problems;
using Penstock.Infrastructure.Threads;
using Penstock.Infrastructure.Time;

namespace Penstock.Control.Api;

/// <summary>What a control plane is started with.</summary>
internal sealed record ControlHostOptions
{
    /// <summary>The node's data folder.</summary>
    public required string Data { get; init; }

    public int Port { get; init; } = 7070;

    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>Further names people reach this server by.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>Needed wherever the address is not loopback.</summary>
    public X509Certificate2? Certificate { get; init; }

    public SocketLimits Sockets { get; init; } = new();

    public int ConnectionsMax { get; init; } = 2_000;

    /// <summary>From the first byte of a request to the end of its headers; the server looks once a second.</summary>
    public TimeSpan HeadersWithin { get; init; } = TimeSpan.FromSeconds(5);

    public int SocketsMax { get; init; } = 1_200;

    /// <summary>Folder of the runbooks; null where there is none.</summary>
    public string? Runbooks { get; init; }

    /// <summary>Where the log's lines go; null for nowhere.</summary>
    public TextWriter? Log { get; init; }

    /// <summary>Where spans go; null where nobody collects them.</summary>
    public SpanPush? Spans { get; init; }

    /// <summary>How the process gives way to the node; null when it does not.</summary>
    public GivingWay? Way { get; init; }

    /// <summary>Stands in for the node's command socket in tests.</summary>
    public Func<JsonObject, Task<JsonObject?>>? Ask { get; init; }

    public IMonotonicClock Clock { get; init; } = MonotonicClock.Instance;

    public IWallClock WallClock { get; init; } = SystemWallClock.Instance;
}

/// <summary>
/// The control plane in one process: read models and hub on one thread, the web server in front of them. It can be killed at any time; the node
/// does not notice, and the next one comes to the same state from the same files.
/// </summary>
internal sealed class ControlHost : IAsyncDisposable
{
    private const int KernelBufferBytes = 128 * 1024;

    private readonly ControlHostOptions _options;
    private readonly AgentRunner _runner;
    private readonly TickIdle _idle;
    private readonly WebApplication _web;
    private readonly FaultDesk _faults;
    private readonly AlertDesk? _alerts;
    private readonly RequestGuard _guard;
    private readonly CounterFollower _follower;
    private readonly ControlLog _log;
    private int _sockets;
    private long _socketsRefused;

    private ControlHost(ControlHostOptions options)
    {
        _options = options;
        Tokens = new TokenStore(options.Data, options.Clock);
        Approvals = new Approvals(options.WallClock);
        Models = new ReadModelAgent(options.Data, options.Clock, options.WallClock, options.Ask);
        Models.AddTopic(new ApprovalTopic(Approvals));
        Hub = new Hub(Models.Find, options.Clock, Tokens.IsStill, () => Models.Market.Instruments.Count == 0);
        Models.IsWatched = Hub.IsWatched;
        Models.GatewayFigures = Figures;
        _alerts = AlertConfiguration.Load(options.Data, options.Clock);
        if (_alerts is not null) Models.Journal.Events.Listener = Tell;
        _faults = new FaultDesk(options.Data, Models, options.WallClock);
        var rules = new HostRules(options.Address, options.Hosts);
        _follower = new CounterFollower(options.Data, options.Clock);
        _log = new ControlLog(_follower.Glance, options.Log, options.Clock, options.WallClock, options.Way);
        _guard = new RequestGuard(Tokens, rules, options.Clock, _log.Ring);
        var desk = new CommandDesk(Models.Node, Approvals, new IdempotencyKeys(options.Clock), _faults, _log.Ring);
        Routes = new RouteTable(new ApiQueries(Models, options.Data, options.Runbooks), desk, SocketAsync);
        _idle = new TickIdle(() => Hub.UntilTickNs);
        Models.Wake = Hub.Wake = _idle.Wake;
        _runner = new AgentRunner("read-models", [Models, Hub, .. _log.Agents], _idle);
        _web = Build();
    }

    public TokenStore Tokens { get; }

    public Approvals Approvals { get; }

    public ReadModelAgent Models { get; }

    public Hub Hub { get; }

    public RouteTable Routes { get; }

    public Uri Url { get; private set; } = null!;

    /// <summary>Sockets closed unheard because too many were open.</summary>
    public long SocketsRefused => Interlocked.Read(ref _socketsRefused);

    /// <exception cref="Problem">Plain text beyond this machine.</exception>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<ControlHost> StartAsync(ControlHostOptions options, CancellationToken cancel)
    {
        if (!IPAddress.IsLoopback(options.Address) && options.Certificate is null)
            throw new Problem(ExitCode.Configuration, "tokens are not sent over plain text", $"{options.Address}:{options.Port}",
                "beyond this machine TLS is needed",
                "penstock serve --certificate FILE.pfx, or put a TLS proxy before 127.0.0.1");
        var host = new ControlHost(options);
        try
        {
            await host._web.StartAsync(cancel).ConfigureAwait(false);
            host.Url = new Uri(host._web.Urls.First());
            host._runner.Start();
            return host;
        }
        catch
        {
            await host.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        using (var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2)))
        {
            await _web.StopAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await _web.DisposeAsync().ConfigureAwait(false);
        if (!_runner.IsRunning || _runner.Stop(TimeSpan.FromSeconds(5)))
        {
            Models.Dispose();
            _log.Dispose();
        }

        _follower.Dispose();
        _idle.Dispose();
        _faults.Dispose();
        if (_alerts is not null) await _alerts.DisposeAsync().ConfigureAwait(false);
    }

    private WebApplication Build()
    {
        var builder = BareServer.CreateBuilder();
        builder.WebHost.ConfigureKestrel(Limit);
        builder.WebHost.UseSockets(sockets => sockets.CreateBoundListenSocket = Listener);
        var web = builder.Build();
        web.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.FromSeconds(30), KeepAliveTimeout = TimeSpan.FromSeconds(30) });
        web.Use(RequestSpans.TraceAsync);
        web.Use(CatchAsync);
        web.UseRouting();
        web.Use((HttpContext http, RequestDelegate next) => _guard.CheckAsync(http, next));
        MetricsEndpoint.Map(Open(web, "/metrics"), _options.Data);
        foreach (var route in Routes.All)
        {
            web.MapMethods(route.Pattern, [route.Method], (HttpContext http) =>
                route.Handle(new ApiRequest(http, (Principal)http.Items[typeof(Principal)]!))).WithMetadata(route);
        }

        return web;
    }

    /// <summary>A place for an endpoint of another part that everybody on this machine may ask, and a viewer from elsewhere.</summary>
    public static IEndpointRouteBuilder Open(IEndpointRouteBuilder endpoints, string path)
    {
        var group = endpoints.MapGroup("");
        group.WithMetadata(new ApiRoute("GET", path, AccessRole.Viewer, "", _ => Task.CompletedTask) { IsPublicOnLoopback = true });
        return group;
    }

    /// <summary>Everything a stranger could use up has a bound.</summary>
    private void Limit(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        var limits = kestrel.Limits;
        limits.MaxConcurrentConnections = _options.ConnectionsMax;
        limits.MaxConcurrentUpgradedConnections = _options.SocketsMax + 64;
        limits.MaxRequestBodySize = JsonBody.BytesMax;
        limits.MaxRequestHeadersTotalSize = 16 * 1024;
        limits.MaxRequestHeaderCount = 64;
        limits.MaxRequestLineSize = 4 * 1024;
        limits.RequestHeadersTimeout = _options.HeadersWithin;
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(60);
        limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));
        // A client that does not read costs this much, and its queue.
        limits.MaxResponseBufferSize = 64 * 1024;
        kestrel.Listen(_options.Address, _options.Port, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            if (_options.Certificate is { } certificate) listen.UseHttps(certificate);
        });
    }

    /// <summary>The kernel, too, keeps a bounded part of what a client does not read; left alone it would be megabytes for each.</summary>
    private static Socket Listener(EndPoint address)
    {
        var listener = SocketTransportOptions.CreateDefaultBoundListenSocket(address);
        listener.SendBufferSize = KernelBufferBytes;
        return listener;
    }

    /// <summary>The last border: what nobody foresaw is told without its inside.</summary>
    private static async Task CatchAsync(HttpContext http, RequestDelegate next)
    {
        try
        {
            await next(http).ConfigureAwait(false);
        }
        catch (Microsoft.AspNetCore.Http.BadHttpRequestException e) when (!http.Response.HasStarted)
        {
            await ApiAnswers.ProblemAsync(http, e.StatusCode == 413 ? "too-large" : "malformed",
                "the request breaks HTTP or its bounds").ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The asker left.
        }
        catch (Exception e) when (!http.Response.HasStarted)
        {
            await ApiAnswers.ProblemAsync(http, "internal", $"a fault of the server's ({e.GetType().Name})", "report it").ConfigureAwait(false);
        }
    }

    private async Task SocketAsync(ApiRequest request)
    {
        var http = request.Http;
        if (!http.WebSockets.IsWebSocketRequest)
        {
            await ApiAnswers.ProblemAsync(http, "malformed", "this is a WebSocket",
                "connect with a WebSocket client; see docs/guides/api.md").ConfigureAwait(false);
            return;
        }

        if (Interlocked.Increment(ref _sockets) > _options.SocketsMax)
        {
            Interlocked.Decrement(ref _sockets);
            Interlocked.Increment(ref _socketsRefused);
            await ApiAnswers.ProblemAsync(http, "too-many", "too many connections").ConfigureAwait(false);
            return;
        }

        try
        {
            using var socket = await http.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext()).ConfigureAwait(false);
            var known = request.Who.Role == AccessRole.Public ? null : request.Who;
            var about = new JsonObject { ["node"] = Models.Node.Status?["name"]?.DeepClone(),
                ["environment"] = Models.Node.Status?["environment"]?.DeepClone() };
            await new SocketSession(socket, Hub, Tokens, _options.Clock, _options.Sockets, about)
                .RunAsync(known, request.Query("format") == "binary", http.RequestAborted).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _sockets);
        }
    }

    /// <summary>What the journal tells again at the start is history: only what is young is told to people.</summary>
    private void Tell(LoggedEvent happened)
    {
        if (_options.WallClock.UnixNs - happened.UnixNs < 60_000_000_000) _alerts!.Take(happened);
    }

    /// <summary>The level everything of this server logs at; the node's.</summary>
    public Infrastructure.Logging.LogLevel LogsFrom => _log.Ring.LevelOf(ControlMessages.CommandCarried.Area);

    private JsonObject Figures() => new()
    {
        ["gatewayWorkingSetBytes"] = Environment.WorkingSet, ["gatewayClients"] = Hub.Clients, ["gatewayDropped"] = Hub.Dropped,
        ["gatewayRefused"] = _guard.Refused,
        ["alertsSent"] = _alerts?.Sent ?? 0, ["alertsFailed"] = _alerts?.Failed ?? 0, ["spansPushed"] = _options.Spans?.Pushed ?? 0,
        ["spansFailed"] = _options.Spans?.Failed ?? 0,
    };
}
