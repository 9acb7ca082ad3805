using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Network;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;

namespace Penstock.Connectivity.Sessions;

/// <summary>One venue's market-data connection, as data.</summary>
public sealed record FeedSessionOptions
{
    /// <summary>Short and stable; the agent's role is "feed-" and this.</summary>
    public required string Name { get; init; }

    /// <summary>ws:// or wss://; the protocol's ConnectPath is appended.</summary>
    public required Uri Stream { get; init; }

    public required IReadOnlyList<Instrument> Instruments { get; init; }

    public SocketLinkOptions Link { get; init; } = new();

    /// <summary>Where the venue tells its time; null where it does not.</summary>
    public ServerTime? ServerTime { get; init; }
}

/// <summary>What a feed session did, besides its <see cref="SocketLinkStatistics"/>. Written by its thread.</summary>
public sealed class FeedSessionStatistics
{
    /// <summary>Book snapshots asked for by REST.</summary>
    public long SnapshotsRequested;

    /// <summary>Snapshots delivered.</summary>
    public long SnapshotsSucceeded;

    /// <summary>Snapshot calls that failed or were answered with an error.</summary>
    public long SnapshotsFailed;

    /// <summary>Snapshots that arrived after their connection had ended, dropped.</summary>
    public long SnapshotsOutdated;

    /// <summary>Requests for a snapshot that was already on its way.</summary>
    public long SnapshotsRepeated;

    /// <summary>Books subscribed anew on request.</summary>
    public long Resubscribes;

    /// <summary>Reconnects asked for by the ingest.</summary>
    public long ReconnectsRequested;
}
