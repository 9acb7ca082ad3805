using Penstock.Testing.Faults;

namespace Penstock.Testing.Protocols;

/// <summary>What a host needs of a venue: a simulated one or a replayed recording. Called under the host's lock.</summary>
public interface IHostedVenue
{
    /// <summary>Path of the market-data WebSocket.</summary>
    string PublicPath { get; }

    /// <summary>Path of the WebSocket for orders and the private stream.</summary>
    string PrivatePath { get; }

    /// <summary>A new connection; null for a path the venue does not serve.</summary>
    ProtocolSession? Open(string path, string query, IFrameSink sink, long nowNs);

    void Close(ProtocolSession session);

    VenueHttpResponse Handle(VenueHttpRequest request, long nowNs);

    /// <summary>Sends what is due at this time (Unix nanoseconds).</summary>
    void Step(long nowNs);
}
