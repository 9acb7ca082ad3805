using Penstock.Infrastructure.Services;
using Penstock.Infrastructure.Threads;

namespace Penstock.Node.Lifecycle;

/// <summary>
/// Tells the service manager the lifecycle's state, and that the node lives as long as the trading thread finishes windows. On the admin
/// thread: the trading thread is only looked at. A node that is slow, degraded or without venues finishes windows like any other; only one
/// whose trading or admin thread stands still is silent, and that one nobody can steer any more (R71).
/// </summary>
/// <param name="manager">Who is told.</param>
/// <param name="state">The lifecycle's state in a word or a sentence.</param>
/// <param name="window">Number of the trading thread's last window.</param>
internal sealed class ServiceAgent(ServiceManager manager, Func<string> state, Func<long> window) : IAgent
{
    private string _told = "";
    private long _window;

    public string Role => "service-manager";

    /// <summary>One look; to be paced to the manager's interval.</summary>
    public int DoWork()
    {
        var (now, said) = (window(), state());
        var work = 0;
        if (said != _told)
        {
            manager.Status(_told = said);
            work++;
        }

        if (now == _window) return work;
        _window = now;
        manager.Alive();
        return work + 1;
    }

    public void OnStop()
    {
    }
}
