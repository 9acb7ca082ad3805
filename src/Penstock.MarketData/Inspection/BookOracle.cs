using Penstock.MarketData.Books;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;

namespace Penstock.MarketData.Inspection;

/// <summary>
/// The venue's own best bid and ask as a witness: wherever a best bid/ask carries the very update id the book has just
/// reached (Binance), price and size of both sides have to be equal.
/// </summary>
internal sealed class BookOracle
{
    private readonly Dictionary<InstrumentId, Witness> _witnesses = [];

    public long Right { get; private set; }

    public long Wrong { get; private set; }

    private sealed class Witness
    {
        /// <summary>Best bid/ask since the last delta, by update id.</summary>
        public readonly Dictionary<long, (MarketEvent Bid, MarketEvent Ask)> Waiting = [];

        public long BookId;
        public bool Bridged;
    }

    public void OnSnapshot(InstrumentId instrument, long updateId)
    {
        var witness = WitnessOf(instrument);
        witness.BookId = updateId;
        witness.Bridged = false;
    }

    public void OnDelta(InstrumentId instrument, long updateId, IOrderBook book)
    {
        var witness = WitnessOf(instrument);
        witness.BookId = updateId;
        witness.Bridged = true;
        if (witness.Waiting.TryGetValue(updateId, out var best)) Compare(book, best.Bid, best.Ask);
        witness.Waiting.Clear();
    }

    public void OnBest(in MarketEvent bid, in MarketEvent ask, IOrderBook? book)
    {
        if (bid.UpdateId == 0) return;
        var witness = WitnessOf(bid.Instrument);
        witness.Waiting[bid.UpdateId] = (bid, ask);
        if (witness.Bridged && witness.BookId == bid.UpdateId && book is not null) Compare(book, bid, ask);
    }

    private void Compare(IOrderBook book, in MarketEvent bid, in MarketEvent ask)
    {
        var equal = book.TryBest(Side.Buy, out var ownBid) && book.TryBest(Side.Sell, out var ownAsk)
            && ownBid == new BookLevel(bid.Price, bid.Quantity) && ownAsk == new BookLevel(ask.Price, ask.Quantity);
        if (equal) Right++;
        else Wrong++;
    }

    private Witness WitnessOf(InstrumentId instrument)
    {
        if (!_witnesses.TryGetValue(instrument, out var witness)) _witnesses[instrument] = witness = new Witness();
        return witness;
    }
}
