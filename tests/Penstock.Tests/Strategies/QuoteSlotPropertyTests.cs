using Penstock.Connectivity.RateLimits;
using Penstock.Connectivity.Feeds;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Strategies;
using Penstock.Tests.Trading;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;
using static Penstock.Tests.Trading.Fixtures;

namespace Penstock.Tests.Strategies;

/// <summary>
/// Goal: whatever the venue does, at most one order a side rests there, never for more than was wished; and once it answers again the
/// quotes are where they are wished. Method: a market maker against a venue that fills, refuses, loses, repeats and answers late.
/// </summary>
public sealed class QuoteSlotPropertyTests
{
    private static readonly AmendRate Careful = new() { KeepsPostOnly = true };

    [Theory]
    [Trait("requirement", "R97")]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(34)]
    public void One_order_a_side_rests_at_a_random_venue_and_no_more_than_was_wished(int seed)
    {
        var (engine, journal, random) = (Create(null!), new MemoryJournal(), new Random(seed));
        var venue = new EchoVenue(random);
        var (now, price) = (1_000 * Ms, 100m);
        engine.BeginSession(new SessionInfo(1, (ulong)seed, now, "{}"), journal, venue);
        engine.OnSession(Venue, true, DisconnectReason.None, now);
        engine.OnReconciled(Venue, true, now);
        Command(EngineCommandKind.SetState);
        // This venue is worse than any breaker lets one be; what they do is not the question here.
        Command(EngineCommandKind.SetLimit, "error-rate node none");
        Command(EngineCommandKind.SetLimit, "repeated-fills node none");
        for (var step = 0; step < 1_000; step++)
        {
            now += random.Next(1, 60) * Ms;
            price = Math.Clamp(price + random.Next(-5, 6) / 100m, 90m, 110m);
            engine.OnMarketEvents(Snapshot(Btc, price, price + 0.02m, now));
            venue.TradeSome();
            AssertWithinTheWish(venue);
            if (random.Next(4) > 0) venue.Deliver(engine, now);
            AssertWithinTheWish(venue);
            if (random.Next(3) == 0) engine.OnTimer(now);
        }

        Settle(engine, venue, price, ref now);
        var statistics = engine.Orders.Statistics;
        Assert.True(
            statistics is { Amended: > 20, AmendRejects: > 3, Fills: > 20, UnknownTotal: > 0, Rejected: > 1 },
            $"{statistics.Amended} {statistics.AmendRejects} {statistics.Fills} {statistics.UnknownTotal} {statistics.Rejected}");
        Assert.Equal(0, statistics.Overfills);
        Assert.True(engine.Positions.IsBalanced);

        var hash = engine.EndSession();
        var replay = EngineSnapshotTests.Follow(journal.Records, Create, seed);
        Assert.Equal(hash, replay.Engine!.StateHash);

        void Command(EngineCommandKind kind, string text = "") =>
            engine.OnCommand(new EngineCommand { Kind = kind, Who = "test", Why = "because", Text = text, State = NodeState.Ready, NowNs = now });
    }

    /// <summary>The market stands still and everything is answered: what rests is what is wished.</summary>
    private static void Settle(TradingEngine engine, EchoVenue venue, decimal price, ref long now)
    {
        for (var step = 0; step < 2_000 && !(engine.Orders.Statistics.Unknown == 0 && AreAsWished(engine, venue)); step++)
        {
            now += 20 * Ms;
            engine.OnMarketEvents(Snapshot(Btc, price, price + 0.02m, now));
            venue.Deliver(engine, now);
            engine.OnTimer(now);
        }

        Assert.True(
            AreAsWished(engine, venue),
            $"{engine.Orders.Live.Count} live, {venue.Resting.Count()} resting, {engine.Positions.Of(1, Btc).Quantity} held");
    }

    /// <summary>Every order the engine holds for live rests at that price and for that quantity; one per side the position leaves room for.</summary>
    private static bool AreAsWished(TradingEngine engine, EchoVenue venue)
    {
        var resting = venue.Resting.ToDictionary(r => r.Order.ClientOrderId);
        var live = 0;
        for (var order = engine.Orders.Live.First; order is not null; order = Penstock.Trading.Orders.OrderList.After(order), live++)
        {
            if (!resting.TryGetValue(order.ClientOrderId, out var there)) return false;
            if ((there.Order.Price, there.Order.Quantity) != (order.Request.Price, order.Request.Quantity)) return false;
        }

        var held = engine.Positions.Of(1, Btc).Quantity.ToDecimal();
        return resting.Count == live && live >= Sides(held, 0.012m) && live <= Sides(held, 0.009m);
    }

    /// <summary>A quote is worth 1 at least: how many sides leave room for that, whatever the price is.</summary>
    private static int Sides(decimal held, decimal least) => (0.3m - held >= least ? 1 : 0) + (0.3m + held >= least ? 1 : 0);

    private static void AssertWithinTheWish(EchoVenue venue)
    {
        foreach (var side in venue.Resting.GroupBy(r => r.Order.Side))
        {
            var (order, filled) = Assert.Single(side);
            Assert.InRange(order.Quantity.ToDecimal() - filled, 0m, 0.1m);
        }
    }

    private static TradingEngine Create(SessionInfo session) => EngineWorld.Create([EngineWorld.Maker()], amends: Careful);
}
