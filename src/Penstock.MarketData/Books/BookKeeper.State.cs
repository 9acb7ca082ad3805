using Penstock.Infrastructure.Snapshots;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;

namespace Penstock.MarketData.Books;

public sealed partial class BookKeeper
{
    /// <summary>Every book that exists, by its levels; how a book keeps them is its own affair.</summary>
    public void Archive(StateArchive state)
    {
        state.Values(_staleVenues.AsSpan());
        UnknownInstruments = state.Value(UnknownInstruments);
        var ids = state.List<int>(Present());
        foreach (var id in ids)
        {
            if (!instruments.Contains(new InstrumentId(id))) throw new InvalidDataException($"There is no instrument {id}.");
            (_books[id] ??= Create(new InstrumentId(id))!).Archive(state);
        }
    }

    private int[] Present() => [.. Enumerable.Range(0, _books.Length).Where(i => _books[i] is not null)];
}

public abstract partial class OrderBook
{
    internal void Archive(StateArchive state)
    {
        ArchiveLevels(Side.Buy, state);
        ArchiveLevels(Side.Sell, state);
        _loading = state.Value(_loading);
        _connectionEpoch = state.Value(_connectionEpoch);
        Flags = state.Value(Flags);
        IsConsistent = state.Value(IsConsistent);
        LastUpdateId = state.Value(LastUpdateId);
        LastReceived = state.Value(LastReceived);
        LevelOverflows = state.Value(LevelOverflows);
    }

    private void ArchiveLevels(Side side, StateArchive state)
    {
        var levels = new BookLevel[state.IsLoading ? 0 : Count(side)];
        CopyTop(side, levels);
        foreach (var level in state.List<BookLevel>(levels))
        {
            if (state.IsLoading) SetLevel(side, level.Price.Raw, level.Quantity.Raw);
        }
    }
}
