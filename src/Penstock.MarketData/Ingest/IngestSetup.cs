using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Network;
using Penstock.MarketData.Bus;
using Penstock.MarketData.Quality;
using Penstock.Model.Instruments;

namespace Penstock.MarketData.Ingest;

/// <summary>What a <see cref="FeedIngest"/> is made of.</summary>
public sealed record IngestSetup
{
    public required VenueId Venue { get; init; }

    public required IFeedProtocol Protocol { get; init; }

    public required InstrumentTable Instruments { get; init; }

    public required BookSyncRule Rule { get; init; }

    public required IFeedControl Control { get; init; }

    public required IEventPublisher Publisher { get; init; }

    /// <summary>Null counts without keeping the bytes.</summary>
    public IQuarantineSink? Quarantine { get; init; }

    public IngestOptions Options { get; init; } = new();

    /// <summary>Told the venue's stamps and pongs; the connection's own.</summary>
    public PathObserver? Path { get; init; }

    public IIngestObserver? Observer { get; init; }

    public IScaleObserver? ScaleObserver { get; init; }
}
