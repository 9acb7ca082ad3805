using Penstock.Connectivity.Feeds;

namespace Penstock.MarketData.Quality;

/// <summary>Keeps what was set aside (R19, R20). Called on the feed's thread: copies at once or counts a drop, never waits.</summary>
public interface IQuarantineSink
{
    /// <param name="cause">Why.</param>
    /// <param name="receivedNs">Monotonic stamp of the socket read.</param>
    /// <param name="bytes">The frame or body; empty for a delta that was held back and failed later. Valid during the call only.</param>
    void Add(QuarantineCause cause, long receivedNs, ReadOnlySpan<byte> bytes);
}
