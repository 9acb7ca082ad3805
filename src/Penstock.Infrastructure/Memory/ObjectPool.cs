namespace Penstock.Infrastructure.Memory;

/// <summary>
/// Objects made before the market opens and handed round afterwards (R38), so the steady state allocates nothing. One thread.
/// It never grows: an empty pool is an overload the caller sees and the pool counts, not a hidden allocation.
/// </summary>
public sealed class ObjectPool<T> where T : class
{
    private readonly T[] _free;
    private int _count;

    /// <param name="size">All of them are made here and now.</param>
    public ObjectPool(int size, Func<T> make)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        _free = new T[size];
        for (_count = 0; _count < size; _count++) _free[_count] = make();
        FreeMin = size;
    }

    public int Capacity => _free.Length;

    public int Free => _count;

    /// <summary>The fewest that were ever free: how near the pool came to its end.</summary>
    public int FreeMin { get; private set; }

    /// <summary>Times the pool was found empty.</summary>
    public long Exhausted { get; private set; }

    /// <summary>False when all are in use.</summary>
    public bool TryRent([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out T? item)
    {
        if (_count == 0)
        {
            Exhausted++;
            item = null;
            return false;
        }

        item = _free[--_count];
        if (_count < FreeMin) FreeMin = _count;
        return true;
    }

    /// <summary>Takes one back. The last one returned is the next one handed out: it is still in the cache.</summary>
    /// <exception cref="InvalidOperationException">More came back than went out: somebody returned one twice.</exception>
    public void Return(T item)
    {
        if (_count == _free.Length) throw new InvalidOperationException($"All {_free.Length} objects are already in the pool: one was returned twice.");
        _free[_count++] = item;
    }
}
