using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;

namespace Penstock.Connectivity.Feeds;

/// <summary>
/// A venue's market data on one connection: what to send, and what the received bytes mean. Never throws on foreign input,
/// never blocks, allocates nothing per frame in the steady state.
/// </summary>
public interface IFeedProtocol
{
    /// <summary>Called for every new connection: forget what belonged to the last one.</summary>
    void Reset();

    /// <summary>A REST call whose answer the next connection needs (KuCoin's token and address); null where none is needed.</summary>
    RestRequest? ConnectRequest() => null;

    /// <summary>False when the body holds nothing to connect with.</summary>
    bool AcceptConnect(ReadOnlySpan<byte> body) => true;

    /// <summary>
    /// Path and query to append to the stream URL (Binance names streams there), or a whole ws:// or wss:// URL; empty for most.
    /// </summary>
    string ConnectPath(IReadOnlyList<Instrument> instruments);

    /// <summary>The frames that subscribe to books, trades and best bid/ask of all instruments, batched as the venue asks.</summary>
    void WriteSubscribe(IReadOnlyList<Instrument> instruments, FrameWriter writer);

    /// <summary>Unsubscribes and subscribes the book of one instrument so that the venue sends a new snapshot.</summary>
    void WriteResubscribe(Instrument instrument, FrameWriter writer);

    /// <summary>The application-level ping; false where the protocol's own ping frame is used or none is needed.</summary>
    bool TryWritePing(FrameWriter writer);

    /// <summary>Frames that follow from received ones: answers to the venue's pings, subscriptions after a welcome. Called after every socket read.</summary>
    void WritePending(FrameWriter writer)
    {
    }

    /// <summary>Asks for a book on the socket; the answer decodes as a BookSnapshot. False where snapshots come otherwise.</summary>
    bool WriteSnapshotRequest(Instrument instrument, FrameWriter writer) => false;

    /// <summary>
    /// One frame. On anything but <see cref="QuarantineCause.None"/> the batch is empty. The receive stamp and sequence are
    /// filled by the caller.
    /// </summary>
    QuarantineCause Decode(ReadOnlySpan<byte> frame, FeedBatch batch);

    /// <summary>The REST snapshot of a book; null where snapshots come on the socket.</summary>
    RestRequest? SnapshotRequest(Instrument instrument);

    /// <summary>Which instrument's book a recorded REST URL asked for, in today's path or an older one; false when it asked for something else.</summary>
    bool TrySnapshotInstrument(Uri url, out InstrumentId instrument)
    {
        instrument = InstrumentId.None;
        return false;
    }

    /// <summary>One BookSnapshot message out of the REST body.</summary>
    QuarantineCause DecodeSnapshot(Instrument instrument, ReadOnlySpan<byte> body, FeedBatch batch);
}

/// <summary>Takes what a feed connection delivers; implemented by the ingest above. Called on the feed's own thread.</summary>
public interface IFeedListener
{
    /// <param name="connectionEpoch">Counts connections of this feed from 1.</param>
    /// <param name="nowNs">Monotonic.</param>
    void OnConnected(int connectionEpoch, long nowNs);

    /// <param name="frame">Valid during the call only.</param>
    /// <param name="receivedNs">Monotonic stamp of the socket read the bytes came with.</param>
    void OnFrame(ReadOnlySpan<byte> frame, long receivedNs);

    /// <param name="body">Empty when the request failed; the listener decides when to ask again.</param>
    void OnSnapshot(InstrumentId instrument, bool succeeded, ReadOnlySpan<byte> body, long receivedNs);

    /// <summary>All frames of one socket read were delivered: publish them as one batch.</summary>
    void OnReadComplete(long nowNs);

    void OnDisconnected(DisconnectReason reason, long nowNs);
}

/// <summary>What the ingest may ask of its connection. All return at once; the work happens in later steps of the agent.</summary>
public interface IFeedControl
{
    void RequestSnapshot(InstrumentId instrument);

    void Resubscribe(InstrumentId instrument);

    void Reconnect(DisconnectReason reason);
}

public enum DisconnectReason : byte
{
    None,
    ClosedByVenue,
    SocketError,
    TlsError,
    HandshakeRefused,
    ProtocolViolation,
    /// <summary>No byte for longer than the keep-alive allows.</summary>
    Silent,
    /// <summary>The socket is alive but the expected data does not come (P1).</summary>
    DataSilent,
    /// <summary>A frame of the connection is missing.</summary>
    SequenceGap,
    LoginRefused,
    TooOld,
    Requested,
}
