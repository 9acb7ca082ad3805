using Penstock.Infrastructure.Counters;

namespace Penstock.Node.Reporting;

/// <summary>What goes out: order sessions, orders, risk, parents.</summary>
internal static partial class NodeCounters
{
    // Order sessions, steps 9 and 10. Label: the venue, with a cause where the name says so.
    public static readonly CounterDeclaration SessionPlaces = Total(300, "orders_places_sent", "Orders handed to the venue's socket.");
    public static readonly CounterDeclaration SessionCancels = Total(301, "orders_cancels_sent", "Cancels handed to the venue's socket.");
    public static readonly CounterDeclaration SessionThrottled = Total(302, "orders_throttled", "Requests refused for the venue's limits.");
    public static readonly CounterDeclaration SessionNotConnected =
        Total(303, "orders_not_connected", "Requests refused because the session was not ready.");
    public static readonly CounterDeclaration SessionBacklogged =
        Total(304, "orders_backlogged", "Requests refused because the venue does not read.");
    public static readonly CounterDeclaration SessionNotEncodable =
        Total(305, "orders_not_encodable", "Requests the venue's protocol cannot express.");
    public static readonly CounterDeclaration SessionReports = Total(306, "orders_reports", "Execution reports delivered by the venue.");
    public static readonly CounterDeclaration SessionBalances = Total(307, "orders_balances", "Balances delivered by the venue.");
    public static readonly CounterDeclaration SessionLogins = Total(308, "orders_logins", "Logins that led to a ready session.");
    public static readonly CounterDeclaration SessionLoginsRefused =
        Total(309, "orders_logins_refused", "Logins the venue refused, or did not answer in time.");
    public static readonly CounterDeclaration SessionQueriesAnswered = Total(310, "orders_queries_answered", "Answers to order queries.");
    public static readonly CounterDeclaration SessionQueriesFailed =
        Total(311, "orders_queries_failed", "Order queries that failed and are repeated.");
    public static readonly CounterDeclaration SessionQueriesDropped =
        Total(312, "orders_queries_dropped", "Order queries dropped because too many waited.");
    public static readonly CounterDeclaration SessionReconciliations =
        Total(313, "orders_reconciliations", "Reconciliations with the venue completed.");
    public static readonly CounterDeclaration SessionReconciliationsFailed =
        Total(314, "orders_reconciliations_failed", "Parts of a reconciliation that failed and were repeated.");
    public static readonly CounterDeclaration SessionStreamGaps = Total(315, "orders_stream_gaps", "Gaps the private stream admitted.");
    public static readonly CounterDeclaration SessionAmendsSent = Total(320, "orders_amends_sent", "Changes of orders handed to the venue.");
    public static readonly CounterDeclaration SessionOutcomesUnknown =
        Total(318, "orders_outcomes_unknown", "Requests by REST whose outcome nobody knows.");
    public static readonly CounterDeclaration SessionWithheld =
        Total(3781, "orders_withheld", "Orders and changes by REST that a kill stopped between their hand-over and their first byte.");
    public static readonly CounterDeclaration SessionFillsFetched =
        Total(319, "orders_fills_fetched", "Fills fetched by REST because the stream told of them without the trade.");
    public static readonly CounterDeclaration SessionBatchesCut =
        Total(316, "orders_batches_cut", "Answers cut because they held more than a batch takes.");
    public static readonly CounterDeclaration SessionQuarantined =
        Total(317, "orders_quarantined_by_cause", "Private frames and answers set aside, by venue and cause.");

    // Trading, steps 6 to 11. No label, except for the reader (the venue) and risk (the rule).
    public static readonly CounterDeclaration ReaderRead = Total(400, "reader_events_read", "Events the trading thread read from the venue's ring.");
    public static readonly CounterDeclaration ReaderLost =
        Total(401, "reader_events_lost", "Events the trading thread lost because the venue's ring lapped it.");
    public static readonly CounterDeclaration ReaderLaps = Total(402, "reader_laps", "Times the venue's ring lapped the trading thread.");
    public static readonly CounterDeclaration ReaderLag = Gauge(403, "reader_lag", "Events the trading thread is behind the venue's ring right now.");
    public static readonly CounterDeclaration ReaderOldestAgeNs =
        Gauge(3520, "reader_oldest_age_ns",
            "Age of the oldest event of the trading thread's last read when it had been decided on; 0 while nothing waits.");
    public static readonly CounterDeclaration EngineInputs = Total(410, "engine_inputs", "Input records journaled and applied.");
    public static readonly CounterDeclaration EngineEvents = Total(411, "engine_market_events", "Market events applied.");
    public static readonly CounterDeclaration EngineReports = Total(412, "engine_reports", "Execution reports applied.");
    public static readonly CounterDeclaration EngineBalances = Total(413, "engine_balances", "Balance reports applied.");
    public static readonly CounterDeclaration EngineTimers = Total(414, "engine_timers", "Timer steps applied.");
    public static readonly CounterDeclaration EngineCommands = Total(415, "engine_commands", "Commands and state changes that did something.");
    public static readonly CounterDeclaration EngineCommandsRefused = Total(416, "engine_commands_refused", "Commands refused.");
    public static readonly CounterDeclaration EngineBookCalls = Total(417, "engine_book_calls", "Books handed to strategies.");
    public static readonly CounterDeclaration StrategyFaults =
        Total(418, "strategy_faults", "Handlers of strategies that threw; each switched its strategy off.");
    public static readonly CounterDeclaration StrategyRunaways =
        Total(3400, "strategy_runaways", "Of these, strategies that sent without end in one call.");
    public static readonly CounterDeclaration StrategyOverruns =
        Total(3401, "strategy_overruns", "Calls of strategies that took longer than their budget.");
    public static readonly CounterDeclaration EngineCheckpoints = Total(419, "engine_checkpoints", "Checkpoints written.");
    public static readonly CounterDeclaration EngineSessions = Total(420, "engine_sessions", "Sessions begun, recovered ones included.");
    public static readonly CounterDeclaration Placed = Total(430, "order_placed", "Orders created: approved and journaled.");
    public static readonly CounterDeclaration Sent = Total(431, "order_sent", "Orders handed to execution.");
    public static readonly CounterDeclaration Acked = Total(432, "order_acked", "Orders the venue has confirmed in any way, each once.");
    public static readonly CounterDeclaration Fills = Total(433, "order_fills", "Fills applied to an order of ours.");
    public static readonly CounterDeclaration Filled = Total(434, "order_filled", "Orders completely filled.");
    public static readonly CounterDeclaration Cancelled = Total(435, "order_cancelled", "Orders that ended cancelled or expired.");
    public static readonly CounterDeclaration Rejected =
        Total(436, "order_rejected", "Orders that ended rejected, by the venue or because they never left.");
    public static readonly CounterDeclaration OrderCancelsSent = Total(437, "order_cancels_sent", "Cancel requests handed to execution.");
    public static readonly CounterDeclaration CancelRejects = Total(438, "order_cancel_rejects", "Cancels the venue refused, or that never left.");
    public static readonly CounterDeclaration Unknown = Gauge(439, "order_unknown", "Orders whose outcome is unknown right now.");
    public static readonly CounterDeclaration UnknownTotal = Total(440, "order_unknown_total", "Times an order became unknown.");
    public static readonly CounterDeclaration Resolved = Total(441, "order_resolved", "Unknown orders resolved by what the venue said.");
    public static readonly CounterDeclaration OrderQueries = Total(442, "order_queries", "Queries of single orders asked.");
    public static readonly CounterDeclaration DuplicateFills = Total(443, "order_duplicate_fills", "Fills seen before and ignored.");
    public static readonly CounterDeclaration LateFills =
        Total(444, "order_late_fills", "Fills that arrived after the order had ended without them; accounted.");
    public static readonly CounterDeclaration Overfills = Total(445, "order_overfills", "Fills beyond the order's quantity; accounted.");
    public static readonly CounterDeclaration IllegalReports = Total(446, "order_illegal_reports", "Reports no legal transition leads to; ignored.");
    public static readonly CounterDeclaration ReportsBeyondBounds =
        Total(3701, "order_reports_beyond_bounds", "Of these, reports with figures no sum can hold: their instruments wait for a person.");
    public static readonly CounterDeclaration OutdatedReports =
        Total(447, "order_outdated_reports", "Reports that say less than is known already; ignored.");
    public static readonly CounterDeclaration ExternalReports = Total(448, "order_external_reports", "Reports of orders entered by other means.");
    public static readonly CounterDeclaration OrphanFills =
        Total(449, "order_orphan_fills", "Fills with an id of our form whose order is not known; accounted to strategy 0.");
    public static readonly CounterDeclaration Adopted =
        Total(450, "order_adopted", "Orders found at the venue with an id of our form; taken over and cancelled.");
    public static readonly CounterDeclaration Reappeared =
        Total(580, "order_reappeared", "Times a venue showed an order live that had ended here; cancelled once more.");
    public static readonly CounterDeclaration FillsMissing =
        Gauge(451, "order_fills_missing", "Orders for which the venue has counted more than the fills we have seen, right now.");
    public static readonly CounterDeclaration LiveOrders = Gauge(452, "order_live", "Orders at work right now.");
    public static readonly CounterDeclaration RouterSent =
        Total(460, "execution_orders_sent", "Orders handed to a venue's socket, all venues together.");
    public static readonly CounterDeclaration RouterCancels =
        Total(461, "execution_cancels_sent", "Cancels handed to a venue's socket, all venues together.");
    public static readonly CounterDeclaration RouterThrottled =
        Total(462, "execution_throttled", "Orders and cancels refused by the venue's own rate limit.");
    public static readonly CounterDeclaration RouterNotConnected =
        Total(463, "execution_not_connected", "Orders and cancels for which there was no session.");
    public static readonly CounterDeclaration RouterBacklogged = Total(464, "execution_backlogged", "Orders and cancels the socket could not take.");
    public static readonly CounterDeclaration RouterNotEncodable =
        Total(465, "execution_not_encodable", "Orders and cancels the venue's protocol cannot express.");
    public static readonly CounterDeclaration RouterUnapproved =
        Total(466, "execution_unapproved", "Orders that came without a risk approval; nothing was sent, and it is a defect of this program.");
    public static readonly CounterDeclaration RouterPendingMax =
        new CounterDeclaration(467, "execution_pending_max", "Answers of venues that waited for the engine, at most.", CounterKind.Maximum).Declare();
    public static readonly CounterDeclaration RouterPendingShed =
        Total(468, "execution_pending_shed", "Answers of venues lost because that queue was full; the venue is reconciled afterwards.");
    public static readonly CounterDeclaration RouterQueries = Total(469, "execution_queries", "Order queries asked of venues.");
    public static readonly CounterDeclaration RouterReconciliations = Total(470, "execution_reconciliations", "Reconciliations asked of venues.");
    public static readonly CounterDeclaration RiskRejects = Total(480, "risk_rejects", "Orders refused before they left, by rule.");
    public static readonly CounterDeclaration PositionFills = Total(490, "position_fills", "Fills booked into positions.");
    public static readonly CounterDeclaration FeesInOtherAsset =
        Total(491, "position_fees_in_other_asset", "Fees in an asset that is neither base nor quote of the instrument.");
    public static readonly CounterDeclaration FeesUncounted =
        Total(3700, "position_fees_uncounted", "Of these, fees no profit has in it: nobody knew what their asset was worth.");
    public static readonly CounterDeclaration FeesWithoutAccount = Total(492, "position_fees_without_account", "Fees whose asset found no account.");
    public static readonly CounterDeclaration BalancesTold = Total(493, "position_balances", "Balances the venues told.");
    public static readonly CounterDeclaration BalanceDifferences =
        Total(494, "position_balance_differences", "Balances that differed from the ledger's.");
    public static readonly CounterDeclaration BalancesIgnored =
        Total(495, "position_balances_ignored", "Balances of assets none of our instruments uses.");
    public static readonly CounterDeclaration DecisionNs =
        Distribution(500, "decision_latency_ns", "Socket read to the order handed to the socket, of the orders sent: ours.");
    public static readonly CounterDeclaration ExecutionNs =
        Distribution(501, "execution_latency_ns", "Order handed to the socket to its first answer: the venue's.");
    public static readonly CounterDeclaration TickToDecisionNs =
        Distribution(502, "tick_to_decision_ns", "Socket read to every strategy having decided, of all reads, orders or not.");

    // Controls of risk. No label.
    public static readonly CounterDeclaration ControlRefusals = Total(3100, "risk_refusals", "Orders risk refused.");
    public static readonly CounterDeclaration ControlRefusalsSkipped =
        Total(3101, "risk_refusals_not_journaled", "Of these, counted only: the strategy asks in a loop.");
    public static readonly CounterDeclaration BreakerTrips =
        Total(3102, "risk_breaker_trips", "Latching breakers that tripped; each stops orders until a person arms it.");
    public static readonly CounterDeclaration BreakersArmed = Total(3103, "risk_breakers_armed", "Breakers armed again by a person.");
    public static readonly CounterDeclaration VenueBreakersOpened =
        Total(3104, "risk_venue_breakers_opened", "Times a venue failed too often in a row and was left alone for a pause.");
    public static readonly CounterDeclaration VenueBreakersClosed =
        Total(3105, "risk_venue_breakers_closed", "Times a probe order closed such a breaker.");
    public static readonly CounterDeclaration PostTradeBreaches =
        Total(3106, "risk_post_trade_breaches", "Positions or exposures found beyond their cap after a fill.");
    public static readonly CounterDeclaration OrderErrors =
        Total(3107, "risk_order_errors", "Orders refused by venues, never sent or unanswered: what the error rate counts.");
    public static readonly CounterDeclaration RouterKilled = Total(3108, "execution_killed", "Orders the kill switch stopped at the last hop.");
    public static readonly CounterDeclaration Fundings = Total(3110, "position_fundings", "Funding payments booked.");
    public static readonly CounterDeclaration FundingsRepeated = Total(3111, "position_fundings_repeated", "Funding payments that came again.");
    public static readonly CounterDeclaration FundingIgnored =
        Total(3112, "position_funding_ignored", "Funding payments of instruments that are not ours.");

    // Changes of orders, held orders, parents. No label.
    public static readonly CounterDeclaration OrderAmendsSent = Total(3000, "order_amends_sent", "Changes of orders handed to execution.");
    public static readonly CounterDeclaration OrderAmended = Total(3001, "order_amended", "Changes of orders the venue confirmed.");
    public static readonly CounterDeclaration OrderAmendRejects =
        Total(3002, "order_amend_rejects", "Changes of orders the venue refused, or that never left.");
    public static readonly CounterDeclaration OrderAmendsUncertain =
        Total(3003, "order_amends_uncertain", "Changes whose outcome never became known; both quantities count on.");
    public static readonly CounterDeclaration OrderHeld = Total(3004, "order_held", "Stop orders taken to be held by the engine.");
    public static readonly CounterDeclaration OrderHeldReleased =
        Total(3005, "order_held_released", "Held orders whose price was reached and that were sent.");
    public static readonly CounterDeclaration OrderExpiredByEngine =
        Total(3006, "order_expired_by_engine", "Orders cancelled because their date had come.");
    public static readonly CounterDeclaration OrderReduceOnlyCuts =
        Total(3007, "order_reduce_only_cuts", "Reduce-only orders made smaller, or cancelled, because the position is smaller.");
    public static readonly CounterDeclaration OrderReplacements =
        Total(3008, "order_replacements", "Orders placed in place of one whose venue cannot amend.");
    public static readonly CounterDeclaration OrdersHeldNow =
        Gauge(3009, "orders_held_now", "Orders the engine holds for their stop price right now.");
    public static readonly CounterDeclaration RouterAmendsSent =
        Total(3010, "execution_amends_sent", "Changes of orders handed to a venue's socket, all venues together.");
    public static readonly CounterDeclaration RouterStaleSignals =
        Total(3011, "execution_stale_signals", "Orders dropped because the event that led to them was older than their strategy allows.");
    public static readonly CounterDeclaration ParentStarted = Total(3012, "parent_started", "Parent orders taken.");
    public static readonly CounterDeclaration ParentFilled = Total(3013, "parent_filled", "Parent orders completely filled.");
    public static readonly CounterDeclaration ParentEnded = Total(3014, "parent_ended", "Parent orders that ended otherwise.");
    public static readonly CounterDeclaration ParentViolations =
        Total(3015, "parent_violations",
            "Children refused at the last hop because their parent had no quantity left for them; each halted its parent.");
    public static readonly CounterDeclaration ParentChildrenRefused =
        Total(3016, "parent_children_refused", "Children refused because their parent had ended or does not trade their market.");
    public static readonly CounterDeclaration ParentRedirects =
        Total(3017, "parent_redirects", "Children sent to another venue because one was down.");
    public static readonly CounterDeclaration ParentRiskRefused = Total(3018, "parent_children_risk_refused", "Children that risk refused.");
    public static readonly CounterDeclaration ParentLateFills =
        Total(3019, "parent_late_fills", "Fills of children that came after their parent had ended; accounted.");
    public static readonly CounterDeclaration ParentRefused =
        Total(3720, "parent_refused", "Parent orders that ended because what was due was refused for good, or for too long.");
    public static readonly CounterDeclaration ParentWaits = Total(3721, "parent_waits", "Waits of a second until something due is tried again.");
}
