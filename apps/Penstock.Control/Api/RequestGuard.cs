using Microsoft.AspNetCore.Http;
using Penstock.Control.Logging;
using Penstock.Control.Security;
using Penstock.Infrastructure.Logging;
using Penstock.Infrastructure.Time;

namespace Penstock.Control.Api;

/// <summary>
/// In front of everything: which host, which page, who, how often. What no route declares is nobody's: without a token one does not even learn
/// what exists.
/// </summary>
internal sealed class RequestGuard(TokenStore tokens, HostRules hosts, IMonotonicClock clock, LogRing log)
{
    private readonly RateGate _known = new(clock, perSecond: 50, burst: 200);
    private readonly RateGate _unknown = new(clock, perSecond: 10, burst: 50);
    private readonly RateGate _open = new(clock, perSecond: 100, burst: 400);
    private readonly RateGate _sockets = new(clock, perSecond: 1_000, burst: 3_000);
    private long _refused;

    /// <summary>Requests that did not pass.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    public async Task CheckAsync(HttpContext http, RequestDelegate next)
    {
        Harden(http.Response.Headers);
        if (Judge(http, out var who) is not { } wrong)
        {
            http.Items[typeof(Principal)] = who;
            await next(http).ConfigureAwait(false);
            return;
        }

        Interlocked.Increment(ref _refused);
        // The route's own text, never the client's path.
        log.Write(ControlMessages.RequestRefused, http.Request.Method, http.GetEndpoint()?.Metadata.GetMetadata<ApiRoute>()?.Pattern ?? "no route",
            wrong.Problem);
        await ApiAnswers.ProblemAsync(http, wrong.Problem, wrong.Detail, wrong.Next).ConfigureAwait(false);
    }

    /// <summary>The bearer's name and role; null for nobody's token, or none.</summary>
    public Principal? Bearer(HttpContext http)
    {
        var header = http.Request.Headers.Authorization;
        const string scheme = "Bearer ";
        return header.Count == 1 && header[0] is { } value && value.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)
            ? tokens.Find(value.AsSpan(scheme.Length)) : null;
    }

    private (string Problem, string Detail, string Next)? Judge(HttpContext http, out Principal who)
    {
        who = new Principal("", AccessRole.Public);
        var request = http.Request;
        if (!hosts.IsOurs(request.Host.Value))
            return ("wrong-host", "this server answers to its own names only", "penstock serve --host NAME allows another one");
        var origins = request.Headers.Origin;
        if (origins.Count > 1 || !hosts.MayTalk(origins.Count == 1 ? origins[0] : null, request.Host.Value))
            return ("wrong-origin", "a page of another origin may not talk to this server", "open the console from this server itself");
        if (request.Query.ContainsKey("token") || request.Query.ContainsKey("access_token"))
            return ("malformed", "a token never stands in a URL: it would be logged", "Authorization: Bearer TOKEN");

        var route = http.GetEndpoint()?.Metadata.GetMetadata<ApiRoute>();
        if (route is { Role: AccessRole.Public } || (route is { IsPublicOnLoopback: true } && hosts.IsLoopback))
            return _open.TryPass("") ? null : Hurry();
        if (Bearer(http) is not { } bearer)
        {
            // A WebSocket may say who it is in its first message: browsers cannot set headers.
            if (route is not null && http.WebSockets.IsWebSocketRequest && request.Headers.Authorization.Count == 0)
                return _sockets.TryPass("") ? null : Hurry();
            return _unknown.TryPass("") ? ("unauthenticated", "a valid token is needed",
                "Authorization: Bearer TOKEN; penstock token add NAME --role viewer") : Hurry();
        }

        who = bearer;
        // A crowd of one program's connections is bounded by their number, not by how fast they come.
        if (!(http.WebSockets.IsWebSocketRequest ? _sockets : _known).TryPass(bearer.Name)) return Hurry();
        if (http.GetEndpoint() is { } endpoint && route is null && endpoint.DisplayName?.Contains("405", StringComparison.Ordinal) == true)
            return http.Request.Path.StartsWithSegments("/api/v1/commands", StringComparison.Ordinal) && request.Method == "POST"
                ? ("not-found", "there is no such command; known: " + string.Join(", ", CommandCatalog.All.Select(c => c.Name)),
                    "GET /api/v1/openapi.json")
                : ("method", $"{request.Method} is not how this is asked", "GET /api/v1/openapi.json");
        if (route is null) return ("not-found", "there is nothing at this path", "GET /api/v1/openapi.json");
        return bearer.Role >= route.Role ? null
            : ("forbidden", $"a token of role {route.Role.ToString().ToLowerInvariant()} is needed",
            "ask an admin: penstock token add NAME --role ROLE");
    }

    private static (string, string, string) Hurry() => ("too-many", "slower, please", "wait a second");

    private static void Harden(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; object-src 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-store";
        headers["Referrer-Policy"] = "no-referrer";
        headers["X-Frame-Options"] = "DENY";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
    }
}
