using Penstock.Connectivity.Feeds;

namespace Penstock.MarketData.Ingest;

/// <summary>
/// What became of every input of one venue. Single writer: the feed's thread. An input is one message of a frame (a frame
/// that does not decode is one input); at any time
/// <c>Received = Applied + Duplicate + Stale + Quarantined + Shed + Pending</c>.
/// </summary>
public sealed class IngestStatistics
{
    /// <summary>Frames delivered by the connection.</summary>
    public long Frames;

    /// <summary>Inputs taken in.</summary>
    public long Received;

    /// <summary>Inputs that did what they should, control messages included.</summary>
    public long Applied;

    /// <summary>Inputs whose effect was there already.</summary>
    public long Duplicate;

    /// <summary>Inputs older than what is known, or for a book that waits for its snapshot.</summary>
    public long Stale;

    /// <summary>Inputs set aside with cause and bytes.</summary>
    public long Quarantined;

    /// <summary>Inputs dropped because a bound was reached.</summary>
    public long Shed;

    /// <summary>Deltas held back for a snapshot right now.</summary>
    public long Pending;

    /// <summary>Quarantined inputs by <see cref="QuarantineCause"/>.</summary>
    public readonly long[] QuarantinedByCause = new long[Enum.GetValues<QuarantineCause>().Length];

    /// <summary>Frames the decoder refused.</summary>
    public long FramesUndecodable;

    /// <summary>Full books loaded.</summary>
    public long Snapshots;

    /// <summary>Snapshots refused because the first held-back delta is already further on.</summary>
    public long SnapshotsTooOld;

    /// <summary>REST snapshots that did not come.</summary>
    public long SnapshotFailures;

    /// <summary>Book deltas applied after a snapshot.</summary>
    public long Deltas;

    /// <summary>Book deltas held back until a snapshot came, in total.</summary>
    public long DeltasBuffered;

    /// <summary>Book deltas a snapshot already covered.</summary>
    public long DeltasCovered;

    /// <summary>Book deltas for a book that waits for its snapshot, dropped.</summary>
    public long DeltasUnsynchronised;

    /// <summary>Book deltas repeated or out of order, dropped.</summary>
    public long DeltasRepeated;

    /// <summary>Sequence keep-alives without content.</summary>
    public long BookHeartbeats;

    /// <summary>REST snapshots whose first following delta connects without a hole.</summary>
    public long Bridged;

    /// <summary>Missing deltas found.</summary>
    public long Gaps;

    /// <summary>Books declared unusable, for whatever reason.</summary>
    public long BooksInvalidated;

    /// <summary>Snapshots or resubscriptions asked for.</summary>
    public long Resyncs;

    /// <summary>Checksums equal to the venue's.</summary>
    public long ChecksumsMatched;

    /// <summary>Of these, over snapshots.</summary>
    public long SnapshotChecksumsMatched;

    /// <summary>Checksums that differ from the venue's.</summary>
    public long ChecksumsMismatched;

    /// <summary>Books crossed after a message.</summary>
    public long BooksCrossed;

    /// <summary>Levels removed because they left the subscribed depth.</summary>
    public long LevelsPruned;

    /// <summary>Quantities cut to the scale of their instrument (venues that write doubles).</summary>
    public long QuantitiesCut;

    /// <summary>New trades published.</summary>
    public long Trades;

    /// <summary>Trades seen before, dropped.</summary>
    public long TradesRepeated;

    /// <summary>Jumps of the trade id.</summary>
    public long TradeIdGaps;

    /// <summary>Best bid/ask messages published.</summary>
    public long BestBidAsks;

    /// <summary>Subscriptions the venue refused.</summary>
    public long SubscribeRejected;

    /// <summary>Messages with an exchange time before that of the message before (counted, never dropped).</summary>
    public long ExchangeTimeBackwards;

    /// <summary>Times an instrument was declared silent.</summary>
    public long InstrumentSilences;

    /// <summary>Times the whole venue was declared silent.</summary>
    public long VenueSilences;

    /// <summary>Reconnects asked for because data stayed away on an open connection.</summary>
    public long SilenceReconnects;

    /// <summary>Connections lost.</summary>
    public long Disconnects;

    /// <summary>Events handed to the publisher.</summary>
    public long EventsPublished;

    /// <summary>Zero at every moment between two inputs; anything else is a defect of this program.</summary>
    public long Unaccounted => Received - Applied - Duplicate - Stale - Quarantined - Shed - Pending;
}
