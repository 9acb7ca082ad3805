using System.Runtime.CompilerServices;
using System.Text;

namespace Penstock.Model.Numbers;

/// <summary>Up to 15 bytes of UTF-8 held by value: asset codes and the like may cross rings and journals without a reference.</summary>
[InlineArray(Capacity)]
public struct Text16 : IEquatable<Text16>
{
    private const int Capacity = 16;
    private byte _first;

    /// <summary>False, and empty, when the text is longer than 15 bytes or contains a zero byte.</summary>
    public static bool TryCreate(ReadOnlySpan<byte> text, out Text16 value) => InlineText.TryCopy(text, out value, Capacity);

    public static Text16 From(string text) =>
        TryCreate(Encoding.UTF8.GetBytes(text), out var value) ? value : throw new ArgumentException($"'{text}' is longer than 15 bytes or contains a zero.");

    public readonly bool IsEmpty => _first == 0;

    public readonly bool Equals(Text16 other) => InlineText.Bytes(in this, Capacity).SequenceEqual(InlineText.Bytes(in other, Capacity));

    public override readonly bool Equals(object? obj) => obj is Text16 other && Equals(other);

    public override readonly int GetHashCode() => InlineText.Hash(InlineText.Bytes(in this, Capacity));

    /// <summary>Copies the text; returns its length in bytes.</summary>
    public readonly int CopyTo(Span<byte> destination) => InlineText.CopyTo(InlineText.Bytes(in this, Capacity), destination);

    public override readonly string ToString() => InlineText.ToText(InlineText.Bytes(in this, Capacity));
}

/// <summary>Up to 39 bytes of UTF-8 held by value: the order and trade ids of every venue fit (UUIDs have 36).</summary>
[InlineArray(Capacity)]
public struct Text40 : IEquatable<Text40>
{
    private const int Capacity = 40;
    private byte _first;

    /// <summary>False, and empty, when the text is longer than 39 bytes or contains a zero byte.</summary>
    public static bool TryCreate(ReadOnlySpan<byte> text, out Text40 value) => InlineText.TryCopy(text, out value, Capacity);

    public static Text40 From(string text) =>
        TryCreate(Encoding.UTF8.GetBytes(text), out var value) ? value : throw new ArgumentException($"'{text}' is longer than 39 bytes or contains a zero.");

    public readonly bool IsEmpty => _first == 0;

    public readonly bool Equals(Text40 other) => InlineText.Bytes(in this, Capacity).SequenceEqual(InlineText.Bytes(in other, Capacity));

    public override readonly bool Equals(object? obj) => obj is Text40 other && Equals(other);

    public override readonly int GetHashCode() => InlineText.Hash(InlineText.Bytes(in this, Capacity));

    /// <summary>Copies the text; returns its length in bytes.</summary>
    public readonly int CopyTo(Span<byte> destination) => InlineText.CopyTo(InlineText.Bytes(in this, Capacity), destination);

    public override readonly string ToString() => InlineText.ToText(InlineText.Bytes(in this, Capacity));
}

/// <summary>What the inline texts share: zero-terminated bytes in a fixed field.</summary>
internal static class InlineText
{
    public static ReadOnlySpan<byte> Bytes<T>(in T text, int capacity) where T : struct =>
        System.Runtime.InteropServices.MemoryMarshal.CreateReadOnlySpan(
            ref Unsafe.As<T, byte>(ref Unsafe.AsRef(in text)), capacity);

    public static bool TryCopy<T>(ReadOnlySpan<byte> source, out T text, int capacity) where T : struct
    {
        text = default;
        // A zero ends the text: what came after it would be compared and hashed, yet never shown.
        if (source.Length >= capacity || source.Contains((byte)0)) return false;
        source.CopyTo(System.Runtime.InteropServices.MemoryMarshal.CreateSpan(ref Unsafe.As<T, byte>(ref text), capacity));
        return true;
    }

    public static int CopyTo(ReadOnlySpan<byte> bytes, Span<byte> destination)
    {
        var length = bytes.IndexOf((byte)0);
        bytes[..length].CopyTo(destination);
        return length;
    }

    public static int Hash(ReadOnlySpan<byte> bytes)
    {
        // FNV-1a: the same in every process, unlike string.GetHashCode, so state built on it replays identically.
        var hash = 2166136261u;
        foreach (var b in bytes) hash = (hash ^ b) * 16777619;
        return (int)hash;
    }

    public static string ToText(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes[..bytes.IndexOf((byte)0)]);
}
