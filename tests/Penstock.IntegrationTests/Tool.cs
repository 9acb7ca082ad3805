using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Penstock.IntegrationTests;

/// <summary>
/// Programs that are not ours: promtool, prometheus, systemd-analyze, bash. Tests that need one are skipped where it is not installed.
/// </summary>
internal static class Tool
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(200);

    public static bool Exists(string tool) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, tool)));

    public static void Require(string tool, string package) =>
        Assert.SkipUnless(Exists(tool), $"{tool} is not installed (apt-get install {package}; `./penstock test` does so where it may)");

    public static Process Start(
        string tool, IEnumerable<string> arguments, string? folder = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(tool)
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
            WorkingDirectory = folder ?? Path.GetTempPath(),
        };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        return Process.Start(start)!;
    }

    public static async Task<Outcome> RunAsync(
        string tool, IEnumerable<string> arguments, string? folder = null, string? input = null,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        using var process = Start(tool, arguments, folder, environment);
        using var limit = new CancellationTokenSource(Limit);
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        if (input is not null) await process.StandardInput.WriteAsync(input.AsMemory(), limit.Token);
        process.StandardInput.Close();
        try
        {
            await process.WaitForExitAsync(limit.Token);
            return new Outcome(process.ExitCode, await output, await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new InvalidOperationException($"{tool} did not end within {Limit.TotalSeconds} s");
        }
    }

    /// <summary>Free this moment; whoever listens there next may be somebody else, which its caller notices.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Asks again until the answer is there; fails with the last one after three minutes.</summary>
    public static async Task<string> UntilAsync(Func<Task<string>> ask, Func<string, bool> isThere)
    {
        using var limit = new CancellationTokenSource(Limit);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
        var last = "";
        try
        {
            do
            {
                try
                {
                    last = await ask();
                    if (isThere(last)) return last;
                }
                catch (HttpRequestException e)
                {
                    last = e.Message;
                }
            }
            while (await timer.WaitForNextTickAsync(limit.Token));
        }
        catch (OperationCanceledException)
        {
            // Told below, with what was there instead.
        }

        throw new InvalidOperationException($"It never came. The last answer was:\n{last}");
    }

    /// <summary>The checkout: the tests look at its deploy/ and docs/.</summary>
    public static string Root { get; } = FindRoot();

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Penstock.slnx"))) return folder.FullName;
        }

        throw new InvalidOperationException("The tests do not lie in a checkout.");
    }
}
