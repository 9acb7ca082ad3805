using Penstock.MarketData.Reference;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Tests.Trading.Controls;
using Penstock.Trading.Execution;

namespace Penstock.Tests.Trading.Execution;

/// <summary>An instrument's own rates before its venue's, exact in the price that is compared.</summary>
[Trait("requirement", "R84")]
public sealed class VenueFeesTests
{
    [Fact]
    public void An_instrument_with_rates_of_its_own_does_not_pay_its_venues()
    {
        var table = new InstrumentTable();
        var btc = table.Add(ControlWorld.Instrument(1, "BTC"));
        var eth = table.Add(ControlWorld.Instrument(1, "ETH"));
        var fees = new VenueFees();
        Assert.Equal((default, default), fees.Of(btc));
        fees.Set(btc.Venue, makerPpm: -50, takerPpm: 750);
        fees.Set(eth.Id, FeeRates.FromBps(0.5m, 1.25m));
        Assert.Equal((Bps.From(-0.5m), Bps.From(7.5m)), fees.Of(btc));
        Assert.Equal((Bps.From(0.5m), Bps.From(1.25m)), fees.Of(eth));

        var price = Price.From(100m);
        Assert.Equal(100.075m, Net(fees.NetPrice(btc, Side.Buy, price, isTaker: true)));
        Assert.Equal(100.005m, Net(fees.NetPrice(btc, Side.Sell, price, isTaker: false)));
        Assert.Equal(99.9875m, Net(fees.NetPrice(eth, Side.Sell, price, isTaker: true)));
    }

    private static decimal Net(Int128 raw) => (decimal)raw / 1e16m;
}
