using Penstock.Infrastructure.Threads;

namespace Penstock.Node.Wiring;

/// <summary>
/// A venue's feed on the thread that decides: what its sockets brought is decided on before the next venue is read. Else the first venue's
/// events would wait for the reads of all others, and a burst at one of them would delay every order.
/// </summary>
internal sealed class InlineFeed(VenueWires venue, TradingAgent trading) : IAgent
{
    private readonly int _index = trading.IndexOf(venue.Id);

    public VenueWires Venue => venue;

    public string Role => venue.Role;

    public int DoWork()
    {
        var work = venue.DoWork();
        return work == 0 ? 0 : work + trading.Decide(_index);
    }

    public void OnStop() => venue.OnStop();
}
