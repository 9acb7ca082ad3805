using Penstock.Infrastructure.Rings;
using Penstock.Infrastructure.Time;
using Penstock.Model.Markets;

namespace Penstock.Node.Wiring;

/// <summary>
/// Slowness on purpose, in simulation: a reader of the trading thread that does not read, answers of venues that are not taken (R62, R63).
/// Costs a plain read where nothing is held. Any thread asks; the trading thread obeys.
/// </summary>
internal sealed class DeliberateStalls(IReadOnlyList<RingReader<MarketEvent>> readers, IMonotonicClock clock)
{
    private readonly long[] _readerUntilNs = new long[readers.Count];
    private readonly long[] _lagMax = new long[readers.Count];
    private long _answersUntilNs;

    /// <summary>The reader stands still until its ring has lapped it, and no longer than this.</summary>
    /// <param name="index">In the order of the venues.</param>
    /// <param name="capacity">Events the ring holds.</param>
    /// <param name="milliseconds">At most.</param>
    public void HoldReader(int index, long capacity, long milliseconds)
    {
        Volatile.Write(ref _lagMax[index], capacity);
        Volatile.Write(ref _readerUntilNs[index], clock.NowNs + milliseconds * 1_000_000);
    }

    public void HoldAnswers(long milliseconds) => Volatile.Write(ref _answersUntilNs, clock.NowNs + milliseconds * 1_000_000);

    /// <summary>The trading thread.</summary>
    public bool HoldsReader(int index) => Volatile.Read(ref _readerUntilNs[index]) != 0 && IsReaderHeld(index);

    /// <summary>The trading thread.</summary>
    public bool HoldsAnswers() => Volatile.Read(ref _answersUntilNs) != 0 && AreAnswersHeld();

    private bool IsReaderHeld(int index)
    {
        if (clock.NowNs < Volatile.Read(ref _readerUntilNs[index]) && readers[index].Lag <= Volatile.Read(ref _lagMax[index])) return true;
        Volatile.Write(ref _readerUntilNs[index], 0);
        return false;
    }

    private bool AreAnswersHeld()
    {
        if (clock.NowNs < Volatile.Read(ref _answersUntilNs)) return true;
        Volatile.Write(ref _answersUntilNs, 0);
        return false;
    }
}
