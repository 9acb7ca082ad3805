using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Penstock.Infrastructure.Problems;

namespace Penstock.Node.Commands;

/// <summary>One venue's part of the last run of the conformance suite.</summary>
/// <param name="Run">Cases run, skipped ones not counted.</param>
/// <param name="Passed">Of these.</param>
/// <param name="Skipped">With their reasons.</param>
/// <param name="Cases">Passed and run by the case's number, C01 …</param>
internal sealed record VenueConformance(
    int Run, int Passed, IReadOnlyList<string> Skipped, IReadOnlyDictionary<string, (int Passed, int Run)> Cases, IReadOnlyList<string> Failed);

/// <summary>
/// Reads what the test runner wrote of the last run: tests whose name begins with a case's number (C01_ …) and whose first argument names
/// a venue. docs/guides/conformance.md lists the cases.
/// </summary>
internal sealed partial class ConformanceResults
{
    private readonly ILookup<string, XElement> _tests;

    private ConformanceResults(XDocument document)
    {
        _tests = document.Descendants("test")
            .Select(test => (Test: test, Match: CaseName().Match((string?)test.Attribute("name") ?? "")))
            .Where(found => found.Match.Success)
            .ToLookup(found => Plain(found.Match.Groups["venue"].Value), found => found.Test);
        Date = (string?)document.Descendants("assembly").FirstOrDefault()?.Attribute("run-date") ?? "";
    }

    /// <summary>yyyy-MM-dd, of the run.</summary>
    public string Date { get; }

    /// <summary>Null when there is no such file.</summary>
    /// <exception cref="Problem">The file is no test result.</exception>
    public static ConformanceResults? TryRead(string? path)
    {
        if (path is null || !File.Exists(path)) return null;
        try
        {
            return new ConformanceResults(XDocument.Load(path));
        }
        catch (Exception e) when (e is System.Xml.XmlException or IOException or UnauthorizedAccessException)
        {
            throw new Problem(ExitCode.Error, "the last conformance result cannot be read", path, e.Message, "./penstock test, which writes it anew");
        }
    }

    /// <param name="names">The catalogue's names of the venue's markets, and its exchange.</param>
    public VenueConformance Of(IEnumerable<string> names)
    {
        var tests = names.Select(Plain).Distinct().SelectMany(name => _tests[name]).ToList();
        var run = tests.Where(t => (string?)t.Attribute("result") != "Skip").ToList();
        var cases = run.GroupBy(NumberOf).OrderBy(g => g.Key, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => (g.Count(IsPass), g.Count()));
        return new VenueConformance(
            run.Count, run.Count(IsPass),
            [.. tests.Where(t => (string?)t.Attribute("result") == "Skip").Select(t => $"{NumberOf(t)}: {((string?)t.Element("reason"))?.Trim()}")],
            cases, [.. run.Where(t => !IsPass(t)).Select(t => (string?)t.Attribute("name") ?? "")]);
    }

    /// <summary>A folder's name and the catalogue's (BinanceUsdm, binance-usdm) as one.</summary>
    private static string Plain(string name) => name.Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();

    private static bool IsPass(XElement test) => (string?)test.Attribute("result") == "Pass";

    private static string NumberOf(XElement test) => CaseName().Match((string?)test.Attribute("name") ?? "").Groups["case"].Value;

    [GeneratedRegex("""\.(?<case>C\d\d)_[A-Za-z0-9_]*\((?:venue|name): \\?"(?<venue>[^"\\]+)""", RegexOptions.CultureInvariant)]
    private static partial Regex CaseName();
}
