using Penstock.Infrastructure.Snapshots;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading.Orders;

namespace Penstock.Strategies;

/// <summary>
/// One side of a declared quote: at most one live order, brought to what was asked with the fewest messages. An order that
/// is close enough stays; one that is not is cancelled, and replaced when the cancel is confirmed, so two never rest at once.
/// While an outcome is unknown nothing new is sent.
/// </summary>
public sealed class QuoteSlot
{
    /// <summary>After a refusal the same wish would be refused again at once.</summary>
    private const long HoldNs = 250_000_000;

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
            if (MustGo(live)) Cancel(live, nowNs);
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
        _id = result.ClientOrderId;
        _order = _context.Find(_id);
    }

    /// <summary>Another time base has begun.</summary>
    internal void OnSession() => _heldUntilNs = _nextCancelNs = 0;

    /// <summary>The other's resting order is this one's from now on; price and size to follow stay this one's own.</summary>
    internal void Adopt(QuoteSlot from)
    {
        (_order, _id) = (from._order, from._id);
        (_heldUntilNs, _nextCancelNs) = (0, from._nextCancelNs);
    }

    /// <summary>The order itself is the desk's; it is found again by its id.</summary>
    internal void Archive(StateArchive state)
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

    private bool MustGo(Order live)
    {
        if (live.IsCancelPending) return false;
        if (!_isWanted) return true;
        if (live.State == OrderState.Unknown) return false;
        var moved = Math.Abs(live.Request.Price.Raw - _price.Raw);
        return moved >= _instrument.Tick.Raw * Math.Max(1, RequoteTicks) || live.Leaves > _quantity;
    }
}
