using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading.Orders;

namespace Penstock.Trading.Execution;

/// <summary>
/// Which venues have confirmed what we believe (P3, P4). A venue is unresolved from the start of a session, and from every
/// lost connection, until it has listed its orders and fills; its instruments take no order meanwhile. A missing report is
/// never taken for "flat": an order the venue did not list becomes unknown and is asked for by name.
/// </summary>
public sealed partial class VenueReconciliation
{
    private const int VenuesMax = byte.MaxValue + 1;
    private const long RetryNs = 1_000_000_000;

    /// <summary>A fill that an order's own figures announce before its trade arrives is missing for a moment: that is no reason to ask for everything.</summary>
    private const long MissingGraceNs = 1_000_000_000;

    /// <summary>Venue clocks and ours may disagree; fills are applied once anyway.</summary>
    private const long FillMarginNs = 60_000_000_000;

    private readonly InstrumentTable _instruments;
    private readonly OrderManager _orders;
    private readonly bool[] _resolved = new bool[VenuesMax];
    private readonly long[] _begun = new long[VenuesMax];
    private readonly ExchangeTime[] _lastFill = new ExchangeTime[VenuesMax];
    private readonly long[] _begunNs = new long[VenuesMax];
    private long _marks;
    private long _nextMissingNs;
    private long _missingSinceNs;

    internal VenueReconciliation(InstrumentTable instruments, OrderManager orders)
    {
        _instruments = instruments;
        _orders = orders;
        _blocked = new bool[instruments.Count + 1];
        _isDistrusted = new bool[instruments.Count + 1];
    }

    /// <summary>Off only where no venue can be asked (a back test without sessions).</summary>
    public bool IsRequired { get; set; } = true;

    public bool IsResolved(VenueId venue) => _resolved[venue.Value];

    /// <summary>No order may be placed on it now.</summary>
    public bool IsUnresolved(InstrumentId instrument) =>
        (IsRequired && !_resolved[_instruments[instrument].Venue.Value]) || _orders.HasMissingFills(instrument) || _blocked[instrument.Value];

    internal void BeginSession()
    {
        Array.Clear(_resolved);
        Array.Clear(_begun);
        Array.Clear(_compared);
        _nextMissingNs = _missingSinceNs = 0;
    }

    internal ExchangeTime Begin(VenueId venue, long nowNs)
    {
        _begunNs[venue.Value] = nowNs;
        _begun[venue.Value] = ++_marks;
        var last = _lastFill[venue.Value].UnixNs;
        return new ExchangeTime(last > FillMarginNs ? last - FillMarginNs : 0);
    }

    internal void Saw(Order order) => order.SeenMark = _begun[order.Venue.Value];

    internal void OnFill(in ExecutionReport fill)
    {
        if (fill.ExchangeTime.CompareTo(_lastFill[fill.Venue.Value]) > 0) _lastFill[fill.Venue.Value] = fill.ExchangeTime;
    }

    public void OnSessionLost(VenueId venue) => _resolved[venue.Value] = false;

    /// <summary>The venue has told all: what we hold for live and it did not list is unknown from now.</summary>
    public void OnCompleted(VenueId venue, long nowNs)
    {
        _resolved[venue.Value] = true;
        for (var order = _orders.Live.First; order is not null; order = OrderList.After(order))
        {
            // An order sent after the question could not be in the answer.
            if (order.Venue != venue || order.SeenMark == _begun[venue.Value] || order.CreatedNs > _begunNs[venue.Value]) continue;
            _orders.OnNotListed(order, nowNs);
        }
    }

    internal void OnTimer(long nowNs, OrderDesk desk)
    {
        AskAgain(nowNs, desk);
        if (_orders.Statistics.FillsMissing == 0)
        {
            _missingSinceNs = 0;
            return;
        }

        if (_missingSinceNs == 0) _missingSinceNs = nowNs;
        if (nowNs < _nextMissingNs || nowNs - _missingSinceNs < MissingGraceNs) return;
        _nextMissingNs = nowNs + RetryNs;
        var last = default(VenueId);
        // By number: the enumerator of a list seen as an interface is an object, and this is the hot thread.
        for (var id = 1; id <= _instruments.Count; id++)
        {
            var instrument = _instruments[new InstrumentId(id)];
            if (instrument.Venue == last || !_orders.HasMissingFills(instrument.Id)) continue;
            last = instrument.Venue;
            desk.Reconcile(last, nowNs);
        }
    }
}
