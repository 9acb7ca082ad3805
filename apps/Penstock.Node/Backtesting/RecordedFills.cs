using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading.Recovery;

namespace Penstock.Node.Backtesting;

/// <summary>
/// The fills among the reports of a journal, each once, with the instrument and the side of its order: some streams name neither again.
/// </summary>
internal sealed class RecordedFills(InstrumentTable instruments)
{
    private readonly Dictionary<ClientOrderId, (InstrumentId Instrument, Side Side)> _orders = [];
    private readonly Dictionary<Text40, ClientOrderId> _byVenueId = [];
    private readonly HashSet<(VenueId, InstrumentId, Side, long)> _seen = [];

    public void OnIntent(in OrderIntentRecord intent) =>
        _orders[new ClientOrderId(intent.ClientOrderId)] = (new InstrumentId(intent.Instrument), intent.Side);

    /// <summary>Whose report this is; some streams name an order by the venue's id alone. Not one of ours: the default.</summary>
    public ClientOrderId OrderOf(in ExecutionReport report)
    {
        var id = report.ClientOrderId;
        if (!_orders.ContainsKey(id) && !_byVenueId.TryGetValue(report.VenueOrderId, out id)) return default;
        if (!report.VenueOrderId.IsEmpty) _byVenueId[report.VenueOrderId] = id;
        return id;
    }

    /// <summary>False for what is no fill, was one before, or is of no known instrument.</summary>
    public bool TryTake(in ExecutionReport report, out ExecutionReport fill)
    {
        fill = report;
        var id = OrderOf(report);
        if (report.Kind != ExecutionKind.Fill) return false;
        if (_orders.TryGetValue(id, out var order)) fill = report with { ClientOrderId = id, Instrument = order.Instrument, Side = order.Side };
        if (!instruments.Contains(fill.Instrument) || fill.Side == Side.None) return false;
        fill.Venue = instruments[fill.Instrument].Venue;
        return _seen.Add((fill.Venue, fill.Instrument, fill.Side, fill.TradeId));
    }
}
