using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Testing.Matching;

namespace Penstock.Testing.Flow;

/// <summary>
/// The seeded life of one market: a mean-reverting fair price, makers who keep a ladder around it and takers who arrive at
/// random and eat from the top, so that whoever quotes near the middle is filled often. It is driven by the time it is given,
/// in whole milliseconds, in integers: the same seed and the same steps give the same market.
/// </summary>
public sealed class MarketFlow
{
    /// <summary>After a pause (a debugger, a stalled machine) no more than this is caught up in one step.</summary>
    public const long CatchUpMsMax = 1_000;

    private const long Ppm = 1_000_000;
    private const int FairShift = 16;

    private readonly MatchingEngine _engine;
    private readonly FlowOptions _options;
    private readonly SeededRandom _random;
    private readonly SeededRandom _shocks;
    private readonly SeededRandom _world;
    private readonly int _makers;
    private readonly int _takers;
    private readonly SimulatedOrder?[] _bids;
    private readonly SimulatedOrder?[] _asks;
    private readonly Int128 _start;

    // Raw price shifted left, so that steps smaller than a raw unit add up.
    private Int128 _fair;
    private Int128 _tide;
    private Int128 _shock;
    private Int128 _sway;
    private long _lastMs = -1;

    /// <param name="engine">The market to feed.</param>
    /// <param name="options">How busy.</param>
    /// <param name="seed">Everything random comes from it.</param>
    /// <param name="makers">An unlimited account of the engine's ledger.</param>
    /// <param name="takers">Another one.</param>
    /// <param name="worldSeed">Of the price that all venues with this seed share.</param>
    public MarketFlow(MatchingEngine engine, FlowOptions options, ulong seed, int makers, int takers, ulong worldSeed = 0)
    {
        _engine = engine;
        _options = options;
        _random = new SeededRandom(seed);
        _shocks = new SeededRandom(~seed);
        _world = new SeededRandom(worldSeed);
        _makers = makers;
        _takers = takers;
        _bids = new SimulatedOrder?[options.Levels];
        _asks = new SimulatedOrder?[options.Levels];
        _start = _fair = (Int128)engine.Instrument.StartPrice.Raw << FairShift;
    }

    /// <summary>What the makers believe the price is; raw.</summary>
    public Price FairPrice => new((long)((_fair + _tide + _shock + _sway) >> FairShift));

    /// <summary>How many times as many actions as the options say.</summary>
    public int Speed { get; set; } = 1;

    /// <summary>Lets the market live until <paramref name="nowNs"/>. Returns the orders and cancels made.</summary>
    public int Step(long nowNs)
    {
        var nowMs = nowNs / 1_000_000;
        if (_lastMs < 0)
        {
            _lastMs = nowMs;
            return FillLadder(nowNs);
        }

        var actions = 0;
        for (_lastMs = Math.Max(_lastMs, nowMs - CatchUpMsMax); _lastMs < nowMs; _lastMs++) actions += StepOneMs(nowNs);
        return actions;
    }

    private int FillLadder(long nowNs)
    {
        for (var level = 0; level < _options.Levels; level++)
        {
            Requote(_bids, Side.Buy, level, nowNs);
            Requote(_asks, Side.Sell, level, nowNs);
        }

        return _options.Levels * 2;
    }

    private int StepOneMs(long nowNs)
    {
        MoveFairPrice();
        var actions = 0;
        for (var n = Occurrences(_options.MakerActionsPerSecond * Speed); n > 0; n--, actions++)
        {
            var isBid = _random.Below(2) == 0;
            Requote(isBid ? _bids : _asks, isBid ? Side.Buy : Side.Sell, PickLevel(), nowNs);
        }

        for (var n = Occurrences(_options.TakerOrdersPerSecond * Speed); n > 0; n--, actions++) Take(nowNs);
        return actions;
    }

    private void MoveFairPrice()
    {
        if (_options.VolatilityPpb > 0) _fair += _start * _random.Normal(_options.VolatilityPpb) / 1_000_000_000;
        _fair += (_start - _fair) * _options.ReversionPpm / Ppm / 1_000;
        if (_options.TidePpb > 0) _tide += _start * _world.Normal(_options.TidePpb) / 1_000_000_000 - _tide * _options.ReversionPpm / Ppm / 1_000;
        if (_options.ShocksPerMinute > 0) Push();
        if (_options.SwayPpm > 0) Sway();
    }

    /// <summary>Each step adds so much that the deviation comes to what was asked for: deviation² = step² × time constant / 2.</summary>
    private void Sway()
    {
        var step = (long)(_options.SwayPpm * 1_000L * Math.Sqrt(2.0 / _options.SwayMs));
        _sway += _start * _shocks.Normal(step) / 1_000_000_000 - _sway / _options.SwayMs;
    }

    private void Push()
    {
        _shock -= _shock / _options.ShockMs;
        if (_shocks.Below(60_000) >= _options.ShocksPerMinute) return;
        var reach = _start * _options.ShockPpm / Ppm;
        _shock = _shocks.Below(2) == 0 ? reach : -reach;
    }

    private long Occurrences(int perSecond) => perSecond / 1_000 + (_random.Chance(perSecond % 1_000 * 1_000L) ? 1 : 0);

    /// <summary>The top of the book changes most: half of all actions are on a quarter of the rest, and so on.</summary>
    private int PickLevel()
    {
        var span = (long)_options.Levels;
        while (span > 4 && _random.Below(2) == 0) span /= 2;
        return (int)_random.Below(span);
    }

    private void Requote(SimulatedOrder?[] ladder, Side side, int level, long nowNs)
    {
        if (ladder[level] is { } old) _engine.Cancel(old, nowNs);
        var distance = FairPrice.Raw * (_options.HalfSpreadPpm + (long)level * _options.LevelSpacingPpm) / Ppm;
        var tick = _engine.Instrument.Tick;
        var price = side == Side.Buy
            ? new Price(FairPrice.Raw - distance).FloorTo(tick)
            : new Price(FairPrice.Raw + distance).CeilingTo(tick);
        if (!price.IsPositive) return;
        var order = _engine.Submit(new OrderTicket
        {
            Account = _makers, ClientId = "", Side = side, Type = OrderType.Limit, TimeInForce = TimeInForce.GoodTillCancel,
            SelfTradeAllowed = true, Price = price, Quantity = SomeQuantity(1 + level / 8),
        }, nowNs, out _);
        ladder[level] = order.IsOpen ? order : null;
    }

    private void Take(long nowNs)
    {
        var side = _random.Below(2) == 0 ? Side.Buy : Side.Sell;
        var reach = FairPrice.Raw * (_options.HalfSpreadPpm * 3L + _options.LevelSpacingPpm * 4L) / Ppm;
        var limit = side == Side.Buy
            ? new Price(FairPrice.Raw + reach).CeilingTo(_engine.Instrument.Tick)
            : new Price(FairPrice.Raw - reach).FloorTo(_engine.Instrument.Tick);
        if (!limit.IsPositive) return;
        // One in eight is a sweep through several levels.
        _engine.Submit(new OrderTicket
        {
            Account = _takers, ClientId = "", Side = side, Type = OrderType.Limit, TimeInForce = TimeInForce.ImmediateOrCancel,
            SelfTradeAllowed = true, Price = limit, Quantity = SomeQuantity(_random.Below(8) == 0 ? 6 : 1),
        }, nowNs, out _);
    }

    /// <summary>Between half and one and a half times the typical quantity, times <paramref name="times"/>, in whole lots.</summary>
    private Quantity SomeQuantity(int times)
    {
        var typical = _engine.Instrument.TypicalQuantity.Raw;
        var raw = (typical / 2 + _random.Below(typical)) * times;
        var quantity = new Quantity(raw).FloorTo(_engine.Instrument.Lot);
        return quantity.Raw >= _engine.Instrument.QuantityMin.Raw ? quantity : _engine.Instrument.QuantityMin;
    }
}
