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
using Penstock.Trading.Orders;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;
using static Penstock.Tests.Trading.Fixtures;

namespace Penstock.Tests.Strategies;

/// <summary>
/// Sessions in which everything happens that the engine knows: two restless strategies on a spot market and a contract, people who set limits, kill, arm
/// and place orders, funding, a venue that fails. The golden journal of format 3 is one: who changes what happens here writes a new one.
/// </summary>
internal static class RestlessWorld
{
    private static readonly InstrumentId Swap = new(2);

    public static TradingEngine Create(SessionInfo session)
    {
        var table = new InstrumentTable();
        table.Add(Of(InstrumentKind.Spot));
        table.Add(Of(InstrumentKind.LinearPerpetual));
        return new TradingEngine(new TradingEngineSetup
        {
            Instruments = table, Books = new BookKeeperSource(new BookKeeper(table)), CheckpointInterval = 50,
            Orders = new OrderManagerOptions { PoolSize = 256, FillWindow = 1_024 },
            Strategies = [(Setup(1, Btc), new Restless()), (Setup(2, Swap), new Restless())],
            NamedLimits =
            [
                "price-move node 300", "volatility node 300", "duplicate-orders node 8", "duplicate-window node 5000", "repeated-fills strategy:1 12", "error-rate node none",
                "venue-failures node 1", "venue-pause node 300", "message-rate strategy:2 40", "position node 1000", "gross-exposure venue:1 1000000",
            ],
        });
    }

    /// <summary>Sessions of random life, each ended by a crash but the last.</summary>
    public static (IReadOnlyList<(ushort Type, byte[] Payload)> Records, TradingEngine Engine) Recorded(int seed, int steps, int sessions)
    {
        var journal = new MemoryJournal();
        var engine = Create(null!);
        var venue = new EchoVenue(new Random(seed));
        for (var session = 1; session <= sessions; session++) Play(engine, journal, venue, session, seed + session, steps);
        engine.EndSession();
        return (journal.Records, engine);
    }

    private static void Play(TradingEngine engine, MemoryJournal journal, EchoVenue venue, int session, int seed, int steps)
    {
        var random = new Random(seed);
        var now = 1_000_000 * Ms - session * 3L * Ms; // every session's clock starts before the last one's
        var keys = 0;
        engine.BeginSession(new SessionInfo(session, (ulong)seed, now, "{}"), journal, venue);
        engine.OnSession(Venue, true, DisconnectReason.None, now);
        engine.OnReconciled(Venue, true, now);
        Command(EngineCommandKind.SetState);
        for (var step = 0; step < steps; step++)
        {
            now += random.Next(1, 60) * Ms;
            var bid = 100m + random.Next(60) / 100m + (random.Next(150) == 0 ? 5m : 0m);
            foreach (var market in (InstrumentId[])[Btc, Swap]) engine.OnMarketEvents(Snapshot(market, bid, bid + 0.02m, now));
            if (random.Next(3) == 0) venue.TradeSome();
            if (random.Next(2) == 0) venue.Deliver(engine, now);
            if (random.Next(3) == 0) engine.OnTimer(now);
            if (random.Next(12) == 0) Interfere(random.Next(12));
        }

        void Interfere(int what)
        {
            switch (what)
            {
                case 0:
                    Command(EngineCommandKind.SetLimit, $"order-quantity instrument:1 {random.Next(1, 20)}");
                    break;
                case 1:
                    Command(EngineCommandKind.SetLimit, $"open-orders strategy:2 {random.Next(3, 30)}");
                    break;
                case 2:
                    Command(EngineCommandKind.SetLimit, random.Next(2) == 0 ? "message-rate strategy:1 60" : "message-rate strategy:1 none");
                    break;
                case 3:
                    Command(EngineCommandKind.Kill, (string[])["strategy:1", "strategy:2", "venue:1", ""] is var scopes ? scopes[random.Next(4)] : "");
                    break;
                case 4:
                    foreach (var scope in engine.Risk.Kills.List()) Command(EngineCommandKind.Resume, $"{scope}");
                    break;
                case 5 or 6:
                    foreach (var tripped in engine.Desk.Controls.Breakers.Tripped.ToArray())
                        Command(EngineCommandKind.ArmBreaker, $"{LimitCatalog.Of(tripped.Name).Text} {tripped.Scope}");
                    break;
                case 7 or 8:
                    engine.OnFunding(new FundingReport
                    {
                        Venue = Venue, Instrument = Swap, AmountRaw = random.Next(-1_000_000, 1_000_000), PaymentId = random.Next(1, 40), Received = new MonotonicTime(now),
                    });
                    break;
                case 9:
                    Command(EngineCommandKind.BeginDay, $"202601{random.Next(1, 29):00}");
                    break;
                case 10:
                    Command(EngineCommandKind.PlaceOrder, $$"""{"key":"{{session}}-{{random.Next(keys++ + 1)}}","side":"buy","quantity":"0.3","price":"{{90 + random.Next(10)}}"}""");
                    break;
                default:
                    engine.OnSession(Venue, false, DisconnectReason.SocketError, now);
                    engine.OnSession(Venue, true, DisconnectReason.None, now);
                    venue.Deliver(engine, now);
                    engine.OnReconciled(Venue, true, now);
                    break;
            }
        }

        void Command(EngineCommandKind kind, string text = "") =>
            engine.OnCommand(new EngineCommand { Kind = kind, Who = "test", Why = "because", State = NodeState.Ready, Text = text, Instrument = kind == EngineCommandKind.PlaceOrder ? Btc : default, NowNs = now });
    }

    private static StrategySetup Setup(ushort id, InstrumentId instrument) => new() { Id = id, Kind = "restless", Instruments = [instrument] };

    private static Instrument Of(InstrumentKind kind) => new()
    {
        Venue = Venue, Symbol = "BTC-USDT", VenueSymbol = $"BTCUSDT-{kind}", Base = Text16.From("BTC"), Quote = Text16.From("USDT"), Kind = kind,
        Settle = kind == InstrumentKind.Spot ? default : Text16.From("USDT"), Tick = Price.From(0.01m), Lot = Quantity.From(0.001m),
    };
}

/// <summary>Does something of everything, by the context's random numbers.</summary>
internal sealed class Restless : IStrategy
{
    private StrategyContext _context = null!;

    public string? Configure(string json) => null;

    public void Start(StrategyContext context) => _context = context;

    public void OnBook(in BookView book)
    {
        if (!book.IsTradable) return;
        var wish = new OrderRequest { Instrument = book.Id, Side = _context.Random.Next(2) == 0 ? Side.Buy : Side.Sell, Price = book.Bid.Price, Quantity = Quantity.From(0.5m) };
        switch (_context.Random.Next(9))
        {
            case 0:
                _context.Place(wish with { Type = OrderType.Stop, Price = default, StopPrice = new Price(book.Ask.Price.Raw + 20_000_000) });
                break;
            case 1:
                _context.Place(wish with { Type = OrderType.StopLimit, StopPrice = book.Bid.Price, Flags = OrderFlags.ReduceOnly });
                break;
            case 2:
                _context.Place(wish with { TimeInForce = TimeInForce.GoodTillDate, Expires = new MonotonicTime(_context.Now.Ns + 300 * Ms) });
                break;
            case 3 when _context.NextActive(null) is { } order:
                _context.Amend(order.ClientOrderId, new Price(book.Bid.Price.Raw - 10_000_000), Quantity.From(0.8m), orReplace: true);
                break;
            case 4 when _context.NextActive(null) is { } order:
                _context.Cancel(order.ClientOrderId);
                break;
            case 5:
                var instruments = default(ParentInstruments);
                instruments[0] = book.Id;
                _context.Start(new ParentRequest
                {
                    Instruments = instruments, InstrumentCount = 1, Side = wish.Side, Quantity = Quantity.From(1m), Algorithm = AlgorithmKind.Twap, Slices = 4,
                    DurationNs = 500 * Ms, JitterPercent = 30, Seed = (ulong)_context.Random.Next(1_000),
                });
                break;
            default:
                break;
        }
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
