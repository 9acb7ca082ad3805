using Penstock.Connectivity.Feeds;

namespace Penstock.MarketData.Ingest;

/// <summary>Watches the ingest from inside; for inspection tools, not for the node.</summary>
public interface IIngestObserver
{
    /// <summary>A message was accepted and its events are in the batch about to be published.</summary>
    void OnApplied(in FeedMessage message);

    /// <summary>A book was declared unusable.</summary>
    void OnInvalidated(Model.Instruments.InstrumentId instrument);
}
