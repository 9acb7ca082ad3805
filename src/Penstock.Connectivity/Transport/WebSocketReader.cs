using System.Buffers.Binary;
using System.Text.Unicode;

namespace Penstock.Connectivity.Transport;

/// <summary>How a peer broke RFC 6455.</summary>
public enum WebSocketViolation : byte
{
    None,
    ReservedBits,
    UnknownOpcode,
    /// <summary>A server must not mask, a client must.</summary>
    WrongMasking,
    ControlFragmented,
    ControlTooLong,
    UnexpectedContinuation,
    ExpectedContinuation,
    LengthNotMinimal,
    TooLarge,
    InvalidUtf8,
    InvalidClose,
}

/// <summary>Takes what a <see cref="WebSocketReader"/> finds. Each returns false to stop reading (the connection is gone).</summary>
public interface IWebSocketSink
{
    /// <param name="payload">A complete message, fragments joined; valid during the call only.</param>
    /// <param name="isText">Then it is valid UTF-8.</param>
    bool OnData(ReadOnlySpan<byte> payload, bool isText);

    bool OnPing(ReadOnlySpan<byte> payload);

    bool OnPong(ReadOnlySpan<byte> payload);

    /// <param name="code">1005 when the frame carried none.</param>
    /// <param name="reason">Valid UTF-8.</param>
    bool OnClose(ushort code, ReadOnlySpan<byte> reason);
}

/// <summary>
/// Bytes to messages, RFC 6455 §5-8. One buffer, which grows to the largest message only:
/// <code>
///   [ fragments joined so far | consumed | not yet parsed | free ]
///   0                _assembled       _start           _end
/// </code>
/// An unfragmented message, the usual case, is delivered where it lies; fragments move down over their headers until the
/// last one has come. The same bytes give the same calls however they were cut. Never throws on foreign bytes. One thread.
/// </summary>
public sealed class WebSocketReader(int messageBytesMax, bool expectMasked = false)
{
    private const int FirstBufferBytes = 64 * 1024;

    private byte[] _buffer = new byte[FirstBufferBytes];
    private int _assembled;
    private int _start;
    private int _end;
    private int _frameBytesWanted;
    private bool _inFragments;
    private bool _fragmentsAreText;

    /// <summary>Bytes received and not yet parsed.</summary>
    public ReadOnlySpan<byte> Buffered => _buffer.AsSpan(_start, _end - _start);

    public int BufferBytes => _buffer.Length;

    /// <summary>Room for the next socket read: at least <paramref name="bytesMin"/>.</summary>
    public Span<byte> Free(int bytesMin)
    {
        if (_start == _end) _start = _end = _assembled;
        var wanted = Math.Max(bytesMin, _frameBytesWanted - (_end - _start));
        if (_buffer.Length - _end < wanted) MakeRoom(wanted);
        return _buffer.AsSpan(_end);
    }

    public void Commit(int bytes) => _end += bytes;

    /// <summary>Drops bytes that were not frames (the upgrade's answer).</summary>
    public void Skip(int bytes) => _start += bytes;

    /// <summary>Delivers every complete message in the buffer. After a violation the reader must not be used again.</summary>
    public WebSocketViolation Read(IWebSocketSink sink)
    {
        while (true)
        {
            var violation = TryReadHeader(out var frame, out var complete);
            if (violation != WebSocketViolation.None) return violation;
            if (!complete) return WebSocketViolation.None;
            _start += frame.HeaderBytes;
            var payload = _buffer.AsSpan(_start, frame.PayloadBytes);
            if (expectMasked) WebSocketFraming.ApplyMask(payload, frame.Mask);
            _start += frame.PayloadBytes;
            violation = Deliver(in frame, payload, sink, out var goOn);
            if (violation != WebSocketViolation.None || !goOn) return violation;
        }
    }

    private struct OpenFrame
    {
        public WebSocketOpcode Opcode;
        public bool Final;
        public int HeaderBytes;
        public int PayloadBytes;
        public uint Mask;
    }

    private WebSocketViolation TryReadHeader(out OpenFrame frame, out bool complete)
    {
        frame = default;
        complete = false;
        _frameBytesWanted = 0;
        var bytes = Buffered;
        if (bytes.Length < 2) return WebSocketViolation.None;
        frame.Opcode = (WebSocketOpcode)(bytes[0] & 0x0F);
        frame.Final = (bytes[0] & 0x80) != 0;
        var length = (ulong)(bytes[1] & 0x7F);
        var violation = CheckFirstBytes(bytes[0], bytes[1], in frame);
        if (violation != WebSocketViolation.None) return violation;

        var lengthBytes = length == 126 ? 2 : length == 127 ? 8 : 0;
        if (bytes.Length < 2 + lengthBytes) return WebSocketViolation.None;
        if (lengthBytes == 2)
        {
            length = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
            if (length < 126) return WebSocketViolation.LengthNotMinimal;
        }
        else if (lengthBytes == 8)
        {
            length = BinaryPrimitives.ReadUInt64BigEndian(bytes[2..]);
            if (length <= ushort.MaxValue) return WebSocketViolation.LengthNotMinimal;
        }

        var isControl = frame.Opcode >= WebSocketOpcode.Close;
        if (!isControl && length > (ulong)(messageBytesMax - _assembled)) return WebSocketViolation.TooLarge;
        frame.HeaderBytes = 2 + lengthBytes + (expectMasked ? 4 : 0);
        frame.PayloadBytes = (int)length;
        _frameBytesWanted = frame.HeaderBytes + frame.PayloadBytes;
        complete = bytes.Length >= _frameBytesWanted;
        if (!complete) return WebSocketViolation.None;
        _frameBytesWanted = 0;
        if (expectMasked) frame.Mask = BinaryPrimitives.ReadUInt32BigEndian(bytes[(2 + lengthBytes)..]);
        return WebSocketViolation.None;
    }

    private WebSocketViolation CheckFirstBytes(byte first, byte second, in OpenFrame frame)
    {
        if ((first & 0x70) != 0) return WebSocketViolation.ReservedBits;
        if ((second & 0x80) != 0 != expectMasked) return WebSocketViolation.WrongMasking;
        switch (frame.Opcode)
        {
            case WebSocketOpcode.Close or WebSocketOpcode.Ping or WebSocketOpcode.Pong:
                if (!frame.Final) return WebSocketViolation.ControlFragmented;
                return (second & 0x7F) > WebSocketFraming.ControlPayloadMax ? WebSocketViolation.ControlTooLong : WebSocketViolation.None;
            case WebSocketOpcode.Continuation:
                return _inFragments ? WebSocketViolation.None : WebSocketViolation.UnexpectedContinuation;
            case WebSocketOpcode.Text or WebSocketOpcode.Binary:
                return _inFragments ? WebSocketViolation.ExpectedContinuation : WebSocketViolation.None;
            default:
                return WebSocketViolation.UnknownOpcode;
        }
    }

    private WebSocketViolation Deliver(in OpenFrame frame, Span<byte> payload, IWebSocketSink sink, out bool goOn)
    {
        goOn = true;
        switch (frame.Opcode)
        {
            case WebSocketOpcode.Ping:
                goOn = sink.OnPing(payload);
                return WebSocketViolation.None;
            case WebSocketOpcode.Pong:
                goOn = sink.OnPong(payload);
                return WebSocketViolation.None;
            case WebSocketOpcode.Close:
                return DeliverClose(payload, sink, out goOn);
        }

        if (frame.Opcode != WebSocketOpcode.Continuation)
        {
            if (frame.Final) return DeliverData(payload, frame.Opcode == WebSocketOpcode.Text, sink, out goOn);
            _inFragments = true;
            _fragmentsAreText = frame.Opcode == WebSocketOpcode.Text;
        }

        payload.CopyTo(_buffer.AsSpan(_assembled));
        _assembled += payload.Length;
        if (!frame.Final) return WebSocketViolation.None;
        var message = _buffer.AsSpan(0, _assembled);
        _assembled = 0;
        _inFragments = false;
        return DeliverData(message, _fragmentsAreText, sink, out goOn);
    }

    private static WebSocketViolation DeliverData(ReadOnlySpan<byte> message, bool isText, IWebSocketSink sink, out bool goOn)
    {
        goOn = false;
        if (isText && !Utf8.IsValid(message)) return WebSocketViolation.InvalidUtf8;
        goOn = sink.OnData(message, isText);
        return WebSocketViolation.None;
    }

    private static WebSocketViolation DeliverClose(ReadOnlySpan<byte> payload, IWebSocketSink sink, out bool goOn)
    {
        goOn = false;
        var code = WebSocketCloseCode.NoStatus;
        if (payload.Length == 1) return WebSocketViolation.InvalidClose;
        if (payload.Length >= 2)
        {
            code = BinaryPrimitives.ReadUInt16BigEndian(payload);
            if (!WebSocketCloseCode.MayBeReceived(code)) return WebSocketViolation.InvalidClose;
            payload = payload[2..];
            if (!Utf8.IsValid(payload)) return WebSocketViolation.InvalidUtf8;
        }

        goOn = sink.OnClose(code, payload);
        // Nothing counts after a close frame.
        goOn = false;
        return WebSocketViolation.None;
    }

    private void MakeRoom(int wanted)
    {
        var unparsed = _end - _start;
        var needed = _assembled + unparsed + wanted;
        var target = _buffer;
        if (needed > _buffer.Length)
        {
            target = new byte[Math.Max(needed, Math.Min(_buffer.Length * 2, FirstBufferBytes + messageBytesMax))];
            _buffer.AsSpan(0, _assembled).CopyTo(target);
        }

        _buffer.AsSpan(_start, unparsed).CopyTo(target.AsSpan(_assembled));
        _buffer = target;
        _start = _assembled;
        _end = _start + unparsed;
    }
}
