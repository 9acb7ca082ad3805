using System.CommandLine;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Penstock.Control.Family;
using Penstock.Control.Nodes;
using Penstock.Infrastructure.Problems;

namespace Penstock.Control.Verbs;

/// <summary>
/// penstock serve: the control plane beside a node. Today a status page and the status as JSON, read through the node's
/// command socket; it can be killed at any time and the node does not notice.
/// </summary>
internal static class ServeVerb
{
    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "The node's data folder.", Required = true };
        var port = new Option<int>("--port") { Description = "Loopback port; 0 picks a free one.", DefaultValueFactory = _ => 7070 };
        var supervised = VerbOptions.Supervised();
        var command = new Command("serve", "Serves a status page for a node on 127.0.0.1.") { data, port, supervised };
        command.SetAction((parsed, cancel) => RunAsync(parsed.GetValue(data)!, parsed.GetValue(port), parsed.GetValue(supervised), cancel));
        return command;
    }

    private static async Task<int> RunAsync(string data, int port, bool supervised, CancellationToken cancel)
    {
        await using var web = await ListenAsync(data, port, supervised, cancel);
        Console.WriteLine($"Status page on {web.Urls.First()}");
        // Ctrl-C reaches the whole family at once; a supervised child leaves when its supervisor does.
        await (supervised ? Supervision.ParentGone() : Task.Delay(Timeout.Infinite, cancel))
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return (int)ExitCode.Ok;
    }

    /// <summary>In a demo a busy port is no reason to fail: another demo has it, and a free one does as well.</summary>
    private static async Task<WebApplication> ListenAsync(string data, int port, bool supervised, CancellationToken cancel)
    {
        try
        {
            return await StartAsync(data, port, cancel);
        }
        catch (IOException) when (supervised && port != 0)
        {
            return await StartAsync(data, 0, cancel);
        }
        catch (IOException e)
        {
            throw new Problem(ExitCode.Error, $"port {port} cannot be used", $"127.0.0.1:{port}", e.Message, "penstock serve --port 0, or end what listens there");
        }
    }

    private static async Task<WebApplication> StartAsync(string data, int port, CancellationToken cancel)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        var web = builder.Build();
        web.MapGet("/api/status", async (HttpContext context) =>
        {
            var status = await StatusAsync(data, context.RequestAborted);
            context.Response.StatusCode = status is null ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(status?.ToJsonString() ?? """{"state":"DOWN"}""", context.RequestAborted);
        });
        web.MapGet("/", (HttpContext context) => PageAsync(data, context));
        await web.StartAsync(cancel);
        return web;
    }

    private static async Task PageAsync(string data, HttpContext context)
    {
        var node = NodeRegistry.Running().FirstOrDefault(n => Path.GetFullPath(n.Data) == Path.GetFullPath(data));
        var status = await StatusAsync(data, context.RequestAborted);
        var text = node is null || status is null ? "The node is not running." : string.Join('\n', TopScreen.Render(node, null, status, 120));
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'";
        await context.Response.WriteAsync(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta http-equiv=\"refresh\" content=\"2\"><title>Penstock</title>" +
            "<style>body{font:14px/1.45 ui-monospace,monospace;margin:2rem;color-scheme:light dark}</style><pre>" +
            WebUtility.HtmlEncode(text) + "</pre></html>", Encoding.UTF8, context.RequestAborted);
    }

    private static async Task<JsonObject?> StatusAsync(string data, CancellationToken cancel)
    {
        var node = NodeRegistry.Running().FirstOrDefault(n => Path.GetFullPath(n.Data) == Path.GetFullPath(data));
        if (node is null) return null;
        try
        {
            return await NodeClient.AskAsync(node, new JsonObject { ["command"] = "status" }, cancel);
        }
        catch (Problem)
        {
            return null;
        }
    }
}
