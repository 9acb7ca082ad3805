using System.Globalization;
using System.Text.Json.Nodes;
using Penstock.Infrastructure.Counters;
using Penstock.Infrastructure.Journal;
using Penstock.MarketData.Ingest;
using Penstock.Model.Numbers;
using Penstock.Node.Control;
using Penstock.Node.Lifecycle;
using Penstock.Node.Reporting;
using Penstock.Node.Wiring;
using Penstock.Strategies;
using Penstock.Trading.Positions;
using Penstock.Trading.Recovery;

namespace Penstock.Node.Hosting;

/// <summary>
/// The node's state as one JSON object. While the node runs it is read from other threads' counters without stopping them:
/// each figure is right for a moment, the sum of two may be off by what happened in between. After the threads have stopped
/// every figure is exact.
/// </summary>
internal static class NodeReport
{
    public static JsonObject Build(NodeHost node)
    {
        var pipeline = node.Pipeline;
        var engine = pipeline.Engine;
        var ingests = pipeline.Venues.Select(v => v.Ingest.Statistics).ToList();
        return new JsonObject
        {
            ["name"] = node.Configuration.Name,
            ["environment"] = node.Configuration.Environment.ToString().ToLowerInvariant(),
            ["pid"] = Environment.ProcessId,
            ["state"] = node.StateText,
            ["degradation"] = NodeStateText.Of(engine.Risk.Degradation),
            ["blocked"] = Blocked(engine, pipeline), ["uncountedFees"] = engine.Positions.Statistics.FeesUncounted,
            ["waitingFor"] = node.Lifecycle.Waiting,
            ["hung"] = node.Hung,
            ["trusted"] = node.Lifecycle.IsTrusted,
            ["session"] = engine.Session,
            ["uptimeMs"] = node.UptimeMs,
            ["venues"] = pipeline.Venues.Count,
            ["frames"] = ingests.Sum(i => i.Frames),
            ["events"] = ingests.Sum(i => i.EventsPublished),
            ["inputs"] = Inputs(ingests),
            ["books"] = Books(node, ingests),
            ["orders"] = Orders(engine),
            ["fills"] = engine.Orders.Statistics.Fills,
            ["strategies"] = StrategyDesk.List(pipeline),
            ["incidents"] = Incidents(pipeline),
            ["lost"] = new JsonObject { ["trading"] = pipeline.Trading.Lost },
            ["decisionLatencyNs"] = Latency(pipeline.Latencies.Decision),
            ["executionLatencyNs"] = Latency(pipeline.Latencies.Execution),
            ["tickToDecisionNs"] = Latency(pipeline.Latencies.TickToDecision),
            ["journal"] = Journal(node.Journal, node.JournalFolder),
            ["stateHash"] = node.FinalHash is { } hash ? hash.ToString("x16", CultureInfo.InvariantCulture) : null,
            ["allocatedBytesHot"] = node.Meters.Sum(m => m.AllocatedBytes),
            ["collections"] = new JsonArray(GC.CollectionCount(0), GC.CollectionCount(1), GC.CollectionCount(2)),
            ["workingSetBytes"] = Environment.WorkingSet,
            ["venueDetails"] = Venues(node),
            ["positions"] = Positions(engine, pipeline),
            ["assetPositions"] = Assets(engine, pipeline),
        };
    }

    /// <summary>What went wrong this session, as the journal has it.</summary>
    private static JsonArray Incidents(Pipeline pipeline) =>
    [
        .. pipeline.Incidents.All.Where(i => i.Total > 0).Select(i => new JsonObject
        {
            ["class"] = IncidentRecord.NameOf(i.Kind), ["subject"] = i.Subject, ["count"] = i.Total,
        }),
    ];

    private static JsonObject Inputs(List<IngestStatistics> ingests) => new()
    {
        ["received"] = ingests.Sum(i => i.Received), ["applied"] = ingests.Sum(i => i.Applied), ["duplicate"] = ingests.Sum(i => i.Duplicate),
        ["stale"] = ingests.Sum(i => i.Stale), ["quarantined"] = ingests.Sum(i => i.Quarantined), ["shed"] = ingests.Sum(i => i.Shed), ["pending"] = ingests.Sum(i => i.Pending),
    };

    private static JsonObject Books(NodeHost node, List<IngestStatistics> ingests) => new()
    {
        ["synced"] = node.Pipeline.Venues.Sum(v => v.Ingest.BooksSynced), ["crossed"] = ingests.Sum(i => i.BooksCrossed), ["gaps"] = ingests.Sum(i => i.Gaps),
        ["resyncs"] = ingests.Sum(i => i.Resyncs), ["checksumsMatched"] = ingests.Sum(i => i.ChecksumsMatched), ["checksumsMismatched"] = ingests.Sum(i => i.ChecksumsMismatched),
        ["syncedAfterMs"] = node.SyncedAfterMs, ["validator"] = Validator(node),
    };

    private static JsonNode? Validator(NodeHost node)
    {
        if (node.Pipeline.Trading.Validator is not { } validator) return null;
        var s = validator.Statistics;
        return new JsonObject
        {
            ["instruments"] = validator.InstrumentCount, ["coveragePerMilleMin"] = validator.CoveragePerMilleMin, ["divergent"] = validator.DivergentNow,
            ["divergentEver"] = s.Divergences, ["standstill"] = validator.StandstillNow, ["locked"] = validator.LockedNow, ["lockedEver"] = s.Locked,
            ["crossedAcross"] = validator.CrossedAcrossNow, ["crossedAcrossEver"] = s.CrossedAcross, ["edgeBpsMax"] = s.EdgeMilliBpsMax / 1000.0,
        };
    }

    private static JsonObject Orders(TradingEngine engine)
    {
        var orders = engine.Orders.Statistics;
        return new JsonObject
        {
            ["placed"] = orders.Placed, ["sent"] = orders.Sent, ["acked"] = orders.Acked, ["filled"] = orders.Filled, ["cancelled"] = orders.Cancelled,
            ["rejected"] = orders.Rejected, ["unknown"] = orders.Unknown, ["unknownEver"] = orders.UnknownTotal, ["cancelsSent"] = orders.CancelsSent,
            ["lateFills"] = orders.LateFills, ["duplicateFills"] = orders.DuplicateFills,
        };
    }

    private static JsonObject Latency(Histogram histogram)
    {
        var summary = histogram.Summarize();
        return new JsonObject { ["count"] = summary.Count, ["p50"] = summary.P50, ["p99"] = summary.P99, ["p999"] = summary.P999, ["max"] = summary.Max };
    }

    private static JsonObject Journal(JournalWriter journal, string folder) => new()
    {
        ["records"] = journal.Sequence, ["bytes"] = journal.BytesAppended, ["committed"] = journal.CommittedSequence, ["failed"] = journal.Failed, ["path"] = folder,
    };

    private static JsonObject Venues(NodeHost node)
    {
        var venues = new JsonObject();
        foreach (var venue in node.Pipeline.Venues)
        {
            var statistics = venue.Ingest.Statistics;
            var states = node.StatesOf(venue);
            venues[venue.Name] = new JsonObject
            {
                ["state"] = states.Feed,
                ["frames"] = statistics.Frames, ["events"] = statistics.EventsPublished, ["ageMs"] = states.AgeMs, ["synced"] = venue.Ingest.BooksSynced,
                ["gaps"] = statistics.Gaps, ["quarantined"] = statistics.Quarantined, ["trades"] = statistics.Trades,
                ["connects"] = venue.Feeds.Sum(f => f.LinkStatistics.Connects), ["disconnects"] = venue.Feeds.Sum(f => f.LinkStatistics.Disconnects), ["feeds"] = Lines(venue),
                ["orderSession"] = states.Orders,
                ["ringPublished"] = venue.Ring.Published,
                ["network"] = venue.Path is { } path ? PathReport.Of(path) : null,
            };
        }

        return venues;
    }

    /// <summary>Which connection is the faster one; null where there is only one.</summary>
    private static JsonArray? Lines(VenueWires venue) => venue.Feeds.Count == 1 ? null :
    [
        .. venue.Ingest.Lines.Select((line, i) => new JsonObject
        {
            ["open"] = venue.Feeds[i].IsConnected, ["frames"] = line.LineStatistics!.Frames, ["won"] = line.LineStatistics.Won, ["late"] = line.LineStatistics.Late,
            ["lateNsMean"] = line.LineStatistics.LateNsTotal / Math.Max(1, line.LineStatistics.Late), ["lateNsMax"] = line.LineStatistics.LateNsMax,
            ["gapsFilled"] = line.LineStatistics.GapsFilled, ["booksCarried"] = line.LineStatistics.BooksCarried, ["takeOvers"] = line.LineStatistics.TakeOvers,
        }),
    ];

    private static JsonArray Positions(TradingEngine engine, Pipeline pipeline) =>
    [
        .. EngineViews.Positions(engine).Select(p => new JsonObject
        {
            ["instrument"] = $"{p.Symbol}.{pipeline.Venues[p.Venue - 1].Name.ToUpperInvariant()}", ["strategy"] = p.Strategy, ["quantity"] = Text(p.Quantity),
            ["averagePrice"] = Text(p.AveragePrice), ["realised"] = Text(p.Realised), ["unrealised"] = Text(p.Unrealised),
            ["fees"] = Text(p.FeesQuote), ["funding"] = Text(p.Funding),
            ["net"] = Text(p.Net), ["currency"] = p.Currency, ["fills"] = p.Fills,
        }),
    ];

    /// <summary>What we believe to own of each asset: the venue's opening balance and every fill and fee since.</summary>
    /// <summary>Instruments that wait for approval of a difference, as <c>ctl approve</c> takes them.</summary>
    private static JsonArray Blocked(TradingEngine engine, Pipeline pipeline) =>
    [
        .. engine.Instruments.All.Where(i => engine.Desk.Venues.IsBlockedByDifference(i.Id))
            .Select(i => (JsonNode)$"{i.Symbol}.{pipeline.Venues[i.Venue.Value - 1].Name}"),
    ];

    private static JsonArray Assets(TradingEngine engine, Pipeline pipeline)
    {
        var assets = new JsonArray();
        var positions = engine.Positions;
        for (var index = 0; index < positions.Accounts.Length; index++) Add(assets, positions.Accounts[index], positions.Expected(index), pipeline);
        foreach (ref readonly var contract in positions.ContractAccounts) Add(assets, contract, contract.Opening + contract.Cash, pipeline);
        return assets;
    }

    private static void Add(JsonArray assets, in AssetAccount account, Notional expected, Pipeline pipeline)
    {
        if (!account.IsReported) return;
        assets.Add(new JsonObject
        {
            ["venue"] = pipeline.Venues[account.Venue.Value - 1].Name, ["asset"] = account.Asset.ToString(),
            ["quantity"] = Text(expected.ToDecimal()), ["change"] = Text(account.Cash.ToDecimal()),
            ["difference"] = Text(account.Difference.ToDecimal()),
        });
    }

    private static string Text(decimal value) => (value / 1.000000000000000000000000000000000m).ToString(CultureInfo.InvariantCulture);
}
