using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Penstock.Infrastructure.Time;
using Penstock.Testing.Protocols;

namespace Penstock.Testing.Hosting;

/// <summary>
/// Gives one venue a Kestrel at 127.0.0.1: REST, WebSockets, and a pump that steps it every ten milliseconds. Everything that
/// touches the venue happens under one lock.
/// </summary>
internal sealed class VenueHost : IAsyncDisposable
{
    private static readonly TimeSpan StepInterval = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(2);

    private readonly IHostedVenue _venue;
    private readonly IWallClock _clock;
    private readonly Func<HttpContext, string, Task<bool>> _control;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<SocketConnection> _connections = [];
    private readonly WebApplication _app;
    private Task _pump = Task.CompletedTask;
    private long _steps;

    private VenueHost(IHostedVenue venue, IWallClock clock, int port, Func<HttpContext, string, Task<bool>> control)
    {
        _venue = venue;
        _clock = clock;
        _control = control;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(IPAddress.Loopback, port);
        });
        _app = builder.Build();
        _app.Run(HandleAsync);
    }

    /// <summary>Held while anything touches the venue.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Of the venue's clock.</summary>
    public long UnixNs => _clock.UnixNs;

    /// <summary>How often the pump has let the venue live on, its answers of that moment sent.</summary>
    public long Steps => Volatile.Read(ref _steps);

    public Uri Address { get; private set; } = new("http://127.0.0.1");

    /// <param name="venue">What to serve.</param>
    /// <param name="clock">The venue's own clock.</param>
    /// <param name="time">Drives the pump.</param>
    /// <param name="port">0 takes a free one.</param>
    /// <param name="control">Handles /sim/ paths (context, path); false when it knows the path not.</param>
    /// <param name="cancel">Gives up starting.</param>
    public static async Task<VenueHost> StartAsync(
        IHostedVenue venue, IWallClock clock, TimeProvider time, int port, Func<HttpContext, string, Task<bool>> control, CancellationToken cancel)
    {
        var host = new VenueHost(venue, clock, port, control);
        lock (host.Gate) venue.Step(clock.UnixNs);
        await host._app.StartAsync(cancel);
        host.Address = new Uri(host._app.Urls.First());
        host._pump = host.PumpAsync(time);
        return host;
    }

    public Uri Stream(string path) => new($"ws://{Address.Authority}{path}");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _pump;
        lock (Gate)
        {
            foreach (var connection in _connections) connection.Cut();
        }

        using var limit = new CancellationTokenSource(StopTimeout);
        await _app.StopAsync(limit.Token);
        await _app.DisposeAsync();
        _stop.Dispose();
    }

    private async Task PumpAsync(TimeProvider time)
    {
        using var timer = new PeriodicTimer(StepInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                lock (Gate)
                {
                    _venue.Step(_clock.UnixNs);
                    WakeAll();
                }

                Volatile.Write(ref _steps, _steps + 1);
            }
        }
        catch (OperationCanceledException)
        {
            // The owner stopped us; nothing is left to do.
        }
    }

    private void WakeAll()
    {
        foreach (var connection in _connections) connection.Wake();
    }

    private async Task HandleAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "/";
        try
        {
            if (path.StartsWith("/sim/", StringComparison.Ordinal) && await _control(context, path)) return;
            if (context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } upgrade
                && context.Request.Headers.SecWebSocketKey.ToString() is { Length: > 0 } key)
                await ServeSocketAsync(context, upgrade, key, path);
            else await ServeRestAsync(context, path);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The client went away, or we stop: an ending, not an error.
        }
    }

    private async Task ServeRestAsync(HttpContext context, string path)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var request = new VenueHttpRequest
        {
            Method = context.Request.Method, Path = path, Query = (context.Request.QueryString.Value ?? "").TrimStart('?'),
            Headers = context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            Body = await reader.ReadToEndAsync(context.RequestAborted),
        };
        VenueHttpResponse answer;
        lock (Gate)
        {
            answer = _venue.Handle(request, _clock.UnixNs);
            WakeAll();
        }

        await WriteAsync(context, answer);
    }

    public static async Task WriteAsync(HttpContext context, VenueHttpResponse answer)
    {
        var body = answer.BodyBytes;
        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        foreach (var (name, value) in answer.Headers) context.Response.Headers[name] = value;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    private async Task ServeSocketAsync(HttpContext context, IHttpUpgradeFeature upgrade, string key, string path)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, context.RequestAborted);
        ProtocolSession? session = null;
        var pipe = new DeferredSink();
        lock (Gate) session = _venue.Open(path, (context.Request.QueryString.Value ?? "").TrimStart('?'), pipe, _clock.UnixNs);
        if (session is null)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        try
        {
            context.Response.Headers.Connection = "Upgrade";
            context.Response.Headers.Upgrade = "websocket";
            context.Response.Headers.SecWebSocketAccept = AcceptKey(key);
            await using var stream = await upgrade.UpgradeAsync();
            using var connection = new SocketConnection(stream, context.Abort);
            await ServeSessionAsync(session, connection, pipe, stop.Token);
        }
        finally
        {
            lock (Gate) _venue.Close(session);
        }
    }

    private async Task ServeSessionAsync(ProtocolSession session, SocketConnection connection, DeferredSink pipe, CancellationToken cancel)
    {
        lock (Gate)
        {
            pipe.Connect(connection);
            _connections.Add(connection);
            connection.Wake();
        }

        var sending = connection.SendLoopAsync(cancel);
        try
        {
            await connection.ReceiveLoopAsync(frame =>
            {
                lock (Gate)
                {
                    session.OnText(frame.Span, _clock.UnixNs);
                    WakeAll();
                }
            }, cancel);
        }
        finally
        {
            lock (Gate) _connections.Remove(connection);
            connection.Cut();
            try
            {
                await sending;
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException)
            {
                // Same ending as the receiving side's.
            }
        }
    }

    /// <summary>RFC 6455 §4.2.2: the client's key and a fixed GUID, hashed.</summary>
    private static string AcceptKey(string key) =>
        Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
}
