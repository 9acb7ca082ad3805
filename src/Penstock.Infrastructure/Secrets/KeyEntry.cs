using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Penstock.Infrastructure.Secrets;

/// <summary>
/// One account's keys as they lie in a store: what may be shown, and an AES-256-GCM envelope. A random key of its own encrypts the
/// entry, the master key wraps that key; both are bound to everything that may be shown, so an entry that was moved to another
/// venue or account, or relabelled, does not open.
/// </summary>
public sealed record KeyEntry
{
    internal const int NonceBytes = 12;
    internal const int TagBytes = 16;

    /// <summary>As in the configuration: binance.</summary>
    public required string Venue { get; init; }

    /// <summary>Our name of the account; main unless there are several.</summary>
    public required string Account { get; init; }

    public string Label { get; init; } = "";

    /// <summary>The key's first characters.</summary>
    public string KeyId { get; init; } = "";

    /// <summary>Nanoseconds since 1970.</summary>
    public long CreatedUnixNs { get; init; }

    /// <summary>What its owner says the key may do at the venue; empty when unknown.</summary>
    public IReadOnlyList<string> Permissions { get; init; } = [];

    /// <summary>Nonce, tag and the entry's own key under the master key.</summary>
    public byte[] WrappedKey { get; init; } = [];

    /// <summary>Nonce, tag and the keys under the entry's own key.</summary>
    public byte[] Sealed { get; init; } = [];

    internal static KeyEntry Seal(KeyEntry shown, KeyMaterial material, MasterKey master)
    {
        using var key = new SecretBuffer(MasterKey.KeyBytes);
        RandomNumberGenerator.Fill(key.Extend(MasterKey.KeyBytes));
        using var plain = material.ToPlain();
        shown = shown with { KeyId = material.MaskedKeyId };
        var bound = shown.Bound();
        return shown with { WrappedKey = Encrypt(master.Wrap, key.Span, bound), Sealed = Encrypt(key.Span, plain.Span, bound) };
    }

    /// <summary>Null when anything in it was changed, or the master key is another.</summary>
    internal KeyMaterial? Open(MasterKey master)
    {
        var bound = Bound();
        using var key = Decrypt(master.Wrap, WrappedKey, bound);
        if (key is not { Length: MasterKey.KeyBytes }) return null;
        using var plain = Decrypt(key.Span, Sealed, bound);
        return plain is null ? null : KeyMaterial.FromPlain(plain.Span);
    }

    /// <summary>The same entry under another master key; the keys themselves stay encrypted. Null as <see cref="Open"/>.</summary>
    internal KeyEntry? Rewrap(MasterKey from, MasterKey to)
    {
        var bound = Bound();
        using var key = Decrypt(from.Wrap, WrappedKey, bound);
        return key is null ? null : this with { WrappedKey = Encrypt(to.Wrap, key.Span, bound) };
    }

    /// <summary>nonce, tag, ciphertext in one array. Nonces are random: a key of its own encrypts once, the master few thousand times (NIST SP 800-38D §8.3 allows 2^32).</summary>
    internal static byte[] Encrypt(ReadOnlySpan<byte> key, ReadOnlySpan<byte> plain, ReadOnlySpan<byte> bound)
    {
        var box = new byte[NonceBytes + TagBytes + plain.Length];
        RandomNumberGenerator.Fill(box.AsSpan(0, NonceBytes));
        using var aes = new AesGcm(key, TagBytes);
        aes.Encrypt(box.AsSpan(0, NonceBytes), plain, box.AsSpan(NonceBytes + TagBytes), box.AsSpan(NonceBytes, TagBytes), bound);
        return box;
    }

    internal static SecretBuffer? Decrypt(ReadOnlySpan<byte> key, ReadOnlySpan<byte> box, ReadOnlySpan<byte> bound)
    {
        if (box.Length < NonceBytes + TagBytes || box.Length > SecretBuffer.CapacityMax) return null;
        var plain = new SecretBuffer(box.Length - NonceBytes - TagBytes);
        try
        {
            using var aes = new AesGcm(key, TagBytes);
            aes.Decrypt(box[..NonceBytes], box[(NonceBytes + TagBytes)..], box.Slice(NonceBytes, TagBytes), plain.Extend(plain.Capacity), bound);
            return plain;
        }
        catch (AuthenticationTagMismatchException)
        {
            plain.Dispose();
            return null;
        }
    }

    /// <summary>Each part with its length, so that no two different entries bind the same bytes.</summary>
    private byte[] Bound()
    {
        var stream = new MemoryStream();
        Span<byte> number = stackalloc byte[sizeof(long)];
        foreach (var text in (string[])["penstock-keys/1", Venue, Account, Label, KeyId, string.Join(',', Permissions)])
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            BinaryPrimitives.WriteInt64LittleEndian(number, bytes.Length);
            stream.Write(number);
            stream.Write(bytes);
        }

        BinaryPrimitives.WriteInt64LittleEndian(number, CreatedUnixNs);
        stream.Write(number);
        return stream.ToArray();
    }
}
