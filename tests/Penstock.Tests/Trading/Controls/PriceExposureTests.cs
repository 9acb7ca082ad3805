using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Trading.Controls;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;
using static Penstock.Tests.Trading.Controls.ControlWorld;

namespace Penstock.Tests.Trading.Controls;

/// <summary>Gross exposure is what is held at today's prices, whoever trades meanwhile.</summary>
public sealed class PriceExposureTests
{
    private static readonly string[] Wide =
        ["volatility node none", "price-move node none", "order-notional node 10000000", "daily-loss node none", "price-collar node 10000"];

    [Fact]
    [Trait("requirement", "R81")]
    public void A_price_that_doubles_counts_for_the_next_order_of_another_instrument()
    {
        var world = new ControlWorld(Wide).Price(Btc, 100_000m).Price(Eth, 100m);
        world.Fill(world.Place(price: 100_000m, quantity: 9m).ClientOrderId, 9m);
        Assert.True(world.Place(price: 100m, instrument: Eth).IsPlaced);
        world.Price(Btc, 200_000m);
        Assert.Equal("gross-exposure: 1800200 / 1000000", world.Place(price: 100m, instrument: Eth).Reject.ToString());
        Assert.Equal(1_800_000m, world.Engine.Desk.Controls.Exposures.OfStrategy(1).ToDecimal() - 100m);
        // What takes the position down passes.
        Assert.True(world.Place(side: Side.Sell, price: 200_000m, quantity: 9m).IsPlaced);
    }

    [Theory]
    [Trait("requirement", "R81")]
    [InlineData("gross-exposure node 1000", 1)]
    [InlineData("gross-exposure instrument:1 1000", 1)]
    [InlineData("gross-exposure venue:1 1000", 2)]
    [InlineData("gross-exposure strategy:1 1000", 2)]
    public void A_price_that_takes_what_is_held_beyond_a_cap_cancels_what_would_add_to_it_once(string cap, int cancels)
    {
        var world = new ControlWorld([.. Wide, cap]).Price(Btc, 100m).Price(Eth, 1m).Price(Other, 100m);
        world.Fill(world.Place(quantity: 8m).ClientOrderId, 8m);
        world.Place(price: 90m);
        world.Place(price: 1m, instrument: Eth);
        world.Place(2, price: 100m, quantity: 0.001m, instrument: Other);
        world.Price(Btc, 110m);
        Assert.Empty(world.Outbox.Cancelled);
        world.Price(Btc, 112m);
        Assert.Equal(cancels, world.Outbox.Cancelled.Count);
        var breach = Assert.Single(Breaches(world));
        Assert.Equal(LimitName.GrossExposure, breach.Name);

        // A price that trembles around the cap is the same breach; one that came back by more than a sixty-fourth ends it.
        for (var i = 0; i < 10; i++) world.Price(Btc, i % 2 == 0 ? 110m : 112m);
        Assert.Single(Breaches(world));
        world.Price(Btc, 100m).Price(Btc, 112m);
        Assert.Equal(2, Breaches(world).Count);
    }

    [Fact]
    [Trait("requirement", "R92")]
    public void A_session_of_before_format_5_is_replayed_by_its_own_rule()
    {
        var world = new ControlWorld(4, [.. Wide, "gross-exposure node 300"]).Price(Btc, 100m).Price(Eth, 10m);
        world.Fill(world.Place(quantity: 2m).ClientOrderId, 2m);
        world.Price(Btc, 200m);
        Assert.Equal(200m, world.Engine.Desk.GrossExposure.ToDecimal());
        Assert.True(world.Place(price: 10m, instrument: Eth).IsPlaced);
        Assert.Empty(Breaches(world));
        // The session after it goes by the rule of today from its first moment on.
        world.Engine.BeginSession(new SessionInfo(2, 1, world.NowNs, "{}"), world.Journal, world.Outbox);
        world.Price(Btc, 250m);
        Assert.Equal(510m, world.Engine.Desk.GrossExposure.ToDecimal());
        Assert.Single(Breaches(world));
    }

    [Fact]
    public void An_instrument_nobody_holds_has_no_part_in_it_and_one_without_a_good_book_keeps_its_last_price()
    {
        var world = new ControlWorld(Wide).Price(Btc, 100m).Price(Eth, 50m);
        world.Fill(world.Place(quantity: 2m).ClientOrderId, 2m);
        world.Price(Eth, 60m);
        Assert.Equal(200m, world.Engine.Desk.GrossExposure.ToDecimal());
        world.Engine.OnMarketEvents([new MarketEvent { Kind = MarketEventKind.BookInvalid, Instrument = Btc, Venue = new VenueId(1), Received = new(world.NowNs) }]);
        Assert.Equal(200m, world.Engine.Desk.GrossExposure.ToDecimal());
        // Held by two strategies against each other: nothing of the node's, all of theirs.
        world.Price(Btc, 100m);
        world.Fill(world.Place(2, Side.Sell, quantity: 2m).ClientOrderId, 2m);
        world.Price(Btc, 120m);
        Assert.Equal((0m, 240m, 240m), (world.Engine.Desk.GrossExposure.ToDecimal(), Own(world, 1), Own(world, 2)));
    }

    private static decimal Own(ControlWorld world, int strategy) => world.Engine.Desk.Controls.Exposures.OfStrategy(strategy).ToDecimal();

    private static List<LimitPassedRecord> Breaches(ControlWorld world) => [.. world.Journal.Records.Where(r => r.Type == (ushort)EngineRecordType.LimitBreach)
        .Select(r => EngineRecords.TryRead<LimitPassedRecord>(r.Payload, out var breach) ? breach : default)];
}
