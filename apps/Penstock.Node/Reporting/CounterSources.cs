using Penstock.Connectivity.Capture;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Sessions;
using Penstock.Connectivity.Transport;
using Penstock.Infrastructure.Counters;
using Penstock.Infrastructure.Journal;
using Penstock.Infrastructure.Logging;
using Penstock.Infrastructure.Threads;
using Penstock.MarketData.Ingest;
using Penstock.MarketData.Quality;
using Penstock.MarketData.Validation;
using Penstock.Node.Wiring;
using Penstock.Strategies;
using Penstock.Trading.Risk;

namespace Penstock.Node.Reporting;

/// <summary>
/// Which counter shows which field. Asked once for every thread, after the plan has decided which agents run there: so a
/// counter is written by the thread that counts, under any plan.
/// </summary>
internal sealed class CounterSources(Pipeline pipeline, JournalWriter journal, LogRing log)
{
    /// <summary>Everything the agents of this thread count, and the thread itself.</summary>
    public void Bind(CounterPublisher to, AgentRunner runner)
    {
        var s = runner.Statistics;
        to.Add(NodeCounters.DutyCycles, runner.Name, () => s.DutyCycles);
        to.Add(NodeCounters.WorkDone, runner.Name, () => s.WorkDone);
        to.Add(NodeCounters.IdleCycles, runner.Name, () => s.IdleCycles);
        to.Add(NodeCounters.AgentErrors, runner.Name, () => s.Errors);
        to.Add(NodeCounters.AgentsRetired, runner.Name, () => s.AgentsRetired);
        to.Add(NodeCounters.ListenerErrors, runner.Name, () => s.ListenerErrors);
        foreach (var agent in runner.Agents) Bind(to, agent, runner.Name);
    }

    private void Bind(CounterPublisher to, IAgent agent, string thread)
    {
        switch (agent)
        {
            case PacedAgent paced:
                Bind(to, paced.Agent, thread);
                break;
            case VenueWires venue:
                Inputs(to, venue);
                Books(to, venue);
                Feed(to, venue);
                Path(to, venue);
                break;
            case OrderSession orders:
                Orders(to, orders, pipeline.Venues.First(v => v.Orders == orders).Name);
                break;
            case DetachedOrders.SessionAgent worker:
                Orders(to, worker.Session, pipeline.Venues.First(v => v.Orders == worker.Session).Name);
                break;
            case TradingAgent trading:
                Readers(to, trading);
                Engine(to);
                OrderStates(to);
                Execution(to);
                Positions(to);
                Controls(to);
                JournalAppends(to);
                IncidentCounters.Bind(to, pipeline);
                if (trading.Validator is { } validator) Validation(to, validator);
                if (trading.Crossed is { } crossed) to.Add(NodeCounters.CrossedResyncs, "", () => crossed.Asked);
                break;
            case AllocationMeter meter:
                to.Add(NodeCounters.AllocatedBytesHot, thread, () => meter.AllocatedBytes);
                break;
            case ShadowEngine shadow:
                Shadow(to, shadow.Statistics);
                break;
            case JournalCommitter:
                Commits(to);
                break;
            case QuarantineFile file:
                Quarantine(to, file);
                break;
            case CaptureWriter capture:
                Capture(to, capture);
                break;
            case LogWriterAgent writer:
                to.Add(NodeCounters.LogWritten, "", () => writer.Statistics.MessagesWritten);
                to.Add(NodeCounters.LogErrors, "", () => writer.Statistics.FileErrors + writer.Statistics.ConsoleErrors);
                to.Add(NodeCounters.LogDropped, "", () => log.Dropped);
                break;
        }
    }

    private static void Inputs(CounterPublisher to, VenueWires venue)
    {
        var (s, label) = (venue.Ingest.Statistics, venue.Name);
        to.Add(NodeCounters.Frames, label, () => s.Frames);
        to.Add(NodeCounters.InputsReceived, label, () => s.Received);
        to.Add(NodeCounters.InputsApplied, label, () => s.Applied);
        to.Add(NodeCounters.InputsDuplicate, label, () => s.Duplicate);
        to.Add(NodeCounters.InputsStale, label, () => s.Stale);
        to.Add(NodeCounters.InputsQuarantined, label, () => s.Quarantined);
        to.Add(NodeCounters.InputsShed, label, () => s.Shed);
        to.Add(NodeCounters.InputsPending, label, () => s.Pending);
        to.Add(NodeCounters.InputsUnaccounted, label, () => s.Unaccounted);
        to.Add(NodeCounters.FramesUndecodable, label, () => s.FramesUndecodable);
        to.Add(NodeCounters.Trades, label, () => s.Trades);
        to.Add(NodeCounters.TradesRepeated, label, () => s.TradesRepeated);
        to.Add(NodeCounters.TradeIdGaps, label, () => s.TradeIdGaps);
        to.Add(NodeCounters.BestBidAsks, label, () => s.BestBidAsks);
        to.Add(NodeCounters.SubscribeRejected, label, () => s.SubscribeRejected);
        to.Add(NodeCounters.ExchangeTimeBackwards, label, () => s.ExchangeTimeBackwards);
        to.Add(NodeCounters.InstrumentSilences, label, () => s.InstrumentSilences);
        to.Add(NodeCounters.VenueSilences, label, () => s.VenueSilences);
        to.Add(NodeCounters.SilenceReconnects, label, () => s.SilenceReconnects);
        to.Add(NodeCounters.FeedDisconnects, label, () => s.Disconnects);
        to.Add(NodeCounters.EventsPublished, label, () => s.EventsPublished);
        ByCause(to, NodeCounters.QuarantinedByCause, label, s.QuarantinedByCause);
    }

    private static void Books(CounterPublisher to, VenueWires venue)
    {
        var (s, label) = (venue.Ingest.Statistics, venue.Name);
        to.Add(NodeCounters.Snapshots, label, () => s.Snapshots);
        to.Add(NodeCounters.SnapshotsTooOld, label, () => s.SnapshotsTooOld);
        to.Add(NodeCounters.SnapshotFailures, label, () => s.SnapshotFailures);
        to.Add(NodeCounters.Deltas, label, () => s.Deltas);
        to.Add(NodeCounters.DeltasBuffered, label, () => s.DeltasBuffered);
        to.Add(NodeCounters.DeltasCovered, label, () => s.DeltasCovered);
        to.Add(NodeCounters.DeltasUnsynchronised, label, () => s.DeltasUnsynchronised);
        to.Add(NodeCounters.DeltasRepeated, label, () => s.DeltasRepeated);
        to.Add(NodeCounters.BookHeartbeats, label, () => s.BookHeartbeats);
        to.Add(NodeCounters.Bridged, label, () => s.Bridged);
        to.Add(NodeCounters.Gaps, label, () => s.Gaps);
        to.Add(NodeCounters.BooksInvalidated, label, () => s.BooksInvalidated);
        to.Add(NodeCounters.Resyncs, label, () => s.Resyncs);
        to.Add(NodeCounters.ChecksumsMatched, label, () => s.ChecksumsMatched);
        to.Add(NodeCounters.SnapshotChecksumsMatched, label, () => s.SnapshotChecksumsMatched);
        to.Add(NodeCounters.ChecksumsMismatched, label, () => s.ChecksumsMismatched);
        to.Add(NodeCounters.BooksCrossed, label, () => s.BooksCrossed);
        to.Add(NodeCounters.QuantitiesCut, label, () => s.QuantitiesCut);
        to.Add(NodeCounters.LevelsPruned, label, () => s.LevelsPruned);
        to.Add(NodeCounters.BooksSynced, label, () => venue.Ingest.BooksSynced);
        to.Add(NodeCounters.FeedStale, label, () => venue.Ingest.IsStale ? 1 : 0);
        to.Add(NodeCounters.RingPublished, label, () => venue.Ring.Published);
        to.Add(NodeCounters.RingCapacity, label, () => venue.Ring.Capacity);
        to.Add(NodeCounters.FeedAgeMs, label, () => venue.AgeMs);
    }

    private static void Feed(CounterPublisher to, VenueWires venue)
    {
        for (var i = 0; i < venue.Feeds.Count; i++) Feed(to, venue, i);
        if (venue.Tap is not { } tap) return;
        to.Add(NodeCounters.CaptureDropped, venue.Name, () => tap.Dropped);
        to.Add(NodeCounters.CaptureDroppedBytes, venue.Name, () => tap.DroppedBytes);
    }

    private static void Feed(CounterPublisher to, VenueWires venue, int index)
    {
        var feed = venue.Feeds[index];
        var (s, label, link) = index == 0 ? (feed.Statistics, venue.Name, $"{venue.Name} feed") : (feed.Statistics, $"{venue.Name} {index + 1}", $"{venue.Name} feed {index + 1}");
        to.Add(NodeCounters.SnapshotsRequested, label, () => s.SnapshotsRequested);
        to.Add(NodeCounters.SnapshotsSucceeded, label, () => s.SnapshotsSucceeded);
        to.Add(NodeCounters.SnapshotsFailed, label, () => s.SnapshotsFailed);
        to.Add(NodeCounters.SnapshotsOutdated, label, () => s.SnapshotsOutdated);
        to.Add(NodeCounters.SnapshotsRepeated, label, () => s.SnapshotsRepeated);
        to.Add(NodeCounters.Resubscribes, label, () => s.Resubscribes);
        to.Add(NodeCounters.ReconnectsRequested, label, () => s.ReconnectsRequested);
        Link(to, link, feed.LinkStatistics, () => feed.IsConnected);
        if (feed.RestStatistics is { } rest) Rest(to, link, rest);
        if (venue.Ingest.Lines[index].LineStatistics is { } line) Line(to, link, line);
    }

    private static void Line(CounterPublisher to, string label, FeedLineStatistics s)
    {
        to.Add(NodeCounters.LineFrames, label, () => s.Frames);
        to.Add(NodeCounters.LineWon, label, () => s.Won);
        to.Add(NodeCounters.LineLate, label, () => s.Late);
        to.Add(NodeCounters.LineLateNsTotal, label, () => s.LateNsTotal);
        to.Add(NodeCounters.LineLateNsMax, label, () => s.LateNsMax);
        to.Add(NodeCounters.LineGapsFilled, label, () => s.GapsFilled);
        to.Add(NodeCounters.LineBooksCarried, label, () => s.BooksCarried);
        to.Add(NodeCounters.LineTakeOvers, label, () => s.TakeOvers);
    }

    private static void Path(CounterPublisher to, VenueWires venue)
    {
        if (venue.Path is not { } path) return;
        var (s, label) = (path.Statistics, venue.Name);
        to.Add(NodeCounters.PathResolveNs, label, () => s.ResolveNs);
        to.Add(NodeCounters.PathConnectNs, label, () => s.ConnectNs);
        to.Add(NodeCounters.PathSecureNs, label, () => s.SecureNs);
        to.Add(NodeCounters.PathUpgradeNs, label, () => s.UpgradeNs);
        to.Add(NodeCounters.PathProbesSent, label, () => s.ProbesSent);
        to.Add(NodeCounters.PathProbesAnswered, label, () => s.ProbesAnswered);
        to.Add(NodeCounters.PathProbesUnanswered, label, () => s.ProbesUnanswered);
        to.Add(NodeCounters.PathPongsUnmatched, label, () => s.PongsUnmatched);
        to.Add(NodeCounters.PathVenuePongs, label, () => s.VenuePongs);
        to.Add(NodeCounters.PathRoundTripNs, label, () => s.RoundTripNs);
        to.Add(NodeCounters.PathRoundTripNsMin, label, () => s.RoundTripNsMin);
        to.Add(NodeCounters.PathJitterNs, label, () => s.JitterNs);
        to.Add(NodeCounters.PathClockBounds, label, () => s.ClockBounds);
        to.Add(NodeCounters.PathClockOffsetNsMin, label, () => s.ClockOffsetNsMin);
        to.Add(NodeCounters.PathClockOffsetNsMax, label, () => s.ClockOffsetNsMax);
        to.Add(NodeCounters.PathClockSamples, label, () => s.ClockSamples);
        to.Add(NodeCounters.PathClockSteps, label, () => s.ClockSteps);
        to.Add(NodeCounters.PathClockFailures, label, () => s.ClockFailures);
        to.Add(NodeCounters.PathDelayNsMin, label, () => s.DelayNsMin);
        to.Add(NodeCounters.PathDelayNsMax, label, () => s.DelayNsMax);
    }

    private static void Orders(CounterPublisher to, OrderSession session, string label)
    {
        var s = session.Statistics;
        to.Add(NodeCounters.SessionPlaces, label, () => s.PlacesSent);
        to.Add(NodeCounters.SessionCancels, label, () => s.CancelsSent);
        to.Add(NodeCounters.SessionThrottled, label, () => s.Throttled);
        to.Add(NodeCounters.SessionNotConnected, label, () => s.NotConnected);
        to.Add(NodeCounters.SessionBacklogged, label, () => s.Backlogged);
        to.Add(NodeCounters.SessionNotEncodable, label, () => s.NotEncodable);
        to.Add(NodeCounters.SessionReports, label, () => s.Reports);
        to.Add(NodeCounters.SessionBalances, label, () => s.Balances);
        to.Add(NodeCounters.SessionLogins, label, () => s.Logins);
        to.Add(NodeCounters.SessionLoginsRefused, label, () => s.LoginsRefused);
        to.Add(NodeCounters.SessionQueriesAnswered, label, () => s.QueriesAnswered);
        to.Add(NodeCounters.SessionQueriesFailed, label, () => s.QueriesFailed);
        to.Add(NodeCounters.SessionQueriesDropped, label, () => s.QueriesDropped);
        to.Add(NodeCounters.SessionReconciliations, label, () => s.Reconciliations);
        to.Add(NodeCounters.SessionReconciliationsFailed, label, () => s.ReconciliationsFailed);
        to.Add(NodeCounters.SessionStreamGaps, label, () => s.StreamGaps);
        to.Add(NodeCounters.SessionAmendsSent, label, () => s.AmendsSent);
        to.Add(NodeCounters.SessionOutcomesUnknown, label, () => s.OutcomesUnknown);
        to.Add(NodeCounters.SessionFillsFetched, label, () => s.FillsFetched);
        to.Add(NodeCounters.SessionBatchesCut, label, () => s.BatchesCut);
        ByCause(to, NodeCounters.SessionQuarantined, label, s.Quarantined);
        Link(to, $"{label} orders", session.LinkStatistics, () => session.IsReady);
        Rest(to, $"{label} orders", session.RestStatistics);
    }

    private static void Link(CounterPublisher to, string label, SocketLinkStatistics s, Func<bool> isOpen)
    {
        to.Add(NodeCounters.LinkOpen, label, () => isOpen() ? 1 : 0);
        to.Add(NodeCounters.LinkAttempts, label, () => s.Attempts);
        to.Add(NodeCounters.LinkConnects, label, () => s.Connects);
        to.Add(NodeCounters.LinkDisconnects, label, () => s.Disconnects);
        to.Add(NodeCounters.LinkSilences, label, () => s.Silences);
        to.Add(NodeCounters.LinkHandshakesRefused, label, () => s.HandshakesRefused);
        to.Add(NodeCounters.LinkViolations, label, () => s.Violations);
        to.Add(NodeCounters.LinkFrames, label, () => s.Frames);
        to.Add(NodeCounters.LinkBytes, label, () => s.Bytes);
        to.Add(NodeCounters.LinkReads, label, () => s.Reads);
        to.Add(NodeCounters.LinkFramesSent, label, () => s.FramesSent);
        to.Add(NodeCounters.LinkPingsSent, label, () => s.PingsSent);
        to.Add(NodeCounters.LinkFramesDelayed, label, () => s.FramesDelayed);
        to.Add(NodeCounters.LinkFramesDropped, label, () => s.FramesDropped);
    }

    private static void Rest(CounterPublisher to, string label, RestStatistics s)
    {
        to.Add(NodeCounters.RestSent, label, () => s.Sent);
        to.Add(NodeCounters.RestSucceeded, label, () => s.Succeeded);
        to.Add(NodeCounters.RestFailed, label, () => s.Failed);
        to.Add(NodeCounters.RestRateLimited, label, () => s.RateLimited);
        to.Add(NodeCounters.RestRejected, label, () => s.Rejected);
        to.Add(NodeCounters.RestThrottled, label, () => s.Throttled);
    }

    private void Readers(CounterPublisher to, TradingAgent trading)
    {
        foreach (var (index, (id, reader)) in trading.Readers.Index())
        {
            var label = pipeline.Venues[id.Value - 1].Name;
            to.Add(NodeCounters.ReaderRead, label, () => reader.ReadTotal);
            to.Add(NodeCounters.ReaderLost, label, () => reader.LostTotal);
            to.Add(NodeCounters.ReaderLaps, label, () => reader.Laps);
            to.Add(NodeCounters.ReaderLag, label, () => reader.Lag);
            to.Add(NodeCounters.ReaderOldestAgeNs, label, () => trading.OldestAgeNs(index));
        }
    }

    private static void Validation(CounterPublisher to, CrossVenueValidator validator)
    {
        var s = validator.Statistics;
        to.Add(NodeCounters.Comparisons, "", () => s.Comparisons);
        to.Add(NodeCounters.Divergences, "", () => s.Divergences);
        to.Add(NodeCounters.Standstills, "", () => s.Standstills);
        to.Add(NodeCounters.LockedMarkets, "", () => s.Locked);
        to.Add(NodeCounters.CrossedMarkets, "", () => s.Crossed);
        to.Add(NodeCounters.CrossedAcross, "", () => s.CrossedAcross);
        to.Add(NodeCounters.EdgeMax, "", () => s.EdgeMilliBpsMax);
        to.Add(NodeCounters.DivergentNow, "", () => validator.DivergentNow);
        to.Add(NodeCounters.Coverage, "", () => validator.CoveragePerMilleMin);
    }

    private void Engine(CounterPublisher to)
    {
        var s = pipeline.Engine.Statistics;
        to.Add(NodeCounters.EngineInputs, "", () => s.Inputs);
        to.Add(NodeCounters.EngineEvents, "", () => s.MarketEvents);
        to.Add(NodeCounters.EngineReports, "", () => s.Reports);
        to.Add(NodeCounters.EngineBalances, "", () => s.Balances);
        to.Add(NodeCounters.EngineTimers, "", () => s.Timers);
        to.Add(NodeCounters.EngineCommands, "", () => s.Commands);
        to.Add(NodeCounters.EngineCommandsRefused, "", () => s.CommandsRefused);
        to.Add(NodeCounters.EngineBookCalls, "", () => s.BookCalls);
        to.Add(NodeCounters.EngineCheckpoints, "", () => s.Checkpoints);
        to.Add(NodeCounters.CommandBytes, "", () => pipeline.Trading.CommandBytes);
        StrategyCounters.Bind(to, pipeline.Engine);
        to.Add(NodeCounters.EngineSessions, "", () => s.Sessions);
    }

    private void OrderStates(CounterPublisher to)
    {
        var orders = pipeline.Engine.Orders;
        var s = orders.Statistics;
        to.Add(NodeCounters.Placed, "", () => s.Placed);
        to.Add(NodeCounters.Sent, "", () => s.Sent);
        to.Add(NodeCounters.Acked, "", () => s.Acked);
        to.Add(NodeCounters.Fills, "", () => s.Fills);
        to.Add(NodeCounters.Filled, "", () => s.Filled);
        to.Add(NodeCounters.Cancelled, "", () => s.Cancelled);
        to.Add(NodeCounters.Rejected, "", () => s.Rejected);
        to.Add(NodeCounters.OrderCancelsSent, "", () => s.CancelsSent);
        to.Add(NodeCounters.CancelRejects, "", () => s.CancelRejects);
        to.Add(NodeCounters.Unknown, "", () => s.Unknown);
        to.Add(NodeCounters.UnknownTotal, "", () => s.UnknownTotal);
        to.Add(NodeCounters.Resolved, "", () => s.Resolved);
        to.Add(NodeCounters.OrderQueries, "", () => s.Queries);
        to.Add(NodeCounters.DuplicateFills, "", () => s.DuplicateFills);
        to.Add(NodeCounters.LateFills, "", () => s.LateFills);
        to.Add(NodeCounters.Overfills, "", () => s.Overfills);
        to.Add(NodeCounters.IllegalReports, "", () => s.IllegalReports);
        to.Add(NodeCounters.OutdatedReports, "", () => s.OutdatedReports);
        to.Add(NodeCounters.ExternalReports, "", () => s.ExternalReports);
        to.Add(NodeCounters.OrphanFills, "", () => s.OrphanFills);
        to.Add(NodeCounters.Adopted, "", () => s.Adopted);
        to.Add(NodeCounters.FillsMissing, "", () => s.FillsMissing);
        to.Add(NodeCounters.LiveOrders, "", () => orders.Live.Count);
        to.Add(NodeCounters.OrderAmendsSent, "", () => s.AmendsSent);
        to.Add(NodeCounters.OrderAmended, "", () => s.Amended);
        to.Add(NodeCounters.OrderAmendRejects, "", () => s.AmendRejects);
        to.Add(NodeCounters.OrderAmendsUncertain, "", () => s.AmendsUncertain);
        to.Add(NodeCounters.OrderHeld, "", () => s.Held);
        to.Add(NodeCounters.OrderHeldReleased, "", () => s.HeldReleased);
        to.Add(NodeCounters.OrderExpiredByEngine, "", () => s.ExpiredByEngine);
        to.Add(NodeCounters.OrderReduceOnlyCuts, "", () => s.ReduceOnlyCuts);
        to.Add(NodeCounters.OrderReplacements, "", () => s.Replacements);
        to.Add(NodeCounters.OrdersHeldNow, "", () => pipeline.Engine.Desk.HeldCount);
        var p = orders.Parents.Statistics;
        to.Add(NodeCounters.ParentStarted, "", () => p.Started);
        to.Add(NodeCounters.ParentFilled, "", () => p.Filled);
        to.Add(NodeCounters.ParentEnded, "", () => p.Ended);
        to.Add(NodeCounters.ParentViolations, "", () => p.Violations);
        to.Add(NodeCounters.ParentChildrenRefused, "", () => p.ChildrenRefused);
        to.Add(NodeCounters.ParentRedirects, "", () => p.Redirects);
        to.Add(NodeCounters.ParentRiskRefused, "", () => p.RiskRefused);
        to.Add(NodeCounters.ParentLateFills, "", () => p.LateFills);
    }

    private void Execution(CounterPublisher to)
    {
        var s = pipeline.Router.Statistics;
        to.Add(NodeCounters.RouterSent, "", () => s.OrdersSent);
        to.Add(NodeCounters.RouterCancels, "", () => s.CancelsSent);
        to.Add(NodeCounters.RouterThrottled, "", () => s.Throttled);
        to.Add(NodeCounters.RouterNotConnected, "", () => s.NotConnected);
        to.Add(NodeCounters.RouterBacklogged, "", () => s.Backlogged);
        to.Add(NodeCounters.RouterNotEncodable, "", () => s.NotEncodable);
        to.Add(NodeCounters.RouterKilled, "", () => s.Killed);
        to.Add(NodeCounters.RouterUnapproved, "", () => s.Unapproved);
        to.Add(NodeCounters.RouterPendingMax, "", () => s.PendingMax);
        to.Add(NodeCounters.RouterPendingShed, "", () => s.PendingShed);
        to.Add(NodeCounters.RouterQueries, "", () => s.Queries);
        to.Add(NodeCounters.RouterReconciliations, "", () => s.Reconciliations);
        to.Add(NodeCounters.RouterAmendsSent, "", () => s.AmendsSent);
        to.Add(NodeCounters.RouterStaleSignals, "", () => s.StaleSignals);
        var rejects = pipeline.Engine.Risk.Rejects;
        foreach (var rule in Enum.GetValues<RiskRule>().Where(r => r != RiskRule.None)) to.Add(NodeCounters.RiskRejects, rule.ToString(), () => rejects[(int)rule]);
    }

    private void Positions(CounterPublisher to)
    {
        var s = pipeline.Engine.Positions.Statistics;
        to.Add(NodeCounters.PositionFills, "", () => s.Fills);
        to.Add(NodeCounters.FeesInOtherAsset, "", () => s.FeesInOtherAsset);
        to.Add(NodeCounters.FeesWithoutAccount, "", () => s.FeesWithoutAccount);
        to.Add(NodeCounters.BalancesTold, "", () => s.Balances);
        to.Add(NodeCounters.BalanceDifferences, "", () => s.BalanceDifferences);
        to.Add(NodeCounters.BalancesIgnored, "", () => s.BalancesIgnored);
        to.Add(NodeCounters.Fundings, "", () => s.Fundings);
        to.Add(NodeCounters.FundingsRepeated, "", () => s.FundingsRepeated);
        to.Add(NodeCounters.FundingIgnored, "", () => s.FundingIgnored);
    }

    private void Controls(CounterPublisher to)
    {
        var s = pipeline.Engine.Desk.Controls.Statistics;
        to.Add(NodeCounters.ControlRefusals, "", () => s.Refusals);
        to.Add(NodeCounters.ControlRefusalsSkipped, "", () => s.RefusalsSkipped);
        to.Add(NodeCounters.BreakerTrips, "", () => s.BreakerTrips);
        to.Add(NodeCounters.BreakersArmed, "", () => s.BreakersArmed);
        to.Add(NodeCounters.VenueBreakersOpened, "", () => s.VenueBreakersOpened);
        to.Add(NodeCounters.VenueBreakersClosed, "", () => s.VenueBreakersClosed);
        to.Add(NodeCounters.PostTradeBreaches, "", () => s.PostTradeBreaches);
        to.Add(NodeCounters.OrderErrors, "", () => s.OrderErrors);
    }

    private static void Shadow(CounterPublisher to, ShadowStatistics s)
    {
        to.Add(NodeCounters.ShadowRecords, "", () => s.Records);
        to.Add(NodeCounters.ShadowSnapshots, "", () => s.Snapshots);
        to.Add(NodeCounters.ShadowUnverified, "", () => s.SnapshotsUnverified);
        to.Add(NodeCounters.ShadowFailures, "", () => s.SnapshotFailures);
        to.Add(NodeCounters.ShadowRefused, "", () => s.SnapshotsRefused);
        to.Add(NodeCounters.ShadowStateBytes, "", () => s.StateBytes);
        to.Add(NodeCounters.ShadowDifferences, "", () => s.Differences);
        to.Add(NodeCounters.ShadowAnchorFailures, "", () => s.AnchorFailures);
    }

    private void JournalAppends(CounterPublisher to)
    {
        var s = journal.Statistics;
        to.Add(NodeCounters.JournalRecords, "", () => s.RecordsAppended);
        to.Add(NodeCounters.JournalBytes, "", () => s.BytesAppended);
        to.Add(NodeCounters.JournalRefused, "", () => s.AppendsRefused);
        to.Add(NodeCounters.JournalRolled, "", () => s.SegmentsRolled);
        to.Add(NodeCounters.JournalInline, "", () => s.SegmentsPreparedInline);
    }

    private void Commits(CounterPublisher to)
    {
        var s = journal.CommitStatistics;
        to.Add(NodeCounters.JournalCommits, "", () => s.Commits);
        to.Add(NodeCounters.JournalCommitted, "", () => s.RecordsCommitted);
        to.Add(NodeCounters.JournalCommitFailures, "", () => s.CommitFailures);
        to.Add(NodeCounters.JournalUncommitted, "", () => journal.Sequence - journal.CommittedSequence);
    }

    private static void Quarantine(CounterPublisher to, QuarantineFile file)
    {
        to.Add(NodeCounters.QuarantineFrames, file.Role, () => file.Frames);
        to.Add(NodeCounters.QuarantineDropped, file.Role, () => file.FramesDropped);
        to.Add(NodeCounters.QuarantineWritten, file.Role, () => file.FramesWritten);
        to.Add(NodeCounters.QuarantineFailures, file.Role, () => file.WriteFailures);
    }

    private static void Capture(CounterPublisher to, CaptureWriter capture)
    {
        var s = capture.Statistics;
        to.Add(NodeCounters.CaptureEvents, capture.Role, () => s.Events);
        to.Add(NodeCounters.CaptureBytes, capture.Role, () => s.Bytes);
        to.Add(NodeCounters.CaptureFiles, capture.Role, () => s.Files);
        to.Add(NodeCounters.CaptureLost, capture.Role, () => s.Lost);
        to.Add(NodeCounters.CaptureStampsRaised, capture.Role, () => s.StampsRaised);
        to.Add(NodeCounters.CaptureErrors, capture.Role, () => s.Errors);
    }

    private static void ByCause(CounterPublisher to, CounterDeclaration declaration, string label, long[] byCause)
    {
        foreach (var cause in Enum.GetValues<QuarantineCause>().Where(c => c != QuarantineCause.None)) to.Add(declaration, $"{label} {cause}", () => byCause[(int)cause]);
    }
}
