namespace Penstock.Testing.Protocols;

/// <summary>What a simulated venue did. Written by the thread that steps it.</summary>
public sealed class SimulatedVenueStatistics
{
    /// <summary>WebSocket connections opened.</summary>
    public long ConnectionsOpened;

    /// <summary>WebSocket connections gone.</summary>
    public long ConnectionsClosed;

    /// <summary>Market-data and private frames handed to connections, before faults.</summary>
    public long FramesPublished;

    /// <summary>REST calls received.</summary>
    public long RestCalls;

    /// <summary>REST calls answered 429.</summary>
    public long RestThrottled;

    /// <summary>Order requests received.</summary>
    public long OrdersReceived;

    /// <summary>Requests refused for their key, signature, nonce, token or time.</summary>
    public long AuthenticationFailures;
}
