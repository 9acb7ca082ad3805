using Penstock.Infrastructure.Counters;
using Penstock.Infrastructure.Threads;
using Penstock.Infrastructure.Time;

namespace Penstock.Node.Reporting;

/// <summary>Writes into the counter file that its process lives, so that a reader can tell old figures from quiet ones.</summary>
internal sealed class CounterHeartbeat(CounterFile file, IMonotonicClock clock) : IAgent
{
    public string Role => "heartbeat";

    public int DoWork()
    {
        file.Heartbeat(clock.NowNs);
        return 0;
    }
}
