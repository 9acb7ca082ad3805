using Penstock.Connectivity.Decoding;
using Penstock.Model.Numbers;

namespace Penstock.Venues.Htx;

/// <summary>The venue writes currencies in small letters; here they are in capitals, as everywhere.</summary>
internal static class HtxAssets
{
    /// <summary>False when it is no text of 1 to 15 bytes.</summary>
    public static bool TryRead(JsonValue value, out Text16 asset)
    {
        Span<byte> scratch = stackalloc byte[64];
        Span<byte> capitals = stackalloc byte[15];
        asset = default;
        if (!value.TryGetText(scratch, out var text) || text.IsEmpty || text.Length > capitals.Length) return false;
        for (var i = 0; i < text.Length; i++) capitals[i] = text[i] is >= (byte)'a' and <= (byte)'z' ? (byte)(text[i] - 32) : text[i];
        return Text16.TryCreate(capitals[..text.Length], out asset) && !asset.IsEmpty;
    }
}
