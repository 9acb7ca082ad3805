using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Penstock.Control.ReadModels;

namespace Penstock.Control.Api;

/// <summary>What goes back: JSON, or a problem as RFC 9457 has it, with the next thing to do.</summary>
internal static class ApiAnswers
{
    private static readonly Dictionary<string, (int Status, string Title)> Problems = new()
    {
        ["unauthenticated"] = (401, "No valid token"), ["forbidden"] = (403, "Not allowed for this role"),
        ["not-found"] = (404, "There is no such thing"),
        ["method"] = (405, "Not with this method"), ["too-large"] = (413, "The body is too large"),
        ["media-type"] = (415, "The body is not JSON as it is"),
        ["malformed"] = (400, "The request cannot be read"), ["wrong-host"] = (421, "Not this host"), ["wrong-origin"] = (403, "Not from this page"),
        ["conflict"] = (409, "That was decided before"), ["expired"] = (410, "Too late"), ["refused"] = (422, "The node refused"),
        ["too-many"] = (429, "Too many requests"),
        ["no-node"] = (503, "No node answers"), ["internal"] = (500, "A fault of the server's"),
    };

    public static int StatusOf(string problem) => Problems[problem].Status;

    public static string ProblemText(string problem, string detail, string next = "") => new JsonObject
    {
        ["type"] = "https://penstock.invalid/problems/" + problem, ["title"] = Problems[problem].Title, ["status"] = Problems[problem].Status,
        ["detail"] = JsonText.OneLine(detail), ["next"] = next.Length > 0 ? next : UsualNext(problem),
    }.ToJsonString();

    /// <summary>Where nothing better is known.</summary>
    private static string UsualNext(string problem) => problem switch
    {
        "malformed" or "media-type" or "too-large" or "method" => "GET /api/v1/openapi.json",
        "refused" or "no-node" => "GET /api/v1/status",
        "conflict" => "a new Idempotency-Key for a new request",
        "too-many" => "wait a second",
        _ => "",
    };

    public static Task ProblemAsync(HttpContext http, string problem, string detail, string next = "")
    {
        if (problem == "unauthenticated") http.Response.Headers.WWWAuthenticate = "Bearer";
        if (problem == "too-many") http.Response.Headers.RetryAfter = "1";
        return TextAsync(http, StatusOf(problem), ProblemText(problem, detail, next), "application/problem+json");
    }

    public static Task JsonAsync(HttpContext http, JsonNode json) => TextAsync(http, 200, json.ToJsonString());

    public static Task TextAsync(HttpContext http, int status, string text, string? type = null) =>
        BytesAsync(http, status, Encoding.UTF8.GetBytes(text), type ?? (status < 400 ? "application/json" : "application/problem+json"));

    public static async Task BytesAsync(HttpContext http, int status, ReadOnlyMemory<byte> bytes, string type)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = type;
        http.Response.ContentLength = bytes.Length;
        await http.Response.Body.WriteAsync(bytes, http.RequestAborted).ConfigureAwait(false);
    }
}
