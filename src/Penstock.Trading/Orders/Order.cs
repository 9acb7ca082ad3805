using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Trading.Orders;

/// <summary>
/// One of our orders. A record of the pool: the object is used again for another order long after this one ended, so keep
/// the <see cref="ClientOrderId"/>, not the reference. Written by <see cref="OrderManager"/> only.
/// </summary>
public sealed partial class Order
{
    private OrderRequest _request;

    internal Order? Next;
    internal Order? Previous;
    internal int Slot;

    /// <summary>What <see cref="OrderManager"/> has added to its exposure sums for this order.</summary>
    internal long CountedRaw;

    /// <summary>The last reconciliation that saw it at the venue.</summary>
    internal long SeenMark;

    internal bool IsCountedLive;

    internal bool IsCountedMissing;

    /// <summary>Some sum holds something of it.</summary>
    internal bool IsCounted => CountedRaw != 0 || IsCountedLive || IsCountedMissing || ParentSlot != 0;

    /// <summary>The parent's record + 1; 0 without a parent.</summary>
    internal int ParentSlot;

    /// <summary>What the parent's sum holds for this order.</summary>
    internal long CommittedRaw;

    /// <summary>What the parent's record has of this order's fills, and whether it counts it as live.</summary>
    internal long ParentFilledRaw;

    internal bool IsParentCounted;

    /// <summary>What a confirmed cancel is to be followed by: the price of the order that replaces this one; zero for nothing.</summary>
    internal Price ReplacePrice;

    /// <summary>The total quantity wanted, what this order filled included.</summary>
    internal Quantity ReplaceQuantity;

    /// <summary>As it was asked for, later changes included. Seen in place: it is copied as seldom as it can be.</summary>
    public ref readonly OrderRequest Request => ref _request;

    public VenueId Venue { get; internal set; }

    public OrderState State { get; internal set; }

    /// <summary>Empty until the venue tells.</summary>
    public Text40 VenueOrderId { get; internal set; }

    /// <summary>The one before an amend, where the venue gave a new one: fills of before still name it.</summary>
    public Text40 PreviousVenueOrderId { get; internal set; }

    /// <summary>Sum of the fills that were accounted.</summary>
    public Quantity Filled { get; internal set; }

    /// <summary>Σ price × quantity of those fills.</summary>
    public Notional FilledValue { get; internal set; }

    /// <summary>The largest cumulative quantity the venue has named: more than <see cref="Filled"/> while a fill is missing.</summary>
    public Quantity Reported { get; internal set; }

    /// <summary>Why it was rejected, or its last cancel was.</summary>
    public RejectReason Reason { get; internal set; }

    /// <summary>A cancel is under way; its outcome is open.</summary>
    public bool IsCancelPending { get; internal set; }

    /// <summary>An amend is under way; its outcome is open.</summary>
    public bool IsAmendPending { get; internal set; }

    /// <summary>What the pending amend asks for.</summary>
    public Price AmendPrice { get; internal set; }

    public Quantity AmendQuantity { get; internal set; }

    /// <summary>The total of an amend whose outcome never became known; zero otherwise. Counts until the order ends or is amended again.</summary>
    public Quantity UncertainQuantity { get; internal set; }

    /// <summary>Amends the venue has confirmed.</summary>
    public int Amends { get; internal set; }

    /// <summary>The order placed in its place, where its venue cannot amend; None otherwise.</summary>
    public ClientOrderId ReplacedBy { get; internal set; }

    /// <summary>Engine time at which the engine cancels it, ns; zero for never.</summary>
    public long ExpiresNs { get; internal set; }

    /// <summary>It may only take its strategy's position down: cut again when the position shrinks.</summary>
    public bool IsReduceOnly { get; internal set; }

    /// <summary>A stop whose price was reached and that waits until it may leave.</summary>
    public bool IsTriggered { get; internal set; }

    /// <summary>The venue has shown that it knows the order (accepted, filled, or by status).</summary>
    public bool IsKnownToVenue { get; internal set; }

    /// <summary>Engine times, ns; zero while it has not happened.</summary>
    public long CreatedNs { get; internal set; }

    public long SentNs { get; internal set; }

    public long AckedNs { get; internal set; }

    public long UpdatedNs { get; internal set; }

    /// <summary>When silence becomes UNKNOWN; long.MaxValue when nothing is awaited.</summary>
    public long DeadlineNs { get; internal set; }

    /// <summary>When an unknown order is queried again.</summary>
    public long NextQueryNs { get; internal set; }

    public int Queries { get; internal set; }

    public ClientOrderId ClientOrderId { get; internal set; }

    public InstrumentId Instrument => _request.Instrument;

    public Side Side => _request.Side;

    public bool IsLive => State != OrderState.None && !OrderTransitions.IsTerminal(State);

    /// <summary>At its venue, as far as we know: live and not held.</summary>
    public bool IsOut => IsLive && State != OrderState.Held;

    /// <summary>The largest total the venue may hold it for: the worst of what it was and what amends asked for.</summary>
    public Quantity QuantityMax => new(Math.Max(Request.Quantity.Raw, Math.Max(IsAmendPending ? AmendQuantity.Raw : 0, UncertainQuantity.Raw)));

    /// <summary>The smallest total the venue may hold it for.</summary>
    internal Quantity QuantityLeast => new(Math.Min(
        Request.Quantity.Raw, Math.Min(IsAmendPending ? AmendQuantity.Raw : long.MaxValue, UncertainQuantity.Raw > 0 ? UncertainQuantity.Raw : long.MaxValue)));

    /// <summary>What the venue may still fill.</summary>
    public Quantity Leaves => IsOut ? new(Math.Max(0, QuantityMax.Raw - Math.Max(Filled.Raw, Reported.Raw))) : Quantity.Zero;

    /// <summary>Fills the venue has counted and we have not seen.</summary>
    public Quantity Missing => new(Math.Max(0, Reported.Raw - Filled.Raw));

    /// <summary>Zero without fills. Rounded to 1e-8 towards zero: for display, never for accounting.</summary>
    public Price AveragePrice => Filled.Raw == 0 ? Price.Zero : new((long)(FilledValue.Raw / Filled.Raw));

    internal void Become(in OrderRequest request)
    {
        ClientOrderId = request.ClientOrderId;
        _request = request;
    }
}
