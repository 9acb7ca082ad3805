using Penstock.Connectivity.Capture;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Sessions;
using Penstock.Infrastructure.Counters;
using Penstock.Infrastructure.Journal;
using Penstock.Infrastructure.Logging;
using Penstock.Infrastructure.Threads;
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
internal sealed partial class CounterSources(Pipeline pipeline, JournalWriter journal, LogRing log)
{
    /// <summary>Everything the agents of this thread count, and the thread itself.</summary>
    public void Bind(CounterPublisher to, AgentRunner runner)
    {
        var s = runner.Statistics;
        to.Add(NodeCounters.PinnedCore, runner.Name, () => s.PinnedCore);
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
            case InlineFeed feed:
                Bind(to, feed.Venue, thread);
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
                if (pipeline.Paper is { } paper) PaperCounters.Bind(to, paper);
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
        to.Add(NodeCounters.EngineInputFaults, "", () => s.InputFaults);
        to.Add(NodeCounters.EngineCommandFaults, "", () => s.CommandFaults);
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
        to.Add(NodeCounters.ReportsBeyondBounds, "", () => s.ReportsBeyondBounds);
        to.Add(NodeCounters.OutdatedReports, "", () => s.OutdatedReports);
        to.Add(NodeCounters.ExternalReports, "", () => s.ExternalReports);
        to.Add(NodeCounters.OrphanFills, "", () => s.OrphanFills);
        to.Add(NodeCounters.Adopted, "", () => s.Adopted);
        to.Add(NodeCounters.Reappeared, "", () => s.Reappeared);
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
        to.Add(NodeCounters.ParentRefused, "", () => p.Refused);
        to.Add(NodeCounters.ParentWaits, "", () => p.Waits);
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
        to.Add(NodeCounters.RouterGatewayFaults, "", () => s.GatewayFaults);
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
        to.Add(NodeCounters.FeesUncounted, "", () => s.FeesUncounted);
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
        to.Add(NodeCounters.ShadowAnchoredRecords, "", () => s.AnchoredRecords);
    }

    private void JournalAppends(CounterPublisher to)
    {
        var s = journal.Statistics;
        to.Add(NodeCounters.JournalRecords, "", () => journal.RecordsAppended);
        to.Add(NodeCounters.JournalBytes, "", () => journal.BytesAppended);
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
