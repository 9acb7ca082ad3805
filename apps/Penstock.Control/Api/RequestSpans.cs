using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Penstock.Control.Security;
using Penstock.Control.Telemetry;

namespace Penstock.Control.Api;

/// <summary>One span for each request, named by its route: the path, the query and the headers a client sent stay out of it.</summary>
internal static class RequestSpans
{
    private static readonly string[] Methods = ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "CONNECT"];

    public static async Task TraceAsync(HttpContext http, RequestDelegate next)
    {
        using var span = Spans.Begin("request", ActivityKind.Server, Caller(http.Request));
        await next(http).ConfigureAwait(false);
        if (span is null) return;
        var method = Array.Find(Methods, m => m == http.Request.Method) ?? "_OTHER";
        var route = http.GetEndpoint()?.Metadata.GetMetadata<ApiRoute>()?.Pattern;
        span.DisplayName = route is null ? method : $"{method} {route}";
        span.SetTag("http.request.method", method);
        span.SetTag("http.route", route);
        span.SetTag("http.response.status_code", http.Response.StatusCode);
        if (http.Items[typeof(Principal)] is Principal { Role: not AccessRole.Public } who)
        {
            span.SetTag("penstock.who", who.Name);
            span.SetTag("penstock.role", who.Role.ToString().ToLowerInvariant());
        }

        if (http.Response.StatusCode >= 400) span.SetStatus(ActivityStatusCode.Error);
    }

    /// <summary>As W3C Trace Context has it; nothing where the header is none, or is not one.</summary>
    private static ActivityContext Caller(HttpRequest request) =>
        request.Headers.TraceParent is { Count: 1 } parent && ActivityContext.TryParse(parent[0], null, isRemote: true, out var context) ? context
            : default;
}
