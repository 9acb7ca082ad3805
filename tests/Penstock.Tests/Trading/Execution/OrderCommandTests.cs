using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Strategies;
using Penstock.Tests.Strategies;
using Penstock.Trading.Orders;
using Penstock.Trading.Recovery;
using static Penstock.Tests.Trading.Fixtures;

namespace Penstock.Tests.Trading.Execution;

[Trait("requirement", "R79")]
public sealed class OrderCommandTests
{
    private const string Buy = """{"key":"k1","side":"buy","price":"99.5","quantity":"0.5","postOnly":true}""";

    private readonly EngineWorld _world = new EngineWorld(new Idle()).Ready().Book(99m, 100m);

    [Fact]
    [Trait("requirement", "R90")]
    public void The_same_key_again_is_answered_and_places_nothing_in_the_replay_too()
    {
        Assert.True(Do(EngineCommandKind.PlaceOrder, Buy).Done);
        var again = Do(EngineCommandKind.PlaceOrder, Buy);
        Assert.True(again.Done);
        Assert.Contains("already done", again.Message);
        var order = Assert.Single(_world.Outbox.Placed);
        Assert.Equal((Side.Buy, Price.From(99.5m), Quantity.From(0.5m), OrderFlags.PostOnly, 0), (order.Side, order.Price, order.Quantity, order.Flags, order.Strategy));
        Assert.True(Do(EngineCommandKind.PlaceOrder, Buy.Replace("k1", "k2")).Done);
        Assert.Equal(2, _world.Outbox.Placed.Count);

        _world.Engine.EndSession();
        var replay = new EngineReplay(_ => EngineWorld.Create([new Idle()]));
        foreach (var (type, payload) in _world.Journal.Records) replay.OnRecord(0, type, payload);
        Assert.Null(replay.FirstDifference);
        Assert.Equal(_world.Engine.StateHash, replay.Engine!.StateHash);
    }

    [Fact]
    public void Orders_are_placed_changed_found_listed_and_cancelled_by_people()
    {
        Do(EngineCommandKind.PlaceOrder, Buy);
        var order = _world.Engine.Orders.Live.First!;
        _world.Report(ExecutionKind.Accepted, order.Request);
        Assert.True(Do(EngineCommandKind.AmendOrder, $$"""{"key":"k2","id":"{{order.ClientOrderId}}","price":"99.6"}""").Done);
        Assert.Equal(Price.From(99.6m), Assert.Single(_world.Outbox.Amended).Price);
        Assert.Equal("Working", EngineViews.Order(_world.Engine, order.ClientOrderId)!.State);
        Assert.True(Do(EngineCommandKind.PlaceOrder, """{"key":"k3","side":"sell","type":"stop","stop":"98","quantity":"0.5","goodForMs":1000}""").Done);
        Assert.Equal(["Working", "Held"], EngineViews.LiveOrders(_world.Engine).Select(o => o.State));
        Assert.True(Do(EngineCommandKind.CancelOrder, $$"""{"key":"k4","id":"{{order.ClientOrderId}}"}""").Done);
        Assert.Single(_world.Outbox.Cancelled);
        _world.Timer(1_001);
        Assert.Equal(OrderState.Expired, _world.Engine.Orders.Ended.First!.State);
    }

    [Theory]
    [InlineData("nonsense", "Not JSON")]
    [InlineData("[]", "JSON object")]
    [InlineData("""{"side":"buy","quantity":"1"}""", "'key'")]
    [InlineData("""{"key":"k","side":"up","price":"99","quantity":"1"}""", "'side' must be one of buy, sell")]
    [InlineData("""{"key":"k","side":"buy","price":"-99","quantity":"1"}""", "'price'")]
    [InlineData("""{"key":"k","side":"buy","price":"99.001","quantity":"1"}""", "Tick")]
    [InlineData("""{"key":"k","side":"buy","price":99,"quantity":1,"colour":"red"}""", "'colour'")]
    [InlineData("""{"key":"k","side":"buy","price":99,"quantity":1,"postOnly":"yes"}""", "")]
    [InlineData("""{"key":"k","side":"buy","price":"99","quantity":"99999999999999999999"}""", "'quantity'")]
    [InlineData("""{"key":"k","side":"buy","type":"stop","quantity":"1"}""", "Malformed")]
    public void What_makes_no_sense_is_refused_with_the_reason_and_its_key_may_be_used_again(string text, string reason)
    {
        var result = Do(EngineCommandKind.PlaceOrder, text);
        Assert.False(result.Done);
        Assert.Contains(reason, result.Message);
        Assert.Empty(_world.Outbox.Placed);
        Assert.True(Do(EngineCommandKind.PlaceOrder, """{"key":"k","side":"buy","price":"99","quantity":"1"}""").Done);
    }

    [Fact]
    public void An_order_that_is_not_there_cannot_be_cancelled_or_changed()
    {
        Assert.Contains("no order", Do(EngineCommandKind.CancelOrder, """{"key":"a","id":"p0000000000001"}""").Message);
        Assert.Contains("no order", Do(EngineCommandKind.AmendOrder, """{"key":"b","id":"x","price":"1"}""").Message);
    }

    private CommandResult Do(EngineCommandKind kind, string text) => _world.Engine.OnCommand(new EngineCommand
    {
        Kind = kind, Who = "ann", Why = "test", Text = text, Instrument = kind == EngineCommandKind.PlaceOrder ? Btc : default, NowNs = _world.NowNs,
    });

    private sealed class Idle : IStrategy
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
