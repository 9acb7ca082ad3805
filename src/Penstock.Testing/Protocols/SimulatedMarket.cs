using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Testing.Flow;
using Penstock.Testing.Matching;

namespace Penstock.Testing.Protocols;

/// <summary>
/// What a venue is behind its protocol: a matching engine and a seeded flow per instrument, one ledger, one account with its
/// orders and fills. One thread (the host's lock).
/// </summary>
public sealed class SimulatedMarket : IMatchListener
{
    /// <summary>Orders and fills kept for queries; older ones are forgotten, as venues do.</summary>
    public const int HistoryMax = 100_000;

    private readonly Dictionary<string, SimulatedOrder> _byClientId = [];
    private readonly Dictionary<long, SimulatedOrder> _byId = [];
    private readonly Queue<SimulatedOrder> _history = new();
    private readonly List<AccountTrade> _trades = [];
    private readonly int _makers;
    private long _nowNs;

    /// <param name="options">The account and the flow.</param>
    /// <param name="instruments">What is traded.</param>
    /// <param name="fees">What trades cost.</param>
    /// <param name="isMargined">
    /// A market of contracts: the ledger counts them as if they were coins, of which the account may owe some, and only what contracts are
    /// settled in is deposited. What may be owed is the venue's to check.
    /// </param>
    public SimulatedMarket(SimulatedVenueOptions options, IReadOnlyList<SimulatedInstrument> instruments, FeeSchedule fees, bool isMargined = false)
    {
        Account = Ledger.OpenAccount("account", isUnlimited: isMargined);
        _makers = Ledger.OpenAccount("makers", isUnlimited: true);
        var takers = Ledger.OpenAccount("takers", isUnlimited: true);
        foreach (var (asset, amount) in options.Balances.Where(b => !isMargined || instruments.Any(i => i.Quote == b.Key)))
            Ledger.Deposit(Account, asset, Notional.From(amount).Raw);
        Instruments = [.. instruments.Select((spec, i) =>
        {
            var engine = new MatchingEngine(spec, Ledger, fees, this, i);
            var flow = new MarketFlow(engine, options.Flow, options.Seed * 1_000 + (ulong)i, _makers, takers, options.WorldSeed);
            return new MarketInstrument(engine, flow);
        })];
    }

    public Ledger Ledger { get; } = new();

    /// <summary>The ledger account the API key belongs to.</summary>
    public int Account { get; }

    public IReadOnlyList<MarketInstrument> Instruments { get; }

    public IReadOnlyList<AccountTrade> Trades => _trades;

    /// <summary>Orders accepted from the account so far.</summary>
    public long OrdersAccepted { get; private set; }

    public long OrdersRejected { get; private set; }

    /// <summary>Hears every fill of the account at once, before anything is published: where positions are kept.</summary>
    internal Action<AccountTrade>? Filled { get; set; }

    /// <summary>The background makers and takers stand still while set; the account's own orders are treated as usual.</summary>
    public bool IsPaused { get; set; }

    /// <summary>What happened to the account's orders and was not yet told on the private streams.</summary>
    internal List<OrderEvent> Unpublished { get; } = [];

    public void Step(long nowNs)
    {
        _nowNs = nowNs;
        if (IsPaused) return;
        foreach (var instrument in Instruments) instrument.Flow.Step(nowNs);
    }

    public SimulatedOrder Place(MarketInstrument instrument, OrderTicket ticket, long nowNs, out MatchReject reject)
    {
        _nowNs = nowNs;
        if (ticket.ClientId.Length > 0 && _byClientId.TryGetValue(ticket.ClientId, out var earlier) && earlier.IsOpen)
        {
            OrdersRejected++;
            reject = MatchReject.DuplicateClientId;
            return earlier;
        }

        return instrument.Engine.Submit(ticket with { Account = Account }, nowNs, out reject);
    }

    /// <param name="order">Of the account.</param>
    /// <param name="fillFirst">Trades half of what remains before the cancel takes effect.</param>
    /// <param name="nowNs">Unix nanoseconds.</param>
    public bool Cancel(SimulatedOrder order, bool fillFirst, long nowNs)
    {
        _nowNs = nowNs;
        var engine = Instruments.First(i => i.Spec == order.Instrument).Engine;
        if (fillFirst)
        {
            var half = new Quantity(order.Remaining.Raw / 2).FloorTo(order.Instrument.Lot);
            engine.ForceFill(order, half.Raw > 0 ? half : order.Remaining, _makers, nowNs);
        }

        return engine.Cancel(order, nowNs);
    }

    /// <param name="order">Of the account.</param>
    /// <param name="price">The new limit price.</param>
    /// <param name="quantity">The new total, what is filled included.</param>
    /// <param name="nowNs">Unix nanoseconds.</param>
    /// <param name="postOnly">Whether this change may not take; null: as the order was placed.</param>
    public MatchReject Amend(SimulatedOrder order, Price price, Quantity quantity, long nowNs, bool? postOnly = null)
    {
        _nowNs = nowNs;
        return Instruments.First(i => i.Spec == order.Instrument).Engine.Amend(order, price, quantity, nowNs, postOnly);
    }

    public SimulatedOrder? FindByClientId(string clientId) => _byClientId.GetValueOrDefault(clientId);

    public SimulatedOrder? FindById(long id) => _byId.GetValueOrDefault(id);

    /// <summary>
    /// Keeps an order the engine refused as accepted and cancelled at once: how some venues treat a post-only order that would take.
    /// </summary>
    public void AcceptAndCancel(SimulatedOrder order)
    {
        order.State = OrderState.Cancelled;
        Remember(order);
        Unpublished.Add(Event(OrderEventKind.Cancelled, order) with { Cause = CancelCause.PostOnly });
    }

    /// <summary>The account's open orders, oldest first.</summary>
    public List<SimulatedOrder> OpenOrders(SimulatedInstrument? instrument = null) =>
        [.. _byId.Values.Where(o => o.IsOpen && (instrument is null || o.Instrument == instrument)).OrderBy(o => o.CreatedNs).ThenBy(o => o.Id)];

    /// <summary>The account's orders, ended ones too, as long as they are remembered (<see cref="HistoryMax"/>).</summary>
    public IEnumerable<SimulatedOrder> Orders() => _byId.Values.OrderBy(o => o.Id);

    void IMatchListener.OnAccepted(MatchingEngine engine, SimulatedOrder order)
    {
        if (order.Ticket.Account != Account) return;
        OrdersAccepted++;
        Remember(order);
        Unpublished.Add(Event(OrderEventKind.Accepted, order));
    }

    void IMatchListener.OnAmended(MatchingEngine engine, SimulatedOrder order)
    {
        if (order.Ticket.Account == Account) Unpublished.Add(Event(OrderEventKind.Amended, order));
    }

    void IMatchListener.OnTrade(MatchingEngine engine, in MatchTrade trade)
    {
        var instrument = Instruments[engine.Index];
        instrument.AddPrint(new MarketPrint(trade.TradeId, trade.Price, trade.Quantity, trade.Taker.Side, _nowNs));
        Record(trade, trade.Maker, isMaker: true, trade.MakerFee);
        Record(trade, trade.Taker, isMaker: false, trade.TakerFee);
    }

    void IMatchListener.OnCancelled(MatchingEngine engine, SimulatedOrder order, CancelCause cause)
    {
        if (order.Ticket.Account == Account) Unpublished.Add(Event(OrderEventKind.Cancelled, order) with { Cause = cause });
    }

    void IMatchListener.OnRejected(MatchingEngine engine, SimulatedOrder order, MatchReject reason)
    {
        if (order.Ticket.Account == Account) OrdersRejected++;
    }

    void IMatchListener.OnLevel(MatchingEngine engine, Side side, Price price, Quantity quantity) =>
        Instruments[engine.Index].Touch(side, price);

    private void Record(in MatchTrade trade, SimulatedOrder order, bool isMaker, Int128 fee)
    {
        if (order.Ticket.Account != Account) return;
        var fill = new AccountTrade(trade.TradeId, order, trade.Price, trade.Quantity, isMaker, fee, _nowNs);
        if (_trades.Count == HistoryMax) _trades.RemoveRange(0, HistoryMax / 10);
        _trades.Add(fill);
        Filled?.Invoke(fill);
        Unpublished.Add(Event(OrderEventKind.Trade, order) with { Trade = fill });
    }

    private void Remember(SimulatedOrder order)
    {
        _byId[order.Id] = order;
        if (order.ClientId.Length > 0) _byClientId[order.ClientId] = order;
        _history.Enqueue(order);
        if (_history.Count > HistoryMax) Forget(_history.Dequeue());
    }

    private OrderEvent Event(OrderEventKind kind, SimulatedOrder order) => new()
    {
        Kind = kind, Order = order, TimeNs = _nowNs, State = order.State, Filled = order.Filled,
        FilledQuote = order.FilledQuote, FeePaid = order.FeePaid,
    };

    /// <summary>An order that is still open is never forgotten: it goes to the end of the queue.</summary>
    private void Forget(SimulatedOrder order)
    {
        if (order.IsOpen)
        {
            _history.Enqueue(order);
            return;
        }

        _byId.Remove(order.Id);
        if (_byClientId.GetValueOrDefault(order.ClientId) == order) _byClientId.Remove(order.ClientId);
    }
}
