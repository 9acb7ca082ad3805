using Penstock.Infrastructure.Services;

namespace Penstock.Control.Verbs;

/// <summary>Tells the service manager that a server of the control plane is up, lives and ends; without one it does nothing.</summary>
internal static class ServiceLoop
{
    /// <summary>Says READY at once, then that it lives as long as it does, and STOPPING at the end.</summary>
    /// <param name="manager">Who is told.</param>
    /// <param name="status">One line for people.</param>
    /// <param name="isAlive">Asks the part that does the work; false, or no answer, is not told on.</param>
    /// <param name="ended">Completes when the server is to end.</param>
    public static async Task RunAsync(ServiceManager manager, string status, Func<CancellationToken, Task<bool>> isAlive, Task ended)
    {
        manager.Ready(status);
        if (manager.PingInterval is { } interval)
        {
            using var stop = new CancellationTokenSource();
            var pinging = PingAsync(manager, interval, isAlive, stop.Token);
            await ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await stop.CancelAsync().ConfigureAwait(false);
            await pinging.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        manager.Stopping("ends");
    }

    private static async Task PingAsync(
        ServiceManager manager, TimeSpan interval, Func<CancellationToken, Task<bool>> isAlive, CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(interval);
        do
        {
            try
            {
                if (await isAlive(cancel).ConfigureAwait(false)) manager.Alive();
            }
            catch (TimeoutException)
            {
                // Nothing is told of a part that does not answer; it may be back at the next question.
            }
        }
        while (await timer.WaitForNextTickAsync(cancel).ConfigureAwait(false));
    }
}
