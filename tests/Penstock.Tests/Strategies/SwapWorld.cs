using Penstock.Infrastructure.Snapshots;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Strategies;
using Penstock.Trading.Execution;
using Penstock.Trading.Recovery;
using static Penstock.Tests.Trading.Fixtures;

namespace Penstock.Tests.Strategies;

/// <summary>Code by a made-up hash, instead of files.</summary>
internal sealed class NamedVersions : IStrategyVersions
{
    private readonly Dictionary<string, Func<IStrategy>> _known = new(StringComparer.Ordinal);

    public NamedVersions With(string name, Func<IStrategy> create)
    {
        _known[Hash(name)] = create;
        return this;
    }

    public static string Hash(string name) => name.PadRight(64, '0');

    public IStrategy? Create(StrategyVersion version, string strategy, out string problem)
    {
        problem = _known.ContainsKey(version.Sha256) ? "" : $"there is no file with sha256 {version.Sha256}";
        return _known.TryGetValue(version.Sha256, out var create) ? create() : null;
    }
}

/// <summary>Strategy 1 is a market maker that is swapped; strategy 2 is another that must notice nothing.</summary>
internal sealed class SwapWorld
{
    public const string Wide = """{"spreadBps":60,"size":0.1,"inventoryMax":0.3,"requoteTicks":2}""";

    private readonly NamedVersions _versions;
    private readonly Func<IStrategy> _first;

    public SwapWorld(NamedVersions? versions = null, Func<IStrategy>? first = null)
    {
        _versions = (versions ?? new NamedVersions()).With("next", () => new Penstock.Strategies.MarketMaking.MarketMaker());
        _first = first ?? (() => EngineWorld.Maker());
        World = new EngineWorld(Create());
        World.Ready().Book(100m, 100.02m);
        Accept();
    }

    public EngineWorld World { get; }

    public TradingEngine Engine => World.Engine;

    public StrategyRunner Runner => Engine.Strategies[0];

    public IEnumerable<OrderRequest> PlacedBy(int strategy) => World.Outbox.Placed.Where(o => o.Strategy == strategy);

    public TradingEngine Create(IStrategyVersions? versions = null) =>
        EngineWorld.Create([_first(), EngineWorld.Maker("""{"spreadBps":30,"size":0.1}""")], versions: versions ?? _versions);

    public CommandResult Swap(string version = "next", string settings = Wide, long warmUpMs = 5, long events = 3)
    {
        var code = new StrategyVersion($"{version}.dll", "1.1.0", NamedVersions.Hash(version));
        var order = new SwapOrder { Version = code, Strategy = "test", Settings = settings, WarmUpMs = warmUpMs, WarmUpEvents = events };
        return Command(EngineCommandKind.SwapStrategy, order.ToJson());
    }

    public CommandResult Command(EngineCommandKind kind, string text = "") => Engine.OnCommand(
        new EngineCommand { Kind = kind, Strategy = 1, Text = text, Who = "test", Why = "because", NowNs = World.NowNs });

    /// <summary>The market moves; orders that are new or cancelled are answered.</summary>
    public SwapWorld Market(int books)
    {
        for (var i = 0; i < books; i++)
        {
            World.Book(100m + i * 0.05m, 100.02m + i * 0.05m);
            Accept();
        }

        return this;
    }

    /// <summary>Up to the moment the node would say that the new version takes over.</summary>
    public SwapWorld Warm()
    {
        Assert.True(Swap() is { Done: true } taken, Runner.LastSwap);
        Market(8);
        Assert.Equal(SwapStep.TakeOver, Runner.Swap!.Step);
        return this;
    }

    /// <summary>Whatever waits for the venue is answered.</summary>
    public void Accept()
    {
        foreach (var order in World.Outbox.Placed.ToArray())
        {
            if (Engine.Orders.Find(order.ClientOrderId) is { State: OrderState.PendingNew or OrderState.Sent, IsCancelPending: false })
                World.Report(ExecutionKind.Accepted, order);
        }

        Cancelled();
    }

    public void Cancelled()
    {
        foreach (var order in World.Outbox.Placed.ToArray())
        {
            if (Engine.Orders.Find(order.ClientOrderId) is { IsLive: true, IsCancelPending: true }) World.Report(ExecutionKind.Cancelled, order);
        }
    }

    public int Live(int strategy) => PlacedBy(strategy).Count(o => Engine.Orders.Find(o.ClientOrderId) is { IsLive: true });

    public EngineReplay Replayed(IStrategyVersions? versions = null)
    {
        var replay = new EngineReplay(_ => Create(versions));
        Feed(replay);
        return replay;
    }

    /// <summary>Replayed, with a snapshot taken and loaded every few inputs: each loaded engine is equal to the one it came from.</summary>
    public EngineReplay ReplayedBySnapshots()
    {
        var replay = new EngineReplay(_ => Create());
        for (var i = 0; i < World.Journal.Records.Count; i++)
        {
            replay.OnRecord(i + 1, World.Journal.Records[i].Type, World.Journal.Records[i].Payload);
            if (!replay.IsBetweenInputs || i % 4 != 0) continue;
            var state = StateArchive.ToSave();
            replay.Save(state);
            var loaded = new EngineReplay(_ => Create(), StateArchive.ToLoad(state.Saved));
            ObjectGraph.AssertEqual(replay.Engine!, loaded.Engine!);
            replay = loaded;
        }

        return replay;
    }

    public void Feed(EngineReplay replay)
    {
        for (var i = 0; i < World.Journal.Records.Count; i++) replay.OnRecord(i + 1, World.Journal.Records[i].Type, World.Journal.Records[i].Payload);
    }

    public static MarketEvent TradeAt(EngineWorld world, decimal price) => new()
    {
        Kind = MarketEventKind.Trade, Side = Side.Buy, Instrument = Btc, Venue = Venue, Price = Price.From(price), Quantity = Quantity.From(0.5m),
        Received = new MonotonicTime(world.NowNs), ExchangeTime = new ExchangeTime(1_700_000_000_000_000_000 + world.NowNs),
        Flags = MarketEventFlags.FirstOfMessage | MarketEventFlags.LastOfMessage,
    };
}
