using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Penstock.Infrastructure.Problems;

namespace Penstock.Control.Nodes;

/// <summary>
/// Verbs whose work is the data plane's (replaying a session runs strategies; checking a recording runs decoders) are done
/// by the node program itself; this process only passes words, output and exit code through.
/// </summary>
internal static partial class NodeProgram
{
    private const int TerminateSignal = 15;

    /// <summary>Runs it for its answer: the JSON object it prints last, null when it failed and said so itself.</summary>
    public static async Task<(int ExitCode, JsonObject? Answer)> ReadAsync(string program, IEnumerable<string> arguments, CancellationToken cancel)
    {
        var lines = new List<string>();
        var code = await RunAsync(program, arguments, lines.Add, cancel);
        return (code, code == 0 && lines.Count > 0 ? JsonNode.Parse(lines[^1])!.AsObject() : null);
    }

    public static Task<int> RunAsync(string program, IEnumerable<string> arguments, CancellationToken cancel) =>
        RunAsync(program, arguments, null, cancel);

    private static async Task<int> RunAsync(string program, IEnumerable<string> arguments, Action<string>? onLine, CancellationToken cancel)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet")
        {
            UseShellExecute = false, RedirectStandardOutput = onLine is not null,
        };
        start.ArgumentList.Add(program);
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} could not be started.");
        if (onLine is not null)
        {
            process.OutputDataReceived += (_, line) =>
            {
                if (line.Data is { } text) onLine(text);
            };
            process.BeginOutputReadLine();
        }

        try
        {
            await process.WaitForExitAsync(cancel);
        }
        catch (OperationCanceledException)
        {
            // In a terminal Ctrl-C reached the child as well; a signal to this process alone did not. Either way it is asked to
            // end in order, and never killed: a node has orders to cancel first.
            if (!process.HasExited) _ = Kill(process.Id, TerminateSignal);
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            await process.WaitForExitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return process.HasExited && process.ExitCode == 0 ? 0 : (int)ExitCode.Interrupted;
        }

        return process.ExitCode;
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
