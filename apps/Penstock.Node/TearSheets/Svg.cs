using System.Globalization;
using System.Net;
using System.Text;

namespace Penstock.Node.TearSheets;

/// <summary>Charts as inline SVG: no script, no request; colours come from the page, so they are readable in light and dark.</summary>
internal static class Svg
{
    private const int Width = 640;

    /// <summary>Of a chart across the page: text stays as large as elsewhere.</summary>
    private const int WidthWide = 1_300;

    private const int Height = 190;
    private const int Left = 62;
    private const int Right = 10;
    private const int Top = 10;
    private const int Bottom = 24;

    /// <summary>A line over time, with fills on it where given.</summary>
    public static string Line(string title, string description, Series series, long startNs, bool isFilled = false, IReadOnlyList<FillMark>? marks = null, bool wide = false)
    {
        var points = series.Points;
        var width = wide ? WidthWide : Width;
        var text = Begin(title, description, width: width);
        if (points.Count < 2) return Empty(text);
        long from = points[0].Ns, to = Math.Max(points[^1].Ns, from + 1);
        double low = points.Min(p => p.Value), high = points.Max(p => p.Value);
        if (marks is { Count: > 0 }) (low, high) = (Math.Min(low, marks.Min(m => m.Price)), Math.Max(high, marks.Max(m => m.Price)));
        (low, high) = Padded(low, high);
        Axes(text, low, high, from, to, startNs, width);
        text.Append(isFilled ? "<path class=\"area\" d=\"" : "<path class=\"line\" d=\"");
        var first = true;
        foreach (var (ns, value) in points)
        {
            text.Append(first && isFilled ? $"M{X(ns, from, to, width)} {Y(Math.Clamp(0, low, high), low, high)}L" : first ? "M" : "L").Append(X(ns, from, to, width)).Append(' ').Append(Y(value, low, high));
            first = false;
        }

        if (isFilled) text.Append($"L{X(to, from, to, width)} {Y(Math.Clamp(0, low, high), low, high)}Z");
        text.Append("\"/>");
        foreach (var mark in marks ?? [])
        {
            if (mark.Ns < from || mark.Ns > to) continue;
            var (x, y) = (X(mark.Ns, from, to, width), Y(mark.Price, low, high));
            text.Append(CultureInfo.InvariantCulture, $"<path class=\"{(mark.IsBuy ? "buy" : "sell")}\" d=\"M{x} {y}{(mark.IsBuy ? "l-3.5 6h7z" : "l-3.5-6h7z")}\"/>");
        }

        return text.Append("</svg>").ToString();
    }

    /// <summary>Horizontal bars with their names and values; negative ones to the left.</summary>
    public static string Bars(string title, string description, IReadOnlyList<(string Name, double Value, string Text)> rows)
    {
        const int RowHeight = 20;
        const int Names = 230;
        const int Values = 110;
        var height = Math.Max(1, rows.Count) * RowHeight + 8;
        var text = Begin(title, description, height);
        if (rows.Count == 0) return Empty(text);
        var low = Math.Min(0, rows.Min(r => r.Value));
        var span = Math.Max(1e-12, Math.Max(0, rows.Max(r => r.Value)) - low);
        double scale = (Width - Names - Values) / span, zero = Names - low * scale;
        for (var i = 0; i < rows.Count; i++)
        {
            var (name, value, shown) = rows[i];
            var y = 4 + i * RowHeight;
            var x = value < 0 ? zero + value * scale : zero;
            text.Append(CultureInfo.InvariantCulture, $"<text x=\"{Names - 8}\" y=\"{y + 14}\" class=\"end\">{Escape(name)}</text>");
            text.Append(CultureInfo.InvariantCulture, $"<rect class=\"{(value < 0 ? "loss" : "bar")}\" x=\"{x:0.#}\" y=\"{y + 3}\" width=\"{Math.Max(1, Math.Abs(value) * scale):0.#}\" height=\"14\"/>");
            text.Append(CultureInfo.InvariantCulture, $"<text x=\"{Width - Right}\" y=\"{y + 14}\" class=\"end\">{Escape(shown)}</text>");
        }

        return text.Append("</svg>").ToString();
    }

    /// <summary>Upright bars over a scale of numbers.</summary>
    public static string Columns(string title, string description, IReadOnlyList<(double Middle, long Count)> bins, string unit)
    {
        var text = Begin(title, description);
        if (bins.Count == 0) return Empty(text);
        var most = Math.Max(1, bins.Max(b => b.Count));
        var step = (double)(Width - Left - Right) / bins.Count;
        for (var i = 0; i < bins.Count; i++)
        {
            var height = (Height - Top - Bottom) * (double)bins[i].Count / most;
            text.Append(CultureInfo.InvariantCulture, $"<rect class=\"{(bins[i].Middle > 0 ? "bar" : "loss")}\" x=\"{Left + i * step:0.#}\" y=\"{Height - Bottom - height:0.#}\" width=\"{Math.Max(1, step - 2):0.#}\" height=\"{height:0.#}\"/>");
        }

        var every = Math.Max(1, bins.Count / 8);
        for (var i = 0; i < bins.Count; i += every)
            text.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left + (i + 0.5) * step:0.#}\" y=\"{Height - 6}\" class=\"mid\">{Number(bins[i].Middle)} {unit}</text>");
        text.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left - 6}\" y=\"{Top + 10}\" class=\"end\">{most}</text>");
        return text.Append("</svg>").ToString();
    }

    public static string Escape(string text) => WebUtility.HtmlEncode(text);

    /// <summary>Five significant digits, no exponent for what people read.</summary>
    public static string Number(double value)
    {
        if (value == 0) return "0";
        var digits = Math.Clamp(4 - (int)Math.Floor(Math.Log10(Math.Abs(value))), 0, 8);
        return Math.Round(value, digits).ToString("0.########", CultureInfo.InvariantCulture);
    }

    /// <summary>Nanoseconds in the unit people would use.</summary>
    public static string Time(long ns) => ns switch
    {
        < 10_000 => $"{ns} ns",
        < 10_000_000 => $"{Number(ns / 1e3)} µs",
        < 10_000_000_000 => $"{Number(ns / 1e6)} ms",
        _ => $"{Number(ns / 1e9)} s",
    };

    private static StringBuilder Begin(string title, string description, int height = Height, int width = Width) => new StringBuilder(4_096)
        .Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {width} {height}\" role=\"img\"><title>{Escape(title)}</title><desc>{Escape(description)}</desc>");

    private static string Empty(StringBuilder text) => text.Append(CultureInfo.InvariantCulture, $"<text x=\"{Width / 2}\" y=\"14\" class=\"mid\">nothing to show</text></svg>").ToString();

    private static void Axes(StringBuilder text, double low, double high, long from, long to, long startNs, int width)
    {
        for (var i = 0; i <= 4; i++)
        {
            var value = low + (high - low) * i / 4;
            var y = Y(value, low, high);
            text.Append(CultureInfo.InvariantCulture, $"<path class=\"grid\" d=\"M{Left} {y}H{width - Right}\"/><text x=\"{Left - 6}\" y=\"{y}\" dy=\"4\" class=\"end\">{Number(value)}</text>");
        }

        for (var i = 0; i <= 4; i++)
        {
            var ns = from + (to - from) / 4 * i;
            text.Append(CultureInfo.InvariantCulture, $"<text x=\"{X(ns, from, to, width)}\" y=\"{Height - 6}\" class=\"{(i == 0 ? "" : i == 4 ? "end" : "mid")}\">{Number((ns - startNs) / 1e9)} s</text>");
        }
    }

    private static (double Low, double High) Padded(double low, double high)
    {
        var pad = (high - low) * 0.05;
        if (pad <= 0) pad = Math.Max(1e-9, Math.Abs(high) * 0.001);
        return (low - pad, high + pad);
    }

    private static string X(long ns, long from, long to, int width) => (Left + (width - Left - Right) * ((double)(ns - from) / (to - from))).ToString("0.#", CultureInfo.InvariantCulture);

    private static string Y(double value, double low, double high) => (Top + (Height - Top - Bottom) * (1 - (value - low) / (high - low))).ToString("0.#", CultureInfo.InvariantCulture);
}
