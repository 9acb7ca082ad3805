using Penstock.Model.Numbers;

namespace Penstock.Testing.Protocols.Htx;

/// <summary>One instrument's channels and what was last sent on them.</summary>
internal sealed class HtxFeed(MarketInstrument instrument)
{
    private const int Depth = 150;

    public readonly MarketInstrument Instrument = instrument;
    public readonly string Symbol = HtxVenue.Spell(instrument.Spec);
    public readonly string BookTopic = $"market.{HtxVenue.Spell(instrument.Spec)}.mbp.150";
    public readonly string BestTopic = $"market.{HtxVenue.Spell(instrument.Spec)}.bbo";
    public readonly string TradesTopic = $"market.{HtxVenue.Spell(instrument.Spec)}.trade.detail";
    public readonly BookView View = new(instrument.Engine, Depth, deletesPushedOut: true);
    public (Price, Quantity, Price, Quantity) BestSent;
    public long Number;

    public bool Has(string topic) => topic == BookTopic || topic == BestTopic || topic == TradesTopic;

    public void WriteSides(Utf8Text text, IReadOnlyList<ViewLevel> bids, IReadOnlyList<ViewLevel> asks)
    {
        text.Raw("\"bids\":[");
        WriteLevels(text, bids);
        text.Raw("],\"asks\":[");
        WriteLevels(text, asks);
        text.Raw("]");
    }

    public void BeginTrades(Utf8Text text, long nowNs) =>
        text.Write($$"""{"ch":"{{TradesTopic}}","ts":{{SimulatedVenue.Ms(nowNs)}},"tick":{"id":{{Instrument.UpdateId}},"ts":{{SimulatedVenue.Ms(nowNs)}},"data":[""");

    /// <summary>The id is of 26 digits, the trade's own is behind it.</summary>
    public void WriteTrade(Utf8Text text, in MarketPrint print) =>
        text.Comma().Write($$"""{"id":{{100_000_000_000 + Instrument.UpdateId}}{{100_000_000_000_000 + print.TradeId}},"ts":{{SimulatedVenue.Ms(print.TimeNs)}},"tradeId":{{print.TradeId}},"amount":{{HtxNumbers.Of(print.Quantity.Raw)}},"price":{{HtxNumbers.Of(print.Price.Raw)}},"direction":"{{SimulatedVenue.SideText(print.Aggressor)}}"}""");

    private static void WriteLevels(Utf8Text text, IReadOnlyList<ViewLevel> levels)
    {
        foreach (var level in levels)
            text.Comma().Write($"[{HtxNumbers.Of(level.Price.Raw)},{HtxNumbers.Of(level.Quantity.Raw)}]");
    }
}
