using System.Text;
using Penstock.Connectivity.Feeds;

namespace Penstock.Connectivity.Decoding;

/// <summary>Where a value lies within its object; length zero where it is missing.</summary>
public readonly record struct JsonRange(int Start, int Length);

/// <summary>
/// The names a decoder wants of one kind of object. <see cref="Pick"/> finds them all in one pass over the members, so a
/// message of forty fields is read once and not once per field. The indices are the order of the names.
/// </summary>
public sealed class JsonFields
{
    /// <summary>Four times the largest set of names in use: chains in the open-addressed table stay short.</summary>
    private const int Slots = 128;

    private readonly byte[][] _names;
    private readonly sbyte[] _slots = new sbyte[Slots];

    public JsonFields(params ReadOnlySpan<string> names)
    {
        if (names.Length > Slots / 4) throw new ArgumentException($"At most {Slots / 4} names, were {names.Length}.");
        _names = new byte[names.Length][];
        for (var i = 0; i < names.Length; i++)
        {
            _names[i] = Encoding.UTF8.GetBytes(names[i]);
            var slot = Hash(_names[i]);
            while (_slots[slot] != 0) slot = (slot + 1) % Slots;
            _slots[slot] = (sbyte)(i + 1);
        }
    }

    public int Count => _names.Length;

    /// <param name="source">The object.</param>
    /// <param name="ranges">At least <see cref="Count"/>; need not be cleared.</param>
    /// <param name="picked">The values found; all of them missing unless None is returned.</param>
    /// <returns>None; Malformed for anything but an object, and for a wanted name that comes twice: which one would be meant?</returns>
    public QuarantineCause Pick(JsonValue source, Span<JsonRange> ranges, out JsonPicked picked)
    {
        ranges = ranges[.._names.Length];
        ranges.Clear();
        picked = new JsonPicked(source.Raw, ranges);
        if (!source.IsObject) return QuarantineCause.Malformed;
        foreach (var member in source.Members)
        {
            var index = Find(member.Name);
            if (index < 0) continue;
            if (ranges[index].Length > 0)
            {
                ranges.Clear();
                return QuarantineCause.Malformed;
            }

            source.Raw.Overlaps(member.Value.Raw, out var start);
            ranges[index] = new JsonRange(start, member.Value.Raw.Length);
        }

        return QuarantineCause.None;
    }

    private int Find(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty) return -1;
        for (var slot = Hash(name); _slots[slot] != 0; slot = (slot + 1) % Slots)
        {
            if (name.SequenceEqual(_names[_slots[slot] - 1])) return _slots[slot] - 1;
        }

        return -1;
    }

    private static int Hash(ReadOnlySpan<byte> name) => (name.Length * 37 + name[0] * 7 + name[^1]) % Slots;
}

/// <summary>The picked values of one object, by index of the name.</summary>
public readonly ref struct JsonPicked
{
    private readonly ReadOnlySpan<byte> _raw;
    private readonly ReadOnlySpan<JsonRange> _ranges;

    internal JsonPicked(ReadOnlySpan<byte> raw, ReadOnlySpan<JsonRange> ranges)
    {
        _raw = raw;
        _ranges = ranges;
    }

    public JsonValue this[int field] => new(_raw.Slice(_ranges[field].Start, _ranges[field].Length));
}
