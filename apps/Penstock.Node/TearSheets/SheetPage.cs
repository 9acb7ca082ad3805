using System.Globalization;
using System.Text;

namespace Penstock.Node.TearSheets;

/// <summary>One HTML page that needs nothing but itself: blocks with a heading, a chart, one sentence, and the data as a table.</summary>
internal sealed class SheetPage(string title)
{
    private const string Style = """
        :root{color-scheme:light dark;--back:#fbfbfa;--ink:#1c1e21;--dim:#5f656d;--rule:#d9dce0;--main:#1f6feb;--gain:#1a7f37;--loss:#c2410c;--card:#fff}
        @media(prefers-color-scheme:dark){:root{--back:#101418;--ink:#e6e8eb;--dim:#9aa3ad;--rule:#2c333b;--main:#6cb0ff;--gain:#4ac26b;--loss:#ff9466;--card:#171c22}}
        *{box-sizing:border-box}body{margin:0 auto;max-width:1400px;padding:16px;background:var(--back);color:var(--ink);font:14px/1.45 system-ui,"DejaVu Sans",sans-serif}
        h1{font-size:20px;margin:0 0 4px}h2{font-size:14px;margin:0 0 6px}p{margin:4px 0;color:var(--dim)}main{display:grid;gap:12px;grid-template-columns:repeat(auto-fit,minmax(min(100%,440px),1fr))}
        section{background:var(--card);border:1px solid var(--rule);border-radius:6px;padding:12px;min-width:0;overflow:auto}section.wide{grid-column:1/-1}
        svg{display:block;width:100%;height:auto;font-size:11px}svg text{fill:var(--dim)}.end{text-anchor:end}.mid{text-anchor:middle}
        .line{fill:none;stroke:var(--main);stroke-width:1.5}.area{fill:var(--loss);fill-opacity:.25;stroke:var(--loss)}.grid{stroke:var(--rule);stroke-width:1}
        .bar{fill:var(--main)}.loss{fill:var(--loss)}.buy{fill:var(--gain)}.sell{fill:var(--loss)}
        table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}th,td{text-align:left;padding:2px 8px 2px 0;border-bottom:1px solid var(--rule);font-weight:400}th{color:var(--dim)}
        td+td,th+th{text-align:right}summary{color:var(--dim);cursor:pointer}dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:8px;margin:0}dt{color:var(--dim);font-size:12px}dd{margin:0;font-size:17px}
        """;

    private readonly StringBuilder _body = new(200_000);

    public int Blocks { get; private set; }

    public void Figures(string id, string heading, IEnumerable<(string Name, string Value)> figures)
    {
        Open(id, heading, "wide");
        _body.Append("<dl>");
        foreach (var (name, value) in figures) _body.Append($"<div><dt>{Svg.Escape(name)}</dt><dd>{Svg.Escape(value)}</dd></div>");
        _body.Append("</dl></section>\n");
    }

    public void Chart(string id, string heading, string sentence, string svg, string[] columns, IEnumerable<string[]> rows, bool wide = false)
    {
        Open(id, heading, wide ? "wide" : "");
        _body.Append($"{svg}<p>{Svg.Escape(sentence)}</p><details><summary>Data</summary>");
        AddTable(columns, rows);
        _body.Append("</details></section>\n");
    }

    public void Table(string id, string heading, string sentence, string[] columns, IEnumerable<string[]> rows, bool wide = false)
    {
        Open(id, heading, wide ? "wide" : "");
        AddTable(columns, rows);
        _body.Append($"<p>{Svg.Escape(sentence)}</p></section>\n");
    }

    public string ToHtml(string subtitle) => string.Create(CultureInfo.InvariantCulture, $"""
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <title>{Svg.Escape(title)}</title><style>{Style}</style></head>
        <body><header><h1>{Svg.Escape(title)}</h1><p>{Svg.Escape(subtitle)}</p></header><main>
        {_body}</main></body></html>

        """);

    private void Open(string id, string heading, string kind)
    {
        Blocks++;
        _body.Append($"<section id=\"{id}\"{(kind.Length > 0 ? $" class=\"{kind}\"" : "")}><h2>{Svg.Escape(heading)}</h2>");
    }

    private void AddTable(string[] columns, IEnumerable<string[]> rows)
    {
        _body.Append("<table><thead><tr>");
        foreach (var column in columns) _body.Append($"<th scope=\"col\">{Svg.Escape(column)}</th>");
        _body.Append("</tr></thead><tbody>");
        foreach (var row in rows)
        {
            _body.Append("<tr>");
            foreach (var cell in row) _body.Append($"<td>{Svg.Escape(cell)}</td>");
            _body.Append("</tr>");
        }

        _body.Append("</tbody></table>");
    }
}
