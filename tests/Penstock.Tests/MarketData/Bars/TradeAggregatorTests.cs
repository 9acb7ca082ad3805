using Penstock.MarketData.Bars;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.Tests.MarketData.Bars;

public sealed class TradeAggregatorTests : IBarSink
{
    private readonly List<Bar> _bars = [];
    private readonly TradeAggregator _aggregator;

    public TradeAggregatorTests() => _aggregator = new TradeAggregator(this);

    void IBarSink.OnBar(in Bar bar) => _bars.Add(bar);

    [Fact]
    [Trait("requirement", "R22")]
    public void A_minute_of_trades_is_one_bar_and_closes_with_the_next_minute()
    {
        Trade(1, seconds: 60, price: 10, quantity: 2);
        Trade(1, seconds: 70, price: 14, quantity: 1, Side.Sell);
        Trade(1, seconds: 119, price: 8, quantity: 3);
        Trade(2, seconds: 61, price: 500, quantity: 1);
        Assert.Empty(_bars);
        Trade(1, seconds: 200, price: 11, quantity: 1);

        var bar = Assert.Single(_bars);
        Assert.Equal(new Bar(
            new InstrumentId(1), new ExchangeTime(60_000_000_000), Price.From(10), Price.From(14), Price.From(8), Price.From(8),
            Quantity.From(6), Quantity.From(5), Notional.From(20 + 14 + 24), 3), bar);
        _aggregator.CloseAll();
        Assert.Equal(3, _bars.Count);
        Assert.Equal(new ExchangeTime(180_000_000_000), _bars[1].OpenTime);
    }

    [Fact]
    public void A_trade_of_a_closed_minute_is_late_and_one_without_time_unusable()
    {
        Trade(1, seconds: 130, price: 10, quantity: 1);
        Trade(1, seconds: 110, price: 99, quantity: 1);
        Trade(1, seconds: 0, price: 99, quantity: 1);
        _aggregator.CloseAll();
        Assert.Equal((1L, 1L), (_aggregator.LateTrades, _aggregator.UnusableTrades));
        Assert.Equal(Price.From(10), Assert.Single(_bars).High);
    }

    private void Trade(int instrument, long seconds, decimal price, decimal quantity, Side side = Side.Buy) =>
        _aggregator.Apply(new MarketEvent
        {
            Kind = MarketEventKind.Trade, Instrument = new InstrumentId(instrument), Side = side,
            ExchangeTime = new ExchangeTime(seconds * 1_000_000_000), Price = Price.From(price), Quantity = Quantity.From(quantity),
        });
}
