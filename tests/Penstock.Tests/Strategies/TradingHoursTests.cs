using System.Globalization;
using Penstock.MarketData.Bus;
using Penstock.MarketData.Reference;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Strategies;
using Penstock.Trading.Execution;
using Penstock.Trading.Risk;
using static Penstock.Tests.Trading.Fixtures;

namespace Penstock.Tests.Strategies;

/// <summary>What a calendar says reaches strategies and risk as journaled events, and a replay needs no calendar (R23).</summary>
[Trait("requirement", "R23")]
public sealed class TradingHoursTests
{
    private const long Second = 1_000_000_000;

    private static readonly long Monday =
        DateTimeOffset.Parse("2026-11-23T00:00:00Z", CultureInfo.InvariantCulture).ToUnixTimeSeconds() * Second;

    /// <summary>NSE trades from 09:15 to 15:30 in Kolkata: 03:45 to 10:00 UTC.</summary>
    private static readonly long Open = Monday + (3 * 3600 + 45 * 60) * Second;

    [Fact]
    public void Outside_of_its_session_an_instrument_is_closed_and_risk_says_so_and_a_day_order_ends_at_the_close()
    {
        var strategy = new Daily();
        var world = new EngineWorld(strategy).Ready().Book(100m, 100.02m);
        Assert.True(strategy.IsOpen);
        Assert.Null(strategy.ToClose); // no calendar: it never closes
        var gate = new SessionGate(new Forward(world), TradingCalendar.Load("nse"), Venue, [world.Engine.Instruments[Btc]]);
        gate.Step(Open - 3600 * Second, world.NowNs);
        world.Book(100m, 100.03m);
        Assert.False(strategy.IsOpen);
        Assert.Null(strategy.ToClose);
        Assert.Equal(RiskRule.InstrumentStatus, strategy.Last.Reject.Rule);

        gate.Step(Open, world.NowNs);
        world.Book(100m, 100.02m);
        Assert.True(strategy.IsOpen);
        Assert.InRange(strategy.ToClose!.Value, TimeSpan.FromHours(6.25) - TimeSpan.FromSeconds(1), TimeSpan.FromHours(6.25));
        Assert.True(strategy.Last.IsPlaced);
        var order = world.Engine.Orders.Find(strategy.Last.ClientOrderId)!;
        world.Report(ExecutionKind.Accepted, order.Request);
        world.Timer(6 * 3_600_000);
        Assert.Empty(world.Outbox.Cancelled);
        world.Timer(900_000);
        Assert.Equal(order.ClientOrderId, Assert.Single(world.Outbox.Cancelled).ClientOrderId);

        var replay = new EngineReplay(_ => EngineWorld.Create([new Daily()]));
        for (var i = 0; i < world.Journal.Records.Count; i++) replay.OnRecord(i + 1, world.Journal.Records[i].Type, world.Journal.Records[i].Payload);
        Assert.Null(replay.FirstDifference);
        Assert.Equal(world.Engine.StateHash, replay.Engine!.StateHash);
    }

    private sealed record Nothing;

    private sealed class Daily : Strategy<Nothing>
    {
        public bool IsOpen { get; private set; }

        public TimeSpan? ToClose { get; private set; }

        public PlaceResult Last { get; private set; }

        protected override void OnBook(in BookView book)
        {
            (IsOpen, ToClose) = (Context.IsOpen(book.Id), Context.TimeToClose(book.Id));
            if (ToClose is null && IsOpen) return;
            Last = Buy(book.Id, Quantity.From(0.1m)).Limit(book.Bid.Price).GoodTillClose().Send();
        }
    }

    private sealed class Forward(EngineWorld world) : IEventPublisher
    {
        public void Publish(Span<MarketEvent> events) => world.Engine.OnMarketEvents(events);
    }
}
