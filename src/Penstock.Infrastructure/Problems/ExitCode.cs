namespace Penstock.Infrastructure.Problems;

/// <summary>Documented exit codes (DESIGN §6); scripts depend on them.</summary>
public enum ExitCode
{
    Ok = 0,
    Error = 1,
    Usage = 2,
    Configuration = 3,
    NotFound = 4,
    NotReady = 5,
    Timeout = 6,
    Refused = 7,
    /// <summary>A strategy did not return from a call and the node ended itself: start it again, it comes back without that strategy.</summary>
    StrategyHung = 8,
    Interrupted = 130,
}
