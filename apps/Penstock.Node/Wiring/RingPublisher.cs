using Penstock.Infrastructure.Rings;
using Penstock.MarketData.Bus;
using Penstock.Model.Markets;

namespace Penstock.Node.Wiring;

/// <summary>Step 5: numbers the events of one venue and publishes them as one batch. Runs on the venue's feed thread.</summary>
internal sealed class RingPublisher(BroadcastRing<MarketEvent> ring) : IEventPublisher
{
    private long _sequence;

    public void Publish(Span<MarketEvent> events)
    {
        foreach (ref var e in events) e.Sequence = ++_sequence;
        ring.Publish(events);
    }
}
