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

    /// <summary>Transactions of the whole venue are counted together.</summary>
    private const long FirstFunding = 9_689_322_392;

    private const int RealisedMax = SimulatedMarket.HistoryMax;

    private readonly SimulatedMarket _market;
    private readonly Dictionary<SimulatedInstrument, Position> _positions = [];
    private readonly Dictionary<(SimulatedInstrument, long, Side), Int128> _realised = [];
    private readonly HashSet<SimulatedInstrument> _changed = [];
    private readonly List<FundingPayment> _fundings = [];

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
            text.Comma().Write($$"""{"asset":"{{asset}}","walletBalance":"{{Fixed.OfAmount(WalletOf(asset), 8)}}{{"\""}}""")
                .Write($$""","marginBalance":"{{Fixed.OfAmount(WalletOf(asset), 8)}}{{"\""}}""")
                .Write($$""","availableBalance":"{{Fixed.OfAmount(WalletOf(asset), 8)}}","updateTime":0}""");
        text.Raw("],\"positions\":[");
        // A flat position is not listed.
        foreach (var (instrument, position) in _positions.Where(p => p.Value.Quantity != 0))
        {
            var notional = Notional.Of(MarkOf(instrument), new Quantity(position.Quantity)).Raw;
            text.Comma().Write($$"""{"symbol":"{{BinanceUsdmVenue.Spell(instrument)}}","positionSide":"BOTH{{"\""}}""")
                .Write($$""","positionAmt":"{{Fixed.Of(new Quantity(position.Quantity), instrument.QuantityDecimals)}}{{"\""}}""")
                .Write($$""","unrealizedProfit":"{{Fixed.OfAmount(notional - position.Cost, 8)}}","isolatedMargin":"0{{"\""}}""")
                .Write($$""","notional":"{{Fixed.OfAmount(notional, 8)}}","updateTime":0}""");
        }

        text.Raw("]}");
    }

    /// <summary>ACCOUNT_UPDATE about what changed since the last one; false where nothing did.</summary>
    public bool TryWriteUpdate(Utf8Text text, long nowNs)
    {
        if (_changed.Count == 0) return false;
        text.Write($$"""{"e":"ACCOUNT_UPDATE","T":{{SimulatedVenue.Ms(nowNs)}},"E":{{SimulatedVenue.Ms(nowNs)}},"a":{"m":"ORDER","B":[""");
        foreach (var asset in _changed.Select(i => i.Quote).Distinct())
            text.Comma().Write($$"""{"a":"{{asset}}","wb":"{{Fixed.OfAmount(WalletOf(asset), 8)}}{{"\""}}""")
                .Write($$""","cw":"{{Fixed.OfAmount(WalletOf(asset), 8)}}","bc":"0"}""");
        text.Raw("],\"P\":[");
        foreach (var instrument in _changed)
        {
            var position = _positions[instrument];
            var entry = position.Quantity == 0 ? 0 : (long)(position.Cost / position.Quantity);
            text.Comma().Write($$"""{"s":"{{BinanceUsdmVenue.Spell(instrument)}}{{"\""}}""")
                .Write($$""","pa":"{{Fixed.Of(new Quantity(position.Quantity), instrument.QuantityDecimals)}}{{"\""}}""")
                .Write($$""","ep":"{{Fixed.Of(new Price(entry), 8)}}","bep":"{{Fixed.Of(new Price(entry), 8)}}{{"\""}}""")
                .Write($$""","cr":"{{Fixed.OfAmount(position.Realised, 8)}}","up":"0","mt":"cross","iw":"0","ps":"BOTH"}""");
        }

        text.Raw("]}}");
        _changed.Clear();
        return true;
    }

    /// <summary>Funding of every open position: longs pay a positive rate, shorts get it. Exact to the wallet's last decimal.</summary>
    public List<FundingPayment> PayFunding(int ratePpm, long nowNs)
    {
        var paid = new List<FundingPayment>();
        foreach (var (instrument, position) in _positions.Where(p => p.Value.Quantity != 0))
        {
            var amount = -Notional.Of(MarkOf(instrument), new Quantity(position.Quantity)).Raw * ratePpm / 1_000_000;
            amount -= amount % FixedPoint.Scale;
            _market.Ledger.Transfer(Ledger.Outside, _market.Account, instrument.Quote, amount);
            paid.Add(new FundingPayment(FirstFunding + _fundings.Count, instrument, amount, nowNs));
            _fundings.Add(paid[^1]);
        }

        return paid;
    }

    /// <summary>ACCOUNT_UPDATE about a payment: of a cross margin position only the wallet is told.</summary>
    public void WriteFunding(Utf8Text text, FundingPayment payment)
    {
        var (asset, time) = (payment.Instrument.Quote, SimulatedVenue.Ms(payment.TimeNs));
        text.Write($$"""{"e":"ACCOUNT_UPDATE","T":{{time}},"E":{{time}},"a":{"m":"FUNDING_FEE{{"\""}}""")
            .Write($$""","B":[{"a":"{{asset}}","wb":"{{Fixed.OfAmount(WalletOf(asset), 8)}}{{"\""}}""");
        text.Write($$$""","cw":"{{{Fixed.OfAmount(WalletOf(asset), 8)}}}","bc":"{{{Fixed.OfAmount(payment.Amount, 8)}}}"}],"P":[]}}""");
    }

    /// <summary>GET /fapi/v1/income, oldest first; funding is all it knows.</summary>
    public void WriteIncome(Utf8Text text, string type, long startMs, int limit)
    {
        text.Raw("[");
        foreach (var paid in _fundings.Where(p => type is "" or "FUNDING_FEE" && SimulatedVenue.Ms(p.TimeNs) >= startMs).Take(limit))
        {
            text.Comma().Write($$"""{"symbol":"{{BinanceUsdmVenue.Spell(paid.Instrument)}}{{"\""}}""")
                .Write($$""","incomeType":"FUNDING_FEE","income":"{{Fixed.OfAmount(paid.Amount, 8)}}{{"\""}}""");
            text.Write($$""","asset":"{{paid.Instrument.Quote}}","info":"FUNDING_FEE{{"\""}}""")
                .Write($$""","time":{{SimulatedVenue.Ms(paid.TimeNs)}},"tranId":{{paid.Id}},"tradeId":""}""");
        }

        text.Raw("]");
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

    /// <param name="Id">Of the transaction.</param>
    /// <param name="Amount">1e-16 of the settle asset; positive is received.</param>
    /// <param name="TimeNs">Unix nanoseconds.</param>
    internal sealed record FundingPayment(long Id, SimulatedInstrument Instrument, Int128 Amount, long TimeNs);

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
