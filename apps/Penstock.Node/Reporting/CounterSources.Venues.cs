using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Sessions;
using Penstock.Connectivity.Transport;
using Penstock.Infrastructure.Counters;
using Penstock.MarketData.Ingest;
using Penstock.MarketData.Quality;
using Penstock.Node.Wiring;

namespace Penstock.Node.Reporting;

/// <summary>What a venue's connections, books, orders and REST calls count.</summary>
internal sealed partial class CounterSources
{
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
        to.Add(NodeCounters.SessionWithheld, label, () => s.Withheld);
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
}
