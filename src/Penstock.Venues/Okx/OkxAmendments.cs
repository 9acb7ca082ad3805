using System.Buffers.Text;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Signing;
using Penstock.Connectivity.Transport;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Venues.Okx;

/// <summary>
/// What changes of orders are called, and which were told of. A change is named 'a', our order id and a number that only grows: as the `id` of
/// its request and as the `reqId` of its row. The answer and the row may both tell how it ended, in either order, and the venue may send a row
/// again: each change is told of once, and none after a later one of its order. One thread; allocates nothing.
/// </summary>
internal sealed class OkxAmendments
{
    /// <summary>A power of two. Our ids count up, so an order leaves when so many have followed it: what is repeated comes sooner.</summary>
    private const int Slots = 1024;

    private const int OrderBytes = 1 + ClientOrderId.TextBytes;

    /// <summary>The venue's own limit, of letters and digits.</summary>
    private const int NameBytesMax = 32;

    private readonly NonceSource _numbers = new();
    private readonly OrderChanges[] _orders = new OrderChanges[Slots];

    /// <summary>The last change of an order that was asked for, and the last that was told of.</summary>
    private struct OrderChanges
    {
        public ClientOrderId Order;
        public long Asked;
        public long Number;
        public bool IsRefused;
        public ExchangeTime At;
    }

    public long Ask(ClientOrderId order, long unixNs) => SlotOf(order).Asked = _numbers.Next(unixNs);

    /// <summary>A change was asked for and nothing was told of it: what the order's total is nobody knows.</summary>
    public bool IsAwaited(ClientOrderId order)
    {
        ref readonly var changes = ref _orders[order.Value & (Slots - 1)];
        return changes.Order == order && changes.Asked > changes.Number;
    }

    public static FrameWriter AppendName(FrameWriter writer, ClientOrderId order, long number) =>
        writer.AppendTag(RequestKind.Amend, order).Append(number);

    /// <summary>False for names no process of ours gives.</summary>
    public static bool TryParseName(ReadOnlySpan<byte> text, out ClientOrderId order, out long number)
    {
        (order, number) = (default, 0);
        if (text.Length is <= OrderBytes or > NameBytesMax || text[0] != (byte)'a') return false;
        var digits = text[OrderBytes..];
        return !digits.ContainsAnyExceptInRange((byte)'0', (byte)'9')
            && Utf8Parser.TryParse(digits, out number, out _) && ClientOrderId.TryParse(text[1..OrderBytes], out order);
    }

    /// <summary>
    /// True once for a change that did not take place. A number this process has not come to is not remembered: it would hide the changes to come.
    /// </summary>
    public bool TryTellRefused(ClientOrderId order, long number)
    {
        if (number > _numbers.Last) return true;
        ref var changes = ref SlotOf(order);
        if (number <= changes.Number) return false;
        (changes.Number, changes.IsRefused) = (number, true);
        return true;
    }

    /// <summary>As above, told by a row: somebody else's refused change is nothing to us.</summary>
    public bool TryTellRefused(ClientOrderId order, ReadOnlySpan<byte> name) => IsOurs(order, name, out var number) && TryTellRefused(order, number);

    /// <summary>
    /// True once for a change that took place, also where the answer had refused it: the row tells what rests. A change without a name of this
    /// process (somebody else's, an earlier process's) counts by the venue's time.
    /// </summary>
    /// <param name="order">The row's.</param>
    /// <param name="name">Its `reqId`.</param>
    /// <param name="at">Its `uTime`.</param>
    public bool TryTellChanged(ClientOrderId order, ReadOnlySpan<byte> name, ExchangeTime at)
    {
        ref var changes = ref SlotOf(order);
        if (IsOurs(order, name, out var number))
        {
            if (number < changes.Number || (number == changes.Number && !changes.IsRefused)) return false;
            (changes.Number, changes.IsRefused) = (number, false);
        }
        else if (at.UnixNs <= changes.At.UnixNs)
        {
            return false;
        }

        if (at.UnixNs > changes.At.UnixNs) changes.At = at;
        return true;
    }

    private bool IsOurs(ClientOrderId order, ReadOnlySpan<byte> name, out long number) =>
        TryParseName(name, out var named, out number) && named == order && number <= _numbers.Last;

    private ref OrderChanges SlotOf(ClientOrderId order)
    {
        ref var changes = ref _orders[order.Value & (Slots - 1)];
        if (changes.Order != order) changes = new OrderChanges { Order = order };
        return ref changes;
    }
}
