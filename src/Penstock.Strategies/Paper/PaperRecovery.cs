using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Trading.Orders;
using Penstock.Strategies.Backtesting;

namespace Penstock.Strategies.Paper;

/// <summary>
/// Where trading on paper goes on after a restart: it keeps no file of its own, for all of it follows from the engine's journal. The ledger,
/// unlike the balance told last, holds every fill the engine has.
/// </summary>
internal static class PaperRecovery
{
    /// <summary>What the account has of an asset: its opening balance and all that came and went, the cost of open contracts included.</summary>
    public static Notional Asset(TradingEngine engine, VenueId venue, Text16 asset, Notional start)
    {
        foreach (ref readonly var account in engine.Positions.Accounts)
        {
            if (account.Venue != venue || !account.Asset.Equals(asset)) continue;
            var total = (account.IsReported ? account.Opening : start) + account.Cash;
            foreach (var instrument in engine.Instruments.All)
            {
                if (instrument.Kind != InstrumentKind.Spot && instrument.Venue == venue && instrument.PaidIn.Equals(asset))
                    total -= engine.Positions.Contract(instrument.Id).Cost;
            }

            return total;
        }

        return start;
    }

    /// <summary>The position, as the asset it is told as.</summary>
    public static Notional Contract(TradingEngine engine, InstrumentId contract)
    {
        ref readonly var account = ref engine.Positions.ContractAccounts[contract.Value];
        return account.Opening + account.Cash;
    }

    /// <summary>
    /// Orders the venue is known to have go back to the end of their queues. One whose first answer was still on its way never arrived: asked
    /// for, it is not found.
    /// </summary>
    public static int Orders(TradingEngine engine, SimulatedExchange exchange)
    {
        var restored = 0;
        for (var order = engine.Orders.Live.First; order is not null; order = OrderList.After(order))
        {
            if (!order.IsOut || !order.IsKnownToVenue) continue;
            exchange.Restore(order.Request, order.Filled.Raw);
            restored++;
        }

        return restored;
    }
}
