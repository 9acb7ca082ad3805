using Penstock.Model.Instruments;
using Penstock.Model.Orders;

namespace Penstock.Trading.Execution;

/// <summary>Which orders are held, in the order they came, and how many per instrument: a market without any costs one look.</summary>
internal sealed class HeldOrders(int instruments)
{
    /// <summary>Held at a time; one more is refused.</summary>
    public const int Max = 1_024;

    private readonly ClientOrderId[] _ids = new ClientOrderId[Max];
    private readonly InstrumentId[] _instruments = new InstrumentId[Max];
    private readonly int[] _perInstrument = new int[instruments + 1];

    public int Count { get; private set; }

    public int CountOf(InstrumentId instrument) => _perInstrument[instrument.Value];

    public ClientOrderId this[int index] => _ids[index];

    public InstrumentId InstrumentOf(int index) => _instruments[index];

    public bool TryAdd(ClientOrderId id, InstrumentId instrument)
    {
        if (Count == Max) return false;
        _ids[Count] = id;
        _instruments[Count++] = instrument;
        _perInstrument[instrument.Value]++;
        return true;
    }

    public void RemoveAt(int index)
    {
        _perInstrument[_instruments[index].Value]--;
        Count--;
        Array.Copy(_ids, index + 1, _ids, index, Count - index);
        Array.Copy(_instruments, index + 1, _instruments, index, Count - index);
    }
}
