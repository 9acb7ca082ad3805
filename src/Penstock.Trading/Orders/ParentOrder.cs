using System.Runtime.CompilerServices;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading.Risk;

namespace Penstock.Trading.Orders;

/// <summary>How a parent order becomes children.</summary>
public enum AlgorithmKind : byte
{
    /// <summary>The strategy sends the children itself; the parent only bounds them.</summary>
    None,
    /// <summary>All that is left, at the best venue, again elsewhere when a venue fails: a single order that names several venues.</summary>
    Direct,
    /// <summary>Equal slices over time, each immediate-or-cancel; what a slice misses the later ones catch up.</summary>
    Twap,
    /// <summary>One resting child at the limit price, of the displayed quantity, renewed when it is filled.</summary>
    Iceberg,
}

public enum ParentState : byte
{
    None,
    Working,
    Filled,
    /// <summary>On request. Children may still be live while their cancels are on the way; what they fill is accounted.</summary>
    Cancelled,
    /// <summary>Its time is over.</summary>
    Expired,
    /// <summary>A child beyond the quantity was asked for: the algorithm is wrong, and a person has to look.</summary>
    Halted,
    /// <summary>What was due was refused for a reason that does not pass by itself, or did not pass in time: rule and reason say which.</summary>
    Refused,
}

/// <summary>Up to four markets of one pair.</summary>
[InlineArray(4)]
public struct ParentInstruments
{
    public const int Max = 4;

    private InstrumentId _first;
}

/// <summary>
/// A parent order and the state of its algorithm. One block without references, so that a snapshot is a copy. Written by
/// <see cref="ParentBook"/> and by the algorithm's step.
/// </summary>
public struct ParentOrder
{
    public ClientOrderId Id;
    public ParentInstruments Instruments;
    public int InstrumentCount;
    public ushort Strategy;
    public Side Side;
    public ParentState State;
    public AlgorithmKind Algorithm;
    public TimeInForce TimeInForce;
    public OrderFlags Flags;

    /// <summary>What the children may fill together, ever.</summary>
    public Quantity Quantity;

    /// <summary>No child goes beyond it; zero for none.</summary>
    public Price Limit;

    /// <summary>Filled or live: Σ over the children of the most each may still come to.</summary>
    public Int128 CommittedRaw;

    public Int128 FilledRaw;

    /// <summary>Children whose end is not known.</summary>
    public int ChildrenLive;

    public int Children;

    /// <summary>Engine time, ns.</summary>
    public long StartNs;

    /// <summary>Zero for no end.</summary>
    public long EndNs;

    /// <summary>When the algorithm looks again.</summary>
    public long NextNs;

    public int Slices;
    public int SlicesDone;

    /// <summary>What an iceberg shows.</summary>
    public Quantity Display;

    /// <summary>By how much times and quantities vary, in 1/100 of the slice; 0 for not at all.</summary>
    public int JitterPercent;

    /// <summary>State of the jitter's generator; never zero while there is jitter.</summary>
    public ulong Random;

    /// <summary>Something of its children changed since the algorithm looked.</summary>
    public bool IsDirty;

    /// <summary>Its end is in the journal.</summary>
    public bool IsEndJournaled;

    /// <summary>The instrument whose child failed last; None when none did. Sessions of before format 5.</summary>
    public InstrumentId Failed;

    // From session format 5 on; snapshots of before it end here.

    /// <summary>The rule that refused last, and of a refused parent the one that ended it; None where a venue refused, or nobody did.</summary>
    public RiskRule Rule;

    /// <summary>Why its venue refused a child last; None where a rule did.</summary>
    public RejectReason Reason;

    /// <summary>Bit i: market i refused since the last wait, and is asked again after the next.</summary>
    public byte Tried;

    /// <summary>Bit i: market i refused for a reason that does not pass by itself, and is not asked again.</summary>
    public byte Barred;

    /// <summary>A child came back without having had its chance: what it had taken is due again.</summary>
    public bool IsOwed;

    /// <summary>Engine time since which nothing of it came to a venue, ns; zero while nothing waits.</summary>
    public long WaitSinceNs;

    // What its strategy was told of it.
    internal ParentState ToldState;
    internal bool IsSettledTold;
    internal Int128 ToldFilledRaw;

    public readonly bool IsWorking => State == ParentState.Working;

    /// <summary>It has ended, and so has every child: what it filled is final, late fills of a venue apart.</summary>
    public readonly bool IsSettled => !IsWorking && ChildrenLive == 0;

    /// <summary>It was filled further, ended or settled, and its strategy was not told.</summary>
    public readonly bool HasNews => Strategy != 0 && (FilledRaw != ToldFilledRaw || State != ToldState || IsSettled != IsSettledTold);

    /// <summary>What no child has taken.</summary>
    public readonly Quantity Open => new((long)Int128.Max(0, Quantity.Raw - CommittedRaw));

    public readonly Quantity Filled => new((long)FilledRaw);

    /// <summary>The market's bit in <see cref="Tried"/> and <see cref="Barred"/>; 0 for one that is not named.</summary>
    public readonly byte BitOf(InstrumentId market) => (byte)(Markets.IndexOf(market) is var at and >= 0 ? 1 << at : 0);

    public readonly ReadOnlySpan<InstrumentId> Markets
    {
        [System.Diagnostics.CodeAnalysis.UnscopedRef]
        get => ((ReadOnlySpan<InstrumentId>)Instruments)[..InstrumentCount];
    }
}
