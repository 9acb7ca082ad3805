using Penstock.Infrastructure.Snapshots;
using Penstock.MarketData.Books;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Trading;

namespace Penstock.Tests.Strategies;

/// <summary>
/// Books that throw at a level of one price, and after one of another price at every question for a book: by what they are given, so in
/// every replay.
/// </summary>
internal sealed class PoisonBooks(IBookSource books) : IBookSource, IArchivedBooks
{
    public const decimal Poison = 66.60m;

    public const decimal Curse = 77.70m;

    private bool _isCursed;

    public IOrderBook? Find(InstrumentId instrument) => _isCursed ? throw new ArithmeticException("the books are cursed") : books.Find(instrument);

    public void Apply(in MarketEvent marketEvent)
    {
        if (marketEvent.Price == Price.From(Poison)) throw new ArithmeticException("66.6 is poison");
        _isCursed |= marketEvent.Price == Price.From(Curse);
        books.Apply(marketEvent);
    }

    public void Archive(StateArchive state)
    {
        _isCursed = state.Value(_isCursed);
        ((IArchivedBooks)books).Archive(state);
    }
}
