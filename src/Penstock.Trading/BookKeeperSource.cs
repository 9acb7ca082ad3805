using Penstock.Infrastructure.Snapshots;
using Penstock.MarketData.Books;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;

namespace Penstock.Trading;

/// <summary>The engine's own books, kept from the events it is given.</summary>
public sealed class BookKeeperSource(BookKeeper keeper) : IBookSource, IArchivedBooks
{
    public IOrderBook? Find(InstrumentId instrument) => keeper[instrument];

    public void Apply(in MarketEvent marketEvent) => keeper.Apply(in marketEvent);

    public void Archive(StateArchive state) => keeper.Archive(state);
}
