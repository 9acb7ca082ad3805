using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Trading.Positions;
using Penstock.Trading.Recovery;

namespace Penstock.Trading.Execution;

public sealed partial class VenueReconciliation
{
    /// <summary>A fill between the venue's list of fills and its balances looks like a difference until the balances come again.</summary>
    private const long AskAgainNs = 2_000_000_000;

    /// <summary>Free and locked, now and at the opening, each rounded to 1e-8.</summary>
    private const long BalanceRoundingRaw = 4;

    /// <summary>Reports that could not be booked and are remembered: the oldest makes room, and would block once more.</summary>
    private const int DistrustedMax = 64;

    private readonly bool[] _blocked;
    private readonly bool[] _compared = new bool[VenuesMax];
    private readonly Distrusted[] _distrusted = new Distrusted[DistrustedMax];
    private readonly bool[] _isDistrusted;
    private long _nextAskNs;
    private long _distrustedCount;

    /// <summary>A report that could not be booked, by its trade or its order.</summary>
    private record struct Distrusted(InstrumentId Instrument, long Report, bool IsApproved);

    /// <summary>
    /// What the venue holds differs from what our recovered ledger says, and nobody has approved it yet (R157): somebody traded
    /// or moved money while we were away. Or the venue reported what no sum can hold.
    /// </summary>
    public bool IsBlockedByDifference(InstrumentId instrument) => _blocked[instrument.Value];

    /// <summary>
    /// A recovered session's first complete answer of a venue, and every later one while it is blocked: an instrument whose base
    /// or quote balance differs takes no order until the difference is gone or approved.
    /// </summary>
    public void CompareBalances(VenueId venue, PositionKeeper positions, int session, long nowNs)
    {
        // A first session has nothing to compare: what the venue holds is its opening.
        var isFirstAnswer = session > 1 && !_compared[venue.Value];
        _compared[venue.Value] = true;
        for (var id = 1; id <= _instruments.Count; id++)
        {
            var instrument = _instruments[new InstrumentId(id)];
            if (instrument.Venue != venue || !(isFirstAnswer || _blocked[id])) continue;
            _blocked[id] = IsReal(instrument, positions) || _isDistrusted[id];
            if (_blocked[id]) _nextAskNs = nowNs + AskAgainNs;
        }
    }

    /// <summary>A person takes the venue's word. False when nothing was blocked.</summary>
    public bool Approve(InstrumentId instrument, PositionKeeper positions)
    {
        if (!_blocked[instrument.Value]) return false;
        _blocked[instrument.Value] = false;
        _isDistrusted[instrument.Value] = false;
        foreach (ref var distrusted in _distrusted.AsSpan()) distrusted.IsApproved |= distrusted.Instrument == instrument;
        positions.TakeVenuesBalances(instrument);
        return true;
    }

    /// <summary>
    /// The venue reported what cannot be booked: no order until a person has compared. Only a person lifts it, balances that agree do not; the
    /// same report again, as venues list fills again and again, then blocks no more.
    /// </summary>
    /// <param name="instrument">The report's.</param>
    /// <param name="report">Its trade, or its order.</param>
    /// <param name="nowNs">Engine time.</param>
    internal void Distrust(InstrumentId instrument, long report, long nowNs)
    {
        foreach (ref readonly var known in _distrusted.AsSpan())
        {
            if (known.Instrument == instrument && known.Report == report) return;
        }

        _distrusted[_distrustedCount++ % DistrustedMax] = new Distrusted(instrument, report, false);
        _blocked[instrument.Value] = _isDistrusted[instrument.Value] = true;
        _nextAskNs = nowNs + AskAgainNs;
    }

    /// <summary>Blocks decide which orders may leave; a state without any has the hash it had before there were blocks.</summary>
    internal void Add(ref StateHasher hash)
    {
        for (var id = 1; id < _blocked.Length; id++)
        {
            if (_blocked[id]) hash.Add(id, (long)EngineCommandKind.ApproveDifference, 1);
        }

        for (var i = 0; i < Math.Min(_distrustedCount, DistrustedMax); i++)
            hash.Add(_distrusted[i].Instrument.Value, _distrusted[i].Report, _distrusted[i].IsApproved ? 1 : 0);
    }

    /// <summary>
    /// Venues round balances, some to four decimals, and our ledger does not: less than a lot, or than a hundredth of the
    /// smallest order's value, is no missed fill.
    /// </summary>
    private static bool IsReal(Instrument instrument, PositionKeeper positions)
    {
        var dust = Notional.OfAmount(BalanceRoundingRaw);
        var lot = Notional.OfAmount(instrument.Lot.Raw);
        var small = new Notional(instrument.NotionalMin.Raw / 100);
        return positions.BaseAccount(instrument.Id).Difference.Abs() >= (lot > dust ? lot : dust)
            || positions.QuoteAccount(instrument.Id).Difference.Abs() >= (small > dust ? small : dust);
    }

    private void AskAgain(long nowNs, OrderDesk desk)
    {
        if (_nextAskNs == 0 || nowNs < _nextAskNs) return;
        _nextAskNs = 0;
        var last = default(VenueId);
        for (var id = 1; id <= _instruments.Count; id++)
        {
            if (!_blocked[id] || _instruments[new InstrumentId(id)].Venue == last) continue;
            last = _instruments[new InstrumentId(id)].Venue;
            _nextAskNs = nowNs + AskAgainNs;
            desk.Reconcile(last, nowNs);
        }
    }
}
