using Penstock.Connectivity.Feeds;

namespace Penstock.Venues.Coinbase;

/// <summary>
/// The book starts with a snapshot on the socket and has no sequence of its own: all frames of a connection are counted
/// together, so a hole says that something was lost and not what. Every book of the connection is then fetched anew.
/// </summary>
public static class CoinbaseBookSync
{
    public static readonly BookSyncRule Level2 = new()
    {
        Source = SnapshotSource.Socket,
        Continuity = Continuity.ConnectionCounter,
        Resync = ResyncAction.Reconnect,
    };
}
