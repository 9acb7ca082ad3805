using Penstock.Infrastructure.Snapshots;
using Penstock.MarketData.Books;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;

namespace Penstock.Trading;

/// <summary>The books as trading sees them: rebuilt from the same recorded events, so a replay sees the same ones.</summary>
public interface IBookSource
{
    /// <summary>Null for an instrument without a book. Allocates nothing.</summary>
    IOrderBook? Find(InstrumentId instrument);

    void Apply(in MarketEvent marketEvent);
}

/// <summary>Books whose state a snapshot can hold. A source without it takes part in no snapshot.</summary>
public interface IArchivedBooks
{
    void Archive(StateArchive state);
}
