using System.Text.RegularExpressions;

namespace Penstock.Tests.Architecture;

/// <summary>Goal: docs/requirements.md claims nothing that no test and no documented command proves, and forgets nothing.</summary>
public partial class RequirementTests
{
    private sealed record Row(string Id, string Status, string Proof);

    private static readonly string[] Verbs =
        ["demo", "run", "replay", "inspect", "verify", "top", "doctor", "config", "ctl", "bench", "test"];

    [Fact]
    public void Every_requirement_has_exactly_one_line()
    {
        var ids = Rows().Select(r => r.Id).ToList();
        Assert.Equal(Enumerable.Range(1, 172).Select(n => $"R{n}"), ids.Where(i => i[0] == 'R'));
        int[] expected = [.. Enumerable.Range(1, 16), 18, 22, 23, 24, 25, 27], pains = [3, 4, 5, 6, 9];
        Assert.Equal([.. expected.Select(n => $"E{n}"), .. pains.Select(n => $"P{n}")], ids.Where(i => i[0] != 'R'));
    }

    [Fact]
    public void What_is_claimed_of_expectations_and_pains_names_tests_that_exist()
    {
        var classes = Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "tests"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(f => TestClass().Matches(File.ReadAllText(f))).Select(m => m.Groups[1].Value).ToHashSet();
        foreach (var row in Rows().Where(r => r.Id[0] != 'R' && r.Status != "open"))
        {
            var named = TestName().Matches(row.Proof).Select(m => m.Value).ToList();
            Assert.True(named.Count > 0, $"{row.Id} is '{row.Status}', and its proof names no test: {row.Proof}");
            var missing = named.Where(n => !classes.Contains(n)).ToList();
            Assert.True(missing.Count == 0, $"{row.Id} names tests that do not exist: {string.Join(", ", missing)}");
        }
    }

    [Fact]
    public void A_claimed_requirement_is_proved_by_a_test_or_a_documented_command()
    {
        var traits = Traits();
        var unproved = new List<string>();
        foreach (var row in Rows())
        {
            Assert.Contains(row.Status, (string[])["done", "partly", "open"]);
            if (row.Status == "open" || row.Id[0] != 'R') continue;
            var command = Command().Match(row.Proof);
            if (!traits.Contains(row.Id) && !(command.Success && Verbs.Contains(command.Groups[1].Value)))
                unproved.Add($"{row.Id} is '{row.Status}', but no test carries its trait and its proof names no known verb: {row.Proof}");
        }

        Assert.True(unproved.Count == 0, string.Join('\n', unproved));
    }

    [Fact]
    public void A_requirement_that_a_test_names_is_not_called_open()
    {
        var open = Rows().Where(r => r.Status == "open").Select(r => r.Id).Intersect(Traits()).ToList();
        Assert.True(open.Count == 0, $"tests exist for {string.Join(", ", open)}: say partly or done, and what proves it");
    }

    private static List<Row> Rows() =>
    [
        .. Line().Matches(File.ReadAllText(Path.Combine(SourceTree.Root, "docs", "requirements.md")))
            .Select(m => new Row(m.Groups[1].Value, m.Groups[3].Value.Trim(), m.Groups[4].Value.Trim())),
    ];

    private static HashSet<string> Traits() =>
    [
        .. Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "tests"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(f => Trait().Matches(File.ReadAllText(f))).Select(m => m.Groups[1].Value),
    ];

    [GeneratedRegex(@"^\| ([REP]\d+) \| (.+?) \| (\w+) \| (.*?) \|$", RegexOptions.Multiline)]
    private static partial Regex Line();

    [GeneratedRegex("""\bTrait\("requirement", "([REP]\d+)"\)""")]
    private static partial Regex Trait();

    [GeneratedRegex(@"\bclass (\w+Tests)\b")]
    private static partial Regex TestClass();

    [GeneratedRegex(@"\b\w+Tests\b")]
    private static partial Regex TestName();

    [GeneratedRegex(@"`\./penstock (\w+)")]
    private static partial Regex Command();
}
