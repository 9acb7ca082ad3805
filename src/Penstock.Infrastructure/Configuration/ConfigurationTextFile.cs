using System.Text;

namespace Penstock.Infrastructure.Configuration;

/// <summary>The file's bytes with places in them a person can find.</summary>
internal sealed class ConfigurationTextFile
{
    private const int SnippetLengthMax = 100;
    private const int MaskLengthMin = 16;

    private readonly byte[] _bytes;
    private readonly List<int> _lineStarts = [0];

    public ConfigurationTextFile(byte[] bytes, string name)
    {
        _bytes = bytes;
        Name = name;
        for (var i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] == '\n')
            {
                _lineStarts.Add(i + 1);
            }
        }
    }

    public string Name { get; }

    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Line and column (in characters), both from 1.</summary>
    public (int Line, int Column) At(long offset)
    {
        var index = _lineStarts.BinarySearch((int)offset);
        var line = index >= 0 ? index : ~index - 1;
        var start = _lineStarts[line];
        var length = (int)Math.Min(offset, _bytes.Length) - start;
        return (line + 1, Encoding.UTF8.GetCharCount(_bytes, start, Math.Max(0, length)) + 1);
    }

    public int OffsetOf(int line, int byteInLine) => Math.Min(_bytes.Length, _lineStarts[Math.Min(line, _lineStarts.Count - 1)] + byteInLine);

    public ConfigurationError Error(string key, int line, int column, string what, string why, string next, bool snippet = true)
        => new(key, line, column, what, why, next)
        {
            Source = Name,
            Snippet = snippet && line > 0 ? Snippet(line, column) : "",
        };

    private string Snippet(int line, int column)
    {
        var start = _lineStarts[line - 1];
        var end = line < _lineStarts.Count ? _lineStarts[line] : _bytes.Length;
        var text = Mask(Encoding.UTF8.GetString(_bytes, start, end - start).TrimEnd('\r', '\n'));
        var from = Math.Max(0, Math.Min(column - 1, text.Length) - (SnippetLengthMax / 2));
        var shown = text.Substring(from, Math.Min(SnippetLengthMax, text.Length - from));
        return $"    {shown}\n    {new string(' ', Math.Max(0, column - 1 - from))}^";
    }

    /// <summary>Long runs without a space may be keys; a message is no place for them. Control characters are no place anywhere.</summary>
    private static string Mask(string text)
    {
        var masked = text.ToCharArray();
        for (var i = 0; i < masked.Length;)
        {
            var end = i;
            while (end < masked.Length && (char.IsAsciiLetterOrDigit(masked[end]) || "+/=_-".Contains(masked[end], StringComparison.Ordinal)))
            {
                end++;
            }

            if (end - i >= MaskLengthMin && masked.AsSpan(i, end - i).ContainsAnyInRange('0', '9'))
            {
                masked.AsSpan(i, end - i).Fill('*');
            }

            if (end == i && char.IsControl(masked[i]))
            {
                masked[i] = ' ';
            }

            i = Math.Max(end, i + 1);
        }

        return new string(masked);
    }
}
