namespace Penstock.Testing.Faults;

/// <summary>What can be made to go wrong at a simulated venue (R67).</summary>
public enum FaultKind : byte
{
    /// <summary>A frame never leaves.</summary>
    DropFrame,
    /// <summary>A frame leaves <see cref="FaultPlan.DelayMs"/> later, and so does everything after it on its connection.</summary>
    DelayFrame,
    /// <summary>A frame leaves twice.</summary>
    DuplicateFrame,
    /// <summary>A frame leaves after the one that follows it.</summary>
    ReorderFrame,
    /// <summary>A book delta of one connection is swallowed, so its sequence has a hole.</summary>
    SequenceGap,
    /// <summary>A book message carries a wrong checksum (venues that have one).</summary>
    BadChecksum,
    /// <summary>The socket stays open but nothing leaves for <see cref="FaultPlan.SilenceMs"/>.</summary>
    Silence,
    /// <summary>The connection is cut without a goodbye.</summary>
    Disconnect,
    /// <summary>An order is refused.</summary>
    RejectOrder,
    /// <summary>The answer to an order request is lost; the order itself is treated as usual.</summary>
    LoseAck,
    /// <summary>A cancel is acknowledged and then half of the order trades all the same.</summary>
    LateFill,
    /// <summary>A REST call is answered 429 with Retry-After.</summary>
    HttpTooManyRequests,
    /// <summary>A REST call is answered 500.</summary>
    HttpServerError,
}

/// <summary>What a frame is, for faults that hit only some.</summary>
[Flags]
public enum FrameKinds : byte
{
    None = 0,
    /// <summary>Trades, best bid and ask, tickers.</summary>
    Market = 1,
    /// <summary>Book deltas; not snapshots.</summary>
    BookDelta = 2,
    /// <summary>Order, fill and balance pushes.</summary>
    Private = 4,
    /// <summary>Answers to requests, heartbeats, book snapshots on a socket.</summary>
    Control = 8,
    All = Market | BookDelta | Private | Control,
}
