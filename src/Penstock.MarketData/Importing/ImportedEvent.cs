using Penstock.Connectivity.Capture;

namespace Penstock.MarketData.Importing;

/// <summary>One event read from a foreign file. The payload is the source's and valid until its next read.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="UnixNs">Receive or send time.</param>
/// <param name="Url">Of open and rest events; else empty.</param>
/// <param name="Payload">The exact bytes of the frame or body.</param>
/// <param name="Connection">Its number where the source has one; 0 where the import numbers them.</param>
internal readonly record struct ImportedEvent(CaptureKind Kind, long UnixNs, string Url, ReadOnlyMemory<byte> Payload, int Connection = 0);
