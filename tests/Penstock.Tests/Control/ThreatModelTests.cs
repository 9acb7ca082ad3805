using System.Collections;
using System.Reflection;
using System.Text.RegularExpressions;
using Penstock.Tests.Architecture;

namespace Penstock.Tests.Control;

/// <summary>
/// Goal: the threat model names what is tested and nothing else. A case has its id as the first word of its data, at the beginning of its
/// method's name, or as the trait "attack".
/// </summary>
[Trait("requirement", "R150")]
public sealed partial class ThreatModelTests
{
    private static readonly string Document = File.ReadAllText(Path.Combine(SourceTree.Root, "docs", "threat-model.md"));

    [Fact]
    public void Every_attack_case_of_the_document_is_run_and_every_one_that_is_run_is_in_the_document_at_least_a_hundred_of_them()
    {
        var run = typeof(ThreatModelTests).Assembly.GetTypes().Where(t => t.Namespace == typeof(ThreatModelTests).Namespace).SelectMany(IdsOf)
            .ToList();
        var named = Named();
        Assert.Equal(named.Order(), run.Distinct().Order());
        Assert.True(named.Count >= 100, $"{named.Count} cases");
    }

    /// <summary>Ids like H01, and spans of them like H01–H44.</summary>
    private static HashSet<string> Named()
    {
        var ids = new HashSet<string>();
        foreach (Match span in Span().Matches(Document))
        {
            var (letter, first) = (span.Groups[1].Value, int.Parse(span.Groups[2].Value, null));
            var last = span.Groups[3].Success ? int.Parse(span.Groups[3].Value, null) : first;
            for (var number = first; number <= last; number++) Assert.True(ids.Add($"{letter}{number:00}"), $"{letter}{number:00} stands twice");
        }

        return ids;
    }

    private static IEnumerable<string> IdsOf(Type type)
    {
        const BindingFlags own = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        foreach (var method in type.GetMethods(own).Where(m => m.GetCustomAttributes<FactAttribute>().Any()))
        {
            if (Id().Match(method.Name) is { Success: true } name) yield return name.Value;
            foreach (var trait in method.GetCustomAttributes<TraitAttribute>().Where(t => t.Name == "attack")) yield return trait.Value;
            foreach (var data in method.GetCustomAttributes<InlineDataAttribute>())
            {
                if (data.Data is [string first, ..] && Id().Match(first) is { Success: true } id) yield return id.Value;
            }

            foreach (var member in method.GetCustomAttributes<MemberDataAttribute>())
            {
                var rows = (IEnumerable)type.GetProperty(member.MemberName, own)!.GetValue(null)!;
                foreach (ITheoryDataRow row in rows)
                {
                    if (row.GetData() is [string first, ..] && Id().Match(first) is { Success: true } id) yield return id.Value;
                }
            }
        }
    }

    [GeneratedRegex(@"\*\*([A-Z])([0-9]{2})(?:–[A-Z]([0-9]{2}))?\*\*")]
    private static partial Regex Span();

    [GeneratedRegex("^[A-Z][0-9]{2}(?=[ _])")]
    private static partial Regex Id();
}
