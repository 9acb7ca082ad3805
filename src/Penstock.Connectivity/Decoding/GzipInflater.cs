using System.Buffers.Binary;
using System.IO.Compression;
using Penstock.Connectivity.Feeds;

namespace Penstock.Connectivity.Decoding;

/// <summary>
/// Frames that are one gzip member each (HTX), inflated without garbage. The runtime's decompressor is a stream and costs two
/// objects and a native state when made; it goes on with the next member where one has ended, so one of them, fed with frame after
/// frame as if they were one long file, serves a connection for life. It does not say where a member ends, and ends silently where
/// its input does: so each frame is followed by a mark, a member of one byte, that can come out only if the frame's member was whole
/// and right. What a damaged frame leaves behind is not guessed at: the decompressor is replaced, and only that allocates. One thread.
/// </summary>
public sealed class GzipInflater
{
    /// <summary>A thousand times what a venue sends in a frame; a small frame that grows beyond it is a bomb.</summary>
    public const int TextBytesMax = 8 * 1024 * 1024;

    /// <summary>A header of ten bytes, an empty deflate block of two, and a trailer of eight.</summary>
    private const int MemberBytesMin = 20;

    private const byte Mark = (byte)'\n';

    private static readonly byte[] MarkMember = Pack(Mark);

    private readonly int _textBytesMax;
    private readonly MemberStream _members = new();
    private GZipStream _gzip;
    private byte[] _text = new byte[64 * 1024];

    /// <param name="textBytesMax">Most bytes a frame may grow to.</param>
    public GzipInflater(int textBytesMax = TextBytesMax)
    {
        _textBytesMax = textBytesMax;
        _gzip = Open();
    }

    /// <summary>Decompressors replaced after a frame that could not be inflated.</summary>
    public long Replaced { get; private set; }

    /// <summary>True for the two bytes every gzip member begins with (RFC 1952); no text in UTF-8 begins so.</summary>
    public static bool IsGzip(ReadOnlySpan<byte> frame) => frame is [0x1F, 0x8B, ..];

    /// <param name="frame">One whole member.</param>
    /// <param name="text">What it holds, valid until the next call; empty unless None is returned.</param>
    /// <returns>
    /// None; Truncated when the member ends too early, or not with the frame; Malformed when its bytes, checksum included, are wrong;
    /// TooLarge when it grows beyond the limit.
    /// </returns>
    public QuarantineCause Inflate(ReadOnlySpan<byte> frame, out ReadOnlySpan<byte> text)
    {
        text = default;
        if (frame.Length < MemberBytesMin) return QuarantineCause.Truncated;
        if (!IsGzip(frame)) return QuarantineCause.Malformed;
        _members.Hold(frame, MarkMember);
        var cause = Read(out var length);
        // One member: the last four bytes of the frame are the length of its text.
        if (cause == QuarantineCause.None && length > 0 && _text[length - 1] == Mark
            && BinaryPrimitives.ReadUInt32LittleEndian(frame[^4..]) == (uint)(length - 1))
        {
            text = _text.AsSpan(0, length - 1);
            return QuarantineCause.None;
        }

        Replace();
        return cause == QuarantineCause.TooLarge ? cause : Examine(frame);
    }

    /// <summary>Reads to the end of what the stream holds.</summary>
    private QuarantineCause Read(out int length)
    {
        length = 0;
        try
        {
            while (true)
            {
                // Room for the mark, and for one byte more: a full buffer would look like the end.
                if (length > _textBytesMax + 1) return QuarantineCause.TooLarge;
                if (length == _text.Length) Array.Resize(ref _text, Math.Min(_text.Length * 2, _textBytesMax + 2));
                var read = _gzip.Read(_text, length, _text.Length - length);
                if (read == 0) return QuarantineCause.None;
                length += read;
            }
        }
        catch (Exception damage) when (damage is InvalidDataException or IOException)
        {
            // The decompressor knows no other way to say so.
            return QuarantineCause.Malformed;
        }
    }

    /// <summary>Why a frame was refused: without the mark behind it, its bytes either are wrong or merely end.</summary>
    private QuarantineCause Examine(ReadOnlySpan<byte> frame)
    {
        _members.Hold(frame, []);
        var cause = Read(out _);
        Replace();
        return cause == QuarantineCause.None ? QuarantineCause.Truncated : cause;
    }

    private void Replace()
    {
        Replaced++;
        _gzip.Dispose();
        _gzip = Open();
    }

    private GZipStream Open() => new(_members, CompressionMode.Decompress, leaveOpen: true);

    private static byte[] Pack(byte content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.NoCompression, leaveOpen: true)) gzip.WriteByte(content);
        return packed.ToArray();
    }

    /// <summary>The frames as one endless file, of which there is never more than the frame under way.</summary>
    private sealed class MemberStream : Stream
    {
        private byte[] _bytes = new byte[16 * 1024];
        private int _length;
        private int _position;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public void Hold(ReadOnlySpan<byte> frame, ReadOnlySpan<byte> mark)
        {
            _length = frame.Length + mark.Length;
            _position = 0;
            if (_length > _bytes.Length) _bytes = new byte[Math.Max(_length, _bytes.Length * 2)];
            frame.CopyTo(_bytes);
            mark.CopyTo(_bytes.AsSpan(frame.Length));
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            var count = Math.Min(buffer.Length, _length - _position);
            _bytes.AsSpan(_position, count).CopyTo(buffer);
            _position += count;
            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
