using Penstock.Infrastructure.Time;

namespace Penstock.Tests.Infrastructure.Time;

/// <summary>Two clocks are compared by a thread that loses its core between the readings, now and then or always.</summary>
[Trait("requirement", "R3")]
public sealed class ClockPairTests
{
    private const long AtZeroNs = 1_700_000_000_000_000_000;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(20)]
    public void A_lost_core_between_two_readings_does_not_move_the_wall_clock(int interruptions)
    {
        var machine = new Machine(interruptions, costNs: 50);
        Assert.InRange(ClockPair.UnixAtZeroNs(machine, machine), AtZeroNs - 50, AtZeroNs + 50);
    }

    [Fact]
    public void Where_every_reading_is_interrupted_the_shortest_interruption_bounds_the_error()
    {
        var machine = new Machine(int.MaxValue, costNs: 50);
        Assert.InRange(ClockPair.UnixAtZeroNs(machine, machine), AtZeroNs - 2_000_000, AtZeroNs + 2_000_000);
    }

    [Fact]
    public void Clocks_that_stand_still_are_read_once()
    {
        var clock = new ManualClock(nowNs: 5, unixNs: AtZeroNs + 5);
        Assert.Equal(AtZeroNs, ClockPair.UnixAtZeroNs(clock, clock));
    }

    /// <summary>Every reading takes a little; before each of the first wall clock readings the core is gone for 2 to 9 ms.</summary>
    private sealed class Machine(int interruptions, long costNs) : IMonotonicClock, IWallClock
    {
        private long _nowNs = 1_000;
        private int _walls;

        public long NowNs => _nowNs += costNs;

        public long UnixNs
        {
            get
            {
                if (_walls++ < interruptions) _nowNs += 2_000_000 + (_walls % 8 * 1_000_000);
                return AtZeroNs + (_nowNs += costNs);
            }
        }
    }
}
