using System.Buffers.Binary;
using Penstock.Testing.Faults;

namespace Penstock.Testing.Hosting;

/// <summary>
/// The server's end of one WebSocket (RFC 6455) over an upgraded Kestrel stream. Frames are collected, framed as they will be on
/// the wire, and leave in one write per wake-up, because a write per frame would cost a system call each. Kestrel's own WebSocket
/// can neither batch nor ping at a time of our choosing.
/// </summary>
internal sealed class SocketConnection(Stream stream, Action abort) : IFrameSink, IDisposable
{
    /// <summary>A client that lets more than this pile up is cut off.</summary>
    private const int BacklogBytesMax = 32 * 1024 * 1024;
    private const int MessageBytesMax = 1024 * 1024;
    private const byte FinalText = 0x81;
    private const byte FinalBinary = 0x82;
    private const byte FinalClose = 0x88;
    private const byte FinalPing = 0x89;
    private const byte FinalPong = 0x8A;

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _wake = new(0, 1);
    private byte[] _pending = new byte[16 * 1024];
    private byte[] _sending = new byte[16 * 1024];
    private byte[] _input = new byte[16 * 1024];
    private byte[] _message = [];
    private int _pendingLength;
    private int _inputLength;
    private volatile bool _isClosed;

    public void Text(ReadOnlySpan<byte> utf8) => Append(FinalText, utf8);

    public void Binary(ReadOnlySpan<byte> frame) => Append(FinalBinary, frame);

    public void Ping() => Append(FinalPing, "penstock"u8);

    public void Cut()
    {
        _isClosed = true;
        Wake();
        abort();
    }

    /// <summary>Lets the sender run if there is something to send.</summary>
    public void Wake()
    {
        lock (_gate)
        {
            if ((_pendingLength > 0 || _isClosed) && _wake.CurrentCount == 0) _wake.Release();
        }
    }

    /// <summary>Sends until the connection ends.</summary>
    public async Task SendLoopAsync(CancellationToken cancel)
    {
        while (!_isClosed)
        {
            await _wake.WaitAsync(cancel);
            var length = Swap();
            if (length == 0) continue;
            await stream.WriteAsync(_sending.AsMemory(0, length), cancel);
            await stream.FlushAsync(cancel);
        }
    }

    /// <summary>Reads until the connection ends; every whole text message goes to <paramref name="onText"/>.</summary>
    public async Task ReceiveLoopAsync(Action<ReadOnlyMemory<byte>> onText, CancellationToken cancel)
    {
        while (!_isClosed)
        {
            if (_inputLength == _input.Length) Array.Resize(ref _input, _input.Length * 2);
            var read = await stream.ReadAsync(_input.AsMemory(_inputLength), cancel);
            if (read == 0) return;
            _inputLength += read;
            if (!TakeFrames(onText)) return;
        }
    }

    public void Dispose() => _wake.Dispose();

    private int Swap()
    {
        lock (_gate)
        {
            (_pending, _sending) = (_sending, _pending);
            var length = _pendingLength;
            _pendingLength = 0;
            return length;
        }
    }

    private void Append(byte opcode, ReadOnlySpan<byte> payload)
    {
        lock (_gate)
        {
            if (_isClosed) return;
            var needed = _pendingLength + payload.Length + 10;
            if (needed > BacklogBytesMax)
            {
                _isClosed = true;
                abort();
                return;
            }

            if (needed > _pending.Length) Array.Resize(ref _pending, Math.Max(needed, _pending.Length * 2));
            _pending[_pendingLength++] = opcode;
            WriteLength(payload.Length);
            payload.CopyTo(_pending.AsSpan(_pendingLength));
            _pendingLength += payload.Length;
        }
    }

    private void WriteLength(int length)
    {
        if (length < 126)
        {
            _pending[_pendingLength++] = (byte)length;
        }
        else if (length <= ushort.MaxValue)
        {
            _pending[_pendingLength++] = 126;
            BinaryPrimitives.WriteUInt16BigEndian(_pending.AsSpan(_pendingLength), (ushort)length);
            _pendingLength += 2;
        }
        else
        {
            _pending[_pendingLength++] = 127;
            BinaryPrimitives.WriteUInt64BigEndian(_pending.AsSpan(_pendingLength), (ulong)length);
            _pendingLength += 8;
        }
    }

    /// <summary>False ends the connection.</summary>
    private bool TakeFrames(Action<ReadOnlyMemory<byte>> onText)
    {
        var at = 0;
        while (TryReadHeader(_input.AsSpan(at, _inputLength - at), out var header))
        {
            if (header.PayloadLength > MessageBytesMax || !header.IsMasked) return false;
            var total = header.HeaderLength + (int)header.PayloadLength;
            if (_inputLength - at < total) break;
            var payload = _input.AsMemory(at + header.HeaderLength, (int)header.PayloadLength);
            Unmask(payload.Span, _input.AsSpan(at + header.HeaderLength - 4, 4));
            at += total;
            if (!TakeFrame(header, payload, onText)) return false;
        }

        _input.AsSpan(at, _inputLength - at).CopyTo(_input);
        _inputLength -= at;
        return true;
    }

    private bool TakeFrame(FrameHeader header, ReadOnlyMemory<byte> payload, Action<ReadOnlyMemory<byte>> onText)
    {
        switch (header.Opcode)
        {
            case 8:
                Append(FinalClose, payload.Span);
                Wake();
                return false;
            case 9:
                Append(FinalPong, payload.Span);
                Wake();
                return true;
            case 10:
                return true;
        }

        if (header.IsFinal && _message.Length == 0)
        {
            onText(payload);
            return true;
        }

        // A fragmented message is rare enough to be glued the plain way.
        if (_message.Length + payload.Length > MessageBytesMax) return false;
        _message = [.. _message, .. payload.Span];
        if (!header.IsFinal) return true;
        onText(_message);
        _message = [];
        return true;
    }

    private static bool TryReadHeader(ReadOnlySpan<byte> bytes, out FrameHeader header)
    {
        header = default;
        if (bytes.Length < 2) return false;
        var length = (long)(bytes[1] & 0x7F);
        var at = 2;
        if (length == 126)
        {
            if (bytes.Length < 4) return false;
            length = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
            at = 4;
        }
        else if (length == 127)
        {
            if (bytes.Length < 10) return false;
            length = (long)(BinaryPrimitives.ReadUInt64BigEndian(bytes[2..]) & long.MaxValue);
            at = 10;
        }

        var isMasked = (bytes[1] & 0x80) != 0;
        if (isMasked) at += 4;
        if (bytes.Length < at) return false;
        header = new FrameHeader(bytes[0] & 0x0F, (bytes[0] & 0x80) != 0, isMasked, at, length);
        return true;
    }

    private static void Unmask(Span<byte> payload, ReadOnlySpan<byte> mask)
    {
        for (var i = 0; i < payload.Length; i++) payload[i] ^= mask[i & 3];
    }

    private readonly record struct FrameHeader(int Opcode, bool IsFinal, bool IsMasked, int HeaderLength, long PayloadLength);
}
