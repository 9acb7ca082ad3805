using System.Diagnostics;
using Penstock.Infrastructure.Problems;

namespace Penstock.Control.Family;

/// <summary>
/// One member of the demo's family. Its standard input is a pipe the supervisor never writes to: when the supervisor ends,
/// however it ends, the kernel closes the pipe and the child leaves by itself. No pid file, no signal to a stranger.
/// </summary>
internal sealed class ChildProcess : IDisposable
{
    private readonly Process _process;

    private ChildProcess(string role, Process process)
    {
        Role = role;
        _process = process;
    }

    public string Role { get; }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    /// <summary>Completes when the process has ended.</summary>
    public Task Ended => _process.WaitForExitAsync();

    /// <param name="role">Name in messages and of the log file.</param>
    /// <param name="assembly">Full path of the program's dll.</param>
    /// <param name="arguments">Passed as they are; no shell is involved.</param>
    /// <param name="logFile">Takes what the child writes to standard error.</param>
    /// <param name="onLine">Takes the child's standard output, line by line.</param>
    public static ChildProcess Start(
        string role, string assembly, IEnumerable<string> arguments, string logFile, Action<string>? onLine = null)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet")
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        };
        start.ArgumentList.Add(assembly);
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{role} could not be started.");
        var log = TextWriter.Synchronized(new StreamWriter(logFile, append: true) { AutoFlush = true });
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is null) return;
            log.WriteLine(line.Data);
            onLine?.Invoke(line.Data);
        };
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is not null) log.WriteLine(line.Data);
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new ChildProcess(role, process);
    }

    /// <summary>Closes the pipe, waits for the child to leave by itself, and ends it when it does not.</summary>
    public async Task StopAsync(TimeSpan patience)
    {
        if (_process.HasExited) return;
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The child closed its end first: it is leaving already.
        }

        using var limit = new CancellationTokenSource(patience);
        try
        {
            await _process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }
}
