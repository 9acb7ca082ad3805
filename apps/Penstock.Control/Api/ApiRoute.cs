using Microsoft.AspNetCore.Http;
using Penstock.Control.Security;

namespace Penstock.Control.Api;

/// <summary>
/// One way in. The table of these is everything there is: what is mapped, who may, what the documentation says and what the tests try follow from it.
/// </summary>
/// <param name="Method">GET or POST.</param>
/// <param name="Pattern">As in ASP.NET.</param>
/// <param name="Role">The least one that may; Public for everybody.</param>
/// <param name="Summary">One sentence.</param>
/// <param name="Handle">Called after role, host, origin, size and rate were checked.</param>
internal sealed record ApiRoute(string Method, string Pattern, AccessRole Role, string Summary, Func<ApiRequest, Task> Handle)
{
    /// <summary>Answers and documentation are about this URL; the console's files are not.</summary>
    public bool IsDocumented { get; init; } = true;

    /// <summary>Public on the loopback address; a viewer's elsewhere.</summary>
    public bool IsPublicOnLoopback { get; init; }

    /// <summary>Body fields, for the documentation; empty for queries.</summary>
    public IReadOnlyList<string> Fields { get; init; } = [];
}

/// <summary>A request that has passed the guard.</summary>
internal sealed record ApiRequest(HttpContext Http, Principal Who)
{
    public CancellationToken Cancel => Http.RequestAborted;

    /// <summary>A part of the path.</summary>
    public string Part(string name) => (string?)Http.Request.RouteValues[name] ?? "";

    public string? Query(string name) => Http.Request.Query.TryGetValue(name, out var value) ? (string?)value : null;
}
