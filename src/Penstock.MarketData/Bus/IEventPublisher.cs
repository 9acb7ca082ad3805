using Penstock.Model.Markets;

namespace Penstock.MarketData.Bus;

/// <summary>Takes finished events of one venue, in order. Never waits; a slow reader is the reader's business.</summary>
public interface IEventPublisher
{
    /// <summary>Assigns <see cref="MarketEvent.Sequence"/> in place and publishes all as one batch. The span is the caller's again afterwards.</summary>
    void Publish(Span<MarketEvent> events);
}
