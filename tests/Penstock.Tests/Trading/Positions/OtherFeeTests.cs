using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Strategies;
using Penstock.Tests.Trading.Controls;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;
using static Penstock.Tests.Trading.Controls.ControlWorld;

namespace Penstock.Tests.Trading.Positions;

/// <summary>Fees in a third asset: exact in the ledger, in the profit at what they were worth, or said to be missing there.</summary>
[Trait("requirement", "R83")]
public sealed class OtherFeeTests
{
    [Fact]
    public void A_fee_in_an_asset_with_a_market_here_is_worth_its_mid_of_then()
    {
        var world = new ControlWorld("volatility node none", "price-move node none").Price(Btc, 100m).Price(Eth, 40m);
        world.Fill(world.Place().ClientOrderId, 1m, fee: 0.01m, feeAsset: "ETH");
        world.Price(Eth, 80m);
        var (positions, profits) = (world.Engine.Positions, world.Engine.Desk.Controls.Profits);
        Assert.Equal(0.4m, positions.OtherFees(1, Btc).ToDecimal());
        Assert.Equal((-0.4m, -0.4m), (profits.Total.ToDecimal(), profits.Of(1).ToDecimal()));
        world.Price(Btc, 101m);
        Assert.Equal(0.6m, profits.Of(1).ToDecimal());
        Assert.Equal(0, positions.Statistics.FeesUncounted);
        // The ledger has what was paid, in what it was paid.
        Assert.Equal(Notional.From(-0.01m), positions.BaseAccount(Eth).Cash);
        Assert.True(positions.IsBalanced);
        // A rebate comes back.
        world.Fill(world.Place(price: 101m).ClientOrderId, 1m, fee: -0.005m, feeAsset: "ETH");
        Assert.Equal(0m, positions.OtherFees(1, Btc).ToDecimal());
    }

    [Fact]
    public void A_fee_nobody_knows_the_worth_of_is_said_to_be_missing()
    {
        var world = new ControlWorld().Price(Btc, 100m).Price(Other, 100m);
        world.Fill(world.Place().ClientOrderId, 1m, fee: 0.01m, feeAsset: "ETH"); // its book has not come yet
        world.Fill(world.Place(price: 99m).ClientOrderId, 1m, fee: 0.01m, feeAsset: "BNB");
        world.Fill(world.Place(instrument: Other).ClientOrderId, 1m, fee: 0.01m, feeAsset: "ETH"); // no market of it on that venue
        Assert.Equal((3L, 3L), (world.Engine.Positions.Statistics.FeesUncounted, world.Engine.Positions.Statistics.FeesInOtherAsset));
        Assert.Equal(0m, world.Engine.Positions.OtherFees(1, Btc).ToDecimal());
    }

    [Fact]
    [Trait("requirement", "R88")]
    public void Fees_in_a_third_asset_trip_the_daily_loss_and_do_so_in_the_replay()
    {
        string[] limits = ["volatility node none", "price-move node none", "daily-loss node 5", "duplicate-orders node none"];
        var world = new ControlWorld(limits).Price(Btc, 100m).Price(Eth, 1_000m);
        world.Fill(world.Place().ClientOrderId, 1m, fee: 0.005m, feeAsset: "ETH");
        Assert.True(world.Place().IsPlaced);
        world.Fill(world.Engine.Orders.Live.First!.ClientOrderId, 1m, fee: 0.00001m, feeAsset: "ETH");
        Assert.Equal("daily-loss: 5.01 / 5", world.Place().Reject.ToString());
        world.Command(EngineCommandKind.BeginDay, "20261122");

        // In a session of before format 5 they were in the ledger only.
        var old = Create(limits);
        old.BeginSession(new SessionInfo(1, 1, 1, "{}") { Format = 4 }, new MemoryJournal(), new RecordingOutbox());
        foreach (var (type, payload) in world.Journal.Records)
        {
            if (type == (ushort)EngineRecordType.Report && EngineRecords.TryRead<Penstock.Model.Orders.ExecutionReport>(payload, out var report)) old.OnReport(report);
        }

        Assert.Equal(2, old.Positions.Statistics.FeesInOtherAsset);
        Assert.Equal(0m, old.Positions.OtherFees(0, Btc).ToDecimal());
    }
}
