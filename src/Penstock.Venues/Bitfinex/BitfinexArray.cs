using Penstock.Connectivity.Decoding;

namespace Penstock.Venues.Bitfinex;

/// <summary>
/// The first elements of an array by position: what names are to other venues, places are to this one. Places beyond those
/// wanted are passed over, because the venue appends new fields at the end; places the array does not have are missing.
/// </summary>
internal readonly ref struct BitfinexArray
{
    private readonly ReadOnlySpan<byte> _raw;
    private readonly ReadOnlySpan<JsonRange> _ranges;

    /// <param name="source">Nothing is found in anything but an array.</param>
    /// <param name="ranges">As many places as are wanted; need not be cleared.</param>
    public BitfinexArray(JsonValue source, Span<JsonRange> ranges)
    {
        ranges.Clear();
        _raw = source.Raw;
        _ranges = ranges;
        var place = 0;
        foreach (var element in source.Elements)
        {
            if (place == ranges.Length) break;
            source.Raw.Overlaps(element.Raw, out var start);
            ranges[place++] = new JsonRange(start, element.Raw.Length);
        }
    }

    public JsonValue this[int place] => new(_raw.Slice(_ranges[place].Start, _ranges[place].Length));
}
