namespace Penstock.Trading.Execution;

/// <summary>Counters of the execution router. Written by the engine's thread.</summary>
public sealed class ExecutionStatistics
{
    /// <summary>Orders handed to a venue's socket.</summary>
    public long OrdersSent;
    /// <summary>Cancels handed to a venue's socket.</summary>
    public long CancelsSent;
    /// <summary>Changes of orders handed to a venue's socket.</summary>
    public long AmendsSent;
    /// <summary>Orders dropped because the event that led to them was older than their strategy allows.</summary>
    public long StaleSignals;
    /// <summary>Orders and cancels refused by the venue's own rate limit.</summary>
    public long Throttled;
    /// <summary>Orders and cancels for which there was no session.</summary>
    public long NotConnected;
    /// <summary>Orders and cancels the socket could not take.</summary>
    public long Backlogged;
    /// <summary>Orders and cancels the venue's protocol cannot express.</summary>
    public long NotEncodable;
    /// <summary>Calls of a venue's session that threw: what became of the order is unknown.</summary>
    public long GatewayFaults;
    /// <summary>Orders the kill switch stopped at the last hop.</summary>
    public long Killed;
    /// <summary>Values that came without a risk approval; nothing was sent.</summary>
    public long Unapproved;
    /// <summary>Inputs waiting for the engine, at most.</summary>
    public long PendingMax;
    /// <summary>Inputs lost because the queue was full; the venue is reconciled afterwards.</summary>
    public long PendingShed;
    /// <summary>Queries asked of venues.</summary>
    public long Queries;
    /// <summary>Reconciliations asked of venues.</summary>
    public long Reconciliations;
}
