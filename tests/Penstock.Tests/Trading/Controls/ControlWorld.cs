using Penstock.Infrastructure.Journal;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.MarketData.Books;
using Penstock.Strategies;
using Penstock.Trading;
using Penstock.Trading.Execution;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;

namespace Penstock.Tests.Trading.Controls;

/// <summary>An engine with three instruments on two venues and two silent strategies; the test places, fills and prices by hand.</summary>
internal sealed class ControlWorld
{
    public const long Ms = 1_000_000;

    private long _trade;

    public ControlWorld(params IReadOnlyList<string> limits)
        : this(SessionStartRecord.CurrentVersion, limits)
    {
    }

    public ControlWorld(int format, IReadOnlyList<string> limits)
    {
        Engine = Create(limits);
        Engine.BeginSession(new SessionInfo(1, 1, NowNs, "{}") { Format = format }, Journal, Outbox);
        Ready();
    }

    public TradingEngine Engine { get; }

    public MemoryJournal Journal { get; } = new();

    public RecordingOutbox Outbox { get; } = new();

    public long NowNs { get; private set; } = 1_000 * Ms;

    public static InstrumentId Btc { get; } = new(1);

    public static InstrumentId Eth { get; } = new(2);

    public static InstrumentId Other { get; } = new(3);

    public static TradingEngine Create(IReadOnlyList<string> limits)
    {
        var table = new InstrumentTable();
        foreach (var (venue, symbol) in new[] { (1, "BTC"), (1, "ETH"), (2, "BTC") }) table.Add(Instrument((byte)venue, symbol));
        return new TradingEngine(new TradingEngineSetup
        {
            Instruments = table, Books = new BookKeeperSource(new BookKeeper(table)), RequireReconciliation = false, NamedLimits = limits, CheckpointInterval = 20,
            Strategies = [.. Enumerable.Range(1, 2).Select(i => (new StrategySetup { Id = (ushort)i, Kind = "silent", Instruments = [Btc, Eth, Other] }, (IStrategy)new Silent()))],
        });
    }

    public void Ready() => Assert.True(Command(EngineCommandKind.SetState, state: NodeState.Ready).Done);

    public CommandResult Command(EngineCommandKind kind, string text = "", NodeState state = NodeState.Init) =>
        Engine.OnCommand(new EngineCommand { Kind = kind, Text = text, State = state, Who = "officer", Why = "test", NowNs = NowNs });

    public void Set(string limit) => Assert.Null(Command(EngineCommandKind.SetLimit, limit) is { Done: false } refused ? refused.Message : null);

    public ControlWorld Pass(long ms)
    {
        NowNs += ms * Ms;
        return this;
    }

    public void Timer() => Engine.OnTimer(NowNs);

    public ControlWorld Price(InstrumentId instrument, decimal mid)
    {
        var venue = Engine.Instruments[instrument].Venue;
        var level = new MarketEvent { Kind = MarketEventKind.BookSnapshot, Instrument = instrument, Venue = venue, Quantity = Quantity.From(1m), Received = new MonotonicTime(NowNs) };
        Engine.OnMarketEvents(
        [
            level with { Side = Side.Buy, Price = Model.Numbers.Price.From(mid - 0.01m), Flags = MarketEventFlags.FirstOfMessage | MarketEventFlags.Snapshot },
            level with { Side = Side.Sell, Price = Model.Numbers.Price.From(mid + 0.01m), Flags = MarketEventFlags.LastOfMessage | MarketEventFlags.Snapshot },
        ]);
        return this;
    }

    public PlaceResult Place(int strategy = 1, Side side = Side.Buy, decimal price = 100m, decimal quantity = 1m, InstrumentId instrument = default) =>
        Engine.Desk.Place(new OrderRequest
        {
            Instrument = instrument == InstrumentId.None ? Btc : instrument, Strategy = (ushort)strategy, Side = side, Price = Model.Numbers.Price.From(price), Quantity = Quantity.From(quantity),
        }, false, NowNs);

    public void Report(ExecutionKind kind, ClientOrderId id, RejectReason reason = RejectReason.None)
    {
        var order = Engine.Orders.Find(id)!;
        Engine.OnReport(new ExecutionReport
        {
            Kind = kind, ClientOrderId = id, Instrument = order.Instrument, Venue = order.Venue, Side = order.Side, Reason = reason, CumulativeQuantity = order.Filled,
            Received = new MonotonicTime(NowNs),
        });
    }

    public void Fill(ClientOrderId id, decimal quantity, decimal? price = null, decimal fee = 0m, string feeAsset = "")
    {
        var order = Engine.Orders.Find(id)!;
        Engine.OnReport(new ExecutionReport
        {
            Kind = ExecutionKind.Fill, ClientOrderId = id, Instrument = order.Instrument, Venue = order.Venue, Side = order.Side, TradeId = ++_trade,
            LastPrice = price is { } p ? Model.Numbers.Price.From(p) : order.Request.Price, LastQuantity = Quantity.From(quantity), CumulativeQuantity = order.Filled + Quantity.From(quantity),
            FeeRaw = Quantity.From(fee).Raw, FeeAsset = feeAsset.Length == 0 ? default : Text16.From(feeAsset), Received = new MonotonicTime(NowNs),
        });
    }

    public static Instrument Instrument(byte venue, string symbol, InstrumentKind kind = InstrumentKind.Spot, decimal contractSize = 1m) => new()
    {
        Venue = new VenueId(venue), Symbol = $"{symbol}-USDT", VenueSymbol = $"{symbol}{kind}{venue}", Base = Text16.From(symbol), Quote = Text16.From("USDT"),
        Tick = Model.Numbers.Price.From(0.01m), Lot = Quantity.From(0.001m), Kind = kind, Settle = kind == InstrumentKind.Spot ? default : Text16.From("USDT"),
        ContractSize = Quantity.From(contractSize),
    };

    private sealed class Silent : IStrategy
    {
        public string? Configure(string json) => null;

        public void Start(StrategyContext context)
        {
        }

        public void OnBook(in BookView book)
        {
        }

        public void OnTrade(in MarketEvent trade)
        {
        }

        public void OnOrder(in OrderEvent order)
        {
        }

        public void OnTimer(MonotonicTime now)
        {
        }

        public void OnHealth(in HealthEvent health)
        {
        }

        public void OnStop()
        {
        }
    }
}
