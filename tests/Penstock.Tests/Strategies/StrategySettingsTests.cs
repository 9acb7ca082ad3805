using System.ComponentModel.DataAnnotations;
using Penstock.Infrastructure.Snapshots;
using Penstock.MarketData.Bars;
using Penstock.Model.Numbers;
using Penstock.Strategies;
using Penstock.Strategies.Indicators;
using Penstock.Trading.Execution;
using Penstock.Trading.Recovery;
using static Penstock.Tests.Trading.Fixtures;

namespace Penstock.Tests.Strategies;

/// <summary>Settings that change while a strategy runs: checked, journaled, in effect with the next event, the same in replay and after a restart.</summary>
[Trait("requirement", "R75")]
[Trait("requirement", "R95")]
public sealed class StrategySettingsTests
{
    public sealed record Settings
    {
        [Range(1, 10)]
        public int Width { get; init; } = 1;

        [FixedAtStart]
        public int Window { get; init; } = 5;
    }

    private sealed class Listening : Strategy<Settings>
    {
        public List<int> Widths { get; } = [];

        protected override void OnConfigured() => Widths.Add(Config.Width);
    }

    [Fact]
    public void A_change_is_checked_applied_as_a_whole_and_told_to_the_strategy()
    {
        var strategy = new Listening();
        var world = new EngineWorld(strategy).Ready();
        Assert.Equal(new CommandResult(true, """{"width":3}"""), Set(world, """{"width":3}"""));
        Assert.Equal([1, 3], strategy.Widths);
        Assert.Contains("between 1 and 10", Set(world, """{"width":11}""").Message, StringComparison.Ordinal);
        Assert.Contains("cannot change while the strategy runs", Set(world, """{"width":4,"window":6}""").Message, StringComparison.Ordinal);
        Assert.Contains("Did you mean 'width'?", Set(world, """{"widht":4}""").Message, StringComparison.Ordinal);
        Assert.Contains("no JSON", Set(world, "{").Message, StringComparison.Ordinal);
        Assert.Contains("one JSON object", Set(world, "[]").Message, StringComparison.Ordinal);
        Assert.Equal([1, 3], strategy.Widths);
        Assert.Equal("""{"width":3}""", world.Engine.Strategies[0].Configuration);
        Assert.True(world.Engine.Strategies[0].IsEnabled);
        Assert.False(world.Engine.OnCommand(Command("{}", strategy: 2)).Done);
    }

    [Fact]
    public void A_market_maker_quotes_by_its_new_spread_with_the_next_book()
    {
        var world = new EngineWorld().Ready().Book(100m, 100.02m);
        var before = world.Outbox.Placed[0].Price.ToDecimal();
        foreach (var order in world.Outbox.Placed.ToArray()) world.Report(Model.Orders.ExecutionKind.Accepted, order);
        Assert.True(Set(world, """{"spreadBps":100,"size":0.1}""").Done);
        world.Book(100m, 100.03m);
        foreach (var order in world.Outbox.Placed.ToArray()) world.Report(Model.Orders.ExecutionKind.Cancelled, order, Model.Orders.OrderState.Cancelled);
        world.Book(100m, 100.02m);
        var after = world.Outbox.Placed.FindLast(o => o.Side == Model.Markets.Side.Buy).Price.ToDecimal();
        Assert.Equal((99.90m, 99.51m), (before, after));
    }

    [Fact]
    [Trait("requirement", "R157")]
    public void Replay_and_snapshot_carry_the_changed_settings()
    {
        var world = new EngineWorld().Ready().Book(100m, 100.02m);
        Assert.True(Set(world, """{"spreadBps":60,"size":0.2}""").Done);
        world.Book(100m, 100.04m);
        world.Timer(300);
        var replay = Replayed(world, _ => EngineWorld.Create([EngineWorld.Maker()]));
        Assert.Null(replay.FirstDifference);
        Assert.Equal(world.Engine.Strategies[0].Configuration, replay.Engine!.Strategies[0].Configuration);

        var state = StateArchive.ToSave();
        replay.Save(state);
        var loaded = new EngineReplay(_ => EngineWorld.Create([EngineWorld.Maker()]), StateArchive.ToLoad(state.Saved));
        Assert.Equal(world.Engine.Strategies[0].Configuration, loaded.Engine!.Strategies[0].Configuration);
    }

    private sealed class Following : Strategy<Settings>
    {
        public Ema Fast { get; } = new(3);

        public Rsi Strength { get; } = new(3);

        public BollingerBands Bands { get; } = new(4);

        public Atr Range { get; } = new(3);

        public Macd Trend { get; } = new(2, 4, 2);

        public int Rounds { get; private set; }

        protected override int StateVersion => 1;

        protected override void OnStart()
        {
            SubscribeBars(Instrument, TimeSpan.FromSeconds(1), Fast, Strength, Bands, Range, Trend);
            Every(TimeSpan.FromSeconds(2), () => Rounds++);
        }

        protected override void OnState(StateArchive state) => Rounds = state.Value(Rounds);
    }

    [Fact]
    [Trait("requirement", "R157")]
    public void Bars_indicators_and_timers_go_on_after_a_restart_as_if_there_had_been_none()
    {
        var strategy = new Following();
        var world = new EngineWorld(strategy).Ready();
        for (var i = 0; i < 60; i++)
        {
            world.Timer(250);
            world.Engine.OnMarketEvents([Trade(world, 100m + i % 7)]);
        }

        Assert.Equal(7, strategy.Rounds);
        Assert.True(strategy.Trend.IsReady);
        var replay = Replayed(world, _ => EngineWorld.Create([new Following()]));
        Assert.Null(replay.FirstDifference);
        var state = StateArchive.ToSave();
        replay.Save(state);
        var restarted = new Following();
        var loaded = new EngineReplay(_ => EngineWorld.Create([restarted]), StateArchive.ToLoad(state.Saved));
        Assert.NotNull(loaded.Engine);
        Assert.Equal(Figures(strategy), Figures(restarted));
        for (var i = 0; i < 20; i++)
        {
            world.Timer(250);
            var trade = Trade(world, 103m + i % 5);
            world.Engine.OnMarketEvents([trade]);
            loaded.Engine.OnTimer(world.NowNs);
            loaded.Engine.OnMarketEvents([trade]);
        }

        Assert.Equal(Figures(strategy), Figures(restarted));
    }

    private static (double, double, double, double, double, long, int) Figures(Following s) =>
        (s.Fast.Value, s.Strength.Value, s.Bands.Upper, s.Range.Value, s.Trend.Value, s.Fast.Count, s.Rounds);

    private static Model.Markets.MarketEvent Trade(EngineWorld world, decimal price) => new()
    {
        Kind = Model.Markets.MarketEventKind.Trade, Side = Model.Markets.Side.Buy, Instrument = Btc, Venue = Venue, Price = Price.From(price), Quantity = Quantity.From(0.5m),
        Received = new MonotonicTime(world.NowNs), ExchangeTime = new ExchangeTime(1_700_000_000_000_000_000 + world.NowNs),
        Flags = Model.Markets.MarketEventFlags.FirstOfMessage | Model.Markets.MarketEventFlags.LastOfMessage,
    };

    private static CommandResult Set(EngineWorld world, string settings) => world.Engine.OnCommand(Command(settings) with { NowNs = world.NowNs });

    private static EngineCommand Command(string settings, ushort strategy = 1) =>
        new() { Kind = EngineCommandKind.ConfigureStrategy, Strategy = strategy, Text = settings, Who = "test", Why = "because", NowNs = 0 };

    private static EngineReplay Replayed(EngineWorld world, Func<SessionInfo, TradingEngine> create)
    {
        var replay = new EngineReplay(create);
        for (var i = 0; i < world.Journal.Records.Count; i++) replay.OnRecord(i + 1, world.Journal.Records[i].Type, world.Journal.Records[i].Payload);
        return replay;
    }
}
