using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.RateLimits;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;

namespace Penstock.Connectivity.Sessions;

/// <summary>One account's order connection to one venue, as data.</summary>
public sealed record OrderSessionOptions
{
    /// <summary>Short and stable; the agent's role is "orders-" and this.</summary>
    public required string Name { get; init; }

    /// <summary>Written into every report.</summary>
    public required VenueId Venue { get; init; }

    /// <summary>ws:// or wss://; the protocol's ConnectPath is appended.</summary>
    public required Uri Stream { get; init; }

    /// <summary>The socket for order entry where it is another one; used with <see cref="IOrderProtocol.Entry"/>.</summary>
    public Uri? EntryStream { get; init; }

    /// <summary>Those traded: reconciliation asks for each of them.</summary>
    public required IReadOnlyList<Instrument> Instruments { get; init; }

    public SocketLinkOptions Link { get; init; } = new();

    /// <summary>Placements the venue allows.</summary>
    public IReadOnlyList<RateLimit> OrderLimits { get; init; } = [];

    /// <summary>What a change of a resting order takes; null: as a placement.</summary>
    public AmendRate? Amends { get; init; }

    /// <summary>
    /// Asked before every order and change, right before the socket, by REST once more when its bytes are about to leave; null where nothing
    /// can be killed.
    /// </summary>
    public KillWord? Kill { get; init; }

    /// <summary>From the open socket to the session being ready; later it counts as refused.</summary>
    public TimeSpan LoginTimeout { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>What an order session did, besides its <see cref="SocketLinkStatistics"/>. Written by its thread.</summary>
public sealed class OrderSessionStatistics
{
    /// <summary>Orders handed to the socket.</summary>
    public long PlacesSent;

    /// <summary>Cancels handed to the socket.</summary>
    public long CancelsSent;

    /// <summary>Requests refused for the venue's limits.</summary>
    public long Throttled;

    /// <summary>Requests refused because the session was not ready.</summary>
    public long NotConnected;

    /// <summary>Requests refused because the venue does not read.</summary>
    public long Backlogged;

    /// <summary>Requests the venue's protocol cannot express.</summary>
    public long NotEncodable;

    /// <summary>Execution reports delivered.</summary>
    public long Reports;

    /// <summary>Balances delivered.</summary>
    public long Balances;

    /// <summary>Logins that led to a ready session.</summary>
    public long Logins;

    /// <summary>Logins the venue refused, or did not answer in time.</summary>
    public long LoginsRefused;

    /// <summary>Answers to order queries decoded.</summary>
    public long QueriesAnswered;

    /// <summary>Order queries that failed and were, or will be, repeated.</summary>
    public long QueriesFailed;

    /// <summary>Queries dropped because too many waited.</summary>
    public long QueriesDropped;

    /// <summary>Reconciliations completed.</summary>
    public long Reconciliations;

    /// <summary>Parts of a reconciliation that failed and were repeated.</summary>
    public long ReconciliationsFailed;

    /// <summary>Changes handed to the venue.</summary>
    public long AmendsSent;

    /// <summary>Requests by REST whose outcome nobody knows.</summary>
    public long OutcomesUnknown;

    /// <summary>Orders and changes by REST that a kill stopped between their hand-over and their first byte.</summary>
    public long Withheld;

    /// <summary>Fills fetched because the stream told of them without the trade.</summary>
    public long FillsFetched;

    /// <summary>Gaps the private stream admitted.</summary>
    public long StreamGaps;

    /// <summary>Answers cut because they held more than a batch takes.</summary>
    public long BatchesCut;

    /// <summary>Frames and answers set aside, by <see cref="QuarantineCause"/>.</summary>
    public readonly long[] Quarantined = new long[Enum.GetValues<QuarantineCause>().Length];
}
