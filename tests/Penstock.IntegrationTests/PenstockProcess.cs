using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace Penstock.IntegrationTests;

/// <summary>What a finished command left behind.</summary>
internal sealed record Outcome(int ExitCode, string Output, string Errors)
{
    /// <summary>The last line of standard output as JSON.</summary>
    public JsonObject LastLine => JsonNode.Parse(Output.TrimEnd().Split('\n')[^1])!.AsObject();
}

/// <summary>
/// The real program in a process of its own, with a home folder of its own. Tests wait for its words, never for time; every
/// wait has a limit so that a hanging program fails its test.
/// </summary>
internal sealed class PenstockProcess : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(400);

    private readonly Process _process;
    private readonly Channel<string> _errors = Channel.CreateUnbounded<string>();
    private readonly Channel<string> _output = Channel.CreateUnbounded<string>();
    private readonly List<string> _errorLines = [];
    private readonly List<string> _outputLines = [];

    private PenstockProcess(Process process)
    {
        _process = process;
        _process.ErrorDataReceived += (_, line) => Take(_errors, line.Data);
        _process.OutputDataReceived += (_, line) => Take(_output, line.Data);
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
    }

    public int Id => _process.Id;

    public static string Program { get; } = Locate("Penstock.Control", "penstock.dll");

    /// <summary>The data plane's own program, for tests that kill it: no process stands between.</summary>
    public static string NodeProgram { get; } = Locate("Penstock.Node", "penstock-node.dll");

    public static PenstockProcess Start(string home, params string[] arguments) => StartProgram(Program, home, arguments);

    public static PenstockProcess StartProgram(string program, string home, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.ArgumentList.Add(program);
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        start.Environment["PENSTOCK_HOME"] = home;
        return new PenstockProcess(Process.Start(start)!);
    }

    public static Task<Outcome> RunAsync(string home, params string[] arguments) => RunProgramAsync(Program, home, arguments);

    public static async Task<Outcome> RunProgramAsync(string program, string home, params string[] arguments)
    {
        await using var process = StartProgram(program, home, arguments);
        return await process.EndAsync();
    }

    /// <summary>Reads its messages up to the first that contains the text.</summary>
    public Task<string> WaitForAsync(string text) => WaitForAsync(_errors, _errorLines, text);

    /// <summary>Reads its standard output up to the first line that contains the text.</summary>
    public Task<string> WaitForOutputAsync(string text) => WaitForAsync(_output, _outputLines, text);

    private static void Take(Channel<string> lines, string? line)
    {
        if (line is null) lines.Writer.TryComplete();
        else lines.Writer.TryWrite(line);
    }

    private static async Task<string> WaitForAsync(Channel<string> from, List<string> lines, string text)
    {
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            while (true)
            {
                var line = await from.Reader.ReadAsync(limit.Token);
                lines.Add(line);
                if (line.Contains(text, StringComparison.Ordinal)) return line;
            }
        }
        catch (Exception e) when (e is ChannelClosedException or OperationCanceledException)
        {
            throw new InvalidOperationException($"'{text}' never came. It said:\n{string.Join('\n', lines)}", e);
        }
    }

    public async Task<Outcome> EndAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        await _process.WaitForExitAsync(limit.Token);
        await foreach (var line in _errors.Reader.ReadAllAsync(limit.Token)) _errorLines.Add(line);
        await foreach (var line in _output.Reader.ReadAllAsync(limit.Token)) _outputLines.Add(line);
        return new Outcome(_process.ExitCode, string.Join('\n', _outputLines), string.Join('\n', _errorLines));
    }

    /// <summary>
    /// Asks it to end, as a service manager would. Not SIGINT: a shell starts background jobs with SIGINT ignored and their
    /// children inherit that, so a test run in the background would wait for ever.
    /// </summary>
    public void Terminate() => Signal(_process.Id, "TERM");

    /// <summary>SIGKILL, at once: no program has to start first.</summary>
    public void Kill() => _process.Kill();

    public static void Signal(int pid, string signal)
    {
        using var kill = Process.Start("kill", ["-" + signal, $"{pid}"]);
        kill.WaitForExit();
    }

    /// <summary>Completes when the process is gone, whoever its parent was.</summary>
    public static async Task GoneAsync(int pid)
    {
        try
        {
            using var limit = new CancellationTokenSource(Limit);
            await Process.GetProcessById(pid).WaitForExitAsync(limit.Token);
        }
        catch (ArgumentException)
        {
            // Gone already.
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private static string Locate(string project, string file)
    {
        var configuration = Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/'));
        return Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", project, configuration, file));
    }
}

/// <summary>A folder of its own for one test, gone afterwards.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("penstock-it-").FullName;

    public string In(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
