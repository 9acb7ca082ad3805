using Penstock.Infrastructure.Journal;
using Penstock.Infrastructure.Snapshots;

namespace Penstock.Trading.Controls;

public sealed partial class TradeControls
{
    internal void Archive(StateArchive state)
    {
        Exposures.Archive(state);
        Profits.Archive(state);
        Refusals.Archive(state);
        Breakers.Archive(state);
        Venues.Archive(state);
        _moves.Archive(state);
        _volatility.Archive(state);
        _recent.Archive(state);
        _outcomes.Archive(state);
        _repeated.Archive(state);
        state.Values(_isBeyond.AsSpan());
        if (state.Version >= 3) ArchiveBreaches(state);
        state.Values(_cancels.AsSpan());
        _cancelCount = state.Value(_cancelCount);
        _history = state.Value(_history);
        state.Counters(Statistics);
    }

    private void ArchiveBreaches(StateArchive state)
    {
        state.Values(_isVenueBeyond.AsSpan());
        state.Values(_isStrategyBeyond.AsSpan());
    }

    /// <summary>Goes on in the middle of a session: where its records go from here.</summary>
    internal void Resume(IJournalAppender journal)
    {
        _journal = journal;
        Refusals.Resume(journal);
    }
}

public sealed partial class ExposureSums
{
    internal void Archive(StateArchive state)
    {
        state.Values(_midTwice.AsSpan());
        state.Values(_ofInstrument.AsSpan());
        state.Values(_ofVenue.AsSpan());
        state.Values(_ofStrategyAndInstrument.AsSpan());
        state.Values(_ofStrategy.AsSpan());
        _total = state.Value(_total);
        if (state.Version < 2) return;
        state.Values(_seen.AsSpan());
        state.Values(_seenOfStrategy.AsSpan());
        if (state.IsLoading) CountHolders();
    }

    private void CountHolders()
    {
        Array.Clear(_holders);
        for (var id = 0; id < _holders.Length; id++)
        {
            _holders[id] += _seen[id].Quantity != 0 ? 1 : 0;
            for (var index = id; index < _seenOfStrategy.Length; index += _holders.Length) _holders[id] += _seenOfStrategy[index].Quantity != 0 ? 1 : 0;
        }
    }
}

public sealed partial class RefusalLog
{
    internal void Archive(StateArchive state)
    {
        state.Values(_last.AsSpan());
        state.Values(_ofStrategy.AsSpan());
        _count = state.Value(_count);
    }

    internal void Resume(IJournalAppender journal) => _journal = journal;
}

public sealed partial class CircuitBreakers
{
    internal void Archive(StateArchive state)
    {
        state.Values(_tripped.AsSpan());
        _count = state.Value(_count);
        if (_count < 0 || _count > _tripped.Length) throw new InvalidDataException($"{_count} tripped breakers were saved, there is room for {_tripped.Length}.");
        Trips = state.Value(Trips);
    }
}

public sealed partial class VenueBreakers
{
    internal void Archive(StateArchive state) => state.Values(_breakers.AsSpan());
}

public sealed partial class PriceWindow
{
    internal void Archive(StateArchive state)
    {
        state.Values(_slices.AsSpan());
        state.Values(_extremes.AsSpan());
        if (state.Version >= 3) state.Values(_leaving.AsSpan());
    }
}

public sealed partial class OutcomeWindow
{
    internal void Archive(StateArchive state)
    {
        state.Values(_slices.AsSpan());
        (Orders, Errors) = (state.Value(Orders), state.Value(Errors));
        if (state.Version < 2) return;
        (_number, _windowMs) = (state.Value(_number), state.Value(_windowMs));
        (_fromNs, _untilNs) = (state.Value(_fromNs), state.Value(_untilNs));
        if (state.Version >= 3) _leaving = state.Value(_leaving);
    }
}

public sealed partial class RepeatedFills
{
    internal void Archive(StateArchive state)
    {
        state.Values(_added.AsSpan());
        for (var strategy = 0; strategy < _added.Length; strategy++)
        {
            var own = _ring.AsSpan(strategy * Capacity, (int)Math.Min(_added[strategy], Capacity));
            if (own.Length > 0) state.Values(own);
        }
    }
}

public sealed partial class RecentOrders
{
    /// <summary>The used part of the ring: an early session has few.</summary>
    internal void Archive(StateArchive state)
    {
        _added = state.Value(_added);
        if (_added < 0) throw new InvalidDataException($"{_added} orders were saved.");
        state.Values(_ring.AsSpan(0, (int)Math.Min(_added + 1, Capacity)));
        state.Values(_newest.AsSpan());
    }
}
