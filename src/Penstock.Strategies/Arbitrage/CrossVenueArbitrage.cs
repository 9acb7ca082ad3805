using System.Globalization;
using Penstock.Infrastructure.Snapshots;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Strategies;
using Penstock.Strategies.Arbitrage;
using Penstock.Strategies.Legs;

[assembly: Strategy<CrossVenueArbitrage>("arbitrage")]

namespace Penstock.Strategies.Arbitrage;

/// <summary>
/// Buys where a pair is cheap and sells where it is dear, at the same moment, when the difference pays both taker fees and the
/// edge asked for (R98). Give it the same pair on two to ten venues.
/// <para>
/// The two orders are immediate-or-cancel at the prices seen. What they came to is read from the positions: their sum over all venues
/// should be zero, and whatever it is beyond the smallest order is a leg left alone, hedged on the venue with the best price
/// before anything else is done. After <see cref="ArbitrageConfig.HedgesMax"/> hedges that changed nothing it takes no more until it is even. No
/// state but positions and the orders that are out, so a restart continues where it was. A venue whose book is not tradable is not used;
/// an order whose outcome is UNKNOWN holds everything back until the venue has told.
/// </para>
/// </summary>
[Trades(InstrumentGrouping.SamePair)]
public sealed class CrossVenueArbitrage : Strategy<ArbitrageConfig>
{
    private TakerLeg[] _legs = [];
    private Bps[] _fees = [];
    private Quantity _size;
    private Quantity _inventoryMax;
    private long _hedgeMinRaw;
    private Bps _hedgeReach;
    private long _edgeRaw;
    private long _unwindEdgeRaw;
    private long _pauseUntilNs;
    private long _lastImbalanceRaw;
    private bool _isHedging;

    /// <summary>Pairs of orders sent.</summary>
    public long Trades { get; private set; }

    /// <summary>Orders sent to even out a leg left alone.</summary>
    public long Hedges { get; private set; }

    /// <summary>Hedges in a row that changed nothing.</summary>
    public int HedgesFailed { get; private set; }

    protected override void OnStart()
    {
        _legs = [.. Context.Instruments.Select(i => new TakerLeg(Context, i))];
        if (_legs.Length < 2) throw new ArgumentException("Arbitrage needs the same pair on at least two venues.");
        if (_legs.Any(l => !l.Instrument.Base.Equals(_legs[0].Instrument.Base) || !l.Instrument.Quote.Equals(_legs[0].Instrument.Quote)))
            throw new ArgumentException("The instruments of an arbitrage must be the same pair.");
    }

    protected override void OnConfigured()
    {
        var fees = (Config.FeesBps ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        _fees = [.. _legs.Select((leg, i) => i < fees.Length ? Bps.From(decimal.Parse(fees[i], CultureInfo.InvariantCulture)) : FeeOf(leg))];
        _size = Rounded(Config.Size);
        _inventoryMax = Rounded(Config.InventoryMax);
        _hedgeMinRaw = Rounded(Config.Size * Config.HedgeMinBps / 10_000m).Raw;
        _hedgeReach = Bps.From(Config.HedgeReachBps);
        _edgeRaw = Bps.From(Config.EdgeBps).Raw;
        _unwindEdgeRaw = Bps.From(Config.UnwindEdgeBps).Raw;
    }

    /// <summary>A venue nobody gave a fee for costs what the configuration assumes, never nothing.</summary>
    private Bps FeeOf(TakerLeg leg) => Context.Fees(leg.Instrument.Id).Taker is { Raw: not 0 } taker ? taker : Bps.From(Config.TakerFeeBps);

    protected override int StateVersion => 1;

    protected override void OnState(StateArchive state)
    {
        foreach (var leg in _legs) leg.Archive(state);
        (_pauseUntilNs, _lastImbalanceRaw, _isHedging) = (state.Value(_pauseUntilNs), state.Value(_lastImbalanceRaw), state.Value(_isHedging));
        (Trades, Hedges, HedgesFailed) = (state.Value(Trades), state.Value(Hedges), state.Value(HedgesFailed));
    }

    protected override void OnSession() => _pauseUntilNs = 0;

    protected override void OnBook(in BookView book) => Act();

    protected override void OnOrder(in OrderEvent order) => Act();

    protected override void OnTimer(MonotonicTime now) => Act();

    private void Act()
    {
        foreach (var leg in _legs)
        {
            if (leg.IsOpen) return;
        }

        if (Now.Ns < _pauseUntilNs) return;
        var imbalance = Imbalance();
        if (IsLegAlone(imbalance))
        {
            Hedge(imbalance);
            return;
        }

        if (IsSettled(imbalance))
        {
            _isHedging = false;
            HedgesFailed = 0;
        }

        TakeBest();
    }

    /// <summary>Σ of the positions: zero when every leg found its other one.</summary>
    private Quantity Imbalance()
    {
        long sum = 0;
        foreach (var leg in _legs) sum += leg.Held.Raw;
        return new Quantity(sum);
    }

    /// <summary>Too much to be fees taken in the base asset or a rest below the smallest order of every venue.</summary>
    private bool IsLegAlone(Quantity imbalance)
    {
        if (Math.Abs(imbalance.Raw) < _hedgeMinRaw) return false;
        foreach (var leg in _legs)
        {
            var book = leg.Book;
            if (book.IsTradable && Math.Abs(imbalance.Raw) >= leg.Least(book.Mid).Raw + leg.Instrument.Lot.Raw) return true;
        }

        return false;
    }

    /// <summary>
    /// Nothing is left to hedge. A leg that none of the books can take just now is still alone: its failures are not forgotten because the
    /// venue that refused it, or the only one that takes so little, went quiet.
    /// </summary>
    private bool IsSettled(Quantity imbalance)
    {
        if (!Context.IsFormat5 || Math.Abs(imbalance.Raw) < _hedgeMinRaw) return true;
        foreach (var leg in _legs)
        {
            if (!leg.Book.IsTradable && Math.Abs(imbalance.Raw) >= leg.Least(default).Raw + leg.Instrument.Lot.Raw) return false;
        }

        return true;
    }

    private void Hedge(Quantity imbalance)
    {
        if (_isHedging && imbalance.Raw == _lastImbalanceRaw) HedgesFailed++;
        _isHedging = true;
        _lastImbalanceRaw = imbalance.Raw;
        var side = imbalance.Raw > 0 ? Side.Sell : Side.Buy;
        var best = BestFor(side, new Quantity(Math.Abs(imbalance.Raw)));
        Pause(HedgesFailed);
        if (best < 0 || !_legs[best].Take(side, new Quantity(Math.Abs(imbalance.Raw)), _hedgeReach)) return;
        Hedges++;
    }

    /// <summary>The venue with the best price after its fee that takes the quantity; −1 when there is none.</summary>
    private int BestFor(Side side, Quantity quantity)
    {
        var best = -1;
        long bestRaw = 0;
        for (var i = 0; i < _legs.Length; i++)
        {
            var book = _legs[i].Book;
            if (!book.IsTradable || quantity < _legs[i].Least(book.Mid)) continue;
            var net = side == Side.Buy ? -(book.Ask.Price + _fees[i]).Raw : (book.Bid.Price - _fees[i]).Raw;
            if (best >= 0 && net <= bestRaw) continue;
            (best, bestRaw) = (i, net);
        }

        return best;
    }

    private void TakeBest()
    {
        if (HedgesFailed >= Config.HedgesMax) return;
        var (buy, sell) = (-1, -1);
        var bestBps = long.MinValue;
        for (var i = 0; i < _legs.Length; i++)
        {
            for (var k = 0; k < _legs.Length; k++)
            {
                if (i == k || !TryEdge(i, k, out var edge) || edge <= bestBps) continue;
                (buy, sell, bestBps) = (i, k, edge);
            }
        }

        if (buy >= 0) Take(buy, sell);
    }

    /// <summary>What buying at one venue and selling at the other leaves after fees, in raw bps; false when it is not enough.</summary>
    private bool TryEdge(int buy, int sell, out long edgeRaw)
    {
        edgeRaw = 0;
        var cheap = _legs[buy].Book;
        var dear = _legs[sell].Book;
        if (!cheap.IsTradable || !dear.IsTradable || dear.Bid.Price <= cheap.Ask.Price) return false;
        var paid = (cheap.Ask.Price + _fees[buy]).Raw;
        var got = (dear.Bid.Price - _fees[sell]).Raw;
        edgeRaw = (long)((Int128)(got - paid) * 10_000 * FixedPoint.Scale / paid);
        var unwinds = _legs[buy].Held.Raw < 0 && _legs[sell].Held.Raw > 0;
        if (edgeRaw < (unwinds ? _unwindEdgeRaw : _edgeRaw)) return false;
        return Room(buy, sell).Raw >= Math.Max(_legs[buy].Least(cheap.Ask.Price).Raw, _legs[sell].Least(dear.Bid.Price).Raw);
    }

    private Quantity Room(int buy, int sell)
    {
        var shown = Math.Min(_legs[buy].Book.Ask.Quantity.Raw, _legs[sell].Book.Bid.Quantity.Raw);
        var inventory = Math.Min(_inventoryMax.Raw - _legs[buy].Held.Raw, _inventoryMax.Raw + _legs[sell].Held.Raw);
        return new Quantity(Math.Max(0, Math.Min(Math.Min(_size.Raw, shown), inventory)));
    }

    private void Take(int buy, int sell)
    {
        // Both in lots of the coarser venue, or the rest of the finer one would be a leg left alone every time.
        var coarse = Math.Max(_legs[buy].Instrument.Lot.Raw, _legs[sell].Instrument.Lot.Raw);
        var quantity = Room(buy, sell).FloorTo(new Quantity(coarse));
        Pause(0);
        if (!_legs[buy].Take(Side.Buy, quantity, default)) return;
        Trades++;
        _legs[sell].Take(Side.Sell, quantity, default); // refused: a leg alone, which the next call hedges
    }

    private void Pause(int failed) => _pauseUntilNs = Now.Ns + Config.PauseMs * 1_000_000L * (1 + Math.Min(failed, 100));

    private static Quantity Rounded(decimal value) => Quantity.From(decimal.Round(value, FixedPoint.Decimals));
}
