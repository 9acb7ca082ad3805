using System.Diagnostics;
using Penstock.Infrastructure.Counters;

namespace Penstock.Benchmarks.Rig;

/// <summary>A demo of ten venues without a control plane of its own; beside it a gateway with console and a sidecar, to be frozen or killed.</summary>
internal sealed class WatchedDemo : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private readonly string _home = Directory.CreateTempSubdirectory("penstock-bench-control").FullName;
    private readonly PenstockProgram _demo;
    private PenstockProgram? _gateway;
    private PenstockProgram? _sidecar;

    public WatchedDemo(params string[] options)
    {
        _demo = PenstockProgram.Start(_home, ["demo", "--json", "--no-ui", "--duration", "2h", "--data", Data, .. options]);
        _demo.WaitFor("READY", Patience);
        Counters = CounterFile.Open(Path.Combine(Data, "counters"));
        Token = "";
        Attach();
    }

    public string Data => Path.Combine(_home, "run");

    public CounterFile Counters { get; }

    public Uri Gateway { get; private set; } = null!;

    public Uri Sidecar { get; private set; } = null!;

    public string Token { get; private set; }

    /// <summary>User and kernel time of gateway and sidecar.</summary>
    public TimeSpan ControlCpu => _gateway!.Cpu + _sidecar!.Cpu;

    public TimeSpan GatewayCpu => _gateway!.Cpu;

    public long GatewayResidentBytes => _gateway!.ResidentBytes;

    public long Frames => Sum("feed_frames");

    public long HotBytes => Sum("hot_allocated_bytes");

    public long Lost => Sum("reader_events_lost");

    /// <summary>Both again, in processes of their own.</summary>
    public void Attach()
    {
        _gateway = PenstockProgram.Start(_home, "serve", "--data", Data, "--port", "0");
        Gateway = Address(_gateway.WaitFor("Console on ", Patience));
        // Printed once in the life of a data folder, with the first gateway.
        if (Token.Length == 0) Token = _gateway.WaitFor("Token of its first admin", Patience).Split(' ')[^1];
        _sidecar = PenstockProgram.Start(_home, "sidecar", "--node", Data, "--port", "0");
        Sidecar = Address(_sidecar.WaitFor("Metrics on ", Patience).Replace("/metrics", "", StringComparison.Ordinal));
    }

    public void Freeze()
    {
        _gateway!.Freeze();
        _sidecar!.Freeze();
    }

    public void Thaw()
    {
        _gateway!.Thaw();
        _sidecar!.Thaw();
    }

    /// <summary>kill -9 of both.</summary>
    public void Kill()
    {
        _gateway!.Kill();
        _sidecar!.Kill();
        _gateway.Dispose();
        _sidecar.Dispose();
    }

    public void Dispose()
    {
        _gateway?.Dispose();
        _sidecar?.Dispose();
        Counters.Dispose();
        _demo.Dispose();
        Directory.Delete(_home, recursive: true);
    }

    /// <summary>Frames a second over a span.</summary>
    public double FramesPerSecond(TimeSpan span)
    {
        var (before, start) = (Frames, Stopwatch.GetTimestamp());
        Thread.Sleep(span);
        return (Frames - before) / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private long Sum(string counter) => Counters.ReadCounters().Where(c => c.Name == counter).Sum(c => c.Value);

    private static Uri Address(string line) => new(line.Split(' ').First(w => w.StartsWith("http", StringComparison.Ordinal)));
}
