using System.Globalization;

namespace Penstock.Benchmarks.Baselines;

/// <summary>
/// Our market maker's rule (<see cref="Penstock.Strategies.MarketMaking.MarketMaker"/>, its defaults) in the peer's terms: decimals, string ids,
/// quotes in a dictionary. The same requests follow from the same books.
/// </summary>
internal sealed class PeerMaker(Action<object> send)
{
    private const decimal HalfSpread = 0.0002m;
    private const decimal Skew = 0.0001m;
    private const decimal Size = 0.01m;
    private const decimal Tick = 0.01m;
    private const int RequoteTicks = 2;
    private readonly Dictionary<bool, Quote> _quotes = new() { [true] = new Quote(), [false] = new Quote() };
    private long _ids;

    public long Books { get; private set; }

    public void On(object message)
    {
        if (message is PeerMessages.BookTop top)
        {
            Books++;
            OnBook(top);
        }
        else if (message is PeerMessages.Answer answer)
        {
            OnAnswer(answer);
        }
    }

    private void OnBook(PeerMessages.BookTop top)
    {
        if (top.Bids.Length == 0 || top.Asks.Length == 0) return;
        var mid = (top.Bids[0].Price + top.Asks[0].Price) / 2;
        var fair = mid + (top.Bids.Sum(level => level.Quantity) - top.Asks.Sum(level => level.Quantity)) * Skew;
        Follow(true, Math.Floor(Math.Min(fair * (1 - HalfSpread), top.Asks[0].Price - Tick) / Tick) * Tick);
        Follow(false, Math.Ceiling(Math.Max(fair * (1 + HalfSpread), top.Bids[0].Price + Tick) / Tick) * Tick);
    }

    private void OnAnswer(PeerMessages.Answer answer)
    {
        foreach (var quote in _quotes.Values)
        {
            if (quote.Id != answer.Id || answer.IsLive) continue;
            quote.Id = null;
            quote.IsCancelPending = false;
        }
    }

    private void Follow(bool isBuy, decimal price)
    {
        var quote = _quotes[isBuy];
        if (quote.Id is null)
        {
            quote.Id = $"m{(++_ids).ToString(CultureInfo.InvariantCulture)}";
            quote.Price = price;
            send(new PeerMessages.Order(quote.Id, ChannelActors.Symbol, isBuy, price, Size));
        }
        else if (!quote.IsCancelPending && Math.Abs(quote.Price - price) >= RequoteTicks * Tick)
        {
            quote.IsCancelPending = true;
            send(new PeerMessages.Cancel(quote.Id));
        }
    }

    private sealed class Quote
    {
        public string? Id { get; set; }

        public decimal Price { get; set; }

        public bool IsCancelPending { get; set; }
    }
}
