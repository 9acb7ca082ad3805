using Penstock.Testing.Protocols;
using Penstock.Testing.Protocols.Bybit;

[assembly: SimulatedVenue<BybitLinearVenue>("bybit-linear", Market = "linear", IsTraded = false)]

namespace Penstock.Testing.Protocols.Bybit;

/// <summary>Linear contracts: market data only. They have the names of the spot pairs, ids without order, and another order of keys.</summary>
public sealed class BybitLinearVenue(SimulatedVenueOptions options) : BybitMarket(options, "linear")
{
    protected override void PublishOrder(in OrderEvent happened, long nowNs)
    {
    }

    protected override void PublishBalances(long nowNs)
    {
    }
}
