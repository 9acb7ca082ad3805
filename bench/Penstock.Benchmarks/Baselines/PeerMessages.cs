using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Benchmarks.Baselines;

/// <summary>What the actors of the rebuilt peer (<see cref="ChannelActors"/>) say to each other: an object each, as such platforms do.</summary>
internal static class PeerMessages
{
    internal sealed record DepthUpdate(string Symbol, long Sequence, List<PriceLevel> Bids, List<PriceLevel> Asks);

    /// <summary>Best levels of both sides, copied: the next update changes the book while the strategy reads.</summary>
    internal sealed record BookTop(string Symbol, PriceLevel[] Bids, PriceLevel[] Asks);

    internal sealed record Order(string Id, string Symbol, bool IsBuy, decimal Price, decimal Quantity);

    internal sealed record Cancel(string Id);

    internal sealed record Answer(string Id, bool IsLive);

    internal sealed record Fill(Order Order, long Trade, decimal Price, decimal Quantity, decimal Fee);

    internal sealed record Mid(string Symbol, decimal Price);

    internal sealed record End
    {
        public static End Instance { get; } = new();
    }

    internal readonly record struct PriceLevel(decimal Price, decimal Quantity);

    /// <summary>A depth message's levels as decimals, made before the clock starts: decoding is charged to neither side.</summary>
    internal sealed record Levels(PriceLevel[] Bids, PriceLevel[] Asks)
    {
        public static Levels From(MarketEvent[] message) => new(Of(message, Side.Buy), Of(message, Side.Sell));

        private static PriceLevel[] Of(MarketEvent[] message, Side side) =>
            [.. message.Where(level => level.Side == side).Select(level => new PriceLevel(Decimal(level.Price.Raw), Decimal(level.Quantity.Raw)))];

        private static decimal Decimal(long raw) => (decimal)raw / FixedPoint.Scale;
    }
}
