using Penstock.Model.Instruments;
using Penstock.Model.Numbers;

namespace Penstock.MarketData.Bars;

/// <summary>Open, high, low, close and volume of one interval, in the exchange's time.</summary>
public readonly record struct Bar(
    InstrumentId Instrument, ExchangeTime OpenTime, Price Open, Price High, Price Low, Price Close,
    Quantity Volume, Quantity BuyVolume, Notional Turnover, int Trades);

/// <summary>Takes finished bars.</summary>
public interface IBarSink
{
    void OnBar(in Bar bar);
}
