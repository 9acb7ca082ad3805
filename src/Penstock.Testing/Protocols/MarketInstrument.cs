using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Testing.Flow;
using Penstock.Testing.Matching;

namespace Penstock.Testing.Protocols;

/// <summary>One public trade.</summary>
public readonly record struct MarketPrint(long TradeId, Price Price, Quantity Quantity, Side Aggressor, long TimeNs);

/// <summary>One instrument of a simulated market with what its protocol has still to publish.</summary>
public sealed class MarketInstrument(MatchingEngine engine, MarketFlow flow)
{
    /// <summary>Public trades kept until published; a venue nobody listens to drops the oldest.</summary>
    private const int PrintsMax = 10_000;

    private readonly List<MarketPrint> _prints = [];
    private readonly HashSet<Price> _touchedBids = [];
    private readonly HashSet<Price> _touchedAsks = [];

    public MatchingEngine Engine { get; } = engine;

    public MarketFlow Flow { get; } = flow;

    public SimulatedInstrument Spec => Engine.Instrument;

    /// <summary>Counts every change of a book level.</summary>
    public long UpdateId { get; internal set; } = 1_000;

    public MarketPrint LastPrint { get; private set; }

    /// <summary>Trades since the last <see cref="ClearPrints"/>.</summary>
    public IReadOnlyList<MarketPrint> Prints => _prints;

    /// <summary>
    /// True where deltas must name every price that was touched, even one that came and went between two of them: a client may
    /// have seen it in a REST snapshot (Binance).
    /// </summary>
    public bool TracksTouched { get; set; }

    internal void Touch(Side side, Price price)
    {
        UpdateId++;
        if (TracksTouched) (side == Side.Buy ? _touchedBids : _touchedAsks).Add(price);
    }

    /// <summary>The touched prices of one side as they stand now, best first; forgets them.</summary>
    public void TakeTouched(Side side, List<ViewLevel> levels)
    {
        var touched = side == Side.Buy ? _touchedBids : _touchedAsks;
        var book = side == Side.Buy ? Engine.Bids : Engine.Asks;
        levels.Clear();
        foreach (var price in touched)
        {
            var level = book.Find(price);
            levels.Add(new ViewLevel(price, level?.Quantity ?? default, level?.OrderCount ?? 0));
        }

        levels.Sort(side == Side.Buy ? static (a, b) => b.Price.CompareTo(a.Price) : static (a, b) => a.Price.CompareTo(b.Price));
        touched.Clear();
    }

    internal void AddPrint(in MarketPrint print)
    {
        LastPrint = print;
        if (_prints.Count == PrintsMax) _prints.RemoveRange(0, PrintsMax / 2);
        _prints.Add(print);
    }

    public void ClearPrints() => _prints.Clear();
}
