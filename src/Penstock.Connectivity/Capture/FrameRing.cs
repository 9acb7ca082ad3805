using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Penstock.Connectivity.Capture;

/// <summary>
/// Bytes of any length from one thread to another without either waiting (R25): when the writer of the file is slow, frames
/// are dropped here and counted, and the feed does not notice.
/// <code>
///   records, each 8-aligned:  [ header: length, url length, kind, connection, stamp | url | payload | pad ]
///   a record never wraps: a skip record fills the rest of the buffer instead
///   consumer ── _head ──▶ data ◀── _tail ── producer        both only grow; position = value &amp; mask
/// </code>
/// One producer thread, one consumer thread.
/// </summary>
public sealed class FrameRing : IFrameTap
{
    private const int HeaderBytes = 24;
    private const byte SkipKind = byte.MaxValue;

    private readonly byte[] _buffer;
    private readonly int _mask;
    private Cursors _cursors;

    /// <param name="capacityBytes">A power of two; a record may take a quarter of it at most.</param>
    public FrameRing(int capacityBytes)
    {
        if (capacityBytes < 4096 || (capacityBytes & (capacityBytes - 1)) != 0)
        {
            throw new ArgumentException($"Capacity must be a power of two of at least 4096, was {capacityBytes}.");
        }

        _buffer = new byte[capacityBytes];
        _mask = capacityBytes - 1;
    }

    // 128 bytes apart: adjacent-line prefetch makes 64 too close for two writers.
    [StructLayout(LayoutKind.Explicit, Size = 384)]
    private struct Cursors
    {
        [FieldOffset(128)] public long Tail;
        [FieldOffset(136)] public long CachedHead;
        [FieldOffset(144)] public long Dropped;
        [FieldOffset(152)] public long DroppedBytes;
        [FieldOffset(256)] public long Head;
    }

    private struct FrameHeader
    {
        public int PayloadLength;
        public int UrlLength;
        public int Connection;
        public byte Kind;
        public long StampNs;
    }

    /// <summary>Takes records in order; spans are valid during the call only.</summary>
    public interface IReader
    {
        void OnRecord(CaptureKind kind, int connection, long stampNs, ReadOnlySpan<byte> url, ReadOnlySpan<byte> payload);
    }

    /// <summary>Records that found no room. Any thread may read it.</summary>
    public long Dropped => Volatile.Read(ref _cursors.Dropped);

    /// <summary>Payload bytes of those records.</summary>
    public long DroppedBytes => Volatile.Read(ref _cursors.DroppedBytes);

    public void OnOpen(int connection, ReadOnlySpan<byte> url, long nowNs) => TryWrite(CaptureKind.Open, connection, nowNs, url, default);

    public void OnClose(int connection, long nowNs) => TryWrite(CaptureKind.Close, connection, nowNs, default, default);

    public void OnFrame(CaptureKind kind, int connection, long stampNs, ReadOnlySpan<byte> frame) =>
        TryWrite(kind, connection, stampNs, default, frame);

    public void OnRest(ReadOnlySpan<byte> url, long receivedNs, ReadOnlySpan<byte> body) => TryWrite(CaptureKind.Rest, 0, receivedNs, url, body);

    /// <summary>False, and counted, when there is no room. Producer thread.</summary>
    public bool TryWrite(CaptureKind kind, int connection, long stampNs, ReadOnlySpan<byte> url, ReadOnlySpan<byte> payload)
    {
        var bytes = HeaderBytes + (long)url.Length + payload.Length;
        bytes = (bytes + 7) & ~7L;
        var tail = _cursors.Tail;
        var toEnd = _buffer.Length - (int)(tail & _mask);
        var skip = bytes > toEnd ? toEnd : 0;
        if (bytes > _buffer.Length / 4 || !HasRoom(tail, skip + bytes))
        {
            Volatile.Write(ref _cursors.Dropped, _cursors.Dropped + 1);
            Volatile.Write(ref _cursors.DroppedBytes, _cursors.DroppedBytes + payload.Length);
            return false;
        }

        if (skip > 0)
        {
            // Fewer than 24 bytes may be left: the consumer knows such a rest is skipped and reads no header there.
            if (skip >= HeaderBytes) At(tail) = new FrameHeader { Kind = SkipKind };
            tail += skip;
        }

        At(tail) = new FrameHeader { PayloadLength = payload.Length, UrlLength = url.Length, Connection = connection, Kind = (byte)kind, StampNs = stampNs };
        var at = (int)(tail & _mask) + HeaderBytes;
        url.CopyTo(_buffer.AsSpan(at));
        payload.CopyTo(_buffer.AsSpan(at + url.Length));
        // Publishes the bytes written above; partner: the read of Tail in Read.
        Volatile.Write(ref _cursors.Tail, tail + bytes);
        return true;
    }

    /// <summary>Hands over up to <paramref name="recordsMax"/> records. Consumer thread.</summary>
    public int Read(IReader reader, int recordsMax)
    {
        var head = _cursors.Head;
        var tail = Volatile.Read(ref _cursors.Tail);
        var records = 0;
        while (head < tail && records < recordsMax)
        {
            var toEnd = _buffer.Length - (int)(head & _mask);
            if (toEnd < HeaderBytes || At(head).Kind == SkipKind)
            {
                head += toEnd;
                continue;
            }

            var header = At(head);
            var at = (int)(head & _mask) + HeaderBytes;
            var url = _buffer.AsSpan(at, header.UrlLength);
            var payload = _buffer.AsSpan(at + header.UrlLength, header.PayloadLength);
            reader.OnRecord((CaptureKind)header.Kind, header.Connection, header.StampNs, url, payload);
            head += (HeaderBytes + header.UrlLength + header.PayloadLength + 7) & ~7L;
            records++;
        }

        // Frees the room; partner: the read of Head in HasRoom. Nothing of these records is read after it.
        Volatile.Write(ref _cursors.Head, head);
        return records;
    }

    private bool HasRoom(long tail, long bytes)
    {
        if (tail + bytes - _cursors.CachedHead <= _buffer.Length) return true;
        _cursors.CachedHead = Volatile.Read(ref _cursors.Head);
        return tail + bytes - _cursors.CachedHead <= _buffer.Length;
    }

    private ref FrameHeader At(long position) => ref Unsafe.As<byte, FrameHeader>(ref _buffer[position & _mask]);
}
