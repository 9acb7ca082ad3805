namespace Penstock.Infrastructure.Threads;

/// <summary>Never gives the core away: lowest latency, one core each. More spinners than cores collapse 28-fold.</summary>
public sealed class BusySpinIdle : IIdleStrategy
{
    public string Name => IdleStrategies.BusySpin;

    public void Idle(int workCount)
    {
        if (workCount == 0)
        {
            // One pause instruction (about 25 ns): polling harder slows the thread that writes what we poll.
            Thread.SpinWait(1);
        }
    }
}

/// <summary>Offers the core to whoever waits for it; about 0.5 us when nobody does.</summary>
public sealed class YieldIdle : IIdleStrategy
{
    public string Name => IdleStrategies.Yield;

    public void Idle(int workCount)
    {
        if (workCount == 0)
        {
            Thread.Yield();
        }
    }
}

/// <summary>Spins, then yields, then parks for longer and longer up to a bound; any work starts it afresh. For shared cores.</summary>
public sealed class BackOffIdle : IIdleStrategy
{
    private readonly int _spins;
    private readonly int _yields;
    private readonly long _parkNsMin;
    private readonly long _parkNsMax;
    private int _rounds;
    private long _parkNs;

    public BackOffIdle(int spins = 100, int yields = 20, long parkNsMin = 50_000, long parkNsMax = 1_000_000)
    {
        _spins = spins;
        _yields = yields;
        _parkNsMin = parkNsMin;
        _parkNsMax = parkNsMax;
        _parkNs = parkNsMin;
    }

    public string Name => IdleStrategies.BackOff;

    /// <summary>Times it parked.</summary>
    public long Parks { get; private set; }

    /// <summary>The next park's length.</summary>
    public long ParkNs => _parkNs;

    public void Idle(int workCount)
    {
        if (workCount != 0)
        {
            _rounds = 0;
            _parkNs = _parkNsMin;
        }
        else if (_rounds < _spins)
        {
            _rounds++;
            Thread.SpinWait(1);
        }
        else if (_rounds < _spins + _yields)
        {
            _rounds++;
            Thread.Yield();
        }
        else
        {
            Parks++;
            NativeThread.Park(_parkNs);
            _parkNs = Math.Min(_parkNs * 2, _parkNsMax);
        }
    }
}

/// <summary>Parks at once and always as long: for threads that nobody waits for, which must not wake a busy machine often.</summary>
public sealed class ParkIdle(long parkNs = 5_000_000) : IIdleStrategy
{
    public string Name => IdleStrategies.Park;

    public void Idle(int workCount)
    {
        if (workCount == 0)
        {
            NativeThread.Park(parkNs);
        }
    }
}

/// <summary>The names a thread plan may use.</summary>
public static class IdleStrategies
{
    public const string BusySpin = "busySpin";
    public const string Yield = "yield";
    public const string BackOff = "backOff";
    public const string Park = "park";

    public static IReadOnlyList<string> Names { get; } = [BusySpin, Yield, BackOff, Park];

    /// <summary>A new strategy of that name; null when there is none.</summary>
    public static IIdleStrategy? Create(string name) => name switch
    {
        BusySpin => new BusySpinIdle(),
        Yield => new YieldIdle(),
        BackOff => new BackOffIdle(),
        Park => new ParkIdle(),
        _ => null,
    };
}
