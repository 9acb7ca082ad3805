using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Penstock.Control.Api;

/// <summary>A request's body, read within its bounds: size, depth, encoding, kind.</summary>
internal static class JsonBody
{
    public const int BytesMax = 16 * 1024;

    private const int DepthMax = 6;

    /// <summary>The object, or what is wrong with it.</summary>
    public static async Task<(JsonObject? Body, string? Problem, string Detail)> ReadAsync(HttpRequest request, CancellationToken cancel)
    {
        var type = request.ContentType?.Split(';')[0].Trim();
        if (!"application/json".Equals(type, StringComparison.OrdinalIgnoreCase)) return (null, "media-type", "Content-Type is application/json");
        if (request.Headers.ContentEncoding.Count > 0) return (null, "media-type", "a body comes as it is: no Content-Encoding");
        if (request.ContentLength > BytesMax) return (null, "too-large", $"a body has {BytesMax} bytes at most");
        var bytes = new MemoryStream();
        var buffer = new byte[4_096];
        int read;
        while ((read = await request.Body.ReadAsync(buffer, cancel).ConfigureAwait(false)) > 0)
        {
            if (bytes.Length + read > BytesMax) return (null, "too-large", $"a body has {BytesMax} bytes at most");
            bytes.Write(buffer, 0, read);
        }

        try
        {
            // Nodes notice names that stand twice only when somebody looks: looking at all of them is done here.
            var node = JsonNode.Parse(bytes.ToArray(), null, new JsonDocumentOptions { MaxDepth = DepthMax });
            if (node is not JsonObject body) return (null, "malformed", "the body is one JSON object");
            Walk(body);
            return (body, null, "");
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            return (null, "malformed", $"the body is not JSON as this server reads it, {DepthMax} levels deep at most, no name twice");
        }
    }

    /// <summary>Text of a field; null when it is not there or no text.</summary>
    public static string? Text(this JsonObject body, string name) =>
        body[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    /// <summary>A number, or the digits of one.</summary>
    public static string? NumberText(this JsonObject body, string name) => body[name] switch
    {
        JsonValue value when value.TryGetValue<long>(out var number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture),
        JsonValue value when value.TryGetValue<string>(out var text) => text,
        _ => null,
    };

    private static void Walk(JsonNode? node)
    {
        if (node is JsonObject o)
        {
            foreach (var (_, value) in o) Walk(value);
        }
        else if (node is JsonArray a)
        {
            foreach (var value in a) Walk(value);
        }
    }
}
