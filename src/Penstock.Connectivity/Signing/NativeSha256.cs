using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Penstock.Connectivity.Signing;

/// <summary>
/// SHA-256 of one 64-byte block by the processor's own instructions, 40 ns. .NET exposes them on ARM only and offers no hash that can start
/// from a saved state, so the block function of OpenSSL is called, which .NET uses on Linux anyway. Where it is not found,
/// or does not hash what SHA-256 must, <see cref="IsAvailable"/> is false and signing goes the general way.
/// </summary>
internal static unsafe class NativeSha256
{
    public const int StateWords = 8;

    /// <summary>SHA256_CTX: the state, counts, a block and two more words. Only the state is used here.</summary>
    public const int ContextBytes = 112;

    private static readonly string[] Libraries = ["libcrypto.so.3", "libcrypto.so.1.1"];

    private static readonly delegate* unmanaged[SuppressGCTransition]<uint*, byte*, void> Function = Find();

    /// <summary>FIPS 180-4 §5.3.3.</summary>
    public static ReadOnlySpan<uint> InitialState =>
        [0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19];

    public static bool IsAvailable => Function != null;

    /// <param name="context"><see cref="ContextBytes"/> that begin with the state; only that is changed.</param>
    /// <param name="block">64 bytes, anywhere.</param>
    public static void Transform(uint* context, byte* block) => Function(context, block);

    private static delegate* unmanaged[SuppressGCTransition]<uint*, byte*, void> Find()
    {
        if (!OperatingSystem.IsLinux()) return null;
        foreach (var name in Libraries)
        {
            if (!NativeLibrary.TryLoad(name, out var library) || !NativeLibrary.TryGetExport(library, "SHA256_Transform", out var address)) continue;
            var function = (delegate* unmanaged[SuppressGCTransition]<uint*, byte*, void>)address;
            if (IsSha256(function)) return function;
        }

        return null;
    }

    /// <summary>Hashes one padded block and compares with the framework's own result.</summary>
    private static bool IsSha256(delegate* unmanaged[SuppressGCTransition]<uint*, byte*, void> function)
    {
        Span<byte> message = stackalloc byte[55];
        for (var i = 0; i < message.Length; i++) message[i] = (byte)(i * 7);
        var block = stackalloc byte[64];
        message.CopyTo(new Span<byte>(block, message.Length));
        block[55] = 0x80;
        new Span<byte>(block + 56, 8).Clear();
        (block[62], block[63]) = (55 * 8 >> 8, 55 * 8 & 0xFF);
        var context = stackalloc uint[ContextBytes / sizeof(uint)];
        InitialState.CopyTo(new Span<uint>(context, StateWords));
        function(context, block);

        Span<byte> expected = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(message, expected);
        for (var i = 0; i < StateWords; i++)
        {
            if (System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(expected[(4 * i)..]) != context[i]) return false;
        }

        return true;
    }
}
