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
        Assert.Equal(Enumerable.Range(1, 172).Select(n => $"R{n}"), ids);
    }

    [Fact]
    public void A_claimed_requirement_is_proved_by_a_test_or_a_documented_command()
    {
        var traits = Traits();
        var unproved = new List<string>();
        foreach (var row in Rows())
        {
            Assert.Contains(row.Status, (string[])["done", "partly", "open"]);
            if (row.Status == "open") continue;
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

    [GeneratedRegex(@"^\| (R\d+) \| (.+?) \| (\w+) \| (.*?) \|$", RegexOptions.Multiline)]
    private static partial Regex Line();

    [GeneratedRegex("""\bTrait\("requirement", "(R\d+)"\)""")]
    private static partial Regex Trait();

    [GeneratedRegex(@"`\./penstock (\w+)")]
    private static partial Regex Command();
}
