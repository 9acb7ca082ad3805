namespace Penstock.Connectivity.Orders;

/// <summary>What an order protocol set aside without an error. One writer; read by anyone, eventually consistent.</summary>
public sealed class OrderProtocolStatistics
{
    /// <summary>Responses to requests this process did not send on the connection.</summary>
    public long ResponsesUnmatched;

    /// <summary>Reports of foreign orders on instruments this process does not know.</summary>
    public long ReportsForeign;

    /// <summary>Balances of assets whose code is longer than 15 bytes.</summary>
    public long BalancesSkipped;

    /// <summary>Fills whose fee the message does not tell, or tells in more than one asset.</summary>
    public long FeesIncomplete;

    /// <summary>Private messages missing by the venue's own sequence.</summary>
    public long SequenceGaps;

    /// <summary>Requests forgotten unanswered, or orders not remembered, because a table was full.</summary>
    public long TableOverflows;

    /// <summary>REST answers that say they hold one page of several.</summary>
    public long PagesCut;

    /// <summary>Quantities of fills finer than 1e-8, cut to it: what another's order in quote currency left over (HTX).</summary>
    public long QuantitiesCut;
}
