using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Penstock.Model.Numbers;

namespace Penstock.Control.ReadModels;

/// <summary>How the read models write JSON: exact decimals as text, times as Unix milliseconds.</summary>
internal static class JsonText
{
    /// <summary>Only what JSON itself demands is escaped: the answer is never put into a page unescaped.</summary>
    public static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static byte[] Encode(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(buffer, Options);
        write(json);
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    public static void Fixed(this Utf8JsonWriter json, ReadOnlySpan<byte> name, long raw, int scale = FixedPoint.Decimals) =>
        json.WriteString(name, FixedPoint.ToText(raw, scale));

    /// <param name="json">Where to.</param>
    /// <param name="name">Ends in Ms.</param>
    /// <param name="unixNs">0: not known.</param>
    public static void Ms(this Utf8JsonWriter json, ReadOnlySpan<byte> name, long unixNs)
    {
        if (unixNs == 0) json.WriteNull(name);
        else json.WriteNumber(name, Math.Round(unixNs / 1e6m, 3));
    }

    public static string Plain(decimal value) => (value / 1.000000000000000000000000000000000m).ToString(CultureInfo.InvariantCulture);

    /// <summary>Foreign text for people: no control character reaches a log, a terminal or a line-oriented file.</summary>
    public static string OneLine(string text) => text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? '?' : c)) : text;
}
