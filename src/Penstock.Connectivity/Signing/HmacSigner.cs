using System.Buffers.Text;
using System.Security.Cryptography;

namespace Penstock.Connectivity.Signing;

/// <summary>
/// One key's HMAC, ready to be used again and again: the key schedule is computed once and no signature allocates (R144).
/// One thread. The message may be given in parts, so that nobody has to join it in a buffer first.
/// </summary>
public sealed class HmacSigner : IDisposable
{
    /// <summary>The largest hash used here, SHA-512.</summary>
    public const int HashBytesMax = 64;

    // One of the two.
    private readonly HmacSha256? _fast;
    private readonly IncrementalHash? _hash;

    /// <param name="algorithm">SHA256 or SHA512.</param>
    /// <param name="key">Copied into the hash's own state; the caller may clear it.</param>
    public HmacSigner(HashAlgorithmName algorithm, ReadOnlySpan<byte> key)
        : this(algorithm, key, algorithm == HashAlgorithmName.SHA256 && NativeSha256.IsAvailable)
    {
    }

    internal HmacSigner(HashAlgorithmName algorithm, ReadOnlySpan<byte> key, bool isFast)
    {
        if (isFast) _fast = new HmacSha256(key);
        else _hash = IncrementalHash.CreateHMAC(algorithm, key);
    }

    public HmacSigner Append(ReadOnlySpan<byte> part)
    {
        if (_fast is not null) _fast.Append(part);
        else _hash!.AppendData(part);
        return this;
    }

    /// <summary>Writes the signature of all parts as lower-case hex and starts anew; returns the bytes written.</summary>
    public int FinishHex(Span<byte> destination)
    {
        Span<byte> hash = stackalloc byte[HashBytesMax];
        var length = Finish(hash);
        Convert.TryToHexStringLower(hash[..length], destination, out var written);
        return written;
    }

    /// <summary>Writes the signature of all parts as base64 and starts anew; returns the bytes written.</summary>
    public int FinishBase64(Span<byte> destination)
    {
        Span<byte> hash = stackalloc byte[HashBytesMax];
        var length = Finish(hash);
        Base64.EncodeToUtf8(hash[..length], destination, out _, out var written);
        return written;
    }

    public void Dispose()
    {
        _fast?.Dispose();
        _hash?.Dispose();
    }

    private int Finish(Span<byte> hash)
    {
        if (_fast is null) return _hash!.GetHashAndReset(hash);
        _fast.Finish(hash);
        return HmacSha256.HashBytes;
    }
}
