using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Text;
using Penstock.Model.Numbers;

namespace Penstock.Connectivity.Transport;

/// <summary>
/// Builds outgoing text frames in one reused buffer: nothing is allocated once it has grown to the largest message. The
/// session sends every finished frame and clears the writer.
/// </summary>
public sealed class FrameWriter
{
    private byte[] _buffer = new byte[16 * 1024];
    private int _length;
    private int _frameStart;
    private int[] _ends = new int[16];

    public int FrameCount { get; private set; }

    public ReadOnlySpan<byte> Frame(int index) =>
        _buffer.AsSpan(index == 0 ? 0 : _ends[index - 1], _ends[index] - (index == 0 ? 0 : _ends[index - 1]));

    /// <summary>What was appended since the last <see cref="EndFrame"/>: for signing before it is finished.</summary>
    public ReadOnlySpan<byte> Open => _buffer.AsSpan(_frameStart, _length - _frameStart);

    public void Clear()
    {
        _length = _frameStart = FrameCount = 0;
    }

    /// <summary>Drops what was appended since the last finished frame.</summary>
    public void AbandonFrame() => _length = _frameStart;

    public void EndFrame()
    {
        if (FrameCount == _ends.Length) Array.Resize(ref _ends, _ends.Length * 2);
        _ends[FrameCount++] = _length;
        _frameStart = _length;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public FrameWriter Append(ReadOnlySpan<byte> ascii)
    {
        ascii.CopyTo(Reserve(ascii.Length));
        _length += ascii.Length;
        return this;
    }

    public FrameWriter Append(string text)
    {
        _length += Encoding.UTF8.GetBytes(text, Reserve(Encoding.UTF8.GetMaxByteCount(text.Length)));
        return this;
    }

    public FrameWriter Append(long value)
    {
        Utf8Formatter.TryFormat(value, Reserve(20), out var written);
        _length += written;
        return this;
    }

    /// <summary>Shortest exact decimal text.</summary>
    public FrameWriter AppendDecimal(long raw)
    {
        _length += FixedPoint.Format(raw, Reserve(FixedPoint.TextBytesMax));
        return this;
    }

    /// <summary>Decimal text with exactly this many digits after the point.</summary>
    public FrameWriter AppendDecimal(long raw, int decimals)
    {
        _length += FixedPoint.Format(raw, decimals, Reserve(FixedPoint.TextBytesMax));
        return this;
    }

    public FrameWriter Append(Model.Orders.ClientOrderId id)
    {
        _length += id.Format(Reserve(Model.Orders.ClientOrderId.TextBytes));
        return this;
    }

    public FrameWriter Append(in Text40 text)
    {
        _length += text.CopyTo(Reserve(40));
        return this;
    }

    /// <summary>At least <paramref name="bytes"/> to write into; follow with <see cref="Advance"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> Reserve(int bytes)
    {
        if (_buffer.Length - _length < bytes) Grow(bytes);
        return _buffer.AsSpan(_length);
    }

    public void Advance(int bytes) => _length += bytes;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(int bytes) => Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + bytes));
}
