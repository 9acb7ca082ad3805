using Penstock.Model.Instruments;

namespace Penstock.Trading.Execution;

public sealed partial class OrderDesk
{
    /// <summary>What the venue last said it lets be done with the instrument.</summary>
    public InstrumentStatus StatusOf(InstrumentId instrument) => _status[instrument.Value];
}
