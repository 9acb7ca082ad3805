using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace Penstock.Benchmarks.Rig;

/// <summary>The product's own program as a process, with a home folder of its own: what is measured is what people run.</summary>
internal sealed partial class PenstockProgram : IDisposable
{
    private const int Terminate = 15;
    private const int Stop = 19;
    private const int Continue = 18;

    private readonly Process _process;
    private readonly List<string> _lines = [];

    private PenstockProgram(Process process)
    {
        _process = process;
        _process.OutputDataReceived += (_, line) => Take(line.Data);
        _process.ErrorDataReceived += (_, line) => Take(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    /// <summary>User and kernel time so far.</summary>
    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    public static PenstockProgram Start(string home, params string[] words) => new(Launch(home, words));

    /// <summary>Runs to its end; the last line of what it says as JSON.</summary>
    public static JsonObject Ask(string home, params string[] words)
    {
        using var process = Launch(home, words);
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return JsonNode.Parse(output.TrimEnd().Split('\n')[^1])!.AsObject();
    }

    /// <summary>The first line that holds the text; fails when it never comes.</summary>
    public string WaitFor(string text, TimeSpan patience)
    {
        var watch = Stopwatch.StartNew();
        lock (_lines)
        {
            while (true)
            {
                if (_lines.Find(l => l.Contains(text, StringComparison.Ordinal)) is { } line) return line;
                if (watch.Elapsed > patience || !Monitor.Wait(_lines, patience))
                    throw new InvalidOperationException($"'{text}' never came. It said:\n{string.Join('\n', _lines)}");
            }
        }
    }

    /// <summary>It stands still: no time of a core, whatever it holds.</summary>
    public void Freeze() => Signal(Id, Stop);

    public void Thaw() => Signal(Id, Continue);

    /// <summary>kill -9.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void WaitForExit() => _process.WaitForExit();

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            Signal(Id, Continue);
            Signal(Id, Terminate);
            if (!_process.WaitForExit(20_000)) _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private void Take(string? line)
    {
        if (line is null) return;
        lock (_lines)
        {
            _lines.Add(line);
            Monitor.PulseAll(_lines);
        }
    }

    private static Process Launch(string home, string[] words)
    {
        var folder = Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/'));
        var program = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "Penstock.Control", folder, "penstock.dll"));
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.ArgumentList.Add(program);
        foreach (var word in words) start.ArgumentList.Add(word);
        start.Environment["PENSTOCK_HOME"] = home;
        return Process.Start(start)!;
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);
}
