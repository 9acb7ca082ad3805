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

    [Theory]
    [InlineData("position strategy:1 1", """{"key":"k","side":"buy","price":"99","quantity":"21"}""", "Refused by order-quantity of node: 21, at most 10.")]
    [InlineData("order-notional instrument:1 50", """{"key":"k","side":"buy","price":"99","quantity":"1.5"}""", "Refused by order-notional of instrument:1: 148.5, at most 50.")]
    [InlineData("price-collar node 50", """{"key":"k","side":"buy","price":"98","quantity":"1"}""", "Refused by price-collar of node: 151 bps, at most 50 bps.")]
    [InlineData("", """{"key":"k","side":"buy","price":"99.001","quantity":"1"}""", "Refused by Tick: 99.001 is no multiple of 0.01.")]
    public void A_refusal_says_whose_limit_it_was_what_it_is_and_by_how_much_in_the_units_of_people(string limit, string order, string expected)
    {
        if (limit.Length > 0) Assert.True(Do(EngineCommandKind.SetLimit, limit).Done);
        Assert.Equal(expected, Do(EngineCommandKind.PlaceOrder, order).Message);
    }

    [Fact]
    [Trait("requirement", "R81")]
    public void Limits_of_one_command_are_set_all_or_none()
    {
        var before = _world.Engine.Risk.Limits;
        Assert.False(Do(EngineCommandKind.SetLimits, """{"orderQuantityMax":5,"openOrdersMax":2000000}""").Done);
        Assert.Equal(before, _world.Engine.Risk.Limits);
        Assert.True(Do(EngineCommandKind.SetLimits, """{"orderQuantityMax":5,"openOrdersMax":20}""").Done);
        Assert.Equal((5m, 20), (_world.Engine.Risk.Limits.OrderQuantityMax.ToDecimal(), _world.Engine.Risk.Limits.OpenOrdersMax));
    }

    [Fact]
    [Trait("requirement", "R92")]
    public void A_stop_price_is_moved_by_a_command_and_in_the_replay_too()
    {
        Assert.True(Do(EngineCommandKind.PlaceOrder, """{"key":"a","side":"sell","type":"stop","stop":"98","quantity":"0.5"}""").Done);
        var order = _world.Engine.Orders.Live.First!;
        Assert.True(Do(EngineCommandKind.AmendOrder, $$"""{"key":"b","id":"{{order.ClientOrderId}}","stop":"98.5"}""").Done);
        Assert.Equal((Price.From(98.5m), Quantity.From(0.5m), Price.Zero), (order.Request.StopPrice, order.Request.Quantity, order.Request.Price));
        Assert.Equal("Refused by Malformed.", Do(EngineCommandKind.AmendOrder, $$"""{"key":"c","id":"{{order.ClientOrderId}}","price":"97"}""").Message);
        Assert.Contains(_world.Journal.Records, r => r.Type == (ushort)EngineRecordType.StopMoved);
        Assert.DoesNotContain(_world.Journal.Records, r => r.Type == (ushort)EngineRecordType.AmendIntent);

        _world.Engine.EndSession();
        var replay = new EngineReplay(_ => EngineWorld.Create([new Idle()]));
        foreach (var (type, payload) in _world.Journal.Records) replay.OnRecord(0, type, payload);
        Assert.Null(replay.FirstDifference);
        Assert.Equal(Price.From(98.5m), replay.Engine!.Orders.Find(order.ClientOrderId)!.Request.StopPrice);
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
