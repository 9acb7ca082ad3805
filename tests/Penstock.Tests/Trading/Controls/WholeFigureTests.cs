using Penstock.Infrastructure.Rings;
using Penstock.Model.Markets;
using static Penstock.Tests.Trading.Controls.ControlWorld;

namespace Penstock.Tests.Trading.Controls;

/// <summary>
/// Goal: figures of 128 bits, written in two halves by the engine's thread, are never shown as halves that do not belong together. Method: one
/// thread moves a figure between two values that differ in both halves, the other reads until it has seen each of them often.
/// </summary>
[Trait("requirement", "R81")]
public sealed class WholeFigureTests
{
    private const int ReadsOfEach = 500_000;

    private readonly ControlWorld _world = new();

    public WholeFigureTests()
    {
        var id = _world.Price(Btc, 100m).Place().ClientOrderId;
        _world.Fill(id, 1m);
    }

    /// <summary>A gain and a loss: the upper half is all zeros, or all ones.</summary>
    [Fact]
    public void The_days_loss_is_read_whole_beside_the_engine()
    {
        var profits = _world.Engine.Desk.Controls.Profits;
        AssertWhole(profits.Changes, () => profits.DayLoss.Raw, Model.Numbers.Price.From(99m).Raw * 2, Model.Numbers.Price.From(101m).Raw * 2,
            mid => profits.OnPrice(Btc, mid));
    }

    /// <summary>The larger one takes 70 bits.</summary>
    [Fact]
    public void The_exposure_is_read_whole_beside_the_engine()
    {
        var exposures = _world.Engine.Desk.Controls.Exposures;
        AssertWhole(exposures.Changes, () => exposures.Total.Raw, Model.Numbers.Price.From(100m).Raw * 2, Model.Numbers.Price.From(100_000m).Raw * 2,
            mid => exposures.Revalue(Btc, 1, mid));
    }

    private static void AssertWhole(SequenceLock changes, Func<Int128> read, long lowMid, long highMid, Action<Int128> move)
    {
        move(lowMid);
        var low = read();
        move(highMid);
        var high = read();
        Assert.NotEqual(low >> 64, high >> 64);
        var ends = false;
        var writer = new Thread(() =>
        {
            while (!Volatile.Read(ref ends))
            {
                move(lowMid);
                move(highMid);
            }
        }) { IsBackground = true };
        writer.Start();
        var (lows, highs, torn) = (0, 0, 0);
        while (torn == 0 && (lows < ReadsOfEach || highs < ReadsOfEach))
        {
            if (!changes.TryRead(read, out var seen)) continue;
            if (seen == low) lows++;
            else if (seen == high) highs++;
            else torn++;
        }

        Volatile.Write(ref ends, true);
        writer.Join();
        Assert.Equal(0, torn);
    }
}
