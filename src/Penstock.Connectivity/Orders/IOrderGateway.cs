using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Connectivity.Orders;

public enum SendResult : byte
{
    Sent,
    /// <summary>The venue's own limit would be exceeded; nothing left the process.</summary>
    Throttled,
    NotConnected,
    /// <summary>The socket's buffer is full: the venue does not read.</summary>
    Backlogged,
    /// <summary>The venue cannot take such an order; see the reason.</summary>
    NotEncodable,
    /// <summary>The kill switch is pressed; nothing left the process.</summary>
    Killed,
}

/// <summary>One venue's order session as execution sees it. Called on the session's own thread; nothing here waits.</summary>
public interface IOrderGateway
{
    bool IsReady { get; }

    /// <summary>Encodes, signs and hands the order to the socket.</summary>
    SendResult TryPlace(in OrderRequest order, out RejectReason reason);

    SendResult TryCancel(in CancelRequest cancel, out RejectReason reason);

    /// <summary>Changes price and quantity of a resting order where the venue can.</summary>
    SendResult TryAmend(in AmendRequest amend, out RejectReason reason)
    {
        reason = RejectReason.NotSupported;
        return SendResult.NotEncodable;
    }

    /// <summary>Takes all of the account's orders on the instrument off the market where the venue can in one request.</summary>
    SendResult TryCancelAll(InstrumentId instrument, out RejectReason reason)
    {
        reason = RejectReason.NotSupported;
        return SendResult.NotEncodable;
    }

    /// <summary>Asks by REST; the answer comes as a report.</summary>
    void RequestQuery(ClientOrderId id, Text40 venueOrderId, InstrumentId instrument);

    /// <summary>Open orders, fills since, balances: the answers come as reports, then <see cref="IExecutionListener.OnReconciled"/>.</summary>
    void RequestReconciliation(ExchangeTime fillsSince);
}

/// <summary>Takes what an order session delivers. Called on the session's own thread.</summary>
public interface IExecutionListener
{
    void OnReport(in ExecutionReport report);

    void OnBalance(in BalanceReport balance);

    /// <summary>A funding payment of a perpetual contract; only sessions of venues with contracts tell it.</summary>
    void OnFunding(in FundingReport funding)
    {
    }

    /// <param name="ready">True: logged in. False: the connection is gone; orders in flight have an unknown outcome.</param>
    void OnSession(VenueId venue, bool ready, Feeds.DisconnectReason reason, long nowNs);

    /// <param name="succeeded">False when a part failed; the session tries again.</param>
    void OnReconciled(VenueId venue, bool succeeded, long nowNs);
}
