using System.Buffers.Text;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Penstock.Model.Numbers;

namespace Penstock.Testing.Protocols;

/// <summary>
/// A reused buffer that messages are written into: interpolated strings go straight to UTF-8, so a frame costs no garbage.
/// </summary>
public sealed class Utf8Text
{
    private byte[] _buffer = new byte[4096];
    private int _length;

    public ReadOnlySpan<byte> Span => _buffer.AsSpan(0, _length);

    public int Length => _length;

    public Utf8Text Clear()
    {
        _length = 0;
        return this;
    }

    public Utf8Text Write([InterpolatedStringHandlerArgument("")] ref Handler text) => this;

    public Utf8Text Raw(string text)
    {
        Reserve(text.Length * 3);
        _length += Encoding.UTF8.GetBytes(text, _buffer.AsSpan(_length));
        return this;
    }

    /// <summary>A comma unless the list just opened.</summary>
    public Utf8Text Comma()
    {
        if (_length > 0 && _buffer[_length - 1] is not ((byte)'[' or (byte)'{' or (byte)',')) Raw(",");
        return this;
    }

    public override string ToString() => Encoding.UTF8.GetString(Span);

    private void Reserve(int bytes)
    {
        if (_buffer.Length - _length < bytes) Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + bytes));
    }

    private void Number(long value)
    {
        Reserve(20);
        Utf8Formatter.TryFormat(value, _buffer.AsSpan(_length), out var written);
        _length += written;
    }

    private void Decimal(long raw, int decimals)
    {
        Reserve(FixedPoint.TextBytesMax);
        // A fee may be finer than the venue's digits; then the shortest exact text is right.
        _length += decimals < 0 || raw % FixedPoint.PowerOfTen(FixedPoint.Decimals - decimals) != 0
            ? FixedPoint.Format(raw, _buffer.AsSpan(_length))
            : FixedPoint.Format(raw, decimals, _buffer.AsSpan(_length));
    }

    private void Iso(IsoTime time)
    {
        Reserve(40);
        var at = DateTimeOffset.UnixEpoch.AddTicks(time.UnixNs / 100).UtcDateTime;
        at.TryFormat(_buffer.AsSpan(_length), out var written, time.Format, CultureInfo.InvariantCulture);
        _length += written;
    }

    [InterpolatedStringHandler]
    public readonly ref struct Handler
    {
        private readonly Utf8Text _target;

        public Handler(int literalLength, int formattedCount, Utf8Text target)
        {
            _target = target;
            target.Reserve(literalLength + formattedCount * 16);
        }

        public void AppendLiteral(string text) => _target.Raw(text);

        public void AppendFormatted(string? text) => _target.Raw(text ?? "");

        public void AppendFormatted(bool value) => _target.Raw(value ? "true" : "false");

        public void AppendFormatted(long value) => _target.Number(value);

        public void AppendFormatted(Fixed value) => _target.Decimal(value.Raw, value.Decimals);

        public void AppendFormatted(Price value) => _target.Decimal(value.Raw, -1);

        public void AppendFormatted(Quantity value) => _target.Decimal(value.Raw, -1);

        public void AppendFormatted(IsoTime value) => _target.Iso(value);
    }
}

/// <summary>A 1e-8 number to be written with this many decimals; -1 is the shortest exact text.</summary>
public readonly record struct Fixed(long Raw, int Decimals)
{
    public static Fixed Of(Price price, int decimals) => new(price.Raw, decimals);

    public static Fixed Of(Quantity quantity, int decimals) => new(quantity.Raw, decimals);

    /// <summary>A ledger amount (1e-16), cut to 1e-8.</summary>
    public static Fixed OfAmount(Int128 amount, int decimals = -1) => new((long)(amount / FixedPoint.Scale), decimals);
}

/// <summary>A time to be written as RFC 3339.</summary>
public readonly record struct IsoTime(long UnixNs, string Format = "yyyy-MM-ddTHH:mm:ss.ffffffZ");
