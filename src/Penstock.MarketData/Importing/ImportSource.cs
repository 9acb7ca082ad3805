using System.Buffers.Text;
using System.IO.Compression;

namespace Penstock.MarketData.Importing;

/// <summary>
/// One foreign file, plain or gzip, read line by line. A line that is not understood ends the reading and <see cref="Problem"/> names
/// file and line: a recording with a silent hole would be worse than none. Offline: may allocate.
/// </summary>
internal abstract class ImportSource : IDisposable
{
    private const int LineBytesMax = 64 << 20;

    private readonly string _path;
    private readonly Stream _stream;
    private byte[] _buffer = new byte[256 * 1024];
    private int _start;
    private int _end;
    private bool _atEnd;

    /// <exception cref="IOException">The file cannot be opened.</exception>
    protected ImportSource(string path)
    {
        _path = path;
        var file = File.OpenRead(path);
        var isGzip = file.ReadByte() == 0x1F && file.ReadByte() == 0x8B;
        file.Position = 0;
        _stream = isGzip ? new GZipStream(file, CompressionMode.Decompress) : file;
    }

    /// <summary>Null while nothing is wrong: "file:line: what".</summary>
    public string? Problem { get; private set; }

    /// <summary>Lines read so far.</summary>
    public long Line { get; private set; }

    protected string FileName => Path.GetFileName(_path);

    /// <summary>The next event; false at the end and at the first problem.</summary>
    public abstract bool TryRead(out ImportedEvent imported);

    public void Dispose() => _stream.Dispose();

    protected bool Fail(string why)
    {
        Problem ??= $"{_path}:{Line}: {why}";
        return false;
    }

    /// <summary>The next line without its end; valid until the next call.</summary>
    protected bool TryReadLine(out ReadOnlyMemory<byte> line)
    {
        line = default;
        if (Problem is not null) return false;
        try
        {
            return TryReadBytes(out line);
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            Line++;
            return Fail(e.Message);
        }
    }

    /// <summary>Nanoseconds out of digits, by how many there are: 13 are milliseconds, 16 microseconds, 19 nanoseconds.</summary>
    protected static bool TryUnixNs(ReadOnlySpan<byte> digits, out long unixNs) =>
        Utf8Parser.TryParse(digits, out unixNs, out var used) && used == digits.Length && unixNs > 0 && digits[0] != '+'
            && (digits.Length switch { 13 => 1_000_000L, 16 => 1_000L, 19 => 1L, _ => 0L }) is > 0 and var unit && (unixNs *= unit) > 0;

    private bool TryReadBytes(out ReadOnlyMemory<byte> line)
    {
        var searched = 0;
        while (true)
        {
            var newline = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (newline >= 0 || _atEnd)
            {
                var length = newline >= 0 ? searched + newline : _end - _start;
                line = _buffer.AsMemory(_start, length);
                _start += newline >= 0 ? length + 1 : length;
                if (newline < 0 && length == 0) return false;
                if (length > 0 && line.Span[^1] == '\r') line = line[..^1];
                Line++;
                return true;
            }

            searched = _end - _start;
            Fill();
        }
    }

    private void Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
        {
            if (_buffer.Length >= LineBytesMax) throw new InvalidDataException($"the line is longer than {LineBytesMax} bytes");
            // Lines handed out before lie in the old array and stay as they are.
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        var read = _stream.Read(_buffer, _end, _buffer.Length - _end);
        _atEnd = read == 0;
        _end += read;
    }
}
