using Penstock.Model.Instruments;
using Penstock.Trading.Risk;

namespace Penstock.Trading.Recovery;

public enum EngineCommandKind : byte
{
    None,
    /// <summary>No order any more, all live ones cancelled, until Resume. Text: a scope; none is everything.</summary>
    Kill,
    Resume,
    /// <summary>Text: JSON of the limits to change; Instrument None for the default.</summary>
    SetLimits,
    /// <summary>State and Degradation.</summary>
    SetState,
    CancelAll,
    /// <summary>Cancels everything and takes no new orders: the way to stop.</summary>
    Drain,
    EnableStrategy,
    DisableStrategy,
    /// <summary>Asks the venue of the instrument for its orders, fills and balances.</summary>
    Reconcile,

    /// <summary>Text: JSON of an order, with the sender's idempotency key.</summary>
    PlaceOrder = 16,
    /// <summary>Text: JSON with the order's id.</summary>
    CancelOrder = 17,
    /// <summary>Text: JSON with the order's id and what is to change.</summary>
    AmendOrder = 18,
    /// <summary>Takes the venue's balances of the instrument's assets for right, and lifts the block their difference caused.</summary>
    ApproveDifference = 48,
    /// <summary>Text: a JSON object of the strategy's settings that change.</summary>
    ConfigureStrategy = 64,
    /// <summary>Text: JSON of the new version, its file's hash, settings and warm-up.</summary>
    SwapStrategy = 65,
    /// <summary>The new version is dropped, the old one goes on; before it took over.</summary>
    CancelSwap = 66,
    /// <summary>The node's own: the new version has warmed up, the old one's orders end.</summary>
    TakeOverStrategy = 67,
    /// <summary>The node's own: the last order of the old version has ended, the new one trades.</summary>
    FinishSwap = 68,
    /// <summary>Text: NAME SCOPE VALUE, see LimitCatalog; VALUE none takes the limit away.</summary>
    SetLimit = 32,
    /// <summary>A person arms a breaker that has tripped. Text: NAME SCOPE.</summary>
    ArmBreaker = 33,
    /// <summary>Daily losses count from here. Text: the UTC day, yyyymmdd; the same day again changes nothing.</summary>
    BeginDay = 34,
    /// <summary>The node logs from here on from another level; nothing the engine knows of. Text: the level.</summary>
    SetLogLevel = 36,
    /// <summary>A person makes a simulation misbehave; journaled before it happens, nothing the engine knows of. Text: what, as it was
    /// asked.</summary>
    InjectFault = 37,
}

/// <summary>What a person, or the node itself, tells the engine; journaled with who and why (R145).</summary>
public sealed record EngineCommand
{
    /// <summary>Characters; longer texts are refused.</summary>
    public const int TextLengthMax = 8_192;

    public required EngineCommandKind Kind { get; init; }

    public required string Who { get; init; }

    public string Why { get; init; } = "";

    public string Text { get; init; } = "";

    public InstrumentId Instrument { get; init; }

    public ushort Strategy { get; init; }

    public NodeState State { get; init; }

    public Degradation Degradation { get; init; }

    /// <summary>Engine time of the command, monotonic ns.</summary>
    public required long NowNs { get; init; }
}

/// <param name="Done">False: nothing changed.</param>
/// <param name="Message">What was done, or what was wrong.</param>
public readonly record struct CommandResult(bool Done, string Message);
