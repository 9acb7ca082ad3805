using System.Runtime.CompilerServices;
using Penstock.Infrastructure.Time;

namespace Penstock.Infrastructure.Logging;

/// <summary>
/// Where messages wait for the log writer: any number of threads write, one reads. A bounded queue after Dmitry Vyukov: each slot
/// carries a turn number.
/// <code>
/// slot.Turn == position            free for the writer that wins this position
/// slot.Turn == position + 1        filled, for the reader
/// slot.Turn == position + capacity free again, one round later
/// </code>
/// A writer never waits and never allocates; when the queue is full the message is dropped and counted, and the count itself is
/// logged by the reader. Not for the hot path all the same: there one bumps a counter (R57).
/// </summary>
public sealed class LogRing
{
    private const int AreasMax = 10;

    private readonly LogSlot[] _slots;
    private readonly int _mask;
    private readonly IMonotonicClock _clock;
    private readonly int[] _levels = new int[AreasMax];
    private PaddedCounter _enqueued;
    private PaddedCounter _dropped;
    private PaddedCounter _dequeued;

    /// <param name="clock">Stamps each message.</param>
    /// <param name="capacity">A power of two.</param>
    /// <param name="level">The least level that is kept, for all areas until set otherwise.</param>
    public LogRing(IMonotonicClock clock, int capacity = 4096, LogLevel level = LogLevel.Information)
    {
        if (capacity < 2 || (capacity & (capacity - 1)) != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(capacity), capacity, $"Capacity must be a power of two, was {capacity}.");
        }

        _clock = clock;
        _mask = capacity - 1;
        _slots = new LogSlot[capacity];
        for (var i = 0; i < capacity; i++)
        {
            _slots[i].Turn = i;
        }

        SetLevel(level);
    }

    public int Capacity => _slots.Length;

    /// <summary>Messages that found no room since the start.</summary>
    public long Dropped => Interlocked.Read(ref _dropped.Value);

    /// <summary>Sets the least level kept for all areas; any thread, at any time.</summary>
    public void SetLevel(LogLevel level)
    {
        for (var area = 0; area < AreasMax; area++)
        {
            SetLevel(area, level);
        }
    }

    /// <summary>Sets it for one area, the first digit of a message's number.</summary>
    public void SetLevel(int area, LogLevel level) => Volatile.Write(ref _levels[area], (int)level);

    public LogLevel LevelOf(int area) => (LogLevel)Volatile.Read(ref _levels[area]);

    public bool IsEnabled(LogMessage message) => (int)message.Level >= Volatile.Read(ref _levels[message.Area]);

    /// <summary>Puts a message in. False when it is below the level, or dropped because the queue is full.</summary>
    public bool Write(
        LogMessage message, LogValue first = default, LogValue second = default, LogValue third = default, LogValue fourth = default)
    {
        if (!IsEnabled(message))
        {
            return false;
        }

        var position = Volatile.Read(ref _enqueued.Value);
        while (true)
        {
            ref var slot = ref _slots[position & _mask];
            var ahead = Volatile.Read(ref slot.Turn) - position;
            if (ahead < 0)
            {
                Interlocked.Increment(ref _dropped.Value);
                return false;
            }

            var found = ahead > 0
                ? Volatile.Read(ref _enqueued.Value)
                : Interlocked.CompareExchange(ref _enqueued.Value, position + 1, position);
            if (ahead == 0 && found == position)
            {
                slot.Entry = new LogEntry(message, _clock.NowNs, first, second, third, fourth);

                // Release: partner of the reader's Turn in TryRead; it sees the entry whole.
                Volatile.Write(ref slot.Turn, position + 1);
                return true;
            }

            position = found;
        }
    }

    /// <summary>Takes the oldest message out. The reader's thread only.</summary>
    internal bool TryRead(out LogEntry entry)
    {
        var position = _dequeued.Value;
        ref var slot = ref _slots[position & _mask];
        if (Volatile.Read(ref slot.Turn) != position + 1)
        {
            entry = default;
            return false;
        }

        entry = slot.Entry;
        slot.Entry = default;
        _dequeued.Value = position + 1;
        Volatile.Write(ref slot.Turn, position + _slots.Length);
        return true;
    }

    private struct LogSlot
    {
        public long Turn;
        public LogEntry Entry;
    }

    /// <summary>A counter on cache lines of its own: writers, droppers and the reader must not disturb each other.</summary>
    [InlineArray(32)]
    private struct SlotLines
    {
        private long _word;
    }

    private struct PaddedCounter
    {
        public long Value;
#pragma warning disable CS0169, CA1823, IDE0051 // Never read: it only takes room.
        private readonly SlotLines _lines;
#pragma warning restore CS0169, CA1823, IDE0051
    }
}

/// <summary>A message with its values, on its way to the writer.</summary>
internal readonly record struct LogEntry(
    LogMessage Message, long MonotonicNs, LogValue First, LogValue Second, LogValue Third, LogValue Fourth)
{
    public LogValue this[int index] => index switch
    {
        0 => First,
        1 => Second,
        2 => Third,
        _ => Fourth,
    };
}
