using Penstock.Connectivity.Feeds;
using Penstock.MarketData.Books;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Strategies;
using Penstock.Tests.Trading;
using Penstock.Trading;
using Penstock.Trading.Execution;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;

namespace Penstock.Tests.Strategies;

/// <summary>
/// Several venues whose books are set by hand, and whose answers to taking orders a test decides: filled as far as the book shows
/// (the default), refused, cut short, or lost and told only when asked. One strategy trades on all instruments.
/// </summary>
internal sealed class TakerWorld : IOrderOutbox
{
    private readonly Queue<ExecutionReport> _answers = new();
    private readonly Dictionary<ClientOrderId, List<ExecutionReport>> _lost = [];
    private long _trades;

    /// <param name="strategy">Configured.</param>
    /// <param name="instruments">Base, quote: one per venue, in order.</param>
    public TakerWorld(IStrategy strategy, params (string Base, string Quote)[] instruments)
        : this(strategy, 0.001m, instruments)
    {
    }

    public TakerWorld(IStrategy strategy, decimal lot, params (string Base, string Quote)[] instruments)
    {
        Engine = Create(strategy, lot, instruments);
        Engine.BeginSession(new SessionInfo(1, 7, NowNs, "{}"), Journal, this);
        foreach (var instrument in Table.All)
        {
            Engine.OnSession(instrument.Venue, true, DisconnectReason.None, NowNs);
            Engine.OnReconciled(instrument.Venue, true, NowNs);
        }

        Engine.OnCommand(new EngineCommand { Kind = EngineCommandKind.SetState, State = NodeState.Ready, Who = "test", NowNs = NowNs });
    }

    public enum Fate
    {
        Fill,
        Half,
        Refuse,
        /// <summary>Filled, but nobody says so before the order is asked for.</summary>
        Silence,
    }

    public InstrumentTable Table => Engine.Instruments;

    /// <summary>Takes fees from the coins bought, as some venues do.</summary>
    public bool FeesInBase { get; init; }

    public TradingEngine Engine { get; }

    public MemoryJournal Journal { get; } = new();

    public List<OrderRequest> Placed { get; } = [];

    /// <summary>The world's engine without its world, for a replay of the journal.</summary>
    public static TradingEngine Create(IStrategy strategy, decimal lot, params (string Base, string Quote)[] instruments)
    {
        var table = new InstrumentTable();
        for (var i = 0; i < instruments.Length; i++) table.Add(Of(instruments[i].Base, instruments[i].Quote, new VenueId((byte)(i + 1)), lot));
        return new TradingEngine(new TradingEngineSetup
        {
            Instruments = table, Books = new BookKeeperSource(new BookKeeper(table)), CheckpointInterval = 1_000,
            Strategies = [(new StrategySetup { Id = 1, Kind = "test", Instruments = [.. table.All.Select(i => i.Id)] }, strategy)],
            // Refusals and jumps are what these tests are made of; the breakers have tests of their own.
            NamedLimits =
            [
                "volatility node none", "price-move node none", "error-rate node none", "venue-failures node none", "repeated-fills node none",
                "duplicate-orders node none",
            ],
            Limits = new RiskLimits
            {
                MessagesMax = 1_000, GrossExposureMax = Notional.From(100_000_000), OrderNotionalMax = Notional.From(10_000_000),
            },
        });
    }

    /// <summary>What becomes of the next order; filled where not set.</summary>
    public Func<OrderRequest, Fate> Decide { get; set; } = _ => Fate.Fill;

    public long NowNs { get; private set; } = 1_000_000_000;

    public decimal Held(int instrument) => Engine.Positions.Of(1, new InstrumentId(instrument)).Quantity.ToDecimal();

    /// <summary>Realised and unrealised, over all instruments, less fees in quote.</summary>
    public decimal Profit() => Table.All.Sum(i =>
    {
        ref readonly var position = ref Engine.Positions.Of(1, i.Id);
        return position.RealisedNet.ToDecimal() + (position.Quantity.Raw == 0 ? 0 : position.Unrealised(Engine.Desk.MidTwice(i.Id)).ToDecimal());
    });

    public void Book(int instrument, decimal bid, decimal ask, decimal quantity = 1m)
    {
        NowNs += 1_000_000;
        var events = Fixtures.Snapshot(new InstrumentId(instrument), bid, ask, NowNs, quantity, quantity);
        for (var i = 0; i < events.Length; i++) events[i].Venue = Table[new InstrumentId(instrument)].Venue;
        Engine.OnMarketEvents(events);
        Deliver();
    }

    public void Timer(long ms)
    {
        NowNs += ms * 1_000_000;
        Engine.OnTimer(NowNs);
        Deliver();
    }

    /// <summary>Time passes until nothing is on its way.</summary>
    public void Settle()
    {
        for (var i = 0; i < 200; i++) Timer(100);
    }

    void IOrderOutbox.Place(in RiskApproved<OrderRequest> order)
    {
        var request = order.Value;
        Placed.Add(request);
        var fate = Decide(request);
        if (fate == Fate.Refuse)
        {
            _answers.Enqueue(Report(ExecutionKind.Rejected, request, OrderState.Rejected) with { Reason = RejectReason.InsufficientFunds });
            return;
        }

        var answers = Execute(request, fate == Fate.Half);
        if (fate == Fate.Silence)
        {
            _lost[request.ClientOrderId] = answers;
            return;
        }

        foreach (var answer in answers) _answers.Enqueue(answer);
    }

    void IOrderOutbox.Cancel(in CancelRequest cancel)
    {
    }

    void IOrderOutbox.Query(ClientOrderId id, Text40 venueOrderId, InstrumentId instrument)
    {
        if (!_lost.Remove(id, out var answers)) return;
        foreach (var answer in answers) _answers.Enqueue(answer);
    }

    void IOrderOutbox.Reconcile(VenueId venue, ExchangeTime fillsSince)
    {
    }

    private List<ExecutionReport> Execute(in OrderRequest order, bool half)
    {
        var answers = new List<ExecutionReport>();
        var book = Engine.BookOf(order.Instrument)!;
        book.TryBest(order.Side == Side.Buy ? Side.Sell : Side.Buy, out var best);
        var crosses = order.Side == Side.Buy ? order.Price >= best.Price : order.Price <= best.Price;
        var lot = Table[order.Instrument].Lot;
        var quantity = crosses ? new Quantity(Math.Min(order.Quantity.Raw, best.Quantity.Raw)) : Quantity.Zero;
        if (half) quantity = new Quantity(quantity.Raw / 2).FloorTo(lot);
        if (quantity.Raw > 0)
        {
            answers.Add(Report(ExecutionKind.Fill, order, OrderState.None) with
            {
                TradeId = ++_trades, LastPrice = best.Price, LastQuantity = quantity, CumulativeQuantity = quantity,
                FeeAsset = FeesInBase && order.Side == Side.Buy ? Table[order.Instrument].Base : Text16.From("USDT"),
                FeeRaw = FeesInBase && order.Side == Side.Buy
                    ? quantity.Raw / 2_000 : (long)(Notional.Of(best.Price, quantity).ToDecimal() * 0.0005m * FixedPoint.Scale),
            });
        }

        var end = quantity == order.Quantity ? ExecutionKind.Filled : ExecutionKind.Cancelled;
        answers.Add(Report(end, order, OrderState.None) with { CumulativeQuantity = quantity });
        return answers;
    }

    private static ExecutionReport Report(ExecutionKind kind, in OrderRequest order, OrderState state) => new()
    {
        Kind = kind, State = state, ClientOrderId = order.ClientOrderId, Instrument = order.Instrument, Side = order.Side,
    };

    private void Deliver()
    {
        while (_answers.TryDequeue(out var report))
        {
            NowNs += 100_000;
            report.Venue = Table[report.Instrument].Venue;
            report.Received = new MonotonicTime(NowNs);
            Engine.OnReport(report);
        }
    }

    private static Instrument Of(string asset, string quote, VenueId venue, decimal lot) => new()
    {
        Venue = venue, Symbol = $"{asset}-{quote}", VenueSymbol = $"{asset}{quote}", Base = Text16.From(asset), Quote = Text16.From(quote),
        Tick = Price.From(0.01m), Lot = Quantity.From(lot), QuantityMin = Quantity.From(lot * 2),
        NotionalMin = Notional.From(lot < 0.001m ? 0m : 0.1m),
    };
}
