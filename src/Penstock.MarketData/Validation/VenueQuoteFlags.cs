namespace Penstock.MarketData.Validation;

/// <summary>How one venue's price of an instrument stands beside the others'.</summary>
[Flags]
public enum VenueQuoteFlags : byte
{
    None = 0,
    /// <summary>Synchronised, not stale, both sides present: it counts in the median.</summary>
    Fresh = 1,
    /// <summary>Too far from the median for too long. With two venues nobody knows which is wrong: both are.</summary>
    Divergent = 2,
    /// <summary>Best bid equals best ask.</summary>
    Locked = 4,
    /// <summary>Best bid above best ask: not counted in the median.</summary>
    Crossed = 8,
    /// <summary>Its price stands still while others move.</summary>
    Standstill = 16,
}
