using Penstock.Model.Instruments;

namespace Penstock.MarketData.Books;

/// <summary>Which form of book an instrument gets.</summary>
public static class BookFactory
{
    /// <summary>
    /// Tick-indexed where the venue told the tick, sorted arrays otherwise (an instrument discovered in a recording has no
    /// base asset and only a placeholder tick).
    /// </summary>
    public static OrderBook Choose(Instrument instrument) =>
        !instrument.Base.IsEmpty && FlatBook.IsUsableTick(instrument.Tick)
            ? new FlatBook(instrument.Id, instrument.Tick)
            : new SortedArrayBook(instrument.Id);
}
