using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Signing;
using Penstock.Model.Instruments;

namespace Penstock.Connectivity;

/// <summary>
/// One exchange (R103). A venue is data and pure functions: bytes in, events out; requests in, bytes out. Sockets, reconnects,
/// heartbeats, rate limits, book synchronisation and order states belong to the layers that use it, so every part can be
/// tested from bytes alone. Announced by <c>[assembly: Venue&lt;XVenue&gt;("x")]</c>; created once per node.
/// </summary>
public interface IVenue
{
    VenueProfile Profile { get; }

    IInstrumentSource Instruments { get; }

    /// <summary>The market-data side of one connection. Stateful: one per connection, used by one thread.</summary>
    IFeedProtocol CreateFeed(FeedContext context);

    /// <summary>The order side of one connection; null for a market-data-only venue. Stateful: one per connection.</summary>
    IOrderProtocol? CreateOrders(OrderContext context);
}

/// <param name="Venue">The id this process gave the venue.</param>
/// <param name="Instruments">All instruments of the process; look up by venue symbol.</param>
public sealed record FeedContext(VenueId Venue, InstrumentTable Instruments);

/// <param name="Venue">The id this process gave the venue.</param>
/// <param name="Instruments">All instruments of the process.</param>
/// <param name="Credentials">The account's keys.</param>
public sealed record OrderContext(VenueId Venue, InstrumentTable Instruments, Credentials Credentials);
