using Penstock.Control.Sidecar;
using Penstock.Infrastructure.Counters;

namespace Penstock.Tests.Sidecar;

/// <summary>What the lifecycle means to a service manager: nothing restarts a node because it is slow (R71).</summary>
[Trait("requirement", "R58")]
[Trait("requirement", "R71")]
public class NodeHealthTests
{
    [Theory]
    [InlineData(0, true, false, "INIT")]
    [InlineData(1, true, false, "WARM-UP")]
    [InlineData(2, true, true, "READY")]
    [InlineData(3, true, false, "DEGRADED")]
    [InlineData(4, true, false, "DRAINING")]
    [InlineData(5, false, false, "STOPPED")]
    [InlineData(77, true, false, "UNKNOWN")]
    public void Every_state_has_its_answer(long state, bool live, bool ready, string text)
    {
        var view = new CounterView(true, "", 1, 0, 1, 0, [new CounterReading(2, "node_state", "", "", CounterKind.Gauge, state)], []);
        var health = NodeHealth.Of(view);
        Assert.Equal((live, ready, text), (health.IsLive, health.IsReady, health.State));
        Assert.Equal(ready, health.Why.Length == 0);
    }

    [Fact]
    public void Without_a_node_it_is_down_and_says_why() =>
        Assert.Equal(new NodeHealth(false, false, "DOWN", "the node has ended"), NodeHealth.Of(CounterView.Nothing("the node has ended")));
}
