using System.Text;

namespace Penstock.Control.Audit;

/// <summary>
/// CSV as RFC 4180 has it, every field quoted. A field that a spreadsheet would take for a formula gets an apostrophe in front, and so does
/// one that begins with an apostrophe: reading takes exactly one away again.
/// </summary>
internal static class CsvText
{
    private const string Escaped = "'=+-@\t\r";

    public static string Write(IEnumerable<string[]> rows)
    {
        var text = new StringBuilder();
        foreach (var row in rows)
        {
            for (var i = 0; i < row.Length; i++)
            {
                text.Append(i > 0 ? ",\"" : "\"");
                if (row[i].Length > 0 && Escaped.Contains(row[i][0], StringComparison.Ordinal)) text.Append('\'');
                text.Append(row[i].Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
            }

            text.Append("\r\n");
        }

        return text.ToString();
    }

    /// <summary>Null when it is not what <see cref="Write"/> writes. Line ends may be of either kind.</summary>
    public static List<string[]>? Read(string text)
    {
        var rows = new List<string[]>();
        var row = new List<string>();
        for (var at = 0; at < text.Length;)
        {
            if (Field(text, ref at) is not { } field) return null;
            row.Add(field);
            if (at < text.Length && text[at] == ',')
            {
                at++;
                continue;
            }

            if (at < text.Length && text[at] == '\r') at++;
            if (at < text.Length && text[at++] != '\n') return null;
            rows.Add([.. row]);
            row.Clear();
        }

        return row.Count == 0 ? rows : null;
    }

    private static string? Field(string text, ref int at)
    {
        if (text[at] != '"') return null;
        var field = new StringBuilder();
        for (at++; at < text.Length; at++)
        {
            if (text[at] != '"')
            {
                field.Append(text[at]);
            }
            else if (at + 1 < text.Length && text[at + 1] == '"')
            {
                field.Append('"');
                at++;
            }
            else
            {
                at++;
                return field.Length > 0 && field[0] == '\'' ? field.ToString(1, field.Length - 1) : field.ToString();
            }
        }

        return null;
    }
}
