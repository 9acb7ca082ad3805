using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Benchmarks.Rig;

/// <summary>
/// Depth messages of one market whose middle walks: eighteen level changes each, four of five in the top twenty, a third of them deletes, the
/// same for every seed. The best prices stay a tick apart; what the walk passes is deleted.
/// </summary>
internal sealed class MarketWalk
{
    public const int LevelsPerMessage = 18;

    /// <summary>0.01, in raw units.</summary>
    public const long TickRaw = 1_000_000;

    private const int Reach = 300;
    private readonly Random _random;
    private long _bidTicks = 6_000_000;

    public MarketWalk(int seed, InstrumentId instrument, VenueId venue, int messages)
    {
        _random = new Random(seed);
        Messages = new MarketEvent[messages][];
        for (var i = 0; i < messages; i++) Messages[i] = Next(instrument, venue);
    }

    public MarketEvent[][] Messages { get; }

    private MarketEvent[] Next(InstrumentId instrument, VenueId venue)
    {
        var message = new MarketEvent[LevelsPerMessage];
        var filled = Walk(message);
        while (filled < message.Length)
        {
            var depth = _random.Next(5) == 0 ? _random.Next(20, Reach) : _random.Next(20);
            var isDeleted = depth > 0 && _random.Next(100) < 35;
            message[filled++] = Level(_random.Next(2) == 0 ? Side.Buy : Side.Sell, depth, isDeleted ? 0 : _random.Next(1, 300) * 1_000_000L);
        }

        for (var i = 0; i < message.Length; i++)
        {
            message[i].Kind = MarketEventKind.BookDelta;
            message[i].Instrument = instrument;
            message[i].Venue = venue;
            message[i].Flags = i == 0 ? MarketEventFlags.FirstOfMessage : i == message.Length - 1 ? MarketEventFlags.LastOfMessage : 0;
        }

        return message;
    }

    /// <summary>Every tenth message or so the middle moves a tick: the level it passes goes, both best prices are set anew.</summary>
    private int Walk(MarketEvent[] message)
    {
        if (_random.Next(10) != 0) return 0;
        var isUp = _bidTicks <= 6_000_000 - Reach / 2 || (_bidTicks < 6_000_000 + Reach / 2 && _random.Next(2) == 0);
        message[0] = Level(isUp ? Side.Sell : Side.Buy, 0, 0);
        _bidTicks += isUp ? 1 : -1;
        message[1] = Level(Side.Buy, 0, 100_000_000);
        message[2] = Level(Side.Sell, 0, 100_000_000);
        return 3;
    }

    private MarketEvent Level(Side side, int depth, long quantityRaw) => new()
    {
        Side = side, Price = new Price((side == Side.Buy ? _bidTicks - depth : _bidTicks + 1 + depth) * TickRaw), Quantity = new Quantity(quantityRaw),
    };
}
