using Penstock.Model.Instruments;
using Penstock.Model.Orders;

namespace Penstock.Trading.Controls;

/// <summary>
/// How often a strategy was filled to no effect (RTS 6, Art. 15: repeated automated execution): the orders filled within a window at
/// the price of the last fill without another in between, or since the position was where it is now. Fills of one order in a row are one
/// execution. A ring of 1,024 executions a strategy, allocated at start.
/// </summary>
public sealed partial class RepeatedFills
{
    private const int Capacity = 1 << 10;

    private readonly SeenExecution[] _ring;
    private readonly long[] _added;

    public RepeatedFills(int strategies)
    {
        _ring = new SeenExecution[(strategies + 1) * Capacity];
        _added = new long[strategies + 1];
    }

    private struct SeenExecution
    {
        public long AtNs;
        public long PriceRaw;
        public long PositionBeforeRaw;
        public ClientOrderId Order;
        public InstrumentId Instrument;
    }

    /// <summary>One fill; returns how many executions of the window had no effect, this one included. At least 1.</summary>
    public int Add(int strategy, in ExecutionReport fill, long positionBeforeRaw, long positionAfterRaw, long nowNs, long windowNs)
    {
        var ring = _ring.AsSpan(strategy * Capacity, Capacity);
        var added = _added[strategy];
        ref var last = ref ring[(int)((added - 1) & (Capacity - 1))];
        var isSameOrder = added > 0 && last.Order == fill.ClientOrderId && last.Instrument == fill.Instrument && last.PriceRaw == fill.LastPrice.Raw;
        if (isSameOrder)
        {
            last.AtNs = nowNs;
        }
        else
        {
            ring[(int)(added & (Capacity - 1))] = new SeenExecution
            {
                AtNs = nowNs, PriceRaw = fill.LastPrice.Raw, PositionBeforeRaw = positionBeforeRaw, Order = fill.ClientOrderId, Instrument = fill.Instrument,
            };
            _added[strategy] = ++added;
        }

        int samePrice = 0, count = 0, unmoved = 0;
        var isRun = true;
        for (var number = added; number > 0 && number > added - Capacity; number--)
        {
            ref readonly var execution = ref ring[(int)((number - 1) & (Capacity - 1))];
            if (nowNs - execution.AtNs >= windowNs) break;
            if (execution.Instrument != fill.Instrument) continue;
            count++;
            isRun &= execution.PriceRaw == fill.LastPrice.Raw;
            if (isRun) samePrice = count;
            if (execution.PositionBeforeRaw == positionAfterRaw) unmoved = count;
        }

        return Math.Max(1, Math.Max(samePrice, unmoved));
    }

    /// <summary>A person has looked at the strategy: it starts anew.</summary>
    public void Forget(int strategy)
    {
        _added[strategy] = 0;
        _ring.AsSpan(strategy * Capacity, Capacity).Clear();
    }

    /// <summary>Another time base has begun.</summary>
    public void Clear()
    {
        Array.Clear(_added);
        Array.Clear(_ring);
    }
}
