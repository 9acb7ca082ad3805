using Penstock.Infrastructure.Counters;

namespace Penstock.Node.Reporting;

/// <summary>What comes in: feeds, connections, venues against each other, the way through the network.</summary>
internal static partial class NodeCounters
{
    // Market data, step 1 to 5. Label: the venue, with a cause where the name says so.
    public static readonly CounterDeclaration Frames = Total(100, "feed_frames", "Frames delivered by the connection.");
    public static readonly CounterDeclaration InputsReceived =
        Total(101, "feed_inputs_received", "Inputs taken in; equal to applied, duplicate, stale, quarantined, shed and pending together.");
    public static readonly CounterDeclaration InputsApplied = Total(102, "feed_inputs_applied", "Inputs that did what they should.");
    public static readonly CounterDeclaration InputsDuplicate = Total(103, "feed_inputs_duplicate", "Inputs whose effect was there already.");
    public static readonly CounterDeclaration InputsStale =
        Total(104, "feed_inputs_stale", "Inputs older than what is known, or for a book that waits for its snapshot.");
    public static readonly CounterDeclaration InputsQuarantined = Total(105, "feed_inputs_quarantined", "Inputs set aside with cause and bytes.");
    public static readonly CounterDeclaration InputsShed = Total(106, "feed_inputs_shed", "Inputs dropped because a bound was reached.");
    public static readonly CounterDeclaration InputsPending = Gauge(107, "feed_inputs_pending", "Deltas held back for a snapshot right now.");
    public static readonly CounterDeclaration InputsUnaccounted =
        Gauge(108, "feed_inputs_unaccounted", "Inputs of no kind: always 0, anything else is a defect of this program.");
    public static readonly CounterDeclaration QuarantinedByCause = Total(109, "feed_quarantined_by_cause", "Inputs set aside, by venue and cause.");
    public static readonly CounterDeclaration FramesUndecodable = Total(110, "feed_frames_undecodable", "Frames the decoder refused.");
    public static readonly CounterDeclaration Snapshots = Total(111, "feed_snapshots", "Full books loaded.");
    public static readonly CounterDeclaration SnapshotsTooOld =
        Total(112, "feed_snapshots_too_old", "Snapshots refused because the first held-back delta is already further on.");
    public static readonly CounterDeclaration SnapshotFailures = Total(113, "feed_snapshot_failures", "REST snapshots that did not come.");
    public static readonly CounterDeclaration Deltas = Total(114, "feed_deltas", "Book deltas applied after a snapshot.");
    public static readonly CounterDeclaration DeltasBuffered = Total(115, "feed_deltas_buffered", "Book deltas held back until a snapshot came.");
    public static readonly CounterDeclaration DeltasCovered = Total(116, "feed_deltas_covered", "Book deltas a snapshot already covered.");
    public static readonly CounterDeclaration DeltasUnsynchronised =
        Total(117, "feed_deltas_unsynchronised", "Book deltas dropped because their book waits for its snapshot.");
    public static readonly CounterDeclaration DeltasRepeated = Total(118, "feed_deltas_repeated", "Book deltas repeated or out of order, dropped.");
    public static readonly CounterDeclaration BookHeartbeats = Total(119, "feed_book_heartbeats", "Sequence keep-alives without content.");
    public static readonly CounterDeclaration Bridged =
        Total(120, "feed_snapshots_bridged", "REST snapshots whose first following delta connects without a hole.");
    public static readonly CounterDeclaration Gaps = Total(121, "feed_gaps", "Missing book deltas found.");
    public static readonly CounterDeclaration BooksInvalidated =
        Total(122, "feed_books_invalidated", "Books declared unusable, for whatever reason.");
    public static readonly CounterDeclaration Resyncs = Total(123, "feed_resyncs", "Snapshots or resubscriptions asked for.");
    public static readonly CounterDeclaration ChecksumsMatched = Total(124, "feed_checksums_matched", "Book checksums equal to the venue's.");
    public static readonly CounterDeclaration SnapshotChecksumsMatched = Total(125, "feed_snapshot_checksums_matched", "Of these, over snapshots.");
    public static readonly CounterDeclaration ChecksumsMismatched =
        Total(126, "feed_checksums_mismatched", "Book checksums that differ from the venue's: the book was wrong and is loaded anew.");
    public static readonly CounterDeclaration BooksCrossed = Total(127, "feed_books_crossed", "Books crossed after a message.");
    public static readonly CounterDeclaration QuantitiesCut =
        Total(149, "feed_quantities_cut", "Quantities cut to the scale of their instrument (venues that write doubles).");
    public static readonly CounterDeclaration LevelsPruned =
        Total(128, "feed_levels_pruned", "Book levels removed because they left the subscribed depth.");
    public static readonly CounterDeclaration Trades = Total(129, "feed_trades", "New trades published.");
    public static readonly CounterDeclaration TradesRepeated = Total(130, "feed_trades_repeated", "Trades seen before, dropped.");
    public static readonly CounterDeclaration TradeIdGaps = Total(131, "feed_trade_id_gaps", "Jumps of the trade id.");
    public static readonly CounterDeclaration BestBidAsks = Total(132, "feed_best_bid_asks", "Best bid and ask messages published.");
    public static readonly CounterDeclaration SubscribeRejected = Total(133, "feed_subscriptions_rejected", "Subscriptions the venue refused.");
    public static readonly CounterDeclaration ExchangeTimeBackwards =
        Total(134, "feed_exchange_time_backwards", "Messages with an exchange time before that of the message before.");
    public static readonly CounterDeclaration InstrumentSilences = Total(135, "feed_instrument_silences", "Times an instrument was declared silent.");
    public static readonly CounterDeclaration VenueSilences =
        Total(136, "feed_venue_silences", "Times the whole venue was declared silent on an open connection.");
    public static readonly CounterDeclaration SilenceReconnects =
        Total(137, "feed_silence_reconnects", "Reconnects asked for because data stayed away on an open connection.");
    public static readonly CounterDeclaration FeedDisconnects = Total(138, "feed_disconnects", "Market data connections lost.");
    public static readonly CounterDeclaration EventsPublished = Total(139, "feed_events_published", "Events handed to the venue's ring.");
    public static readonly CounterDeclaration BooksSynced = Gauge(140, "feed_books_synced", "Books that are synchronised right now.");
    public static readonly CounterDeclaration FeedStale = Gauge(141, "feed_stale", "1 while the venue's data is stale as a whole.");
    public static readonly CounterDeclaration RingPublished = Total(142, "ring_published", "Events the venue's ring has taken since it was made.");
    public static readonly CounterDeclaration RingCapacity =
        Gauge(3510, "ring_capacity", "Events the venue's ring holds; a reader further behind has lost some.");
    public static readonly CounterDeclaration FeedAgeMs =
        Gauge(3511, "feed_age_ms", "Since the last socket read of the venue's market data brought something.");
    public static readonly CounterDeclaration CaptureDropped =
        Total(143, "capture_frames_dropped", "Raw frames not captured because the capture queue was full.");
    public static readonly CounterDeclaration CaptureDroppedBytes = Total(144, "capture_bytes_dropped", "Bytes of those frames.");
    public static readonly CounterDeclaration SnapshotsRequested = Total(150, "feed_snapshots_requested", "Book snapshots asked for by REST.");
    public static readonly CounterDeclaration SnapshotsSucceeded = Total(151, "feed_snapshots_succeeded", "REST snapshots delivered.");
    public static readonly CounterDeclaration SnapshotsFailed =
        Total(152, "feed_snapshots_failed", "Snapshot calls that failed or were answered with an error.");
    public static readonly CounterDeclaration SnapshotsOutdated =
        Total(153, "feed_snapshots_outdated", "REST snapshots dropped because their connection had ended.");
    public static readonly CounterDeclaration SnapshotsRepeated =
        Total(154, "feed_snapshots_repeated", "Requests for a snapshot that was already on its way.");
    public static readonly CounterDeclaration Resubscribes = Total(155, "feed_resubscribes", "Books subscribed anew on request.");
    public static readonly CounterDeclaration ReconnectsRequested = Total(156, "feed_reconnects_requested", "Reconnects asked for by the checks.");

    // Connections. Label: the venue and feed or orders.
    public static readonly CounterDeclaration LinkAttempts = Total(200, "link_attempts", "Connection attempts begun.");
    public static readonly CounterDeclaration LinkConnects = Total(201, "link_connects", "Connections that opened.");
    public static readonly CounterDeclaration LinkDisconnects = Total(202, "link_disconnects", "Open connections that ended.");
    public static readonly CounterDeclaration LinkSilences = Total(203, "link_silences", "Connections ended because no byte came for too long.");
    public static readonly CounterDeclaration LinkHandshakesRefused =
        Total(204, "link_handshakes_refused", "Upgrades the venue answered with something else than 101.");
    public static readonly CounterDeclaration LinkViolations = Total(205, "link_violations", "Connections ended because the venue broke RFC 6455.");
    public static readonly CounterDeclaration LinkFrames = Total(206, "link_frames", "Messages received.");
    public static readonly CounterDeclaration LinkBytes = Total(207, "link_bytes", "Bytes received, framing included.");
    public static readonly CounterDeclaration LinkReads = Total(208, "link_reads", "Socket reads that brought bytes.");
    public static readonly CounterDeclaration LinkFramesSent = Total(209, "link_frames_sent", "Text frames sent.");
    public static readonly CounterDeclaration LinkPingsSent = Total(210, "link_pings_sent", "Pings sent.");
    public static readonly CounterDeclaration LinkFramesDelayed =
        Total(211, "link_frames_delayed", "Frames that had to wait for the venue's frame limit or the socket.");
    public static readonly CounterDeclaration LinkFramesDropped = Total(212, "link_frames_dropped", "Frames dropped because too many waited.");
    public static readonly CounterDeclaration LinkOpen =
        Gauge(213, "link_open", "1 while the connection is usable; for orders, while it is logged in.");

    // Several market-data connections of one venue. Label: the venue and feed, from the second on with its number.
    public static readonly CounterDeclaration LineFrames = Total(560, "feed_line_frames", "Frames this one of the venue's connections delivered.");
    public static readonly CounterDeclaration LineWon = Total(561, "feed_line_won", "Updates and trades this connection brought before the others.");
    public static readonly CounterDeclaration LineLate = Total(562, "feed_line_late", "Updates and trades another connection had brought before.");
    public static readonly CounterDeclaration LineLateNsTotal =
        Total(563, "feed_line_late_ns", "How much later they came, together; divided by their number it is how far behind the connection is.");
    public static readonly CounterDeclaration LineLateNsMax =
        new CounterDeclaration(564, "feed_line_late_ns_max", "How much later one came at most.", CounterKind.Maximum).Declare();
    public static readonly CounterDeclaration LineGapsFilled =
        Total(565, "feed_line_gaps_filled", "Holes in this connection's data that another one filled.");
    public static readonly CounterDeclaration LineBooksCarried =
        Total(566, "feed_line_books_carried", "Books lost on this connection while another one carried them on.");
    public static readonly CounterDeclaration LineTakeOvers =
        Total(567, "feed_line_take_overs", "Books this connection carried on after another one lost them or fell behind.");

    // Comparison of the venues. No label.
    public static readonly CounterDeclaration Comparisons =
        Total(570, "validator_comparisons", "Comparisons of one instrument over all of its venues.");
    public static readonly CounterDeclaration Divergences =
        Total(571, "validator_divergences", "Times a venue's price became too far from the others' median for too long.");
    public static readonly CounterDeclaration Standstills =
        Total(572, "validator_standstills", "Times a venue's price began to stand still while others moved.");
    public static readonly CounterDeclaration LockedMarkets =
        Total(573, "validator_locked", "Times a venue's best bid became equal to its best ask.");
    public static readonly CounterDeclaration CrossedMarkets = Total(574, "validator_crossed", "Times a venue's best bid came above its best ask.");
    public static readonly CounterDeclaration CrossedAcross = Total(575, "validator_crossed_across", "Times one venue bid more than another asked.");
    public static readonly CounterDeclaration EdgeMax =
        new CounterDeclaration(576, "validator_edge_milli_bps_max", "How much more at most, in thousandths of a basis point.",
            CounterKind.Maximum).Declare();
    public static readonly CounterDeclaration DivergentNow = Gauge(577, "validator_divergent", "Venues' prices divergent right now.");
    public static readonly CounterDeclaration Coverage =
        Gauge(578, "validator_coverage_per_mille", "Fresh venues of those configured, of the instrument with the fewest, in thousandths.");
    public static readonly CounterDeclaration CrossedResyncs =
        Total(579, "books_crossed_asked_anew", "Books asked for anew because they stayed crossed.");

    // REST clients. Label: the venue and feed or orders.
    public static readonly CounterDeclaration RestSent = Total(250, "rest_sent", "REST requests handed to the network.");
    public static readonly CounterDeclaration RestSucceeded = Total(251, "rest_succeeded", "REST answers with a status of 2xx.");
    public static readonly CounterDeclaration RestFailed = Total(252, "rest_failed", "REST calls that ended in an error or another status.");
    public static readonly CounterDeclaration RestRateLimited =
        Total(253, "rest_rate_limited", "Answers 429 or 418: the venue says we are too fast.");
    public static readonly CounterDeclaration RestRejected = Total(254, "rest_rejected", "REST requests refused because too many were waiting.");
    public static readonly CounterDeclaration RestThrottled =
        Total(255, "rest_throttled", "Steps in which the next REST request had to wait for a permit.");

    // Network path of the market-data connection (R50, R56). Label: the venue.
    public static readonly CounterDeclaration PathResolveNs = Gauge(900, "path_resolve_ns", "Name look-up of the newest market-data connection.");
    public static readonly CounterDeclaration PathConnectNs =
        Gauge(901, "path_connect_ns", "TCP connect of the newest market-data connection: one round trip of the network.");
    public static readonly CounterDeclaration PathSecureNs = Gauge(902, "path_tls_ns", "TLS handshake of the newest market-data connection.");
    public static readonly CounterDeclaration PathUpgradeNs =
        Gauge(903, "path_upgrade_ns", "WebSocket upgrade of the newest market-data connection.");
    public static readonly CounterDeclaration PathProbesSent = Total(904, "path_pings_sent", "Ping frames sent to measure the round trip.");
    public static readonly CounterDeclaration PathProbesAnswered =
        Total(905, "path_pings_answered", "Of these, answered by a pong with the same payload.");
    public static readonly CounterDeclaration PathProbesUnanswered =
        Total(906, "path_pings_unanswered", "Of these, not answered within ten seconds or before the connection ended.");
    public static readonly CounterDeclaration PathPongsUnmatched = Total(907, "path_pongs_unmatched", "Pongs that answer no ping of ours.");
    public static readonly CounterDeclaration PathVenuePongs =
        Total(908, "path_venue_pongs", "Answers to the venue's JSON pings, measured because it does not answer ping frames.");
    public static readonly CounterDeclaration PathRoundTripNs = Gauge(909, "path_ping_ns", "Round trip of pings, smoothed.");
    public static readonly CounterDeclaration PathRoundTripNsMin = Gauge(910, "path_ping_ns_min", "The shortest round trip of a ping.");
    public static readonly CounterDeclaration PathJitterNs = Gauge(911, "path_jitter_ns", "How much one round trip differs from the next, smoothed.");
    public static readonly CounterDeclaration PathClockBounds =
        Gauge(912, "clock_bounds", "What is known of the venue's clock: 0 nothing, 1 only the lower bound of its offset, 2 both.");
    public static readonly CounterDeclaration PathClockOffsetNsMin =
        Gauge(913, "clock_offset_ns_min", "The venue's clock is ahead of ours by at least this.");
    public static readonly CounterDeclaration PathClockOffsetNsMax =
        Gauge(914, "clock_offset_ns_max", "The venue's clock is ahead of ours by at most this; says nothing unless clock_bounds is 2.");
    public static readonly CounterDeclaration PathClockSamples = Total(915, "clock_samples", "Observations of the venue's clock.");
    public static readonly CounterDeclaration PathClockSteps =
        Total(916, "clock_steps", "Times no offset fitted all observations: a clock was stepped, or the venue's machines disagree.");
    public static readonly CounterDeclaration PathClockFailures =
        Total(917, "clock_failures", "Calls for the venue's time that were not answered with one.");
    public static readonly CounterDeclaration PathDelayNsMin =
        Gauge(918, "exchange_delay_ns_min", "Venue's stamp to our read, of the last second's fastest frame: at least this.");
    public static readonly CounterDeclaration PathDelayNsMax =
        Gauge(919, "exchange_delay_ns_max", "And at most this; says nothing unless clock_bounds is 2.");
    public static readonly CounterDeclaration PathRoundTrips = Distribution(930, "path_pings_ns", "Round trips of pings.");
    public static readonly CounterDeclaration PathArrivalGaps =
        Distribution(931, "path_arrival_gaps_ns", "From one socket read that completed a message to the next.");
}
