namespace Penstock.Infrastructure.Rings;

/// <summary>
/// Lets other threads of the process read a few plain fields of one writer whole, sums of 128 bits for example, which a processor stores in
/// two halves. As in <see cref="SeqlockTable{T}"/>: odd while the writer is within, and a reader believes what it read only between two equal
/// even versions. The writer never waits and pays two stores; a reader tries a bounded number of times.
/// </summary>
public sealed class SequenceLock
{
    /// <summary>A write takes nanoseconds; a writer descheduled within one is worth a look now and then, and no more than this.</summary>
    public const int AttemptsMax = 1_000;

    private long _version;

    /// <summary>The writer's thread only; what may throw is computed before.</summary>
    public void BeginWrite()
    {
        Volatile.Write(ref _version, _version + 1);
        // The odd version is visible before any of the fields. Partner: the read barrier in TryRead.
        Volatile.WriteBarrier();
    }

    /// <summary>Release: the fields are visible before the even version. Partner: the first load in TryRead.</summary>
    public void EndWrite() => Volatile.Write(ref _version, _version + 1);

    /// <summary>Any thread. False when the writer was within at every attempt; then the value is not to be used.</summary>
    /// <param name="read">Copies the fields; may be called several times, and may see halves that do not belong together: it must bear them.</param>
    /// <param name="value">What it returned, between two equal versions.</param>
    public bool TryRead<T>(Func<T> read, out T value)
    {
        var pause = new SpinWait();
        for (var attempt = 0; attempt < AttemptsMax; attempt++)
        {
            var before = Volatile.Read(ref _version);
            if ((before & 1) == 0)
            {
                value = read();
                // The copy is complete before the second look. Partner: the write barrier in BeginWrite.
                Volatile.ReadBarrier();
                if (Volatile.Read(ref _version) == before) return true;
            }

            // Gives the processor away, and sleeps never: the writer may need this one to get out.
            pause.SpinOnce(sleep1Threshold: -1);
        }

        value = default!;
        return false;
    }
}
