namespace Penstock.Trading.Recovery;

/// <summary>
/// What the engine journals. Below 32: inputs, in the order they were applied. From 32: outputs, which follow the input
/// that caused them. A changed layout gets a new number; a number never changes its meaning.
/// </summary>
public enum EngineRecordType : ushort
{
    None,
    SessionStart = 1,
    /// <summary>N market events, as they are.</summary>
    MarketBatch = 2,
    Report = 3,
    Balance = 4,
    Timer = 5,
    Command = 6,
    /// <summary>A command that moves the lifecycle.</summary>
    StateChange = 7,
    VenueSession = 8,
    VenueReconciled = 9,
    SessionEnd = 10,
    /// <summary>A funding payment of a venue.</summary>
    Funding = 14,

    OrderIntent = 32,
    CancelIntent = 33,
    /// <summary>State hash after every 10,000th input.</summary>
    Checkpoint = 34,
    /// <summary>State hash at the end of a session.</summary>
    FinalState = 35,

    AmendIntent = 36,
    /// <summary>The engine took a stop order, and holds it.</summary>
    OrderHeld = 37,
    /// <summary>A held order was released to its venue, or ended.</summary>
    HeldEnded = 38,
    /// <summary>A parent order was taken, or ended.</summary>
    ParentOrder = 39,
    /// <summary>A link of the audit trail, behind every command and session start; from session format 2 on.</summary>
    Audit = 44,
    /// <summary>Risk refused an order: limit, scope, used and cap.</summary>
    OrderRefused = 40,
    /// <summary>A latching breaker tripped.</summary>
    BreakerTripped = 41,
    /// <summary>A venue's technical breaker opened, probes or closed.</summary>
    VenueBreaker = 42,
    /// <summary>After a fill or a price a position or exposure was beyond its cap.</summary>
    LimitBreach = 43,
    /// <summary>When an order was handed to its venue's socket: an observation of the clock, which a replay passes over.</summary>
    OrderSent = 45,
    /// <summary>The stop price of an order the engine holds was moved.</summary>
    StopMoved = 58,
    /// <summary>Something went wrong around the engine: an observation, which a replay passes over.</summary>
    Incident = 60,
}
