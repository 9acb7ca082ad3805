using Penstock.Connectivity.Transport;

namespace Penstock.Tests.Connectivity.Transport;

public class BackoffTests
{
    [Fact]
    [Trait("requirement", "R109")]
    public void Ceilings_double_from_one_second_to_thirty_and_stay_there_at_attempt_1000()
    {
        long[] ceilings = [1, 2, 4, 8, 16, 30, 30];
        var longest = new long[ceilings.Length];
        for (ulong seed = 0; seed < 300; seed++)
        {
            var backoff = new Backoff(new SeededGenerator(seed));
            for (var i = 0; i < ceilings.Length; i++) longest[i] = Math.Max(longest[i], backoff.NextDelayNs());
            for (var i = 0; i < 1000; i++) Assert.InRange(backoff.NextDelayNs(), 1, 30_000_000_000);
            backoff.Reset();
            Assert.InRange(backoff.NextDelayNs(), 1, 1_000_000_000);
        }

        // Full jitter: over many seeds the longest delay comes close to the ceiling and never passes it.
        for (var i = 0; i < ceilings.Length; i++) Assert.InRange(longest[i], ceilings[i] * 900_000_000, ceilings[i] * 1_000_000_000);
    }

    [Fact]
    public void The_same_seed_gives_the_same_delays()
    {
        var (a, b) = (new Backoff(new SeededGenerator(7)), new Backoff(new SeededGenerator(7)));
        for (var i = 0; i < 50; i++) Assert.Equal(a.NextDelayNs(), b.NextDelayNs());
    }
}
