using System.Runtime.InteropServices;
using Penstock.Connectivity;
using Penstock.Infrastructure.Journal;
using Penstock.Infrastructure.Locations;
using Penstock.Infrastructure.Problems;
using Penstock.Infrastructure.Services;
using Penstock.Infrastructure.Time;
using Penstock.Node.Configuration;
using Penstock.Node.Hosting;
using Penstock.Node.Logging;
using Penstock.Node.Wiring;
using Penstock.Strategies;
using Penstock.Trading.Recovery;

namespace Penstock.Node.Commands;

/// <summary>Runs a node until it is told to stop: signal, command socket, or the end of a supervisor.</summary>
internal static class RunCommand
{
    public static int Execute(Words words)
    {
        var supervised = words.Flag("--supervised");
        var file = words.Value("--config")
            ?? throw new Problem(
            ExitCode.Usage, "no configuration is named", "penstock-node run", "--config is needed", "penstock run --config FILE");
        var keys = words.Value("--keys");
        var data = Path.GetFullPath(words.Value("--data") ?? Path.Combine(PenstockHome.Folder, "node"));
        var settings = words.Values("--set");
        words.End();

        var configuration = ConfigurationFiles.Load(file, settings);
        var credentials = AccountKeys.Load(configuration, keys);
        Folders.Create(data);
        var rings = Path.Combine(data, "rings");
        Folders.Create(rings);
        var venues = Venues(configuration, credentials);
        var journalFolder = Path.Combine(data, "journal");
        using var log = new NodeLog(Path.Combine(data, "node.jsonl"), Console.Out, MonotonicClock.Instance, SystemWallClock.Instance);
        using var journal = NodeRecovery.OpenJournal(journalFolder, configuration.JournalSegmentMiB);
        var snapshots = NodeRecovery.Snapshots(journalFolder);
        var day = DateOnly.FromDateTime(DateTimeOffset.UnixEpoch.AddTicks(SystemWallClock.Instance.UnixNs / 100).DateTime);
        var (engine, blueprint, session) = NodeRecovery.Engine(journal, journalFolder, snapshots, configuration, venues, file, log, day);
        if (session == 1) ReferenceData.Record(data, venues, blueprint.Table(), SystemWallClock.Instance.UnixNs);
        using var shadow = new ShadowEngine(
            new ShadowOptions
            {
                Journal = journalFolder, Snapshots = snapshots, CreatedBy = $"penstock {typeof(RunCommand).Assembly.GetName().Version}",
                RecordsPerSnapshot = configuration.Recovery.RecordsPerSnapshot, Kept = configuration.Recovery.SnapshotsKept,
            }, NodeRecovery.Create);
        using var services = ServiceManager.FromEnvironment();
        using var node = Wire(
            new PipelineSetup
            {
                Configuration = configuration, Engine = engine, Venues = venues, Journal = journal, Data = data, RingFolder = rings, Shadow = shadow,
                Clock = MonotonicClock.Instance, WallClock = SystemWallClock.Instance,
            }, journalFolder, log, services);
        node.Pipeline.Incidents.Begin(session);
        OrderPathWarmUp.Run(blueprint, venues, engine.Instruments, SystemWallClock.Instance.UnixNs);
        var unixAtZeroNs = ClockPair.UnixAtZeroNs(SystemWallClock.Instance, MonotonicClock.Instance);
        var nowNs = MonotonicClock.Instance.NowNs;
        engine.BeginSession(
            new SessionInfo(session, (ulong)configuration.Seed, nowNs, blueprint.ToJson()) { UnixNs = unixAtZeroNs + nowNs }, journal,
            node.Pipeline.Router);
        log.Write(NodeMessages.Wired, session, engine.Instruments.Count, venues.Count, string.Join(", ", node.ThreadNames));
        log.Flush();
        node.Start();
        // Warming up: that it earns its readiness is no reason to keep others waiting for its files and its socket.
        services.Ready(node.StateText);
        WaitForTheEnd(node, supervised);
        services.Stopping("cancels its orders and awaits the answers");
        var report = node.Stop();
        File.WriteAllText(Path.Combine(data, "summary.json"), report.ToJsonString());
        log.Write(NodeMessages.Stopped, (string?)report["stateHash"], journalFolder);
        return (int)ExitCode.Ok;
    }

    private static NodeHost Wire(PipelineSetup setup, string journalFolder, NodeLog log, ServiceManager services)
    {
        try
        {
            return new NodeHost(setup, journalFolder, log, services);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new Problem(ExitCode.Error, "the node's files cannot be made", setup.Data, e.Message,
                "free space or permissions; or choose another --data DIR");
        }
    }

    private static List<VenueSetup> Venues(NodeConfiguration configuration, IReadOnlyDictionary<string, Connectivity.Signing.Credentials> credentials)
    {
        var venues = new List<VenueSetup>();
        foreach (var configured in configuration.Venues)
        {
            Catalogs.Venues.TryCreate(configured.Name, out var venue);
            var live = venue!.Profile.Live;
            venues.Add(new VenueSetup(venue, new VenueEndpoints
            {
                Rest = Address(configured.Rest, live.Rest), PublicStream = Address(configured.PublicStream, live.PublicStream),
                PrivateStream = Address(configured.PrivateStream, live.PrivateStream), OrderEntry = OrderEntry(configured, live),
            }, credentials.GetValueOrDefault(configured.Name)) { Calendar = ReferenceData.CalendarOf(configured) });
        }

        return venues;
    }

    /// <summary>Never the venue's own address where the private stream is another: orders must not leave a simulation.</summary>
    private static Uri? OrderEntry(VenueConfiguration configured, VenueEndpoints live)
    {
        if (live.OrderEntry is null) return null;
        if (configured.OrderEntry.Length == 0 && configured.PrivateStream.Length > 0)
            throw new Problem(ExitCode.Configuration, $"venue '{configured.Name}' has a privateStream but no orderEntry", "venues",
                "it takes orders on a socket of its own", "set orderEntry beside privateStream, or neither");
        return Address(configured.OrderEntry, live.OrderEntry);
    }

    private static Uri Address(string configured, Uri own) => configured.Length == 0 ? own
        : Uri.TryCreate(configured, UriKind.Absolute, out var uri) ? uri
        : throw new Problem(ExitCode.Configuration, $"'{configured}' is not an address", "venues", "expected a full URL such as wss://host/path",
            "penstock config check FILE");

    private static void WaitForTheEnd(NodeHost node, bool supervised)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void End(PosixSignalContext context)
        {
            context.Cancel = true;
            ended.TrySetResult();
        }

        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, supervised ? context => context.Cancel = true : End);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        var parent = supervised ? Task.Factory.StartNew(WaitForEndOfInput, TaskCreationOptions.LongRunning) : ended.Task;
        Task.WaitAny(ended.Task, node.StopRequested, parent);
    }

    /// <summary>The supervisor holds the other end of standard input and never writes: its end is the supervisor's.</summary>
    private static void WaitForEndOfInput()
    {
        var buffer = new byte[64];
        using var input = Console.OpenStandardInput();
        while (input.Read(buffer) > 0)
        {
        }
    }
}
