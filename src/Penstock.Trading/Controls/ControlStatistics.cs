namespace Penstock.Trading.Controls;

/// <summary>Counters of the controls. Written by the engine's thread.</summary>
public sealed class ControlStatistics
{
    /// <summary>Orders refused.</summary>
    public long Refusals;
    /// <summary>Of these, refusals counted without a journal record of their own because a strategy asks in a loop.</summary>
    public long RefusalsSkipped;
    /// <summary>Latching breakers that tripped.</summary>
    public long BreakerTrips;
    /// <summary>Breakers armed again by a person.</summary>
    public long BreakersArmed;
    /// <summary>Technical breakers of venues that opened.</summary>
    public long VenueBreakersOpened;
    /// <summary>Technical breakers of venues that closed after a probe.</summary>
    public long VenueBreakersClosed;
    /// <summary>Positions or exposures found beyond their cap after a fill or a price.</summary>
    public long PostTradeBreaches;
    /// <summary>Orders with an outcome that counts as an error: refused for a technical reason, never sent, unanswered.</summary>
    public long OrderErrors;
}
