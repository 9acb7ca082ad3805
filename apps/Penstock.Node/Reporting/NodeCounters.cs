using Penstock.Infrastructure.Counters;

namespace Penstock.Node.Reporting;

/// <summary>
/// Everything a node counts, said once (R51): the name is the dashboard's name, the sentence is for the person at 3 a.m. What
/// the label of an instance is stands at the head of each group. Ids are part of the file's format: they are never used again.
/// </summary>
internal static class NodeCounters
{
    private static readonly List<CounterDeclaration> Declared = [];

    // The node. No label.
    public static readonly CounterDeclaration Trusted = Gauge(1, "trusted", "1 once the node has been READY; until then it warms up and no figure of this file is to be believed.");
    public static readonly CounterDeclaration State = Gauge(2, "node_state", "Lifecycle: 0 INIT, 1 WARM-UP, 2 READY, 3 DEGRADED, 4 DRAINING, 5 STOPPED.");
    public static readonly CounterDeclaration UptimeMs = Gauge(3, "uptime_ms", "Time since the node was wired, in milliseconds.");
    public static readonly CounterDeclaration WorkingSetBytes = Gauge(4, "working_set_bytes", "Memory of the process that lies in RAM.");
    public static readonly CounterDeclaration Gen0Collections = Total(5, "gc_gen0_collections", "Garbage collections of the youngest generation.");
    public static readonly CounterDeclaration Gen1Collections = Total(6, "gc_gen1_collections", "Garbage collections of the middle generation.");
    public static readonly CounterDeclaration Gen2Collections = Total(7, "gc_gen2_collections", "Full garbage collections; one in READY stops every thread.");
    public static readonly CounterDeclaration ControlCommands = Total(8, "control_commands", "Lines answered on the command socket.");
    public static readonly CounterDeclaration ControlRefused = Total(9, "control_refused", "Of these, refused: unknown, malformed or too long.");
    public static readonly CounterDeclaration ControlConnectionsRefused = Total(10, "control_connections_refused", "Connections to the command socket closed because too many were open.");
    public static readonly CounterDeclaration CountersDropped = Total(11, "counters_dropped", "Counter instances that found no room in this file.");
    public static readonly CounterDeclaration LogDropped = Total(12, "log_messages_dropped", "Log messages that found the log queue full.");
    public static readonly CounterDeclaration LogWritten = Total(13, "log_messages_written", "Log messages written.");
    public static readonly CounterDeclaration LogErrors = Total(14, "log_write_errors", "Log batches or lines lost because file or console refused them.");

    public static readonly CounterDeclaration GcPauseNs = Total(3500, "gc_pause_ns", "Time garbage collections stopped every thread, together.");
    public static readonly CounterDeclaration GcHeapBytes = Gauge(3501, "gc_heap_bytes", "Size of the managed heap, garbage included.");
    public static readonly CounterDeclaration GcAllocatedBytes = Total(3502, "gc_allocated_bytes", "Bytes allocated by all threads since the start, hot or not.");

    public static readonly CounterDeclaration LogsFrom = Gauge(3530, "log_level", "Least level that is logged, by node, sidecar and control plane: 0 trace, 1 debug, 2 information, 3 warning, 4 error.");

    // Threads. Label: the thread.
    public static readonly CounterDeclaration DutyCycles = Total(50, "thread_duty_cycles", "Times all agents of the thread were stepped.");
    public static readonly CounterDeclaration WorkDone = Total(51, "thread_work_done", "What the agents of the thread say they did, summed.");
    public static readonly CounterDeclaration IdleCycles = Total(52, "thread_idle_cycles", "Cycles in which no agent of the thread had anything to do.");
    public static readonly CounterDeclaration AgentErrors = Total(53, "thread_agent_errors", "Steps of an agent that threw: a defect of this program.");
    public static readonly CounterDeclaration AgentsRetired = Total(54, "thread_agents_retired", "Agents that threw too often in a row and are not stepped any more.");
    public static readonly CounterDeclaration ListenerErrors = Total(55, "thread_listener_errors", "Listeners to such failures that threw themselves.");
    public static readonly CounterDeclaration AllocatedBytesHot = Total(56, "hot_allocated_bytes", "Bytes a hot thread allocated since READY; anything but 0 brings a collection nearer.");

    // Market data, step 1 to 5. Label: the venue, with a cause where the name says so.
    public static readonly CounterDeclaration Frames = Total(100, "feed_frames", "Frames delivered by the connection.");
    public static readonly CounterDeclaration InputsReceived = Total(101, "feed_inputs_received", "Inputs taken in; equal to applied, duplicate, stale, quarantined, shed and pending together.");
    public static readonly CounterDeclaration InputsApplied = Total(102, "feed_inputs_applied", "Inputs that did what they should.");
    public static readonly CounterDeclaration InputsDuplicate = Total(103, "feed_inputs_duplicate", "Inputs whose effect was there already.");
    public static readonly CounterDeclaration InputsStale = Total(104, "feed_inputs_stale", "Inputs older than what is known, or for a book that waits for its snapshot.");
    public static readonly CounterDeclaration InputsQuarantined = Total(105, "feed_inputs_quarantined", "Inputs set aside with cause and bytes.");
    public static readonly CounterDeclaration InputsShed = Total(106, "feed_inputs_shed", "Inputs dropped because a bound was reached.");
    public static readonly CounterDeclaration InputsPending = Gauge(107, "feed_inputs_pending", "Deltas held back for a snapshot right now.");
    public static readonly CounterDeclaration InputsUnaccounted = Gauge(108, "feed_inputs_unaccounted", "Inputs of no kind: always 0, anything else is a defect of this program.");
    public static readonly CounterDeclaration QuarantinedByCause = Total(109, "feed_quarantined_by_cause", "Inputs set aside, by venue and cause.");
    public static readonly CounterDeclaration FramesUndecodable = Total(110, "feed_frames_undecodable", "Frames the decoder refused.");
    public static readonly CounterDeclaration Snapshots = Total(111, "feed_snapshots", "Full books loaded.");
    public static readonly CounterDeclaration SnapshotsTooOld = Total(112, "feed_snapshots_too_old", "Snapshots refused because the first held-back delta is already further on.");
    public static readonly CounterDeclaration SnapshotFailures = Total(113, "feed_snapshot_failures", "REST snapshots that did not come.");
    public static readonly CounterDeclaration Deltas = Total(114, "feed_deltas", "Book deltas applied after a snapshot.");
    public static readonly CounterDeclaration DeltasBuffered = Total(115, "feed_deltas_buffered", "Book deltas held back until a snapshot came.");
    public static readonly CounterDeclaration DeltasCovered = Total(116, "feed_deltas_covered", "Book deltas a snapshot already covered.");
    public static readonly CounterDeclaration DeltasUnsynchronised = Total(117, "feed_deltas_unsynchronised", "Book deltas dropped because their book waits for its snapshot.");
    public static readonly CounterDeclaration DeltasRepeated = Total(118, "feed_deltas_repeated", "Book deltas repeated or out of order, dropped.");
    public static readonly CounterDeclaration BookHeartbeats = Total(119, "feed_book_heartbeats", "Sequence keep-alives without content.");
    public static readonly CounterDeclaration Bridged = Total(120, "feed_snapshots_bridged", "REST snapshots whose first following delta connects without a hole.");
    public static readonly CounterDeclaration Gaps = Total(121, "feed_gaps", "Missing book deltas found.");
    public static readonly CounterDeclaration BooksInvalidated = Total(122, "feed_books_invalidated", "Books declared unusable, for whatever reason.");
    public static readonly CounterDeclaration Resyncs = Total(123, "feed_resyncs", "Snapshots or resubscriptions asked for.");
    public static readonly CounterDeclaration ChecksumsMatched = Total(124, "feed_checksums_matched", "Book checksums equal to the venue's.");
    public static readonly CounterDeclaration SnapshotChecksumsMatched = Total(125, "feed_snapshot_checksums_matched", "Of these, over snapshots.");
    public static readonly CounterDeclaration ChecksumsMismatched = Total(126, "feed_checksums_mismatched", "Book checksums that differ from the venue's: the book was wrong and is loaded anew.");
    public static readonly CounterDeclaration BooksCrossed = Total(127, "feed_books_crossed", "Books crossed after a message.");
    public static readonly CounterDeclaration QuantitiesCut = Total(149, "feed_quantities_cut", "Quantities cut to the scale of their instrument (venues that write doubles).");
    public static readonly CounterDeclaration LevelsPruned = Total(128, "feed_levels_pruned", "Book levels removed because they left the subscribed depth.");
    public static readonly CounterDeclaration Trades = Total(129, "feed_trades", "New trades published.");
    public static readonly CounterDeclaration TradesRepeated = Total(130, "feed_trades_repeated", "Trades seen before, dropped.");
    public static readonly CounterDeclaration TradeIdGaps = Total(131, "feed_trade_id_gaps", "Jumps of the trade id.");
    public static readonly CounterDeclaration BestBidAsks = Total(132, "feed_best_bid_asks", "Best bid and ask messages published.");
    public static readonly CounterDeclaration SubscribeRejected = Total(133, "feed_subscriptions_rejected", "Subscriptions the venue refused.");
    public static readonly CounterDeclaration ExchangeTimeBackwards = Total(134, "feed_exchange_time_backwards", "Messages with an exchange time before that of the message before.");
    public static readonly CounterDeclaration InstrumentSilences = Total(135, "feed_instrument_silences", "Times an instrument was declared silent.");
    public static readonly CounterDeclaration VenueSilences = Total(136, "feed_venue_silences", "Times the whole venue was declared silent on an open connection.");
    public static readonly CounterDeclaration SilenceReconnects = Total(137, "feed_silence_reconnects", "Reconnects asked for because data stayed away on an open connection.");
    public static readonly CounterDeclaration FeedDisconnects = Total(138, "feed_disconnects", "Market data connections lost.");
    public static readonly CounterDeclaration EventsPublished = Total(139, "feed_events_published", "Events handed to the venue's ring.");
    public static readonly CounterDeclaration BooksSynced = Gauge(140, "feed_books_synced", "Books that are synchronised right now.");
    public static readonly CounterDeclaration FeedStale = Gauge(141, "feed_stale", "1 while the venue's data is stale as a whole.");
    public static readonly CounterDeclaration RingPublished = Total(142, "ring_published", "Events the venue's ring has taken since it was made.");
    public static readonly CounterDeclaration RingCapacity = Gauge(3510, "ring_capacity", "Events the venue's ring holds; a reader further behind has lost some.");
    public static readonly CounterDeclaration FeedAgeMs = Gauge(3511, "feed_age_ms", "Since the last socket read of the venue's market data brought something.");
    public static readonly CounterDeclaration CaptureDropped = Total(143, "capture_frames_dropped", "Raw frames not captured because the capture queue was full.");
    public static readonly CounterDeclaration CaptureDroppedBytes = Total(144, "capture_bytes_dropped", "Bytes of those frames.");
    public static readonly CounterDeclaration SnapshotsRequested = Total(150, "feed_snapshots_requested", "Book snapshots asked for by REST.");
    public static readonly CounterDeclaration SnapshotsSucceeded = Total(151, "feed_snapshots_succeeded", "REST snapshots delivered.");
    public static readonly CounterDeclaration SnapshotsFailed = Total(152, "feed_snapshots_failed", "Snapshot calls that failed or were answered with an error.");
    public static readonly CounterDeclaration SnapshotsOutdated = Total(153, "feed_snapshots_outdated", "REST snapshots dropped because their connection had ended.");
    public static readonly CounterDeclaration SnapshotsRepeated = Total(154, "feed_snapshots_repeated", "Requests for a snapshot that was already on its way.");
    public static readonly CounterDeclaration Resubscribes = Total(155, "feed_resubscribes", "Books subscribed anew on request.");
    public static readonly CounterDeclaration ReconnectsRequested = Total(156, "feed_reconnects_requested", "Reconnects asked for by the checks.");

    // Connections. Label: the venue and feed or orders.
    public static readonly CounterDeclaration LinkAttempts = Total(200, "link_attempts", "Connection attempts begun.");
    public static readonly CounterDeclaration LinkConnects = Total(201, "link_connects", "Connections that opened.");
    public static readonly CounterDeclaration LinkDisconnects = Total(202, "link_disconnects", "Open connections that ended.");
    public static readonly CounterDeclaration LinkSilences = Total(203, "link_silences", "Connections ended because no byte came for too long.");
    public static readonly CounterDeclaration LinkHandshakesRefused = Total(204, "link_handshakes_refused", "Upgrades the venue answered with something else than 101.");
    public static readonly CounterDeclaration LinkViolations = Total(205, "link_violations", "Connections ended because the venue broke RFC 6455.");
    public static readonly CounterDeclaration LinkFrames = Total(206, "link_frames", "Messages received.");
    public static readonly CounterDeclaration LinkBytes = Total(207, "link_bytes", "Bytes received, framing included.");
    public static readonly CounterDeclaration LinkReads = Total(208, "link_reads", "Socket reads that brought bytes.");
    public static readonly CounterDeclaration LinkFramesSent = Total(209, "link_frames_sent", "Text frames sent.");
    public static readonly CounterDeclaration LinkPingsSent = Total(210, "link_pings_sent", "Pings sent.");
    public static readonly CounterDeclaration LinkFramesDelayed = Total(211, "link_frames_delayed", "Frames that had to wait for the venue's frame limit or the socket.");
    public static readonly CounterDeclaration LinkFramesDropped = Total(212, "link_frames_dropped", "Frames dropped because too many waited.");
    public static readonly CounterDeclaration LinkOpen = Gauge(213, "link_open", "1 while the connection is usable; for orders, while it is logged in.");

    // Several market-data connections of one venue. Label: the venue and feed, from the second on with its number.
    public static readonly CounterDeclaration LineFrames = Total(560, "feed_line_frames", "Frames this one of the venue's connections delivered.");
    public static readonly CounterDeclaration LineWon = Total(561, "feed_line_won", "Updates and trades this connection brought before the others.");
    public static readonly CounterDeclaration LineLate = Total(562, "feed_line_late", "Updates and trades another connection had brought before.");
    public static readonly CounterDeclaration LineLateNsTotal = Total(563, "feed_line_late_ns", "How much later they came, together; divided by their number it is how far behind the connection is.");
    public static readonly CounterDeclaration LineLateNsMax = new CounterDeclaration(564, "feed_line_late_ns_max", "How much later one came at most.", CounterKind.Maximum).Declare();
    public static readonly CounterDeclaration LineGapsFilled = Total(565, "feed_line_gaps_filled", "Holes in this connection's data that another one filled.");
    public static readonly CounterDeclaration LineBooksCarried = Total(566, "feed_line_books_carried", "Books lost on this connection while another one carried them on.");
    public static readonly CounterDeclaration LineTakeOvers = Total(567, "feed_line_take_overs", "Books this connection carried on after another one lost them or fell behind.");

    // Comparison of the venues. No label.
    public static readonly CounterDeclaration Comparisons = Total(570, "validator_comparisons", "Comparisons of one instrument over all of its venues.");
    public static readonly CounterDeclaration Divergences = Total(571, "validator_divergences", "Times a venue's price became too far from the others' median for too long.");
    public static readonly CounterDeclaration Standstills = Total(572, "validator_standstills", "Times a venue's price began to stand still while others moved.");
    public static readonly CounterDeclaration LockedMarkets = Total(573, "validator_locked", "Times a venue's best bid became equal to its best ask.");
    public static readonly CounterDeclaration CrossedMarkets = Total(574, "validator_crossed", "Times a venue's best bid came above its best ask.");
    public static readonly CounterDeclaration CrossedAcross = Total(575, "validator_crossed_across", "Times one venue bid more than another asked.");
    public static readonly CounterDeclaration EdgeMax = new CounterDeclaration(576, "validator_edge_milli_bps_max", "How much more at most, in thousandths of a basis point.", CounterKind.Maximum).Declare();
    public static readonly CounterDeclaration DivergentNow = Gauge(577, "validator_divergent", "Venues' prices divergent right now.");
    public static readonly CounterDeclaration Coverage = Gauge(578, "validator_coverage_per_mille", "Fresh venues of those configured, of the instrument with the fewest, in thousandths.");
    public static readonly CounterDeclaration CrossedResyncs = Total(579, "books_crossed_asked_anew", "Books asked for anew because they stayed crossed.");

    // REST clients. Label: the venue and feed or orders.
    public static readonly CounterDeclaration RestSent = Total(250, "rest_sent", "REST requests handed to the network.");
    public static readonly CounterDeclaration RestSucceeded = Total(251, "rest_succeeded", "REST answers with a status of 2xx.");
    public static readonly CounterDeclaration RestFailed = Total(252, "rest_failed", "REST calls that ended in an error or another status.");
    public static readonly CounterDeclaration RestRateLimited = Total(253, "rest_rate_limited", "Answers 429 or 418: the venue says we are too fast.");
    public static readonly CounterDeclaration RestRejected = Total(254, "rest_rejected", "REST requests refused because too many were waiting.");
    public static readonly CounterDeclaration RestThrottled = Total(255, "rest_throttled", "Steps in which the next REST request had to wait for a permit.");

    // Order sessions, steps 9 and 10. Label: the venue, with a cause where the name says so.
    public static readonly CounterDeclaration SessionPlaces = Total(300, "orders_places_sent", "Orders handed to the venue's socket.");
    public static readonly CounterDeclaration SessionCancels = Total(301, "orders_cancels_sent", "Cancels handed to the venue's socket.");
    public static readonly CounterDeclaration SessionThrottled = Total(302, "orders_throttled", "Requests refused for the venue's limits.");
    public static readonly CounterDeclaration SessionNotConnected = Total(303, "orders_not_connected", "Requests refused because the session was not ready.");
    public static readonly CounterDeclaration SessionBacklogged = Total(304, "orders_backlogged", "Requests refused because the venue does not read.");
    public static readonly CounterDeclaration SessionNotEncodable = Total(305, "orders_not_encodable", "Requests the venue's protocol cannot express.");
    public static readonly CounterDeclaration SessionReports = Total(306, "orders_reports", "Execution reports delivered by the venue.");
    public static readonly CounterDeclaration SessionBalances = Total(307, "orders_balances", "Balances delivered by the venue.");
    public static readonly CounterDeclaration SessionLogins = Total(308, "orders_logins", "Logins that led to a ready session.");
    public static readonly CounterDeclaration SessionLoginsRefused = Total(309, "orders_logins_refused", "Logins the venue refused, or did not answer in time.");
    public static readonly CounterDeclaration SessionQueriesAnswered = Total(310, "orders_queries_answered", "Answers to order queries.");
    public static readonly CounterDeclaration SessionQueriesFailed = Total(311, "orders_queries_failed", "Order queries that failed and are repeated.");
    public static readonly CounterDeclaration SessionQueriesDropped = Total(312, "orders_queries_dropped", "Order queries dropped because too many waited.");
    public static readonly CounterDeclaration SessionReconciliations = Total(313, "orders_reconciliations", "Reconciliations with the venue completed.");
    public static readonly CounterDeclaration SessionReconciliationsFailed = Total(314, "orders_reconciliations_failed", "Parts of a reconciliation that failed and were repeated.");
    public static readonly CounterDeclaration SessionStreamGaps = Total(315, "orders_stream_gaps", "Gaps the private stream admitted.");
    public static readonly CounterDeclaration SessionAmendsSent = Total(320, "orders_amends_sent", "Changes of orders handed to the venue.");
    public static readonly CounterDeclaration SessionOutcomesUnknown = Total(318, "orders_outcomes_unknown", "Requests by REST whose outcome nobody knows.");
    public static readonly CounterDeclaration SessionFillsFetched = Total(319, "orders_fills_fetched", "Fills fetched by REST because the stream told of them without the trade.");
    public static readonly CounterDeclaration SessionBatchesCut = Total(316, "orders_batches_cut", "Answers cut because they held more than a batch takes.");
    public static readonly CounterDeclaration SessionQuarantined = Total(317, "orders_quarantined_by_cause", "Private frames and answers set aside, by venue and cause.");

    // Trading, steps 6 to 11. No label, except for the reader (the venue) and risk (the rule).
    public static readonly CounterDeclaration ReaderRead = Total(400, "reader_events_read", "Events the trading thread read from the venue's ring.");
    public static readonly CounterDeclaration ReaderLost = Total(401, "reader_events_lost", "Events the trading thread lost because the venue's ring lapped it.");
    public static readonly CounterDeclaration ReaderLaps = Total(402, "reader_laps", "Times the venue's ring lapped the trading thread.");
    public static readonly CounterDeclaration ReaderLag = Gauge(403, "reader_lag", "Events the trading thread is behind the venue's ring right now.");
    public static readonly CounterDeclaration ReaderOldestAgeNs = Gauge(3520, "reader_oldest_age_ns", "Age of the oldest event of the trading thread's last read when it had been decided on; 0 while nothing waits.");
    public static readonly CounterDeclaration EngineInputs = Total(410, "engine_inputs", "Input records journaled and applied.");
    public static readonly CounterDeclaration EngineEvents = Total(411, "engine_market_events", "Market events applied.");
    public static readonly CounterDeclaration EngineReports = Total(412, "engine_reports", "Execution reports applied.");
    public static readonly CounterDeclaration EngineBalances = Total(413, "engine_balances", "Balance reports applied.");
    public static readonly CounterDeclaration EngineTimers = Total(414, "engine_timers", "Timer steps applied.");
    public static readonly CounterDeclaration EngineCommands = Total(415, "engine_commands", "Commands and state changes that did something.");
    public static readonly CounterDeclaration EngineCommandsRefused = Total(416, "engine_commands_refused", "Commands refused.");
    public static readonly CounterDeclaration EngineBookCalls = Total(417, "engine_book_calls", "Books handed to strategies.");
    public static readonly CounterDeclaration StrategyFaults = Total(418, "strategy_faults", "Handlers of strategies that threw; each switched its strategy off.");
    public static readonly CounterDeclaration StrategyRunaways = Total(3400, "strategy_runaways", "Of these, strategies that sent without end in one call.");
    public static readonly CounterDeclaration StrategyOverruns = Total(3401, "strategy_overruns", "Calls of strategies that took longer than their budget.");
    public static readonly CounterDeclaration EngineCheckpoints = Total(419, "engine_checkpoints", "Checkpoints written.");
    public static readonly CounterDeclaration EngineSessions = Total(420, "engine_sessions", "Sessions begun, recovered ones included.");
    public static readonly CounterDeclaration Placed = Total(430, "order_placed", "Orders created: approved and journaled.");
    public static readonly CounterDeclaration Sent = Total(431, "order_sent", "Orders handed to execution.");
    public static readonly CounterDeclaration Acked = Total(432, "order_acked", "Orders the venue has confirmed in any way, each once.");
    public static readonly CounterDeclaration Fills = Total(433, "order_fills", "Fills applied to an order of ours.");
    public static readonly CounterDeclaration Filled = Total(434, "order_filled", "Orders completely filled.");
    public static readonly CounterDeclaration Cancelled = Total(435, "order_cancelled", "Orders that ended cancelled or expired.");
    public static readonly CounterDeclaration Rejected = Total(436, "order_rejected", "Orders that ended rejected, by the venue or because they never left.");
    public static readonly CounterDeclaration OrderCancelsSent = Total(437, "order_cancels_sent", "Cancel requests handed to execution.");
    public static readonly CounterDeclaration CancelRejects = Total(438, "order_cancel_rejects", "Cancels the venue refused, or that never left.");
    public static readonly CounterDeclaration Unknown = Gauge(439, "order_unknown", "Orders whose outcome is unknown right now.");
    public static readonly CounterDeclaration UnknownTotal = Total(440, "order_unknown_total", "Times an order became unknown.");
    public static readonly CounterDeclaration Resolved = Total(441, "order_resolved", "Unknown orders resolved by what the venue said.");
    public static readonly CounterDeclaration OrderQueries = Total(442, "order_queries", "Queries of single orders asked.");
    public static readonly CounterDeclaration DuplicateFills = Total(443, "order_duplicate_fills", "Fills seen before and ignored.");
    public static readonly CounterDeclaration LateFills = Total(444, "order_late_fills", "Fills that arrived after the order had ended without them; accounted.");
    public static readonly CounterDeclaration Overfills = Total(445, "order_overfills", "Fills beyond the order's quantity; accounted.");
    public static readonly CounterDeclaration IllegalReports = Total(446, "order_illegal_reports", "Reports no legal transition leads to; ignored.");
    public static readonly CounterDeclaration OutdatedReports = Total(447, "order_outdated_reports", "Reports that say less than is known already; ignored.");
    public static readonly CounterDeclaration ExternalReports = Total(448, "order_external_reports", "Reports of orders entered by other means.");
    public static readonly CounterDeclaration OrphanFills = Total(449, "order_orphan_fills", "Fills with an id of our form whose order is not known; accounted to strategy 0.");
    public static readonly CounterDeclaration Adopted = Total(450, "order_adopted", "Orders found at the venue with an id of our form; taken over and cancelled.");
    public static readonly CounterDeclaration FillsMissing = Gauge(451, "order_fills_missing", "Orders for which the venue has counted more than the fills we have seen, right now.");
    public static readonly CounterDeclaration LiveOrders = Gauge(452, "order_live", "Orders at work right now.");
    public static readonly CounterDeclaration RouterSent = Total(460, "execution_orders_sent", "Orders handed to a venue's socket, all venues together.");
    public static readonly CounterDeclaration RouterCancels = Total(461, "execution_cancels_sent", "Cancels handed to a venue's socket, all venues together.");
    public static readonly CounterDeclaration RouterThrottled = Total(462, "execution_throttled", "Orders and cancels refused by the venue's own rate limit.");
    public static readonly CounterDeclaration RouterNotConnected = Total(463, "execution_not_connected", "Orders and cancels for which there was no session.");
    public static readonly CounterDeclaration RouterBacklogged = Total(464, "execution_backlogged", "Orders and cancels the socket could not take.");
    public static readonly CounterDeclaration RouterNotEncodable = Total(465, "execution_not_encodable", "Orders and cancels the venue's protocol cannot express.");
    public static readonly CounterDeclaration RouterUnapproved = Total(466, "execution_unapproved", "Orders that came without a risk approval; nothing was sent, and it is a defect of this program.");
    public static readonly CounterDeclaration RouterPendingMax = new CounterDeclaration(467, "execution_pending_max", "Answers of venues that waited for the engine, at most.", CounterKind.Maximum).Declare();
    public static readonly CounterDeclaration RouterPendingShed = Total(468, "execution_pending_shed", "Answers of venues lost because that queue was full; the venue is reconciled afterwards.");
    public static readonly CounterDeclaration RouterQueries = Total(469, "execution_queries", "Order queries asked of venues.");
    public static readonly CounterDeclaration RouterReconciliations = Total(470, "execution_reconciliations", "Reconciliations asked of venues.");
    public static readonly CounterDeclaration RiskRejects = Total(480, "risk_rejects", "Orders refused before they left, by rule.");
    public static readonly CounterDeclaration PositionFills = Total(490, "position_fills", "Fills booked into positions.");
    public static readonly CounterDeclaration FeesInOtherAsset = Total(491, "position_fees_in_other_asset", "Fees in an asset that is neither base nor quote of the instrument.");
    public static readonly CounterDeclaration FeesWithoutAccount = Total(492, "position_fees_without_account", "Fees whose asset found no account.");
    public static readonly CounterDeclaration BalancesTold = Total(493, "position_balances", "Balances the venues told.");
    public static readonly CounterDeclaration BalanceDifferences = Total(494, "position_balance_differences", "Balances that differed from the ledger's.");
    public static readonly CounterDeclaration BalancesIgnored = Total(495, "position_balances_ignored", "Balances of assets none of our instruments uses.");
    public static readonly CounterDeclaration DecisionNs = Distribution(500, "decision_latency_ns", "Socket read to the order handed to the socket, of the orders sent: ours.");
    public static readonly CounterDeclaration ExecutionNs = Distribution(501, "execution_latency_ns", "Order handed to the socket to its first answer: the venue's.");
    public static readonly CounterDeclaration TickToDecisionNs = Distribution(502, "tick_to_decision_ns", "Socket read to every strategy having decided, of all reads, orders or not.");

    // Controls of risk. No label.
    public static readonly CounterDeclaration ControlRefusals = Total(3100, "risk_refusals", "Orders risk refused.");
    public static readonly CounterDeclaration ControlRefusalsSkipped = Total(3101, "risk_refusals_not_journaled", "Of these, counted only: the strategy asks in a loop.");
    public static readonly CounterDeclaration BreakerTrips = Total(3102, "risk_breaker_trips", "Latching breakers that tripped; each stops orders until a person arms it.");
    public static readonly CounterDeclaration BreakersArmed = Total(3103, "risk_breakers_armed", "Breakers armed again by a person.");
    public static readonly CounterDeclaration VenueBreakersOpened = Total(3104, "risk_venue_breakers_opened", "Times a venue failed too often in a row and was left alone for a pause.");
    public static readonly CounterDeclaration VenueBreakersClosed = Total(3105, "risk_venue_breakers_closed", "Times a probe order closed such a breaker.");
    public static readonly CounterDeclaration PostTradeBreaches = Total(3106, "risk_post_trade_breaches", "Positions or exposures found beyond their cap after a fill.");
    public static readonly CounterDeclaration OrderErrors = Total(3107, "risk_order_errors", "Orders refused by venues, never sent or unanswered: what the error rate counts.");
    public static readonly CounterDeclaration RouterKilled = Total(3108, "execution_killed", "Orders the kill switch stopped at the last hop.");
    public static readonly CounterDeclaration Fundings = Total(3110, "position_fundings", "Funding payments booked.");
    public static readonly CounterDeclaration FundingsRepeated = Total(3111, "position_fundings_repeated", "Funding payments that came again.");
    public static readonly CounterDeclaration FundingIgnored = Total(3112, "position_funding_ignored", "Funding payments of instruments that are not ours.");

    // Journal. No label.
    public static readonly CounterDeclaration JournalRecords = Total(600, "journal_records", "Records appended since the journal was opened.");
    public static readonly CounterDeclaration JournalBytes = Total(601, "journal_bytes", "Bytes appended, headers and padding included.");
    public static readonly CounterDeclaration JournalRefused = Total(602, "journal_appends_refused", "Appends refused: the journal has failed, or the record was too large.");
    public static readonly CounterDeclaration JournalRolled = Total(603, "journal_segments_rolled", "Times the journal went on in a next segment.");
    public static readonly CounterDeclaration JournalInline = Total(604, "journal_segments_prepared_inline", "Of these, prepared by the trading thread itself because no segment was ready.");
    public static readonly CounterDeclaration JournalCommits = Total(605, "journal_commits", "Group commits to the disk.");
    public static readonly CounterDeclaration JournalCommitted = Total(606, "journal_records_committed", "Records made durable by them.");
    public static readonly CounterDeclaration JournalCommitFailures = Total(607, "journal_commit_failures", "Commits that failed; after the first one the journal takes no more records.");
    public static readonly CounterDeclaration JournalUncommitted = Gauge(608, "journal_uncommitted_records", "Records a power failure would lose right now.");

    // The shadow engine. No label.
    public static readonly CounterDeclaration ShadowRecords = Total(3200, "shadow_records", "Journal records the shadow engine has followed.");
    public static readonly CounterDeclaration ShadowSnapshots = Total(3201, "shadow_snapshots", "Snapshots written, each verified before.");
    public static readonly CounterDeclaration ShadowUnverified = Total(3202, "shadow_snapshots_unverified", "Snapshots not written because the state loaded from one differed: a defect of this program.");
    public static readonly CounterDeclaration ShadowFailures = Total(3203, "shadow_snapshot_failures", "Snapshots the disk refused.");
    public static readonly CounterDeclaration ShadowRefused = Gauge(3204, "shadow_snapshots_refused", "Snapshots found at the start that were of no use.");
    public static readonly CounterDeclaration ShadowStateBytes = Gauge(3205, "shadow_state_bytes", "Size of the last snapshot's state.");
    public static readonly CounterDeclaration ShadowDifferences = Total(3206, "shadow_differences", "1 once the shadow came to another decision than the journal says; it stops then, and it is a defect of this program.");
    public static readonly CounterDeclaration ShadowAnchorFailures = Total(3207, "shadow_anchor_failures", "Times the anchor of the audit trail could not be written.");

    // Files of evidence. Label: the role of who writes them.
    public static readonly CounterDeclaration QuarantineFrames = Total(650, "quarantine_frames", "Inputs offered to the quarantine file.");
    public static readonly CounterDeclaration QuarantineDropped = Total(651, "quarantine_frames_dropped", "Of these, lost because the queue to the file was full.");
    public static readonly CounterDeclaration QuarantineWritten = Total(652, "quarantine_frames_written", "Of these, written.");
    public static readonly CounterDeclaration QuarantineFailures = Total(653, "quarantine_write_failures", "Of these, lost because the file is full or the disk refused.");
    public static readonly CounterDeclaration CaptureEvents = Total(660, "capture_events", "Raw frames written to the capture.");
    public static readonly CounterDeclaration CaptureBytes = Total(661, "capture_bytes", "Their bytes before compression.");
    public static readonly CounterDeclaration CaptureFiles = Total(662, "capture_files", "Capture files begun.");
    public static readonly CounterDeclaration CaptureLost = Total(663, "capture_lost", "Raw frames lost because the disk refused them.");
    public static readonly CounterDeclaration CaptureStampsRaised = Total(665, "capture_stamps_raised", "Lines whose time was raised to that of the line before: REST answers are stamped on another thread.");
    public static readonly CounterDeclaration CaptureErrors = Total(664, "capture_errors", "Errors of the disk while capturing.");

    // Network path of the market-data connection (R50, R56). Label: the venue.
    public static readonly CounterDeclaration PathResolveNs = Gauge(900, "path_resolve_ns", "Name look-up of the newest market-data connection.");
    public static readonly CounterDeclaration PathConnectNs = Gauge(901, "path_connect_ns", "TCP connect of the newest market-data connection: one round trip of the network.");
    public static readonly CounterDeclaration PathSecureNs = Gauge(902, "path_tls_ns", "TLS handshake of the newest market-data connection.");
    public static readonly CounterDeclaration PathUpgradeNs = Gauge(903, "path_upgrade_ns", "WebSocket upgrade of the newest market-data connection.");
    public static readonly CounterDeclaration PathProbesSent = Total(904, "path_pings_sent", "Ping frames sent to measure the round trip.");
    public static readonly CounterDeclaration PathProbesAnswered = Total(905, "path_pings_answered", "Of these, answered by a pong with the same payload.");
    public static readonly CounterDeclaration PathProbesUnanswered = Total(906, "path_pings_unanswered", "Of these, not answered within ten seconds or before the connection ended.");
    public static readonly CounterDeclaration PathPongsUnmatched = Total(907, "path_pongs_unmatched", "Pongs that answer no ping of ours.");
    public static readonly CounterDeclaration PathVenuePongs = Total(908, "path_venue_pongs", "Answers to the venue's JSON pings, measured because it does not answer ping frames.");
    public static readonly CounterDeclaration PathRoundTripNs = Gauge(909, "path_ping_ns", "Round trip of pings, smoothed.");
    public static readonly CounterDeclaration PathRoundTripNsMin = Gauge(910, "path_ping_ns_min", "The shortest round trip of a ping.");
    public static readonly CounterDeclaration PathJitterNs = Gauge(911, "path_jitter_ns", "How much one round trip differs from the next, smoothed.");
    public static readonly CounterDeclaration PathClockBounds = Gauge(912, "clock_bounds", "What is known of the venue's clock: 0 nothing, 1 only the lower bound of its offset, 2 both.");
    public static readonly CounterDeclaration PathClockOffsetNsMin = Gauge(913, "clock_offset_ns_min", "The venue's clock is ahead of ours by at least this.");
    public static readonly CounterDeclaration PathClockOffsetNsMax = Gauge(914, "clock_offset_ns_max", "The venue's clock is ahead of ours by at most this; says nothing unless clock_bounds is 2.");
    public static readonly CounterDeclaration PathClockSamples = Total(915, "clock_samples", "Observations of the venue's clock.");
    public static readonly CounterDeclaration PathClockSteps = Total(916, "clock_steps", "Times no offset fitted all observations: a clock was stepped, or the venue's machines disagree.");
    public static readonly CounterDeclaration PathClockFailures = Total(917, "clock_failures", "Calls for the venue's time that were not answered with one.");
    public static readonly CounterDeclaration PathDelayNsMin = Gauge(918, "exchange_delay_ns_min", "Venue's stamp to our read, of the last second's fastest frame: at least this.");
    public static readonly CounterDeclaration PathDelayNsMax = Gauge(919, "exchange_delay_ns_max", "And at most this; says nothing unless clock_bounds is 2.");
    public static readonly CounterDeclaration PathRoundTrips = Distribution(930, "path_pings_ns", "Round trips of pings.");
    public static readonly CounterDeclaration PathArrivalGaps = Distribution(931, "path_arrival_gaps_ns", "From one socket read that completed a message to the next.");
    public static readonly CounterDeclaration OrderAmendsSent = Total(3000, "order_amends_sent", "Changes of orders handed to execution.");
    public static readonly CounterDeclaration OrderAmended = Total(3001, "order_amended", "Changes of orders the venue confirmed.");
    public static readonly CounterDeclaration OrderAmendRejects = Total(3002, "order_amend_rejects", "Changes of orders the venue refused, or that never left.");
    public static readonly CounterDeclaration OrderAmendsUncertain = Total(3003, "order_amends_uncertain", "Changes whose outcome never became known; both quantities count on.");
    public static readonly CounterDeclaration OrderHeld = Total(3004, "order_held", "Stop orders taken to be held by the engine.");
    public static readonly CounterDeclaration OrderHeldReleased = Total(3005, "order_held_released", "Held orders whose price was reached and that were sent.");
    public static readonly CounterDeclaration OrderExpiredByEngine = Total(3006, "order_expired_by_engine", "Orders cancelled because their date had come.");
    public static readonly CounterDeclaration OrderReduceOnlyCuts = Total(3007, "order_reduce_only_cuts", "Reduce-only orders made smaller, or cancelled, because the position is smaller.");
    public static readonly CounterDeclaration OrderReplacements = Total(3008, "order_replacements", "Orders placed in place of one whose venue cannot amend.");
    public static readonly CounterDeclaration OrdersHeldNow = Gauge(3009, "orders_held_now", "Orders the engine holds for their stop price right now.");
    public static readonly CounterDeclaration RouterAmendsSent = Total(3010, "execution_amends_sent", "Changes of orders handed to a venue's socket, all venues together.");
    public static readonly CounterDeclaration RouterStaleSignals = Total(3011, "execution_stale_signals", "Orders dropped because the event that led to them was older than their strategy allows.");
    public static readonly CounterDeclaration ParentStarted = Total(3012, "parent_started", "Parent orders taken.");
    public static readonly CounterDeclaration ParentFilled = Total(3013, "parent_filled", "Parent orders completely filled.");
    public static readonly CounterDeclaration ParentEnded = Total(3014, "parent_ended", "Parent orders that ended otherwise.");
    public static readonly CounterDeclaration ParentViolations = Total(3015, "parent_violations", "Children refused at the last hop because their parent had no quantity left for them; each halted its parent.");
    public static readonly CounterDeclaration ParentChildrenRefused = Total(3016, "parent_children_refused", "Children refused because their parent had ended or does not trade their market.");
    public static readonly CounterDeclaration ParentRedirects = Total(3017, "parent_redirects", "Children sent to another venue because one was down.");
    public static readonly CounterDeclaration ParentRiskRefused = Total(3018, "parent_children_risk_refused", "Children that risk refused.");
    public static readonly CounterDeclaration ParentLateFills = Total(3019, "parent_late_fills", "Fills of children that came after their parent had ended; accounted.");

    public static IReadOnlyList<CounterDeclaration> All => Declared;

    private static CounterDeclaration Total(int id, string name, string sentence) => new CounterDeclaration(id, name, sentence, CounterKind.Total).Declare();

    private static CounterDeclaration Gauge(int id, string name, string sentence) => new CounterDeclaration(id, name, sentence, CounterKind.Gauge).Declare();

    private static CounterDeclaration Distribution(int id, string name, string sentence) => new CounterDeclaration(id, name, sentence, CounterKind.Histogram).Declare();

    private static CounterDeclaration Declare(this CounterDeclaration declaration)
    {
        Declared.Add(declaration);
        return declaration;
    }
}
