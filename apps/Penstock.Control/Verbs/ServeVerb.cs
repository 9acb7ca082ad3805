using System.CommandLine;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Penstock.Control.Api;
using Penstock.Control.Family;
using Penstock.Control.Nodes;
using Penstock.Control.Telemetry;
using Penstock.Infrastructure.Problems;
using Penstock.Infrastructure.Services;
using Penstock.Infrastructure.Threads;

namespace Penstock.Control.Verbs;

/// <summary>
/// penstock serve: the control plane beside a node — console, HTTP API, WebSocket gateway. It can be killed at any time and the node does not
/// notice. On loopback by default; elsewhere only with TLS.
/// </summary>
internal static class ServeVerb
{
    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "The node's data folder.", Required = true };
        var port = VerbOptions.Port("Port; 0 picks a free one.", 7070);
        var address = new Option<string>("--address") { Description =
            "What to listen on; beyond loopback --certificate is needed.", DefaultValueFactory = _ => "127.0.0.1" };
        var host = new Option<string[]>("--host") { Description = "A further name people reach this server by." };
        var certificate = new Option<string?>("--certificate") { Description = "PFX or PEM file with certificate and key." };
        var otlp = new Option<string?>("--otlp") { Description = "Push spans of requests, commands and approvals to this " + OtlpCollector.Help };
        var keepPace = VerbOptions.KeepPace();
        var supervised = VerbOptions.Supervised();
        var command = new Command("serve", "Serves console, API and market data for a node.")
        {
            data, port, address, host, certificate, otlp, keepPace, supervised,
        };
        command.SetAction((parsed, cancel) => RunAsync(
            new ControlHostOptions
            {
                Data = Path.GetFullPath(parsed.GetValue(data)!), Port = parsed.GetValue(port), Address = Address(parsed.GetValue(address)!),
                Hosts = parsed.GetValue(host) ?? [], Certificate = Load(parsed.GetValue(certificate)), Runbooks = Runbooks(),
                Way = parsed.GetValue(keepPace) ? null : new GivingWay(),
            },
            OtlpCollector.Of(parsed.GetValue(otlp), "serve"), parsed.GetValue(supervised), cancel));
        return command;
    }

    private static async Task<int> RunAsync(ControlHostOptions options, Uri? collector, bool supervised, CancellationToken cancel)
    {
        foreach (var shortfall in options.Way?.Begin() ?? []) Console.Error.WriteLine(shortfall);
        using var spans = collector is null ? null : new SpanPush(collector, "penstock-control");
        using var services = ServiceManager.FromEnvironment();
        if (!Directory.Exists(options.Data))
            throw new Problem(ExitCode.NotFound, "there is no such data folder", options.Data, "the folder does not exist",
                "penstock serve --data DIR with the folder of a node; penstock demo prints the one of its run");
        await using var host = await ListenAsync(options with { Spans = spans, Log = supervised ? null : Console.Error }, supervised, cancel);
        using var announced = ObserverFile.Announce(options.Data, ObserverFile.Console);
        // The line people look for: an address to open. Stored is only what the token hashes to.
        Console.WriteLine($"Console on {host.Url.ToString().TrimEnd('/')}");
        if (host.Tokens.AddFirst() is { } token) Console.WriteLine($"Token of its first admin, shown this once: {token}");
        // Ctrl-C reaches the whole family at once; a supervised child leaves when its supervisor does.
        var ended = supervised ? Supervision.ParentGone() : Task.Delay(Timeout.Infinite, cancel);
        await ServiceLoop.RunAsync(services, $"serves {options.Data}", stop => host.Models.AskAsync(() => { }, stop), ended);
        return (int)ExitCode.Ok;
    }

    /// <summary>In a demo a busy port is no reason to fail: another demo has it, and a free one does as well.</summary>
    private static async Task<ControlHost> ListenAsync(ControlHostOptions options, bool supervised, CancellationToken cancel)
    {
        try
        {
            return await ControlHost.StartAsync(options, cancel);
        }
        catch (IOException) when (supervised && options.Port != 0)
        {
            return await ControlHost.StartAsync(options with { Port = 0 }, cancel);
        }
        catch (IOException e)
        {
            throw new Problem(ExitCode.Error, $"port {options.Port} cannot be used", $"{options.Address}:{options.Port}", e.Message,
                "penstock serve --port 0, or end what listens there");
        }
    }

    private static IPAddress Address(string text) => IPAddress.TryParse(text, out var address) ? address
        : throw new Problem(ExitCode.Usage, $"'{text}' is no address", "penstock serve --address", "expected an IP address",
            "penstock serve --address 0.0.0.0 --certificate FILE");

    private static X509Certificate2? Load(string? file)
    {
        if (file is null) return null;
        if (!File.Exists(file))
            throw new Problem(ExitCode.NotFound, "there is no such certificate", file, "the file does not exist",
                "penstock serve --certificate FILE.pfx, or FILE.pem");
        try
        {
            return Path.GetExtension(file) is ".pem" or ".crt"
                ? X509Certificate2.CreateFromPemFile(file, File.Exists(file + ".key") ? file + ".key" : file)
                : X509CertificateLoader.LoadPkcs12FromFile(file, null);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new Problem(ExitCode.Configuration, "the certificate cannot be used", file, e.Message,
                "a PFX without password, or PEM with FILE.key beside it");
        }
    }

    /// <summary>Beside the program when published, in the repository when built there.</summary>
    private static string? Runbooks()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder.TrimEnd('/')))
        {
            var candidate = Path.Combine(folder, "docs", "operations");
            if (Directory.Exists(candidate)) return candidate;
        }

        return null;
    }
}
