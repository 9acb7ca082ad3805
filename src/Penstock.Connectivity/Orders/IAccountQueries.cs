using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Connectivity.Orders;

/// <summary>
/// What the venue is asked by REST about the account: it resolves unknown outcomes and reconciles. Each question comes with the reader of its
/// answer. Off the hot thread. Never throws on foreign input; on a cause other than None nothing was added to the batch.
/// </summary>
public interface IAccountQueries
{
    /// <summary>Asks for one order by our id (and the venue's where known): resolves an unknown outcome.</summary>
    RestRequest QueryOrder(ClientOrderId id, Text40 venueOrderId, Instrument instrument, long unixNs);

    /// <summary>Adds one OrderStatus or OrderNotFound report.</summary>
    QuarantineCause DecodeQuery(ClientOrderId id, Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch);

    /// <summary>All open orders of the account on the instrument.</summary>
    RestRequest OpenOrders(Instrument instrument, long unixNs);

    /// <summary>Adds an OrderStatus report per open order.</summary>
    QuarantineCause DecodeOpenOrders(Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch);

    /// <summary>The account's fills on the instrument since a time; more than asked may come, fills are applied once anyway.</summary>
    RestRequest Fills(Instrument instrument, ExchangeTime since, long unixNs);

    /// <summary>Adds a Fill report per trade.</summary>
    QuarantineCause DecodeFills(Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch);

    /// <summary>
    /// The answers to <see cref="OpenOrders"/> and <see cref="Fills"/> are about the whole account, whatever the instrument asked for: then a
    /// reconciliation asks once and reads the answer for each instrument.
    /// </summary>
    bool AnswersForAllInstruments => false;

    RestRequest Balances(long unixNs);

    QuarantineCause DecodeBalances(int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch);
}
