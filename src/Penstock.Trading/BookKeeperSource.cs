using Penstock.MarketData.Books;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;

namespace Penstock.Trading;

/// <summary>The engine's own books, kept from the events it is given.</summary>
public sealed class BookKeeperSource(BookKeeper keeper) : IBookSource
{
    public IOrderBook? Find(InstrumentId instrument) => keeper[instrument];

    public void Apply(in MarketEvent marketEvent) => keeper.Apply(in marketEvent);
}
