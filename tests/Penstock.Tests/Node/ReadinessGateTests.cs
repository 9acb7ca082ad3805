using Penstock.Node.Configuration;
using Penstock.Node.Lifecycle;

namespace Penstock.Tests.Node;

[Trait("requirement", "R70")]
public class ReadinessGateTests
{
    private static readonly ReadinessConfiguration Rule = new() { DecisionP99MaxUs = 1_000, Windows = 20, GoodWindows = 19 };
    private static readonly ReadinessSample Good = new(true, true, 50_000, 200_000, 100, 2, 5_000);
    private static readonly ReadinessSample Slow = Good with { DecisionP99Ns = 1_000_001 };

    [Fact]
    public void Twenty_windows_have_to_be_seen_whatever_they_show()
    {
        var gate = new ReadinessGate(Rule);
        for (var i = 1; i < 20; i++)
        {
            Assert.False(gate.Observe(Good));
            Assert.Equal($"{i} of 20 windows seen", gate.Waiting);
        }

        Assert.True(gate.Observe(Good));
        Assert.Equal("", gate.Waiting);
    }

    [Fact]
    public void One_slow_window_long_ago_is_forgiven_a_recent_one_and_a_second_are_not()
    {
        Assert.True(After(Good, 10, Slow, 1, Good, 9));
        Assert.False(After(Good, 17, Slow, 1, Good, 2));
        Assert.False(After(Good, 19, Slow, 1, Good, 0));
        Assert.True(After(Good, 16, Slow, 1, Good, 3));
        Assert.False(After(Good, 5, Slow, 2, Good, 13));
    }

    [Theory]
    [InlineData("books")]
    [InlineData("orders")]
    [InlineData("gen2")]
    [InlineData("jit")]
    [InlineData("p50")]
    public void Each_condition_alone_keeps_the_node_from_trading(string condition)
    {
        var gate = new ReadinessGate(Rule);
        var ready = true;
        for (var i = 0; i < 20; i++)
        {
            ready = gate.Observe(condition switch
            {
                "books" when i == 19 => Good with { BooksReady = false },
                "orders" when i == 19 => Good with { OrdersReconciled = false },
                "gen2" => Good with { Gen2Collections = i < 12 ? 2 : 3 },
                "jit" when i == 19 => Good with { MethodsCompiled = Good.MethodsCompiled + ReadinessGate.MethodsPerWindowMax + 1 },
                "p50" => Good with { DecisionP50Ns = i < 10 ? 400_000 : 150_000 },
                _ => Good,
            });
        }

        Assert.False(ready);
        Assert.NotEmpty(gate.Waiting);
    }

    [Fact]
    public void A_quiet_market_decides_nothing_and_is_ready_when_its_books_are()
        => Assert.True(After(Good with { Decisions = 0, DecisionP50Ns = 0, DecisionP99Ns = 0 }, 20, Good, 0, Good, 0));

    /// <summary>Goal: seeded noisy starts; whenever the gate opens, a naive look at the row must agree with every promise.</summary>
    [Fact]
    public void No_noisy_start_becomes_ready_falsely()
    {
        var opened = 0;
        for (var seed = 1; seed <= 300; seed++)
        {
            var random = new Random(seed);
            var gate = new ReadinessGate(Rule);
            var row = new List<ReadinessSample>();
            var noise = random.NextDouble() * 0.3;
            var (methods, gen2) = (1_000L, 0);
            for (var i = 0; i < 80; i++)
            {
                // Noise fades as in a real start: the compiler calms down, books come, pauses get rarer.
                var fading = noise * Math.Exp(-i / 25.0);
                methods += random.NextDouble() < fading * 3 ? random.Next(51, 900) : random.Next(0, 50);
                if (random.NextDouble() < fading / 3) gen2++;
                row.Add(new ReadinessSample(
                    i > 3 && random.NextDouble() > fading, i > 5 && random.NextDouble() > fading / 2, 50_000 + random.Next(20_000),
                    random.NextDouble() < fading ? random.Next(1_000_001, 50_000_000) : random.Next(60_000, 1_000_001), random.Next(0, 50), gen2, methods));
                if (!gate.Observe(row[^1])) continue;
                opened++;
                var last = row.TakeLast(20).ToList();
                bool IsGood(ReadinessSample w) => w.BooksReady && w.OrdersReconciled && (w.Decisions == 0 || w.DecisionP99Ns <= 1_000_000);
                Assert.True(last.Count == 20 && last.Count(IsGood) >= 19 && last.TakeLast(3).All(IsGood), $"seed {seed}, window {i}");
                Assert.True(last[^1].Gen2Collections == last[0].Gen2Collections && last[^1].MethodsCompiled - last[^2].MethodsCompiled <= 50, $"seed {seed}, window {i}");
            }
        }

        Assert.InRange(opened, 1_000, 300 * 60);
    }

    [Fact]
    public void Latency_or_books_that_come_and_go_do_not_make_the_state_flap()
    {
        foreach (var bad in new[] { Slow, Good with { BooksReady = false } })
        {
            foreach (var period in new[] { 1, 2, 4, 7 })
            {
                var gate = new ReadinessGate(Rule);
                var (isReady, changes) = (false, 0);
                for (var i = 0; i < 30; i++) isReady = gate.Observe(Good);
                Assert.True(isReady);
                for (var i = 0; i < 400; i++)
                {
                    var mayBeReady = gate.Observe(i / period % 2 == 0 ? bad : Good);
                    var next = isReady ? !gate.MustDegrade() : mayBeReady;
                    if (next != isReady) changes++;
                    isReady = next;
                }

                // Down, and with a single bad window once more up and down: never again while the wave lasts.
                Assert.InRange(changes, 0, 3);
            }
        }
    }

    [Fact]
    public void A_row_of_one_window_works()
    {
        var gate = new ReadinessGate(Rule with { Windows = 1, GoodWindows = 1 });
        Assert.True(gate.Observe(Good));
        Assert.False(gate.Observe(Slow));
    }

    private static bool After(ReadinessSample first, int firstCount, ReadinessSample second, int secondCount, ReadinessSample third, int thirdCount)
    {
        var gate = new ReadinessGate(Rule);
        var ready = false;
        foreach (var (sample, count) in new[] { (first, firstCount), (second, secondCount), (third, thirdCount) })
        {
            for (var i = 0; i < count; i++) ready = gate.Observe(sample);
        }

        return ready;
    }
}
