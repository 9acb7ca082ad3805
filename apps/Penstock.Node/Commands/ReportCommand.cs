using System.Diagnostics;
using System.Globalization;
using Penstock.Infrastructure.Problems;
using Penstock.Node.TearSheets;

namespace Penstock.Node.Commands;

/// <summary>penstock report: the tear sheet of a journal, live or back-tested, as one HTML file, or its figures as JSON or CSV.</summary>
internal static class ReportCommand
{
    public static int Execute(Words words)
    {
        var json = words.Flag("--json");
        var csv = words.Flag("--csv");
        var output = words.Value("--out");
        var list = words.Value("--list");
        var folder = Path.GetFullPath(words.Next("the journal folder of a run or a back test"));
        words.End();
        if (json && csv) throw new Problem(ExitCode.Usage, "--json and --csv exclude each other", "penstock report", "one form of the figures at a time", "penstock report JOURNAL --json");
        if (list is not null && !csv) throw new Problem(ExitCode.Usage, "--list is a form of --csv", "penstock report",
            "the page and the JSON hold the lists anyway", $"penstock report JOURNAL --csv --list {list}");
        var watch = Stopwatch.StartNew();
        var figures = SessionReading.Read(folder);
        if (json || csv)
        {
            var text = json ? FiguresText.ToJson(figures).ToJsonString() + "\n" : list is null ? FiguresText.ToCsv(figures)
                : ListsText.ToCsv(figures, list);
            if (output is null) Console.Write(text);
            else Write(output, text);
            return (int)ExitCode.Ok;
        }

        var page = TearSheet.Page(figures);
        var file = Path.GetFullPath(output ?? Path.Combine(Path.GetDirectoryName(figures.Source)!, "report.html"));
        Write(file, page.ToHtml(TearSheet.Subtitle(figures)));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{file}: {page.Blocks} blocks, {new FileInfo(file).Length / 1024} KB, {figures.Orders:N0} orders, {figures.Fills:N0} fills, net {Svg.Number((double)figures.Net)} {figures.Quote}, in {watch.Elapsed.TotalSeconds:F1} s"));
        return (int)ExitCode.Ok;
    }

    private static void Write(string file, string text)
    {
        try
        {
            File.WriteAllText(file, text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new Problem(ExitCode.Error, "the report cannot be written", file, e.Message, "choose another --out FILE");
        }
    }
}
