using System.Globalization;

namespace Penstock.Infrastructure.Logging;

/// <summary>A value for a hole: whole number, number, or a text that exists already. Never boxed.</summary>
public readonly struct LogValue
{
    private readonly double _number;
    private readonly long _whole;
    private readonly string? _text;

    private LogValue(LogValueKind kind, long whole, double number, string? text)
    {
        Kind = kind;
        _whole = whole;
        _number = number;
        _text = text;
    }

    public LogValueKind Kind { get; }

    public long Whole => _whole;

    public double Number => _number;

    public string Text => _text ?? "";

    public static implicit operator LogValue(long value) => new(LogValueKind.Whole, value, 0, null);

    public static implicit operator LogValue(int value) => new(LogValueKind.Whole, value, 0, null);

    public static implicit operator LogValue(double value) => new(LogValueKind.Number, 0, value, null);

    public static implicit operator LogValue(string? value) => new(LogValueKind.Text, 0, 0, value);

    public override string ToString() => Kind switch
    {
        LogValueKind.Whole => _whole.ToString(CultureInfo.InvariantCulture),
        LogValueKind.Number => _number.ToString("R", CultureInfo.InvariantCulture),
        LogValueKind.Text => Text,
        _ => "",
    };
}

/// <summary>What a <see cref="LogValue"/> holds.</summary>
public enum LogValueKind : byte
{
    None,
    Whole,
    Number,
    Text,
}
