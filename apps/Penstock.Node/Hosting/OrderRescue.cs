using Penstock.Connectivity.Orders;
using Penstock.Infrastructure.Threads;
using Penstock.Model.Instruments;
using Penstock.Model.Orders;
using Penstock.Trading.Orders;

namespace Penstock.Node.Hosting;

/// <summary>The way to a venue without the trading thread.</summary>
/// <param name="Gateway">Takes the cancels.</param>
/// <param name="Session">Has to be stepped by whoever uses it, because its own thread is held; null where it has another.</param>
internal sealed record RescueLine(IOrderGateway Gateway, IAgent? Session);

/// <summary>
/// Cancels what is live while the engine's thread is held in a strategy: that thread touches neither engine nor sessions now, so another one
/// may. Nothing is journaled; what comes of it is learned when the engine reconciles, in the next session or when it goes on.
/// </summary>
internal sealed class OrderRescue
{
    /// <summary>Venues that are behind, or limit requests, get this long.</summary>
    public const long PatienceNs = 2_000_000_000;

    /// <summary>After the last cancel, so that its bytes leave and answers come.</summary>
    public const long LingerNs = 200_000_000;

    private readonly IReadOnlyDictionary<VenueId, RescueLine> _lines;
    private readonly List<Order> _waiting = [];
    private readonly long _endNs;
    private long _lingerNs;

    /// <param name="orders">The engine's; its thread is held.</param>
    /// <param name="lines">Of the venues that take orders.</param>
    /// <param name="nowNs">Patience counts from here.</param>
    public OrderRescue(OrderManager orders, IReadOnlyDictionary<VenueId, RescueLine> lines, long nowNs)
    {
        (_lines, _endNs) = (lines, nowNs + PatienceNs);
        for (var order = orders.Live.First; order is not null; order = OrderList.After(order))
        {
            if (order.State != OrderState.Held) _waiting.Add(order);
        }
    }

    public int Waiting => _waiting.Count;

    public int Sent { get; private set; }

    /// <summary>Cancels that could not leave.</summary>
    public int Lost { get; private set; }

    /// <summary>Again and again until true: all that can be done is done.</summary>
    public bool Step(long nowNs)
    {
        for (var i = _waiting.Count - 1; i >= 0; i--)
        {
            if (!TryCancel(_waiting[i])) continue;
            _waiting.RemoveAt(i);
            _lingerNs = nowNs + LingerNs;
        }

        foreach (var line in _lines.Values) Step(line);
        if (nowNs < _endNs) return _waiting.Count == 0 && nowNs >= _lingerNs;
        Lost += _waiting.Count;
        _waiting.Clear();
        return true;
    }

    /// <summary>False: later.</summary>
    private bool TryCancel(Order order)
    {
        var cancel = new CancelRequest { ClientOrderId = order.ClientOrderId, Instrument = order.Instrument, VenueOrderId = order.VenueOrderId };
        SendResult result;
        try
        {
            result = _lines.TryGetValue(order.Venue, out var line) ? line.Gateway.TryCancel(cancel, out _) : SendResult.NotConnected;
        }
        catch (Exception)
        {
            result = SendResult.NotEncodable; // one venue's trouble is no other's
        }

        if (result is SendResult.Throttled or SendResult.Backlogged) return false;
        if (result == SendResult.Sent) Sent++;
        else Lost++;
        return true;
    }

    private static void Step(RescueLine line)
    {
        try
        {
            line.Session?.DoWork();
        }
        catch (Exception)
        {
            // As above.
        }
    }
}
