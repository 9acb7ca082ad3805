namespace Penstock.Benchmarks.Baselines;

/// <summary>The peer's book: two sorted dictionaries of decimals, the best levels copied out for whoever asks.</summary>
internal sealed class PeerBook
{
    private const int TopLevels = 5;
    private readonly SortedDictionary<decimal, decimal> _bids = new(Comparer<decimal>.Create((a, b) => b.CompareTo(a)));
    private readonly SortedDictionary<decimal, decimal> _asks = [];

    public void Apply(PeerMessages.DepthUpdate update)
    {
        foreach (var level in update.Bids) Apply(_bids, level);
        foreach (var level in update.Asks) Apply(_asks, level);
    }

    public PeerMessages.BookTop Top() => new(ChannelActors.Symbol, Top(_bids), Top(_asks));

    private static void Apply(SortedDictionary<decimal, decimal> side, PeerMessages.PriceLevel level)
    {
        if (level.Quantity == 0) side.Remove(level.Price);
        else side[level.Price] = level.Quantity;
    }

    private static PeerMessages.PriceLevel[] Top(SortedDictionary<decimal, decimal> side)
    {
        var top = new PeerMessages.PriceLevel[Math.Min(TopLevels, side.Count)];
        var count = 0;
        foreach (var (price, quantity) in side)
        {
            top[count++] = new PeerMessages.PriceLevel(price, quantity);
            if (count == top.Length) break;
        }

        return top;
    }
}
