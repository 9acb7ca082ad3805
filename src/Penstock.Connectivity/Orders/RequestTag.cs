using Penstock.Connectivity.Transport;
using Penstock.Model.Orders;

namespace Penstock.Connectivity.Orders;

/// <summary>What a request on the private connection asked for.</summary>
public enum RequestKind : byte
{
    None,
    Place,
    Cancel,
    Amend,
    CancelAll,
}

/// <summary>
/// A request id that carries its own meaning: 'n' (new), 'c' (cancel) or 'a' (amend) and the client order id, 15 letters and digits.
/// A response can then be mapped back without remembering requests. For venues that echo a text id.
/// </summary>
public static class RequestTag
{
    public static FrameWriter AppendTag(this FrameWriter writer, RequestKind kind, ClientOrderId id) =>
        writer.Append(kind switch { RequestKind.Place => "n"u8, RequestKind.Amend => "a"u8, _ => "c"u8 }).Append(id);

    /// <summary>False for ids this process did not give.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out RequestKind kind, out ClientOrderId id)
    {
        id = default;
        kind = text.Length != ClientOrderId.TextBytes + 1 ? RequestKind.None
            : text[0] == (byte)'n' ? RequestKind.Place
            : text[0] == (byte)'c' ? RequestKind.Cancel
            : text[0] == (byte)'a' ? RequestKind.Amend : RequestKind.None;
        return kind != RequestKind.None && ClientOrderId.TryParse(text[1..], out id);
    }
}
