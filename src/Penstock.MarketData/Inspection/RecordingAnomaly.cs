namespace Penstock.MarketData.Inspection;

/// <summary>Something found wrong in a recording.</summary>
/// <param name="Event">Which event of the container showed it, from 0, the header not counted.</param>
/// <param name="Kind">gaps, repeats, crossed, checksum_bad, oracle_bad, bad_frames, quarantined or container.</param>
/// <param name="Symbol">The exchange's spelling; "connection N" where the whole connection is meant; empty where nothing can be said.</param>
/// <param name="Detail">For people.</param>
public readonly record struct RecordingAnomaly(long Event, string Kind, string Symbol, string Detail);
