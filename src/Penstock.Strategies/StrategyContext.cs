using Penstock.Infrastructure.Snapshots;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading;
using Penstock.Trading.Execution;
using Penstock.Trading.Orders;
using Penstock.Trading.Positions;
using Penstock.Trading.Risk;

namespace Penstock.Strategies;

/// <summary>What a strategy can see and do. Engine's thread only; nothing here waits or allocates after the first use.</summary>
public sealed class StrategyContext
{
    /// <summary>Orders, changes and cancels a strategy may send in one call; one more is a loop, and the end of it. Declared quotes do not count.</summary>
    public const int ActionsPerCallMax = 200;

    /// <summary>As to a strategy that is switched off: this one is not on yet, or not any more.</summary>
    private static readonly RiskReject NotYet = new(RiskRule.StrategyDisabled, 1, 0);

    private readonly OrderDesk _desk;
    private readonly IBookSource _books;
    private readonly InstrumentTable _instruments;
    private readonly EngineClock _clock;
    private readonly QuoteSlot?[] _slots;
    private readonly List<QuoteSlot> _used = [];
    private int _actions;

    internal StrategyContext(StrategySetup setup, OrderDesk desk, IBookSource books, InstrumentTable instruments, EngineClock clock)
    {
        Setup = setup;
        _desk = desk;
        _books = books;
        _instruments = instruments;
        _clock = clock;
        _slots = new QuoteSlot?[(instruments.Count + 1) * 2];
        // All that it may be asked for is made now: the first quote of an instrument may come long after READY, on the hot thread.
        foreach (var instrument in setup.Instruments)
        {
            Quote(instrument, Side.Buy);
            Quote(instrument, Side.Sell);
        }
    }

    public StrategySetup Setup { get; }

    /// <summary>The engine's: where its thread is.</summary>
    internal StrategyCalls Calls { get; init; } = new();

    public ushort Id => Setup.Id;

    /// <summary>The instruments the strategy was given, and is called for.</summary>
    public IReadOnlyList<InstrumentId> Instruments => Setup.Instruments;

    public MonotonicTime Now => new(_clock.NowNs);

    /// <summary>Seeded by the session: the only randomness a strategy may use.</summary>
    public SeededRandom Random { get; } = new(1);

    internal bool IsDisabled { get; set; }

    /// <summary>False in the replay of a session of before: what decides differently since then decides as it did.</summary>
    internal bool IsFormat5 => _desk.IsFormat5;

    /// <summary>Nothing it asks for leaves, risk included: a new version that warms up, or an old one that drains.</summary>
    internal bool IsWithheld { get; set; }

    /// <summary>What was asked for meanwhile.</summary>
    internal long Withheld { get; private set; }

    public Instrument Instrument(InstrumentId id) => _instruments[id];

    public BookView Book(InstrumentId id) => new(_instruments[id], _books.Find(id));

    /// <summary>This strategy's own.</summary>
    public ref readonly Position Position(InstrumentId instrument) => ref _desk.Positions.Of(Id, instrument);

    /// <summary>What the venue takes of a fill; nothing where nobody has said what it takes.</summary>
    public (Bps Maker, Bps Taker) Fees(InstrumentId instrument) => _desk.Fees.Of(_instruments[instrument]);

    /// <summary>What the venue lets be done with the instrument now.</summary>
    public InstrumentStatus Status(InstrumentId instrument) => _desk.StatusOf(instrument);

    /// <summary>Orders are matched now: by the venue's word, and by its calendar where the node's configuration names one.</summary>
    public bool IsOpen(InstrumentId instrument) => Status(instrument) == InstrumentStatus.Trading;

    /// <summary>How long the instrument's session lasts yet; null outside of it, and where no calendar closes it.</summary>
    public TimeSpan? TimeToClose(InstrumentId instrument) =>
        _desk.ClosesNs(instrument) is var closes && closes > 0 ? TimeSpan.FromTicks(Math.Max(0, closes - _clock.NowNs) / 100) : null;

    /// <summary>The close in engine time; zero where none is known.</summary>
    internal MonotonicTime CloseOf(InstrumentId instrument) => new(_desk.ClosesNs(instrument));

    /// <summary>The declared quote of one side; the same object every time.</summary>
    public QuoteSlot Quote(InstrumentId instrument, Side side)
    {
        ref var slot = ref _slots[instrument.Value * 2 + (side == Side.Buy ? 0 : 1)];
        if (slot is not null) return slot;
        slot = new QuoteSlot(this, _instruments[instrument], side);
        _used.Add(slot);
        return slot;
    }

    /// <summary>Asks for one order; strategy and trigger are filled in here, and the age its signal may have where it names none.</summary>
    public PlaceResult Place(in OrderRequest wish)
    {
        Act();
        return PlaceQuote(wish);
    }

    internal PlaceResult PlaceQuote(in OrderRequest wish) => Withhold() ? new PlaceResult(default, NotYet) : _desk.Place(
        wish with
        {
            Strategy = Id, Trigger = new MonotonicTime(_clock.TriggerNs),
            SignalAgeNsMax = wish.SignalAgeNsMax > 0 ? wish.SignalAgeNsMax : Setup.SignalAgeMaxMs * 1_000_000L,
        }, IsDisabled, _clock.NowNs);

    /// <summary>Changes a resting or held order; zero keeps the price or the total quantity. The outcome comes as an order event.</summary>
    /// <param name="id">An order of this strategy.</param>
    /// <param name="price">The new limit price.</param>
    /// <param name="quantity">The new total, what is filled included.</param>
    /// <param name="orReplace">Cancel and place anew where the venue cannot amend.</param>
    public AmendResult Amend(ClientOrderId id, Price price, Quantity quantity, bool orReplace = false)
    {
        Act();
        if (Withhold()) return new AmendResult(NotYet);
        return Find(id) is { } order
            ? _desk.Amend(order, price, quantity, IsDisabled, new MonotonicTime(_clock.TriggerNs), _clock.NowNs, orReplace)
            : new AmendResult(_desk.Risk.Refused(RiskRule.NotAmendable, 0, 0));
    }

    /// <summary>
    /// A held order of this strategy, not woken yet, waits for another price: to trail a stop, for instance. Looked at from the next event on.
    /// </summary>
    public AmendResult MoveStop(ClientOrderId id, Price stop)
    {
        Act();
        if (Withhold()) return new AmendResult(NotYet);
        return stop.IsPositive && Find(id) is { } order
            ? _desk.Amend(order, default, default, IsDisabled, new MonotonicTime(_clock.TriggerNs), _clock.NowNs, stop: stop)
            : new AmendResult(_desk.Risk.Refused(RiskRule.NotAmendable, 0, 0));
    }

    /// <summary>Asks for a quantity by several orders, or on the best of several venues; the strategy is filled in here.</summary>
    public PlaceResult Start(in ParentRequest wish)
    {
        Act();
        return Withhold() ? new PlaceResult(default, NotYet) : _desk.StartParent(wish with { Strategy = Id }, IsDisabled, _clock.NowNs);
    }

    /// <summary>Ends a parent order and cancels its children. False when it has ended, or is another strategy's.</summary>
    public bool CancelParent(ClientOrderId id)
    {
        Act();
        return !Withhold() && FindParent(id).Strategy == Id && _desk.CancelParent(id, _clock.NowNs);
    }

    /// <summary>A parent order; an empty record when there is none of that id any more.</summary>
    public ref readonly ParentOrder FindParent(ClientOrderId id) => ref _desk.Orders.Parents.Find(id);

    /// <summary>This strategy's live orders, held ones included, oldest first: the first with null, then the one after each. Null at the end.</summary>
    public Order? NextActive(Order? after)
    {
        var order = after is null ? _desk.Orders.Live.First : OrderList.After(after);
        while (order is not null && order.Request.Strategy != Id) order = OrderList.After(order);
        return order;
    }

    /// <summary>False when there is nothing to cancel, or the order is another strategy's.</summary>
    public bool Cancel(ClientOrderId id)
    {
        Act();
        return Find(id) is { } order && Cancel(order);
    }

    public int CancelAll()
    {
        Act();
        return Withhold() ? 0 : _desk.CancelAll(Id, _clock.NowNs);
    }

    /// <summary>An order of this strategy; null for others.</summary>
    public Order? Find(ClientOrderId id) => _desk.Orders.Find(id) is { } order && order.Request.Strategy == Id ? order : null;

    /// <summary>The venue changes orders like this one in place, and the changed one is as careful as it was.</summary>
    internal bool CanAmend(Order order) => _desk.Rates.AmendsOf(order.Venue) is { } amends
        && (amends.KeepsPostOnly || (order.Request.Flags & OrderFlags.PostOnly) == 0);

    /// <summary>None when it left, or the rule that refused it.</summary>
    internal RiskRule AmendQuote(Order order, Price price, Quantity quantity) => Withhold() ? NotYet.Rule
        : _desk.Amend(order, price, quantity, IsDisabled, new MonotonicTime(_clock.TriggerNs), _clock.NowNs).Reject.Rule;

    internal bool Cancel(Order order) => !Withhold() && _desk.Cancel(order, new MonotonicTime(_clock.TriggerNs), _clock.NowNs);

    /// <summary>True when it sent without end in the call that has ended.</summary>
    internal bool EndCall()
    {
        var isRunaway = _actions > ActionsPerCallMax;
        _actions = 0;
        return isRunaway;
    }

    private bool Withhold()
    {
        if (IsWithheld) Withheld++;
        return IsWithheld;
    }

    /// <summary>Nothing leaves any more from the first one too many on, whatever the strategy does with the exception.</summary>
    private void Act()
    {
        Calls.WaitWhileHeld();
        if (++_actions <= ActionsPerCallMax) return;
        IsDisabled = true;
        throw new RunawayStrategyException(ActionsPerCallMax);
    }

    internal void FlushQuotes()
    {
        Calls.WaitWhileHeld();
        if (IsDisabled) return;
        foreach (var slot in _used) slot.Flush(_clock.NowNs);
    }

    /// <summary>For a version that runs beside this one: the same desk, quotes and random numbers of its own.</summary>
    internal StrategyContext Beside(string settings)
    {
        var twin = new StrategyContext(Setup with { Configuration = settings }, _desk, _books, _instruments, _clock) { Calls = Calls };
        twin.Random.Follow(Random);
        return twin;
    }

    /// <summary>The other's resting quotes become this one's; where they should be is its own wish.</summary>
    internal void AdoptQuotes(StrategyContext from)
    {
        for (var i = 0; i < _slots.Length; i++)
        {
            if (from._slots[i] is { } slot) Quote(new InstrumentId(i / 2), i % 2 == 0 ? Side.Buy : Side.Sell).Adopt(slot);
        }
    }

    internal void ClearQuotes()
    {
        foreach (var slot in _used) slot.Clear();
    }

    internal void BeginSession(ulong seed)
    {
        Random.Reseed(seed + Id);
        foreach (var slot in _used) slot.OnSession();
    }

    internal void ArchiveWithheld(StateArchive state) => (IsWithheld, Withheld) = (state.Value(IsWithheld), state.Value(Withheld));

    /// <summary>Quotes in the order of their first use, which is the order they are flushed in.</summary>
    /// <param name="state">Saved to, or loaded from.</param>
    /// <param name="hasAmends">False for a state of before quotes were changed in place.</param>
    internal void Archive(StateArchive state, bool hasAmends)
    {
        IsDisabled = state.Value(IsDisabled);
        Random.Archive(state);
        var places = state.List<int>(_used.Select(s => Array.IndexOf(_slots, s)).ToArray());
        foreach (var place in places)
        {
            if (place < 2 || place >= _slots.Length) throw new InvalidDataException($"There is no quote {place}.");
            Quote(new InstrumentId(place / 2), place % 2 == 0 ? Side.Buy : Side.Sell).Archive(state, hasAmends);
        }
    }
}
