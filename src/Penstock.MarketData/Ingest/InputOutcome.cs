namespace Penstock.MarketData.Ingest;

/// <summary>What became of one input; the five ends of R20 and the one way station.</summary>
public enum InputOutcome : byte
{
    Applied,
    Duplicate,
    Stale,
    Quarantined,
    Shed,
    /// <summary>Held back for a snapshot; becomes one of the others later.</summary>
    Pending,
}
