using System.Runtime.InteropServices;
using Penstock.Model.Markets;
using Penstock.Model.Orders;

namespace Penstock.Trading.Recovery;

/// <summary>A change of an order as it was approved, written before it leaves (I1).</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct AmendIntentRecord
{
    public long ClientOrderId;
    public int Instrument;
    public long PriceRaw;
    /// <summary>The new total, what is filled included.</summary>
    public long QuantityRaw;
    public long TriggerNs;

    public override readonly string ToString() =>
        $"{new ClientOrderId(ClientOrderId)} to {new Model.Numbers.Quantity(QuantityRaw)} @ {new Model.Numbers.Price(PriceRaw)}, instrument {Instrument}";
}

/// <summary>Written after the order had left, so it costs the order nothing; no state follows from it.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct OrderSentRecord
{
    public long ClientOrderId;
    /// <summary>Monotonic ns.</summary>
    public long SentNs;
}

/// <summary>A stop order the engine took.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct HeldOrderRecord
{
    public OrderIntentRecord Order;
    public long StopPriceRaw;
    /// <summary>Engine time, ns; zero for none.</summary>
    public long ExpiresNs;

    public static HeldOrderRecord Of(in OrderRequest request) =>
        new() { Order = OrderIntentRecord.Of(request), StopPriceRaw = request.StopPrice.Raw, ExpiresNs = request.Expires.Ns };

    public override readonly string ToString() => $"{Order}, stop {new Model.Numbers.Price(StopPriceRaw)}";
}

/// <summary>A held order waits for another price from here on.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct StopMovedRecord
{
    public long ClientOrderId;
    public int Instrument;
    public long StopPriceRaw;

    public override readonly string ToString() =>
        $"{new ClientOrderId(ClientOrderId)}, stop {new Model.Numbers.Price(StopPriceRaw)}, instrument {Instrument}";
}

/// <summary>PendingNew: sent to its venue; otherwise how it ended.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct HeldEndRecord
{
    public long ClientOrderId;
    public OrderState State;

    public override readonly string ToString() => $"{new ClientOrderId(ClientOrderId)} {State}";
}

/// <summary>A parent order, taken or ended.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct ParentOrderRecord
{
    public long Id;
    public ushort Strategy;
    public Side Side;
    public byte Algorithm;
    public byte State;
    public long QuantityRaw;
    public long FilledRaw;
    public long LimitRaw;

    public override readonly string ToString() => $"{new ClientOrderId(Id)} {Side} {new Model.Numbers.Quantity(QuantityRaw)}, algorithm {Algorithm}, state {State}";
}
