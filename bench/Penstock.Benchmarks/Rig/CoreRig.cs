using Penstock.Infrastructure.Journal;
using Penstock.MarketData.Books;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Strategies;
using Penstock.Strategies.MarketMaking;
using Penstock.Trading;
using Penstock.Trading.Execution;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;

namespace Penstock.Benchmarks.Rig;

/// <summary>The trading core alone: one instrument, no sockets, no decoder; a step of time per input. A venue that accepts and cancels what it is asked to.</summary>
internal sealed class CoreRig : IOrderOutbox
{
    /// <summary>Depth messages made beforehand, used over and over.</summary>
    public const int Messages = 4_096;

    private const long StepNs = 100_000;
    private const int Seed = 17;
    private static readonly InstrumentId Btc = new(1);
    private static readonly VenueId Venue = new(1);

    private static readonly Price BidPrice = Price.From(60_000m);
    private static readonly Price AskPrice = Price.From(60_000.01m);

    private readonly Quantity _quantity = Quantity.From(0.01m);
    private readonly MarketEvent[][] _walk;
    private readonly Queue<ExecutionReport> _answers = new(16);
    private long _nowNs = 1_000_000_000;
    private long _trades;
    private int _batches;

    public CoreRig(bool hasStrategy)
    {
        _walk = hasStrategy ? Walk().Messages : [];
        Engine = Create(hasStrategy);
    }

    public TradingEngine Engine { get; }

    /// <summary>Requests the strategy sent.</summary>
    public long Requests { get; private set; }

    public static MarketWalk Walk() => new(Seed, Btc, Venue, Messages);

    public static TradingEngine Create(bool hasStrategy)
    {
        var table = new InstrumentTable();
        table.Add(new Instrument
        {
            Venue = Venue, Symbol = "BTC-USDT", VenueSymbol = "BTCUSDT", Base = Text16.From("BTC"), Quote = Text16.From("USDT"), Tick = Price.From(0.01m), Lot = Quantity.From(0.00001m),
        });
        var maker = new MarketMaker();
        maker.Configure("{}");
        return new TradingEngine(new TradingEngineSetup
        {
            Instruments = table, Books = new BookKeeperSource(new BookKeeper(table)), RequireReconciliation = false,
            Limits = new RiskLimits { OrderNotionalMax = Notional.From(100_000), MessagesMax = 1_000, MessageWindowMs = 1 },
            // The bench repeats itself by design; what these two cost is paid all the same where other limits are looked up.
            NamedLimits = ["duplicate-orders node none", "repeated-fills node none"],
            Strategies = hasStrategy ? [(new StrategySetup { Id = 1, Kind = "market-making", Instruments = [Btc] }, maker)] : [],
        });
    }

    public void Begin(IJournalAppender journal)
    {
        Engine.BeginSession(new SessionInfo(1, 1, _nowNs, "{}"), journal, this);
        Span<MarketEvent> book = stackalloc MarketEvent[40];
        for (var i = 0; i < book.Length; i++)
        {
            book[i] = Level(MarketEventKind.BookSnapshot, i % 2 == 0 ? Side.Buy : Side.Sell, i / 2, 1m);
            book[i].Flags = i == 0 ? MarketEventFlags.FirstOfMessage : i == book.Length - 1 ? MarketEventFlags.LastOfMessage : 0;
        }

        Engine.OnMarketEvents(book);
        Engine.OnCommand(new EngineCommand { Kind = EngineCommandKind.SetState, Who = "bench", State = NodeState.Ready, NowNs = _nowNs });
    }

    /// <summary>One order through risk, record, journal and outbox, and the fill that ends it through orders, positions and ledger.</summary>
    public void Order(bool isBuy)
    {
        _nowNs += StepNs;
        var price = isBuy ? BidPrice : AskPrice;
        var placed = Engine.Desk.Place(new OrderRequest { Instrument = Btc, Side = isBuy ? Side.Buy : Side.Sell, Price = price, Quantity = _quantity }, isStrategyDisabled: false, _nowNs);
        if (!placed.IsPlaced) throw new InvalidOperationException($"Risk refused an order of the bench: {placed.Reject}.");
        Engine.OnReport(new ExecutionReport
        {
            Kind = ExecutionKind.Fill, State = OrderState.Filled, Side = isBuy ? Side.Buy : Side.Sell, Venue = Venue, Instrument = Btc, ClientOrderId = placed.ClientOrderId,
            Received = new MonotonicTime(_nowNs), LastPrice = price, LastQuantity = _quantity, CumulativeQuantity = _quantity, TradeId = ++_trades,
        });
    }

    /// <summary>The venue's answers to what the last message led to, and the next depth message.</summary>
    public void Batch()
    {
        _nowNs += StepNs;
        while (_answers.TryDequeue(out var answer)) Engine.OnReport(answer with { Received = new MonotonicTime(_nowNs) });
        var message = _walk[_batches++ & (Messages - 1)];
        foreach (ref var level in message.AsSpan()) level.Received = new MonotonicTime(_nowNs);
        Engine.OnMarketEvents(message);
    }

    void IOrderOutbox.Place(in RiskApproved<OrderRequest> order) => Answer(order.Value.ClientOrderId, ExecutionKind.Accepted, OrderState.Working);

    void IOrderOutbox.Cancel(in CancelRequest cancel) => Answer(cancel.ClientOrderId, ExecutionKind.Cancelled, OrderState.Cancelled);

    void IOrderOutbox.Query(ClientOrderId id, Text40 venueOrderId, InstrumentId instrument)
    {
    }

    void IOrderOutbox.Reconcile(VenueId venue, ExchangeTime fillsSince)
    {
    }

    private void Answer(ClientOrderId id, ExecutionKind kind, OrderState state)
    {
        if (_walk.Length == 0) return; // single orders are answered by who places them
        Requests++;
        _answers.Enqueue(new ExecutionReport { Kind = kind, State = state, Venue = Venue, Instrument = Btc, ClientOrderId = id });
    }

    private static MarketEvent Level(MarketEventKind kind, Side side, int depth, decimal quantity) => new()
    {
        Kind = kind, Venue = Venue, Instrument = Btc, Side = side, Quantity = Quantity.From(quantity),
        Price = new Price(side == Side.Buy ? BidPrice.Raw - depth * MarketWalk.TickRaw : AskPrice.Raw + depth * MarketWalk.TickRaw),
    };
}
