using System.Net;
using System.Reflection;
using System.Text;

namespace Penstock.Control.Api;

/// <summary>
/// The console's files: resources of this assembly whose names begin with <c>console/</c>. A request picks one by its whole name, so there is no
/// path to walk out of. Without a console the page says so and where the API is.
/// </summary>
internal static class ConsoleFiles
{
    private const string Prefix = "console/";

    private static readonly Dictionary<string, (byte[] Bytes, string Type)> Files = Load(typeof(ConsoleFiles).Assembly);

    public static bool IsBuiltIn => Files.ContainsKey("index.html");

    public static Task ServeAsync(ApiRequest request)
    {
        var path = request.Part("path");
        if (path.Length == 0) path = "index.html";
        if (Files.TryGetValue(path, out var file))
        {
            // Hashed names never change their content; the page itself may.
            if (path.StartsWith("assets/", StringComparison.Ordinal))
                request.Http.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
            request.Http.Response.Headers.Vary = "Accept-Encoding";
            // The build wrote each file a second time, compressed: nothing is compressed while serving.
            var isPacked = request.Http.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase);
            if (!isPacked || !Files.TryGetValue(path + ".gz", out var packed)) return ApiAnswers.BytesAsync(request.Http, 200, file.Bytes, file.Type);
            request.Http.Response.Headers.ContentEncoding = "gzip";
            return ApiAnswers.BytesAsync(request.Http, 200, packed.Bytes, file.Type);
        }

        return path == "index.html" ? ApiAnswers.BytesAsync(request.Http, 200, Plain, "text/html; charset=utf-8")
            : path.StartsWith("api/", StringComparison.Ordinal)
                ? ApiAnswers.ProblemAsync(request.Http, "not-found", "there is nothing at this path", "GET /api/v1/openapi.json")
                : ApiAnswers.ProblemAsync(request.Http, "not-found", "there is no such page", "GET /");
    }

    private static readonly byte[] Plain = Encoding.UTF8.GetBytes(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Penstock</title><h1>Penstock</h1>" +
        "<p>The control plane is running; this build has no console in it." +
        "<p>" + WebUtility.HtmlEncode("penstock top shows the node in a terminal. " +
            "The API: /api/v1/openapi.json, with Authorization: Bearer TOKEN.") + "</html>");

    private static Dictionary<string, (byte[], string)> Load(Assembly assembly)
    {
        var files = new Dictionary<string, (byte[], string)>(StringComparer.Ordinal);
        foreach (var name in assembly.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            files[name[Prefix.Length..].Replace('\\', '/')] = (bytes, TypeOf(name));
        }

        return files;
    }

    private static string TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".js" or ".mjs" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".svg" => "image/svg+xml",
        ".json" or ".map" => "application/json",
        ".woff2" => "font/woff2",
        ".png" => "image/png",
        ".ico" => "image/x-icon",
        _ => "text/plain; charset=utf-8",
    };
}
