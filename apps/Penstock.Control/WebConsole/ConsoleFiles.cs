using System.IO.Compression;
using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Penstock.Control.WebConsole;

/// <summary>
/// The web console's files, built from apps/console and embedded compressed (R61, E13). They are served from memory, carry no
/// secret and are public; the page asks for the token itself.
/// </summary>
internal static class ConsoleFiles
{
    /// <summary>Said on the plain status page when the program was built without the console.</summary>
    public const string Absent = "This program was built without the web console (Node was not there, or -p:SkipUi=true).";

    /// <summary>
    /// Everything comes from this origin: no inline script or style, no other host, in no frame of another page. WebSockets of
    /// the same origin are covered by 'self'.
    /// </summary>
    public const string Policy = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";

    private const string Prefix = "console/";

    private static readonly Dictionary<string, byte[]> Files = Load();

    /// <summary>Whether the console was built into this program.</summary>
    public static bool Present => Files.ContainsKey("index.html");

    /// <summary>Maps the page to / and its files to /assets/; does nothing when the console is absent.</summary>
    public static void MapConsole(this IEndpointRouteBuilder web)
    {
        if (!Present) return;
        web.MapMethods("/", [HttpMethods.Get, HttpMethods.Head], context => SendAsync(context, "index.html"));
        web.MapMethods("/assets/{name}", [HttpMethods.Get, HttpMethods.Head], context => SendAsync(context, $"assets/{context.Request.RouteValues["name"]}"));
    }

    private static async Task SendAsync(HttpContext context, string name)
    {
        var response = context.Response;
        // Only names that were embedded exist: there is no path to walk.
        if (!Files.TryGetValue(name, out var packed))
        {
            response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        response.ContentType = ContentType(name);
        response.Headers.ContentSecurityPolicy = Policy;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers["Cross-Origin-Opener-Policy"] = "same-origin";
        response.Headers["Cross-Origin-Resource-Policy"] = "same-origin";
        response.Headers.Vary = "Accept-Encoding";
        // The names of assets carry their hash: what is there never changes. The page itself is asked for every time.
        response.Headers.CacheControl = name == "index.html" ? "no-cache" : "public, max-age=31536000, immutable";
        var body = packed;
        if (context.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase)) response.Headers.ContentEncoding = "gzip";
        else body = Unpack(packed);
        response.ContentLength = body.Length;
        if (HttpMethods.IsGet(context.Request.Method)) await response.Body.WriteAsync(body, context.RequestAborted);
    }

    private static string ContentType(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => "application/octet-stream",
    };

    private static byte[] Unpack(byte[] packed)
    {
        using var plain = new MemoryStream();
        using (var unpack = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress)) unpack.CopyTo(plain);
        return plain.ToArray();
    }

    private static Dictionary<string, byte[]> Load()
    {
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        var assembly = Assembly.GetExecutingAssembly();
        foreach (var name in assembly.GetManifestResourceNames())
        {
            if (!name.StartsWith(Prefix, StringComparison.Ordinal)) continue;
            using var resource = assembly.GetManifestResourceStream(name)!;
            var bytes = new byte[resource.Length];
            resource.ReadExactly(bytes);
            files[name[Prefix.Length..]] = bytes;
        }

        return files;
    }
}
