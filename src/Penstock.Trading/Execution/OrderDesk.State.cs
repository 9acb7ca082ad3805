using System.Runtime.InteropServices;
using Penstock.Infrastructure.Journal;
using Penstock.Infrastructure.Snapshots;
using Penstock.Model.Orders;
using Penstock.Trading.Orders;
using Penstock.Trading.Risk;

namespace Penstock.Trading.Execution;

public sealed partial class OrderDesk
{
    /// <summary>Goes on with the loaded state in the middle of a session: where its outputs go from here.</summary>
    public void Resume(IJournalAppender journal, IOrderOutbox outbox)
    {
        (_journal, _outbox) = (journal, outbox);
        Controls.Resume(journal);
    }

    /// <summary>Its own state and that of everything it holds, a part each.</summary>
    public void Archive(StateArchive state)
    {
        state.Part("desk", 3, ArchiveOwn);
        state.Part("orders", 3, Orders.Archive);
        state.Part("risk", 1, Risk.Archive);
        state.Part("positions", 3, Positions.Archive);
        state.Part("venues", 2, Venues.Archive);
        state.Part("rates", 1, Rates.Archive);
        state.Part("controls", 3, Controls.Archive);
        state.Part("care", 2, ArchiveCare);
    }

    /// <summary>The journal could not take the intent: the order ends here, for what is not written must not leave (I1).</summary>
    private PlaceResult NotWritten(Order order, long nowNs)
    {
        var report = new ExecutionReport
        {
            Kind = ExecutionKind.NotSent, ClientOrderId = order.ClientOrderId, Instrument = order.Instrument, Side = order.Side,
            Venue = order.Venue, Reason = RejectReason.Transient,
        };
        Orders.Apply(report, nowNs, out _);
        Add(ref _ended, order);
        return new PlaceResult(default, Risk.Refused(RiskRule.CancelOnly, 1, 0));
    }

    private void ArchiveOwn(StateArchive state)
    {
        state.Values(_status.AsSpan());
        _outputs = state.Value(_outputs);
        _session = state.Value(_session);
        _sequence = state.Value(_sequence);
        _nowNs = state.Value(_nowNs);
        if (state.Version >= 2) state.Values(_closesNs.AsSpan());
        if (state.Version >= 3) _ended = state.Value(_ended);
    }

    /// <summary>What the engine does to orders by itself.</summary>
    private void ArchiveCare(StateArchive state)
    {
        _held.Archive(state);
        _parents.Archive(state);
        _fundings.Archive(state);
        _nextExpiryNs = state.Value(_nextExpiryNs);
        (_hasReduceOnly, _hasTriggered) = (state.Value(_hasReduceOnly), state.Value(_hasTriggered));
        var told = state.List<LocalEvent>(CollectionsMarshal.AsSpan(Told));
        if (state.IsLoading) Told.AddRange(told);
        if (state.Version >= 2) _unixAtZeroNs = state.Value(_unixAtZeroNs);
    }
}

public sealed partial class VenueReconciliation
{
    internal void Archive(StateArchive state)
    {
        state.Values(_resolved.AsSpan());
        state.Values(_begun.AsSpan());
        state.Values(_lastFill.AsSpan());
        state.Values(_begunNs.AsSpan());
        _marks = state.Value(_marks);
        _nextMissingNs = state.Value(_nextMissingNs);
        _missingSinceNs = state.Value(_missingSinceNs);
        state.Values(_blocked.AsSpan());
        state.Values(_compared.AsSpan());
        _nextAskNs = state.Value(_nextAskNs);
        if (state.Version < 2) return;
        state.Values(_distrusted.AsSpan());
        state.Values(_isDistrusted.AsSpan());
        _distrustedCount = state.Value(_distrustedCount);
    }
}

public sealed partial class VenueOrderRates
{
    /// <summary>Which venues are limited is part of the setup; what they used is state.</summary>
    internal void Archive(StateArchive state)
    {
        foreach (var limiter in _limiters) limiter?.Archive(state);
    }
}
