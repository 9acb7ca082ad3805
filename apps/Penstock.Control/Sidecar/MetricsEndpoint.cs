using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Penstock.Control.Telemetry;
using Penstock.Infrastructure.Time;

namespace Penstock.Control.Sidecar;

/// <summary>
/// Mounts what machines ask of a node into any web server: /metrics, /health/live, /health/ready. All is read from the counter file.
/// </summary>
internal static class MetricsEndpoint
{
    /// <summary>Scrapes at once, beyond which 503 is the answer: each costs some milliseconds of one core.</summary>
    private const int WaitingMax = 16;

    /// <param name="web">Where to mount it.</param>
    /// <param name="data">The node's data folder; the node need not run yet.</param>
    public static void Map(IEndpointRouteBuilder web, string data) => Map(web, new CounterFollower(data, MonotonicClock.Instance), new OtlpFigures());

    public static void Map(IEndpointRouteBuilder web, CounterFollower follower, OtlpFigures otlp)
    {
        var metrics = new NodeMetrics(follower, otlp);
        var gate = new Lock();
        var waiting = 0;
        web.MapGet("/metrics", async (HttpContext context) =>
        {
            if (Interlocked.Increment(ref waiting) > WaitingMax)
            {
                Interlocked.Decrement(ref waiting);
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                return;
            }

            using var span = Spans.Begin("sidecar scrape", System.Diagnostics.ActivityKind.Server);
            string page;
            try
            {
                lock (gate) page = metrics.Render();
                span?.SetTag("penstock.characters", page.Length);
                span.End(true, "served");
            }
            finally
            {
                Interlocked.Decrement(ref waiting);
            }

            context.Response.ContentType = ExpositionWriter.ContentType;
            await context.Response.WriteAsync(page, context.RequestAborted);
        });
        web.MapGet("/health/live", (HttpContext context) => AnswerAsync(context, NodeHealth.Of(follower.Look()), h => h.IsLive));
        web.MapGet("/health/ready", (HttpContext context) => AnswerAsync(context, NodeHealth.Of(follower.Look()), h => h.IsReady));
    }

    private static Task AnswerAsync(HttpContext context, NodeHealth health, Func<NodeHealth, bool> asked)
    {
        var isOk = asked(health);
        context.Response.StatusCode = isOk ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        context.Response.ContentType = "application/json";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(health.ToJson(isOk), context.RequestAborted);
    }
}
