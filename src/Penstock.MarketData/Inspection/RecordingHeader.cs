namespace Penstock.MarketData.Inspection;

/// <summary>The first line of a recording.</summary>
/// <param name="Venue">Lower-case name of the exchange.</param>
/// <param name="Market">spot, usdm, coinm, linear, inverse or mixed.</param>
/// <param name="Events">Lines after the header; fewer mean a damaged file.</param>
/// <param name="CapturedUtc">When the first connection was opened, as written.</param>
public sealed record RecordingHeader(string Venue, string Market, long Events, string CapturedUtc);
