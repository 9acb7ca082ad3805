using Penstock.MarketData.Bus;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.MarketData.Reference;

/// <summary>
/// Tells everybody behind a venue's ring when its market closes (R23): status events of its own, like those of the venue. So the
/// trading core learns it from a journaled input, refuses by its rule InstrumentStatus, and a replay needs no calendar. The venue's own
/// word counts while the market is open, and is held back while it is not. On the feed's thread; allocates nothing between transitions.
/// </summary>
public sealed class SessionGate : IEventPublisher
{
    /// <summary>The state is told again this often: a reader that was lapped must not believe the last thing it read for ever.</summary>
    public static readonly TimeSpan RepeatEvery = TimeSpan.FromMinutes(1);

    private readonly IEventPublisher _inner;
    private readonly TradingCalendar _calendar;
    private readonly InstrumentId[] _instruments;
    private readonly InstrumentStatus[] _venueSays;
    private readonly MarketEvent[] _own;
    private readonly VenueId _venue;
    private long _nextUnixNs = long.MinValue;
    private long _closesUnixNs = long.MinValue;
    private long _toCloseNs;
    private MarketPhase _phase = MarketPhase.Closed;
    private MonotonicTime _received;

    /// <param name="inner">Where everything goes.</param>
    /// <param name="calendar">Of the venue.</param>
    /// <param name="venue">Whose instruments these are.</param>
    /// <param name="instruments">With the status the venue's list gave them.</param>
    public SessionGate(IEventPublisher inner, TradingCalendar calendar, VenueId venue, IReadOnlyList<Instrument> instruments)
    {
        (_inner, _calendar, _venue) = (inner, calendar, venue);
        _instruments = [.. instruments.Select(i => i.Id)];
        _venueSays = [.. instruments.Select(i => i.Status)];
        _own = new MarketEvent[_instruments.Length];
    }

    /// <summary>What the calendar said at the last step.</summary>
    public MarketPhase Phase => _phase;

    /// <summary>Transitions since the start.</summary>
    public long Transitions { get; private set; }

    public void Publish(Span<MarketEvent> events)
    {
        foreach (ref var e in events)
        {
            if (e.Kind == MarketEventKind.Status) Keep(ref e);
        }

        _inner.Publish(events);
    }

    /// <summary>Publishes the state when it changed or is due to be repeated; true when it did.</summary>
    /// <param name="unixNs">Wall time; the node's, because nothing below it may ask.</param>
    /// <param name="nowNs">Monotonic: the receive stamp of the events.</param>
    public bool Step(long unixNs, long nowNs)
    {
        if (unixNs < _nextUnixNs) return false;
        var at = DateTimeOffset.UnixEpoch.AddTicks(unixNs / 100);
        var phase = _calendar.PhaseAt(at);
        if (phase != _phase) Transitions++;
        _phase = phase;
        _received = new MonotonicTime(nowNs);
        if (unixNs >= _closesUnixNs)
            _closesUnixNs = _calendar.NextClose(at) is { } close ? (close - DateTimeOffset.UnixEpoch).Ticks * 100 : long.MaxValue;
        _toCloseNs = phase == MarketPhase.Trading && _closesUnixNs != long.MaxValue ? _closesUnixNs - unixNs : 0;
        var repeat = unixNs + RepeatEvery.Ticks * 100;
        _nextUnixNs = _calendar.NextTransition(at) is { } next ? Math.Min(repeat, (next - DateTimeOffset.UnixEpoch).Ticks * 100) : repeat;
        for (var i = 0; i < _instruments.Length; i++)
        {
            _own[i] = new MarketEvent
            {
                Kind = MarketEventKind.Status, Instrument = _instruments[i], Venue = _venue, Received = _received, UpdateId = (long)Effective(_venueSays[i]),
                Quantity = new Quantity(_toCloseNs), Flags = MarketEventFlags.FirstOfMessage | MarketEventFlags.LastOfMessage,
            };
        }

        _inner.Publish(_own);
        return true;
    }

    private void Keep(ref MarketEvent e)
    {
        var at = Array.IndexOf(_instruments, e.Instrument);
        if (at < 0) return;
        _venueSays[at] = (InstrumentStatus)e.UpdateId;
        e.UpdateId = (long)Effective(_venueSays[at]);
        e.Quantity = new Quantity(Math.Max(0, _toCloseNs == 0 ? 0 : _toCloseNs - (e.Received.Ns - _received.Ns)));
    }

    private InstrumentStatus Effective(InstrumentStatus venueSays) => _phase switch
    {
        MarketPhase.Trading => venueSays,
        _ when venueSays == InstrumentStatus.Delisted => venueSays,
        MarketPhase.PreOpen => InstrumentStatus.PreOpen,
        MarketPhase.Maintenance => InstrumentStatus.Halted,
        _ => InstrumentStatus.Closed,
    };
}
