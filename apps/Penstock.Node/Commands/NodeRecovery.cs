using System.Diagnostics;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Transport;
using Penstock.Infrastructure.Journal;
using Penstock.Infrastructure.Problems;
using Penstock.Infrastructure.Snapshots;
using Penstock.Model.Instruments;
using Penstock.Node.Configuration;
using Penstock.Node.Hosting;
using Penstock.Node.Logging;
using Penstock.Node.Wiring;
using Penstock.Strategies;
using Penstock.Trading.Recovery;

namespace Penstock.Node.Commands;

/// <summary>
/// What a node starts from (R156, R157): a new engine built from what the venues list, or the engine of the journal found in
/// the data folder, brought to its last record by replaying it. Venues are reconciled later, before READY.
/// </summary>
internal static class NodeRecovery
{
    /// <summary>Earlier segments are verified by being replayed, or were by the shadow before it took the snapshot that stands for them.</summary>
    public static JournalWriter OpenJournal(string folder, int segmentMiB)
    {
        try
        {
            return JournalWriter.Open(new JournalOptions { Directory = folder, SegmentBytes = (long)segmentMiB << 20, VerifyEarlierSegments = false, CreatedBy = $"penstock {typeof(NodeRecovery).Assembly.GetName().Version}" });
        }
        catch (JournalLockedException e)
        {
            throw new Problem(ExitCode.Error, "another node writes this journal", folder, e.Message, "penstock ctl status shows it; or choose another --data DIR");
        }
        catch (JournalCorruptException e)
        {
            throw new Problem(ExitCode.Error, "the journal is damaged", folder, e.Message, $"penstock verify {folder}; restore the segment, or move the folder away to start anew");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new Problem(ExitCode.Error, "the journal cannot be written", folder, e.Message, "free space or permissions; or choose another --data DIR");
        }
    }

    /// <summary>Snapshots lie beside the journal they belong to.</summary>
    public static SnapshotFolder Snapshots(string journalFolder)
    {
        var folder = Path.Combine(Path.GetDirectoryName(journalFolder)!, "snapshots");
        try
        {
            return new SnapshotFolder(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new Problem(ExitCode.Error, "the snapshot folder cannot be made", folder, e.Message, "free space or permissions; or choose another --data DIR");
        }
    }

    public static TradingEngine Create(SessionInfo session) => EngineFactory.Create(EngineBlueprint.FromJson(session.Configuration));

    public static (TradingEngine Engine, EngineBlueprint Blueprint, int Session) Engine(
        JournalWriter journal, string journalFolder, SnapshotFolder snapshots, NodeConfiguration configuration, IReadOnlyList<VenueSetup> venues,
        string configurationFile, NodeLog log, DateOnly day)
    {
        var watch = Stopwatch.StartNew();
        using var recovery = new EngineRecovery(journalFolder, snapshots, Create);
        using (HangGuard.OfRecovery(configuration.Watchdog, () => recovery.Replay.Engine, journalFolder, log.Ring)) recovery.ToEnd();
        foreach (var refused in recovery.Refused) log.Write(NodeMessages.SnapshotRefused, refused);
        var anchor = AuditAnchor.Load(journalFolder, out var damaged);
        if (anchor is null && damaged is null && recovery.Reader.Sequence > 0)
            damaged = $"{AuditAnchor.FileName} is not there, so its end may have been cut off; a copy kept elsewhere would show it";
        if (anchor?.Sequence > recovery.Reader.Sequence)
            damaged = $"the journal ends at record {recovery.Reader.Sequence}, it had reached {anchor.Sequence}: power was lost, or its end was cut off";
        if (damaged is not null) log.Write(NodeMessages.AnchorDiffers, damaged);
        var replay = recovery.Replay;
        if (recovery.IsBeheaded)
            throw new Problem(ExitCode.Error, "the journal begins in the middle and no snapshot leads to its rest", journalFolder,
                recovery.Refused.Count > 0 ? string.Join("; ", recovery.Refused) : $"there is none in {snapshots.Path}", "restore the snapshots, or the archived segments");
        if (recovery.Reader.State == JournalReaderState.Bad)
            throw new Problem(ExitCode.Error, "the journal is damaged", $"segment {recovery.Reader.Segment:D8}, byte {recovery.Reader.Offset}", $"{recovery.Reader.Fault}",
                $"penstock verify {journalFolder}; restore the segment, or move the folder away to start anew");
        if (replay is { Engine: { } engine, LastSession: { } last })
        {
            if (MissingCode(replay) is { } missing) throw missing;
            if (replay.FirstDifference is { } difference)
                throw new Problem(ExitCode.Error, "the journal does not replay to itself", $"record {difference.Sequence}", $"recorded {difference.Recorded}; replayed {difference.Replayed}", "run the build that wrote it, or move the folder away to start anew");
            var recorded = EngineBlueprint.FromJson(last.Configuration);
            RequireSame(recorded, configuration, configurationFile, journalFolder);
            RequireSameMoney(engine, recorded, configuration, configurationFile, journalFolder);
            replay.CompleteTail(journal);
            var head = Convert.ToHexStringLower(engine.AuditTrail.Head);
            BeginAnchor(anchor, new AuditAnchor(engine.AuditTrail.Number, head, recovery.Reader.Sequence, recovery.Reader.Chain), journalFolder);
            ForgetLostTail(snapshots, recovery.Reader.Sequence);
            log.Write(NodeMessages.Recovered, recovery.Reader.Sequence, engine.Orders.Live.Count, engine.Orders.Statistics.Fills, replay.EndedOrderly ? "ended in order" : "ended by a crash");
            log.Write(NodeMessages.RecoveredFrom, recovery.Snapshot is { } file ? $"snapshot {Path.GetFileName(file)}" : "the journal's first record", replay.Records, watch.ElapsedMilliseconds);
            return (engine, recorded with { Simulation = PaperTrading.Describe(configuration) }, last.Session + 1);
        }

        var blueprint = Blueprint(configuration, venues, day);
        BeginAnchor(anchor, AuditAnchor.OfNothing, journalFolder);
        return (EngineFactory.Create(blueprint), blueprint, 1);
    }

    /// <summary>The session will say that an anchor is kept: it is there before the session is, however early the node dies.</summary>
    private static void BeginAnchor(AuditAnchor? found, AuditAnchor first, string journal)
    {
        // One that the journal does not reach was told of; kept, it would fit no journal any more.
        if (found?.Sequence <= first.Sequence) return;
        try
        {
            first.Save(journal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new Problem(ExitCode.Error, "the journal's anchor cannot be written", journal, e.Message,
                "free space or permissions; or choose another --data DIR");
        }
    }

    /// <summary>When a replay differs because a plugin's file is not here, that is what has to be said; null otherwise.</summary>
    public static Problem? MissingCode(EngineReplay replay)
    {
        if (replay is not { FirstDifference: { } difference, LastSession: { } session }) return null;
        var missing = replay.SwapProblem;
        foreach (var version in EngineBlueprint.FromJson(session.Configuration).Versions)
        {
            if (missing is null && version.Sha256.Length > 0 && Catalogs.Versions.Find(version, out var problem) is null) missing = problem;
        }

        return missing is null ? null : new Problem(
            ExitCode.NotFound, "the strategies ran code that is not here", $"record {difference.Sequence} is decided otherwise without it", missing,
            "put that file back, under any name, into the folder of plugins; PENSTOCK_PLUGINS names another one");
    }

    /// <summary>Snapshots of records that a loss of power took from the journal would pass for the newest for ever.</summary>
    private static void ForgetLostTail(SnapshotFolder snapshots, long lastSequence)
    {
        foreach (var file in snapshots.Files().Where(f => SnapshotFolder.SequenceOf(f) > lastSequence)) File.Delete(file);
    }

    private static void RequireSame(EngineBlueprint recorded, NodeConfiguration configuration, string file, string journal)
    {
        var same = recorded.Venues.SequenceEqual(configuration.Venues.Select(v => v.Name))
            && recorded.Strategies.Select(Identity).SequenceEqual(configuration.Strategies.Select(Identity))
            && configuration.Venues.SelectMany((v, i) => v.Symbols.Select(s => (i + 1, s))).All(w => recorded.Instruments.Any(e => e.Venue == w.Item1 && e.Symbol.Equals(w.s, StringComparison.OrdinalIgnoreCase)));
        if (!same)
            throw new Problem(ExitCode.Configuration, "the journal was written with other venues, instruments or strategies", file, $"{journal} continues only with the ones it began with", "choose another --data DIR, or move the journal away");
    }

    /// <summary>
    /// A position on paper is none at a venue, and what a venue holds is none on paper. A journal in which no account was ever told, of market
    /// data alone, may go either way.
    /// </summary>
    private static void RequireSameMoney(TradingEngine engine, EngineBlueprint recorded, NodeConfiguration configuration, string file, string journal)
    {
        var isPaper = configuration.Environment == NodeEnvironment.Paper;
        var named = configuration.Environment.ToString().ToLowerInvariant();
        if (isPaper == recorded.Simulation is not null || !engine.Positions.Accounts.ToArray().Any(a => a.IsReported)) return;
        throw new Problem(
            ExitCode.Configuration, $"the environment is {named}, and the journal is of another", file,
            $"the positions and orders in {journal} {(isPaper ? "belong to accounts at venues" : "are on paper")}",
            "choose another --data DIR, or move the journal away");
    }

    private static string Identity(StrategyConfiguration strategy) => $"{strategy.Name} {string.Join(' ', strategy.AllInstruments())}";

    private static EngineBlueprint Blueprint(NodeConfiguration configuration, IReadOnlyList<VenueSetup> venues, DateOnly day)
    {
        var entries = new List<InstrumentEntry>();
        for (var i = 0; i < venues.Count; i++) entries.AddRange(Instruments(configuration.Venues[i], venues[i], new VenueId((byte)(i + 1))));
        return new EngineBlueprint
        {
            Venues = [.. configuration.Venues.Select(v => v.Name)], Instruments = entries, Strategies = configuration.Strategies, Risk = configuration.Risk,
            Simulation = PaperTrading.Describe(configuration),
            Versions = [.. configuration.Strategies.Select(s => Catalogs.VersionOf(s.Name))],
            Fees = [.. configuration.Venues.Select((v, i) => new VenueFeeEntry((byte)(i + 1), v.MakerFeePpm, v.TakerFeePpm))],
            InstrumentFees = [.. ReferenceData.Fees(configuration, entries, day)],
            OrderLimits = [.. venues.SelectMany((v, i) => OrderLimitEntry.Of((byte)(i + 1), v.Venue.Profile.OrderLimits))],
            Amends = [.. venues.SelectMany((v, i) => VenueAmendEntry.Of((byte)(i + 1), v.Venue.Profile))],
        };
    }

    /// <summary>The wanted instruments as the venue lists them; start-up only, so it may wait.</summary>
    private static IEnumerable<InstrumentEntry> Instruments(VenueConfiguration wanted, VenueSetup setup, VenueId id)
    {
        var listed = new List<Instrument>();
        var skipped = new List<string>();
        var source = setup.Venue.Instruments;
        var cause = source.Parse(id, Fetch(wanted, setup, source.Request(wanted.Symbols)), listed, skipped);
        if (cause == QuarantineCause.None && source.CompletionRequest(wanted.Symbols) is { } more)
            cause = source.Complete(Fetch(wanted, setup, more), listed);
        if (cause != QuarantineCause.None)
            throw new Problem(ExitCode.Error, $"{wanted.Name}'s instrument list cannot be used", setup.Endpoints.Rest.ToString(), $"{cause}", "try again; if it stays, the venue has changed its format");
        foreach (var symbol in wanted.Symbols)
        {
            var found = listed.Find(i => i.Symbol.Equals(symbol, StringComparison.OrdinalIgnoreCase));
            if (found is not null)
            {
                yield return InstrumentEntry.Of(found);
                continue;
            }

            var nearest = Infrastructure.Configuration.Suggestions.Nearest(symbol, listed.Select(i => i.Symbol));
            throw new Problem(ExitCode.NotFound, $"{wanted.Name} lists no instrument {symbol}", "venues, symbols",
                skipped.Contains(symbol) ? "its tick is finer than 1e-8" : $"{listed.Count} instruments are listed", nearest is null ? "penstock config check FILE" : $"did you mean {nearest}?");
        }
    }

    private static byte[] Fetch(VenueConfiguration wanted, VenueSetup setup, RestRequest request)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(20) };
        http.DefaultRequestHeaders.UserAgent.ParseAdd("penstock");
        try
        {
            var address = new Uri(setup.Endpoints.Rest, request.PathAndQuery);
            using var message = new HttpRequestMessage(request.Method, address);
            using var answer = http.Send(message);
            using var body = new MemoryStream();
            answer.Content.ReadAsStream().CopyTo(body);
            return answer.IsSuccessStatusCode ? body.ToArray()
                : throw new Problem(ExitCode.Error, $"{wanted.Name} refuses its instrument list", address.ToString(), $"HTTP {(int)answer.StatusCode}", "try again later; check the address with penstock config show");
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or IOException)
        {
            throw new Problem(ExitCode.Error, $"{wanted.Name} cannot be reached", setup.Endpoints.Rest.ToString(), e.Message, "check the network and the address; penstock demo needs neither");
        }
    }
}
