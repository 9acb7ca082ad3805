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

    private readonly bool[] _blocked;
    private readonly bool[] _compared = new bool[VenuesMax];
    private long _nextAskNs;

    /// <summary>
    /// What the venue holds differs from what our recovered ledger says, and nobody has approved it yet (R157): somebody traded
    /// or moved money while we were away.
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
            _blocked[id] = IsReal(instrument, positions);
            if (_blocked[id]) _nextAskNs = nowNs + AskAgainNs;
        }
    }

    /// <summary>A person takes the venue's word. False when nothing was blocked.</summary>
    public bool Approve(InstrumentId instrument, PositionKeeper positions)
    {
        if (!_blocked[instrument.Value]) return false;
        _blocked[instrument.Value] = false;
        positions.TakeVenuesBalances(instrument);
        return true;
    }

    /// <summary>Blocks decide which orders may leave; a state without any has the hash it had before there were blocks.</summary>
    internal void Add(ref StateHasher hash)
    {
        for (var id = 1; id < _blocked.Length; id++)
        {
            if (_blocked[id]) hash.Add(id, (long)EngineCommandKind.ApproveDifference, 1);
        }
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
