using Penstock.Infrastructure.Snapshots;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading.Orders;
using Penstock.Trading.Risk;

namespace Penstock.Strategies;

/// <summary>
/// One side of a declared quote: at most one live order, brought to what was asked with the fewest messages. An order that
/// is close enough stays. One that is not is changed in place where its venue does that (one message; one that only becomes
/// smaller keeps its place in the queue at many venues); elsewhere it is cancelled, and replaced when the cancel is confirmed,
/// so two never rest at once. A change that is refused, or not answered in time, becomes a cancel: no quote is better than one
/// in the wrong place, and cancels are never throttled. One that only lacks a permit waits for it a quarter of a second first.
/// While an outcome is unknown nothing new is sent.
/// </summary>
public sealed class QuoteSlot
{
    /// <summary>How long the venue may take for its answer while the quote is wanted elsewhere already.</summary>
    private const long PatienceNs = 1_000_000_000;

    /// <summary>After a refusal the same wish would be refused again at once.</summary>
    private const long HoldNs = 250_000_000;

    /// <summary>Between two tries while permits are lacking: each is a refusal in the journal.</summary>
    private const long RetryNs = 50_000_000;

    private readonly StrategyContext _context;
    private readonly Instrument _instrument;
    private readonly Side _side;
    private Order? _order;
    private ClientOrderId _id;
    private bool _isWanted;
    private Price _price;
    private Quantity _quantity;
    private long _heldUntilNs;
    private long _nextCancelNs;
    private bool _isChanging;
    private Price _changedPrice;
    private Quantity _changedQuantity;
    private long _askedNs;
    private long _noChangeUntilNs;
    private long _throttledNs;
    private long _nextTryNs;

    internal QuoteSlot(StrategyContext context, Instrument instrument, Side side)
    {
        _context = context;
        _instrument = instrument;
        _side = side;
    }

    /// <summary>How many ticks the wish must differ from the resting price before it is followed.</summary>
    public int RequoteTicks { get; set; } = 1;

    public OrderFlags Flags { get; set; } = OrderFlags.PostOnly;

    /// <summary>The resting or pending order, if any.</summary>
    public Order? Live => _order is { IsLive: true } order && order.ClientOrderId == _id ? order : null;

    /// <summary>
    /// Wants a quote here. The price goes to the tick that is further from the market, the quantity down to the lot; a
    /// quantity below the venue's minimum wants no quote.
    /// </summary>
    public void Set(Price price, Quantity quantity)
    {
        _price = _side == Side.Buy ? price.FloorTo(_instrument.Tick) : price.CeilingTo(_instrument.Tick);
        _quantity = quantity.FloorTo(_instrument.Lot);
        _isWanted = _price.IsPositive && _quantity.IsPositive && _quantity >= _instrument.QuantityMin;
    }

    /// <summary>Wants no quote on this side.</summary>
    public void Clear() => _isWanted = false;

    internal void Flush(long nowNs)
    {
        if (Live is { } live)
        {
            if (_context.CanAmend(live)) Follow(live, nowNs);
            else if (MustGo(live)) Cancel(live, nowNs);
            return;
        }

        if (_order is { } ended && ended.ClientOrderId == _id && IsRefusal(ended)) _heldUntilNs = nowNs + HoldNs;
        _order = null;
        if (!_isWanted || nowNs < _heldUntilNs) return;
        var result = _context.PlaceQuote(new OrderRequest
        {
            Instrument = _instrument.Id, Side = _side, Price = _price, Quantity = _quantity, Flags = Flags,
        });
        if (!result.IsPlaced)
        {
            _heldUntilNs = nowNs + HoldNs;
            return;
        }

        _nextCancelNs = 0;
        _askedNs = nowNs;
        _throttledNs = 0;
        _isChanging = false;
        _id = result.ClientOrderId;
        _order = _context.Find(_id);
    }

    /// <summary>Another time base has begun.</summary>
    internal void OnSession()
    {
        _heldUntilNs = _nextCancelNs = _askedNs = _noChangeUntilNs = _throttledNs = _nextTryNs = 0;
        _isChanging = false;
    }

    /// <summary>The other's resting order is this one's from now on; price and size to follow stay this one's own.</summary>
    internal void Adopt(QuoteSlot from)
    {
        (_order, _id) = (from._order, from._id);
        (_heldUntilNs, _nextCancelNs) = (0, from._nextCancelNs);
        (_isChanging, _changedPrice, _changedQuantity) = (from._isChanging, from._changedPrice, from._changedQuantity);
        (_askedNs, _noChangeUntilNs) = (from._askedNs, from._noChangeUntilNs);
        (_throttledNs, _nextTryNs) = (from._throttledNs, from._nextTryNs);
    }

    /// <summary>The order itself is the desk's; it is found again by its id.</summary>
    /// <param name="state">Saved to, or loaded from.</param>
    /// <param name="hasAmends">False for a state of before quotes were changed in place.</param>
    internal void Archive(StateArchive state, bool hasAmends)
    {
        RequoteTicks = state.Value(RequoteTicks);
        Flags = state.Value(Flags);
        _id = state.Value(_id);
        _isWanted = state.Value(_isWanted);
        _price = state.Value(_price);
        _quantity = state.Value(_quantity);
        _heldUntilNs = state.Value(_heldUntilNs);
        _nextCancelNs = state.Value(_nextCancelNs);
        var hasOrder = state.Value(_order is not null && _order.ClientOrderId == _id);
        if (hasAmends)
        {
            _isChanging = state.Value(_isChanging);
            _changedPrice = state.Value(_changedPrice);
            _changedQuantity = state.Value(_changedQuantity);
            _askedNs = state.Value(_askedNs);
            _noChangeUntilNs = state.Value(_noChangeUntilNs);
            _throttledNs = state.Value(_throttledNs);
            _nextTryNs = state.Value(_nextTryNs);
        }

        if (state.IsLoading) _order = hasOrder ? _context.Find(_id) : null;
    }

    /// <summary>
    /// A cancel that came back at once (the venue's session is down) is asked again after a pause: in every cycle it would only fill the
    /// journal.
    /// </summary>
    private void Cancel(Order live, long nowNs)
    {
        if (nowNs < _nextCancelNs) return;
        _nextCancelNs = nowNs + HoldNs;
        _context.Cancel(live);
    }

    /// <summary>A post-only order that would take is rejected by some venues, by others accepted and cancelled at once.</summary>
    private static bool IsRefusal(Order order) =>
        order.State == OrderState.Rejected || order is { State: OrderState.Cancelled, Reason: RejectReason.WouldTakeLiquidity };

    /// <summary>Where the venue changes orders in place.</summary>
    private void Follow(Order live, long nowNs)
    {
        NoteAnswer(live, nowNs);
        if (!MustGo(live) && !IsAnywhere(live))
        {
            _throttledNs = 0;
            return;
        }

        if (!_isWanted || IsAnywhere(live) || nowNs < _noChangeUntilNs) Cancel(live, nowNs);
        else if (OrderManager.CanAmend(live)) Change(live, nowNs);
        else if (nowNs - _askedNs >= PatienceNs) Cancel(live, nowNs);
    }

    /// <summary>The total that leaves what is wanted; fills on their way make it less, never more.</summary>
    private void Change(Order live, long nowNs)
    {
        if (nowNs < _nextTryNs) return;
        _changedPrice = IsMoved(live) ? _price : live.Request.Price;
        _changedQuantity = (live.Filled > live.Reported ? live.Filled : live.Reported) + _quantity;
        var refusal = _context.AmendQuote(live, _changedPrice, _changedQuantity);
        _isChanging = refusal == RiskRule.None;
        if (_isChanging)
        {
            (_askedNs, _throttledNs) = (nowNs, 0);
            return;
        }

        if (refusal is RiskRule.MessageRate or RiskRule.VenueOrderRate && !IsTiredOfWaiting(nowNs)) return;
        _noChangeUntilNs = nowNs + HoldNs;
        Cancel(live, nowNs);
    }

    private bool IsTiredOfWaiting(long nowNs)
    {
        if (_throttledNs == 0) _throttledNs = nowNs;
        _nextTryNs = nowNs + RetryNs;
        return nowNs - _throttledNs >= HoldNs;
    }

    /// <summary>What was refused once would be refused again at once: for a while the quote is replaced instead.</summary>
    private void NoteAnswer(Order live, long nowNs)
    {
        if (!_isChanging || live.IsAmendPending) return;
        _isChanging = false;
        if (live.Request.Price != _changedPrice || live.Request.Quantity != _changedQuantity) _noChangeUntilNs = nowNs + HoldNs;
    }

    /// <summary>A change got no answer, and nobody will tell any more whether it was made.</summary>
    private static bool IsAnywhere(Order live) => live.UncertainQuantity.Raw > 0 && !live.IsCancelPending && live.State != OrderState.Unknown;

    private bool MustGo(Order live)
    {
        if (live.IsCancelPending) return false;
        if (!_isWanted) return true;
        if (live.State == OrderState.Unknown) return false;
        return IsMoved(live) || live.Leaves > _quantity;
    }

    private bool IsMoved(Order live) => Math.Abs(live.Request.Price.Raw - _price.Raw) >= _instrument.Tick.Raw * Math.Max(1, RequoteTicks);
}
