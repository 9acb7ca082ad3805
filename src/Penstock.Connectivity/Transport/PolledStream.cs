using System.Buffers.Binary;

namespace Penstock.Connectivity.Transport;

/// <summary>
/// The stream under SslStream, on a polled socket. It hands out one TLS record at a time and only when the record is
/// complete: so a Read of SslStream that follows <see cref="HasRecord"/> neither waits for the rest of a record nor keeps
/// decrypted bytes back. Only a record without application data (a TLS 1.3 session ticket) makes SslStream ask for more
/// than there is; then <see cref="WouldBlockException"/> takes it back to the agent with its state intact.
/// During the handshake <see cref="MayWait"/> is set and a helper thread waits in here instead.
/// </summary>
public sealed class PolledStream(PolledSocket socket) : Stream
{
    private const int HeaderBytes = 5;
    private const int RecordBytesMax = HeaderBytes + 16 * 1024 + 2048;
    private const int WaitMs = 100;

    /// <summary>Silent intervals of <see cref="WaitMs"/> after which a handshake is given up.</summary>
    private const int WaitsMax = 100;

    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;
    private int _recordRest;

    /// <summary>True while a helper thread performs the handshake; the agent does not touch the stream then.</summary>
    public bool MayWait { get; set; }

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Bytes of a record not yet handed out, or a whole record, are in the buffer.</summary>
    public bool HasRecord => _recordRest > 0 || RecordLength() > 0;

    /// <summary>One read of the socket; zero when nothing came.</summary>
    public int Fill()
    {
        if (_start == _end) _start = _end = 0;
        if (_buffer.Length - _end < RecordBytesMax)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length) return 0;
        var received = socket.Receive(_buffer.AsSpan(_end));
        _end += received;
        return received;
    }

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty) return 0;
        if (_recordRest == 0 && !AwaitRecord()) return 0;
        var count = Math.Min(buffer.Length, _recordRest);
        _buffer.AsSpan(_start, count).CopyTo(buffer);
        _start += count;
        _recordRest -= count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (!socket.TrySend(buffer)) throw new IOException("The socket does not take more bytes.");
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private bool AwaitRecord()
    {
        for (var waits = 0; ;)
        {
            var length = RecordLength();
            if (length > 0)
            {
                _recordRest = length;
                return true;
            }

            if (!MayWait) throw WouldBlockException.Instance;
            if (socket.State != ChannelState.Open) return false;
            if (Fill() > 0) continue;
            if (!socket.AwaitReadable(WaitMs) && ++waits >= WaitsMax) throw new IOException("The TLS handshake got no answer.");
        }
    }

    /// <summary>Zero while incomplete. A length no TLS record has is handed through for SslStream to refuse.</summary>
    private int RecordLength()
    {
        var available = _end - _start;
        if (available < HeaderBytes) return 0;
        var length = HeaderBytes + BinaryPrimitives.ReadUInt16BigEndian(_buffer.AsSpan(_start + 3));
        if (length > RecordBytesMax) return available;
        return length <= available ? length : 0;
    }
}

/// <summary>Not an error: SslStream asked for more than the socket has. Thrown a few times in a connection's life.</summary>
public sealed class WouldBlockException : IOException
{
    public static readonly WouldBlockException Instance = new();

    private WouldBlockException() : base("No complete TLS record is here yet.")
    {
    }
}
