using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Penstock.Connectivity.Transport;

/// <summary>RFC 6455 §5.2.</summary>
public enum WebSocketOpcode : byte
{
    Continuation = 0,
    Text = 1,
    Binary = 2,
    Close = 8,
    Ping = 9,
    Pong = 10,
}

/// <summary>Close codes this library sends (RFC 6455 §7.4.1).</summary>
public static class WebSocketCloseCode
{
    public const ushort Normal = 1000;
    public const ushort ProtocolError = 1002;
    /// <summary>Local only: the close frame carried no code.</summary>
    public const ushort NoStatus = 1005;
    public const ushort InvalidPayload = 1007;
    public const ushort TooBig = 1009;

    /// <summary>Codes a peer may send: the registered ones, and 3000-4999.</summary>
    public static bool MayBeReceived(int code) =>
        code is >= 1000 and <= 1003 or >= 1007 and <= 1014 or >= 3000 and <= 4999;
}

/// <summary>The wire format of frames (RFC 6455 §5). Pure functions; nothing is allocated.</summary>
public static class WebSocketFraming
{
    /// <summary>2 bytes, 8 of length, 4 of mask.</summary>
    public const int HeaderBytesMax = 14;

    public const int ControlPayloadMax = 125;

    public static int FrameBytes(int payloadBytes, bool masked) =>
        (payloadBytes < 126 ? 2 : payloadBytes <= ushort.MaxValue ? 4 : 10) + (masked ? 4 : 0) + payloadBytes;

    /// <summary>Writes one frame; returns its length.</summary>
    /// <param name="destination">At least <see cref="FrameBytes"/>.</param>
    /// <param name="opcode">Kind.</param>
    /// <param name="payload">Copied, masked in the copy.</param>
    /// <param name="mask">A client's mask key; null for a server's frame.</param>
    /// <param name="final">False for all but the last fragment.</param>
    public static int WriteFrame(
        Span<byte> destination, WebSocketOpcode opcode, ReadOnlySpan<byte> payload, uint? mask = null, bool final = true)
    {
        destination[0] = (byte)((final ? 0x80 : 0) | (byte)opcode);
        var maskBit = mask.HasValue ? 0x80 : 0;
        var at = 2;
        if (payload.Length < 126)
        {
            destination[1] = (byte)(maskBit | payload.Length);
        }
        else if (payload.Length <= ushort.MaxValue)
        {
            destination[1] = (byte)(maskBit | 126);
            BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)payload.Length);
            at = 4;
        }
        else
        {
            destination[1] = (byte)(maskBit | 127);
            BinaryPrimitives.WriteUInt64BigEndian(destination[2..], (ulong)payload.Length);
            at = 10;
        }

        if (mask is { } key)
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination[at..], key);
            at += 4;
        }

        payload.CopyTo(destination[at..]);
        if (mask is { } k) ApplyMask(destination.Slice(at, payload.Length), k);
        return at + payload.Length;
    }

    /// <summary>Masks, or unmasks, in place.</summary>
    /// <param name="payload">From the first byte of the frame's payload.</param>
    /// <param name="mask">The key read big-endian.</param>
    public static void ApplyMask(Span<byte> payload, uint mask)
    {
        var inMemory = BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(mask) : mask;
        var wide = ((ulong)inMemory << 32) | inMemory;
        var words = MemoryMarshal.Cast<byte, ulong>(payload);
        for (var i = 0; i < words.Length; i++) words[i] ^= wide;
        for (var i = words.Length * 8; i < payload.Length; i++) payload[i] ^= (byte)(mask >> (24 - 8 * (i & 3)));
    }
}
