namespace Penstock.Infrastructure.Threads;

/// <summary>What a thread does between duty cycles that found nothing to do.</summary>
public interface IIdleStrategy
{
    /// <summary>The name in the thread plan.</summary>
    string Name { get; }

    /// <summary>Called after each duty cycle; rests when <paramref name="workCount"/> is zero, starts afresh when it is not.</summary>
    void Idle(int workCount);
}
