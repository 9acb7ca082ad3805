using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;
using Penstock.Connectivity.Feeds;
using Penstock.Infrastructure.Threads;

namespace Penstock.MarketData.Quality;

/// <summary>
/// Writes quarantined bytes to a stream, one JSON line each (<c>{"t","cause","b"}</c>, b base64 of the exact bytes). The feed
/// thread copies into a bounded byte ring and goes on; this agent drains it on a thread that may wait for a disk. What does
/// not fit the ring, or the file's size limit, is counted and lost: a flood of bad input must not fill the disk (P3).
/// <code>
///   producer ──▶ [ length | cause | t | bytes ][ length | … ]  ──▶ agent ──▶ stream
/// </code>
/// One producer, one consumer.
/// </summary>
public sealed class QuarantineFile : IQuarantineSink, IAgent, IDisposable
{
    private const int HeaderBytes = sizeof(int) + sizeof(int) + sizeof(long);
    private const int FramesPerStep = 64;

    private readonly Stream _stream;
    private readonly byte[] _ring;
    private readonly long _fileBytesMax;
    private readonly ArrayBufferWriter<byte> _line = new(4096);
    private byte[] _frame = new byte[4096];
    private long _head;
    private long _tail;
    private long _fileBytes;
    private long _frames;
    private long _framesDropped;
    private long _framesWritten;
    private long _writeFailures;

    /// <param name="stream">Owned from here on.</param>
    /// <param name="queueBytes">Size of the ring; a power of two.</param>
    /// <param name="fileBytesMax">Nothing is written beyond it; what the stream holds already counts.</param>
    /// <param name="name">Whose input; part of the role, so that several can be told apart.</param>
    public QuarantineFile(Stream stream, int queueBytes = 1 << 20, long fileBytesMax = 64L << 20, string name = "")
    {
        if (queueBytes < 1024 || (queueBytes & (queueBytes - 1)) != 0)
            throw new ArgumentOutOfRangeException(nameof(queueBytes), queueBytes, "The queue must be a power of two of at least 1024 bytes.");
        _stream = stream;
        _ring = new byte[queueBytes];
        _fileBytesMax = fileBytesMax;
        _fileBytes = stream.CanSeek ? stream.Length : 0;
        Role = name.Length == 0 ? "quarantine" : $"quarantine-{name}";
    }

    public string Role { get; }

    /// <summary>Inputs offered by the feed thread.</summary>
    public long Frames => Volatile.Read(ref _frames);

    /// <summary>Of these, lost because the ring was full.</summary>
    public long FramesDropped => Volatile.Read(ref _framesDropped);

    /// <summary>Written to the stream.</summary>
    public long FramesWritten => Volatile.Read(ref _framesWritten);

    /// <summary>Lost because the file is full or the disk refused.</summary>
    public long WriteFailures => Volatile.Read(ref _writeFailures);

    public void Add(QuarantineCause cause, long receivedNs, ReadOnlySpan<byte> bytes)
    {
        Volatile.Write(ref _frames, _frames + 1);
        var needed = HeaderBytes + bytes.Length;
        // Pairs with the release of _tail in DoWork: what is free here is no longer read there.
        if (needed > _ring.Length - (_head - Volatile.Read(ref _tail)))
        {
            Volatile.Write(ref _framesDropped, _framesDropped + 1);
            return;
        }

        Span<byte> header = stackalloc byte[HeaderBytes];
        BinaryPrimitives.WriteInt32LittleEndian(header, bytes.Length);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], (int)cause);
        BinaryPrimitives.WriteInt64LittleEndian(header[8..], receivedNs);
        CopyIn(_head, header);
        CopyIn(_head + HeaderBytes, bytes);
        // Pairs with the acquire in DoWork: the bytes are there before the head says so.
        Volatile.Write(ref _head, _head + needed);
    }

    public int DoWork()
    {
        var done = 0;
        Span<byte> header = stackalloc byte[HeaderBytes];
        while (done < FramesPerStep && Volatile.Read(ref _head) != _tail)
        {
            CopyOut(_tail, header);
            var length = BinaryPrimitives.ReadInt32LittleEndian(header);
            var cause = (QuarantineCause)BinaryPrimitives.ReadInt32LittleEndian(header[4..]);
            if (length > _frame.Length) _frame = new byte[length];
            CopyOut(_tail + HeaderBytes, _frame.AsSpan(0, length));
            Volatile.Write(ref _tail, _tail + HeaderBytes + length);
            WriteLine(cause, BinaryPrimitives.ReadInt64LittleEndian(header[8..]), _frame.AsSpan(0, length));
            done++;
        }

        return done;
    }

    public void OnStop()
    {
        while (DoWork() > 0)
        {
        }

        Flush();
    }

    public void Dispose() => _stream.Dispose();

    private void WriteLine(QuarantineCause cause, long receivedNs, ReadOnlySpan<byte> bytes)
    {
        _line.Clear();
        using (var json = new Utf8JsonWriter(_line))
        {
            json.WriteStartObject();
            json.WriteNumber("t", receivedNs);
            json.WriteString("cause", cause.ToString());
            json.WriteBase64String("b", bytes);
            json.WriteEndObject();
        }

        _line.Write("\n"u8);
        if (_fileBytes + _line.WrittenCount > _fileBytesMax)
        {
            Volatile.Write(ref _writeFailures, _writeFailures + 1);
            return;
        }

        try
        {
            _stream.Write(_line.WrittenSpan);
            _fileBytes += _line.WrittenCount;
            Volatile.Write(ref _framesWritten, _framesWritten + 1);
        }
        catch (IOException)
        {
            // A full disk costs the evidence, not the feed.
            Volatile.Write(ref _writeFailures, _writeFailures + 1);
        }
    }

    private void Flush()
    {
        try
        {
            _stream.Flush();
        }
        catch (IOException)
        {
            Volatile.Write(ref _writeFailures, _writeFailures + 1);
        }
    }

    private void CopyIn(long position, ReadOnlySpan<byte> bytes)
    {
        var start = (int)(position & (_ring.Length - 1));
        var first = Math.Min(bytes.Length, _ring.Length - start);
        bytes[..first].CopyTo(_ring.AsSpan(start));
        bytes[first..].CopyTo(_ring);
    }

    private void CopyOut(long position, Span<byte> destination)
    {
        var start = (int)(position & (_ring.Length - 1));
        var first = Math.Min(destination.Length, _ring.Length - start);
        _ring.AsSpan(start, first).CopyTo(destination);
        _ring.AsSpan(0, destination.Length - first).CopyTo(destination[first..]);
    }
}
