using Penstock.MarketData.Books;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Trading;

namespace Penstock.Strategies.Paper;

/// <summary>The engine's books, to look at: they are kept by the engine.</summary>
internal sealed class EngineBooks(TradingEngine engine) : IBookSource
{
    public IOrderBook? Find(InstrumentId instrument) => engine.BookOf(instrument);

    public void Apply(in MarketEvent marketEvent) => throw new NotSupportedException("The engine keeps its books itself.");
}
