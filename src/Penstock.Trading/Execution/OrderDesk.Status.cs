using Penstock.Model.Instruments;
using Penstock.Model.Markets;

namespace Penstock.Trading.Execution;

public sealed partial class OrderDesk
{
    private readonly long[] _closesNs;

    /// <summary>What the venue last said it lets be done with the instrument; what its calendar says where it has one.</summary>
    public InstrumentStatus StatusOf(InstrumentId instrument) => _status[instrument.Value];

    /// <summary>Engine time at which the instrument's calendar closes it; zero where it is closed, or nobody has said.</summary>
    public long ClosesNs(InstrumentId instrument) => _closesNs[instrument.Value];

    /// <summary>The venue's word on the instrument, or its calendar's, from the market data.</summary>
    public void SetStatus(in MarketEvent status)
    {
        if (!_instruments.Contains(status.Instrument)) return;
        _status[status.Instrument.Value] = (InstrumentStatus)status.UpdateId;
        _closesNs[status.Instrument.Value] = status.Quantity.Raw > 0 ? status.Received.Ns + status.Quantity.Raw : 0;
    }
}
