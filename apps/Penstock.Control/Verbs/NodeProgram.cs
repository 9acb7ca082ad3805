using System.Diagnostics;
using Penstock.Infrastructure.Problems;

namespace Penstock.Control.Verbs;

/// <summary>
/// Verbs whose work is the data plane's (replaying a session runs strategies; checking a recording runs decoders) are done
/// by the node program itself; this process only passes words, output and exit code through.
/// </summary>
internal static class NodeProgram
{
    public static async Task<int> RunAsync(string program, IEnumerable<string> arguments, CancellationToken cancel)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet")
        {
            UseShellExecute = false,
        };
        start.ArgumentList.Add(program);
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} could not be started.");
        try
        {
            await process.WaitForExitAsync(cancel);
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C reached the child as well (same terminal); it is given time to end its own way.
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(15));
            try
            {
                await process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                process.Kill();
            }

            return process.HasExited && process.ExitCode == 0 ? 0 : (int)ExitCode.Interrupted;
        }

        return process.ExitCode;
    }
}
