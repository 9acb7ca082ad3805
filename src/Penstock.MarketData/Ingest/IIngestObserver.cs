using Penstock.Connectivity.Feeds;
using Penstock.Model.Instruments;

namespace Penstock.MarketData.Ingest;

/// <summary>What a message showed to be wrong.</summary>
public enum IngestAnomaly : byte
{
    Gap,
    Repeat,
    ChecksumMismatch,
    Crossed,
}

/// <summary>Watches the ingest from inside; for inspection tools, not for the node.</summary>
public interface IIngestObserver
{
    /// <summary>A message was accepted and its events are in the batch about to be published.</summary>
    void OnApplied(in FeedMessage message);

    /// <summary>A book was declared unusable.</summary>
    void OnInvalidated(InstrumentId instrument);

    /// <param name="anomaly">What.</param>
    /// <param name="message">The message that showed it; its instrument is none where the whole connection is meant.</param>
    /// <param name="expected">The id that should have come, <see cref="FeedMessage.NoId"/> where that is no question of ids.</param>
    void OnAnomaly(IngestAnomaly anomaly, in FeedMessage message, long expected)
    {
    }
}
