using Penstock.Model.Instruments;
using Penstock.Model.Orders;
using Penstock.Trading.Recovery;

namespace Penstock.Trading.Controls;

public enum VenueBreakerState : byte
{
    /// <summary>Orders pass.</summary>
    Closed,
    /// <summary>None passes until the pause is over; then one may.</summary>
    Open,
    /// <summary>One order is on its way and decides.</summary>
    Probing,
}

/// <summary>
/// Technical breakers (R88): a venue that fails more often in a row than allowed takes no orders for a pause, then one as a probe: its
/// good answer closes the breaker, anything else opens it again; one that never left says nothing, and the next order is the probe. Failures
/// are technical rejections, silence, orders that could not be sent, lost sessions; any other answer to an order ends the row. No person is
/// needed; cancels are never asked.
/// </summary>
public sealed partial class VenueBreakers
{
    private readonly BreakerRecord[] _breakers = new BreakerRecord[byte.MaxValue + 1];

    private struct BreakerRecord
    {
        public VenueBreakerState State;
        public int Failures;
        public long OpenedNs;
        public ClientOrderId Probe;
        public long Openings;
    }

    public VenueBreakerState StateOf(VenueId venue) => _breakers[venue.Value].State;

    /// <summary>In a row, up to now.</summary>
    public int FailuresOf(VenueId venue) => _breakers[venue.Value].Failures;

    /// <summary>Since the first session.</summary>
    public long OpeningsOf(VenueId venue) => _breakers[venue.Value].Openings;

    /// <summary>May an order leave now? Changes nothing.</summary>
    public bool Allows(VenueId venue, long nowNs, long pauseNs)
    {
        ref readonly var breaker = ref _breakers[venue.Value];
        return breaker.State switch
        {
            VenueBreakerState.Closed => true,
            VenueBreakerState.Open => nowNs - breaker.OpenedNs >= pauseNs,
            _ => false,
        };
    }

    /// <summary>An order left: behind an open breaker it is the probe. True when the state changed.</summary>
    public bool OnPlaced(VenueId venue, ClientOrderId order)
    {
        ref var breaker = ref _breakers[venue.Value];
        if (breaker.State != VenueBreakerState.Open) return false;
        (breaker.State, breaker.Probe) = (VenueBreakerState.Probing, order);
        return true;
    }

    /// <summary>The venue answered an order as a venue should, be it with a refusal. True when the breaker closed.</summary>
    public bool OnAnswer(VenueId venue, ClientOrderId order)
    {
        ref var breaker = ref _breakers[venue.Value];
        if (breaker.State == VenueBreakerState.Closed)
        {
            breaker.Failures = 0;
            return false;
        }

        if (breaker.State != VenueBreakerState.Probing || breaker.Probe != order) return false;
        (breaker.State, breaker.Failures, breaker.Probe) = (VenueBreakerState.Closed, 0, default);
        return true;
    }

    /// <summary>One failure. True when the breaker opened, for the first time or again.</summary>
    /// <param name="order">None for a lost session: that ends a probe, too.</param>
    /// <param name="failuresMax">One more opens it; negative for no breaker.</param>
    public bool OnFailure(VenueId venue, ClientOrderId order, Int128 failuresMax, long nowNs)
    {
        ref var breaker = ref _breakers[venue.Value];
        if (breaker.Failures < int.MaxValue) breaker.Failures++;
        var isProbe = breaker.State == VenueBreakerState.Probing && (order.IsNone || breaker.Probe == order);
        if (!isProbe && (breaker.State != VenueBreakerState.Closed || failuresMax < 0 || breaker.Failures <= failuresMax)) return false;
        (breaker.State, breaker.OpenedNs, breaker.Probe) = (VenueBreakerState.Open, nowNs, default);
        breaker.Openings++;
        return true;
    }

    /// <summary>The order is the probe of its venue.</summary>
    public bool IsProbe(VenueId venue, ClientOrderId order) =>
        _breakers[venue.Value] is { State: VenueBreakerState.Probing } breaker && breaker.Probe == order;

    /// <summary>The order never left, for a reason of ours: it answered nothing. True when it was the probe; the pause is over as before.</summary>
    public bool OnUnsent(VenueId venue, ClientOrderId order)
    {
        if (!IsProbe(venue, order)) return false;
        (_breakers[venue.Value].State, _breakers[venue.Value].Probe) = (VenueBreakerState.Open, default);
        return true;
    }

    /// <summary>A person knows better than the pause.</summary>
    public bool Close(VenueId venue)
    {
        ref var breaker = ref _breakers[venue.Value];
        var wasOpen = breaker.State != VenueBreakerState.Closed;
        (breaker.State, breaker.Failures, breaker.Probe) = (VenueBreakerState.Closed, 0, default);
        return wasOpen;
    }

    /// <summary>Another clock: pauses begin anew, and a probe of the last session is asked for by its own means.</summary>
    internal void BeginSession(long nowNs)
    {
        foreach (ref var breaker in _breakers.AsSpan())
        {
            if (breaker.State == VenueBreakerState.Probing) breaker.State = VenueBreakerState.Open;
            (breaker.OpenedNs, breaker.Probe) = (nowNs, default);
        }
    }

    internal void AddTo(ref StateHasher hash)
    {
        for (var i = 0; i < _breakers.Length; i++)
        {
            ref readonly var breaker = ref _breakers[i];
            if (breaker is { State: VenueBreakerState.Closed, Failures: 0 }) continue;
            hash.Add(i, (long)breaker.State, breaker.Failures);
            hash.Add(breaker.State == VenueBreakerState.Closed ? 0 : breaker.OpenedNs, breaker.Probe.Value, 0);
        }
    }
}
