using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;
using Penstock.Model.Orders;

namespace Penstock.Venues.Bybit;

/// <summary>
/// reqId of the trade socket: what was asked ('n' new, 'c' cancel, 'a' amend), our order id, and a number, since the venue refuses an id it has
/// seen (20006) and a cancel may be asked twice. At most 36 characters; these are 15 + 1 + 16.
/// </summary>
internal static class BybitRequestId
{
    private const int KindAndId = 1 + ClientOrderId.TextBytes;

    public static FrameWriter AppendRequestId(this FrameWriter writer, ReadOnlySpan<byte> kind, ClientOrderId order, long number) =>
        writer.Append(kind).Append(order).Append("-"u8).Append(number);

    /// <summary>False for ids this process did not give.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out RequestKind kind, out ClientOrderId order)
    {
        order = default;
        kind = RequestKind.None;
        if (text.Length <= KindAndId || text[KindAndId] != (byte)'-') return false;
        kind = text[0] switch
        {
            (byte)'n' => RequestKind.Place,
            (byte)'c' => RequestKind.Cancel,
            (byte)'a' => RequestKind.Amend,
            _ => RequestKind.None,
        };
        return kind != RequestKind.None && ClientOrderId.TryParse(text[1..KindAndId], out order);
    }
}
