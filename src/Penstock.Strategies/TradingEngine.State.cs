using Penstock.Infrastructure.Journal;
using Penstock.Infrastructure.Snapshots;
using Penstock.Model.Orders;
using Penstock.Trading;
using Penstock.Trading.Execution;

namespace Penstock.Strategies;

/// <summary>The whole state between two inputs, for a snapshot (R157). The setup is not in it: an engine of the same setup takes it in.</summary>
public sealed partial class TradingEngine
{
    /// <summary>Saves everything that decides what comes next, a part each.</summary>
    /// <exception cref="NotSupportedException">The books have no state to save.</exception>
    public void Save(StateArchive state) => Archive(state);

    /// <summary>
    /// Takes the state in and goes on in the middle of its session. Only for an engine that never began one. Strategies are
    /// started first, into the void: what they do at their start is in the state already.
    /// </summary>
    /// <exception cref="InvalidDataException">The state is of another setup or of a newer build; the engine is of no use any more.</exception>
    public void Load(StateArchive state, IJournalAppender journal, IOrderOutbox outbox)
    {
        if (Session != 0) throw new InvalidOperationException("State is loaded into a new engine only.");
        _journal = TheVoid.Instance;
        Desk.Resume(TheVoid.Instance, TheVoid.Instance);
        foreach (var runner in _runners) runner.LoadVersion(state, _versions);
        Calls.At(1, -1); // as when they were first started
        foreach (var runner in _runners) runner.Start();
        Archive(state);
        Calls.At(Session, _sessionInputs);
        Calls.TakeSkipped();
        _journal = journal;
        Desk.Resume(journal, outbox);
    }

    private void Archive(StateArchive state)
    {
        if (_books is not IArchivedBooks books) throw new NotSupportedException($"{_books.GetType().Name} cannot be part of a snapshot.");
        state.Part("engine", 1, ArchiveOwn);
        state.Part("books", 1, books.Archive);
        Desk.Archive(state);
        _hasParentNews = HasParentNews();
        state.Part("commands", 1, _orderCommands.Archive);
        state.Part("audit", 1, ArchiveAudit);
        state.Part("unknown-orders", 1, ArchiveUnknown); // after the orders it names
        foreach (var runner in _runners) runner.Archive(state);
        ArchiveSwaps(state);
        ArchiveFaults(state);
        if (state.IsLoading) state.RequireAllLoaded();
    }

    private void ArchiveOwn(StateArchive state)
    {
        if (state.Value(_instruments.Count) != _instruments.Count || state.Value(_runners.Length) != _runners.Length)
            throw new InvalidDataException("The state is of an engine with other instruments or strategies.");
        Session = state.Value(Session);
        _sessionInputs = state.Value(_sessionInputs);
        _nextSweepNs = state.Value(_nextSweepNs);
        (_clock.NowNs, _clock.TriggerNs) = (state.Value(_clock.NowNs), state.Value(_clock.TriggerNs));
        state.Counters(Statistics);
    }

    private void ArchiveUnknown(StateArchive state)
    {
        var ids = state.List<ClientOrderId>(_becameUnknown.Select(o => o.ClientOrderId).ToArray());
        if (!state.IsLoading) return;
        _becameUnknown.Clear();
        foreach (var id in ids)
        {
            if (Orders.Find(id) is { } order) _becameUnknown.Add(order);
        }
    }
}
