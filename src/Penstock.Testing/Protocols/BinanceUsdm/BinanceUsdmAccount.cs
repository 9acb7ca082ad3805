using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Testing.Matching;

namespace Penstock.Testing.Protocols.BinanceUsdm;

/// <summary>
/// The account as the venue tells it: positions at average cost, one way, and a wallet that fees and realised profits change. The ledger
/// counts contracts as coins; a wallet is what it holds of the settle asset, and what the open positions cost.
/// </summary>
internal sealed class BinanceUsdmAccount
{
    /// <summary>What a position may be worth for each unit of the wallet.</summary>
    private const int Leverage = 20;

    private const int RealisedMax = SimulatedMarket.HistoryMax;

    private readonly SimulatedMarket _market;
    private readonly Dictionary<SimulatedInstrument, Position> _positions = [];
    private readonly Dictionary<(SimulatedInstrument, long, Side), Int128> _realised = [];
    private readonly HashSet<SimulatedInstrument> _changed = [];

    public BinanceUsdmAccount(SimulatedMarket market)
    {
        _market = market;
        foreach (var instrument in market.Instruments) _positions[instrument.Spec] = new Position();
        market.Filled = OnFill;
    }

    /// <summary>Positive is long, 1e-8.</summary>
    public long QuantityOf(SimulatedInstrument instrument) => _positions[instrument].Quantity;

    /// <summary>Of one fill, 1e-16 of the settle asset, before its fee.</summary>
    public Int128 RealisedBy(AccountTrade trade) => _realised.GetValueOrDefault((trade.Order.Instrument, trade.TradeId, trade.Order.Side));

    public IEnumerable<string> Assets => _market.Instruments.Select(i => i.Spec.Quote).Distinct();

    /// <summary>1e-16 of the asset.</summary>
    public Int128 WalletOf(string asset) =>
        _positions.Where(p => p.Key.Quote == asset).Aggregate(_market.Ledger.Free(_market.Account, asset), (sum, p) => sum + p.Value.Cost);

    /// <summary>Could the order and all open ones of its side be carried, whatever fills first?</summary>
    public bool CanCarry(MarketInstrument instrument, in OrderTicket ticket)
    {
        var spec = instrument.Spec;
        var side = ticket.Side;
        var held = side == Side.Buy ? QuantityOf(spec) : -QuantityOf(spec);
        var wanted = held + ticket.Quantity.Raw + _market.OpenOrders(spec).Where(o => o.Side == side).Sum(o => o.Remaining.Raw);
        var price = ticket.Type == Model.Orders.OrderType.Market ? spec.StartPrice : ticket.Price;
        return wanted <= 0 || Notional.Of(price, new Quantity(wanted)).Raw <= WalletOf(spec.Quote) * Leverage;
    }

    public void WriteRest(Utf8Text text)
    {
        text.Raw("{\"feeTier\":0,\"canTrade\":true,\"assets\":[");
        foreach (var asset in Assets)
            text.Comma().Write($$"""{"asset":"{{asset}}","walletBalance":"{{Fixed.OfAmount(WalletOf(asset), 8)}}","marginBalance":"{{Fixed.OfAmount(WalletOf(asset), 8)}}","availableBalance":"{{Fixed.OfAmount(WalletOf(asset), 8)}}","updateTime":0}""");
        text.Raw("],\"positions\":[");
        // A flat position is not listed.
        foreach (var (instrument, position) in _positions.Where(p => p.Value.Quantity != 0))
        {
            var notional = Notional.Of(MarkOf(instrument), new Quantity(position.Quantity)).Raw;
            text.Comma().Write($$"""{"symbol":"{{BinanceUsdmVenue.Spell(instrument)}}","positionSide":"BOTH","positionAmt":"{{Fixed.Of(new Quantity(position.Quantity), instrument.QuantityDecimals)}}","unrealizedProfit":"{{Fixed.OfAmount(notional - position.Cost, 8)}}","isolatedMargin":"0","notional":"{{Fixed.OfAmount(notional, 8)}}","updateTime":0}""");
        }

        text.Raw("]}");
    }

    /// <summary>ACCOUNT_UPDATE about what changed since the last one; false where nothing did.</summary>
    public bool TryWriteUpdate(Utf8Text text, long nowNs)
    {
        if (_changed.Count == 0) return false;
        text.Write($$"""{"e":"ACCOUNT_UPDATE","T":{{SimulatedVenue.Ms(nowNs)}},"E":{{SimulatedVenue.Ms(nowNs)}},"a":{"m":"ORDER","B":[""");
        foreach (var asset in _changed.Select(i => i.Quote).Distinct())
            text.Comma().Write($$"""{"a":"{{asset}}","wb":"{{Fixed.OfAmount(WalletOf(asset), 8)}}","cw":"{{Fixed.OfAmount(WalletOf(asset), 8)}}","bc":"0"}""");
        text.Raw("],\"P\":[");
        foreach (var instrument in _changed)
        {
            var position = _positions[instrument];
            var entry = position.Quantity == 0 ? 0 : (long)(position.Cost / position.Quantity);
            text.Comma().Write($$"""{"s":"{{BinanceUsdmVenue.Spell(instrument)}}","pa":"{{Fixed.Of(new Quantity(position.Quantity), instrument.QuantityDecimals)}}","ep":"{{Fixed.Of(new Price(entry), 8)}}","bep":"{{Fixed.Of(new Price(entry), 8)}}","cr":"{{Fixed.OfAmount(position.Realised, 8)}}","up":"0","mt":"cross","iw":"0","ps":"BOTH"}""");
        }

        text.Raw("]}}");
        _changed.Clear();
        return true;
    }

    private Price MarkOf(SimulatedInstrument instrument) =>
        _market.Instruments.First(i => i.Spec == instrument).LastPrint is { TradeId: > 0 } print ? print.Price : instrument.StartPrice;

    private void OnFill(AccountTrade trade)
    {
        var instrument = trade.Order.Instrument;
        if (_realised.Count == RealisedMax) _realised.Clear();
        _realised[(instrument, trade.TradeId, trade.Order.Side)] = _positions[instrument].Apply(trade);
        _changed.Add(instrument);
    }

    private sealed class Position
    {
        public long Quantity { get; private set; }

        /// <summary>What the open quantity cost; negative for a short. 1e-16.</summary>
        public Int128 Cost { get; private set; }

        public Int128 Realised { get; private set; }

        /// <returns>What the fill realised.</returns>
        public Int128 Apply(AccountTrade trade)
        {
            var signed = trade.Order.Side == Side.Buy ? trade.Quantity.Raw : -trade.Quantity.Raw;
            Int128 realised = 0;
            if (Quantity != 0 && Quantity > 0 != signed > 0)
            {
                var closed = Math.Min(Math.Abs(signed), Math.Abs(Quantity)) * Math.Sign(signed);
                // A whole close releases all, so nothing of a rounded share is left behind.
                var released = closed == -Quantity ? Cost : -(Cost * closed / Quantity);
                realised = -(Int128)trade.Price.Raw * closed - released;
                Cost -= released;
                Quantity += closed;
                signed -= closed;
            }

            Cost += (Int128)trade.Price.Raw * signed;
            Quantity += signed;
            Realised += realised;
            return realised;
        }
    }
}
