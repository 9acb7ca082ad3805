using System.Globalization;
using System.Runtime.InteropServices;
using Penstock.Infrastructure.Locations;
using Penstock.Infrastructure.Problems;
using Penstock.Infrastructure.Threads;
using Penstock.Infrastructure.Time;
using Penstock.Node.Configuration;

namespace Penstock.Node.Commands;

/// <summary>
/// Records what venues send (R10, E16): raw frames, receive stamps, connections and snapshots into rotating recording/1 files, and says
/// at the end what is missing in them. Two threads: one for all sockets, one for the disk.
/// </summary>
internal static class CaptureCommand
{
    private static readonly TimeSpan ProgressEvery = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(20);

    public static int Execute(Words words)
    {
        var json = words.Flag("--json");
        var testnet = words.Flag("--testnet");
        var names = words.Values("--venue");
        var symbols = words.Value("--symbols")?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
        var folder = words.Value("--to") ?? throw new Problem(ExitCode.Usage, "no folder is named", "penstock capture", "--to is needed", "penstock capture binance --symbols BTC-USDT --to DIR");
        var configuration = words.Value("--config") is { } file ? ConfigurationFiles.Load(file, []) : null;
        var duration = Number(words, "--duration-ms", long.MaxValue);
        var fileMiB = Number(words, "--file-mb", 256);
        var files = (int)Math.Min(Number(words, "--files", int.MaxValue), int.MaxValue);
        words.End();

        if (names.Count == 0) names = [.. configuration?.Venues.Select(v => v.Name) ?? []];
        if (names.Count == 0)
            throw new Problem(ExitCode.Usage, "no venue is named", "penstock capture", $"known: {string.Join(", ", Catalogs.Venues.Names)}", "penstock capture binance --symbols BTC-USDT --to DIR");
        Folders.Create(folder);
        var setup = new CaptureSetup
        {
            Folder = Path.GetFullPath(folder), FileBytesMax = fileMiB << 20, FilesMax = files, Clock = MonotonicClock.Instance, WallClock = SystemWallClock.Instance,
        };
        var feeds = new List<CaptureFeed>();
        try
        {
            foreach (var name in names.Distinct())
            {
                var configured = configuration?.Venues.FirstOrDefault(v => v.Name == name);
                var venue = CaptureVenue.Open(name, symbols.Length > 0 ? symbols : configured?.Symbols ?? [], configured, testnet);
                feeds.Add(new CaptureFeed(venue, setup with { Seed = (ulong)feeds.Count + 1 }));
            }

            var report = Run(feeds, duration);
            if (json) Console.WriteLine(report.ToJson().ToJsonString());
            else report.Print(Console.Out);
            return (int)report.Result;
        }
        finally
        {
            foreach (var feed in feeds) feed.Dispose();
        }
    }

    private static CaptureReport Run(IReadOnlyList<CaptureFeed> feeds, long durationMs)
    {
        void Failed(AgentFailure failure)
        {
            if (failure.ErrorsInARow == 1 || failure.Retired) Console.Error.WriteLine($"{failure.Role}: {failure.Error.Message}{(failure.Retired ? "; given up" : "")}");
        }

        var sockets = new AgentRunner("capture-feeds", feeds, new BackOffIdle(), failed: Failed);
        var disk = new AgentRunner("capture-disk", feeds.Select(f => f.Writer), new ParkIdle(), failed: Failed);
        var startedNs = MonotonicClock.Instance.NowNs;
        disk.Start();
        sockets.Start();
        var interrupted = Wait(feeds, durationMs);
        // Sockets first: what they leave in the rings the disk thread still writes down.
        if (!sockets.Stop(StopPatience) | !disk.Stop(StopPatience))
            throw new Problem(ExitCode.Timeout, "a thread does not end", "penstock capture", $"it had {StopPatience.TotalSeconds:0} s", "the files' headers say -1 events; what they hold is readable");
        return new CaptureReport(feeds, TimeSpan.FromMicroseconds((MonotonicClock.Instance.NowNs - startedNs) / 1000), interrupted);
    }

    /// <summary>True when somebody ended it, false when its time was over.</summary>
    private static bool Wait(IReadOnlyList<CaptureFeed> feeds, long durationMs)
    {
        using var ended = new ManualResetEventSlim();
        void End(PosixSignalContext context)
        {
            context.Cancel = true;
            ended.Set();
        }

        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        var started = MonotonicClock.Instance.NowNs;
        while (true)
        {
            var left = durationMs - (MonotonicClock.Instance.NowNs - started) / 1_000_000;
            if (left <= 0) return false;
            if (ended.Wait(TimeSpan.FromMilliseconds(Math.Min(left, ProgressEvery.TotalMilliseconds)))) return true;
            if (left > ProgressEvery.TotalMilliseconds)
                foreach (var feed in feeds) Console.Error.WriteLine(CaptureReport.Progress(feed));
        }
    }

    private static long Number(Words words, string name, long otherwise)
    {
        if (words.Value(name) is not { } text) return otherwise;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 1L << 40 ? number
            : throw new Problem(ExitCode.Usage, $"{name} {text} is no number above zero", "penstock capture", "expected a whole number", "penstock capture --help");
    }
}
