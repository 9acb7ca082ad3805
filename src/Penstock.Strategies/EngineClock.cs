namespace Penstock.Strategies;

/// <summary>Engine time: the newest stamp of any input of the session, never a clock. Written by the engine.</summary>
internal sealed class EngineClock
{
    public long NowNs;

    /// <summary>Receive stamp of the event being handled: where the decision latency of its orders starts.</summary>
    public long TriggerNs;

    public void Advance(long ns)
    {
        if (ns > NowNs) NowNs = ns;
        TriggerNs = ns;
    }
}
