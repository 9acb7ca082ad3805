using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.Tests.MarketData.Books;

/// <summary>
/// Messages as a hostile market might send them: mostly near the mid; sometimes far, off the tick, huge, unknown deletes,
/// snapshots, invalidations, silence, and leaps that push the market out of any window.
/// </summary>
internal sealed class BookEventSource(int seed, long tick)
{
    private readonly Random _random = new(seed);
    private readonly MarketEvent[] _events = new MarketEvent[64];
    private long _midTicks = Math.Min(200_000, long.MaxValue / 4 / tick);
    private bool _started;

    public Span<MarketEvent> NextMessage()
    {
        var roll = _random.Next(1000);
        if (_started && roll < 5) return One(new MarketEvent { Kind = MarketEventKind.BookInvalid });
        if (_started && roll < 10)
            return One(new MarketEvent { Kind = MarketEventKind.FeedHealth, Flags = roll < 7 ? MarketEventFlags.Stale : MarketEventFlags.None });
        if (roll < 20) _midTicks = Math.Clamp(_midTicks + _random.Next(-90_000, 90_000), 1_000, long.MaxValue / 4 / tick);
        else _midTicks = Math.Max(1_000, _midTicks + _random.Next(-2, 3));

        var isSnapshot = !_started || roll is >= 20 and < 30;
        _started = true;
        var count = isSnapshot ? _random.Next(1, 60) : _random.Next(1, 8);
        for (var i = 0; i < count; i++) _events[i] = Level(isSnapshot ? MarketEventKind.BookSnapshot : MarketEventKind.BookDelta);
        _events[0].Flags |= MarketEventFlags.FirstOfMessage;
        _events[count - 1].Flags |= MarketEventFlags.LastOfMessage;
        return _events.AsSpan(0, count);
    }

    private Span<MarketEvent> One(MarketEvent e)
    {
        _events[0] = e;
        _events[0].Instrument = new InstrumentId(1);
        return _events.AsSpan(0, 1);
    }

    private MarketEvent Level(MarketEventKind kind)
    {
        var side = _random.Next(2) == 0 ? Side.Buy : Side.Sell;
        var away = _random.Next(100) switch
        {
            < 80 => _random.Next(1, 20),
            < 95 => _random.Next(1, 900),
            _ => _random.Next(1, 400_000),
        };
        var ticks = Math.Max(1, side == Side.Buy ? _midTicks - away : _midTicks + away);
        var price = ticks > long.MaxValue / 2 / tick ? long.MaxValue / 2 : ticks * tick;
        switch (_random.Next(500))
        {
            case 0: price = long.MaxValue - _random.Next(3); break;
            case 1: price = 1 + _random.Next(3); break;
            case 2: price += 1; break;
        }

        return new MarketEvent
        {
            Kind = kind, Side = side, Instrument = new InstrumentId(1), Price = new Price(price),
            Quantity = new Quantity(_random.Next(100) < 35 ? 0 : _random.Next(1, 1_000_000)),
        };
    }
}
