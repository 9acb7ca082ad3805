using System.Diagnostics;
using Penstock.Control.Logging;
using Penstock.Infrastructure.Counters;
using Penstock.Infrastructure.Memory;
using Penstock.Infrastructure.Problems;
using Penstock.Infrastructure.Time;

namespace Penstock.Control.Sidecar;

/// <summary>
/// Follows the counter file of one data folder, mapped and read only: the node is not asked and cannot notice. A node that starts
/// again makes a new file of the same name and marks the old one; the next look opens it. Any thread; one at a time.
/// </summary>
internal sealed class CounterFollower(string data, IMonotonicClock clock) : IDisposable
{
    /// <summary>The node writes ten heartbeats a second; a machine that stalls it for this long has other troubles.</summary>
    private const double HeartbeatAgeSecondsMax = 10;

    private readonly Lock _gate = new();
    private CounterFile? _file;

    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetFullPath(data), "counters");

    /// <summary>Times a file was opened; one for each life of the node that was seen.</summary>
    public long Opened { get; private set; }

    /// <summary>Opens the file now, for those who want to know at the start.</summary>
    /// <exception cref="Problem">Not there, not a counter file, of another version, or damaged.</exception>
    public void Require()
    {
        try
        {
            using var file = CounterFile.Open(Path);
        }
        catch (MappedFileException e)
        {
            throw e.Fault switch
            {
                MappedFileFault.NotFound => new Problem(ExitCode.NotFound, "there are no counters to serve", Path, e.Message,
                    "start the node first, name its data folder with --node DIR, or wait for it with --wait"),
                MappedFileFault.WrongVersion => new Problem(ExitCode.Error, "the counters are of another version of Penstock", Path, e.Message,
                    "run the sidecar of the build that runs the node"),
                _ => new Problem(ExitCode.Error, "this is no counter file that can be served", Path, e.Message,
                    "name the data folder of a node: --node DIR"),
            };
        }
    }

    public CounterView Look()
    {
        lock (_gate)
        {
            return Attach() is { } problem ? CounterView.Nothing(problem) : View(_file!);
        }
    }

    /// <summary>What a server needs to know all the time: a few figures, once a second, so no copy of the others is made for them.</summary>
    public NodeGlance Glance()
    {
        lock (_gate)
        {
            if (Attach() is { } problem) return NodeGlance.Nothing(problem);
            var file = _file!;
            return IsUp(file, out _)
                ? new NodeGlance(file.ProducerPid, file.Generation, file.ReadValues("log_level") is [var level, ..] ? level : null, "",
                    [.. file.ReadValues("thread_core").Where(core => core >= 0).Select(core => (int)core).Distinct().Order()])
                : NodeGlance.Nothing(WhyDown(file));
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _file?.Dispose();
            _file = null;
        }
    }

    /// <summary>Null when there is a file to look at, of a node that runs or ran.</summary>
    private string? Attach() => _file is null || _file.ProducerGone ? Open() : null;

    private string? Open()
    {
        try
        {
            var file = CounterFile.Open(Path);
            if (_file is { } old && old.Generation == file.Generation && old.ProducerPid == file.ProducerPid)
            {
                file.Dispose();
                return null;
            }

            _file?.Dispose();
            _file = file;
            Opened++;
            return null;
        }
        catch (MappedFileException e)
        {
            _file?.Dispose();
            _file = null;
            return e.Message;
        }
    }

    private CounterView View(CounterFile file)
    {
        if (!IsUp(file, out var age))
        {
            return CounterView.Nothing(WhyDown(file)) with { Pid = file.ProducerPid, HeartbeatAgeSeconds = age, Generation = file.Generation };
        }

        return new CounterView(true, "", file.ProducerPid, age, file.Generation, file.Malformed, file.ReadCounters(), file.ReadHistograms(View));
    }

    private bool IsUp(CounterFile file, out double age)
    {
        age = file.HeartbeatNs == 0 ? 0 : Math.Max(0, clock.NowNs - file.HeartbeatNs) / 1e9;
        return !file.ProducerGone && ((file.HeartbeatNs > 0 && age <= HeartbeatAgeSecondsMax) || IsAlive(file.ProducerPid));
    }

    private static string WhyDown(CounterFile file) => file.ProducerGone ? "the node has ended" : "the node ended without a word";

    /// <summary>Figures and buckets of one copy: of two, the later one would have more in its buckets than the other in its count.</summary>
    private static HistogramView View(HistogramReading reading, Histogram buckets)
    {
        var counts = new long[LatencyBounds.Ns.Length];
        buckets.CountsUpTo(LatencyBounds.Ns, counts);
        return new HistogramView(reading, counts);
    }

    private static bool IsAlive(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
