using Penstock.Infrastructure.Threads;

namespace Penstock.Control.ReadModels;

/// <summary>
/// Rests until the next tick of the hub, and not longer once somebody asks: a thread that looks a few times for each tick would cost more than
/// everything it finds. The thread's own, but for <see cref="Wake"/>.
/// </summary>
/// <param name="untilNextNs">From now to the next moment something is due; at most <see cref="RestMs"/> are rested.</param>
internal sealed class TickIdle(Func<long> untilNextNs) : IIdleStrategy, IDisposable
{
    /// <summary>What the rings hold of a busy market in this time is a small part of them.</summary>
    public const int RestMs = 50;

    private readonly AutoResetEvent _wake = new(false);

    public string Name => "tick";

    public void Idle(int workCount)
    {
        // Rounded up: waking just before the tick would only mean resting again.
        if (workCount == 0) _wake.WaitOne((int)Math.Clamp(untilNextNs() / 1_000_000 + 1, 1, RestMs));
    }

    /// <summary>Any thread, also after the end.</summary>
    public void Wake()
    {
        try
        {
            _wake.Set();
        }
        catch (ObjectDisposedException)
        {
            // Its thread has ended: nobody rests.
        }
    }

    public void Dispose() => _wake.Dispose();
}
