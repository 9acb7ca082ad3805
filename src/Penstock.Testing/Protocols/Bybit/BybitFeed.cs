namespace Penstock.Testing.Protocols.Bybit;

/// <summary>One book topic of an instrument: so many levels, so often.</summary>
internal sealed class BybitBook(MarketInstrument instrument, int depth, int intervalMs)
{
    public readonly string Topic = $"orderbook.{depth}.{BybitFeed.Spell(instrument.Spec.Symbol)}";
    public readonly long IntervalNs = intervalMs * 1_000_000L;
    public readonly BookView View = new(instrument.Engine, depth, deletesPushedOut: true);
    public long UpdateId = 1_000_000 + depth;
    public long NextNs;
    public long SentNs;

    public bool IsBest => depth == 1;
}

/// <summary>The topics of one instrument.</summary>
internal sealed class BybitFeed(MarketInstrument instrument)
{
    public readonly MarketInstrument Instrument = instrument;
    public readonly string Symbol = Spell(instrument.Spec.Symbol);
    public readonly string TradeTopic = "publicTrade." + Spell(instrument.Spec.Symbol);

    public readonly BybitBook[] Books =
    [
        new(instrument, 1, 10), new(instrument, 50, 20), new(instrument, 200, 100), new(instrument, 500, 100), new(instrument, 1000, 200),
    ];

    public static string Spell(string symbol) => symbol.Replace("-", "");
}
